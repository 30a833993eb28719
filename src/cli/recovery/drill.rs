//! `amanah recovery drill`: proves that shares would do, restoring nothing.

use serde_json::json;

use super::{SharesArgs, typed};
use crate::cli::{context::Context, error::CliResult, i18n::tr, work};

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &SharesArgs, context: &Context) -> CliResult {
    let shares = typed::shares(args, context)?;
    let paper = work::with_vault(context, |vault, actor| Ok(vault.drill(actor, &args.group, &shares)?))?;
    if context.is_json() {
        return Ok(context.terminal.json(&json!({
            "group": paper.group, "epoch": paper.epoch, "threshold": paper.threshold, "shares": paper.shares,
            "set": paper.set,
        }))?);
    }
    let text = tr!("recovery-drill-good", group = &paper.group, count = paper.shares, epoch = paper.epoch);
    Ok(context.terminal.answer(&text)?)
}
