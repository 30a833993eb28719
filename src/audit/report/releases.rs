//! What went from one institution to another: asked for, answered, opened, and how long that took.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::{
    id::Id,
    ledger::{Entry, Outcome},
};

/// A request, as the vault knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What it is called.
    pub request: Id,
    /// Who asked.
    pub asker: String,
    /// What for.
    pub purpose: String,
    /// For which classes.
    pub classes: Vec<String>,
    /// For which records.
    pub records: BTreeSet<Id>,
    /// When it was made.
    pub made: Timestamp,
    /// The releases that answer it.
    pub given: Vec<Given>,
    /// Who has denied it.
    pub denied: Vec<String>,
    /// Whether it was taken back.
    pub withdrawn: bool,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Given {
    /// In the name of which group.
    pub group: String,
    /// When.
    pub time: Timestamp,
}

/// A `release.open` of the ledger that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    time: Timestamp,
    actor: String,
    records: BTreeSet<Id>,
}

impl Opening {
    /// What an entry says, if it is one.
    pub fn of(entry: &Entry) -> Option<Opening> {
        let is_one = entry.action.name() == "release.open" && entry.outcome == Outcome::Ok;
        is_one.then(|| Opening {
            time: entry.time,
            actor: entry.actor.clone(),
            records: entry.subjects.iter().flat_map(|subject| subject.records.iter().copied()).collect(),
        })
    }
}

/// A request with what became of it, and how long that took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Release {
    /// The request.
    pub request: Id,
    /// Who asked.
    pub asker: String,
    /// What for.
    pub purpose: String,
    /// For which classes.
    pub classes: Vec<String>,
    /// For how many records.
    pub records: usize,
    /// When it was made.
    pub made: Timestamp,
    /// The releases, oldest first.
    pub given: Vec<Given>,
    /// Who has denied it.
    pub denied: Vec<String>,
    /// Whether it was taken back.
    pub withdrawn: bool,
    /// When it was opened first.
    pub opened: Option<Timestamp>,
    /// From the request to the last release, in seconds.
    pub answer_seconds: Option<i64>,
    /// From the last release to the first opening, in seconds.
    pub opening_seconds: Option<i64>,
}

/// Puts requests and openings together, the newest request first.
///
/// An entry `release.open` does not name its request: it belongs to the newest request of the same
/// member that was answered by then and asked for all the records it names.
pub fn releases(asked: Vec<Asked>, openings: &[Opening]) -> Vec<Release> {
    let mut asked = asked;
    asked.sort_by_key(|one| std::cmp::Reverse(one.made));
    let mut opened: Vec<Option<Timestamp>> = vec![None; asked.len()];
    for opening in openings {
        let fits = |one: &Asked| {
            one.asker == opening.actor
                && one.given.iter().any(|given| given.time <= opening.time)
                && opening.records.is_subset(&one.records)
        };
        if let Some(at) = asked.iter().position(fits) {
            opened[at].get_or_insert(opening.time);
        }
    }
    let seconds = |from: Timestamp, to: Timestamp| to.duration_since(from).max(SignedDuration::ZERO).as_secs();
    let one = |(one, opened): (Asked, Option<Timestamp>)| {
        let mut given = one.given;
        given.sort_by_key(|given| given.time);
        let last = given.last().map(|given| given.time);
        Release {
            answer_seconds: last.map(|last| seconds(one.made, last)),
            opening_seconds: last.zip(opened).map(|(last, opened)| seconds(last, opened)),
            request: one.request,
            asker: one.asker,
            purpose: one.purpose,
            classes: one.classes,
            records: one.records.len(),
            made: one.made,
            given,
            denied: one.denied,
            withdrawn: one.withdrawn,
            opened,
        }
    };
    asked.into_iter().zip(opened).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i8) -> Timestamp {
        jiff::tz::TimeZone::UTC.to_timestamp(jiff::civil::date(2026, 11, 24).at(hour, 0, 0, 0)).unwrap()
    }

    fn ids(numbers: &[u8]) -> BTreeSet<Id> {
        numbers.iter().map(|number| Id([*number; 16])).collect()
    }

    fn asked(number: u8, hour: i8, records: &[u8], given: &[i8]) -> Asked {
        Asked {
            request: Id([number; 16]),
            asker: "kpai/ani".into(),
            purpose: "oversight".into(),
            classes: vec!["sealed".into()],
            records: ids(records),
            made: at(hour),
            given: given.iter().map(|hour| Given { group: "handayani/head".into(), time: at(*hour) }).collect(),
            denied: Vec::new(),
            withdrawn: false,
        }
    }

    #[test]
    fn an_opening_belongs_to_the_newest_request_that_asked_for_it_all() {
        let opening =
            |hour, actor: &str, records: &[u8]| Opening { time: at(hour), actor: actor.into(), records: ids(records) };
        let all = vec![asked(1, 1, &[1, 2], &[3, 2]), asked(2, 4, &[1], &[5]), asked(3, 9, &[1, 2], &[])];
        let openings = [
            opening(6, "kpai/ani", &[1]),
            opening(7, "kpai/ani", &[1, 2]),
            opening(8, "kpai/ani", &[1, 2]),
            opening(8, "ombudsman/yusuf", &[1]),
        ];
        let found = releases(all, &openings);
        let told: Vec<_> =
            found.iter().map(|one| (one.request.0[0], one.answer_seconds, one.opening_seconds, one.opened)).collect();
        assert_eq!(
            told,
            [
                (3, None, None, None),
                (2, Some(3600), Some(3600), Some(at(6))),
                (1, Some(7200), Some(4 * 3600), Some(at(7))),
            ]
        );
        assert_eq!(found[2].given[0].time, at(2));
    }
}
