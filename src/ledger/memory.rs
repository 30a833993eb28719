//! What a client remembers of each vault it has seen, outside the vault: the last checkpoint, and
//! by which rules it was governed.
//!
//! A vault that is rolled back, cut or rewritten cannot take this memory along: the next command
//! on this machine notices.

use std::path::{Path, PathBuf};

use super::{LedgerError, checkpoint::MAX_BYTES};
use crate::{crypto::digest::Digest, disk, id::Id};

/// A client's memory of one vault.
#[derive(Debug, Clone)]
pub struct Memory {
    file: PathBuf,
}

impl Memory {
    /// The memory of a vault, below the client's state folder.
    pub fn new(state: &Path, vault: &Id) -> Memory {
        Memory { file: state.join(vault.to_string()).join("checkpoint") }
    }

    /// The last checkpoint, as it was saved; `None` for a vault that was never seen.
    pub fn load(&self) -> Result<Option<Vec<u8>>, LedgerError> {
        match disk::read(&self.file, MAX_BYTES) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(LedgerError::io(&self.file)(error)),
        }
    }

    /// Remembers a checkpoint. The caller has checked that it extends the last one.
    pub fn save(&self, note: &[u8]) -> Result<(), LedgerError> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        disk::make_folders(folder).map_err(LedgerError::io(folder))?;
        disk::replace(&self.file, note, true).map_err(LedgerError::io(&self.file))
    }

    /// The digest of the charters and schemas that were last found to be those of the ledger;
    /// `None` for a vault that was never seen.
    pub fn rules(&self) -> Result<Option<Vec<u8>>, LedgerError> {
        let file = self.rules_file();
        match disk::read(&file, MAX_BYTES) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(LedgerError::io(&file)(error)),
        }
    }

    /// Remembers the digest of the charters and schemas, where it is not remembered already.
    pub fn save_rules(&self, rules: &Digest) -> Result<(), LedgerError> {
        if self.rules()?.as_deref() == Some(&rules[..]) {
            return Ok(());
        }
        let file = self.rules_file();
        let folder = file.parent().unwrap_or(Path::new("."));
        disk::make_folders(folder).map_err(LedgerError::io(folder))?;
        disk::replace(&file, rules, true).map_err(LedgerError::io(&file))
    }

    fn rules_file(&self) -> PathBuf {
        self.file.with_file_name("rules")
    }

    /// Where it is kept.
    pub fn path(&self) -> &Path {
        &self.file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::new(&folder.path().join("state"), &Id([1; 16]));
        assert_eq!(memory.load().unwrap(), None);
        memory.save(b"one").unwrap();
        memory.save(b"two").unwrap();
        assert_eq!(memory.load().unwrap().unwrap(), b"two");
    }
}
