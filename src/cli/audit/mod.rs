//! `amanah audit`: the ledger.

pub mod check_proof;
pub mod log;
pub mod nightly;
pub mod prove;
pub mod publish;
pub mod verify;

use clap::Subcommand;

use crate::cli::{context::Context, error::CliResult};

/// The commands of `amanah audit`.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Show who did what, and when
    Log(log::LogArgs),
    /// Lay out the ledger as files that any web server can serve
    Publish(publish::PublishArgs),
    /// Prove that an entry is in the ledger, in a file that needs no vault
    Prove(prove::ProveArgs),
    /// Check a proof that somebody has given you
    CheckProof(check_proof::CheckProofArgs),
    /// Do what a service does each night: publish the ledger, and remember how it went
    Nightly(nightly::NightlyArgs),
    /// Verify the ledger and everything that it commits to
    Verify(verify::VerifyArgs),
}

impl AuditCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            AuditCommand::Log(args) => log::run(args, context),
            AuditCommand::Publish(args) => publish::run(args, context),
            AuditCommand::Prove(args) => prove::run(args, context),
            AuditCommand::CheckProof(args) => check_proof::run(args, context),
            AuditCommand::Nightly(args) => nightly::run(args, context),
            AuditCommand::Verify(args) => verify::run(args, context),
        }
    }
}
