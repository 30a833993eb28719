//! Registers of invented people, for demonstrations, tests and measurements.
//!
//! [`register`] has the published shape of the programme: 263 children and families since 2016,
//! never more than four children arriving at a time, from within the country and from abroad. The
//! same seed gives the same register. Nobody in it exists: names are put together from common
//! ones, identity numbers begin with 99, which is no province, and telephone numbers with 0840,
//! which is no operator.

mod case;
mod rng;
pub(super) mod words;

use std::borrow::Cow;

use jiff::{ToSpan, civil::Date};

pub(super) use rng::Rng;

/// Families of a register. With [`CHILDREN`] the published 263.
pub const FAMILIES: usize = 98;
/// Children of a register.
pub const CHILDREN: usize = 165;
/// Most children who arrive on one day: those of one family.
pub const AT_A_TIME: usize = 4;
/// The first day on which a child may arrive.
pub const FIRST_DAY: Date = jiff::civil::date(2016, 3, 1);
/// The last day on which one may.
pub const LAST_INTAKE: Date = jiff::civil::date(2024, 11, 30);
/// The day on which the register was "written": nothing in it happened later.
pub const LAST_DAY: Date = jiff::civil::date(2025, 6, 30);

/// A record to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its kind, of the schema `sentra`.
    pub kind: &'static str,
    /// To which record it belongs: an index into the register, smaller than its own.
    pub parent: Option<usize>,
    /// Its fields that are not empty, as a person would type them.
    pub fields: Vec<(&'static str, String)>,
}

impl Record {
    fn new(kind: &'static str, parent: Option<usize>) -> Record {
        Record { kind, parent, fields: Vec::new() }
    }

    /// Adds a field.
    fn with(mut self, field: &'static str, text: impl Into<Cow<'static, str>>) -> Record {
        self.fields.push((field, text.into().into_owned()));
        self
    }

    /// Adds a field, unless it is empty.
    fn with_some(self, field: &'static str, text: Option<impl Into<Cow<'static, str>>>) -> Record {
        match text {
            Some(text) => self.with(field, text),
            None => self,
        }
    }

    /// The text of a field.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|(name, _)| *name == field).map(|(_, text)| text.as_str())
    }
}

/// Makes a register: every family, followed by its members and children, every child by what
/// happened to it, in the order of days.
pub fn register(seed: u64) -> Vec<Record> {
    let mut rng = Rng::new(seed);
    let mut to = case::Writer::default();
    let span = days(FIRST_DAY, LAST_INTAKE) / FAMILIES as i64;
    for (family, children) in sizes(&mut rng).into_iter().enumerate() {
        // One family in each stretch of time: never two on the same day.
        let within = rng.below(span as usize - 1) as i64;
        let arrival = later(FIRST_DAY, family as i64 * span + within);
        to.family(&mut rng, arrival, children);
    }
    to.records
}

/// How many children each family brings: 1 to 4, together [`CHILDREN`].
fn sizes(rng: &mut Rng) -> Vec<usize> {
    let mut sizes = vec![1; FAMILIES];
    let mut left = CHILDREN - FAMILIES;
    while left > 0 {
        let at = rng.below(FAMILIES);
        if let Some(size) = sizes.get_mut(at).filter(|size| **size < AT_A_TIME) {
            *size += 1;
            left -= 1;
        }
    }
    sizes
}

fn days(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// The day so many days later; the last that there is, if there is none.
pub(super) fn later(date: Date, days: i64) -> Date {
    date.saturating_add(days.days())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::records::{input::parse_text, nik, schema::Schema, template, value::Value};

    const SEEDS: [u64; 3] = [0, 1, 2016];

    fn values(schema: &Schema, record: &Record) -> BTreeMap<&'static str, Value> {
        let kind = schema.kind(record.kind).unwrap();
        record
            .fields
            .iter()
            .map(|(name, text)| {
                let field = kind.field(name).unwrap_or_else(|| panic!("{}.{name}", kind.id));
                let value = parse_text(field, text).unwrap_or_else(|error| panic!("{}: {error}", kind.id));
                assert!(!value.is_null(), "{}.{name}", kind.id);
                (*name, value)
            })
            .collect()
    }

    #[test]
    fn the_published_shape() {
        for seed in SEEDS {
            let register = register(seed);
            let count = |kind: &str| register.iter().filter(|record| record.kind == kind).count();
            assert_eq!((count("family"), count("child")), (FAMILIES, CHILDREN));
            assert_eq!(count("family") + count("child"), 263);
            assert_eq!(count("intake"), CHILDREN);
            let mut arrivals = BTreeMap::new();
            for record in register.iter().filter(|record| record.kind == "intake") {
                *arrivals.entry(record.get("intake_date").unwrap()).or_insert(0) += 1;
            }
            assert!(arrivals.values().all(|&children| children <= AT_A_TIME));
            assert!(arrivals.keys().next().unwrap().starts_with("2016-"));
            let abroad = register.iter().filter(|record| record.get("origin") == Some("abroad")).count();
            assert!((30..100).contains(&abroad), "{abroad}");
            let closed = count("closure");
            assert!(closed < CHILDREN && closed > CHILDREN / 2, "{closed}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_register() {
        assert_eq!(register(7), register(7));
        assert_ne!(register(7), register(8));
    }

    #[test]
    fn every_record_fits_the_template() {
        let schema = template::sentra();
        for seed in SEEDS {
            let register = register(seed);
            let (mut codes, mut used) = (BTreeSet::new(), BTreeSet::new());
            for (index, record) in register.iter().enumerate() {
                let kind = schema.kind(record.kind).unwrap();
                let values = values(&schema, record);
                let missing = kind.first_missing(|field| field.parent || values.contains_key(field.id.as_str()));
                assert!(missing.is_none(), "{missing:?}");
                match kind.parent() {
                    Some(parent) => assert_eq!(register[record.parent.unwrap()].kind, parent.to.as_deref().unwrap()),
                    None => assert_eq!(record.parent, None),
                }
                assert!(record.parent.is_none_or(|parent| parent < index));
                assert_eq!(nik::warnings(kind, |name| values.get(name)).len(), 0);
                for (name, text) in &record.fields {
                    used.insert((record.kind, *name));
                    if kind.field(name).unwrap().unique {
                        assert!(codes.insert((*name, text.clone())), "{name} twice");
                    }
                }
            }
            for kind in schema.kinds() {
                for (field, _) in kind.sealed_fields() {
                    // A destroyed file is not in a register.
                    if field.id != "destruction_no" {
                        assert!(used.contains(&(kind.id.as_str(), field.id.as_str())), "no {}.{}", kind.id, field.id);
                    }
                }
            }
        }
    }

    #[test]
    fn days_follow_each_other() {
        let schema = template::sentra();
        for seed in SEEDS {
            let register = register(seed);
            let mut last = BTreeMap::new();
            for record in &register {
                let values = values(&schema, record);
                let happened =
                    ["intake_date", "assess_date", "service_date", "conference_date", "visit_date", "closure_date"];
                let date = |name: &str| match values.get(name) {
                    Some(Value::Date(date)) => Some(*date),
                    _ => None,
                };
                if let Some(day) = happened.iter().find_map(|name| date(name)) {
                    let child = record.parent.unwrap();
                    let born: Date = register[child].get("birth_date").unwrap().parse().unwrap();
                    let before = last.insert(child, day).unwrap_or(born);
                    assert!(before < day && day <= LAST_DAY, "{} {day} after {before}", record.kind);
                    if record.kind == "intake" {
                        assert!(days(born, day) < 18 * 366, "a child is under 18 when it arrives");
                        assert!((FIRST_DAY..=LAST_INTAKE).contains(&day));
                    }
                }
            }
        }
    }

    #[test]
    fn numbers_belong_to_nobody() {
        for record in register(3) {
            for name in ["nik", "no_kk", "m_nik"] {
                assert!(record.get(name).is_none_or(|number| number.starts_with("99")));
            }
            assert!(record.get("phone").is_none_or(|phone| phone.starts_with("0840-")));
        }
    }
}
