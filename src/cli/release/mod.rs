//! `amanah release`: answering requests, and opening what was released.

pub mod approve;
pub mod deny;
pub mod open;

use clap::Subcommand;

use crate::cli::{context::Context, error::CliResult};

/// The commands of `amanah release`.
#[derive(Debug, Subcommand)]
pub enum ReleaseCommand {
    /// Release your group's shares of what a request names, to who asked
    Approve(approve::ApproveArgs),
    /// Deny a request
    Deny(deny::DenyArgs),
    /// Open what was released to you
    Open(open::OpenArgs),
}

impl ReleaseCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            ReleaseCommand::Approve(args) => approve::run(args, context),
            ReleaseCommand::Deny(args) => deny::run(args, context),
            ReleaseCommand::Open(args) => open::run(args, context),
        }
    }
}
