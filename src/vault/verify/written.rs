//! Versions of records as the walk meets them: what they say, where they stand, and what else is said
//! of their records.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        error::VaultError,
        item::{VersionHead, VersionItem},
        policy,
        rows::Head,
        versions::Version,
    },
    Walk,
};
use crate::{
    id::Id,
    ledger::{Action, Entry, Outcome},
    store::{content::Content, journal::Position},
};

impl Walk<'_> {
    /// Takes note of where a version stands, to be compared with what the store has.
    pub(super) fn stands(
        &mut self,
        entry: &Entry,
        head: &VersionHead,
        at: Position,
        item: &Content,
    ) -> Result<(), VaultError> {
        let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
        let version = Version::new(entry.seq, head, &self.schemas, at, item).and_then(|version| version.encode());
        let version = version.ok_or_else(|| bad("its versions are beyond what a vault can hold"))?;
        if head.version == 1 {
            self.begun.entry(head.kind.clone()).or_default().extend_from_slice(&head.record.0);
        }
        self.versions.add(&version);
        Ok(())
    }

    pub(super) fn version(&mut self, entry: &Entry, version: &VersionItem) -> Result<(), VaultError> {
        let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
        let schema = self.schemas.get(&version.schema);
        let kind = schema.and_then(|schema| schema.kind(&version.kind));
        let kind = kind.ok_or_else(|| bad("it brings a record of a kind that the schema does not have"))?;
        for envelope in &version.envelopes {
            let fits = |name: &str| kind.field(name).and_then(|f| f.class.as_deref()) == Some(envelope.class.as_str());
            if !envelope.fields().all(fits) {
                return Err(bad("it brings a field that is not of the class the schema says"));
            }
            if envelope.charter != entry.charter {
                return Err(bad("it brings an envelope sealed by a charter that was not in force"));
            }
            let charter = self.charters.get(&envelope.charter);
            let policy = charter.and_then(|charter| policy::of_class(charter, &envelope.class));
            if policy.is_none_or(|policy| policy.leaves.len() != envelope.share_count()) {
                return Err(bad("it brings an envelope whose shares are not those of its class"));
            }
        }
        for (field, class, _) in kind.indexed_fields() {
            if version.envelopes.iter().any(|e| e.class == class && e.fields().any(|name| name == field.id)) {
                self.unindexed.insert((class.to_owned(), version.record, version.version));
            }
        }
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for envelope in &version.envelopes {
            fields.entry(envelope.class.clone()).or_default().extend(envelope.fields().map(ToOwned::to_owned));
        }
        let spoken = entry.subjects.iter().any(|subject| {
            let place = subject.records.iter().position(|record| *record == version.record);
            let of = place.map(|at| subject.of.get(at).and_then(|owner| owner.0));
            subject.kind == version.kind
                && subject.version == version.version
                && subject.fields == fields
                && of == Some(version.of)
        });
        if !spoken {
            return Err(bad("it brings a record, fields of one, or an owner that it does not name"));
        }
        let head = Head { kind: version.kind.clone(), version: version.version, of: version.of };
        self.head(entry, version.record, head, fields)?;
        self.findings.versions += 1;
        Ok(())
    }

    /// A version of a record, and the fields that it can have postings of.
    pub(super) fn head(
        &mut self,
        entry: &Entry,
        record: Id,
        head: Head,
        fields: BTreeMap<String, Vec<String>>,
    ) -> Result<(), VaultError> {
        if !self.erasures.contains_key(&record) && self.records.add(record, head, fields) {
            return Ok(());
        }
        let why = "a record's version does not follow its last one";
        Err(VaultError::BadEntry { sequence: entry.seq, why })
    }

    pub(super) fn restriction(&mut self, entry: &Entry, restricted: bool, records: &[Id]) -> Result<(), VaultError> {
        let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
        let action = if restricted { Action::RecordRestrict } else { Action::RecordRelease };
        let named: BTreeSet<&Id> = entry.subjects.iter().flat_map(|subject| &subject.records).collect();
        if entry.action != action || entry.outcome != Outcome::Ok || named != records.iter().collect() {
            return Err(bad("it restricts the use of records that it does not name"));
        }
        for record in records {
            let changed = match restricted {
                true => self.records.kind(record).is_some() && self.restricted.insert(*record, entry.seq).is_none(),
                false => self.restricted.remove(record).is_some(),
            };
            if !changed {
                return Err(bad("it restricts a record that is not there, or releases one that was not restricted"));
            }
        }
        Ok(())
    }

    pub(super) fn merged(&mut self, entry: &Entry, record: Id, survivor: Id) -> Result<(), VaultError> {
        let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
        let kind = |id| self.records.kind(id);
        let named = entry.subjects.iter().flat_map(|subject| &subject.records);
        let fits = entry.action == Action::RecordMerge
            && record != survivor
            && kind(&record).is_some()
            && kind(&record) == kind(&survivor)
            && !self.merged.contains_key(&record)
            && !self.merged.contains_key(&survivor)
            && [record, survivor].iter().all(|id| named.clone().any(|own| own == id));
        if !fits {
            return Err(bad("it merges records that are not there, or does not name them"));
        }
        self.merged.insert(record, survivor);
        Ok(())
    }
}
