//! `amanah record list`: lists the records of a kind.

use clap::Args;

use crate::cli::{
    args::{Acting, RecordRef, Why},
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah record list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// The kind of the records
    #[arg(value_name = "KIND")]
    pub kind: String,
    /// Show this field as well; may be repeated
    #[arg(short, long = "field", value_name = "FIELD")]
    pub fields: Vec<String>,
    /// Only what belongs to this record
    #[arg(long, value_name = "RECORD")]
    pub of: Option<RecordRef>,
    /// At most so many
    #[arg(short = 'n', long, value_name = "NUMBER")]
    pub limit: Option<usize>,
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
pub fn run(args: &ListArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "record list".to_owned() }.into())
}
