//! `amanah rebuild` and `amanah compact`: the store, made anew or made small.

use serde_json::json;

use crate::{
    cli::{
        context::Context,
        error::CliResult,
        i18n::tr,
        work::{self, Watcher},
    },
    vault::{Options, Vault},
};

/// Makes the store anew from journal and ledger.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn rebuild(context: &Context) -> CliResult {
    let watcher = Watcher::new(&context.terminal);
    let options = Options { state: work::state_folder(), patience: context.lock_timeout, progress: &watcher };
    let vault = Vault::rebuild(context.vault()?, &options)?;
    let entries = vault.size();
    vault.leave()?;
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "entries": entries }))?);
    }
    context.terminal.note(&tr!("rebuild-done", count = entries));
    Ok(())
}

/// Makes the store small.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn compact(context: &Context) -> CliResult {
    let watcher = Watcher::new(&context.terminal);
    let options = Options { state: work::state_folder(), patience: context.lock_timeout, progress: &watcher };
    let done = Vault::compact(context.vault()?, &options)?;
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "before": done.before, "after": done.after }))?);
    }
    let (before, after) = (done.before.div_ceil(1000), done.after.div_ceil(1000));
    context.terminal.note(&tr!("compact-done", before = before, after = after));
    Ok(())
}
