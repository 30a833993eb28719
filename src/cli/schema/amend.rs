//! `amanah schema amend`: puts a new version of the schema into force.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{
    args::{Acting, Why},
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah schema amend`.
#[derive(Debug, Args)]
pub struct AmendArgs {
    /// The new schema, in TOML
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// In whose right.
    #[command(flatten)]
    pub acting: Acting,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &AmendArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "schema amend".to_owned() }.into())
}
