//! Entries in the formats that others take. `docs/AUDIT.md` says what goes where.
//!
//! | file | holds |
//! |---|---|
//! | `disclosed` | an entry as it goes out: with pseudonyms, or as it is |
//! | `csv`, `ocsf`, `fhir`, `ecs`, `cef` | one format each |
//! | `manifest` | what an export says of itself |
//! | `write`, `check` | an export written; an export checked by who receives it |
//! | `state` | how far exports have come that go on from each other |

pub mod cef;
pub mod check;
pub mod csv;
pub mod disclosed;
pub mod ecs;
pub mod fhir;
pub mod manifest;
pub mod ocsf;
pub mod state;
pub mod write;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use disclosed::Disclosed;
pub use manifest::Manifest;

use super::Nature;
use crate::{id::Id, ledger::Outcome};

/// Counts changes of the mappings: an export that was made by another is not made again to be
/// compared.
pub const MAPPING: u32 = 1;

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The ledger's own lines.
    Jsonl,
    /// A table, a row for each record.
    Csv,
    /// OCSF Datastore Activity.
    Ocsf,
    /// FHIR AuditEvent by IHE BALP.
    Fhir,
    /// Elastic Common Schema.
    Ecs,
    /// Common Event Format.
    Cef,
}

impl Format {
    /// The standard and its version.
    pub fn standard(self) -> &'static str {
        match self {
            Format::Jsonl => "amanah ledger/1",
            Format::Csv => "RFC 4180",
            Format::Ocsf => "OCSF 1.8.0 Datastore Activity (6005)",
            Format::Fhir => "FHIR R4 AuditEvent, IHE BALP 1.1.3",
            Format::Ecs => "ECS 9.4.0",
            Format::Cef => "CEF 0 (ArcSight Common Event Format)",
        }
    }

    /// The file of its events; `None` where the entries themselves are the export.
    pub fn file(self) -> Option<&'static str> {
        match self {
            Format::Jsonl => None,
            Format::Csv => Some("events.csv"),
            Format::Ocsf => Some("events.ocsf.jsonl"),
            Format::Fhir => Some("events.fhir.ndjson"),
            Format::Ecs => Some("events.ecs.jsonl"),
            Format::Cef => Some("events.cef"),
        }
    }

    /// What stands before the first event.
    pub fn head(self) -> Vec<u8> {
        match self {
            Format::Csv => csv::head(),
            _ => Vec::new(),
        }
    }

    /// An entry's events, each ending in a line break, and how many they are.
    pub fn events(self, entry: &Disclosed, origin: &Origin<'_>) -> (Vec<u8>, u64) {
        match self {
            Format::Jsonl => (Vec::new(), 0),
            Format::Csv => csv::rows(entry),
            Format::Ocsf => lines(&[ocsf::event(entry, origin)]),
            Format::Fhir => lines(&fhir::events(entry, origin)),
            Format::Ecs => lines(&[ecs::event(entry, origin)]),
            Format::Cef => cef::events(entry, origin),
        }
    }
}

/// Where entries come from, and by what they were written out.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The vault.
    pub vault: &'a Id,
    /// Its name for people.
    pub name: &'a str,
    /// The version of the program.
    pub version: &'a str,
}

/// What somebody outside calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Read,
    Create,
    Update,
    Delete,
    Other,
}

impl Deed {
    fn of(entry: &Disclosed) -> Deed {
        match (entry.action.name(), Nature::of(entry.action)) {
            _ if entry.admitted_by().is_some() => Deed::Read,
            ("record.create" | "record.import", _) => Deed::Create,
            ("record.update" | "record.link" | "record.merge", _) => Deed::Update,
            ("record.restrict" | "record.release-restriction", _) => Deed::Update,
            ("record.erase", _) => Deed::Delete,
            ("record.history", _) | (_, Nature::Shown | Nature::Compared) => Deed::Read,
            _ => Deed::Other,
        }
    }
}

/// Whether it was done.
pub(crate) fn done(entry: &Disclosed) -> bool {
    entry.outcome == Outcome::Ok
}

fn lines(events: &[Value]) -> (Vec<u8>, u64) {
    let mut out = Vec::new();
    for event in events {
        canonical(event, &mut out);
        out.push(b'\n');
    }
    (out, events.len() as u64)
}

/// JSON with the members of objects in the order of their names, whatever order the library keeps:
/// who checks an export makes the same bytes again.
fn canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            out.push(b'{');
            for (at, name) in names.into_iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(Value::String(name.clone()).to_string().as_bytes());
                out.push(b':');
                canonical(&members[name], out);
            }
            out.push(b'}');
        }
        Value::Array(values) => {
            out.push(b'[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                canonical(value, out);
            }
            out.push(b']');
        }
        other => out.extend_from_slice(other.to_string().as_bytes()),
    }
}

#[cfg(test)]
pub(crate) mod tests;
