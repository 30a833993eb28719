use super::*;
use crate::{
    audit::tests::{Told, subject},
    ledger::{Action, Subject},
};

const SITI: &str = "handayani/siti";
const BUDI: &str = "handayani/budi";
const ANI: &str = "kpai/ani";

fn found(told: &Told, rules: &str) -> Vec<Finding> {
    let zone = TimeZone::get("Asia/Jakarta").unwrap();
    unusual(told.read(), &BTreeSet::new(), &Rules::parse(rules).unwrap(), &zone, Span::default()).unwrap()
}

fn of(found: &[Finding], rule: Rule) -> Vec<(&str, Vec<u64>, u64)> {
    let mine = found.iter().filter(|one| one.rule == rule);
    mine.map(|one| (one.member.as_str(), one.entries.clone(), one.count)).collect()
}

/// At noon in Jakarta on a day of November 2026; the second to the fifth are Monday to Thursday.
fn noon(day: u8, minute: u8) -> String {
    format!("2026-11-{day:02}T05:{minute:02}:00Z")
}

fn children(records: &[u8]) -> Vec<Subject> {
    vec![subject("child", "personal", "name", records, None)]
}

#[test]
fn outside_working_hours_in_the_zone_of_the_charter() {
    let mut told = Told::default();
    // Seven in the morning, one minute before it, and a Sunday.
    told.say("2026-11-03T00:00:00Z", SITI, Action::RecordRead, Outcome::Ok, children(&[1]));
    told.say("2026-11-03T23:59:00Z", SITI, Action::RecordRead, Outcome::Ok, children(&[1]));
    told.say("2026-11-03T22:00:00Z", BUDI, Action::RecordRead, Outcome::Refused, children(&[1]));
    told.say("2026-11-04T11:30:00Z", SITI, Action::RecordHistory, Outcome::Ok, children(&[1]));
    told.say("2026-11-08T05:00:00Z", SITI, Action::RecordRead, Outcome::Ok, children(&[1]));
    let all = found(&told, "");
    // Both of the fourth are one finding: it is a day in Jakarta.
    assert_eq!(of(&all, Rule::Hours), [(BUDI, vec![2], 1), (SITI, vec![1, 3], 2), (SITI, vec![4], 1)]);
    assert!(of(&found(&told, "[hours]\non = false"), Rule::Hours).is_empty());
}

#[test]
fn many_records_in_a_short_time() {
    let mut told = Told::default();
    let rules = "[bulk]\nrecords = 5\nminutes = 10";
    for minute in [0, 4, 8, 30] {
        told.say(&noon(3, minute), SITI, Action::RecordRead, Outcome::Ok, children(&[1, 2]));
        told.say(&noon(3, minute), BUDI, Action::RecordCreate, Outcome::Ok, children(&[1, 2, 3, 4, 5, 6]));
    }
    assert_eq!(of(&found(&told, rules), Rule::Bulk), [(SITI, vec![0, 2, 4], 6)]);
    // Exactly as many as are allowed, and the same over a longer time.
    assert!(of(&found(&told, "[bulk]\nrecords = 6\nminutes = 10"), Rule::Bulk).is_empty());
    assert!(of(&found(&told, "[bulk]\nrecords = 5\nminutes = 7"), Rule::Bulk).is_empty());
    // It goes on: one finding, not two.
    told.say(&noon(3, 33), SITI, Action::RecordList, Outcome::Ok, children(&[1, 2, 3, 4]));
    told.say(&noon(3, 40), SITI, Action::RecordList, Outcome::Ok, children(&[1]));
    let bulk = found(&told, rules);
    assert_eq!(of(&bulk, Rule::Bulk), [(SITI, vec![0, 2, 4], 6), (SITI, vec![6, 8, 9], 7)]);
}

#[test]
fn what_was_opened_without_the_centre_counts_as_the_openers() {
    let mut told = Told::default();
    told.say(&noon(3, 0), ANI, Action::RecordRead, Outcome::Ok, children(&[1, 2]));
    told.say(&noon(3, 1), SITI, Action::LedgerAdmit, Outcome::Ok, children(&[3, 4, 5, 6]));
    told.say(&noon(3, 2), SITI, Action::LedgerAdmit, Outcome::Refused, children(&[7, 8, 9, 10, 11, 12]));
    for entry in &mut told.0[1..] {
        entry.detail = Some(ANI.into());
    }
    let all = found(&told, "[bulk]\nrecords = 5\nminutes = 10");
    assert_eq!(of(&all, Rule::Bulk), [(ANI, vec![0, 1], 6)]);
}

#[test]
fn refusals_are_counted_and_nobody_elses() {
    let mut told = Told::default();
    for minute in 0..3 {
        told.say(&noon(3, minute), BUDI, Action::RecordRead, Outcome::Refused, Vec::new());
        told.say(&noon(3, minute), SITI, Action::RecordRead, Outcome::Ok, children(&[1]));
    }
    told.say(&noon(3, 5), SITI, Action::RecordRead, Outcome::Refused, Vec::new());
    let all = found(&told, "");
    assert_eq!(of(&all, Rule::Refused), [(BUDI, vec![0, 2, 4], 3)]);
    assert_eq!(all.iter().find(|one| one.rule == Rule::Refused).unwrap().limit, 2);
}

#[test]
fn records_outside_ones_cases() {
    let mut told = Told::default();
    // Budi writes in the family 101, by its child 1.
    told.say(
        &noon(2, 0),
        SITI,
        Action::RecordImport,
        Outcome::Ok,
        vec![
            subject("child", "personal", "name", &[1, 2], Some(101)),
            subject("child", "personal", "name", &[3], Some(102)),
            subject("child", "personal", "name", &[4], Some(103)),
            subject("child", "personal", "name", &[5], Some(104)),
        ],
    );
    told.say(
        &noon(2, 1),
        BUDI,
        Action::RecordCreate,
        Outcome::Ok,
        vec![subject("note", "sensitive", "t", &[50], Some(1))],
    );
    // His own family's other child is his case; three other families are not. A list is no case.
    for (minute, record) in [(2, 2), (3, 3), (4, 4)] {
        told.say(&noon(3, minute), BUDI, Action::RecordRead, Outcome::Ok, children(&[record]));
    }
    told.say(&noon(3, 6), BUDI, Action::RecordList, Outcome::Ok, children(&[5]));
    told.say(&noon(3, 7), SITI, Action::RecordRead, Outcome::Ok, children(&[1, 2, 3, 4, 5]));
    assert!(of(&found(&told, ""), Rule::Cases).is_empty());
    told.say(&noon(3, 8), BUDI, Action::CaseRead, Outcome::Ok, children(&[5]));
    assert_eq!(of(&found(&told, ""), Rule::Cases), [(BUDI, vec![3, 4, 7], 3)]);
    // Siti has imported, and has no cases. What was long ago is no longer one's own.
    let short = found(&told, "[cases]\ncases = 1\ndays = 0");
    assert!(of(&short, Rule::Cases).is_empty(), "{short:?}");
}

#[test]
fn more_than_the_members_own_past() {
    let mut told = Told::default();
    let many: Vec<u8> = (0..40).collect();
    let often: Vec<u8> = (0..20).collect();
    for day in 2..=8 {
        told.say(&noon(day, 0), SITI, Action::RecordList, Outcome::Ok, children(&[1, 2]));
        told.say(&noon(day, 1), BUDI, Action::RecordList, Outcome::Ok, children(&often));
    }
    told.say(&noon(9, 0), SITI, Action::RecordList, Outcome::Ok, children(&many));
    told.say(&noon(9, 0), BUDI, Action::RecordList, Outcome::Ok, children(&many));
    told.say(&noon(9, 0), "kpai/ani", Action::RecordList, Outcome::Ok, children(&many));
    let all = found(&told, "");
    assert_eq!(of(&all, Rule::Rise), [(SITI, vec![14], 40)]);
    let rise = all.iter().find(|one| one.rule == Rule::Rise).unwrap();
    assert_eq!((rise.usual, rise.limit), (Some(2.0), 30));
    // What lies before the stretch of time is compared with, and not told.
    let zone = TimeZone::UTC;
    let since = |time: &str| Span { since: Some(time.parse().unwrap()), until: None };
    let told_since = |time| unusual(told.read(), &BTreeSet::new(), &Rules::default(), &zone, since(time)).unwrap();
    assert_eq!(of(&told_since("2026-11-09T00:00:00Z"), Rule::Rise).len(), 1);
    assert!(of(&told_since("2026-11-10T00:00:00Z"), Rule::Rise).is_empty());
}

#[test]
fn broken_glass_stands_first_until_that_very_one_is_acknowledged() {
    let mut told = Told::default();
    told.say(&noon(2, 0), SITI, Action::RecordRead, Outcome::Refused, Vec::new());
    for day in 3..6 {
        told.say(&noon(day, 0), SITI, Action::GlassBreak, Outcome::Ok, children(&[1]));
    }
    told.say(&noon(5, 1), BUDI, Action::GlassBreak, Outcome::Refused, Vec::new());
    told.say(&noon(5, 2), "kpai/ani", Action::GlassAcknowledge, Outcome::Ok, Vec::new());
    let rules = Rules::parse("[refused]\nattempts = 1").unwrap();
    let found = unusual(told.read(), &BTreeSet::from([1, 3]), &rules, &TimeZone::UTC, Span::default()).unwrap();
    let glass: Vec<_> = found.iter().map(|one| (one.rule, one.entries[0], one.acknowledged)).collect();
    assert_eq!(glass[..2], [(Rule::BreakGlass, 1, Some(false)), (Rule::BreakGlass, 3, Some(false))]);
    assert_eq!(glass.iter().filter(|one| one.0 == Rule::BreakGlass).count(), 3);
    assert!(glass.contains(&(Rule::BreakGlass, 2, Some(true))) && glass.contains(&(Rule::Refused, 4, None)));
}
