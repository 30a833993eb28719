//! Which records have been kept for as long as the charter says.

use std::collections::HashMap;

use jiff::{ToSpan as _, civil::Date};

use super::{
    Progress, Vault,
    actor::Actor,
    commit::Access,
    error::VaultError,
    read::Revealed,
    rows,
    write::{kind_of, sealed_field},
};
use crate::{custody::Retention, id::Id, records::value::Value, store::Kv};

/// A record that should be erased, or soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The record.
    pub record: Id,
    /// Its kind.
    pub kind: String,
    /// The day on which its time is over.
    pub due: Date,
    /// The field that says so; `None` if it counts from when the record was last written.
    pub by: Option<String>,
    /// Whether its use is restricted: then it may still be wanted for what it is restricted for.
    pub restricted: bool,
}

/// What is known of the date that a rule counts from.
enum Found {
    /// The newest of the dates.
    Day(Date),
    /// There is none.
    None,
    /// It is sealed against the one who asks.
    Sealed,
}

impl Vault {
    /// The records whose time is over on a day, the longest overdue first. Dates that rules name are
    /// read, which the ledger says first; what they cannot be read of is counted from when it was
    /// last written. A record without the date that its rule counts from is not due.
    pub fn retention_due(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        on: Date,
        progress: &dyn Progress,
    ) -> Result<Vec<Due>, VaultError> {
        let charter = self.charter().clone();
        let mut out = Vec::new();
        for rule in charter.retention() {
            let records = self.records_of_kind(&rule.kind)?;
            let until = self.dates(actor, access, rule, rule.until.as_deref(), &records, progress)?;
            let after = self.dates(actor, access, rule, rule.after.as_deref(), &records, progress)?;
            for record in records {
                let (from, by, years) = match (until.get(&record), after.get(&record)) {
                    (Some(Found::Day(day)), _) => (*day, rule.until.clone(), 0),
                    (_, Some(Found::Day(day))) => (*day, rule.after.clone(), rule.keep_years),
                    (_, Some(Found::Sealed) | None) => (self.last_written(&record)?, None, rule.keep_years),
                    _ => continue,
                };
                let Ok(due) = from.checked_add(i64::from(years).years()) else { continue };
                if due <= on {
                    let restricted = self.store.get(&rows::restriction(&record))?.is_some();
                    out.push(Due { record, kind: rule.kind.clone(), due, by, restricted });
                }
            }
        }
        out.sort_by_key(|due| (due.due, due.record));
        Ok(out)
    }

    /// Which day it is where the vault is.
    pub fn today(&self) -> Date {
        day_of(crate::clock::now(), self.charter().time_zone())
    }

    /// The newest date of a field, for each of the records; nothing where no field is named.
    fn dates(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        rule: &Retention,
        name: Option<&str>,
        records: &[Id],
        progress: &dyn Progress,
    ) -> Result<HashMap<Id, Found>, VaultError> {
        let mut out = HashMap::new();
        let Some(name) = name else { return Ok(out) };
        let (kind, field) = name.split_once('.').unwrap_or((&rule.kind, name));
        let schema = self.schema().clone();
        sealed_field(kind_of(&schema, kind)?, field)?;
        let mut holders: Vec<Id> = Vec::new();
        let mut owner: HashMap<Id, Id> = HashMap::new();
        for record in records {
            out.insert(*record, Found::None);
            if kind == rule.kind {
                holders.push(*record);
                owner.insert(*record, *record);
                continue;
            }
            for id in self.present_of(record, kind)? {
                holders.push(id);
                owner.insert(id, *record);
            }
        }
        if holders.is_empty() {
            return Ok(out);
        }
        let shown = self.list_records(actor, access, &holders, &[field.to_owned()], progress)?;
        for one in shown {
            let Some(record) = owner.get(&one.record) else { continue };
            for cell in one.cells {
                let known = out.entry(*record).or_insert(Found::None);
                match cell.content {
                    Revealed::Value(Value::Date(day)) => {
                        let newer = match known {
                            Found::Day(before) => day > *before,
                            _ => true,
                        };
                        if newer {
                            *known = Found::Day(day);
                        }
                    }
                    Revealed::Sealed | Revealed::Restricted if matches!(known, Found::None) => *known = Found::Sealed,
                    _ => {}
                }
            }
        }
        Ok(out)
    }

    /// The day on which a record was last written, where the vault is.
    fn last_written(&self, record: &Id) -> Result<Date, VaultError> {
        let newest = self.newest_version(record)?.ok_or_else(|| self.missing_record(record))?;
        let sequence = newest.sequence;
        let time = self.line(sequence)?.entry().time;
        let zone = self.charter().time_zone();
        Ok(day_of(time, zone))
    }
}

/// The day of a moment in a time zone; the charter's zone was checked, so it is known.
pub(super) fn day_of(time: jiff::Timestamp, zone: &str) -> Date {
    time.in_tz(zone).or_else(|_| time.in_tz("UTC")).map(|local| local.date()).unwrap_or_default()
}
