//! `amanah keys show`: shows a card, with its fingerprint.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah keys show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// A card; otherwise that of your identity
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Write the card itself, to be given to others
    #[arg(long)]
    pub card: bool,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ShowArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "keys show".to_owned() }.into())
}
