//! `amanah audit log`: shows the entries of the ledger.

use clap::Args;

use crate::cli::{
    args::{Moment, RecordRef},
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah audit log`.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// Only from this day or moment on
    #[arg(long, value_name = "TIME")]
    pub since: Option<Moment>,
    /// Only until this day or moment, the day included
    #[arg(long, value_name = "TIME")]
    pub until: Option<Moment>,
    /// Only what this member did
    #[arg(long, value_name = "MEMBER")]
    pub actor: Option<String>,
    /// Only this action, as in record.read
    #[arg(long, value_name = "ACTION")]
    pub action: Option<String>,
    /// Only what concerns this record
    #[arg(long, value_name = "RECORD")]
    pub record: Option<RecordRef>,
    /// Only the newest so many
    #[arg(short = 'n', long, value_name = "NUMBER")]
    pub limit: Option<usize>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &LogArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "audit log".to_owned() }.into())
}
