//! Stretches of time, as the commands of `amanah audit` take them.

use clap::Args;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};

use crate::{
    audit::Span,
    cli::{
        args::Moment,
        error::{CliError, CliResult},
    },
    custody::Charter,
};

/// From when, and until when.
#[derive(Debug, Clone, Copy, Args)]
pub struct When {
    /// Only from this day or moment on
    #[arg(long, value_name = "TIME")]
    pub since: Option<Moment>,
    /// Only until this day or moment, the day included
    #[arg(long, value_name = "TIME")]
    pub until: Option<Moment>,
}

impl When {
    /// The stretch of time; days are those of the charter's time zone.
    ///
    /// # Errors
    /// [`CliError::NoTime`] if nothing can be in it: that nothing was found would tell nothing.
    pub fn span(&self, charter: &Charter) -> CliResult<Span> {
        let zone = zone_of(charter.time_zone());
        let since = self.since.map(|moment| begin(moment, &zone));
        let until = self.until.map(|moment| end(moment, &zone));
        match (since, until) {
            (Some(since), Some(until)) if since >= until => Err(CliError::NoTime.into()),
            _ => Ok(Span { since, until }),
        }
    }
}

/// A time as people at the centre write it, in the charter's time zone.
pub fn local_time(time: Timestamp, zone: &str) -> String {
    zone_of(zone).to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The charter's zone; it was known when the charter was read.
pub fn zone_of(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// The moment at which a day begins.
pub fn begin(moment: Moment, zone: &TimeZone) -> Timestamp {
    match moment {
        Moment::Time(time) => time,
        Moment::Day(day) => zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MIN),
    }
}

fn end(moment: Moment, zone: &TimeZone) -> Timestamp {
    match moment {
        Moment::Time(time) => time,
        Moment::Day(day) => {
            day.checked_add(1.day()).and_then(|next| zone.to_timestamp(next.at(0, 0, 0, 0))).unwrap_or(Timestamp::MAX)
        }
    }
}
