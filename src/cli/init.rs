//! `amanah init`: makes a vault.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The folder to make it in
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The draft of the charter; otherwise the ready one that comes with amanah
    #[arg(long, value_name = "FILE")]
    pub charter: Option<PathBuf>,
    /// The schema; otherwise the template sentra
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &InitArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "init".to_owned() }.into())
}
