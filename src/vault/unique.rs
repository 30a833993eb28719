//! Values that must not be there twice, and records found by them.

use std::collections::HashMap;

use super::{
    Progress, Vault,
    actor::Actor,
    commit::Access,
    error::VaultError,
    read::Shown,
    write::{Draft, kind_of, sealed_field},
};
use crate::{
    crypto::digest::{Digest, sha256},
    id::Id,
    ledger::Action,
    records::{label::fold, value::Value},
};

/// The values of one field in all records of a kind, as keyed hashes: what is kept in memory
/// between two rows of an import does not hold the numbers themselves.
pub struct Known {
    salt: [u8; 32],
    records: HashMap<Digest, Id>,
}

impl Known {
    /// The record that has this value. Letters and digits decide, as for a person.
    pub fn find(&self, text: &str) -> Option<&Id> {
        self.records.get(&self.hash(text))
    }

    /// Notes that a record has this value.
    pub fn note(&mut self, value: &Value, record: Id) {
        if let Some(text) = value.as_text() {
            let hash = self.hash(text);
            self.records.insert(hash, record);
        }
    }

    fn hash(&self, text: &str) -> Digest {
        sha256(&[&self.salt, fold(text).as_bytes()])
    }
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Known({} values)", self.records.len())
    }
}

impl Vault {
    /// Opens one field in all records of a kind, to compare with. The search is an entry. `None`
    /// if the actor cannot open the field's class: then nobody can say whether a value is there.
    pub fn known_values(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        kind: &str,
        field: &str,
        progress: &dyn Progress,
    ) -> Result<Option<Known>, VaultError> {
        let schema = self.schema().clone();
        let (field, class) = sealed_field(kind_of(&schema, kind)?, field)?;
        if !actor.opens(self.charter(), class) {
            return Ok(None);
        }
        let mut known = Known { salt: [0; 32], records: HashMap::new() };
        actor.random.fill(&mut known.salt)?;
        for shown in self.search_field(actor, access, kind, &field.id, progress)? {
            if let Some(value) = shown.value(&field.id) {
                known.note(value, shown.record);
            }
        }
        Ok(Some(known))
    }

    /// Opens one field in all records of a kind, to find some by it. The search is an entry, and
    /// what comes back is not to be shown: only what is found, under an entry of its own.
    pub fn search_field(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        kind: &str,
        field: &str,
        progress: &dyn Progress,
    ) -> Result<Vec<Shown>, VaultError> {
        let records = self.records_of_kind(kind)?;
        self.open_for(actor, access, Action::RecordCheck, &records, field, progress)
    }

    /// Checks the unique fields of a draft against all other records of its kind. Gives the names
    /// of the unique fields that could not be checked, because the actor cannot open them.
    pub fn check_unique(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        kind: &str,
        draft: &Draft,
        but: Option<&Id>,
        progress: &dyn Progress,
    ) -> Result<Vec<String>, VaultError> {
        let schema = self.schema().clone();
        let mut unchecked = Vec::new();
        for field in kind_of(&schema, kind)?.fields.iter().filter(|field| field.unique) {
            let given = draft.values.iter().find(|(name, _)| *name == field.id);
            let Some(text) = given.and_then(|(_, value)| value.as_text()) else { continue };
            match self.known_values(actor, access, kind, &field.id, progress)? {
                None => unchecked.push(field.id.clone()),
                Some(known) => {
                    if let Some(record) = known.find(text).filter(|record| Some(*record) != but) {
                        let record = record.to_string();
                        return Err(VaultError::Duplicate { field: field.id.clone(), record });
                    }
                }
            }
        }
        Ok(unchecked)
    }
}
