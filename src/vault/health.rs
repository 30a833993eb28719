//! What a vault's ledger and files tell of how it is looked after; and the store made anew or small.

use std::{fs, os::unix::fs::MetadataExt as _, path::Path};

use jiff::Timestamp;

use super::{LOCK, Options, STORE, Task, Vault, error::VaultError, lock::Lock};
use crate::{
    disk,
    ledger::{LedgerError, Outcome},
    store::{Batch, Kv as _, StoreError, sled::SledStore},
};

/// Rows that are copied at a time.
const COPIED: usize = 512;

/// When what should be done again and again was done last.
#[derive(Debug, Clone)]
pub struct Routine {
    /// When the vault was made: what was never done is due from then on.
    pub made: Timestamp,
    /// A backup was made.
    pub backup: Option<Timestamp>,
    /// A backup was tried.
    pub backup_drill: Option<Timestamp>,
    /// Each group, and since when it has its present key.
    pub keys: Vec<(String, Timestamp)>,
    /// Groups, and how many sessions from before their present key are not handed on to it.
    pub not_handed_on: Vec<(String, usize)>,
}

/// What compacting came to, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compacted {
    /// The store before.
    pub before: u64,
    /// The store now.
    pub after: u64,
}

impl Vault {
    /// When what should be done again and again was done last, as the ledger tells.
    ///
    /// # Errors
    /// A ledger or a store that cannot be read.
    pub fn routine(&self) -> Result<Routine, VaultError> {
        let made = self.line(0)?.entry().time;
        let mut routine = Routine { made, backup: None, backup_drill: None, keys: Vec::new(), not_handed_on: vec![] };
        for entry in self.entries()? {
            let entry = entry?;
            let last = match entry.action.name() {
                "backup.create" => &mut routine.backup,
                "backup.drill" => &mut routine.backup_drill,
                _ => continue,
            };
            if entry.outcome == Outcome::Ok {
                *last = Some(entry.time);
            }
        }
        for group in self.charter().groups() {
            let has = |version: &u64| {
                let charter = self.charters.of(*version);
                charter.and_then(|charter| charter.group(&group.id)).is_some_and(|old| old.epoch == group.epoch)
            };
            let began = self.charters.versions().find(has).and_then(|version| self.charters.begin(version));
            let begin = began.unwrap_or(0);
            routine.keys.push((group.id.clone(), self.line(begin)?.entry().time));
            let left = self.not_handed_on(&group.id)?.len();
            if left > 0 {
                routine.not_handed_on.push((group.id.clone(), left));
            }
        }
        Ok(routine)
    }

    /// Makes the store anew from journal and ledger, whatever it is now.
    ///
    /// # Errors
    /// What is wrong with journal or ledger.
    pub fn rebuild(dir: &Path, options: &Options<'_>) -> Result<Vault, VaultError> {
        super::identify(dir)?;
        {
            let lock = Lock::take(&dir.join(LOCK), options.patience, &|holder| options.progress.waiting(holder))?;
            let store = dir.join(STORE);
            disk::remove_folder(&store).map_err(StoreError::io(&store))?;
            drop(lock);
        }
        Vault::open(dir, options)
    }

    /// Writes the store anew with what it holds, without what it has let go.
    ///
    /// Whatever interrupts it, the vault is whole: the store is only a view.
    ///
    /// # Errors
    /// What is wrong with the vault, or the disk.
    pub fn compact(dir: &Path, options: &Options<'_>) -> Result<Compacted, VaultError> {
        let vault = Vault::open(dir, options)?;
        let (old, new) = (dir.join(STORE), dir.join(NEW_STORE));
        let total = vault.store.scan(b"").count() as u64;
        options.progress.begin(Task::Compact, total);
        let small = SledStore::create(&new)?;
        let (mut batch, mut held, mut done) = (Batch::default(), 0, 0);
        for row in vault.store.scan(b"") {
            let (key, value) = row?;
            batch.insert(key, value);
            held += 1;
            if held == COPIED {
                small.apply(std::mem::take(&mut batch))?;
                done += COPIED as u64;
                held = 0;
                options.progress.at(done);
            }
        }
        small.apply(batch)?;
        small.close()?;
        let before = size_of(&old);
        // Not closed: if this is interrupted before the new one stands in its place, it is made anew.
        let Vault { store, _lock, .. } = vault;
        drop(store);
        fs::remove_dir_all(&old).map_err(StoreError::io(&old))?;
        fs::rename(&new, &old).map_err(StoreError::io(&new))?;
        disk::sync_folder(dir).map_err(LedgerError::io(dir))?;
        options.progress.end();
        Ok(Compacted { before, after: size_of(&old) })
    }
}

/// Takes away what an interrupted compacting has left: it holds what may be erased later.
pub(super) fn clear_unfinished(dir: &Path) -> Result<(), VaultError> {
    let unfinished = dir.join(NEW_STORE);
    Ok(disk::remove_folder(&unfinished).map_err(StoreError::io(&unfinished))?)
}

/// Where the small store grows.
const NEW_STORE: &str = "store.new";

/// The bytes of all files below a folder.
fn size_of(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => size_of(&entry.path()),
            Ok(metadata) => metadata.size(),
            Err(_) => 0,
        })
        .sum()
}

/// Who holds a vault's lock: the process, where it is known. `None` if nobody does.
#[must_use]
pub fn lock_holder(dir: &Path) -> Option<Option<u32>> {
    match Lock::take(&dir.join(LOCK), std::time::Duration::ZERO, &|_| {}) {
        Err(VaultError::Locked { holder, .. }) => Some(holder.parse().ok()),
        _ => None,
    }
}
