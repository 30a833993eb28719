//! How often what happened.

use std::{collections::BTreeMap, fmt};

/// All that has to happen in a few hundred histories: what is done, and what goes wrong. What of
/// this never happens is not tried.
pub const KINDS: [&str; 35] = [
    "histories",
    "steps",
    "acknowledged",
    "created",
    "imported",
    "updated",
    "read",
    "found",
    "index rebuilt",
    "key changed",
    "handed on",
    "checkpoints",
    "store removed",
    "left open",
    "closed",
    "erased",
    "released",
    "power cuts",
    "kills",
    "pages lost",
    "pages torn",
    "pages mixed",
    "pages reordered",
    "lengths lost",
    "names lost",
    "names reordered",
    "renames lost",
    "writes failed",
    "writes short",
    "writes without room",
    "writes over room",
    "syncs failed",
    "reads failed",
    "bits flipped",
    // Of what was under way, how much was there whole afterwards.
    "survived",
];

/// Counts by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<&'static str, u64>);

impl Counts {
    pub fn add(&mut self, what: &'static str, times: u64) {
        if times > 0 {
            *self.0.entry(what).or_default() += times;
        }
    }

    pub fn add_all(&mut self, other: &Counts) {
        other.0.iter().for_each(|(what, times)| self.add(what, *times));
    }

    /// What of [`KINDS`] did not happen.
    pub fn missing(&self) -> Vec<&'static str> {
        KINDS.into_iter().filter(|kind| !self.0.contains_key(kind)).collect()
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(what, times)| writeln!(f, "{times:>12} {what}"))
    }
}
