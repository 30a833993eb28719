//! `amanah backup create`: writes a backup.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        context::Context,
        error::CliResult,
        i18n::tr,
        work::{self, Watcher},
    },
    crypto::age_wrap::{Recipient, WrapError},
    vault,
};

/// Longest file with a recipient, in bytes: a post-quantum one has 2,000 characters.
const MAX_RECIPIENT: u64 = 64 * 1024;

/// The arguments of `amanah backup create`.
#[derive(Debug, Args)]
pub struct CreateArgs {
    /// The folder of the backups
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Who can restore it: an age recipient, or a file with one; may be repeated
    #[arg(long, value_name = "RECIPIENT", required = true)]
    pub to: Vec<String>,
    /// For how many days it is kept
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub keep_days: u32,
}

/// Does it. The vault is held only while it is found out what belongs to the backup.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &CreateArgs, context: &Context) -> CliResult {
    let to = args.to.iter().map(|named| recipient(named)).collect::<CliResult<Vec<_>>>()?;
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

/// A recipient as it is given: itself, or the first line of a file that is one.
fn recipient(named: &str) -> CliResult<Recipient> {
    if let Ok(recipient) = named.parse::<Recipient>() {
        return Ok(recipient);
    }
    let text = work::read_text(std::path::Path::new(named), MAX_RECIPIENT)?;
    let lines = text.lines().map(|line| line.trim().trim_start_matches("# public key: "));
    let found = lines.filter_map(|line| line.parse::<Recipient>().ok()).next();
    Ok(found.ok_or(WrapError::BadRecipient)?)
}
