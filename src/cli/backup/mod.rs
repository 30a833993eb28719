//! `amanah backup`: copies that nobody reads without a key of their own.

pub mod create;
pub mod drill;
pub mod restore;
pub mod verify;

use std::{path::Path, sync::Arc};

use clap::Subcommand;
use zeroize::Zeroizing;

use crate::{
    cli::{
        context::Context,
        error::CliResult,
        work::{self, TerminalUi},
    },
    crypto::{age_file, age_wrap::DecryptionKey},
    vault::Looked,
};

/// Longest key file, in bytes.
const MAX_KEY: u64 = 64 * 1024;

/// The commands of `amanah backup`.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Write a backup into a folder, beside earlier ones
    Create(create::CreateArgs),
    /// Check a backup without a key; with one, everything in it
    Verify(verify::VerifyArgs),
    /// Make a vault again from a backup, in a new folder
    Restore(restore::RestoreArgs),
    /// Try whether the newest backup can be restored, and write the result into the ledger
    Drill(drill::DrillArgs),
}

impl BackupCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            BackupCommand::Create(args) => create::run(args, context),
            BackupCommand::Verify(args) => verify::run(args, context),
            BackupCommand::Restore(args) => restore::run(args, context),
            BackupCommand::Drill(args) => drill::run(args, context),
        }
    }
}

/// The private key of a backup recipient, whatever kind it is.
fn key(path: &Path, context: &Context) -> CliResult<DecryptionKey> {
    let file = Zeroizing::new(work::read_file(path, MAX_KEY)?);
    work::with_passphrase(context, path, &|ask| Ok(age_file::read_key(&file, ask, Arc::new(TerminalUi))?))
}

/// A backup that was looked at, for programs.
fn as_json(looked: &Looked) -> serde_json::Value {
    serde_json::json!({
        "backup": looked.backup, "created": looked.created.to_string(), "until": looked.until.to_string(),
        "entries": looked.entries, "pieces": looked.pieces, "signer": looked.signer,
    })
}
