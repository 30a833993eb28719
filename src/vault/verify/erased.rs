//! What was erased: the items that are gone, the entries that say so, and that each explains the
//! other to the last one.

use super::{
    super::{
        apply::{Ghost, ghosts},
        erase::check_erasure,
        error::VaultError,
        item::ErasureItem,
        rows,
    },
    Walk,
};
use crate::{
    ledger::{Action, Entry},
    store::journal,
};

/// An item that is not there, and no entry that says it was erased.
const UNEXPLAINED: &str = "an item of its payload is gone, and no entry says that it was erased";

impl Walk<'_> {
    /// Takes note of the items of a payload that are gone, and that an entry has to explain later;
    /// there are no more of them than an entry like this one can have lost.
    pub(super) fn erased(&mut self, entry: &Entry, payload: &journal::Payload) -> Result<(), VaultError> {
        let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
        let erased = payload.items.iter().filter(|kept| matches!(kept, journal::Item::Erased(_))).count() as u64;
        if erased == 0 {
            return Ok(());
        }
        self.findings.erased += erased;
        self.row(&rows::erased(entry.seq), &erased.to_be_bytes());
        let places = (0..).zip(&payload.items).filter(|(_, kept)| matches!(kept, journal::Item::Erased(_)));
        self.gone.extend(places.map(|(place, _)| (entry.seq, place)));
        let ghosts = ghosts(entry, payload);
        // A version leaves itself and at most its postings behind; a later indexing, postings.
        let most = match entry.action {
            Action::IndexRebuild => erased,
            _ => self.exchanged.most_gone(entry, erased).unwrap_or(2 * ghosts.len() as u64),
        };
        if erased > most || (ghosts.len() as u64) > erased {
            return Err(bad(UNEXPLAINED));
        }
        self.exchanged.gone(entry, payload.items.len());
        for ghost in ghosts {
            self.ghost(entry, ghost)?;
        }
        Ok(())
    }

    /// A version that was erased: the entry still says which it was.
    fn ghost(&mut self, entry: &Entry, ghost: Ghost<'_>) -> Result<(), VaultError> {
        let of = self.ghosts.entry(ghost.record).or_default();
        *of = (of.0 + 1, entry.seq);
        self.ghost_versions += 1;
        self.head(entry, ghost.record, ghost.head, ghost.fields.clone())
    }

    /// An erasure names records that were there, and exactly what of them is gone; all of it is.
    pub(super) fn erasure(&mut self, entry: &Entry, erasure: &ErasureItem) -> Result<(), VaultError> {
        let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
        let charter = self.charters.get(&entry.charter).ok_or_else(|| bad("it names a charter that is not there"))?;
        check_erasure(entry, erasure, charter, erasure.asked.and_then(|sequence| self.asks.get(&sequence)))?;
        for (of, places) in &erasure.items {
            // Two erasures do not name the same item: one that is not there is still in the journal.
            if !places.iter().all(|place| self.gone.remove(&(*of, *place))) {
                return Err(VaultError::NotErased { sequence: entry.seq, of: *of });
            }
            if !self.exchanged.goes_with(*of, places, &erasure.records) {
                return Err(VaultError::BadEntry { sequence: *of, why: UNEXPLAINED });
            }
        }
        for record in &erasure.records {
            let newest = self.records.remove(record).ok_or_else(|| bad("it erases a record that is not there"))?;
            let (versions, of) = self.ghosts.remove(record).unwrap_or((0, entry.seq));
            if versions != newest {
                return Err(VaultError::NotErased { sequence: entry.seq, of });
            }
            self.restricted.remove(record);
            self.erasures.insert(*record, entry.seq);
        }
        Ok(())
    }

    /// At the end nothing is gone that no entry has explained.
    pub(super) fn explained(&self) -> Result<(), VaultError> {
        // What an erasure explains is taken out of both: the rest is somebody's doing.
        let unexplained = self.gone.first().map(|(sequence, _)| *sequence);
        if let Some(sequence) = unexplained {
            return Err(VaultError::BadEntry { sequence, why: UNEXPLAINED });
        }
        // An erasure that takes more than its records: their items are gone, they are not erased.
        if let Some((_, sequence)) = self.ghosts.values().min_by_key(|(_, sequence)| *sequence).copied() {
            return Err(VaultError::BadEntry { sequence, why: UNEXPLAINED });
        }
        Ok(())
    }
}
