//! `amanah record edit`: corrects a record; what it said before stays in its history.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        args::{RecordRef, Values, Why},
        context::Context,
        error::{CliError, CliResult},
        form::{Answer, Answers, Filled},
        i18n::tr,
        record::{draft::Kept, find, input},
        report,
        schema::show::{find_field, find_kind},
        work::{self, Watcher},
    },
    id::Id,
    records::{
        nik::{self, NumberWarning},
        schema::{Field, Kind},
        value::Value,
    },
    vault::{Actor, Draft, Shown, Vault, VaultError, Written},
};

/// The arguments of `amanah record edit`.
#[derive(Debug, Args)]
pub struct EditArgs {
    /// The record: its id, the first 6 or more characters of it, or its code
    #[arg(value_name = "RECORD")]
    pub record: RecordRef,
    /// Ask only for this field; may be repeated
    #[arg(short, long = "field", value_name = "FIELD")]
    pub fields: Vec<String>,
    /// Values given beforehand.
    #[command(flatten)]
    pub values: Values,
    /// Empty this field; may be repeated
    #[arg(long = "clear", value_name = "FIELD")]
    pub clear: Vec<String>,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &EditArgs, context: &Context) -> CliResult {
    let asked = args.values.values.is_empty() && args.values.from.is_none() && args.clear.is_empty();
    let written = if asked && context.terminal.is_interactive() {
        in_a_form(args, context)?
    } else {
        work::with_vault(context, |vault, actor| {
            let record = find::record(vault, actor, args.why.access(), &args.record)?;
            let schema = vault.schema().clone();
            let kind = find_kind(&schema, &vault.head_of(&record)?.kind)?;
            let given = input::given(&args.values, kind)?;
            let mut values = given.values;
            for name in &args.clear {
                let field = find_field(kind, name)?;
                if values.insert(field.id.clone(), Value::Null).is_some() {
                    return Err(CliError::TwiceGiven { field: field.id.clone() }.into());
                }
            }
            write(args, &record, kind, (values, None), vault, actor, context)
        })?
    };
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "record": written.record, "version": written.version }))?);
    }
    context.terminal.note(&tr!("record-written", version = written.version));
    Ok(())
}

/// Asks for the fields that the person can read, with what they hold now, and writes those that
/// were changed.
fn in_a_form(args: &EditArgs, context: &Context) -> CliResult<Written> {
    let (mut vault, mut actor) = work::enter(context)?;
    let schema = vault.schema().clone();
    let access = args.why.access();
    let lang = context.language.into();
    let read = (|| -> CliResult<_> {
        let record = find::record(&mut vault, &mut actor, access, &args.record)?;
        let kind = find_kind(&schema, &vault.head_of(&record)?.kind)?;
        let only = match &args.fields[..] {
            [] => None,
            names => Some(names.iter().map(|n| Ok(find_field(kind, n)?.id.clone())).collect::<CliResult<Vec<_>>>()?),
        };
        let shown = vault.read_record(&mut actor, access, &record, only.as_deref(), None)?;
        let kept = Kept::new(vault.id(), actor.member(), &record.to_string());
        let earlier = kept.load(&actor)?;
        Ok((record, kind, shown, kept, earlier))
    })();
    let closed = vault.close(&mut actor);
    let (record, kind, shown, kept, earlier) = read?;
    closed?;

    let readable: Vec<(&Field, &Value)> =
        kind.fields.iter().filter_map(|field| Some((field, shown.value(&field.id)?))).collect();
    let present: Answers = readable
        .iter()
        .filter_map(|(field, value)| Some((field.id.clone(), input::answer_of(value, field, lang)?)))
        .collect();
    let fields: Vec<&Field> = readable.iter().map(|(field, _)| *field).collect();
    let mut answers = present.clone();
    if let Some(earlier) = earlier
        && context.terminal.confirm(&tr!("draft-continue"), true)?
    {
        beside(&fields, &present, &earlier, context);
        go_on(&mut answers, earlier);
    }
    let (answers, complete) = match input::ask(&fields, answers, context)? {
        Filled::Complete(answers) => (answers, true),
        Filled::Stopped(answers) => (answers, false),
    };
    let written = work::again(context, &mut actor, |vault, actor| {
        kept.save(vault, actor, &changed(&fields, &present, &answers))?;
        if !complete {
            return Err(CliError::DraftKept { path: kept.path() }.into());
        }
        let mut values = input::values_of(&answers, &fields)?;
        values.retain(|name, value| shown.value(name) != Some(value));
        if values.is_empty() {
            kept.remove()?;
            return Err(VaultError::NothingToWrite.into());
        }
        if vault.head_of(&record)?.version != shown.version {
            return Err(VaultError::ChangedMeanwhile { record: record.to_string() }.into());
        }
        write(args, &record, kind, (values, Some(&shown)), vault, actor, context)
    })?;
    kept.remove()?;
    Ok(written)
}

/// What of the answers is another than before; of what was emptied, no items. Only that is kept: what
/// others write until it is gone on with must not be undone by what only stood in the form.
fn changed(fields: &[&Field], before: &Answers, now: &Answers) -> Answers {
    let other = |field: &&Field| {
        let (old, new) = (before.get(&field.id), now.get(&field.id));
        (old != new).then(|| (field.id.clone(), new.cloned().unwrap_or_else(|| Answer::Items(Vec::new()))))
    };
    fields.iter().filter_map(other).collect()
}

/// Puts what was changed in the place of what is there.
fn go_on(answers: &mut Answers, changed: Answers) {
    for (field, answer) in changed {
        match answer.items() {
            [] => drop(answers.remove(&field)),
            _ => drop(answers.insert(field, answer)),
        }
    }
}

/// Shows what was typed beside what the record holds now.
fn beside(fields: &[&Field], present: &Answers, typed: &Answers, context: &Context) {
    let text = |answer: Option<&Answer>| answer.map(|answer| answer.items().join("; ")).unwrap_or_default();
    for field in fields.iter().filter(|field| typed.contains_key(&field.id)) {
        let label = field.label.get(context.language.into());
        let (now, typed) = (text(present.get(&field.id)), text(typed.get(&field.id)));
        context.terminal.note(&tr!("draft-beside", label = label, now = now, typed = typed));
    }
}

/// Writes new values; `before` is what the record says otherwise, where that was read.
fn write(
    args: &EditArgs,
    record: &Id,
    kind: &Kind,
    (values, before): (BTreeMap<String, Value>, Option<&Shown>),
    vault: &mut Vault,
    actor: &mut Actor,
    context: &Context,
) -> CliResult<Written> {
    let access = args.why.access();
    let old = |field: &str| before.and_then(|shown| shown.value(field));
    let in_words = |warning: &NumberWarning| report::sentence(warning, context.language);
    let known: Vec<String> = nik::warnings(kind, old).iter().map(in_words).collect();
    let now = nik::warnings(kind, |field| values.get(field).or_else(|| old(field)));
    for warning in now.iter().map(in_words).filter(|warning| !known.contains(warning)) {
        context.terminal.warn(&warning);
    }
    let draft = Draft { values: values.into_iter().collect(), of: None };
    let watcher = Watcher::new(&context.terminal);
    let unchecked = vault.check_unique(actor, access, &kind.id, &draft, Some(record), &watcher)?;
    for field in unchecked {
        context.terminal.warn(&tr!("unique-unchecked", field = field));
    }
    Ok(vault.update_record(actor, access, record, &draft)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::template;

    #[test]
    fn only_what_was_changed_is_kept_and_what_was_emptied_stays_so() {
        let schema = template::sentra();
        let kind = schema.kind("child").unwrap();
        let fields: Vec<&Field> = ["full_name", "alias", "photo"].iter().map(|id| kind.field(id).unwrap()).collect();
        let answers = |given: &[(&str, &str)]| -> Answers {
            given.iter().map(|(id, text)| ((*id).to_owned(), Answer::Text((*text).to_owned()))).collect()
        };
        let before = answers(&[("full_name", "Contoh"), ("alias", "Adik"), ("photo", "F-1")]);
        let kept = changed(&fields, &before, &answers(&[("full_name", "Contoh Baru"), ("photo", "F-1")]));
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["alias", "full_name"]);
        // Meanwhile somebody wrote another photo.
        let mut now = answers(&[("full_name", "Contoh"), ("alias", "Adik"), ("photo", "F-2")]);
        go_on(&mut now, kept);
        assert!(now == answers(&[("full_name", "Contoh Baru"), ("photo", "F-2")]));
    }
}
