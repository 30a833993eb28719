//! `amanah backup create`: writes a backup.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        context::Context,
        error::CliResult,
        i18n::tr,
        recipient,
        work::{self, Watcher},
    },
    crypto::age_file,
    vault,
};

/// The arguments of `amanah backup create`.
#[derive(Debug, Args)]
pub struct CreateArgs {
    /// The folder of the backups
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Who can restore it: a card, an age recipient, an SSH key, or a file with one of them; may be
    /// repeated
    #[arg(long, value_name = "RECIPIENT", required = true)]
    pub to: Vec<String>,
    /// For how many days it is kept
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(..=i64::from(vault::MAX_KEEP)))]
    pub keep_days: u32,
}

/// Does it. The vault is held only while it is found out what belongs to the backup.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &CreateArgs, context: &Context) -> CliResult {
    let to = args.to.iter().map(|to| Ok(recipient::named(to)?.0)).collect::<CliResult<Vec<_>>>()?;
    // What would fail at the first piece fails before anything is entered.
    age_file::seal(&to, b"")?;
    let (mut vault, mut actor) = work::enter(context)?;
    let id = *vault.id();
    let frozen = vault.begin_backup(&mut actor, args.keep_days);
    let closed = vault.close(&mut actor);
    let written = frozen.and_then(|frozen| {
        closed?;
        frozen.write(&actor, &args.dir, &to, context.lock_timeout, &Watcher::new(&context.terminal))
    });
    let made = match written {
        Ok(made) => made,
        Err(error) => {
            // What failed first is told, also where this cannot be entered.
            let _ = work::again(context, &mut actor, |vault, actor| Ok(vault.backup_failed(actor)?));
            return Err(error.into());
        }
    };
    vault::remember_folder(&work::state_folder(), &id, &args.dir)?;
    if context.is_json() {
        return Ok(context.terminal.json(&json!({
            "backup": made.backup, "until": made.until.to_string(), "entries": made.entries, "pieces": made.pieces,
            "written_pieces": made.written.0, "written_bytes": made.written.1, "expired": made.expired,
        }))?);
    }
    let (backup, until) = (made.backup.to_string(), made.until.to_string());
    context.terminal.note(&tr!(
        "backup-made",
        backup = backup,
        entries = made.entries,
        until = until,
        written = made.written.0,
        pieces = made.pieces
    ));
    if !made.expired.is_empty() {
        context.terminal.note(&tr!("backup-expired", count = made.expired.len()));
    }
    Ok(())
}
