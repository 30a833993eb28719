//! Which record is meant, and which there are. Nothing is opened, and no entry is left: ids and kinds
//! stand in the ledger for all its readers.

use std::collections::HashSet;

use super::{Vault, error::VaultError, rows};
use crate::{id::Id, store::Kv};

/// Fewest characters of a record's id that are accepted in place of all.
pub const MIN_PREFIX: usize = 6;

impl Vault {
    /// The record that is meant by an id, or by the first characters of one.
    pub fn resolve(&self, reference: &str) -> Result<Id, VaultError> {
        let typed = reference.trim().to_owned();
        let reference = typed.to_ascii_lowercase();
        if let Ok(id) = reference.parse::<Id>() {
            self.head_of(&id)?;
            return Ok(id);
        }
        let usable = reference.len() >= MIN_PREFIX
            && reference.len() < crate::id::ID_TEXT
            && reference.bytes().all(|b| b"0123456789abcdefghjkmnpqrstvwxyz".contains(&b));
        if !usable {
            return Err(VaultError::BadReference { reference: typed, least: MIN_PREFIX });
        }
        // Whole bytes of the prefix narrow the scan; the characters decide.
        let whole = reference.len() * 5 / 8;
        let filled = format!("{reference:0<26}").parse::<Id>().map(|id| id.0).unwrap_or_default();
        let mut found = Vec::new();
        let (mut first, mut last) = (Id([0; 16]), Id([0xff; 16]));
        first.0[..whole].copy_from_slice(&filled[..whole]);
        last.0[..whole].copy_from_slice(&filled[..whole]);
        for record in self.records.records(&first, &last, &|key| self.row(key))? {
            found.extend(Some(record).filter(|id| id.to_string().starts_with(&reference)));
        }
        if found.is_empty() {
            for row in self.store.scan(&[b"W", &filled[..whole]].concat()) {
                let erased = rows::last_id(&row?.0).filter(|id| id.to_string().starts_with(&reference));
                if let Some(record) = erased {
                    return Err(self.missing_record(&record));
                }
            }
        }
        match found[..] {
            [id] => Ok(id),
            [] => Err(VaultError::NoRecord { reference: typed }),
            _ => Err(VaultError::Ambiguous { reference: typed, count: found.len() }),
        }
    }

    /// The records of a kind. Opens nothing, and leaves no entry: ids and kinds stand in the
    /// ledger for all its readers.
    ///
    /// In the order in which they were entered, without those that were merged into others.
    pub fn records_of_kind(&self, kind: &str) -> Result<Vec<Id>, VaultError> {
        let mut out = self.all_of_kind(kind)?;
        let merged = self.store.scan(b"m").map(|row| Ok(rows::last_id(&row?.0)));
        let merged: HashSet<Option<Id>> = merged.collect::<Result<_, VaultError>>()?;
        out.retain(|record| !merged.contains(&Some(*record)));
        Ok(out)
    }

    /// All records of a kind, those too that were merged into others.
    pub(super) fn all_of_kind(&self, kind: &str) -> Result<Vec<Id>, VaultError> {
        let mut out = Vec::new();
        for row in self.store.scan(&rows::kind(kind)) {
            let (_, row) = row?;
            out.extend(row.as_chunks().0.iter().map(|id| Id(*id)));
        }
        Ok(out)
    }

    /// What of a kind belongs to a record, without what was merged into others.
    pub fn present_of(&self, owner: &Id, kind: &str) -> Result<Vec<Id>, VaultError> {
        let mut out = Vec::new();
        for (_, id) in self.owned_by(owner)?.into_iter().filter(|(of, _)| of == kind) {
            if self.survivor(&id)? == id {
                out.push(id);
            }
        }
        Ok(out)
    }

    /// What belongs to a record: kinds and ids.
    pub fn owned_by(&self, owner: &Id) -> Result<Vec<(String, Id)>, VaultError> {
        let mut out = Vec::new();
        let mut owners = vec![*owner];
        while let Some(owner) = owners.pop() {
            for row in self.store.scan(&rows::owned(&owner)) {
                out.extend(rows::split_owned(&row?.0).map(|(kind, id)| (kind.to_owned(), id)));
            }
            // What belonged to a record that was merged into this one belongs to it.
            for row in self.store.scan(&rows::merged(&owner)) {
                owners.extend(rows::last_id(&row?.0));
            }
        }
        Ok(out)
    }
}
