//! `amanah member`: people come and go.

pub mod enroll;
pub mod revoke;

use clap::Subcommand;

use crate::cli::{context::Context, error::CliResult};

/// The commands of `amanah member`.
#[derive(Debug, Subcommand)]
pub enum MemberCommand {
    /// Propose to take a member in, or to give a member another card
    Enroll(enroll::EnrollArgs),
    /// Propose to take a member out, with new keys for all their groups
    Revoke(revoke::RevokeArgs),
}

impl MemberCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            MemberCommand::Enroll(args) => enroll::run(args, context),
            MemberCommand::Revoke(args) => revoke::run(args, context),
        }
    }
}
