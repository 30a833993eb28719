//! `amanah witness take`: takes in what a witness has cosigned.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use super::status;
use crate::{
    cli::{context::Context, error::CliResult, work},
    ledger::checkpoint::MAX_BYTES,
};

/// The arguments of `amanah witness take`.
#[derive(Debug, Args)]
pub struct TakeArgs {
    /// The cosigned checkpoint
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &TakeArgs, context: &Context) -> CliResult {
    let note = work::read_file(&args.file, MAX_BYTES)?;
    let mut vault = work::open(context, context.vault()?)?;
    let taken = vault.take_cosignatures(&note, Timestamp::now());
    let zone = vault.charter().time_zone().to_owned();
    vault.leave()?;
    status::show(&taken?, &zone, context)
}
