//! What a report counts: accesses over time, by purpose, by member and by class, and refusals. One
//! pass over the entries; no key, and no record's id in what comes out.
//!
//! | file | holds |
//! |---|---|
//! | `steps` | days, weeks, months or years, so that a chart has neither too few nor too many |
//! | `releases` | what went from one institution to another, and how long it took |

pub mod releases;
pub mod steps;

use std::collections::{BTreeMap, HashSet};

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

pub use self::releases::{Asked, Given, Opening, Release, releases};
use self::steps::{Bucket, Step, Steps};
use super::{Nature, Span, opened_to};
use crate::{
    id::Id,
    ledger::{Action, Entry, Outcome},
};

/// Most refusals that are listed one by one, the newest.
pub const MAX_LISTED: usize = 200;

/// What a report counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many entries there are in the stretch of time.
    pub entries: u64,
    /// The number and time of the first of them, and of the last.
    pub from: Option<(u64, Timestamp)>,
    /// The last of them.
    pub to: Option<(u64, Timestamp)>,
    /// All of them together.
    pub sum: Sum,
    /// Whether `time` is by days, weeks, months or years.
    pub step: Step,
    /// By time, oldest first, without gaps.
    pub time: Vec<Bucket>,
    /// By purpose, most accesses first; without a purpose last.
    pub purposes: Vec<(Option<String>, Sum)>,
    /// By member, most accesses first.
    pub members: Vec<(String, Sum)>,
    /// By class of the fields that were opened, in order of their names.
    pub classes: Vec<(String, Sum)>,
    /// What was refused, the newest first, at most [`MAX_LISTED`].
    pub refusals: Vec<Refusal>,
    /// All `release.open`, oldest first: [`releases()`] matches them.
    #[serde(skip)]
    pub openings: Vec<Opening>,
}

/// How much was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// Entries that opened fields.
    pub opened: u64,
    /// Different records among these.
    pub records: u64,
    /// Entries that wrote records.
    pub written: u64,
    /// Entries that refused something.
    pub refused: u64,
    /// Entries that tell of what did not open.
    pub failed: u64,
}

/// Something that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The entry.
    pub entry: u64,
    /// When.
    pub time: Timestamp,
    /// To whom.
    pub member: String,
    /// What.
    pub action: Action,
    /// Why, as a short code.
    pub detail: Option<String>,
    /// For which purpose.
    pub purpose: Option<String>,
    /// Of which classes.
    pub classes: Vec<String>,
}

/// Counts the entries of a stretch of time.
///
/// # Errors
/// Whatever reading the entries gives.
pub fn report<E>(
    entries: impl IntoIterator<Item = Result<Entry, E>>,
    span: Span,
    zone: &TimeZone,
) -> Result<Report, E> {
    let mut walk = Walk::default();
    for entry in super::within(entries, span) {
        walk.entry(&entry?, zone);
    }
    Ok(walk.end(span, zone))
}

/// A sum that is being made.
#[derive(Default)]
struct Tally {
    sum: Sum,
    records: HashSet<Id>,
}

impl Tally {
    fn add(&mut self, entry: &Entry, opened: Option<impl IntoIterator<Item = Id>>) {
        match entry.outcome {
            Outcome::Refused => self.sum.refused += 1,
            Outcome::Failed => self.sum.failed += 1,
            Outcome::Ok => self.sum.written += u64::from(Nature::of(entry.action) == Nature::Written),
        }
        if let Some(records) = opened {
            self.sum.opened += 1;
            self.records.extend(records);
        }
    }

    fn sum(&self) -> Sum {
        Sum { records: self.records.len() as u64, ..self.sum }
    }
}

#[derive(Default)]
struct Walk {
    entries: u64,
    from: Option<(u64, Timestamp)>,
    to: Option<(u64, Timestamp)>,
    all: Tally,
    /// By day; days become weeks or months at the end, when it is known how many there are.
    days: BTreeMap<jiff::civil::Date, Tally>,
    purposes: BTreeMap<Option<String>, Tally>,
    members: BTreeMap<String, Tally>,
    classes: BTreeMap<String, Tally>,
    refusals: std::collections::VecDeque<Refusal>,
    openings: Vec<Opening>,
}

impl Walk {
    fn entry(&mut self, entry: &Entry, zone: &TimeZone) {
        self.entries += 1;
        let at = Some((entry.seq, entry.time));
        self.from = self.from.or(at);
        self.to = at;
        let opener = opened_to(entry);
        let named = || entry.subjects.iter().filter(|s| !s.fields.is_empty()).flat_map(|s| s.records.iter().copied());
        let records = || opener.map(|_| named());
        self.all.add(entry, records());
        self.days.entry(zone.to_datetime(entry.time).date()).or_default().add(entry, records());
        self.purposes.entry(entry.purpose.clone()).or_default().add(entry, records());
        self.members.entry(opener.unwrap_or(&entry.actor).to_owned()).or_default().add(entry, records());
        let mut classes: BTreeMap<&String, Vec<Id>> = BTreeMap::new();
        for subject in &entry.subjects {
            for class in subject.fields.keys() {
                classes.entry(class).or_default().extend(&subject.records);
            }
        }
        for (class, records) in &classes {
            self.classes.entry((*class).clone()).or_default().add(entry, opener.map(|_| records.iter().copied()));
        }
        if entry.outcome == Outcome::Refused {
            if self.refusals.len() == MAX_LISTED {
                self.refusals.pop_back();
            }
            self.refusals.push_front(Refusal {
                entry: entry.seq,
                time: entry.time,
                member: entry.actor.clone(),
                action: entry.action,
                detail: entry.detail.clone(),
                purpose: entry.purpose.clone(),
                classes: classes.into_keys().cloned().collect(),
            });
        }
        self.openings.extend(Opening::of(entry));
    }

    fn end(self, span: Span, zone: &TimeZone) -> Report {
        let date = |time: Timestamp| zone.to_datetime(time).date();
        // A stretch without an end goes to the last entry: a report of a quiet month shows it quiet
        // from its beginning, and does not grow with the clock of the machine.
        let first = span.since.map(date).or_else(|| self.days.keys().next().copied());
        let until = span.until.and_then(|until| until.checked_sub(jiff::SignedDuration::from_nanos(1)).ok());
        let last = until.map(date).or_else(|| self.days.keys().next_back().copied());
        let steps = first.zip(last).map(|(first, last)| Steps::new(first, last.max(first)));
        let step = steps.as_ref().map_or(Step::Day, Steps::step);
        let mut buckets: BTreeMap<jiff::civil::Date, Tally> = BTreeMap::new();
        for begin in steps.iter().flat_map(Steps::begins) {
            buckets.insert(begin, Tally::default());
        }
        for (day, tally) in self.days {
            let bucket = buckets.entry(step.begin(day)).or_default();
            bucket.sum = bucket.sum.plus(&tally.sum);
            bucket.records.extend(tally.records);
        }
        let time = buckets.into_iter().map(|(begin, tally)| Bucket { begin, sum: tally.sum() }).collect();
        let mut purposes = sums(self.purposes);
        purposes.sort_by_key(|(purpose, sum)| (purpose.is_none(), std::cmp::Reverse(sum.opened + sum.written)));
        let mut members = sums(self.members);
        members.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.opened + sum.written));
        Report {
            entries: self.entries,
            from: self.from,
            to: self.to,
            sum: self.all.sum(),
            step,
            time,
            purposes,
            members,
            classes: sums(self.classes),
            refusals: self.refusals.into(),
            openings: self.openings,
        }
    }
}

impl Sum {
    /// Both together; records are counted elsewhere.
    fn plus(&self, other: &Sum) -> Sum {
        Sum {
            opened: self.opened + other.opened,
            records: 0,
            written: self.written + other.written,
            refused: self.refused + other.refused,
            failed: self.failed + other.failed,
        }
    }
}

fn sums<K: Ord>(tallies: BTreeMap<K, Tally>) -> Vec<(K, Sum)> {
    tallies.into_iter().map(|(key, tally)| (key, tally.sum())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::tests::{Told, subject};

    const SITI: &str = "handayani/siti";
    const BUDI: &str = "handayani/budi";

    fn told() -> Told {
        let mut told = Told::default();
        let child = |class, records: &[u8]| vec![subject("child", class, "x", records, None)];
        told.say("2026-11-01T01:00:00Z", SITI, Action::RecordCreate, Outcome::Ok, child("identity", &[1]));
        told.say("2026-11-02T01:00:00Z", SITI, Action::RecordRead, Outcome::Ok, child("identity", &[1]));
        told.say("2026-11-02T02:00:00Z", SITI, Action::RecordList, Outcome::Ok, child("identity", &[1, 2]));
        // In Jakarta it is the fifth already.
        told.say("2026-11-04T20:00:00Z", BUDI, Action::RecordRead, Outcome::Refused, child("sealed", &[3]));
        told.say("2026-11-05T02:00:00Z", BUDI, Action::RecordRead, Outcome::Failed, child("sensitive", &[3]));
        told.say("2026-11-05T03:00:00Z", BUDI, Action::RecordHistory, Outcome::Ok, vec![]);
        told
    }

    fn zone() -> TimeZone {
        TimeZone::get("Asia/Jakarta").unwrap()
    }

    #[test]
    fn counts_by_time_member_purpose_and_class() {
        let report = report(told().read(), Span::default(), &zone()).unwrap();
        assert_eq!((report.entries, report.from.unwrap().0, report.to.unwrap().0), (6, 0, 5));
        assert_eq!(report.sum, Sum { opened: 3, records: 3, written: 1, refused: 1, failed: 1 });
        assert_eq!(report.step, Step::Day);
        let days: Vec<_> = report.time.iter().map(|b| (b.begin.day(), b.sum.opened, b.sum.refused)).collect();
        assert_eq!(days, [(1, 0, 0), (2, 2, 0), (3, 0, 0), (4, 0, 0), (5, 1, 1)]);
        let members: Vec<_> = report.members.iter().map(|(m, s)| (m.as_str(), s.opened, s.records)).collect();
        assert_eq!(members, [(SITI, 2, 2), (BUDI, 1, 1)]);
        let classes: Vec<_> = report.classes.iter().map(|(c, s)| (c.as_str(), s.opened, s.refused)).collect();
        assert_eq!(classes, [("identity", 2, 0), ("sealed", 0, 1), ("sensitive", 1, 0)]);
        assert_eq!(report.purposes.len(), 1);
        assert_eq!((report.refusals[0].entry, &report.refusals[0].classes[..]), (3, &["sealed".to_owned()][..]));
    }

    #[test]
    fn a_stretch_of_time_is_shown_whole_also_where_nothing_happened() {
        let span = Span { since: Some("2026-10-29T17:00:00Z".parse().unwrap()), until: None };
        let report = report(told().read(), span, &zone()).unwrap();
        assert_eq!((report.time.len(), report.time[0].begin.to_string()), (7, "2026-10-30".to_owned()));
        let span = Span { since: None, until: Some("2026-11-01T17:00:00Z".parse().unwrap()) };
        let report = super::report(told().read(), span, &zone()).unwrap();
        assert_eq!((report.entries, report.time.len()), (1, 1));
        let none = super::report(Told::default().read(), Span::default(), &zone()).unwrap();
        assert_eq!((none.entries, none.time.len(), none.from), (0, 0, None));
    }

    #[test]
    fn only_the_newest_refusals_are_listed() {
        let mut told = Told::default();
        for _ in 0..MAX_LISTED + 3 {
            told.say("2026-11-01T01:00:00Z", BUDI, Action::RecordRead, Outcome::Refused, vec![]);
        }
        let report = report(told.read(), Span::default(), &zone()).unwrap();
        assert_eq!(report.sum.refused, MAX_LISTED as u64 + 3);
        let (first, last) = (&report.refusals[0], report.refusals.last().unwrap());
        assert_eq!((report.refusals.len(), first.entry, last.entry), (MAX_LISTED, MAX_LISTED as u64 + 2, 3));
    }
}
