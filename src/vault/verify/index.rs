//! What the search indexes hold: postings as many as the fields have, of indexes that are in use.

use super::{
    super::{
        apply::places_of,
        error::VaultError,
        item::{EpochItem, PostingsAt},
        policy,
    },
    Walk,
    gathered::Gathered,
};
use crate::{
    crypto::index::POSTING,
    ledger::{Action, Entry, Outcome},
    records::{schema::Kind, search},
    store::journal::Position,
};

/// An index epoch in use.
pub(super) struct Epoch {
    pub(super) class: String,
    schema: u64,
    pub(super) begun: u64,
    pub(super) item: Vec<u8>,
    /// Where its postings stand.
    pub(super) postings: Gathered,
}

impl Walk<'_> {
    /// Postings are whole, of a version and an index that are there, and as many as its fields have.
    pub(super) fn postings(&mut self, entry: &Entry, item: &PostingsAt<'_>, at: Position) -> Result<(), VaultError> {
        let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
        if !(entry.action.writes() || entry.action == Action::IndexRebuild) || entry.outcome != Outcome::Ok {
            return Err(bad("it brings postings without saying so"));
        }
        let fields = self.records.fields(item.record, item.version);
        let fields = fields.ok_or_else(|| bad("it brings postings of a version that is not there"))?;
        let (kind, by_class) = &*fields;
        for (number, begin, postings) in &item.classes {
            let missing = || bad("it brings postings of an index that is not there");
            let epoch = self.epochs.get(number).ok_or_else(missing)?;
            let schema = self.schemas.get(&epoch.schema).ok_or_else(missing)?;
            let names = by_class.get(&epoch.class).map(Vec::as_slice).unwrap_or_default();
            let wanted: usize = schema
                .kind(kind)
                .into_iter()
                .flat_map(Kind::indexed_fields)
                .filter(|(field, class, _)| *class == epoch.class && names.contains(&field.id))
                .map(|(field, _, _)| search::quota(field))
                .sum();
            if postings.len() != wanted * POSTING {
                return Err(bad("it brings another number of postings than its fields have"));
            }
            if !postings.chunks_exact(POSTING).is_sorted() {
                return Err(bad("its postings are not in the order of their labels"));
            }
            self.unindexed.remove(&(epoch.class.clone(), item.record, item.version));
            let epoch = self.epochs.get_mut(number).ok_or_else(missing)?;
            for posting in places_of(at.after(*begin), postings) {
                epoch.postings.add(&posting.ok_or_else(missing)?);
            }
        }
        Ok(())
    }

    pub(super) fn epoch(&mut self, entry: &Entry, epoch: EpochItem, bytes: &[u8]) -> Result<(), VaultError> {
        let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
        let wrong = || bad("it begins an index that cannot be one");
        let EpochItem { epoch: number, class, schema, secret } = epoch;
        let charter = self.charters.get(&secret.charter).ok_or_else(wrong)?;
        let policy = policy::of_class(charter, &class).ok_or_else(wrong)?;
        let sealed =
            secret.class == class && policy.leaves.len() == secret.share_count() && secret.fields().eq(["secret"]);
        if !sealed || number != self.newest_epoch + 1 || self.schemas.keys().next_back() != Some(&schema) {
            return Err(wrong());
        }
        // Who begins an index knows its secret: only one who opens the class may.
        let groups: Vec<String> = charter.groups_of(&entry.actor).map(ToOwned::to_owned).collect();
        if entry.outcome != Outcome::Ok || !charter.openable_alone(&class, &groups) {
            return Err(bad("it begins an index of a class that its actor does not open"));
        }
        self.newest_epoch = number;
        let begun = entry.seq;
        let item = bytes.to_owned();
        let postings = self.versions.none();
        self.epochs.insert(number, Epoch { class, schema, begun, item, postings });
        Ok(())
    }

    pub(super) fn complete(&mut self, entry: &Entry, number: u64) -> Result<(), VaultError> {
        let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
        let Some(epoch) = self.epochs.get(&number).filter(|_| entry.action == Action::IndexRebuild) else {
            return Err(bad("it completes an index that is not there"));
        };
        let class = epoch.class.clone();
        self.epochs.retain(|other, epoch| *other >= number || epoch.class != class);
        self.complete.insert(class, number);
        Ok(())
    }
}
