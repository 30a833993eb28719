//! The charters of a vault, each read when it is asked for: a centre whose people come and go has had
//! dozens before long, and a command needs the newest and those under which what it opens was sealed.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use super::{error::VaultError, rows};
use crate::{
    custody::Charter,
    store::{Kv as _, sled::SledStore},
};

/// All charters that a vault has had.
#[derive(Default)]
pub(super) struct Charters(BTreeMap<u64, One>);

struct One {
    /// The sequence of the entry that brought it.
    begin: u64,
    note: Vec<u8>,
    /// `None` where it could not be read.
    read: OnceLock<Option<Arc<Charter>>>,
}

impl One {
    fn read(&self) -> Option<&Arc<Charter>> {
        self.read.get_or_init(|| Charter::parse(&self.note).ok().map(Arc::new)).as_ref()
    }
}

impl Charters {
    /// Those in a store, of which this machine knows that they are as it read them in the ledger: they
    /// were good then. Only the newest is looked at now.
    pub fn load(store: &SledStore) -> Result<Charters, VaultError> {
        let missing = || VaultError::StoreDiffers { what: "where a charter begins" };
        let mut all = BTreeMap::new();
        for row in store.scan(b"C") {
            let (key, note) = row?;
            let version = key.last_chunk().map(|bytes| u64::from_be_bytes(*bytes)).ok_or_else(missing)?;
            let begin = match version {
                1 => Some(0),
                _ => store.get(&rows::begin(version))?.and_then(|row| row.try_into().ok()).map(u64::from_be_bytes),
            };
            all.insert(version, One { begin: begin.ok_or_else(missing)?, note, read: OnceLock::new() });
        }
        if let Some((version, newest)) = all.last_key_value() {
            let charter = Charter::parse(&newest.note)?;
            if charter.version() != *version {
                return Err(VaultError::StoreDiffers { what: "a row is another" });
            }
            newest.read.get_or_init(|| Some(Arc::new(charter)));
        }
        Ok(Charters(all))
    }

    /// Takes in a charter that an entry brought.
    pub fn insert(&mut self, charter: Charter, begin: u64) {
        let version = charter.version();
        let read = OnceLock::from(Some(Arc::new(charter)));
        self.0.insert(version, One { begin, note: Vec::new(), read });
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The charter of a version.
    pub fn of(&self, version: u64) -> Option<&Arc<Charter>> {
        self.0.get(&version)?.read()
    }

    /// The charter in force.
    pub fn newest(&self) -> &Arc<Charter> {
        #[expect(clippy::expect_used, reason = "`open` refuses a vault whose first entry brings no charter")]
        self.0.values().next_back().and_then(One::read).expect("a vault has a charter")
    }

    /// The versions, the first one first.
    pub fn versions(&self) -> impl DoubleEndedIterator<Item = u64> {
        self.0.keys().copied()
    }

    /// All of them, the first one first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Arc<Charter>> {
        self.0.values().filter_map(One::read)
    }

    /// Those that were read until now: the newest, and what this process has met in the ledger.
    pub fn met(&self) -> impl Iterator<Item = &Arc<Charter>> {
        self.0.values().filter_map(|one| one.read.get()?.as_ref())
    }

    /// The sequence of the entry that brought a version.
    pub fn begin(&self, version: u64) -> Option<u64> {
        self.0.get(&version).map(|one| one.begin)
    }

    /// The charter in force when the ledger has so many entries. The entry that brings a charter is
    /// still made under the one before it; the tree that it is in belongs to the new one.
    pub fn in_force_at(&self, size: u64) -> &Arc<Charter> {
        let known = self.0.values().rev().find(|one| one.begin < size);
        known.or_else(|| self.0.values().next()).and_then(One::read).unwrap_or_else(|| self.newest())
    }
}
