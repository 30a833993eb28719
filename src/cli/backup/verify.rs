//! `amanah backup verify`: checks a backup.

use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::{context::Context, error::CliResult, i18n::tr, work::Watcher},
    id::Id,
    vault,
};

/// The arguments of `amanah backup verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The folder of the backups
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// This backup; otherwise the newest
    #[arg(long, value_name = "ID")]
    pub backup: Option<Id>,
    /// The key of a backup recipient: then what is in it is verified too
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &VerifyArgs, context: &Context) -> CliResult {
    let signed = vault::find_backup(&args.dir, args.backup.as_ref())?;
    let watcher = Watcher::new(&context.terminal);
    let looked = match &args.key {
        None => vault::check_backup(&args.dir, &signed, &watcher)?,
        Some(file) => {
            let key = super::key(file, context)?;
            super::restore::in_scratch(&std::env::temp_dir(), |new, state| {
                Ok(vault::unpack(&args.dir, &signed, &key, new, state, &watcher)?)
            })?
        }
    };
    if context.is_json() {
        return Ok(context.terminal.json(&super::as_json(&looked))?);
    }
    let (backup, created) = (looked.backup.to_string(), looked.created.to_string());
    context.terminal.note(&tr!(
        "backup-sound",
        backup = backup,
        created = created,
        entries = looked.entries,
        until = looked.until.to_string()
    ));
    if looked.signer.is_none() {
        context.terminal.warn(&tr!("backup-unread"));
    }
    Ok(())
}
