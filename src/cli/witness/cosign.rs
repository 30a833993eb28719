//! `amanah witness cosign`: checks a checkpoint against the last one seen, and cosigns it.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::WitnessDir;
use crate::{
    cli::{
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        work,
    },
    crypto::note::Note,
    ledger::{
        LedgerError, cosignature,
        proof_file::{MAX_FILE, WitnessRequest},
        tiles::Folder,
    },
};

/// The arguments of `amanah witness cosign`.
#[derive(Debug, Args)]
pub struct CosignArgs {
    /// What the vault asks with, or a folder where its ledger is published
    #[arg(value_name = "FILE")]
    pub source: PathBuf,
    /// Where to write the cosigned checkpoint; otherwise it is shown
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "told at the type")]
    pub at: WitnessDir,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &CosignArgs, context: &Context) -> CliResult {
    if let Some(path) = args.output.as_ref().filter(|path| path.exists()) {
        return Err(CliError::FileExists { path: path.display().to_string() }.into());
    }
    let now = Timestamp::now();
    let (head, lines, witness) = if args.source.is_dir() {
        let folder = Folder::new(&args.source);
        let head = folder.checkpoint()?.ok_or(LedgerError::BadCheckpoint)?;
        let witness = super::open(context, &args.at.dir)?;
        let lines = witness.follow(head.clone(), |old| folder.consistency(old, head.tree()), now)?;
        (head, lines, witness)
    } else {
        let request = WitnessRequest::parse(&work::read_file(&args.source, MAX_FILE)?)?;
        let witness = super::open(context, &args.at.dir)?;
        let lines = witness.add_checkpoint(&request, now)?;
        (request.head, lines, witness)
    };
    // A note that holds what it held, and the cosignature in place of an older one.
    let mut note = Note::parse(&[head.note().to_bytes(), lines].concat())?;
    cosignature::keep_newest(&mut note, witness.vkey())?;
    let note = note.to_bytes();
    if let Some(path) = &args.output {
        work::write_new(path, &note)?;
        let (origin, size) = (head.origin().to_owned(), head.tree().size);
        if context.is_json() {
            return Ok(context.terminal.json(&json!({ "origin": origin, "size": size, "file": path }))?);
        }
        context.terminal.note(&tr!("witness-cosigned", size = size, origin = origin));
        return Ok(());
    }
    Ok(context.terminal.raw(&note)?)
}
