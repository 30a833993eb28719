//! `amanah retention`: records that have been kept for long enough.

pub mod due;

use clap::Subcommand;

use crate::cli::{context::Context, error::CliResult};

/// The commands of `amanah retention`.
#[derive(Debug, Subcommand)]
pub enum RetentionCommand {
    /// List the records whose time is over by the rules of the charter
    Due(due::DueArgs),
}

impl RetentionCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            RetentionCommand::Due(args) => due::run(args, context),
        }
    }
}
