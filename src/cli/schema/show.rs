//! `amanah schema show`: shows the schema of a vault.

use clap::Args;

use crate::cli::{
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah schema show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Only this kind of record
    #[arg(value_name = "KIND")]
    pub kind: Option<String>,
    /// Write the schema as TOML, to be changed and given to `schema amend`
    #[arg(long)]
    pub toml: bool,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ShowArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "schema show".to_owned() }.into())
}
