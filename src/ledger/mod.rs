//! The ledger: the append-only access log, and what lets others check it.
//!
//! Knows entries, lines, trees and checkpoints; not what a record is.
//!
//! | file | holds |
//! |---|---|
//! | `entry` | one action, as a signed line |
//! | `log` | the files of lines |
//! | `tree` | the RFC 6962 tree over the lines |
//! | `checkpoint` | the signed tree head |
//! | `proof` | that an entry is in a tree, that a tree continues another |
//! | `range` | that entries are all of a stretch of the tree |
//! | `cosignature` | what a witness puts under a checkpoint |
//! | `proof_file` | a proof of an entry as a file; what a witness is asked with |
//! | `tiles` | the ledger as a folder of static files |
//! | `witness`, `http` | a witness: what it saw last, what it cosigns; asked over HTTP |
//! | `memory` | what a client remembers of a ledger, outside the vault |

pub mod checkpoint;
pub mod cosignature;
pub mod entry;
pub mod http;
pub mod log;
pub mod memory;
pub mod proof;
pub mod proof_file;
pub mod range;
pub mod tiles;
pub mod tree;
pub mod witness;

pub use checkpoint::Checkpoint;
pub use entry::{Action, Entry, EntryDraft, Line, Outcome, Subject, TreeHead};
pub use log::{Log, LogPosition};
pub use tree::Frontier;

use crate::{crypto::note::NoteError, problem::problems};

problems! {
    /// What can go wrong with a ledger.
    pub enum LedgerError {
        /// A file could not be read or written.
        Io { path: String, source: std::io::Error } = Storage, "ledger-io", "{path}: {source}";
        /// A line that is no entry, or does not follow.
        Damaged { path: String, line: u64, why: &'static str } = Integrity, "ledger-damaged", "{path}, line {line}: {why}";
        /// An entry that would not fit a line.
        TooLong { most: usize } = Input, "ledger-too-long", "the entry would be longer than {most} bytes";
        /// A line that is not in the form of entries.
        Malformed { why: String } = Integrity, "ledger-malformed", "not an entry: {why}";
        /// Not a checkpoint.
        BadCheckpoint = Integrity, "checkpoint-malformed", "this is not a checkpoint of this ledger";
        /// A node of the tree is not where it should be.
        NoHash { index: u64 } = Integrity, "ledger-no-hash", "node {index} of the ledger's tree is missing from the store";
        /// A tree that does not hold what is to be proved of it.
        NotInTree { index: u64, size: u64 } = NotFound, "ledger-not-in-tree", "a tree of {size} entries does not reach to number {index}";
        /// Not a file of a proof, or not what a witness is asked with.
        BadProofFile = Input, "ledger-bad-proof-file", "this is not a proof, or it was cut or changed";
        /// A tile that is missing from a published folder, or does not belong to its tree.
        BadTile { path: String } = Integrity, "ledger-bad-tile", "{path}: the tile is missing, or does not fit the published checkpoint";
        /// A proof that does not prove.
        BadProof = Integrity, "ledger-bad-proof", "the proof does not fit: it was changed, or belongs to another ledger";
    }
    transparent {
        /// From a note.
        Note(NoteError);
    }
}

impl LedgerError {
    /// An error of a file.
    pub(crate) fn io(path: &std::path::Path) -> impl Fn(std::io::Error) -> LedgerError + use<> {
        let path = path.display().to_string();
        move |source| LedgerError::Io { path: path.clone(), source }
    }
}
