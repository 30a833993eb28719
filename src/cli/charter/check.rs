//! `amanah charter check`: checks the draft of a charter.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah charter check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The draft, in TOML
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &CheckArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "charter check".to_owned() }.into())
}
