//! `amanah charter export`: writes all charters of the vault, for those who have no vault.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::cli::{context::Context, error::CliResult, i18n::tr, work};

/// The arguments of `amanah charter export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Where to write them
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ExportArgs, context: &Context) -> CliResult {
    let vault = work::open(context, context.vault()?)?;
    let chain = vault.chain();
    vault.leave()?;
    work::write_new(&args.output, &chain.to_bytes())?;
    let fingerprint = chain.fingerprint();
    if context.is_json() {
        let answer = json!({
            "vault": chain.vault()?, "version": chain.newest()?.version(), "fingerprint": fingerprint,
            "file": args.output,
        });
        return Ok(context.terminal.json(&answer)?);
    }
    context.terminal.fields([(&*tr!("field-fingerprint"), fingerprint)])?;
    context.terminal.note(&tr!("charter-exported"));
    Ok(())
}
