//! `amanah witness trust`: lets the witness watch a log.

use clap::Args;

use super::WitnessDir;
use crate::{
    cli::{context::Context, error::CliResult},
    crypto::vkey::VerifierKey,
    ledger::witness,
};

/// The arguments of `amanah witness trust`.
#[derive(Debug, Args)]
pub struct TrustArgs {
    /// The log's key, as `amanah audit publish` shows it
    #[arg(value_name = "KEY")]
    pub key: VerifierKey,
    #[command(flatten)]
    #[expect(missing_docs, reason = "told at the type")]
    pub at: WitnessDir,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &TrustArgs, _: &Context) -> CliResult {
    Ok(witness::trust(&args.at.dir, &args.key)?)
}
