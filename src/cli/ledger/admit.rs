//! `amanah ledger admit`: takes in what overseers have opened without the centre.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::{
    cli::{context::Context, error::CliResult, i18n::tr, work},
    custody::statement::{MAX_FILE, StatementFile},
};

/// The arguments of `amanah ledger admit`.
#[derive(Debug, Args)]
pub struct AdmitArgs {
    /// The statement of the overseers
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &AdmitArgs, context: &Context) -> CliResult {
    let file = StatementFile::parse(&work::read_file(&args.file, MAX_FILE)?)?;
    let (statement, _, releases) = file.parts()?;
    let entry = work::with_vault(context, |vault, actor| Ok(vault.admit_statement(actor, &file)?))?;
    let with: Vec<&str> = releases.iter().map(|release| release.releaser()).collect();
    let (by, count, time) = (statement.opener(), statement.envelopes().len(), statement.made());
    if context.is_json() {
        return Ok(context.terminal.json(&json!({
            "statement": statement.id(), "entry": entry, "opener": by, "with": with, "envelopes": count, "made": time,
        }))?);
    }
    let (by, with, time) = (by.to_owned(), with.join(", "), time.to_string());
    context.terminal.note(&tr!("statement-admitted", by = by, with = with, count = count, time = time));
    Ok(())
}
