//! `amanah release deny`: denies a request.

use clap::Args;
use serde_json::json;

use crate::cli::{context::Context, error::CliResult, i18n::tr, work};

/// The arguments of `amanah release deny`.
#[derive(Debug, Args)]
pub struct DenyArgs {
    /// The request: its id, or the first 6 or more characters of it
    #[arg(value_name = "REQUEST")]
    pub request: String,
    /// Why, in your own words; who asked can read it, your own body, and oversight
    #[arg(long, value_name = "TEXT")]
    pub because: String,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &DenyArgs, context: &Context) -> CliResult {
    let ending = work::with_vault(context, |vault, actor| {
        let request = vault.exchange(&vault.find_request(&args.request)?)?.request;
        Ok(vault.deny(actor, &request, &args.because)?)
    })?;
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "denied_by": ending.by() }))?);
    }
    context.terminal.note(&tr!("release-denied"));
    Ok(())
}
