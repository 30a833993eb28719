//! `amanah release`: answering requests, and opening what was released.

pub mod approve;
pub mod deny;
pub mod open;
pub mod page;

use std::path::PathBuf;

use clap::Subcommand;

use crate::cli::{
    context::Context,
    error::{CliError, CliResult},
};

/// The commands of `amanah release`.
#[derive(Debug, Subcommand)]
pub enum ReleaseCommand {
    /// Release your group's shares of what a request names, to who asked
    Approve(approve::ApproveArgs),
    /// Deny a request
    Deny(deny::DenyArgs),
    /// Open what was released to you
    Open(open::OpenArgs),
}

impl ReleaseCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            ReleaseCommand::Approve(args) => approve::run(args, context),
            ReleaseCommand::Deny(args) => deny::run(args, context),
            ReleaseCommand::Open(args) => open::run(args, context),
        }
    }
}

fn must_be_new(output: Option<&PathBuf>) -> CliResult {
    match output.filter(|path| path.exists()) {
        Some(path) => Err(CliError::FileExists { path: path.display().to_string() }.into()),
        None => Ok(()),
    }
}

fn must_be_given(output: Option<&PathBuf>, command: &str) -> CliResult<PathBuf> {
    let missing = || CliError::MissingArgument { arguments: "--output".to_owned(), command: command.to_owned() };
    Ok(output.cloned().ok_or_else(missing)?)
}
