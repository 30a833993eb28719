//! `amanah glass`: what was opened in an emergency, and who has taken note of it.

pub mod acknowledge;
pub mod list;

use clap::Subcommand;

use crate::cli::{context::Context, error::CliResult};

/// The commands of `amanah glass`.
#[derive(Debug, Subcommand)]
pub enum GlassCommand {
    /// List what was opened in an emergency and nobody has acknowledged
    List(list::ListArgs),
    /// Acknowledge, as an overseer, that something was opened in an emergency
    Acknowledge(acknowledge::AcknowledgeArgs),
}

impl GlassCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            GlassCommand::List(args) => list::run(args, context),
            GlassCommand::Acknowledge(args) => acknowledge::run(args, context),
        }
    }
}
