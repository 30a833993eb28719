//! `amanah backup restore`: makes a vault again.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        work::{self, Watcher},
    },
    disk,
    id::Id,
    vault::{self, Access, Lost, Options, Scratch, Unwatched, Vault},
};

/// The arguments of `amanah backup restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The folder of the backups
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The new folder
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// The key of a backup recipient
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// This backup; otherwise the newest
    #[arg(long, value_name = "ID")]
    pub backup: Option<Id>,
    /// A folder that has notes of erasures besides those of the backups and of this computer
    #[arg(long, value_name = "DIR")]
    pub erasures: Option<PathBuf>,
    /// The identity of the second member who erases again what was erased since
    #[arg(long, value_name = "FILE")]
    pub second: Option<PathBuf>,
    /// Go on with it on this computer although entries are lost that it has seen
    #[arg(long)]
    pub accept_loss: bool,
}

/// Does it. The new folder appears when everything in it was verified, and what was erased since
/// is erased again.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &RestoreArgs, context: &Context) -> CliResult {
    if args.new.exists() {
        return Err(CliError::FileExists { path: args.new.display().to_string() }.into());
    }
    let key = super::key(&args.key, context)?;
    let signed = vault::find_backup(&args.dir, args.backup.as_ref())?;
    let beside = args.new.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
    let (looked, erased, lost) = in_scratch(beside, |new, scratch| {
        let looked = vault::unpack(&args.dir, &signed, &key, new, scratch, &Watcher::new(&context.terminal))?;
        let erased = erase_again(args, context, new, scratch)?;
        let lost = vault::lost(&work::state_folder(), new, scratch, looked.entries)?;
        let unwritable = |source| CliError::FileUnwritable { path: args.new.display().to_string(), source };
        disk::rename(new, &args.new).map_err(unwritable)?;
        Ok((looked, erased, lost))
    })?;
    if lost.is_none() || args.accept_loss {
        vault::remember(&work::state_folder(), &args.new)?;
    }
    if context.is_json() {
        let mut answer = super::as_json(&looked);
        answer["erased_again"] = json!(erased);
        let newer = |seen: u64| json!({ "first": looked.entries, "last": seen - 1 });
        answer["lost_entries"] = match lost {
            Some(Lost::Newer(seen)) => newer(seen),
            _ => json!(null),
        };
        answer["other_ledger"] = match lost {
            Some(Lost::Other(seen)) => json!({ "entries": seen }),
            _ => json!(null),
        };
        return Ok(context.terminal.json(&answer)?);
    }
    let age = jiff::Timestamp::now().duration_since(looked.created).as_hours();
    context.terminal.note(&tr!(
        "backup-restored",
        dir = args.new.display().to_string(),
        entries = looked.entries,
        hours = age
    ));
    if !erased.is_empty() {
        context.terminal.note(&tr!("backup-erased-again", count = erased.len()));
    }
    if let Some(lost) = lost {
        context.terminal.warn(&match lost {
            Lost::Newer(seen) => tr!("backup-lost", first = looked.entries, last = seen - 1),
            Lost::Other(seen) => tr!("backup-other-ledger", seen = seen),
        });
        if !args.accept_loss {
            context.terminal.warn(&tr!("backup-accept"));
        }
    }
    Ok(())
}

/// Erases again what was erased since the backup was made, before the vault is where it can be read.
fn erase_again(args: &RestoreArgs, context: &Context, new: &Path, scratch: &Path) -> CliResult<Vec<Id>> {
    let options = Options { state: scratch.to_owned(), patience: Duration::from_secs(5), progress: &Unwatched };
    let mut vault = Vault::open(new, &options)?;
    let own = work::state_folder().join(vault.id().to_string());
    let erasures = vault.to_be_erased_again(&[&args.dir, &own], args.erasures.as_deref())?;
    let records: Vec<Id> = erasures.iter().flat_map(|(_, records)| records).copied().collect();
    if records.is_empty() {
        vault.leave()?;
        return Ok(records);
    }
    context.terminal.note(&tr!("backup-erases-again", count = records.len()));
    let mut actor = vault.admit(work::unlock(context)?)?;
    let access = Access::default();
    if !vault.charter().confirms_erasure() {
        for (ground, records) in &erasures {
            vault.erase_records(&mut actor, access, records, *ground, &Unwatched)?;
        }
        vault.close(&mut actor)?;
        return Ok(records);
    }
    let second = args.second.as_deref().ok_or(vault::VaultError::WantsSecond)?;
    let mut asked = Vec::new();
    for (ground, records) in &erasures {
        asked.extend(vault.ask_erasure(&mut actor, access, records, *ground)?);
    }
    vault.close(&mut actor)?;
    let mut vault = Vault::open(new, &options)?;
    let mut actor = vault.admit(work::unlock_file(context, second)?)?;
    vault.confirm_erasure(&mut actor, access, &asked, &Unwatched)?;
    vault.close(&mut actor)?;
    Ok(records)
}

/// Does something in a folder that is gone afterwards: where a vault can grow, and a state that has
/// never seen one.
pub(super) fn in_scratch<T>(beside: &Path, work: impl FnOnce(&Path, &Path) -> CliResult<T>) -> CliResult<T> {
    let scratch = Scratch::begin(beside)?;
    let done = work(&scratch.vault(), &scratch.state());
    let removed = scratch.end();
    let done = done?;
    removed?;
    Ok(done)
}
