//! What a client remembers of each vault it has seen, outside the vault: the last checkpoint, and
//! by which rules it was governed.
//!
//! A vault that is rolled back, cut or rewritten cannot take this memory along: the next command
//! on this machine notices.
//!
//! Beside it stands the digest of the rules (charter, schema and keys) that this machine has itself
//! taken from the ledger, so that a store with other rules in it is not believed.

use std::path::{Path, PathBuf};

use super::{LedgerError, checkpoint::MAX_BYTES};
use crate::{crypto::digest::Digest, disk, id::Id};

/// A client's memory of one vault.
#[derive(Debug, Clone)]
pub struct Memory {
    file: PathBuf,
    rules: PathBuf,
}

impl Memory {
    /// The memory of a vault, below the client's state folder.
    pub fn new(state: &Path, vault: &Id) -> Memory {
        let folder = state.join(vault.to_string());
        Memory { file: folder.join("checkpoint"), rules: folder.join("rules") }
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

    /// Whether these are the rules that were last remembered.
    pub fn knows_rules(&self, rules: &Digest) -> bool {
        disk::read(&self.rules, rules.len() as u64).is_ok_and(|known| known == rules)
    }

    /// Remembers the digest of the rules. The caller has taken them from the ledger.
    pub fn save_rules(&self, rules: &Digest) -> Result<(), LedgerError> {
        let folder = self.rules.parent().unwrap_or(Path::new("."));
        disk::make_folders(folder).map_err(LedgerError::io(folder))?;
        disk::replace(&self.rules, rules, true).map_err(LedgerError::io(&self.rules))
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
        assert!(!memory.knows_rules(&[1; 32]));
        memory.save_rules(&[1; 32]).unwrap();
        assert!(memory.knows_rules(&[1; 32]) && !memory.knows_rules(&[2; 32]));
    }
}
