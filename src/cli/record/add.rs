//! `amanah record add`: enters a record.

use clap::Args;

use crate::cli::{
    args::{Acting, RecordRef, Values, Why},
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah record add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The kind of record
    #[arg(value_name = "KIND")]
    pub kind: String,
    /// The record to which it belongs: the child of a service, the family of a child
    #[arg(long, value_name = "RECORD")]
    pub of: Option<RecordRef>,
    /// Values given beforehand.
    #[command(flatten)]
    pub values: Values,
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
pub fn run(args: &AddArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "record add".to_owned() }.into())
}
