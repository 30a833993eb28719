//! `amanah audit verify`: verifies the ledger and everything that it commits to.

use clap::Args;

use crate::cli::{
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah audit verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &VerifyArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "audit verify".to_owned() }.into())
}
