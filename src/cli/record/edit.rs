//! `amanah record edit`: corrects a record.

use clap::Args;

use crate::cli::{
    args::{Acting, RecordRef, Values, Why},
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah record edit`.
#[derive(Debug, Args)]
pub struct EditArgs {
    /// The record: its id, or the first 6 or more characters of it
    #[arg(value_name = "RECORD")]
    pub record: RecordRef,
    /// Ask only for this field; may be repeated
    #[arg(short, long = "field", value_name = "FIELD")]
    pub fields: Vec<String>,
    /// Values given beforehand.
    #[command(flatten)]
    pub values: Values,
    /// Empty this field; may be repeated
    #[arg(long = "clear", value_name = "FIELD")]
    pub clear: Vec<String>,
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
pub fn run(args: &EditArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "record edit".to_owned() }.into())
}
