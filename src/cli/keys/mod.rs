//! `amanah keys`: the keys of people and groups.

pub mod check;
pub mod group;
pub mod new;
pub mod passphrase;
pub mod show;

use clap::Subcommand;

use crate::cli::{context::Context, error::CliResult};

/// The commands of `amanah keys`.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make your identity, and the card that others need of you
    New(new::NewArgs),
    /// Show a card, with its fingerprint
    Show(show::ShowArgs),
    /// Change the passphrase of your identity
    Passphrase(passphrase::PassphraseArgs),
    /// Check identities, cards and group keys
    Check(check::CheckArgs),
    /// Make the key of a group of your body, for its members
    Group(group::GroupArgs),
}

impl KeysCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            KeysCommand::New(args) => new::run(args, context),
            KeysCommand::Show(args) => show::run(args, context),
            KeysCommand::Passphrase(args) => passphrase::run(args, context),
            KeysCommand::Check(args) => check::run(args, context),
            KeysCommand::Group(args) => group::run(args, context),
        }
    }
}
