//! `amanah record show`: reads a record.

use clap::Args;

use crate::cli::{
    args::{Acting, RecordRef, Why},
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah record show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The record: its id, or the first 6 or more characters of it
    #[arg(value_name = "RECORD")]
    pub record: RecordRef,
    /// Only this field; may be repeated
    #[arg(short, long = "field", value_name = "FIELD")]
    pub fields: Vec<String>,
    /// Only the fields of this class; may be repeated
    #[arg(short, long = "class", value_name = "CLASS")]
    pub classes: Vec<String>,
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
pub fn run(args: &ShowArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "record show".to_owned() }.into())
}
