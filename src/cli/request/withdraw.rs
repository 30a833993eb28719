//! `amanah request withdraw`: takes a request of yours back.

use clap::Args;
use serde_json::json;

use crate::cli::{context::Context, error::CliResult, i18n::tr, work};

/// The arguments of `amanah request withdraw`.
#[derive(Debug, Args)]
pub struct WithdrawArgs {
    /// The request: its id, or the first 6 or more characters of it
    #[arg(value_name = "REQUEST")]
    pub request: String,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &WithdrawArgs, context: &Context) -> CliResult {
    let id = work::with_vault(context, |vault, actor| {
        let id = vault.find_request(&args.request)?;
        vault.withdraw_request(actor, &id)?;
        Ok(id)
    })?;
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "request": id, "state": "withdrawn" }))?);
    }
    context.terminal.note(&tr!("request-taken-back", request = id.to_string()));
    Ok(())
}
