//! A table (RFC 4180): a row for each record of each entry, and one for an entry that names none.
//!
//! Spreadsheets take a cell that begins with one of `= + - @` for a formula and run it. No cell
//! begins so: an apostrophe is put before it, which spreadsheets take as "this is text".

use super::Disclosed;

const COLUMNS: [&str; 16] = [
    "seq", "time", "actor", "group", "action", "outcome", "detail", "purpose", "kind", "version", "record", "of",
    "classes", "fields", "charter", "leaf",
];

pub(super) fn head() -> Vec<u8> {
    row(&COLUMNS.map(ToOwned::to_owned))
}

pub(super) fn rows(entry: &Disclosed) -> (Vec<u8>, u64) {
    let (mut out, mut count) = (Vec::new(), 0);
    let mut add = |kind: &str, version: String, record: String, of: String, classes: String, fields: String| {
        out.extend(row(&[
            entry.seq.to_string(),
            format!("{:.6}", entry.time),
            entry.actor.clone(),
            entry.group.clone(),
            entry.action.name().to_owned(),
            entry.outcome.name().to_owned(),
            entry.detail.clone().unwrap_or_default(),
            entry.purpose.clone().unwrap_or_default(),
            kind.to_owned(),
            version,
            record,
            of,
            classes,
            fields,
            entry.charter.to_string(),
            entry.leaf_hash().map(|leaf| data_encoding::HEXLOWER.encode(&leaf)).unwrap_or_default(),
        ]));
        count += 1;
    };
    for subject in &entry.subjects {
        let classes = subject.fields.keys().cloned().collect::<Vec<_>>().join(" ");
        let named = |(class, fields): (&String, &Vec<String>)| {
            fields.iter().map(|field| format!("{class}.{field}")).collect::<Vec<_>>().join(" ")
        };
        let fields = subject.fields.iter().map(named).collect::<Vec<_>>().join(" ");
        let version = subject.version.to_string();
        for (at, record) in subject.records.iter().enumerate() {
            let of = subject.of.get(at).and_then(|of| of.0).map(|of| of.to_string()).unwrap_or_default();
            add(&subject.kind, version.clone(), record.to_string(), of, classes.clone(), fields.clone());
        }
        if subject.records.is_empty() {
            add(&subject.kind, version, String::new(), String::new(), classes, fields);
        }
    }
    if entry.subjects.is_empty() {
        let none = String::new;
        add("", none(), none(), none(), none(), none());
    }
    (out, count)
}

fn row(cells: &[String]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing into memory does not fail.
    let _ = writer.write_record(cells.iter().map(|cell| harmless(cell)));
    writer.into_inner().unwrap_or_default()
}

/// A cell that no spreadsheet takes for a formula.
pub(super) fn harmless(cell: &str) -> String {
    let begins = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    if cell.starts_with(begins) { format!("'{cell}") } else { cell.to_owned() }
}
