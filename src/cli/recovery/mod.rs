//! `amanah recovery`: group keys on paper.

pub mod combine;
pub mod drill;
mod sheet;
pub mod split;
pub mod status;
mod typed;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::{context::Context, error::CliResult};

/// The shares of a group's key.
#[derive(Debug, Args)]
pub struct SharesArgs {
    /// The group: body/name, as in kpai/reviewers
    #[arg(value_name = "GROUP")]
    pub group: String,
    /// A file with the words of one share a line; - is the standard input. Otherwise they are asked for
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
}

/// The commands of `amanah recovery`.
#[derive(Debug, Subcommand)]
pub enum RecoveryCommand {
    /// Split the key of your group among several holders, as words on paper (SLIP-39)
    Split(split::SplitArgs),
    /// Put a former key of your group together from paper, and hand on to the present one what was sealed before
    Combine(SharesArgs),
    /// Prove that shares would give the present key of your group, without restoring anything
    Drill(SharesArgs),
    /// Show which groups have their key on paper, and when it was tried last
    Status,
}

impl RecoveryCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            RecoveryCommand::Split(args) => split::run(args, context),
            RecoveryCommand::Combine(args) => combine::run(args, context),
            RecoveryCommand::Drill(args) => drill::run(args, context),
            RecoveryCommand::Status => status::run(context),
        }
    }
}
