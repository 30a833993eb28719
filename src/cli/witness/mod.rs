//! `amanah witness`: those who watch over a ledger from outside, and the vault that asks them.

pub mod ask;
pub mod cosign;
pub mod init;
pub mod serve;
pub mod status;
pub mod take;
pub mod trust;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::{
    cli::{context::Context, error::CliResult, work},
    ledger::witness::Witness,
};

/// The file with the witness's identity, in its folder.
const KEY: &str = "key";

/// The folder of a witness.
#[derive(Debug, Args)]
pub struct WitnessDir {
    /// The folder of the witness; otherwise `witness` in this folder
    #[arg(long, value_name = "DIR", default_value = "witness")]
    pub dir: PathBuf,
}

/// The commands of `amanah witness`.
#[derive(Debug, Subcommand)]
pub enum WitnessCommand {
    /// Make a witness, with a key of its own
    Init(init::InitArgs),
    /// Let the witness watch a log
    Trust(trust::TrustArgs),
    /// Check a checkpoint against the last one seen, and cosign it
    Cosign(cosign::CosignArgs),
    /// Cosign over HTTP for whoever asks (C2SP tlog-witness)
    Serve(serve::ServeArgs),
    /// Write down what a witness is asked with
    Ask(ask::AskArgs),
    /// Take in what a witness has cosigned
    Take(take::TakeArgs),
    /// Show what was cosigned last: by the vault's witnesses, or by this one
    Status(status::StatusArgs),
}

impl WitnessCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            WitnessCommand::Init(args) => init::run(args, context),
            WitnessCommand::Trust(args) => trust::run(args, context),
            WitnessCommand::Cosign(args) => cosign::run(args, context),
            WitnessCommand::Serve(args) => serve::run(args, context),
            WitnessCommand::Ask(args) => ask::run(args, context),
            WitnessCommand::Take(args) => take::run(args, context),
            WitnessCommand::Status(args) => status::run(args, context),
        }
    }
}

/// The witness in a folder, its key opened.
fn open(context: &Context, dir: &Path) -> CliResult<Witness> {
    let identity = work::unlock_file(context, &dir.join(KEY))?;
    Ok(Witness::new(dir, &identity.member, identity.signing)?)
}
