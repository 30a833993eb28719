//! `amanah audit who`: shows who saw a record, what of it, and why.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde_json::json;

use crate::{
    audit::{self, Fields, Sight},
    cli::{
        args::{RecordRef, Why},
        audit::{
            log,
            when::{When, local_time},
        },
        context::Context,
        error::CliResult,
        i18n::tr,
        record::find,
        work,
    },
    id::Id,
    vault::{Reason, Vault, VaultError},
};

/// Most names of fields of one class in a cell of a table.
const MAX_SHOWN: usize = 8;

/// The arguments of `amanah audit who`.
#[derive(Debug, Args)]
pub struct WhoArgs {
    /// The record: its id, the first 6 or more characters of it, or its code
    ///
    /// A code is looked for as everywhere, which needs your key and a purpose. For an id nothing is
    /// opened and no key is needed.
    #[arg(value_name = "RECORD")]
    pub record: RecordRef,
    /// When.
    #[command(flatten)]
    pub when: When,
    /// With the reasons that were given, where your groups can read them; needs your key and a purpose
    #[arg(long)]
    pub reasons: bool,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// What was found, and for whom it is told.
struct Answer {
    record: Id,
    sights: Vec<Sight>,
    reasons: BTreeMap<u64, Reason>,
    zone: String,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &WhoArgs, context: &Context) -> CliResult {
    let answer = match without_key(args, context)? {
        Some(answer) => answer,
        None => work::with_vault(context, |vault, actor| {
            let access = args.why.access();
            vault.require_purpose(access)?;
            let record = match by_id(vault, &args.record)? {
                Some(record) => record,
                None => find::record(vault, actor, access, &args.record)?,
            };
            let mut answer = ask(args, vault, record)?;
            if args.reasons {
                let entries: BTreeSet<u64> = answer.sights.iter().map(|sight| sight.entry).collect();
                answer.reasons = vault.read_reasons(actor, access, &entries)?;
            }
            Ok(answer)
        })?,
    };
    let Answer { record, sights, reasons, zone } = answer;
    if context.is_json() {
        let rows: Vec<_> = sights
            .iter()
            .map(|sight| {
                let mut row = json!(sight);
                add_reason(&mut row, reasons.get(&sight.entry));
                row
            })
            .collect();
        return Ok(context.terminal.json(&json!({ "record": record, "sights": rows }))?);
    }
    let mut header = vec![
        tr!("field-entry"),
        tr!("field-time"),
        tr!("field-actor"),
        tr!("field-action"),
        tr!("field-outcome"),
        tr!("field-purpose"),
        tr!("field-subjects"),
        tr!("field-fields"),
    ];
    if args.reasons {
        header.push(tr!("field-reason"));
    }
    let rows = sights.iter().map(|sight| {
        let mut row = vec![
            sight.entry.to_string(),
            local_time(sight.time, &zone),
            match &sight.opener {
                Some(opener) => tr!("who-opener", opener = opener, actor = &sight.actor),
                None => sight.actor.clone(),
            },
            sight.action.name().to_owned(),
            log::outcome(sight.outcome, sight.detail.as_deref()),
            sight.purpose.clone().unwrap_or_default(),
            records(sight, &record),
            fields(&sight.fields),
        ];
        if args.reasons {
            row.push(reasons.get(&sight.entry).map(reason_in_words).unwrap_or_default());
        }
        row
    });
    context.terminal.table(&header, rows)?;
    context.terminal.note(&tr!("who-next", count = sights.len()));
    Ok(())
}

/// A reason, or that it is sealed.
pub fn reason_in_words(reason: &Reason) -> String {
    match reason {
        Reason::Told(words) => words.clone(),
        Reason::Sealed => tr!("reason-sealed"),
    }
}

/// The same, for programs.
pub fn add_reason(row: &mut serde_json::Value, reason: Option<&Reason>) {
    match reason {
        Some(Reason::Told(words)) => row["reason"] = json!(words),
        Some(Reason::Sealed) => row["reason_sealed"] = json!(true),
        None => {}
    }
}

/// What can be answered from the ledger alone.
fn without_key(args: &WhoArgs, context: &Context) -> CliResult<Option<Answer>> {
    if args.reasons {
        return Ok(None);
    }
    let vault = work::open(context, context.vault()?)?;
    let answer =
        by_id(&vault, &args.record).and_then(|record| record.map(|record| ask(args, &vault, record)).transpose());
    vault.leave()?;
    answer
}

/// A record named by its id or the beginning of it, also one that was erased: the ledger still speaks of
/// it. `None` for what can be a code.
///
/// # Errors
/// A whole id that no record has had: nothing would be found, and that would tell nothing.
pub fn by_id(vault: &Vault, named: &RecordRef) -> CliResult<Option<Id>> {
    match vault.resolve(&named.0) {
        Ok(id) => Ok(Some(id)),
        Err(VaultError::WasErased { record, .. }) => Ok(record.parse().ok()),
        Err(error) if named.0.trim().to_ascii_lowercase().parse::<Id>().is_ok() => Err(error.into()),
        Err(_) => Ok(None),
    }
}

fn ask(args: &WhoArgs, vault: &Vault, record: Id) -> CliResult<Answer> {
    let records = vault.with_all_below(&record)?;
    let sights = audit::sights(vault.entries()?, &records, args.when.span(vault.charter())?)?;
    Ok(Answer { record, sights, reasons: BTreeMap::new(), zone: vault.charter().time_zone().to_owned() })
}

/// The records of a sight that are not the one asked about, and its kind.
fn records(sight: &Sight, asked: &Id) -> String {
    match &sight.records[..] {
        [one] if one == asked => sight.kind.clone(),
        [one] => format!("{} {one}", sight.kind),
        many => format!("{} ({})", sight.kind, many.len()),
    }
}

/// Classes with their fields, a class on a line.
pub fn fields(fields: &Fields) -> String {
    let line = |(class, names): (&String, &Vec<String>)| match names.get(..MAX_SHOWN) {
        Some(first) if names.len() > MAX_SHOWN => format!("{class}: {} ... ({})", first.join(" "), names.len()),
        _ => format!("{class}: {}", names.join(" ")),
    };
    fields.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The same, with all names.
pub fn all_fields(fields: &Fields) -> String {
    let line = |(class, names): (&String, &Vec<String>)| format!("{class}: {}", names.join(" "));
    fields.iter().map(line).collect::<Vec<_>>().join("\n")
}
