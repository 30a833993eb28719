//! Records for measurements: many, flat, all of one kind with twenty filled fields of five classes.

use jiff::civil::date;

use super::{
    schema::Schema,
    synthetic::{Record, Rng, later, words},
};

/// The document of the schema of these records.
pub const WIDE: &str = include_str!("wide.toml");

/// The schema of these records.
#[expect(clippy::expect_used, reason = "a constant document, read by the tests below")]
pub fn schema() -> Schema {
    Schema::parse(WIDE).expect("the schema of the measurements is a schema")
}

/// So many records of the kind `child`, of about 1,200 bytes each. The same seed gives the same.
pub fn records(count: usize, seed: u64) -> impl Iterator<Item = Record> {
    let mut rng = Rng::new(seed);
    (0..count).map(move |index| record(&mut rng, index))
}

fn record(rng: &mut Rng, index: usize) -> Record {
    let girl = rng.chance(50);
    let born = later(date(2004, 1, 1), rng.below(6000) as i64);
    let arrival = later(date(2019, 1, 1), rng.below(2000) as i64);
    let name = if girl {
        format!("{} {} {index}", rng.pick(words::GIRLS), rng.pick(words::GIRLS_LAST))
    } else {
        format!("{} {} {index}", rng.pick(words::BOYS), rng.pick(words::BOYS_LAST))
    };
    let day = born.day() + if girl { 40 } else { 0 };
    // Two numbers to a serial's four digits, so that they stay different whatever the count.
    let number = |date: &str| format!("99{:04}{date}{:04}", index / 10_000 % 10_000, index % 10_000);
    let birth = format!("{day:02}{:02}{:02}", born.month(), born.year() % 100);
    let region = rng.pick(words::REGIONS);
    let street = rng.pick(words::STREETS);
    let mut record = Record { kind: "child", parent: None, fields: Vec::with_capacity(20) };
    let mut field = |name, text: String| record.fields.push((name, text));
    field("child_code", format!("A-{index:08}"));
    field("intake_date", arrival.to_string());
    field("origin", (*rng.pick(&["domestic", "abroad"])).to_owned());
    field("social_worker", (*rng.pick(words::STAFF)).to_owned());
    field("sex", if girl { "female" } else { "male" }.to_owned());
    field("religion", (*rng.pick(&["islam", "protestant", "catholic", "hindu"])).to_owned());
    field("education", (*rng.pick(&["elementary", "junior", "senior"])).to_owned());
    field("region_code", region.0.to_owned());
    field("full_name", name);
    field("nik", number(&birth));
    field("no_kk", number(&format!("{:02}{:02}{:02}", arrival.day(), arrival.month(), arrival.year() % 100)));
    field("birth_place", region.1.to_owned());
    field("birth_date", born.to_string());
    field("address", format!("Jl. {street} No. {}, {}, {}", rng.between(1, 120), rng.pick(words::VILLAGES), region.1));
    field("phone", format!("0840-{:04}-{:04}", index / 10_000 % 10_000, index % 10_000));
    field("health", format!("{} {}", rng.pick(words::HEALTH), rng.pick(words::HEALTH)));
    field("psych", format!("{} {}", rng.pick(words::PSYCH), rng.pick(words::PSYCH)));
    field("note", format!("{} {} {}", rng.pick(words::NOTES).1, rng.pick(words::PROGRESS), rng.pick(words::RATIONALE)));
    field(
        "history",
        format!("{} {} {}", rng.pick(words::VIOLENCE), rng.pick(words::REPATRIATION), rng.pick(words::STIGMA)),
    );
    field("risk_level", (*rng.pick(&["low", "medium", "high"])).to_owned());
    record
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::records::{input::parse_text, nik, value::Value};

    #[test]
    fn twenty_fields_of_five_classes_and_1200_bytes() {
        let schema = schema();
        assert_eq!(schema.classes().len(), 5);
        let kind = schema.kind("child").unwrap();
        let (mut bytes, mut niks) = (0, BTreeSet::new());
        for record in records(1000, 1) {
            assert_eq!(record.fields.len(), 20);
            let values: Vec<(&str, Value)> = record
                .fields
                .iter()
                .map(|(name, text)| (*name, parse_text(kind.field(name).unwrap(), text).unwrap()))
                .collect();
            bytes += values.iter().map(|(_, value)| value.encode().len()).sum::<usize>();
            assert!(niks.insert(record.get("nik").unwrap().to_owned()));
            let value = |name: &str| values.iter().find(|(own, _)| *own == name).map(|(_, value)| value);
            assert!(nik::warnings(kind, value).is_empty());
        }
        assert!((1000..1400).contains(&(bytes / 1000)), "{}", bytes / 1000);
        assert!(records(10, 5).eq(records(10, 5)));
    }
}
