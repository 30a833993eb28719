//! `amanah charter`: who may open what.

pub mod amend;
pub mod check;
pub mod export;
pub mod show;
pub mod template;
pub mod trust;

use clap::Subcommand;

use crate::cli::{context::Context, error::CliResult};

/// The commands of `amanah charter`.
#[derive(Debug, Subcommand)]
pub enum CharterCommand {
    /// Show the charter of the vault
    Show(show::ShowArgs),
    /// Check the draft of a charter
    Check(check::CheckArgs),
    /// Write the ready charter, to begin a draft from
    Template(template::TemplateArgs),
    /// Write all charters of the vault, for those who have no vault
    Export(export::ExportArgs),
    /// Take in the charters of a vault that is not here
    Trust(trust::TrustArgs),
    /// Amend the charter: propose, sign and put into force
    #[command(subcommand)]
    Amend(amend::AmendCommand),
}

impl CharterCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            CharterCommand::Show(args) => show::run(args, context),
            CharterCommand::Check(args) => check::run(args, context),
            CharterCommand::Template(args) => template::run(args, context),
            CharterCommand::Export(args) => export::run(args, context),
            CharterCommand::Trust(args) => trust::run(args, context),
            CharterCommand::Amend(command) => command.run(context),
        }
    }
}
