//! The epochs of the indexes, as the store has them.
//!
//! They are asked of whenever a searched field is written or looked up, and change seldom: they are kept
//! in memory until a batch touches them.

use super::{
    error::VaultError,
    item::{EpochItem, Item},
    rows,
};
use crate::store::{Batch, Kv};

/// An epoch that can be searched.
#[derive(Debug)]
pub(super) struct Epoch {
    /// How many items were erased of entries since the one that began it.
    pub erased: u64,
    pub item: EpochItem,
}

/// The epochs of all classes, the oldest first.
#[derive(Debug)]
pub(super) struct Epochs(Vec<Epoch>);

impl Epochs {
    /// As they are in the store now.
    pub fn load(store: &dyn Kv) -> Result<Epochs, VaultError> {
        let mut erased = Vec::new();
        for row in store.scan(rows::ERASED) {
            let (key, count) = row?;
            erased.push((key, count.try_into().map(u64::from_be_bytes).unwrap_or_default()));
        }
        let mut epochs = Vec::new();
        for row in store.scan(rows::EPOCHS) {
            let (_, row) = row?;
            let (begun, item) = rows::split_stored_item(&row)?;
            let Item::Epoch(item) = Item::decode(item)? else { continue };
            let since = erased.iter().filter(|(key, _)| key.as_slice() >= &rows::erased(begun)[..]);
            epochs.push(Epoch { erased: since.map(|(_, count)| count).sum(), item });
        }
        Ok(Epochs(epochs))
    }

    /// Whether a batch changes them.
    pub fn are_changed_by(batch: &Batch) -> bool {
        batch.changes().any(|(key, _)| key.starts_with(rows::EPOCHS) || key.starts_with(rows::ERASED))
    }

    /// Those of one class.
    pub fn of(&self, class: &str) -> impl DoubleEndedIterator<Item = &Epoch> {
        self.0.iter().filter(move |epoch| epoch.item.class == class)
    }
}
