//! How far exports have come that go on from each other: the next entry, and the ledger before it.

use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::{Format, manifest::Recipient};
use crate::{audit::AuditError, crypto::digest::Digest, disk, id::Id};

const KIND: &str = "amanah export-state/1";

/// Most bytes of the file.
const MAX_BYTES: u64 = 4096;

/// How far exports have come.
///
/// ```text
/// {"amanah":"amanah export-state/1","vault":"...","format":"ocsf","next":57,"root":"..."}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    amanah: String,
    /// The vault.
    pub vault: Id,
    /// The format.
    pub format: Format,
    /// For whom records have pseudonyms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Recipient>,
    /// The first entry of the next export.
    pub next: u64,
    root: String,
}

impl State {
    /// After the entries before `next`, whose tree has this root.
    pub fn new(vault: Id, format: Format, recipient: Option<Recipient>, next: u64, root: &Digest) -> State {
        State { amanah: KIND.to_owned(), vault, format, recipient, next, root: BASE64.encode(root) }
    }

    /// Reads it; `None` if there is none yet.
    ///
    /// # Errors
    /// [`AuditError::BadState`]; a file that cannot be read.
    pub fn read(path: &Path) -> Result<Option<State>, AuditError> {
        let bytes = match disk::read(path, MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(AuditError::io(path)(error)),
        };
        let bad = || AuditError::BadState { path: path.display().to_string() };
        let state: State = serde_json::from_slice(&bytes).map_err(|_| bad())?;
        if state.amanah != KIND || state.to_bytes() != bytes || state.root().is_none() {
            return Err(bad());
        }
        Ok(Some(state))
    }

    /// Writes it in the place of the one before, durably.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), AuditError> {
        disk::replace(path, &self.to_bytes(), true).map_err(AuditError::io(path))
    }

    /// The root of the tree of what was exported.
    pub fn root(&self) -> Option<Digest> {
        BASE64.decode(self.root.as_bytes()).ok()?.try_into().ok()
    }

    /// Whether it goes on with the same.
    pub fn fits(&self, vault: &Id, format: Format, recipient: Option<&Recipient>) -> bool {
        self.vault == *vault && self.format == format && self.recipient.as_ref() == recipient
    }

    fn to_bytes(&self) -> Vec<u8> {
        // A structure of texts and numbers has a JSON.
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

/// The folder of an export that begins with an entry. It is found again by who does not know
/// whether it was written.
pub fn folder(parent: &Path, first: u64) -> PathBuf {
    parent.join(format!("{first:012}"))
}
