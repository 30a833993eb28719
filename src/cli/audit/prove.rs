//! `amanah audit prove`: proves that an entry is in the ledger, in a file that needs no vault.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::cli::{context::Context, error::CliResult, i18n::tr, work};

/// The arguments of `amanah audit prove`.
#[derive(Debug, Args)]
pub struct ProveArgs {
    /// The entry's number in the ledger
    #[arg(value_name = "ENTRY")]
    pub entry: u64,
    /// Where to write the proof; otherwise entry-ENTRY.tlog-proof in this folder
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ProveArgs, context: &Context) -> CliResult {
    let output = args.output.clone().unwrap_or_else(|| format!("entry-{}.tlog-proof", args.entry).into());
    let vault = work::open(context, context.vault()?)?;
    let proof = vault.prove(args.entry);
    let key = proof.as_ref().ok().map(|proof| vault.log_key_at(proof.head.tree().size)).transpose();
    vault.leave()?;
    let (proof, key) = (proof?, key?);
    let key = key.map(|key| key.to_string()).unwrap_or_default();
    work::write_new(&output, &proof.to_bytes())?;
    let file = output.display().to_string();
    if context.is_json() {
        let answer = json!({ "entry": args.entry, "size": proof.head.tree().size, "file": file, "key": key });
        return Ok(context.terminal.json(&answer)?);
    }
    context.terminal.fields([(&*tr!("field-file"), file), (&*tr!("field-log-key"), key)])?;
    context.terminal.note(&tr!("prove-next"));
    Ok(())
}
