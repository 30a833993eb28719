//! `amanah keys passphrase`: changes the passphrase of an identity.

use clap::Args;

use crate::cli::{
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah keys passphrase`.
#[derive(Debug, Args)]
pub struct PassphraseArgs {}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &PassphraseArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "keys passphrase".to_owned() }.into())
}
