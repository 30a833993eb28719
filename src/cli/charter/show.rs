//! `amanah charter show`: shows the charter of a vault.

use clap::Args;

use crate::cli::{
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah charter show`.
#[derive(Debug, Args)]
pub struct ShowArgs {}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ShowArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "charter show".to_owned() }.into())
}
