//! `amanah retention due`: the records whose time is over.

use clap::Args;
use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::cli::{
    args::Why,
    context::Context,
    error::CliResult,
    i18n::tr,
    work::{self, Watcher},
};

/// The arguments of `amanah retention due`.
#[derive(Debug, Args)]
pub struct DueArgs {
    /// On this day; otherwise today
    #[arg(long, value_name = "DATE")]
    pub on: Option<Date>,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &DueArgs, context: &Context) -> CliResult {
    let (due, rules) = work::with_vault(context, |vault, actor| {
        let today = vault.today();
        let watcher = Watcher::new(&context.terminal);
        let due = vault.retention_due(actor, args.why.access(), args.on.unwrap_or(today), &watcher)?;
        Ok((due, vault.charter().retention().len()))
    })?;
    if context.is_json() {
        let due: Vec<Json> = due
            .iter()
            .map(|one| {
                json!({
                    "record": one.record, "kind": one.kind, "due": one.due.to_string(), "by": one.by,
                    "restricted": one.restricted,
                })
            })
            .collect();
        return Ok(context.terminal.json(&json!({ "due": due, "rules": rules }))?);
    }
    if rules == 0 {
        context.terminal.warn(&tr!("retention-no-rules"));
    }
    let header = [tr!("field-record"), tr!("field-kind"), tr!("field-due"), tr!("field-counted-from")];
    let rows = due.iter().map(|one| {
        let mut by = one.by.clone().unwrap_or_else(|| tr!("retention-written"));
        if one.restricted {
            by = format!("{by} {}", tr!("record-restricted-short"));
        }
        vec![one.record.to_string(), one.kind.clone(), one.due.to_string(), by]
    });
    if !due.is_empty() {
        context.terminal.table(&header, rows)?;
    }
    context.terminal.note(&tr!("retention-count", count = due.len()));
    Ok(())
}
