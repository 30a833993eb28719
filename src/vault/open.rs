//! Opening a vault: the lock, what this machine remembers, the tail that the store has not seen,
//! and the store made anew where it cannot be trusted.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::{Deserialize, Serialize};

use super::{
    CHECKPOINT, JOURNAL, LEDGER, LOCK, MARKER, Options, Progress, STORE, Task, Vault,
    amend::{Brought, check_brought, check_rewrap},
    apply::{self, Before, Change, Origin, Together},
    charters::Charters,
    counters::Counters,
    epochs::Epochs,
    erase::check_erasure,
    error::VaultError,
    health,
    item::{Item, VersionItem, records_of},
    lock::Lock,
    recovery::check_paper,
    rows::{self, Applied},
    versions::Versions,
};
use crate::{
    crypto::digest::{Digest, sha256},
    disk,
    id::Id,
    ledger::{
        Action, Checkpoint, Entry, Frontier, LedgerError, Line, Log, LogPosition, Outcome, checkpoint, log,
        memory::Memory, tree, tree::Nodes as _,
    },
    records::schema::Schema,
    store::{Batch, Kv, StoreError, journal, sled::SledStore},
};

/// The format this software writes and reads.
const FORMAT: &str = "vault/1";

/// Longest `vault.json`, in bytes.
const MAX_MARKER: u64 = 1024;

/// While the store is rebuilt, so many entries are applied at a time.
const REBUILD_BATCH: usize = 64;

/// The content of `vault.json`.
#[derive(Serialize, Deserialize)]
pub(super) struct Marker {
    amanah: String,
    vault: Id,
}

impl Marker {
    /// The file's bytes.
    pub(super) fn bytes(vault: Id) -> Vec<u8> {
        let marker = Marker { amanah: FORMAT.to_owned(), vault };
        // A struct of two strings: it cannot fail.
        let mut bytes = serde_json::to_vec(&marker).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// As [`Marker::read`], and refuses a folder in which links lie: what is written to a vault must
    /// reach nothing else, and what is read from it must be what was written.
    pub(super) fn read_checked(dir: &Path) -> Result<Id, VaultError> {
        let vault = Marker::read(dir);
        // A file that is not there, or says nothing of a vault: there is nothing to look through.
        if !matches!(vault, Ok(_) | Err(VaultError::Ledger(_))) {
            return vault;
        }
        match disk::foreign(dir).map_err(LedgerError::io(dir))? {
            Some(path) => Err(VaultError::Foreign { path: path.display().to_string() }),
            None => vault,
        }
    }

    /// Reads which vault a folder is, and refuses formats it does not know before anything is
    /// touched.
    pub(super) fn read(dir: &Path) -> Result<Id, VaultError> {
        let path = dir.join(MARKER);
        let bad = || VaultError::BadMarker { path: path.display().to_string() };
        let bytes = match disk::read(&path, MAX_MARKER) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(VaultError::NoVault { path: dir.display().to_string() });
            }
            Err(error) => return Err(LedgerError::io(&path)(error).into()),
        };
        let marker: Marker = serde_json::from_slice(&bytes).map_err(|_| bad())?;
        if marker.amanah != FORMAT {
            return Err(match marker.amanah.strip_prefix("vault/").map(str::parse::<u32>) {
                Some(Ok(_)) => VaultError::Newer { found: marker.amanah },
                _ => bad(),
            });
        }
        if Marker::bytes(marker.vault) == bytes { Ok(marker.vault) } else { Err(bad()) }
    }
}

/// Which vault a folder is, without opening it: so that nobody is asked for a passphrase before it
/// is known that there is something to open.
pub fn identify(dir: &Path) -> Result<Id, VaultError> {
    Marker::read_checked(dir)
}

impl Vault {
    /// Opens the vault in a folder.
    ///
    /// Checks the ledger against the newest checkpoint in the vault and the one that this machine
    /// remembers, and brings the store up to date. What happened long ago is not looked at again:
    /// that is [`super::verify()`]'s.
    pub fn open(dir: &Path, options: &Options<'_>) -> Result<Vault, VaultError> {
        let id = Marker::read_checked(dir)?;
        let lock = Lock::take(&dir.join(LOCK), options.patience, &|holder| options.progress.waiting(holder))?;
        health::clear_unfinished(dir)?;
        let memory = Memory::new(&options.state, &id);
        // Charter, schema and keys decide to whom the next record is sealed: those in a store are
        // believed only if this machine has read the same ones in the ledger.
        let store = SledStore::open(&dir.join(STORE));
        let store = store.filter(|store| rules(store).is_ok_and(|rules| memory.knows_rules(&rules)));
        let opened = match store {
            Some(store) => catch_up(dir, &id, store, options.progress).and_then(|caught| {
                check_newest_line(dir, &caught)?;
                check_checkpoints(dir, &id, &memory, &caught).map(|_| caught)
            }),
            None => Err(VaultError::StoreDiffers { what: "not closed" }),
        };
        // A store that does not fit the ledger is no proof that the ledger is wrong: it is made
        // anew, and only what is then still wrong is told.
        let (caught, rebuilt) = match opened {
            Ok(caught) => (caught, false),
            Err(_) => {
                read_afresh(dir)?;
                let store = SledStore::create(&dir.join(STORE))?;
                (catch_up(dir, &id, store, options.progress)?, true)
            }
        };
        let checkpointed = check_checkpoints(dir, &id, &memory, &caught)?;
        // Only now: what is taken out of the journal on the word of a ledger does not come back.
        let (caught, rebuilt) = if caught.pending.is_empty() {
            (caught, rebuilt)
        } else {
            (caught.erase(dir, &id, options.progress)?, true)
        };
        let Caught { store, applied, tree, charters, schemas, amended, .. } = caught;
        if charters.is_empty() || schemas.is_empty() {
            return Err(VaultError::BadEntry { sequence: 0, why: "it brings no charter and schema" });
        }
        if charters.met().any(|charter| *charter.vault() != id) {
            return Err(VaultError::BadEntry { sequence: 0, why: "it brings the charter of another vault" });
        }
        if rebuilt || amended {
            memory.save_rules(&rules(&store)?)?;
        }
        let journal = journal::Journal::open(&dir.join(JOURNAL), applied.journal)?;
        let log = Log::open(&dir.join(LEDGER))?;
        Ok(Vault {
            dir: dir.to_owned(),
            id,
            _lock: lock,
            log,
            journal,
            records: versions_in(&store)?,
            store,
            tree,
            charters,
            schemas,
            memory,
            checkpointed,
            stopped: false,
            rebuilt,
            doubted: AtomicBool::new(false),
            counters: Counters::default(),
            epochs: OnceLock::new(),
        })
    }

    /// Takes out of the journal what erasures name that were just committed, and makes the store
    /// anew without it. If it fails, the next opening does it.
    pub(super) fn erase_committed(&mut self, erasable: &Erasable, progress: &dyn Progress) -> Result<(), VaultError> {
        let done = self.try_erase_committed(erasable, progress);
        if done.is_err() {
            self.stopped = true;
            self.doubted.store(true, Ordering::Relaxed);
        }
        done
    }

    fn try_erase_committed(&mut self, erasable: &Erasable, progress: &dyn Progress) -> Result<(), VaultError> {
        self.journal.give_back_room()?;
        erasable.take_out(&self.dir.join(JOURNAL), progress)?;
        let store = self.store.take_anew()?;
        let caught = catch_up(&self.dir, &self.id, store, progress)?;
        let next = caught.tree.size();
        if next != self.tree.size() || !caught.pending.is_empty() {
            return Err(VaultError::StoreDiffers { what: "what is left after an erasure" });
        }
        self.journal = journal::Journal::open(&self.dir.join(JOURNAL), caught.applied.journal)?;
        self.store = caught.store;
        self.records = versions_in(&self.store)?;
        self.counters.clear();
        self.epochs = OnceLock::new();
        Ok(())
    }

    /// Applies what was just committed.
    pub(super) fn apply_committed(
        &mut self,
        lines: &[Line],
        begins: &[LogPosition],
        nodes: &[Digest],
        payloads: &[(journal::Payload, journal::Position)],
    ) -> Result<(), VaultError> {
        let mut batch = Batch::default();
        let mut changes = Vec::new();
        let mut together = Together::default();
        for (payload, frame) in payloads {
            let (origin, all) = (Origin::Here, &mut together);
            apply::payload(payload, *frame, origin, &self.store, &self.schemas, all, &mut batch, &mut changes)?;
        }
        let versions = together.finish(&self.store, &mut batch)?;
        let places: Vec<_> = lines.iter().zip(begins).map(|(line, at)| rows::place(*at, line.bytes().len())).collect();
        let first = lines.first().map_or(0, |line| line.entry().seq);
        rows::add_lines(first, &places, nodes, &self.store, &mut batch)?;
        let applied = Applied { size: self.tree.size(), log: self.log.end(), journal: self.journal.end() };
        batch.insert(rows::APPLIED, applied.encode());
        if Epochs::are_changed_by(&batch) {
            self.epochs = OnceLock::new();
        }
        self.store.apply(batch)?;
        if let Some(versions) = versions {
            self.records = versions;
        }
        let newest = lines.last().map_or(0, |line| line.entry().seq);
        take_changes(newest, changes, &mut self.charters, &mut self.schemas);
        Ok(())
    }
}

/// Lets the next reading of ledger and journal be from the disk itself. Who left the vault unclosed
/// may have done so because the disk took a write and then did not keep it: memory shows such bytes
/// until they are asked for, and everything appended after them would be lost with them.
fn read_afresh(dir: &Path) -> Result<(), VaultError> {
    let (ledger, journal) = (dir.join(LEDGER), dir.join(JOURNAL));
    disk::forget_cached(&journal).map_err(StoreError::io(&journal))?;
    Ok(disk::forget_cached(&ledger).map_err(LedgerError::io(&ledger))?)
}

/// A store that has seen the whole ledger.
struct Caught {
    store: SledStore,
    applied: Applied,
    tree: Frontier,
    charters: Charters,
    schemas: BTreeMap<u64, Arc<Schema>>,
    /// Whether it read all from the first line on.
    whole: bool,
    /// Whether what it read changed any of the rules.
    amended: bool,
    /// The entries that asked for an erasure.
    asks: BTreeMap<u64, Entry>,
    /// Items that were found erased: sequence and place.
    gone: BTreeSet<(u64, u64)>,
    /// What erasures name and is still there: one was interrupted.
    pending: Erasable,
}

impl Before for SledStore {
    fn row(&self, key: &[u8]) -> Result<Option<Vec<u8>>, VaultError> {
        Ok(self.get(key)?)
    }

    fn keys(&self, prefix: &[u8]) -> Result<Vec<Vec<u8>>, VaultError> {
        self.scan(prefix).map(|row| Ok(row?.0)).collect()
    }
}

/// Items that erasures name.
#[derive(Debug, Default)]
pub(super) struct Erasable {
    /// The places of items in payloads, by the sequence of the entry.
    pub(super) places: BTreeMap<u64, BTreeSet<u64>>,
    /// The records that they have to be of.
    pub(super) records: HashSet<Id>,
}

impl Erasable {
    fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    fn take_out(&self, journal: &Path, progress: &dyn Progress) -> Result<(), VaultError> {
        let files = disk::list(journal).unwrap_or_default();
        progress.begin(Task::Erase, files.iter().filter_map(|(name, _)| disk::length(&journal.join(name)).ok()).sum());
        // Whoever may erase could name charters and keys, and destroy a vault on every machine that
        // opens it: nothing is taken out but what is of the records.
        let allowed = |_: u64, item: &[u8]| records_of(item).iter().any(|record| self.records.contains(record));
        journal::erase(journal, &self.places, &allowed, &|bytes| progress.at(bytes))?;
        progress.end();
        Ok(())
    }
}

impl Caught {
    /// Finishes erasures that were interrupted.
    fn erase(self, dir: &Path, vault: &Id, progress: &dyn Progress) -> Result<Caught, VaultError> {
        let Caught { store, applied, pending, .. } = self;
        drop(store);
        // Cuts off what was never committed, which could be part of a frame.
        drop(journal::Journal::open(&dir.join(JOURNAL), applied.journal)?);
        pending.take_out(&dir.join(JOURNAL), progress)?;
        catch_up(dir, vault, SledStore::create(&dir.join(STORE))?, progress)
    }
}

/// The nodes of the ledger's tree, in the store.
pub(super) struct StoredNodes<'a>(pub &'a dyn Kv);

impl tree::Nodes for StoredNodes<'_> {
    fn node(&self, index: u64) -> Result<Digest, LedgerError> {
        rows::NODES.get(index, self.0).ok().flatten().ok_or(LedgerError::NoHash { index })
    }
}

fn versions_in(store: &SledStore) -> Result<Versions, VaultError> {
    Versions::load(&|key| Ok(store.get(key)?))
}

/// Reads what the store has not seen, checks that it follows, and applies it.
fn catch_up(dir: &Path, vault: &Id, store: SledStore, progress: &dyn Progress) -> Result<Caught, VaultError> {
    let applied = match store.get(rows::APPLIED)? {
        Some(row) => Applied::decode(&row).ok_or(StoreError::Engine { reason: "no applied position".to_owned() })?,
        None => Applied::NOTHING,
    };
    let charters = Charters::load(&store)?;
    let mut schemas = BTreeMap::new();
    for row in store.scan(b"S") {
        let schema = Schema::parse(&String::from_utf8_lossy(&row?.1))?;
        schemas.insert(schema.version(), Arc::new(schema));
    }
    let tree = Frontier::load(applied.size, &StoredNodes(&store))?;
    let whole = applied.size == 0;
    let (gone, pending) = (BTreeSet::new(), Erasable::default());
    let mut caught =
        Caught { store, applied, tree, charters, schemas, whole, amended: false, asks: BTreeMap::new(), gone, pending };
    let mut lines = log::Reader::new(&dir.join(LEDGER), applied.log, applied.size)?;
    let mut payloads = journal::Reader::new(&dir.join(JOURNAL), applied.journal)?;
    let total = ledger_bytes(dir);
    let (mut begun, mut done) = (false, 0);
    loop {
        let mut batch = Batch::default();
        let mut changes = Vec::new();
        let mut count = 0;
        let first = caught.tree.size();
        let (mut places, mut nodes) = (Vec::new(), Vec::new());
        while count < REBUILD_BATCH
            && let Some(placed) = lines.next_line()?
        {
            follow(vault, &placed, &mut caught, &mut payloads, &mut batch, &mut changes)?;
            places.push(rows::place(placed.at, placed.line.bytes().len()));
            nodes.extend(caught.tree.push(placed.line.bytes()).into_iter().map(|(_, node)| node));
            done += placed.line.bytes().len() as u64 + 1;
            count += 1;
            if !changes.is_empty() {
                break;
            }
            // Rows of one batch do not see each other's heads: a payload ends it.
            if placed.line.entry().payload.is_some() {
                break;
            }
        }
        if count == 0 {
            break;
        }
        rows::add_lines(first, &places, &nodes, &caught.store, &mut batch)?;
        caught.applied = Applied { size: caught.tree.size(), log: lines.position(), journal: payloads.position() };
        batch.insert(rows::APPLIED, caught.applied.encode());
        caught.store.apply(batch)?;
        let newest = caught.applied.size.saturating_sub(1);
        caught.amended |= !changes.is_empty();
        take_changes(newest, changes, &mut caught.charters, &mut caught.schemas);
        if !begun && applied.size == 0 {
            progress.begin(Task::Rebuild, total);
            begun = true;
        }
        progress.at(done);
    }
    if begun {
        progress.end();
    }
    Ok(caught)
}

/// Checks that a line follows what came before, and adds the rows of its payload.
fn follow(
    vault: &Id,
    placed: &log::Placed,
    caught: &mut Caught,
    payloads: &mut journal::Reader,
    batch: &mut Batch,
    changes: &mut Vec<Change>,
) -> Result<(), VaultError> {
    let entry = placed.line.entry();
    let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
    if entry.tree.root != caught.tree.root() {
        return Err(bad("the tree before it is another"));
    }
    if let Some(digest) = &entry.payload {
        let payload = next_payload(payloads, vault, entry.seq, digest)?;
        let origin = Origin::Journal(entry);
        let (frame, mut together) = (payloads.began(), Together::default());
        apply::payload(&payload, frame, origin, &caught.store, &caught.schemas, &mut together, batch, changes)?;
        together.finish(&caught.store, batch)?;
        let erased = |(_, item): &(u64, &journal::Item)| matches!(item, journal::Item::Erased(_));
        let erased = (0..).zip(&payload.items).filter(erased).map(|(place, _)| (entry.seq, place));
        caught.gone.extend(erased);
    }
    // The signature is checked by the charter in force when the entry was made: for the first
    // entry, the one that it brings.
    let new =
        changes.iter().find_map(|change| if let Change::Charter(charter) = change { Some(&**charter) } else { None });
    let charter = match entry.seq {
        0 => new,
        _ => caught.charters.of(entry.charter).map(|charter| &**charter),
    };
    let charter = charter.ok_or_else(|| bad("it names a charter that is not there"))?;
    if entry.seq > 0 && caught.charters.versions().next_back() != Some(entry.charter) {
        return Err(bad("it was made under a charter that was not in force"));
    }
    let card = charter.member(&entry.actor).ok_or_else(|| bad("its actor is not in the charter"))?;
    if !placed.line.is_signed_by(&card.signing, vault) {
        return Err(bad("its signature is not its actor's"));
    }
    if entry.seq == 0 {
        charter.verify_founder(&entry.actor)?;
    } else {
        let brought = Brought::of(changes);
        check_brought(entry, || caught.charters.all().map(|charter| &**charter).collect(), &brought)?;
        for change in changes.iter() {
            if let Change::Paper(paper) = change {
                check_paper(entry, paper, charter)?;
            }
            if let Change::Erasure(erasure) = change {
                if !caught.whole {
                    return Err(VaultError::StoreDiffers { what: "an erasure since it was made" });
                }
                let ask = erasure.asked.and_then(|sequence| caught.asks.get(&sequence));
                check_erasure(entry, erasure, charter, ask)?;
                let named = erasure.items.iter().flat_map(|(of, places)| places.iter().map(move |place| (*of, *place)));
                for (of, place) in named.filter(|at| !caught.gone.contains(at)) {
                    caught.pending.places.entry(of).or_default().insert(place);
                    caught.pending.records.extend(&erasure.records);
                }
            }
            let Change::Rewrap(rewrap) = change else { continue };
            let epoch = |session: &Id| session_epoch(&caught.store, &caught.charters, session, &rewrap.group);
            let done =
                |session: &Id| Ok(caught.store.get(&rows::rewrapped(session, &rewrap.group, rewrap.epoch))?.is_some());
            check_rewrap(entry, rewrap, charter, epoch, done)?;
        }
    }
    if entry.action == Action::RecordEraseAsk && entry.outcome == Outcome::Ok {
        caught.asks.insert(entry.seq, entry.clone());
    }
    Ok(())
}

/// The epoch of the key that a session was wrapped to for a group when it began.
pub(super) fn session_epoch(
    store: &SledStore,
    charters: &Charters,
    session: &Id,
    group: &str,
) -> Result<Option<u64>, VaultError> {
    let Some(row) = store.get(&rows::session(session))? else { return Ok(None) };
    let Item::Session(item) = Item::decode(&row)? else { return Ok(None) };
    let charter = charters.of(item.charter).filter(|charter| !charter.keeps_ledger(group));
    Ok(charter.and_then(|charter| charter.group(group)).map(|group| group.epoch))
}

/// The payload of an entry: frames that no entry commits to are passed over.
pub(super) fn next_payload(
    payloads: &mut journal::Reader,
    vault: &Id,
    sequence: u64,
    digest: &Digest,
) -> Result<journal::Payload, VaultError> {
    match payloads.next_payload()? {
        Some(payload)
            if payload.seq == sequence && payload.digest(vault) == *digest && payload.items.iter().all(in_parts) =>
        {
            Ok(payload)
        }
        _ => Err(VaultError::Payload { sequence }),
    }
}

fn in_parts(item: &journal::Item) -> bool {
    match item {
        journal::Item::Live(content) => VersionItem::is_in_parts(content),
        journal::Item::Erased(_) => true,
    }
}

/// The digest of all rules in a store: charters, schemas, group keys and the log key.
pub(super) fn rules(store: &SledStore) -> Result<Digest, StoreError> {
    let mut parts = Vec::new();
    for space in rows::RULES {
        for row in store.scan(&[*space]) {
            let (key, value) = row?;
            parts.push(sha256(&[&key]));
            parts.push(sha256(&[&value]));
        }
    }
    Ok(sha256(&parts.iter().map(|part| &part[..]).collect::<Vec<_>>()))
}

/// Checks that the newest line that the store knows stands where it says: a ledger that was cut, or
/// whose lines were moved, is read again from the first line.
fn check_newest_line(dir: &Path, caught: &Caught) -> Result<(), VaultError> {
    let Some(newest) = caught.tree.size().checked_sub(1) else { return Ok(()) };
    let differs = || VaultError::StoreDiffers { what: "the place of an entry" };
    let (at, length) = rows::line(newest, &caught.store)?.ok_or_else(differs)?;
    let line = log::read_line(&dir.join(LEDGER), at, length)?;
    let stored = StoredNodes(&caught.store).node(tree::leaf_index(newest))?;
    if tree::leaf_hash(line.bytes()) == stored { Ok(()) } else { Err(differs()) }
}

/// Checks the ledger against the checkpoint in the vault and the one that this machine remembers;
/// gives the size of the former.
fn check_checkpoints(dir: &Path, vault: &Id, memory: &Memory, caught: &Caught) -> Result<u64, VaultError> {
    if caught.charters.is_empty() {
        return Ok(0);
    }
    let path = dir.join(CHECKPOINT);
    let inside = match disk::read(&path, checkpoint::MAX_BYTES) {
        // An interrupted replacement can leave it empty on some file systems; it says nothing then.
        Ok(bytes) if bytes.is_empty() => None,
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(LedgerError::io(&path)(error).into()),
    };
    let mut size = 0;
    for (remembered, path, bytes) in [(false, &*path, inside), (true, memory.path(), memory.load()?)] {
        let Some(bytes) = bytes else { continue };
        let bad = || VaultError::BadCheckpoint { path: path.display().to_string() };
        // It is signed with the key that was the log's when it had so many entries.
        let size_said = checkpoint::size_of(&bytes).ok_or_else(bad)?;
        // This machine's own was verified when it was saved. A ledger that was cut can lack the
        // amendment that brought the key it is signed with.
        if remembered && size_said > caught.tree.size() {
            return Err(VaultError::RolledBack { size: caught.tree.size(), remembered: size_said });
        }
        let charter = caught.charters.in_force_at(size_said);
        let head = Checkpoint::parse(&bytes, vault, charter.log()).map_err(|_| bad())?;
        if head.size > caught.tree.size() {
            return Err(VaultError::RolledBack { size: caught.tree.size(), remembered: head.size });
        }
        if tree::root_at(head.size, &StoredNodes(&caught.store))? != head.root {
            return Err(VaultError::Forked { size: head.size });
        }
        if !remembered {
            size = head.size;
        }
    }
    Ok(size)
}

fn take_changes(
    sequence: u64,
    changes: Vec<Change>,
    charters: &mut Charters,
    schemas: &mut BTreeMap<u64, Arc<Schema>>,
) {
    for change in changes {
        match change {
            Change::Charter(charter) => charters.insert(*charter, sequence),
            Change::Schema(schema) => drop(schemas.insert(schema.version(), Arc::new(*schema))),
            Change::GroupKey(_) | Change::LogKey(_) | Change::Rewrap(_) | Change::Paper(_) | Change::Erasure(_) => {}
        }
    }
}

/// How many bytes the ledger's files have, for a progress bar.
pub(super) fn ledger_bytes(dir: &Path) -> u64 {
    let files = disk::list(&dir.join(LEDGER)).unwrap_or_default();
    files.iter().filter_map(|(name, _)| disk::length(&dir.join(LEDGER).join(name)).ok()).sum()
}
