//! `amanah audit`: the ledger.

pub mod check_export;
pub mod check_proof;
pub mod export;
pub mod exposure;
pub mod log;
pub mod member;
pub mod nightly;
pub mod prove;
pub mod pseudonyms;
pub mod publish;
pub mod report;
pub mod unusual;
pub mod verify;
pub mod when;
pub mod who;

use clap::Subcommand;

use crate::cli::{context::Context, error::CliResult};

/// The commands of `amanah audit`.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Show who did what, and when
    Log(log::LogArgs),
    /// Show who saw a record and what belongs to it, what of it, and why
    Who(who::WhoArgs),
    /// Show what a member did, and what was opened to them
    Member(member::MemberArgs),
    /// Show what a member's keys could have opened, and did open
    Exposure(exposure::ExposureArgs),
    /// Point out what is out of the ordinary, and why
    Unusual(unusual::UnusualArgs),
    /// Write the rules of what is unusual, to change a copy
    Rules(unusual::RulesArgs),
    /// Write entries in a format that others take, with proof that they are all
    Export(export::ExportArgs),
    /// Check an export that somebody has given you
    CheckExport(check_export::CheckExportArgs),
    /// Make the key of pseudonyms
    PseudonymKey(pseudonyms::PseudonymKeyArgs),
    /// Say which record a pseudonym means
    Resolve(pseudonyms::ResolveArgs),
    /// Lay out the ledger as files that any web server can serve
    Publish(publish::PublishArgs),
    /// Prove that an entry is in the ledger, in a file that needs no vault
    Prove(prove::ProveArgs),
    /// Check a proof that somebody has given you
    CheckProof(check_proof::CheckProofArgs),
    /// Write one page to read or print: accesses, refusals, what is unusual, releases, witnesses
    Report(report::ReportArgs),
    /// Do what a service does each night: publish the ledger, and remember how it went
    Nightly(nightly::NightlyArgs),
    /// Verify the ledger and everything that it commits to
    Verify(verify::VerifyArgs),
}

impl AuditCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            AuditCommand::Log(args) => log::run(args, context),
            AuditCommand::Who(args) => who::run(args, context),
            AuditCommand::Member(args) => member::run(args, context),
            AuditCommand::Exposure(args) => exposure::run(args, context),
            AuditCommand::Unusual(args) => unusual::run(args, context),
            AuditCommand::Rules(args) => unusual::rules(args, context),
            AuditCommand::Export(args) => export::run(args, context),
            AuditCommand::CheckExport(args) => check_export::run(args, context),
            AuditCommand::PseudonymKey(args) => pseudonyms::make(args, context),
            AuditCommand::Resolve(args) => pseudonyms::resolve(args, context),
            AuditCommand::Publish(args) => publish::run(args, context),
            AuditCommand::Prove(args) => prove::run(args, context),
            AuditCommand::CheckProof(args) => check_proof::run(args, context),
            AuditCommand::Report(args) => report::run(args, context),
            AuditCommand::Nightly(args) => nightly::run(args, context),
            AuditCommand::Verify(args) => verify::run(args, context),
        }
    }
}
