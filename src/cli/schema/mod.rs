//! `amanah schema`: which records and fields there are.

pub mod amend;
pub mod check;
pub mod show;
pub mod template;

use clap::Subcommand;

use crate::cli::{context::Context, error::CliResult};

/// The commands of `amanah schema`.
#[derive(Debug, Subcommand)]
pub enum SchemaCommand {
    /// Show the schema of the vault
    Show(show::ShowArgs),
    /// Check a schema
    Check(check::CheckArgs),
    /// Put a new version of the schema into force
    Amend(amend::AmendArgs),
    /// Write a schema that comes with amanah, to start from
    Template(template::TemplateArgs),
}

impl SchemaCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            SchemaCommand::Show(args) => show::run(args, context),
            SchemaCommand::Check(args) => check::run(args, context),
            SchemaCommand::Amend(args) => amend::run(args, context),
            SchemaCommand::Template(args) => template::run(args, context),
        }
    }
}
