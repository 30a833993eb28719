//! `amanah audit nightly`: what a service does each night, and how it went.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::{
    audit::export::Format,
    cli::{
        audit::{export, pseudonyms},
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        runs::{Run, Runs, minute},
        work::{self, Watcher},
    },
    vault::{self, Options},
};

/// The file in the folder of exports that says how far they came.
const STATE: &str = "state";

/// The arguments of `amanah audit nightly`.
#[derive(Debug, Args)]
pub struct NightlyArgs {
    /// Verify everything first: what is not sound is not published
    #[arg(long)]
    pub verify: bool,
    /// Publish the ledger into this folder, as `amanah audit publish` does
    #[arg(long, value_name = "DIR")]
    pub publish: Option<PathBuf>,
    /// Export what is new into this folder, as `amanah audit export --incremental DIR/state` does
    #[arg(long, value_name = "DIR", requires = "format")]
    pub export: Option<PathBuf>,
    /// The format of the export
    #[arg(long, value_name = "FORMAT", requires = "export")]
    pub format: Option<Format>,
    /// For whom the export is: records get pseudonyms that only this recipient is given
    #[arg(long, value_name = "NAME", requires_all = ["pseudonym_key", "export"])]
    pub recipient: Option<String>,
    /// The key of pseudonyms, as `amanah audit pseudonym-key` makes it
    #[arg(long, value_name = "FILE", requires = "recipient")]
    pub pseudonym_key: Option<PathBuf>,
    /// Do nothing, and say how the last run went: exit code 11 if it failed, or was too long ago
    #[arg(long, conflicts_with_all = ["verify", "publish", "export"])]
    pub check: bool,
    /// With --check: how long ago the last run that went well may be
    #[arg(long, value_name = "HOURS", default_value_t = 26, requires = "check")]
    pub max_age: u32,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &NightlyArgs, context: &Context) -> CliResult {
    let runs = Runs::new(&work::state_folder(), context.vault()?);
    if args.check {
        return check(args, &runs, context);
    }
    let running = runs.begin(Timestamp::now())?;
    let before = running.before.clone();
    if let Some(told) = before.as_ref().and_then(Run::told) {
        context.terminal.warn(&told);
    }
    let done = work(args, context);
    let mut done = running.end(done, context)?;
    if context.is_json() {
        done["before"] = json!(before);
        return Ok(context.terminal.json(&done)?);
    }
    let fields = [
        ("verified", tr!("field-entries-verified")),
        ("size", tr!("field-entries")),
        ("new", tr!("field-new")),
        ("exported", tr!("field-entries-exported")),
    ];
    let shown = fields.iter().filter_map(|(key, label)| done[key].as_u64().map(|n| (&**label, n.to_string())));
    context.terminal.fields(shown)?;
    context.terminal.note(&tr!("run-well"));
    Ok(())
}

fn work(args: &NightlyArgs, context: &Context) -> CliResult<Json> {
    let mut done = json!({});
    if args.verify {
        let watcher = Watcher::new(&context.terminal);
        let options = Options { state: work::state_folder(), patience: context.lock_timeout, progress: &watcher };
        done["verified"] = json!(vault::verify(context.vault()?, &options)?.entries);
    }
    work::with_vault(context, |vault, actor| {
        // Whoever worked last may have been cut off before there was one.
        vault.checkpoint(actor)?;
        if let Some(folder) = &args.publish {
            let published = vault.publish(folder, &Watcher::new(&context.terminal))?;
            done["size"] = json!(published.size);
            done["new"] = json!(published.size - published.before);
        }
        if let (Some(output), Some(format)) = (&args.export, args.format) {
            let told = pseudonyms::of(args.recipient.as_deref(), args.pseudonym_key.as_deref())?;
            let written = export::go_on(vault, format, output, &output.join(STATE), told.as_ref())?;
            let entries = written.iter().map(|one| one.manifest.range.next - one.manifest.range.first).sum::<u64>();
            done["exported"] = json!(entries);
        }
        Ok(())
    })?;
    Ok(done)
}

fn check(args: &NightlyArgs, runs: &Runs, context: &Context) -> CliResult {
    let run = runs.last()?.ok_or(CliError::RunNever)?;
    let checked = run.check(args.max_age, Timestamp::now());
    let last = match checked {
        Ok(last) => last,
        Err(problem) => {
            if !context.is_json()
                && run.failures > 1
                && let Some(told) = run.told()
            {
                context.terminal.warn(&told);
            }
            return Err(problem.into());
        }
    };
    if context.is_json() {
        return Ok(context.terminal.json(&run)?);
    }
    // No vault is opened, so the zone of its charter is not known.
    Ok(context.terminal.fields([(&*tr!("field-run-well"), minute(last))])?)
}
