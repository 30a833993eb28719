//! `amanah charter amend`: the next charter, from the proposal to the day it is in force.

pub mod apply;
pub mod propose;
pub mod show;
pub mod sign;

use std::path::Path;

use clap::Subcommand;

use crate::{
    cli::{context::Context, error::CliResult, work},
    custody::{Amendment, amendment::MAX_FILE},
};

/// The commands of `amanah charter amend`.
#[derive(Debug, Subcommand)]
pub enum AmendCommand {
    /// Propose the next charter, from an edited text of the present one
    Propose(propose::ProposeArgs),
    /// Show what an amendment changes, and who has signed it
    Show(show::ShowArgs),
    /// Sign an amendment
    Sign(sign::SignArgs),
    /// Put a signed amendment into force
    Apply(apply::ApplyArgs),
}

impl AmendCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            AmendCommand::Propose(args) => propose::run(args, context),
            AmendCommand::Show(args) => show::run(args, context),
            AmendCommand::Sign(args) => sign::run(args, context),
            AmendCommand::Apply(args) => apply::run(args, context),
        }
    }
}

/// Reads an amendment that a person named.
pub fn read(path: &Path) -> CliResult<Amendment> {
    Ok(Amendment::parse(&work::read_file(path, MAX_FILE)?)?)
}
