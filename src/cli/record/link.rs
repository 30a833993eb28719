//! `amanah record link`: says to which record another one belongs.

use clap::Args;

use crate::cli::{
    args::{Acting, RecordRef, Why},
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah record link`.
#[derive(Debug, Args)]
pub struct LinkArgs {
    /// The record: its id, or the first 6 or more characters of it
    #[arg(value_name = "RECORD")]
    pub record: RecordRef,
    /// The record to which it belongs from now on
    #[arg(long, value_name = "RECORD")]
    pub of: RecordRef,
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
pub fn run(args: &LinkArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "record link".to_owned() }.into())
}
