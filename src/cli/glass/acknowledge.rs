//! `amanah glass acknowledge`: an overseer has taken note of an opening in an emergency.

use clap::Args;
use serde_json::json;

use crate::cli::{context::Context, error::CliResult, i18n::tr, work};

/// The arguments of `amanah glass acknowledge`.
#[derive(Debug, Args)]
pub struct AcknowledgeArgs {
    /// The entry's number in the ledger
    #[arg(value_name = "ENTRY")]
    pub entry: u64,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &AcknowledgeArgs, context: &Context) -> CliResult {
    work::with_vault(context, |vault, actor| Ok(vault.acknowledge_glass(actor, args.entry)?))?;
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "acknowledged": args.entry }))?);
    }
    context.terminal.note(&tr!("glass-acknowledged", entry = args.entry));
    Ok(())
}
