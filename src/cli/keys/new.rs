//! `amanah keys new`: makes an identity and its card.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah keys new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Who you are: body/name, as in handayani/siti
    #[arg(value_name = "MEMBER")]
    pub member: String,
    /// Where to write the identity file; otherwise NAME.key in this folder
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Where to write the card; otherwise beside the identity file, as NAME.card
    #[arg(long, value_name = "FILE")]
    pub card: Option<PathBuf>,
    /// The identity file of an age plugin, which then guards the key instead of a passphrase
    #[arg(long, value_name = "FILE")]
    pub plugin: Option<PathBuf>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &NewArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "keys new".to_owned() }.into())
}
