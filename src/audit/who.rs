//! Who had to do with a record: who saw it, wrote it, or was refused it.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use serde::Serialize;

use super::{Fields, Span, opener};
use crate::{
    id::Id,
    ledger::{Action, Entry, Outcome, Subject},
};

/// Longest chain of owners.
const MAX_DEPTH: usize = 64;

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

/// Records that are asked about, with those that belonged to one of them, down to the last, when an
/// entry was made. The ledger tells that also of what was erased or moved to another record since.
pub struct Kin<'a> {
    asked: &'a BTreeSet<Id>,
    /// To which record each belongs, by what was written so far.
    owners: HashMap<Id, Id>,
}

impl<'a> Kin<'a> {
    /// Of these records. All entries have to be shown to it, from the first one on.
    pub fn of(asked: &'a BTreeSet<Id>) -> Kin<'a> {
        Kin { asked, owners: HashMap::new() }
    }

    /// Takes in what the next entry says of owners. Only those that write do: others can speak of an
    /// older version.
    pub fn learn(&mut self, entry: &Entry) {
        if !entry.action.writes() || entry.outcome != Outcome::Ok {
            return;
        }
        for subject in &entry.subjects {
            for (at, record) in subject.records.iter().enumerate() {
                match owner(subject, at) {
                    Some(owner) => self.owners.insert(*record, owner),
                    None => self.owners.remove(record),
                };
            }
        }
    }

    /// Those of a subject's records that are meant.
    pub fn named(&self, subject: &Subject) -> Vec<Id> {
        let meant = |(at, record): &(usize, &Id)| {
            let above = owner(subject, *at).or_else(|| self.owners.get(record).copied());
            self.asked.contains(record) || above.is_some_and(|above| self.below(above))
        };
        subject.records.iter().enumerate().filter(meant).map(|(_, id)| *id).collect()
    }

    /// Whether a record is one that is asked about, or belongs to one.
    fn below(&self, record: Id) -> bool {
        let chain = std::iter::successors(Some(record), |record| self.owners.get(record).copied());
        chain.take(MAX_DEPTH).any(|record| self.asked.contains(&record))
    }
}

/// The record that one of a subject's records belongs to.
fn owner(subject: &Subject, at: usize) -> Option<Id> {
    subject.of.get(at).and_then(|of| of.0)
}

/// What the entries of a stretch of time say of these records, and of those that belong to one of
/// them: a row for each entry and version. `entries` are all, from the first one on.
///
/// # Errors
/// Whatever reading the entries gives.
pub fn sights<E>(
    entries: impl IntoIterator<Item = Result<Entry, E>>,
    records: &BTreeSet<Id>,
    span: Span,
) -> Result<Vec<Sight>, E> {
    let (mut out, mut kin) = (Vec::new(), Kin::of(records));
    for entry in entries {
        let entry = entry?;
        kin.learn(&entry);
        if !span.has(entry.time) {
            continue;
        }
        for subject in &entry.subjects {
            let named = kin.named(subject);
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

    #[test]
    fn what_belonged_to_it_when_the_entry_was_made() {
        let mut told = Told::default();
        let (siti, time) = ("handayani/siti", "2026-11-24T01:00:00Z");
        let mut say = |action, kind, record, of| {
            told.say(time, siti, action, Outcome::Ok, vec![subject(kind, "identity", "x", &[record], of)]);
        };
        // A child of one family, then of another; and a note of the child. Nothing of them is asked about
        // by its id: all of it may be erased.
        say(Action::RecordCreate, "child", 5, Some(1));
        say(Action::RecordCreate, "note", 9, Some(5));
        say(Action::RecordRead, "note", 9, Some(5));
        say(Action::RecordErase, "note", 9, Some(5));
        say(Action::RecordLink, "child", 5, Some(2));
        say(Action::RecordRead, "note", 9, Some(5));
        let of = |family: u8| -> Vec<u64> {
            let all = sights(told.read(), &BTreeSet::from([Id([family; 16])]), Span::default()).unwrap();
            all.iter().map(|sight| sight.entry).collect()
        };
        assert_eq!(of(1), [0, 1, 2, 3]);
        assert_eq!(of(2), [4, 5]);
    }
}
