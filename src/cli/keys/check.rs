//! `amanah keys check`: checks identities, cards and group keys.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah keys check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Identity files, cards and group keys; otherwise your identity
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &CheckArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "keys check".to_owned() }.into())
}
