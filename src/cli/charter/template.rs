//! `amanah charter template`: writes the ready charter, to begin from.

use std::path::Path;

use clap::Args;

use crate::{
    cli::{context::Context, error::CliResult, work},
    custody::{Draft, draft::READY},
};

/// Largest draft that is read, in bytes.
const MAX_DRAFT: u64 = 1_000_000;

/// The arguments of `amanah charter template`.
#[derive(Debug, Args)]
pub struct TemplateArgs {}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(_: &TemplateArgs, context: &Context) -> CliResult {
    Ok(context.terminal.raw(READY.as_bytes())?)
}

/// Reads a draft that a person named, and the cards and keys beside it.
pub fn read_draft(path: &Path) -> CliResult<Draft> {
    let text = work::read_text(path, MAX_DRAFT)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    Ok(Draft::read(&text, &path.display().to_string(), folder)?)
}
