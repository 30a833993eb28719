//! The vault: where sealing, custody, ledger, journal, store and records meet.
//!
//! ```text
//! write:  values -- seal --> payload -- journal, fdatasync --> entry -- ledger, fdatasync --> store --> acknowledged
//! read:   entry{who, what, why} -- ledger, fdatasync --> store --> shares --> content key --> fields --> shown
//! ```
//!
//! The ledger's line is the commit point. A payload without its entry never happened; nothing is
//! shown, searched or counted before the entry that says so is durable.
//!
//! | file | holds |
//! |---|---|
//! | `create`, `open` | making a vault; opening one, catching up, rebuilding the store |
//! | `lock` | one process at a time |
//! | `actor` | a member at work, and the keys they have opened |
//! | `commit` | journal, ledger, store, in this order |
//! | `write`, `read` | records in and out |
//! | `plan`, `opener` | where their fields stand; envelopes opened on all processors |
//! | `resolve`, `may` | which record is meant; what may be done |
//! | `export` | fields of a class opened for somebody outside |
//! | `charters` | the charters so far |
//! | `amend`, `rotate` | the next charter; session secrets handed on to a group's new key |
//! | `recovery` | group keys on paper |
//! | `request`, `release` | envelopes asked for; shares given to who asked, and opened with them |
//! | `send`, `outside` | what goes out of the vault in files; what is done without the vault |
//! | `authors` | who wrote what goes out, shown to those without the vault |
//! | `glass` | what is opened in an emergency |
//! | `aside` | overseers at work on a copy, without the centre |
//! | `index` | what records are found by: postings written, looked up, made anew |
//! | `find` | records found by what they say |
//! | `merge` | records about the same person, found and merged |
//! | `erase` | records taken out of journal and store, so that the proof of it stays |
//! | `restrict`, `retention` | records kept and not used; records kept for long enough |
//! | `backup`, `manifest` | what the files hold, encrypted, in a folder that can be carried anywhere |
//! | `notes`, `scratch` | what was erased, noted where backups are; where a vault is made again |
//! | `counters`, `epochs` | how many postings the keywords have; the indexes they are in |
//! | `unique` | values that must not be there twice |
//! | `health` | what the ledger tells of its upkeep; the store made anew or small |
//! | `trail` | charters, lines and reasons for those who ask the ledger |
//! | `publish`, `witness` | the ledger shown to outsiders; who of them has cosigned it |
//! | `verify`, `signatures` | everything checked from the first line on |
//! | `item`, `rows`, `versions`, `apply`, `policy` | what is committed, where it is kept, and who can open it |

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, LazyLock, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

mod actor;
mod amend;
mod apply;
mod aside;
mod authors;
mod backup;
mod charters;
mod commit;
mod counters;
mod create;
mod divide;
mod epochs;
mod erase;
mod error;
mod export;
mod find;
mod glass;
mod health;
mod index;
pub mod item;
mod lock;
mod lookup;
mod manifest;
mod may;
mod merge;
mod notes;
mod open;
mod opener;
mod outside;
mod plan;
pub mod policy;
mod publish;
mod read;
mod recovery;
mod release;
mod request;
mod resolve;
mod restrict;
mod retention;
mod rotate;
pub mod rows;
mod scratch;
mod send;
mod signatures;
mod trail;
mod unique;
mod verify;
pub mod versions;
mod witness;
mod write;

pub use actor::Actor;
pub use authors::Author;
pub use backup::{Frozen, Looked, Lost, MAX_KEEP, Made, check_backup, find_backup, lost, remember, unpack};
pub use commit::{Access, MAX_REASON};
pub use create::{Founding, create, create_with};
pub use erase::{Erased, Ground};
pub use error::VaultError;
pub use export::Exported;
pub use find::{Answer, By, Condition, Found, MAX_FOUND, Question};
pub use health::{Compacted, Routine, lock_holder};
pub use index::Rebuilt;
pub use manifest::{Kept, Manifest, Piece, Signed};
pub use merge::{Duplicates, Pair};
pub use notes::remember_folder;
pub use open::identify;
pub use outside::{Opened, Outside, Wish};
pub use read::{Cell, Revealed, Shown, VersionInfo};
pub use recovery::{Dealt, PaperState};
pub use request::{Ask, Exchange, State};
pub use resolve::MIN_PREFIX;
pub use retention::Due;
pub use rotate::Rotated;
pub use scratch::Scratch;
pub use trail::Reason;
pub use unique::Known;
pub use verify::{Depth, Findings, verify, verify_to};
pub use witness::{Cosigned, MAX_AHEAD};
pub use write::{Draft, MAX_BATCH, Written};

use charters::Charters;
use versions::Versions;

use crate::{
    crypto::{
        identity::Identity,
        random::{Random, SystemRandom},
    },
    custody::Charter,
    id::Id,
    ledger::{Checkpoint, Entry, Frontier, Line, Log, LogPosition, log, memory::Memory},
    records::schema::Schema,
    store::{Kv as _, journal::Journal, sled::SledStore},
};

/// What a vault's long work tells of itself. All methods do nothing unless they are given.
pub trait Progress {
    /// Work of `total` steps begins.
    fn begin(&self, _task: Task, _total: u64) {}
    /// So many steps are done.
    fn at(&self, _done: u64) {}
    /// It is over.
    fn end(&self) {}
    /// Another process holds the vault; we wait.
    fn waiting(&self, _holder: Option<u32>) {}
}

/// Work that can take longer than a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// The store is made anew from journal and ledger; steps are bytes of the ledger.
    Rebuild,
    /// Records are sealed and written; steps are records.
    Write,
    /// Records are opened; steps are records.
    Read,
    /// Everything is verified; steps are bytes of the ledger.
    Verify,
    /// Session secrets are wrapped to a group's new key; steps are sessions.
    Rotate,
    /// What records are found by is written; steps are versions of records.
    Index,
    /// The ledger is laid out to be served; steps are entries.
    Publish,
    /// The store is written anew, small; steps are rows.
    Compact,
    /// A backup is written or read; steps are bytes.
    Backup,
    /// Erased records are taken out of the journal; steps are bytes of it.
    Erase,
}

/// Nobody watches.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Progress for Unwatched {}

/// How a vault is opened.
pub struct Options<'a> {
    /// The client's state folder, outside any vault.
    pub state: PathBuf,
    /// How long to wait for another process.
    pub patience: Duration,
    /// Who is told of long work.
    pub progress: &'a dyn Progress,
}

/// An open vault. Holds its lock until it is closed or dropped.
pub struct Vault {
    dir: PathBuf,
    id: Id,
    _lock: lock::Lock,
    log: Log,
    journal: Journal,
    store: SledStore,
    /// Where the versions of records are in it.
    records: Versions,
    tree: Frontier,
    charters: Charters,
    schemas: BTreeMap<u64, Arc<Schema>>,
    memory: Memory,
    /// Size of the tree in the newest checkpoint that was written.
    checkpointed: u64,
    /// Whether a write failed half way: then nothing more is done.
    stopped: bool,
    /// Whether the store was made anew when the vault was opened.
    rebuilt: bool,
    /// Whether something in the store was not what it should be: the next opening makes it anew.
    doubted: AtomicBool,
    counters: counters::Counters,
    /// The indexes, once they were asked for.
    epochs: OnceLock<epochs::Epochs>,
}

impl Vault {
    /// The vault's id.
    pub fn id(&self) -> &Id {
        &self.id
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// How many entries its ledger has.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Whether the store had to be made anew when the vault was opened.
    pub fn was_rebuilt(&self) -> bool {
        self.rebuilt
    }

    /// The charter in force.
    pub fn charter(&self) -> &Arc<Charter> {
        self.charters.newest()
    }

    /// The schema in force.
    pub fn schema(&self) -> &Arc<Schema> {
        #[expect(clippy::expect_used, reason = "`open` refuses a vault whose first entry brings no schema")]
        self.schemas.values().next_back().expect("a vault has a schema")
    }

    /// The charter that was in force when the ledger had so many entries: the one whose log key
    /// signs a checkpoint of that size.
    pub fn charter_at(&self, size: u64) -> &Arc<Charter> {
        self.charters.in_force_at(size)
    }

    /// The charter of a version, as envelopes and entries name it.
    pub fn charter_of(&self, version: u64) -> Option<&Arc<Charter>> {
        self.charters.of(version)
    }

    /// Admits an identity as an actor: its member must be in the charter, with these keys.
    pub fn admit(&self, identity: Identity) -> Result<Actor, VaultError> {
        self.admit_with(identity, Box::new(SystemRandom::new()))
    }

    /// Admits an identity as [`Vault::admit`] does; what is random in what they do comes from a given
    /// source: a test does the same twice.
    ///
    /// # Errors
    /// Those of [`Vault::admit`].
    pub fn admit_with(&self, identity: Identity, random: Box<dyn Random>) -> Result<Actor, VaultError> {
        Actor::admit(identity, self.charter(), random)
    }

    /// The row of the store under a key.
    fn row(&self, key: &[u8]) -> Result<Option<Vec<u8>>, VaultError> {
        Ok(self.store.get(key)?)
    }

    /// The line of an entry.
    pub fn line(&self, sequence: u64) -> Result<Line, VaultError> {
        let missing = || VaultError::StoreDiffers { what: "the place of an entry" };
        let (at, length) = rows::line(sequence, &self.store)?.ok_or_else(missing)?;
        Ok(log::read_line(&self.dir.join(LEDGER), at, length)?)
    }

    /// The entries of the ledger, oldest first. Reading them needs no key and leaves no entry: the
    /// ledger holds nothing that its readers should not see.
    pub fn entries(&self) -> Result<impl Iterator<Item = Result<Entry, VaultError>>, VaultError> {
        let mut reader = log::Reader::new(&self.dir.join(LEDGER), LogPosition::START, 0)?;
        Ok(std::iter::from_fn(move || match reader.next_line() {
            Ok(placed) => placed.map(|placed| Ok(placed.line.entry().clone())),
            Err(error) => Some(Err(error.into())),
        }))
    }

    /// Signs the present head of the tree, writes it into the vault, and remembers it outside.
    pub fn checkpoint(&mut self, actor: &mut Actor) -> Result<(), VaultError> {
        // Who has just been taken out of the charter signs nothing more.
        if self.checkpointed == self.size() || actor.groups().is_empty() {
            return Ok(());
        }
        let charter = self.charter().clone();
        let key = actor.log_key(&charter, &self.store)?;
        let head = Checkpoint { size: self.tree.size(), root: self.tree.root() };
        let note = head.sign(&self.id, key)?.to_bytes();
        let path = self.dir.join(CHECKPOINT);
        crate::disk::replace(&path, &note, false).map_err(crate::ledger::LedgerError::io(&path))?;
        self.memory.save(&note)?;
        let rules = open::rules(&self.store)?;
        if !self.memory.knows_rules(&rules) {
            // This process has changed them.
            self.memory.save_rules(&rules)?;
        }
        self.checkpointed = head.size;
        Ok(())
    }

    /// Seals something to the actor alone, to be kept outside the vault; [`Actor::open_own`]
    /// opens it.
    pub fn seal_to(&self, actor: &Actor, plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        let missing = || VaultError::NotAMember { member: actor.member().to_owned() };
        let card = self.charter().member(actor.member()).ok_or_else(missing)?;
        Ok(crate::crypto::age_wrap::wrap(&card.recipient, plaintext)?)
    }

    /// Ends the work: a checkpoint, and the store written down so that the next opening trusts it.
    pub fn close(mut self, actor: &mut Actor) -> Result<(), VaultError> {
        if self.stopped {
            return Ok(());
        }
        self.checkpoint(actor)?;
        self.leave()
    }

    /// Ends the work of somebody without keys, who changed nothing.
    pub fn leave(mut self) -> Result<(), VaultError> {
        if self.doubted.load(Ordering::Relaxed) || self.stopped {
            return Ok(());
        }
        // A sync that failed is not passed over: the store stays marked, and the next opening reads from
        // the disk.
        self.journal.give_back_room()?;
        Ok(self.store.close()?)
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({}, {} entries)", self.id, self.size())
    }
}

/// How many processors there are to work on. Asking the system means reading several files.
fn processors() -> usize {
    static PROCESSORS: LazyLock<usize> = LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from));
    *PROCESSORS
}

const MARKER: &str = "vault.json";
const LOCK: &str = "lock";
const LEDGER: &str = "ledger";
const JOURNAL: &str = "journal";
const STORE: &str = "store";
const CHECKPOINT: &str = "checkpoint";
const WITNESSES: &str = "witness";
