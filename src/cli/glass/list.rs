//! `amanah glass list`: what was opened in an emergency and nobody has acknowledged.

use clap::Args;

use crate::cli::{audit::log, context::Context, error::CliResult, work};

/// The arguments of `amanah glass list`.
#[derive(Debug, Args)]
pub struct ListArgs {}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(_: &ListArgs, context: &Context) -> CliResult {
    let vault = work::open(context, context.vault()?)?;
    let listed = vault.unacknowledged();
    let zone = vault.charter().time_zone().to_owned();
    vault.leave()?;
    let entries = listed?;
    if context.is_json() {
        return Ok(context.terminal.json(&entries)?);
    }
    Ok(context.terminal.table(&log::header(), entries.iter().map(|entry| log::row(entry, &zone)))?)
}
