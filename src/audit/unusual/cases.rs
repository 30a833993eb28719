//! Whose case is whose, as far as the ledger says: a case is a record with everything that belongs
//! to the same record at the top, and it is a member's own when they have written in it lately.

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use crate::{
    audit::Nature,
    id::Id,
    ledger::{Entry, Outcome},
};

/// Longest chain of owners.
const MAX_DEPTH: usize = 64;

/// What the ledger has told of cases so far.
#[derive(Default)]
pub(super) struct Cases {
    owners: HashMap<Id, Id>,
    /// When a member last wrote in a case, by the record at its top as it was then.
    wrote: HashMap<String, HashMap<Id, Timestamp>>,
}

impl Cases {
    /// Takes in what an entry says of owners, and of who writes where.
    pub fn learn(&mut self, entry: &Entry) {
        if entry.outcome != Outcome::Ok {
            return;
        }
        let writes = Nature::of(entry.action) == Nature::Written || entry.action.name() == "record.link";
        for subject in &entry.subjects {
            for (record, owner) in subject.records.iter().zip(&subject.of) {
                if let Some(owner) = owner.0 {
                    self.owners.insert(*record, owner);
                }
            }
            // Who takes in a register is not the one who works on all its cases.
            if writes && entry.action.name() != "record.import" {
                for record in &subject.records {
                    let top = self.top(record);
                    self.wrote.entry(entry.actor.clone()).or_default().insert(top, entry.time);
                }
            }
        }
    }

    /// The cases that an entry opened in which its actor has not written for so many days. None if
    /// the actor has written nowhere: who only reads has no cases.
    pub fn foreign(&self, entry: &Entry, days: u32) -> BTreeSet<Id> {
        let length = SignedDuration::from_hours(i64::from(days) * 24);
        let lately = |time: &Timestamp| entry.time.duration_since(*time) <= length;
        let Some(wrote) = self.wrote.get(&entry.actor) else { return BTreeSet::new() };
        if !wrote.values().any(lately) {
            return BTreeSet::new();
        }
        // The top may have got an owner since.
        let own: BTreeSet<Id> = wrote.iter().filter(|(_, time)| lately(time)).map(|(top, _)| self.top(top)).collect();
        let records = entry.subjects.iter().flat_map(|subject| &subject.records);
        records.map(|record| self.top(record)).filter(|top| !own.contains(top)).collect()
    }

    fn top(&self, record: &Id) -> Id {
        let mut at = *record;
        for _ in 0..MAX_DEPTH {
            match self.owners.get(&at) {
                Some(owner) => at = *owner,
                None => break,
            }
        }
        at
    }
}
