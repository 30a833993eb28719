//! Arguments that several commands share.

use std::str::FromStr;

use clap::Args;
use jiff::{Timestamp, civil::Date};

use crate::cli::error::CliError;

/// Why something is done. It goes into the ledger.
#[derive(Debug, Clone, Args)]
pub struct Why {
    /// The purpose: one of the codes of the charter
    #[arg(short, long, value_name = "CODE")]
    pub purpose: Option<String>,
    /// The reason in your own words; it is sealed for your own body and for oversight, that of a
    /// request for the groups that hold shares of what is asked for
    #[arg(short, long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Values that were given beforehand instead of in the form.
#[derive(Debug, Clone, Args)]
pub struct Values {
    /// Fields and their values
    ///
    /// Other users of this computer can see what stands on a command line while it runs. Give
    /// what is confidential in the form or with --from.
    #[arg(value_name = "FIELD=VALUE")]
    pub values: Vec<Assignment>,
    /// A file with a JSON object of fields and values; - is the standard input
    #[arg(long, value_name = "FILE")]
    pub from: Option<std::path::PathBuf>,
}

/// A record: its id, a beginning of it that is long enough, or its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRef(pub String);

impl FromStr for RecordRef {
    type Err = CliError;

    fn from_str(text: &str) -> Result<Self, CliError> {
        match text.trim() {
            "" => Err(CliError::RecordReference),
            named => Ok(RecordRef(named.to_owned())),
        }
    }
}

/// `FIELD=VALUE`.
#[derive(Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The field.
    pub field: String,
    /// Its value, as text; may be empty.
    pub value: String,
}

impl std::fmt::Debug for Assignment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Assignment({}=...)", self.field)
    }
}

impl FromStr for Assignment {
    type Err = CliError;

    fn from_str(text: &str) -> Result<Self, CliError> {
        match text.split_once('=') {
            Some((field, value)) if !field.trim().is_empty() => {
                Ok(Assignment { field: field.trim().to_owned(), value: value.to_owned() })
            }
            // Without `=` it may be a value in the wrong place: it is not repeated whole.
            _ => Err(CliError::Assignment { value: text.chars().take(20).collect() }),
        }
    }
}

/// A day in the time zone of the charter, or a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// `2026-11-24`
    Day(Date),
    /// `2026-11-24T10:00:00Z`
    Time(Timestamp),
}

impl FromStr for Moment {
    type Err = CliError;

    fn from_str(text: &str) -> Result<Self, CliError> {
        // `Date` would also take the day out of a date and time without an offset.
        if text.len() == "2026-11-24".len()
            && let Ok(day) = text.parse()
        {
            return Ok(Moment::Day(day));
        }
        text.parse().map(Moment::Time).map_err(|_| CliError::Moment { value: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments() {
        let assignment = "note= a=b ".parse::<Assignment>().unwrap();
        assert_eq!((assignment.field.as_str(), assignment.value.as_str()), ("note", " a=b "));
        assert_eq!("alias=".parse::<Assignment>().unwrap().value, "");
        assert!("=x".parse::<Assignment>().is_err() && "x".parse::<Assignment>().is_err());
        assert_eq!(format!("{assignment:?}"), "Assignment(note=...)");
    }

    #[test]
    fn moments() {
        assert!(matches!("2026-11-24".parse(), Ok(Moment::Day(_))));
        assert!(matches!("2026-11-24T10:00:00Z".parse(), Ok(Moment::Time(_))));
        assert!(matches!("2026-11-24T10:00:00+07:00".parse(), Ok(Moment::Time(_))));
        for bad in ["yesterday", "2026-11-31", "2026-11-24T10:00:00", "24/11/2026"] {
            assert!(bad.parse::<Moment>().is_err(), "{bad}");
        }
    }
}
