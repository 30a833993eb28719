//! Time in steps: days, weeks, months or years, whichever gives a chart that can be read.

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
};
use serde::Serialize;

use super::Sum;

/// Most days that are shown one by one.
const MAX_DAYS: i32 = 31;
/// Most days that are shown by weeks: half a year.
const MAX_WEEKS: i32 = 7 * 26;
/// Most days that are shown by months: three years.
const MAX_MONTHS: i32 = 366 * 3;
/// Most steps without gaps: a clock that was once set to the year 9999 must not make a book.
const MAX_STEPS: usize = 200;

/// The length of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// A day.
    Day,
    /// From Monday to Sunday.
    Week,
    /// A month of the calendar.
    Month,
    /// A year of the calendar.
    Year,
}

/// One step, and what was done in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// Its first day.
    pub begin: Date,
    /// What was done.
    pub sum: Sum,
}

/// The steps from one day to another.
#[derive(Debug, Clone, Copy)]
pub struct Steps {
    step: Step,
    first: Date,
    last: Date,
}

impl Step {
    /// The first day of the step that a day is in.
    pub fn begin(self, day: Date) -> Date {
        match self {
            Step::Day => day,
            Step::Week => {
                let back = day.weekday().since(Weekday::Monday);
                day.checked_sub(i64::from(back).days()).unwrap_or(day)
            }
            Step::Month => day.first_of_month(),
            Step::Year => day.first_of_year(),
        }
    }

    fn next(self, begin: Date) -> Option<Date> {
        let length = match self {
            Step::Day => 1.day(),
            Step::Week => 1.week(),
            Step::Month => 1.month(),
            Step::Year => 1.year(),
        };
        begin.checked_add(length).ok()
    }
}

impl Steps {
    /// From the first day to the last one.
    pub fn new(first: Date, last: Date) -> Steps {
        let days = (last - first).get_days();
        let step = match days {
            days if days < MAX_DAYS => Step::Day,
            days if days < MAX_WEEKS => Step::Week,
            days if days < MAX_MONTHS => Step::Month,
            _ => Step::Year,
        };
        Steps { step, first: step.begin(first), last }
    }

    /// Their length.
    pub fn step(&self) -> Step {
        self.step
    }

    /// Their first days; none if they were too many.
    pub fn begins(&self) -> Vec<Date> {
        let all = std::iter::successors(Some(self.first), |begin| self.step.next(*begin));
        let out: Vec<Date> = all.take_while(|begin| *begin <= self.last).take(MAX_STEPS + 1).collect();
        if out.len() > MAX_STEPS { Vec::new() } else { out }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_long_as_a_chart_can_bear() {
        for (first, last, step, count, begin) in [
            ("2026-11-25", "2026-11-25", Step::Day, 1, "2026-11-25"),
            ("2026-11-01", "2026-12-01", Step::Day, 31, "2026-11-01"),
            ("2026-11-01", "2026-12-02", Step::Week, 6, "2026-10-26"),
            ("2026-01-15", "2026-11-25", Step::Month, 11, "2026-01-01"),
            ("2020-02-29", "2026-11-25", Step::Year, 7, "2020-01-01"),
            ("2026-11-25", "9999-12-31", Step::Year, 0, "2026-01-01"),
        ] {
            let steps = Steps::new(first.parse().unwrap(), last.parse().unwrap());
            assert_eq!((steps.step(), steps.begins().len()), (step, count), "{first} {last}");
            assert_eq!(steps.first.to_string(), begin);
        }
    }
}
