//! What is kept: the journal of sealed payloads, and the key-value view that reads are served from.
//!
//! | file | holds |
//! |---|---|
//! | `journal` | the payloads that entries commit to, one behind the other |
//! | `content` | the bytes of one item of them, which can be in parts |
//! | `kv` | what the vault wants of a key-value store |
//! | `dense` | values under consecutive numbers, many in a row of it |
//! | `filter` | which labels may have been seen |
//! | `memory` | its rows in memory, for disks that sled cannot open |
//! | `runs` | where things under pseudorandom labels stand, in few and orderly rows |
//! | `sled` | that store, on sled, and the mark that says whether to trust it |
//! | `stack` | a few of these runs, the newer upon the older |

pub mod content;
pub mod dense;
pub mod filter;
pub mod journal;
pub mod kv;
mod memory;
pub mod runs;
pub mod sled;
mod stack;

pub use kv::{Batch, Kv};

use crate::{crypto::CryptoError, problem::problems};

problems! {
    /// What can go wrong with journal and store.
    pub enum StoreError {
        /// A file could not be read or written.
        Io { path: String, source: std::io::Error } = Storage, "store-io", "{path}: {source}";
        /// The key-value store failed.
        Engine { reason: String } = Storage, "store-engine", "the key-value store failed: {reason}";
        /// The journal is not what a writer would have written.
        Damaged { path: String, offset: u64, why: &'static str } = Integrity, "journal-damaged", "{path} is damaged at byte {offset}: {why}";
        /// More than a payload may have.
        TooLarge { most: usize } = Input, "journal-too-large", "a payload is larger than {most} bytes, or has more than 65535 items";
    }
    transparent {
        /// From below.
        Crypto(CryptoError);
    }
}

impl StoreError {
    /// An error of a file.
    pub(crate) fn io(path: &std::path::Path) -> impl Fn(std::io::Error) -> StoreError + use<> {
        let path = path.display().to_string();
        move |source| StoreError::Io { path: path.clone(), source }
    }
}
