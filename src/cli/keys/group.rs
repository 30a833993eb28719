//! `amanah keys group`: makes a group key and wraps it for its members.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah keys group`.
#[derive(Debug, Args)]
pub struct GroupArgs {
    /// The group: body/name, as in kpai/reviewers
    #[arg(value_name = "GROUP")]
    pub group: String,
    /// The cards of its members
    #[arg(value_name = "CARD", required = true)]
    pub cards: Vec<PathBuf>,
    /// Where to write the group key
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// How many times the group has had a key, with this one
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub epoch: u32,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &GroupArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "keys group".to_owned() }.into())
}
