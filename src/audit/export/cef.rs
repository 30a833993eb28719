//! Common Event Format, version 0: an event for each kind and version of records of an entry, and
//! one for an entry that names none. A custom string takes 4,000 characters, so that more records
//! than fit make more events.

use super::{Disclosed, Origin, done};
use crate::ledger::Subject;

/// Longest custom string.
const MAX_STRING: usize = 4_000;

/// Records in one event: 27 characters each.
const MAX_RECORDS: usize = 140;

pub(super) fn events(entry: &Disclosed, origin: &Origin<'_>) -> (Vec<u8>, u64) {
    let mut out = Vec::new();
    let mut count = 0;
    let mut add = |subject: Option<&Subject>, part: usize| {
        out.extend(event(entry, origin, subject, part).into_bytes());
        out.push(b'\n');
        count += 1;
    };
    for subject in &entry.subjects {
        for part in 0..subject.records.len().div_ceil(MAX_RECORDS).max(1) {
            add(Some(subject), part);
        }
    }
    if entry.subjects.is_empty() {
        add(None, 0);
    }
    (out, count)
}

fn event(entry: &Disclosed, origin: &Origin<'_>, subject: Option<&Subject>, part: usize) -> String {
    let severity = match entry.action.name() {
        "glass.break" => "8",
        _ if done(entry) => "2",
        _ => "5",
    };
    let name = format!("{} {}", entry.action.name(), entry.outcome.name());
    let head = ["CEF:0", "Amanah", "Amanah", origin.version, entry.action.name(), &name, severity];
    let head = head.iter().map(|field| in_head(field)).collect::<Vec<_>>().join("|");
    let mut extension = vec![
        ("rt", entry.time.as_millisecond().to_string()),
        ("externalId", entry.seq.to_string()),
        ("act", entry.action.name().to_owned()),
        ("outcome", if done(entry) { "success" } else { "failure" }.to_owned()),
        ("suser", entry.doer().to_owned()),
        ("suid", entry.doer().to_owned()),
        ("sntdom", entry.body().to_owned()),
    ];
    if let Some(group) = entry.doers_group() {
        extension.push(("spriv", group.to_owned()));
    }
    extension.extend([
        ("deviceExternalId", origin.vault.to_string()),
        ("cs5Label", "name".to_owned()),
        ("cs5", origin.name.to_owned()),
    ]);
    if let Some(by) = entry.admitted_by() {
        extension.extend([("flexString1Label", "admittedBy".to_owned()), ("flexString1", by.to_owned())]);
    }
    if let Some(detail) = &entry.detail {
        extension.push(("reason", detail.clone()));
    }
    if let Some(purpose) = &entry.purpose {
        extension.extend([("cs1Label", "purpose".to_owned()), ("cs1", purpose.clone())]);
    }
    extension.extend([
        ("cn1Label", "charter".to_owned()),
        ("cn1", entry.charter.to_string()),
        ("cs6Label", "leaf".to_owned()),
        ("cs6", entry.leaf.clone()),
    ]);
    if let Some(subject) = subject {
        let records = subject.records.iter().skip(part * MAX_RECORDS).take(MAX_RECORDS);
        let records = records.map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let named = |(class, fields): (&String, &Vec<String>)| format!("{class}:{}", fields.join(","));
        let counted = |(class, fields): (&String, &Vec<String>)| format!("{class}:{}", fields.len());
        let mut fields = subject.fields.iter().map(named).collect::<Vec<_>>().join(" ");
        if fields.len() > MAX_STRING {
            fields = subject.fields.iter().map(counted).collect::<Vec<_>>().join(" ");
        }
        extension.extend([
            ("cs2Label", "kind".to_owned()),
            ("cs2", subject.kind.clone()),
            ("cn2Label", "version".to_owned()),
            ("cn2", subject.version.to_string()),
        ]);
        if !fields.is_empty() {
            extension.extend([("cs3Label", "fields".to_owned()), ("cs3", fields)]);
        }
        if !records.is_empty() {
            extension.extend([("cs4Label", "records".to_owned()), ("cs4", records)]);
        }
    }
    let extension = extension.iter().map(|(key, value)| format!("{key}={}", in_extension(value)));
    format!("{head}|{}", extension.collect::<Vec<_>>().join(" "))
}

/// In the head, `|` and `\` are escaped, and there are no line breaks.
pub(super) fn in_head(field: &str) -> String {
    field.replace('\\', "\\\\").replace('|', "\\|").replace(['\r', '\n'], " ")
}

/// In the extension, `=` and `\` are escaped, and line breaks written as `\n` and `\r`.
pub(super) fn in_extension(value: &str) -> String {
    value.replace('\\', "\\\\").replace('=', "\\=").replace('\n', "\\n").replace('\r', "\\r")
}
