//! `amanah demo`: makes a vault with invented records.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The folder to make it in
    #[arg(value_name = "DIR", default_value = "amanah-demo")]
    pub dir: PathBuf,
    /// Invent other records: the same number gives the same ones
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &DemoArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "demo".to_owned() }.into())
}
