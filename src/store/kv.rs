//! What the vault wants of a key-value store: get, scan, apply a batch. Small, so that another
//! engine or a shared database can stand here.

use super::StoreError;

/// A row: key and value.
pub type Row = (Vec<u8>, Vec<u8>);

/// Rows in the order of their keys.
pub type Rows<'a> = Box<dyn Iterator<Item = Result<Row, StoreError>> + 'a>;

/// An ordered key-value store.
pub trait Kv: Send {
    /// The value under a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// All rows whose keys begin with `prefix`, in order.
    fn scan(&self, prefix: &[u8]) -> Rows<'_>;
    /// Applies a batch. After an error, or if the process dies in between, a part of it can be there:
    /// such a store is made anew.
    fn apply(&self, batch: Batch) -> Result<(), StoreError>;
}

/// Changes that are applied together, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch(Vec<(Vec<u8>, Option<Vec<u8>>)>);

impl Batch {
    /// Sets a row.
    pub fn insert(&mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.0.push((key.into(), Some(value.into())));
    }

    /// Removes a row.
    pub fn remove(&mut self, key: impl Into<Vec<u8>>) {
        self.0.push((key.into(), None));
    }

    /// The changes, in order: a value, or `None` for a removal.
    pub fn into_changes(self) -> impl Iterator<Item = (Vec<u8>, Option<Vec<u8>>)> {
        self.0.into_iter()
    }

    /// The changes, in order.
    pub fn changes(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        self.0.iter().map(|(key, value)| (key.as_slice(), value.as_deref()))
    }
}
