//! `amanah case show`: reads everything that belongs to a child or a family, on a timeline.

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        args::{RecordRef, Why},
        context::Context,
        error::CliResult,
        i18n::tr,
        record::{find, view},
        work,
    },
    records::{
        schema::{FieldType, Schema},
        value::Value,
    },
    vault::Shown,
};

/// The arguments of `amanah case show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The child or family: its id, the first 6 or more characters of it, or its code
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
pub fn run(args: &ShowArgs, context: &Context) -> CliResult {
    let (shown, schema, charter, record) = work::with_vault(context, |vault, actor| {
        let access = args.why.access();
        vault.require_purpose(access)?;
        let record = find::survivor(vault, actor, access, &args.record, context)?;
        let shown = vault.read_case(actor, access, &record)?;
        Ok((shown, vault.schema().clone(), vault.charter().clone(), record))
    })?;
    // Who it is about comes first; what happened follows in the order of its dates.
    let mut happened: Vec<(String, &Shown)> = Vec::new();
    let mut people: Vec<&Shown> = Vec::new();
    for one in &shown {
        match date_of(one, &schema) {
            Some(date) => happened.push((date, one)),
            None => people.push(one),
        }
    }
    people.sort_by_key(|one| one.record != record);
    happened.sort_by(|a, b| a.0.cmp(&b.0));
    if context.is_json() {
        let people: Vec<_> = people.iter().map(|one| view::as_json(one, &charter)).collect();
        let timeline: Vec<_> = happened
            .iter()
            .map(|(date, one)| json!({ "date": date, "record": view::as_json(one, &charter) }))
            .collect();
        return Ok(context.terminal.json(&json!({ "case": record, "records": people, "timeline": timeline }))?);
    }
    for one in people {
        view::record(one, &schema, &charter, context)?;
        context.terminal.answer("")?;
    }
    if happened.is_empty() {
        context.terminal.note(&tr!("case-no-events"));
    }
    for (date, one) in happened {
        context.terminal.answer(&format!("-- {date} --"))?;
        view::record(one, &schema, &charter, context)?;
        context.terminal.answer("")?;
    }
    Ok(())
}

/// The day that places a record on the timeline: its first date, for kinds that hang on a child.
/// A birth date is no event of the case.
fn date_of(shown: &Shown, schema: &Schema) -> Option<String> {
    let kind = schema.kind(&shown.kind)?;
    // What others belong to (a child, a family) is a person or household, not an event.
    if schema.kinds_of(&kind.id).next().is_some() {
        return None;
    }
    let field = kind.fields.iter().find(|field| field.field_type == FieldType::Date)?;
    match shown.value(&field.id)? {
        Value::Date(date) => Some(date.to_string()),
        _ => None,
    }
}
