//! `amanah recovery combine`: a former key of a group, put together from paper.

use serde_json::json;

use super::{SharesArgs, typed};
use crate::cli::{
    context::Context,
    error::CliResult,
    group::rotate::{as_json, tell},
    i18n::tr,
    work::{self, Watcher},
};

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &SharesArgs, context: &Context) -> CliResult {
    let shares = typed::shares(args, context)?;
    let watcher = Watcher::new(&context.terminal);
    let (paper, rotated) =
        work::with_vault(context, |vault, actor| Ok(vault.combine(actor, &args.group, &shares, &watcher)?))?;
    if context.is_json() {
        let handed_on = as_json(&paper.group, &rotated);
        return Ok(context.terminal.json(&json!({
            "group": paper.group, "epoch": paper.epoch, "set": paper.set, "handed_on": handed_on,
        }))?);
    }
    context.terminal.note(&tr!("recovery-combined", group = &paper.group, epoch = paper.epoch));
    tell(&paper.group, &rotated, context);
    Ok(())
}
