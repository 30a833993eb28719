//! What is unusual: one pass over the ledger, with what each member did before in mind.
//!
//! | file | holds |
//! |---|---|
//! | `rules` | the limits, and the file in which people write them |
//! | `cases` | whose case is whose |

mod cases;
pub mod rules;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use self::{cases::Cases, rules::Rules};
use super::{Span, opened_to};
use crate::{
    id::Id,
    ledger::{Entry, Outcome},
};

/// So many days on which a member did anything make a mean that says something.
const MIN_DAYS: usize = 5;

/// Which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Break-glass was used.
    BreakGlass,
    /// Attempts were refused.
    Refused,
    /// Many records were opened in a short time.
    Bulk,
    /// Many more were opened than the member's own past would say.
    Rise,
    /// Records outside the member's cases were read.
    Cases,
    /// Something was done outside working hours.
    Hours,
}

/// Something unusual.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// By which rule.
    pub rule: Rule,
    /// Who.
    pub member: String,
    /// The time of the first entry.
    pub first: Timestamp,
    /// The time of the last one.
    pub last: Timestamp,
    /// The entries.
    pub entries: Vec<u64>,
    /// How many of what the rule counts: entries, records, cases.
    pub count: u64,
    /// What the rule allows.
    pub limit: u64,
    /// The member's own mean, where the rule compares with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual: Option<f64>,
    /// Whether an overseer has acknowledged it, where it can be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<bool>,
}

/// What is unusual in a stretch of time, by these rules: break-glass that nobody has acknowledged
/// first, then by time. The entries before the stretch are what it is compared with. `open` are the
/// entries of broken glass that nobody has acknowledged: which one an acknowledgement is of stands
/// in its payload, and the vault knows it.
///
/// # Errors
/// Whatever reading the entries gives.
pub fn unusual<E>(
    entries: impl IntoIterator<Item = Result<Entry, E>>,
    open: &BTreeSet<u64>,
    rules: &Rules,
    zone: &TimeZone,
    span: Span,
) -> Result<Vec<Finding>, E> {
    let mut walk =
        Walk { open, rules, zone, span, members: BTreeMap::new(), cases: Cases::default(), found: Vec::new() };
    for entry in entries {
        let entry = entry?;
        if span.until.is_none_or(|until| entry.time < until) {
            walk.entry(&entry);
        }
    }
    for (member, mut state) in std::mem::take(&mut walk.members) {
        walk.end_day(&member, &mut state);
    }
    let mut found = walk.found;
    found.sort_by_key(|one| (one.acknowledged != Some(false), one.first, one.rule, one.entries.first().copied()));
    Ok(found)
}

const BREAK: &str = "glass.break";

struct Walk<'a> {
    open: &'a BTreeSet<u64>,
    rules: &'a Rules,
    zone: &'a TimeZone,
    span: Span,
    members: BTreeMap<String, Member>,
    cases: Cases,
    found: Vec<Finding>,
}

/// What is remembered of a member.
#[derive(Default)]
struct Member {
    /// The present day, and what was done on it.
    day: Option<Date>,
    today: Today,
    /// Records opened on the days before on which anything was done.
    past: VecDeque<(Date, u64)>,
    bulk: Window,
    refused: Window,
}

#[derive(Default)]
struct Today {
    records: u64,
    reads: Tally,
    outside: Tally,
    foreign: Tally,
    cases: BTreeSet<Id>,
}

/// Entries of one kind, in the stretch of time that was asked about.
#[derive(Default)]
struct Tally {
    entries: Vec<u64>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl Tally {
    fn add(&mut self, entry: &Entry) {
        self.entries.push(entry.seq);
        self.first.get_or_insert(entry.time);
        self.last = Some(entry.time);
    }
}

/// What was done lately, within the length of a window.
#[derive(Default)]
struct Window {
    /// Time, sequence and how many.
    within: VecDeque<(Timestamp, u64, u64)>,
    /// Where in the findings the present run stands, and when it went on last.
    run: Option<(usize, Timestamp)>,
}

impl Walk<'_> {
    fn entry(&mut self, entry: &Entry) {
        self.cases.learn(entry);
        self.done(entry);
        if let Some(member) = opened_to(entry) {
            self.opened(member, entry);
        }
    }

    /// What is remembered of a member, with the days before this entry's judged.
    fn remembered(&mut self, member: &str, day: Date) -> Member {
        let mut state = self.members.remove(member).unwrap_or_default();
        if state.day != Some(day) {
            self.end_day(member, &mut state);
            state.day = Some(day);
        }
        state
    }

    /// What an entry says that its actor did.
    fn done(&mut self, entry: &Entry) {
        let local = self.zone.to_datetime(entry.time);
        let mut state = self.remembered(&entry.actor, local.date());
        let asked = self.span.has(entry.time);
        if asked && self.rules.hours.on && !self.rules.hours.works(local.date(), local.time()) {
            state.today.outside.add(entry);
        }
        // An attempt that was refused opened nothing, and is counted with the refusals; one that failed
        // has an entry before it, which is the one to acknowledge.
        if asked && self.rules.break_glass.on && entry.action.name() == BREAK && entry.outcome == Outcome::Ok {
            let mut tally = Tally::default();
            tally.add(entry);
            self.tell(Rule::BreakGlass, &entry.actor, tally, (1, 0), None);
            if let Some(last) = self.found.last_mut() {
                last.acknowledged = Some(!self.open.contains(&entry.seq));
            }
        }
        if entry.outcome == Outcome::Refused && self.rules.refused.on {
            let rule = &self.rules.refused;
            let bound = (SignedDuration::from_hours(rule.hours.into()), rule.attempts.saturating_sub(1));
            self.window(Rule::Refused, &entry.actor, &mut state.refused, entry, 1, bound);
        }
        self.members.insert(entry.actor.clone(), state);
    }

    /// What an entry says was opened to a member. What an overseer opened without the centre counts
    /// when it is taken in.
    fn opened(&mut self, member: &str, entry: &Entry) {
        let mut state = self.remembered(member, self.zone.to_datetime(entry.time).date());
        let asked = self.span.has(entry.time);
        let records: u64 = entry.subjects.iter().map(|subject| subject.records.len() as u64).sum();
        state.today.records += records;
        if asked && records > 0 {
            state.today.reads.add(entry);
        }
        if self.rules.bulk.on && records > 0 {
            let bound = (SignedDuration::from_mins(self.rules.bulk.minutes.into()), self.rules.bulk.records);
            self.window(Rule::Bulk, member, &mut state.bulk, entry, records, bound);
        }
        let read = matches!(entry.action.name(), "record.read" | "case.read" | "record.export");
        if asked && self.rules.cases.on && read {
            let foreign = self.cases.foreign(entry, self.rules.cases.days);
            if !foreign.is_empty() {
                state.today.foreign.add(entry);
                state.today.cases.extend(foreign);
            }
        }
        self.members.insert(member.to_owned(), state);
    }

    /// Points out a run of entries as soon as more than a limit lie within one length of time.
    fn window(
        &mut self,
        rule: Rule,
        member: &str,
        window: &mut Window,
        entry: &Entry,
        many: u64,
        (length, limit): (SignedDuration, u64),
    ) {
        window.within.push_back((entry.time, entry.seq, many));
        // A clock that was set back makes a difference below zero: that is within.
        while window.within.front().is_some_and(|(time, ..)| entry.time.duration_since(*time) > length) {
            window.within.pop_front();
        }
        let sum: u64 = window.within.iter().map(|(_, _, many)| many).sum();
        if sum <= limit || !self.span.has(entry.time) {
            return;
        }
        match window.run {
            Some((at, last)) if entry.time.duration_since(last) <= length => {
                let finding = &mut self.found[at];
                finding.entries.push(entry.seq);
                finding.count += many;
                finding.last = entry.time;
                window.run = Some((at, entry.time));
            }
            _ => {
                let mut tally = Tally { first: window.within.front().map(|(time, ..)| *time), ..Tally::default() };
                tally.entries = window.within.iter().map(|(_, seq, _)| *seq).collect();
                tally.last = Some(entry.time);
                window.run = Some((self.found.len(), entry.time));
                self.tell(rule, member, tally, (sum, limit), None);
            }
        }
    }

    /// Judges what is judged by days.
    fn end_day(&mut self, member: &str, state: &mut Member) {
        let Some(day) = state.day else { return };
        let today = std::mem::take(&mut state.today);
        let back = jiff::Span::new().days(i64::from(self.rules.rise.days));
        let oldest = day.checked_sub(back).unwrap_or(Date::MIN);
        while state.past.front().is_some_and(|(date, _)| *date < oldest) {
            state.past.pop_front();
        }
        if state.past.len() >= MIN_DAYS && self.rules.rise.on && !today.reads.entries.is_empty() {
            let mean = state.past.iter().map(|(_, records)| *records as f64).sum::<f64>() / state.past.len() as f64;
            let limit = (mean * self.rules.rise.times).max(self.rules.rise.least as f64);
            if today.records as f64 > limit {
                self.tell(Rule::Rise, member, today.reads, (today.records, limit as u64), Some(mean));
            }
        }
        state.past.push_back((day, today.records));
        if !today.outside.entries.is_empty() {
            let count = today.outside.entries.len() as u64;
            self.tell(Rule::Hours, member, today.outside, (count, 0), None);
        }
        let cases = today.cases.len() as u64;
        if cases > 0 && cases >= self.rules.cases.cases {
            self.tell(Rule::Cases, member, today.foreign, (cases, self.rules.cases.cases.saturating_sub(1)), None);
        }
    }

    fn tell(&mut self, rule: Rule, member: &str, tally: Tally, counted: (u64, u64), usual: Option<f64>) {
        let (Some(first), Some(last)) = (tally.first, tally.last) else { return };
        let (count, limit) = counted;
        let (member, entries) = (member.to_owned(), tally.entries);
        self.found.push(Finding { rule, member, first, last, entries, count, limit, usual, acknowledged: None });
    }
}

#[cfg(test)]
mod tests;
