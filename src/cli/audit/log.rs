//! `amanah audit log`: shows who did what, and when.

use std::collections::{BTreeMap, VecDeque};

use clap::Args;
use serde_json::json;

use crate::{
    audit::{Kin, opener},
    cli::{
        args::{RecordRef, Why},
        audit::{member::known, when::When, who},
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        work,
    },
    id::Id,
    ledger::{Action, Entry, Outcome},
    vault::Vault,
};

pub use crate::cli::audit::when::local_time;

/// The arguments of `amanah audit log`.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// When.
    #[command(flatten)]
    pub when: When,
    /// Only what this member did
    #[arg(long, value_name = "MEMBER")]
    pub member: Option<String>,
    /// Only this action, as in record.read
    #[arg(long, value_name = "ACTION")]
    pub action: Option<String>,
    /// Only what concerns this record: its id, or the first 6 or more characters of it
    #[arg(long, value_name = "RECORD")]
    pub record: Option<RecordRef>,
    /// Only the newest so many
    #[arg(short = 'n', long, value_name = "NUMBER")]
    pub limit: Option<usize>,
    /// With the reasons that were given, where your groups can read them; needs your key and a purpose
    #[arg(long)]
    pub reasons: bool,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &LogArgs, context: &Context) -> CliResult {
    let look = |vault: &Vault| -> CliResult<_> {
        let (entries, count) = first(list(args, vault)?, vault.unacknowledged()?);
        Ok((entries, count, vault.charter().time_zone().to_owned()))
    };
    let ((entries, count, zone), reasons) = if args.reasons {
        work::with_vault(context, |vault, actor| {
            vault.require_purpose(args.why.access())?;
            let found = look(vault)?;
            let sequences = found.0.iter().map(|entry| entry.seq).collect();
            let reasons = vault.read_reasons(actor, args.why.access(), &sequences)?;
            Ok((found, reasons))
        })?
    } else {
        let vault = work::open(context, context.vault()?)?;
        let found = look(&vault);
        vault.leave()?;
        (found?, BTreeMap::new())
    };
    if count > 0 {
        context.terminal.warn(&tr!("glass-first", count = count));
    }
    if context.is_json() {
        let rows: Vec<_> = entries
            .iter()
            .map(|entry| {
                let mut row = json!(entry);
                who::add_reason(&mut row, reasons.get(&entry.seq));
                row
            })
            .collect();
        return Ok(context.terminal.json(&rows)?);
    }
    let mut header = header();
    if args.reasons {
        header.push(tr!("field-reason"));
    }
    let rows = entries.iter().map(|entry| {
        let mut row = row(entry, &zone);
        if args.reasons {
            row.push(reasons.get(&entry.seq).map(who::reason_in_words).unwrap_or_default());
        }
        row
    });
    Ok(context.terminal.table(&header, rows)?)
}

/// The entries with those of an emergency first that nobody has acknowledged, whatever was asked
/// for; and how many these are.
fn first(entries: VecDeque<Entry>, broken: Vec<Entry>) -> (VecDeque<Entry>, usize) {
    let count = broken.len();
    let others = entries.into_iter().filter(|entry| !broken.iter().any(|first| first.seq == entry.seq));
    let others: Vec<Entry> = others.collect();
    (broken.into_iter().chain(others).collect(), count)
}

/// The heading of a table of entries.
pub fn header() -> Vec<String> {
    vec![
        tr!("field-entry"),
        tr!("field-time"),
        tr!("field-actor"),
        tr!("field-action"),
        tr!("field-outcome"),
        tr!("field-purpose"),
        tr!("field-subjects"),
    ]
}

fn list(args: &LogArgs, vault: &Vault) -> CliResult<VecDeque<Entry>> {
    let span = args.when.span(vault.charter())?;
    let named = |named: &RecordRef| match who::by_id(vault, named)? {
        Some(record) => Ok(record),
        // A code: for that a key is needed, and nothing is opened here.
        None => CliResult::Ok(vault.resolve(&named.0)?),
    };
    let record = args.record.as_ref().map(named).transpose()?;
    if let Some(member) = &args.member {
        known(vault, member)?;
    }
    let action = args.action.as_ref().map(|name| action_of(name)).transpose()?;
    let below = record.map(|record| vault.with_all_below(&record)).transpose()?;
    let mut kin = below.as_ref().map(Kin::of);
    let wanted = |entry: &Entry, kin: Option<&Kin<'_>>| {
        span.has(entry.time)
            && args.member.as_ref().is_none_or(|member| entry.actor == *member || opener(entry) == Some(member))
            && action.is_none_or(|action| entry.action == action)
            && kin.is_none_or(|kin| entry.subjects.iter().any(|subject| !kin.named(subject).is_empty()))
    };
    let mut out = VecDeque::new();
    for entry in vault.entries()? {
        let entry = entry?;
        if let Some(kin) = &mut kin {
            kin.learn(&entry);
        }
        if wanted(&entry, kin.as_ref()) {
            out.push_back(entry);
            if out.len() > args.limit.unwrap_or(usize::MAX) {
                out.pop_front();
            }
        }
    }
    Ok(out)
}

fn action_of(name: &str) -> Result<Action, CliError> {
    let found = Action::ALL.iter().find(|action| action.name() == name);
    found.copied().ok_or_else(|| CliError::InvalidChoice {
        argument: "--action".to_owned(),
        value: name.to_owned(),
        allowed: Action::ALL.iter().map(|action| action.name()).collect::<Vec<_>>().join(", "),
        command: "amanah audit log".to_owned(),
    })
}

/// How it ended, in words, and the code of what happened.
pub fn outcome(outcome: Outcome, detail: Option<&str>) -> String {
    let ended = match outcome {
        Outcome::Ok => tr!("outcome-ok"),
        Outcome::Refused => tr!("outcome-refused"),
        Outcome::Failed => tr!("outcome-failed"),
    };
    detail.map_or_else(|| ended.clone(), |detail| format!("{ended} ({detail})"))
}

/// An entry as a row of a table.
pub fn row(entry: &Entry, zone: &str) -> Vec<String> {
    let subjects = entry.subjects.iter().map(|subject| {
        let records = match &subject.records[..] {
            few if few.len() <= 3 => few.iter().map(Id::to_string).collect::<Vec<_>>().join(" "),
            many => format!("{} ... ({})", many[0], many.len()),
        };
        let classes = subject.fields.keys().cloned().collect::<Vec<_>>().join(", ");
        let classes = if classes.is_empty() { classes } else { format!(" [{classes}]") };
        format!("{} {records}{classes}", subject.kind)
    });
    vec![
        entry.seq.to_string(),
        local_time(entry.time, zone),
        entry.actor.clone(),
        entry.action.name().to_owned(),
        outcome(entry.outcome, entry.detail.as_deref()),
        entry.purpose.clone().unwrap_or_default(),
        subjects.collect::<Vec<_>>().join("\n"),
    ]
}
