//! `amanah init`: makes a vault.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        charter::{show as charter_show, template},
        context::Context,
        error::CliResult,
        i18n::tr,
        report, schema,
        work::{self, Watcher},
    },
    custody::{Draft, draft::READY},
    records::template as schema_template,
    vault::{self, Founding, Options},
};

/// The arguments of `amanah init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The folder to make it in
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The draft of the charter; otherwise the ready one that comes with amanah, with the cards
    /// and group keys that it names in the folder `cards` here
    #[arg(long, value_name = "FILE")]
    pub charter: Option<PathBuf>,
    /// The schema; otherwise the template sentra
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &InitArgs, context: &Context) -> CliResult {
    let charter = match &args.charter {
        Some(path) => template::read_draft(path)?,
        None => {
            context.terminal.note(&tr!("init-ready-charter"));
            Draft::read(READY, "charter.toml", Path::new("."))?
        }
    };
    let schema = match &args.schema {
        Some(path) => schema::check::read(path)?,
        None => schema_template::sentra(),
    };
    let identity = work::unlock(context)?;
    let watcher = Watcher::new(&context.terminal);
    let options = Options { state: work::state_folder(), patience: context.lock_timeout, progress: &watcher };
    let created = vault::create(&args.dir, Founding { charter, schema }, identity, &options);
    let (vault, mut actor) = match created {
        Ok(created) => created,
        Err(mut faults) => {
            // All but the last are told here, so that a charter is put right in one go.
            let last = faults.pop();
            for fault in faults {
                context.terminal.warn(&report::sentence(&fault, context.language));
            }
            return last.map_or(Ok(()), |fault| Err(fault.into()));
        }
    };
    let charter = vault.charter().clone();
    let id = vault.id().to_string();
    let dir = args.dir.display().to_string();
    vault.close(&mut actor)?;
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "vault": id, "dir": dir, "charter": charter.version() }))?);
    }
    context.terminal.fields([(&*tr!("field-vault"), id), (&*tr!("field-folder"), dir.clone())])?;
    context.terminal.answer("")?;
    charter_show::classes(&charter, context)?;
    context.terminal.note(&tr!("init-next", dir = dir));
    Ok(())
}
