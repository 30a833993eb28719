//! `amanah ledger`: what others have done, taken into the ledger.

pub mod admit;

use clap::Subcommand;

use crate::cli::{context::Context, error::CliResult};

/// The commands of `amanah ledger`.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Take in what overseers have opened without the centre
    Admit(admit::AdmitArgs),
}

impl LedgerCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            LedgerCommand::Admit(args) => admit::run(args, context),
        }
    }
}
