//! The key-value store on sled 0.34.
//!
//! sled's flush on Linux is `sync_file_range`, which survives the death of the process but not of
//! the machine: measured, a power cut left the database empty. So sled is never the truth here.
//! While it is open, the file `DIRTY` stands beside it; a store that is found dirty is thrown away
//! and rebuilt from journal and ledger. It is flushed, closed, `fsync`ed and only then marked clean.
//!
//! sled opens files by itself. On a disk that is not the machine's (a simulation) the rows are held
//! in memory, between the same marks.

use std::{
    fs::{self, File},
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use super::{
    StoreError,
    kv::{Batch, Kv, Rows},
    memory::MemoryRows,
};
use crate::disk;

/// Memory that sled may use for its cache, in bytes. All that a search reads of a register of 100,000
/// records fits into it: with 16 MiB a search by name took twice as long.
const CACHE: u64 = 28 * 1024 * 1024;

/// The same for a walk over all rows, which needs each page once.
const WALK_CACHE: u64 = 4 * 1024 * 1024;

/// So many bytes are applied before sled is made to write them down. What is not written down
/// cannot leave the cache: without this a long import grows by what it imports.
const UNWRITTEN: usize = 8 * 1024 * 1024;

/// How long the threads of a store that was closed in this process are waited for, and how often
/// it is looked.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(2);

/// The file that stands beside a store while it is open.
const MARK: &str = "DIRTY";

/// A store in a folder of its own.
pub struct SledStore {
    db: Engine,
    /// Bytes applied since sled was last made to write them down.
    unwritten: AtomicUsize,
    /// Whether sled has failed at something.
    failed: AtomicBool,
    folder: PathBuf,
}

impl Drop for SledStore {
    fn drop(&mut self) {
        // After a write that failed for want of room sled can wait for ever when it is dropped: it
        // is left behind then. Its mark stands, so that the store is made anew.
        if self.failed.load(Ordering::Relaxed) {
            mem::forget(mem::replace(&mut self.db, Engine::Memory(MemoryRows::default())));
        }
    }
}

/// What holds the rows.
enum Engine {
    Sled(sled::Db),
    Memory(MemoryRows),
}

impl SledStore {
    /// Makes an empty store; what was in the folder is gone.
    pub fn create(folder: &Path) -> Result<SledStore, StoreError> {
        let io = StoreError::io(folder);
        if disk::exists(folder) {
            // The mark comes first and stays: a power cut may bring back any of the removed files,
            // and without it they would pass for a store that was closed.
            mark_dirty(folder)?;
            for (name, kind) in disk::list(folder).map_err(&io)? {
                let path = folder.join(&name);
                match kind {
                    disk::Kind::Folder => disk::remove_folder(&path),
                    _ if name == MARK => Ok(()),
                    _ => disk::remove_unsynced(&path),
                }
                .map_err(&io)?;
            }
            disk::sync_folder(folder).map_err(&io)?;
        } else {
            disk::make_folder(folder).map_err(&io)?;
            mark_dirty(folder)?;
        }
        Ok(SledStore {
            db: open(folder, CACHE)?,
            unwritten: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
            folder: folder.to_owned(),
        })
    }

    /// Opens a store that was closed cleanly. `None` if there is none, it was not closed, or it
    /// does not open: it must be made anew.
    pub fn open(folder: &Path) -> Option<SledStore> {
        SledStore::open_with(folder, CACHE)
    }

    /// Opens a store as [`SledStore::open`] does, to go over all its rows once.
    pub fn open_to_walk(folder: &Path) -> Option<SledStore> {
        SledStore::open_with(folder, WALK_CACHE)
    }

    fn open_with(folder: &Path, cache: u64) -> Option<SledStore> {
        if disk::exists(&mark(folder)) || !disk::exists(&folder.join("db")) {
            return None;
        }
        // sled can write while it opens: the mark comes first.
        mark_dirty(folder).ok()?;
        let db = open(folder, cache).ok()?;
        Some(SledStore {
            db,
            unwritten: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
            folder: folder.to_owned(),
        })
    }

    /// Closes the store and makes an empty one in its place, in other files: what was in the old
    /// ones is gone with them. What is left here holds nothing, and is not to be used.
    pub fn take_anew(&mut self) -> Result<SledStore, StoreError> {
        self.db = Engine::Memory(MemoryRows::default());
        SledStore::create(&self.folder)
    }

    /// What sled could not do, remembered: it is not dropped after that.
    fn failure(&self, error: sled::Error) -> StoreError {
        self.failed.store(true, Ordering::Relaxed);
        engine(error)
    }

    /// Writes everything down and marks the store as trustworthy; not one that has failed.
    pub fn close(mut self) -> Result<(), StoreError> {
        if self.failed.load(Ordering::Relaxed) {
            return Ok(());
        }
        match mem::replace(&mut self.db, Engine::Memory(MemoryRows::default())) {
            Engine::Sled(db) => {
                if let Err(error) = db.flush() {
                    mem::forget(db);
                    return Err(engine(error));
                }
                drop(db);
                sync_tree(&self.folder)?;
            }
            Engine::Memory(rows) => rows.save(&self.folder.join("db"))?,
        }
        // Not durably: a store whose mark came back after a power cut is made anew.
        let mark = mark(&self.folder);
        disk::remove_unsynced(&mark).map_err(StoreError::io(&mark))
    }
}

fn mark_dirty(folder: &Path) -> Result<(), StoreError> {
    let mark = mark(folder);
    disk::replace(&mark, b"", true).map_err(StoreError::io(&mark))
}

/// Syncs every file and folder below a folder, and itself: sled keeps large values in files of
/// their own.
fn sync_tree(folder: &Path) -> Result<(), StoreError> {
    for entry in fs::read_dir(folder).map_err(StoreError::io(folder))? {
        let entry = entry.map_err(StoreError::io(folder))?;
        let path = entry.path();
        if entry.file_type().map_err(StoreError::io(&path))?.is_dir() {
            sync_tree(&path)?;
        } else {
            File::open(&path).and_then(|file| file.sync_all()).map_err(StoreError::io(&path))?;
        }
    }
    disk::sync_folder(folder).map_err(StoreError::io(folder))
}

impl Kv for SledStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match &self.db {
            Engine::Sled(db) => Ok(db.get(key).map_err(|error| self.failure(error))?.map(|value| value.to_vec())),
            Engine::Memory(rows) => Ok(rows.get(key)),
        }
    }

    fn scan(&self, prefix: &[u8]) -> Rows<'_> {
        match &self.db {
            Engine::Sled(db) => Box::new(db.scan_prefix(prefix).map(|row| {
                let (key, value) = row.map_err(|error| self.failure(error))?;
                Ok((key.to_vec(), value.to_vec()))
            })),
            Engine::Memory(rows) => Box::new(rows.scan(prefix).into_iter().map(Ok)),
        }
    }

    fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        let db = match &self.db {
            Engine::Sled(db) => db,
            Engine::Memory(rows) => {
                rows.apply(batch);
                return Ok(());
            }
        };
        // One by one: sled writes a page of rows anew for each of them, and in a batch of its own lets
        // none of the old ones go before the end.
        let mut bytes = 0;
        for (key, value) in batch.into_changes() {
            bytes += key.len() + value.as_ref().map_or(0, Vec::len);
            let changed = match value {
                Some(value) => db.insert(key, value),
                None => db.remove(key),
            };
            changed.map_err(|error| self.failure(error))?;
        }
        if self.unwritten.fetch_add(bytes, Ordering::Relaxed) + bytes >= UNWRITTEN {
            self.unwritten.store(0, Ordering::Relaxed);
            db.flush().map_err(|error| self.failure(error))?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for SledStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SledStore({})", self.folder.display())
    }
}

fn mark(folder: &Path) -> PathBuf {
    folder.join(MARK)
}

/// sled panics on some damaged files; for us that is a store to be rebuilt like any other.
fn open(folder: &Path, cache: u64) -> Result<Engine, StoreError> {
    if !disk::is_real(folder) {
        return Ok(Engine::Memory(MemoryRows::load(&folder.join("db"))?));
    }
    let config = sled::Config::new().path(folder).cache_capacity(cache).flush_every_ms(None);
    let begun = Instant::now();
    loop {
        match catch_unwind(AssertUnwindSafe(|| config.open())) {
            // sled's own threads can hold the file for a moment after it was closed in this
            // process; other processes are kept out by the vault's lock. Without waiting a sound
            // store would be made anew.
            Ok(Err(error)) if is_locked(&error) && begun.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            Ok(opened) => return opened.map(Engine::Sled).map_err(engine),
            Err(_) => return Err(StoreError::Engine { reason: "it does not open".to_owned() }),
        }
    }
}

/// Whether sled did not open because its file is still locked. It says so in words only.
fn is_locked(error: &sled::Error) -> bool {
    matches!(error, sled::Error::Io(error) if error.to_string().starts_with("could not acquire lock"))
}

fn engine(error: sled::Error) -> StoreError {
    StoreError::Engine { reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_whose_file_is_let_go_late_is_opened_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        let store = SledStore::create(&path).unwrap();
        store.apply(batch("a1", "x")).unwrap();
        // As a thread of sled's that has not ended yet.
        let Engine::Sled(late) = &store.db else { unreachable!() };
        let late = late.clone();
        store.close().unwrap();
        let holder = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            drop(late);
        });
        let opened = SledStore::open(&path).unwrap();
        assert_eq!(opened.get(b"a1").unwrap().unwrap(), b"x");
        holder.join().unwrap();
    }

    fn batch(key: &str, value: &str) -> Batch {
        let mut batch = Batch::default();
        batch.insert(key, value);
        batch
    }

    #[test]
    fn a_closed_store_is_trusted_and_an_unclosed_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        assert!(SledStore::open(&path).is_none());
        let store = SledStore::create(&path).unwrap();
        store.apply(batch("a1", "x")).unwrap();
        store.close().unwrap();

        let store = SledStore::open(&path).unwrap();
        assert_eq!(store.get(b"a1").unwrap().unwrap(), b"x");
        store.close().unwrap();
        let store = SledStore::open(&path).unwrap();
        store.apply(batch("a2", "y")).unwrap();
        assert_eq!(store.scan(b"a").map(|row| row.unwrap().0).collect::<Vec<_>>(), [b"a1", b"a2"]);
        drop(store);
        assert!(SledStore::open(&path).is_none(), "not closed");

        let store = SledStore::create(&path).unwrap();
        assert_eq!(store.get(b"a1").unwrap(), None, "made anew");
    }
}
