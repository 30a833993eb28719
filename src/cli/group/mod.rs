//! `amanah group`: groups and their keys.

pub mod add;
pub mod rotate;

use clap::Subcommand;

use crate::cli::{context::Context, error::CliResult};

/// The commands of `amanah group`.
#[derive(Debug, Subcommand)]
pub enum GroupCommand {
    /// Propose a new group
    Add(add::AddArgs),
    /// Propose a new key for a group; or hand on to it what was sealed before
    Rotate(rotate::RotateArgs),
}

impl GroupCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            GroupCommand::Add(args) => add::run(args, context),
            GroupCommand::Rotate(args) => rotate::run(args, context),
        }
    }
}
