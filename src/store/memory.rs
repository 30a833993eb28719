//! Rows in memory, saved whole: what stands in sled's place on a disk that sled cannot open.
//!
//! ```text
//! SHA-256 of what follows | 00 00 00 02 | 61 31 | 00 00 00 01 | 78 | ...      length key length value
//! ```

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    StoreError,
    kv::{Batch, Row},
};
use crate::{crypto::digest::sha256, disk};

/// More than any simulation holds.
const MOST: u64 = 1 << 30;

/// Rows in memory.
#[derive(Default)]
pub(super) struct MemoryRows(Mutex<BTreeMap<Vec<u8>, Vec<u8>>>);

impl MemoryRows {
    /// The rows that were saved in a file; none if it is not there.
    pub fn load(path: &Path) -> Result<MemoryRows, StoreError> {
        let bytes = match disk::read(path, MOST) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(MemoryRows(Mutex::default())),
            Err(error) => return Err(StoreError::io(path)(error)),
        };
        let bad = || StoreError::Engine { reason: "it is damaged".to_owned() };
        let (digest, mut rest) = bytes.split_first_chunk::<32>().ok_or_else(bad)?;
        if sha256(&[rest]) != *digest {
            return Err(bad());
        }
        let mut parts = Vec::new();
        while let Some((length, tail)) = rest.split_first_chunk::<4>() {
            let (part, tail) = tail.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or_else(bad)?;
            parts.push(part.to_vec());
            rest = tail;
        }
        let mut parts = parts.into_iter();
        let rows = std::iter::from_fn(|| Some((parts.next()?, parts.next()?))).collect();
        Ok(MemoryRows(Mutex::new(rows)))
    }

    /// Saves the rows, durably.
    pub fn save(self, path: &Path) -> Result<(), StoreError> {
        let mut body = Vec::new();
        for part in self.rows().iter().flat_map(|(key, value)| [key, value]) {
            let length = u32::try_from(part.len()).map_err(|_| StoreError::TooLarge { most: u32::MAX as usize })?;
            body.extend_from_slice(&length.to_be_bytes());
            body.extend_from_slice(part);
        }
        let bytes = [&sha256(&[&body])[..], &body].concat();
        disk::replace(path, &bytes, true).map_err(StoreError::io(path))
    }

    pub fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.rows().get(key).cloned()
    }

    pub fn scan(&self, prefix: &[u8]) -> Vec<Row> {
        let rows = self.rows();
        let from = rows.range(prefix.to_vec()..).take_while(|(key, _)| key.starts_with(prefix));
        from.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    pub fn apply(&self, batch: Batch) {
        let mut rows = self.rows();
        for (key, value) in batch.into_changes() {
            match value {
                Some(value) => rows.insert(key, value),
                None => rows.remove(&key),
            };
        }
    }

    fn rows(&self) -> MutexGuard<'_, BTreeMap<Vec<u8>, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
