//! `amanah case`: everything about one child or family.

pub mod show;

use clap::Subcommand;

use crate::cli::{context::Context, error::CliResult};

/// The commands of `amanah case`.
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// Read everything that belongs to a child or a family
    Show(show::ShowArgs),
}

impl CaseCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            CaseCommand::Show(args) => show::run(args, context),
        }
    }
}
