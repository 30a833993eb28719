//! `amanah index rebuild`: makes the search index anew.

use clap::Args;
use serde_json::json;

use crate::cli::{
    args::Why,
    context::Context,
    error::CliResult,
    i18n::tr,
    work::{self, Watcher},
};

/// The arguments of `amanah index rebuild`.
#[derive(Debug, Args)]
pub struct RebuildArgs {
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &RebuildArgs, context: &Context) -> CliResult {
    let made = work::with_vault(context, |vault, actor| {
        Ok(vault.rebuild_index(actor, args.why.access(), &Watcher::new(&context.terminal))?)
    })?;
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "classes": made.classes, "records": made.records }))?);
    }
    context.terminal.note(&tr!("index-rebuilt", classes = made.classes, records = made.records));
    Ok(())
}
