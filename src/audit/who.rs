//! Who had to do with a record: who saw it, wrote it, or was refused it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::{Fields, Span, opener, within};
use crate::{
    id::Id,
    ledger::{Action, Entry, Outcome},
};

/// What one entry says of the records that were asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sight {
    /// The entry.
    pub entry: u64,
    /// When.
    pub time: Timestamp,
    /// Who.
    pub actor: String,
    /// Who had opened it without the centre, where the one who acted took in a statement of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opener: Option<String>,
    /// In whose right.
    pub group: String,
    /// What was done.
    pub action: Action,
    /// How it ended.
    pub outcome: Outcome,
    /// A short code of what happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What for.
    pub purpose: Option<String>,
    /// The records' kind.
    pub kind: String,
    /// Their version; 0 where none is meant.
    pub version: u64,
    /// The fields, by class; those that were refused, if it was refused.
    pub fields: Fields,
    /// Those of the records asked about that the entry names.
    pub records: Vec<Id>,
}

/// What the entries of a stretch of time say of these records, and of those that belong to one of
/// them: a row for each entry and version.
///
/// # Errors
/// Whatever reading the entries gives.
pub fn sights<E>(
    entries: impl IntoIterator<Item = Result<Entry, E>>,
    records: &BTreeSet<Id>,
    span: Span,
) -> Result<Vec<Sight>, E> {
    let mut out = Vec::new();
    for entry in within(entries, span) {
        let entry = entry?;
        for subject in &entry.subjects {
            let owned = |at: usize| subject.of.get(at).and_then(|of| of.0).is_some_and(|of| records.contains(&of));
            let meant = |(at, record): &(usize, &Id)| records.contains(record) || owned(*at);
            let named: Vec<Id> = subject.records.iter().enumerate().filter(meant).map(|(_, id)| *id).collect();
            if named.is_empty() {
                continue;
            }
            out.push(Sight {
                entry: entry.seq,
                time: entry.time,
                actor: entry.actor.clone(),
                opener: opener(&entry).map(ToOwned::to_owned),
                group: entry.group.clone(),
                action: entry.action,
                outcome: entry.outcome,
                detail: entry.detail.clone(),
                purpose: entry.purpose.clone(),
                kind: subject.kind.clone(),
                version: subject.version,
                fields: subject.fields.clone(),
                records: named,
            });
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::tests::{Told, subject};

    #[test]
    fn a_record_and_what_belongs_to_it() {
        let mut told = Told::default();
        let (siti, budi) = ("handayani/siti", "handayani/budi");
        let time = |hour: u8| format!("2026-11-24T{hour:02}:00:00Z");
        told.say(
            &time(1),
            siti,
            Action::RecordList,
            Outcome::Ok,
            vec![subject("child", "identity", "nik", &[1, 2, 3], None)],
        );
        told.say(
            &time(2),
            budi,
            Action::RecordRead,
            Outcome::Refused,
            vec![subject("child", "sealed", "x", &[2], None)],
        );
        // A note of the child: once named under its owner, once under another.
        told.say(
            &time(3),
            budi,
            Action::RecordRead,
            Outcome::Ok,
            vec![subject("note", "sensitive", "text", &[9], Some(2))],
        );
        told.say(
            &time(4),
            budi,
            Action::RecordRead,
            Outcome::Ok,
            vec![subject("note", "sensitive", "text", &[8], Some(3))],
        );
        told.say(&time(5), siti, Action::VaultCreate, Outcome::Ok, Vec::new());
        let asked = BTreeSet::from([Id([2; 16])]);
        let all = sights(told.read(), &asked, Span::default()).unwrap();
        let rows: Vec<_> = all.iter().map(|sight| (sight.entry, sight.records[0].0[0], sight.outcome)).collect();
        assert_eq!(rows, [(0, 2, Outcome::Ok), (1, 2, Outcome::Refused), (2, 9, Outcome::Ok)]);
        assert!(all.iter().all(|sight| sight.records.len() == 1));
        let since = Span { since: Some(time(2).parse().unwrap()), until: Some(time(3).parse().unwrap()) };
        assert_eq!(sights(told.read(), &asked, since).unwrap(), all[1..2]);
    }
}
