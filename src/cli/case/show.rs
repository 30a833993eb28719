//! `amanah case show`: reads everything that belongs to a child or a family.

use clap::Args;

use crate::cli::{
    args::{RecordRef, Why},
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah case show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The child or family: its id, or the first 6 or more characters of it
    #[arg(value_name = "RECORD")]
    pub record: RecordRef,
    /// Only the fields of this class; may be repeated
    #[arg(short, long = "class", value_name = "CLASS")]
    pub classes: Vec<String>,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ShowArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "case show".to_owned() }.into())
}
