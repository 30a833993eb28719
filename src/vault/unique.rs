//! Values that must not be there twice, and records found by them.

use std::collections::{BTreeMap, HashMap};

use super::{
    Progress, Vault,
    actor::Actor,
    commit::{Access, Act},
    error::VaultError,
    lookup::ClassIndex,
    read::Shown,
    write::{Draft, kind_of, sealed_field},
};
use crate::{
    crypto::digest::{Digest, sha256},
    id::Id,
    ledger::{Action, Outcome, Subject},
    records::{
        schema::{Field, SearchMode},
        search,
        value::Value,
    },
};

/// The values of one field in all records of a kind: the index of its class, or, where the index
/// does not have them, keyed hashes of all values, so that what is kept in memory between two rows
/// of an import does not hold the numbers themselves.
pub struct Known {
    salt: [u8; 32],
    records: HashMap<Digest, Vec<Id>>,
    index: Option<(ClassIndex, String, Field)>,
}

impl Known {
    fn note(&mut self, value: &Value, record: Id) {
        if let Some(hash) = self.hash(value) {
            self.records.entry(hash).or_default().push(record);
        }
    }

    /// Of a value in the form in which an index has it: a text or a whole number.
    fn hash(&self, value: &Value) -> Option<Digest> {
        search::exact(value).map(|token| sha256(&[&self.salt, token.text.as_bytes()]))
    }
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Known({} values)", self.records.len())
    }
}

impl Vault {
    /// The values of one field in all records of a kind, to compare with. The search is an entry. `None`
    /// if the actor cannot open the field's class, or not what was written of it under an earlier charter: then
    /// they cannot be told whether a value is there.
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
        let mut known = Known { salt: [0; 32], records: HashMap::new(), index: None };
        if field.search == Some(SearchMode::Exact) && self.is_indexed(kind, field, class)? {
            match self.check_index(actor, class) {
                Err(VaultError::IndexSealed { .. }) => return Ok(None),
                checked => checked?,
            }
            // Said before anything is looked up. No record is opened, and none can be named: which
            // ones are found is not known yet.
            self.check_access(actor, access, Action::RecordCheck, &[class])?;
            let subject = Subject {
                kind: kind.to_owned(),
                version: 0,
                fields: BTreeMap::from([(class.to_owned(), vec![field.id.clone()])]),
                records: Vec::new(),
                of: Vec::new(),
            };
            let group = actor.groups().first().cloned().unwrap_or_default();
            let (action, outcome) = (Action::RecordCheck, Outcome::Ok);
            let act = Act { action, group, access, subjects: vec![subject], outcome, detail: None };
            self.commit(actor, act, Vec::new())?;
            self.index_waiting(actor, access, &[class.to_owned()], progress)?;
            known.index = Some((self.class_index(actor, class)?, kind.to_owned(), field.clone()));
            return Ok(Some(known));
        }
        actor.random.fill(&mut known.salt)?;
        for shown in self.search_field(actor, access, kind, &field.id, progress)? {
            if let Some(value) = shown.value(&field.id) {
                known.note(value, self.survivor(&shown.record)?);
            }
        }
        Ok(Some(known))
    }

    /// The record that has this value. Letters and digits decide, as for a person.
    pub fn find_known(&self, known: &Known, value: &Value) -> Result<Option<Id>, VaultError> {
        Ok(self.all_known(known, value)?.first().copied())
    }

    /// All that have it: who could not look may have entered it again.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn all_known(&self, known: &Known, value: &Value) -> Result<Vec<Id>, VaultError> {
        match &known.index {
            None => Ok(known.hash(value).and_then(|hash| known.records.get(&hash).cloned()).unwrap_or_default()),
            Some((index, kind, field)) => self.with_value(index, kind, field, value),
        }
    }

    /// Opens one field in all records of a kind, to find some by it. The search is an entry, and
    /// what comes back is not to be shown: only what is found, under an entry of its own. What was merged into
    /// others goes by the code that it had.
    fn search_field(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        kind: &str,
        field: &str,
        progress: &dyn Progress,
    ) -> Result<Vec<Shown>, VaultError> {
        let records = self.all_of_kind(kind)?;
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
            let Some(value) = given.map(|(_, value)| value).filter(|value| !value.is_null()) else { continue };
            match self.known_values(actor, access, kind, &field.id, progress)? {
                None => unchecked.push(field.id.clone()),
                Some(known) => {
                    let found = self.all_known(&known, value)?;
                    if let Some(record) = found.iter().find(|record| Some(*record) != but) {
                        let record = record.to_string();
                        return Err(VaultError::Duplicate { field: field.id.clone(), record });
                    }
                }
            }
        }
        Ok(unchecked)
    }
}
