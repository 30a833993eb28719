//! `amanah record`: records, one at a time.

pub mod add;
mod certificate;
pub(super) mod draft;
pub mod duplicates;
pub mod edit;
pub mod erase;
pub mod export;
pub mod find;
pub mod history;
pub mod input;
pub mod link;
pub mod list;
pub mod merge;
pub mod restrict;
pub mod show;
pub mod view;

use clap::Subcommand;

use crate::cli::{context::Context, error::CliResult};

/// The commands of `amanah record`.
#[derive(Debug, Subcommand)]
pub enum RecordCommand {
    /// Enter a record, in a form or from given values
    Add(add::AddArgs),
    /// Read a record
    Show(show::ShowArgs),
    /// Correct a record; what it said before stays in its history
    Edit(edit::EditArgs),
    /// List the records of a kind
    List(list::ListArgs),
    /// Write fields of one class as an age file, for somebody with their own key
    Export(export::ExportArgs),
    /// Show who wrote what in a record, and when
    History(history::HistoryArgs),
    /// Say to which record this one belongs
    Link(link::LinkArgs),
    /// Find records by name, number, date or choice
    Find(find::FindArgs),
    /// Propose records that may be about the same person
    Duplicates(duplicates::DuplicatesArgs),
    /// Say that a record is about the same as another, which goes on in its place
    Merge(merge::MergeArgs),
    /// Erase records for good; the proof that it happened stays
    Erase(erase::EraseArgs),
    /// Keep records and let nobody use them, but for what the charter names
    Restrict(restrict::RestrictArgs),
    /// Let restricted records be used again
    Unrestrict(restrict::UnrestrictArgs),
}

impl RecordCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            RecordCommand::Add(args) => add::run(args, context),
            RecordCommand::Show(args) => show::run(args, context),
            RecordCommand::Edit(args) => edit::run(args, context),
            RecordCommand::List(args) => list::run(args, context),
            RecordCommand::Export(args) => export::run(args, context),
            RecordCommand::History(args) => history::run(args, context),
            RecordCommand::Link(args) => link::run(args, context),
            RecordCommand::Find(args) => find::run(args, context),
            RecordCommand::Duplicates(args) => duplicates::run(args, context),
            RecordCommand::Merge(args) => merge::run(args, context),
            RecordCommand::Erase(args) => erase::run(args, context),
            RecordCommand::Restrict(args) => restrict::run(args, context),
            RecordCommand::Unrestrict(args) => restrict::release(args, context),
        }
    }
}
