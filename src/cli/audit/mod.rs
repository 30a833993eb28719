//! `amanah audit`: the ledger.

pub mod log;
pub mod verify;

use clap::Subcommand;

use crate::cli::{context::Context, error::CliResult};

/// The commands of `amanah audit`.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Show who did what, and when
    Log(log::LogArgs),
    /// Verify the ledger and everything that it commits to
    Verify(verify::VerifyArgs),
}

impl AuditCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            AuditCommand::Log(args) => log::run(args, context),
            AuditCommand::Verify(args) => verify::run(args, context),
        }
    }
}
