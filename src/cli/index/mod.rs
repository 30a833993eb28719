//! `amanah index`: what records are found by.

pub mod rebuild;

use clap::Subcommand;

use crate::cli::{context::Context, error::CliResult};

/// The commands of `amanah index`.
#[derive(Debug, Subcommand)]
pub enum IndexCommand {
    /// Make the search index of all classes that you open anew
    Rebuild(rebuild::RebuildArgs),
}

impl IndexCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            IndexCommand::Rebuild(args) => rebuild::run(args, context),
        }
    }
}
