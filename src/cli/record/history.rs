//! `amanah record history`: shows who wrote what in a record, and when.

use clap::Args;
use serde_json::json;

use crate::cli::{
    args::{RecordRef, Why},
    audit::when::local_time,
    context::Context,
    error::CliResult,
    i18n::tr,
    record::find,
    work,
};

/// The arguments of `amanah record history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// The record: its id, the first 6 or more characters of it, or its code
    #[arg(value_name = "RECORD")]
    pub record: RecordRef,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &HistoryArgs, context: &Context) -> CliResult {
    let (versions, zone) = work::with_vault(context, |vault, actor| {
        let access = args.why.access();
        vault.require_purpose(access)?;
        let record = find::record(vault, actor, access, &args.record)?;
        let versions = vault.history(actor, access, &record)?;
        Ok((versions, vault.charter().time_zone().to_owned()))
    })?;
    if context.is_json() {
        let rows: Vec<_> = versions
            .iter()
            .map(|v| {
                json!({
                    "version": v.version, "entry": v.entry.seq, "time": v.entry.time, "actor": v.entry.actor,
                    "group": v.entry.group, "action": v.entry.action, "schema": v.schema, "of": v.of, "fields": v.fields,
                })
            })
            .collect();
        return Ok(context.terminal.json(&rows)?);
    }
    let header = [
        tr!("field-version"),
        tr!("field-time"),
        tr!("field-actor"),
        tr!("field-action"),
        tr!("field-entry"),
        tr!("field-fields"),
    ];
    let rows = versions.iter().map(|v| {
        vec![
            v.version.to_string(),
            local_time(v.entry.time, &zone),
            v.entry.actor.clone(),
            v.entry.action.name().to_owned(),
            v.entry.seq.to_string(),
            v.fields.join(", "),
        ]
    });
    context.terminal.table(&header, rows)?;
    context.terminal.note(&tr!("history-next"));
    Ok(())
}
