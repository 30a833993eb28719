//! What is held to be unusual: the rules and their limits, as people write them.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time, Weekday};
use serde::Deserialize;

use crate::audit::AuditError;

/// The rules that hold when none are given, with a word on each.
pub const READY: &str = include_str!("rules.toml");

/// Most bytes of a file of rules.
pub const MAX_FILE: u64 = 64 * 1024;

/// Longest look back, in days, and longest window: ten years. Keeps arithmetic on times in range.
const MAX_DAYS: u32 = 3_660;

/// What is pointed out.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Outside working hours.
    pub hours: Hours,
    /// Many records in a short time.
    pub bulk: Bulk,
    /// Refused attempts.
    pub refused: Refused,
    /// Break-glass.
    pub break_glass: BreakGlass,
    /// Records outside one's cases.
    pub cases: Cases,
    /// Much more than the member's own past.
    pub rise: Rise,
}

macro_rules! rules {
    ($( $(#[$meta:meta])* $name:ident { $( $(#[$fmeta:meta])* $field:ident: $ty:ty = $value:expr ),* $(,)? } )*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            /// Whether the rule holds.
            pub on: bool,
            $( $(#[$fmeta])* pub $field: $ty, )*
        }

        impl Default for $name {
            fn default() -> Self {
                $name { on: true, $($field: $value),* }
            }
        }
    )* };
}

rules! {
    /// Outside working hours.
    Hours {
        /// When work begins.
        from: Clock = Clock(Time::constant(7, 0, 0, 0)),
        /// When it ends.
        until: Clock = Clock(Time::constant(18, 0, 0, 0)),
        /// On which days.
        days: BTreeSet<Day> = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri].into(),
        /// Days on which nobody works.
        holidays: BTreeSet<Date> = BTreeSet::new(),
    }
    /// Many records in a short time.
    Bulk {
        /// More than so many.
        records: u64 = 200,
        /// Within so many minutes.
        minutes: u32 = 15,
    }
    /// Refused attempts.
    Refused {
        /// So many.
        attempts: u64 = 3,
        /// Within so many hours.
        hours: u32 = 24,
    }
    /// Break-glass.
    BreakGlass {}
    /// Records outside one's cases.
    Cases {
        /// Of so many cases in a day.
        cases: u64 = 3,
        /// How long one's writing makes a case one's own.
        days: u32 = 365,
    }
    /// Much more than the member's own past.
    Rise {
        /// So many times the mean.
        times: f64 = 3.0,
        /// And at least so many records.
        least: u64 = 30,
        /// The mean of so many days back.
        days: u32 = 28,
    }
}

impl Rules {
    /// Reads rules.
    ///
    /// # Errors
    /// [`AuditError::BadRules`]: not TOML, a rule or limit that is not known, or one out of range.
    pub fn parse(text: &str) -> Result<Rules, AuditError> {
        let bad = |why: &str| AuditError::BadRules { why: why.to_owned() };
        let rules: Rules = toml::from_str(text).map_err(|error| bad(error.message()))?;
        let long = [rules.cases.days, rules.rise.days].iter().any(|days| *days > MAX_DAYS)
            || rules.refused.hours > MAX_DAYS * 24
            || rules.bulk.minutes > MAX_DAYS * 24 * 60;
        if long {
            return Err(bad("nothing looks back longer than ten years"));
        }
        if !rules.rise.times.is_finite() || rules.rise.times < 1.0 {
            return Err(bad("times must be 1 or more"));
        }
        if rules.hours.from.0 > rules.hours.until.0 {
            return Err(bad("working hours end before they begin"));
        }
        Ok(rules)
    }
}

impl Hours {
    /// Whether people work then.
    pub fn works(&self, date: Date, time: Time) -> bool {
        let day = self.days.contains(&Day::of(date.weekday())) && !self.holidays.contains(&date);
        day && time >= self.from.0 && time < self.until.0
    }
}

/// A time of day, `07:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock(pub Time);

impl<'de> Deserialize<'de> for Clock {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || serde::de::Error::custom("a time of day is written as in 07:00");
        let formed = text.len() == 5 && text.bytes().all(|c| c.is_ascii_digit() || c == b':');
        let (hour, minute) = text.split_once(':').filter(|_| formed).ok_or_else(wrong)?;
        let (hour, minute) = (hour.parse().map_err(|_| wrong())?, minute.parse().map_err(|_| wrong())?);
        Time::new(hour, minute, 0, 0).map(Clock).map_err(|_| wrong())
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the days of the week")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    fn of(day: Weekday) -> Day {
        match day {
            Weekday::Monday => Day::Mon,
            Weekday::Tuesday => Day::Tue,
            Weekday::Wednesday => Day::Wed,
            Weekday::Thursday => Day::Thu,
            Weekday::Friday => Day::Fri,
            Weekday::Saturday => Day::Sat,
            Weekday::Sunday => Day::Sun,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_rules_are_those_that_hold_without_any() {
        assert_eq!(Rules::parse(READY).unwrap(), Rules::default());
        assert_eq!(Rules::parse("").unwrap(), Rules::default());
        let rules = Rules::parse("[bulk]\nrecords = 5\n[hours]\non = false\n").unwrap();
        assert_eq!((rules.bulk.records, rules.bulk.minutes, rules.hours.on), (5, 15, false));
    }

    #[test]
    fn what_is_not_a_rule_is_refused() {
        for bad in [
            "[bulk]\nrecord = 5",
            "[night]\non = true",
            "[hours]\nfrom = \"7\"",
            "[hours]\nfrom = \"24:00\"",
            "[hours]\nfrom = \"+7:00\"",
            "[hours]\nfrom = \"19:00\"",
            "[hours]\ndays = [\"monday\"]",
            "[rise]\ntimes = nan",
            "[rise]\ntimes = 0.5",
            "[cases]\ndays = 4000000000",
            "[refused]\nattempts = -1",
        ] {
            assert!(Rules::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn working_hours_begin_and_end() {
        let hours = Hours { holidays: ["2026-12-25".parse().unwrap()].into(), ..Hours::default() };
        let works =
            |date: &str, hour, minute| hours.works(date.parse().unwrap(), Time::new(hour, minute, 0, 0).unwrap());
        assert!(works("2026-11-25", 7, 0) && works("2026-11-25", 17, 59));
        assert!(!works("2026-11-25", 6, 59) && !works("2026-11-25", 18, 0));
        assert!(!works("2026-11-28", 12, 0) && !works("2026-12-25", 12, 0));
    }
}
