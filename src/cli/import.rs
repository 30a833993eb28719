//! `amanah import`: takes in records from a table.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{
    args::Why,
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The table: CSV, as spreadsheets save it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The kind of the records
    #[arg(short, long, value_name = "KIND")]
    pub kind: String,
    /// A TOML file that says which column is which field: "Header" = "field"
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// Check the table and say what is wrong with it, but write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ImportArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "import".to_owned() }.into())
}
