//! What a member did: their entries, and what these opened to them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Fields, Span, add_fields, opened_to, within};
use crate::{
    id::Id,
    ledger::{Entry, Outcome},
};

/// What a member did in a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doings {
    /// The member.
    pub member: String,
    /// Their entries, and those that took in what they had opened without the centre, oldest first.
    pub entries: Vec<Entry>,
    /// What was opened to them, by record.
    #[serde(skip)]
    pub opened: BTreeMap<Id, Opened>,
    /// How many of the entries are refusals.
    pub refused: usize,
}

/// What was opened of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Opened {
    /// The record's kind.
    pub kind: String,
    /// The fields, by class.
    pub fields: Fields,
    /// How many entries opened it.
    pub times: usize,
}

/// How much of a class was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// In how many records.
    pub records: usize,
    /// Which fields, as `kind.field`.
    pub fields: BTreeSet<String>,
}

/// What a member did in a stretch of time.
///
/// # Errors
/// Whatever reading the entries gives.
pub fn doings<E>(entries: impl IntoIterator<Item = Result<Entry, E>>, member: &str, span: Span) -> Result<Doings, E> {
    let mut out = Doings { member: member.to_owned(), entries: Vec::new(), opened: BTreeMap::new(), refused: 0 };
    for entry in within(entries, span) {
        let entry = entry?;
        let opened = opened_to(&entry) == Some(member);
        if entry.actor != member && !opened {
            continue;
        }
        out.refused += usize::from(entry.outcome == Outcome::Refused);
        if opened {
            open(&mut out.opened, &entry);
        }
        out.entries.push(entry);
    }
    Ok(out)
}

/// Adds what an entry opened.
pub(super) fn open(opened: &mut BTreeMap<Id, Opened>, entry: &Entry) {
    for subject in entry.subjects.iter().filter(|subject| !subject.fields.is_empty()) {
        for record in &subject.records {
            let own = opened.entry(*record).or_default();
            own.kind.clone_from(&subject.kind);
            own.times += 1;
            add_fields(&mut own.fields, &subject.fields);
        }
    }
}

/// How much of each class these records come to.
pub fn by_class<'a>(opened: impl IntoIterator<Item = &'a Opened>) -> BTreeMap<String, Sum> {
    let mut out: BTreeMap<String, Sum> = BTreeMap::new();
    for one in opened {
        for (class, fields) in &one.fields {
            let sum = out.entry(class.clone()).or_default();
            sum.records += 1;
            for field in fields {
                let named = format!("{}.{field}", one.kind);
                if !sum.fields.contains(&named) {
                    sum.fields.insert(named);
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        audit::tests::{Told, subject},
        ledger::Action,
    };

    #[test]
    fn what_was_opened_is_told_once_for_each_record() {
        let mut told = Told::default();
        let budi = "handayani/budi";
        let time = "2026-11-24T01:00:00Z";
        let child = |field, records: &[u8]| vec![subject("child", "identity", field, records, None)];
        told.say(time, budi, Action::RecordList, Outcome::Ok, child("nik", &[1, 2]));
        told.say(time, budi, Action::RecordRead, Outcome::Ok, child("full_name", &[2]));
        told.say(time, budi, Action::RecordRead, Outcome::Failed, child("alias", &[3]));
        told.say(time, budi, Action::RecordRead, Outcome::Refused, child("alias", &[4]));
        told.say(time, budi, Action::RecordUpdate, Outcome::Ok, child("alias", &[5]));
        told.say(time, "handayani/siti", Action::RecordRead, Outcome::Ok, child("alias", &[6]));
        let doings = doings(told.read(), budi, Span::default()).unwrap();
        assert_eq!((doings.entries.len(), doings.refused), (5, 1));
        let opened: Vec<_> = doings.opened.iter().map(|(id, one)| (id.0[0], one.times)).collect();
        assert_eq!(opened, [(1, 1), (2, 2), (3, 1)]);
        let sum = &by_class(doings.opened.values())["identity"];
        assert_eq!(sum.records, 3);
        let fields: Vec<_> = sum.fields.iter().map(String::as_str).collect();
        assert_eq!(fields, ["child.alias", "child.full_name", "child.nik"]);
    }
}
