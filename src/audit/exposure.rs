//! After a stolen laptop: what a member's keys could have opened, and what they did open.
//!
//! The ledger says which fields were written when, under which charter; the charters say who held
//! which key. An envelope opens to a member if, by the charter it was sealed under, the groups whose
//! keys they have held suffice, by themselves or with those that have released it to them; whoever has
//! their keys does not wait for an emergency to use the quorum that is kept for one. A key of a later
//! epoch counts too: what was sealed before may have been handed on to it. What was once wrapped to a
//! member stays open to who copied it, so also the keys of groups that they have left since count, for
//! all that was sealed while they had them, and releases whose day is over; and all that was ever
//! opened to them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    Nature, Span, add_class,
    member::{self, Opened},
    opened_to,
};
use crate::{
    custody::{Charter, release::Released},
    id::Id,
    ledger::{Action, Entry, Outcome},
};

/// What lay open to a member, and what they opened, kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exposure {
    /// The member.
    pub member: String,
    /// The groups whose keys they have held.
    pub groups: BTreeSet<String>,
    /// By record, the fields that they could have opened.
    #[serde(skip)]
    pub could: BTreeMap<Id, Opened>,
    /// By record, the fields that were opened to them in the stretch of time.
    #[serde(skip)]
    pub did: BTreeMap<Id, Opened>,
}

/// The keys that a member has held: the epochs of each group, the highest of them last.
struct Held(BTreeMap<String, BTreeSet<u64>>);

impl Held {
    fn by(member: &str, charters: &[&Charter]) -> Held {
        let mut held: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        for charter in charters {
            for group in charter.groups_of(member).filter_map(|group| charter.group(group)) {
                held.entry(group.id.clone()).or_default().insert(group.epoch);
            }
        }
        Held(held)
    }

    /// The groups whose shares of what was sealed under a charter open to these keys.
    fn of(&self, charter: &Charter) -> Vec<String> {
        let reaches = |group: &str, epoch: u64| {
            self.0.get(group).and_then(BTreeSet::last).is_some_and(|highest| *highest >= epoch)
        };
        let groups = charter.groups().iter().filter(|group| reaches(&group.id, group.epoch));
        groups.map(|group| group.id.clone()).collect()
    }
}

/// What a member's keys could have opened and did open. `span` is of what was done; what could have
/// been opened is all that was not erased before it began, and was written before it ended.
/// `released` is what others have released to the member: it stands in payloads, and the vault knows
/// it.
///
/// # Errors
/// Whatever reading the entries gives.
pub fn exposure<E>(
    entries: impl IntoIterator<Item = Result<Entry, E>>,
    charters: &[&Charter],
    member: &str,
    released: &Released,
    span: Span,
) -> Result<Exposure, E> {
    let held = Held::by(member, charters);
    let by_version: BTreeMap<u64, Reach<'_>> = charters
        .iter()
        .map(|charter| {
            let groups = held.of(charter);
            let open = charter.classes().iter().filter(|class| opens(charter, &class.id, &groups));
            let open = open.map(|class| class.id.as_str()).collect();
            (charter.version(), Reach { charter, groups, open })
        })
        .collect();
    let groups = held.0.keys().cloned().collect();
    let mut out = Exposure { member: member.to_owned(), groups, could: BTreeMap::new(), did: BTreeMap::new() };
    for entry in entries {
        let entry = entry?;
        if span.until.is_some_and(|until| entry.time >= until) {
            continue;
        }
        if opened_to(&entry) == Some(member) {
            member::open(&mut out.could, &entry);
            if span.has(entry.time) {
                member::open(&mut out.did, &entry);
            }
        }
        if entry.outcome != Outcome::Ok {
            continue;
        }
        match Nature::of(entry.action) {
            Nature::Written => {
                if let Some(reach) = by_version.get(&entry.charter) {
                    written(&mut out.could, &entry, reach, released);
                }
            }
            _ if erases(entry.action) && span.since.is_some_and(|since| entry.time < since) => {
                for record in entry.subjects.iter().flat_map(|subject| &subject.records) {
                    out.could.remove(record);
                }
            }
            _ => {}
        }
    }
    Ok(out)
}

fn erases(action: Action) -> bool {
    action.name() == "record.erase"
}

/// How far a member's keys reach into what was sealed under one charter.
struct Reach<'a> {
    charter: &'a Charter,
    groups: Vec<String>,
    /// The classes that open without anybody else.
    open: BTreeSet<&'a str>,
}

impl Reach<'_> {
    /// Whether a class opens where these groups have released their shares of it.
    fn opens_with(&self, class: &str, others: &BTreeSet<String>) -> bool {
        let together: Vec<String> = self.groups.iter().chain(others).cloned().collect();
        opens(self.charter, class, &together)
    }
}

/// Whether the keys of these groups open a class, in an emergency or without one.
fn opens(charter: &Charter, class: &str, groups: &[String]) -> bool {
    charter.openable_alone(class, groups) || charter.opens_in_emergency(class, groups)
}

/// Adds what was written in classes that lie open.
fn written(could: &mut BTreeMap<Id, Opened>, entry: &Entry, reach: &Reach<'_>, released: &Released) {
    for subject in &entry.subjects {
        for record in &subject.records {
            let lies_open = |class: &String| {
                let others = || released.get(&(*record, subject.version, class.clone()));
                reach.open.contains(class.as_str()) || others().is_some_and(|others| reach.opens_with(class, others))
            };
            let mut open = subject.fields.iter().filter(|(class, _)| lies_open(class)).peekable();
            if open.peek().is_none() {
                continue;
            }
            let own = could.entry(*record).or_default();
            own.kind.clone_from(&subject.kind);
            own.times += 1;
            for (class, fields) in open {
                add_class(&mut own.fields, class, fields);
            }
        }
    }
}
