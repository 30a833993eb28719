//! The checkpoints that there are of a vault: its own, this machine's, and those of witnesses.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    super::{CHECKPOINT, WITNESSES, error::VaultError},
    Walk,
};
use crate::{
    crypto::digest::Digest,
    disk,
    ledger::{
        Checkpoint, Frontier,
        checkpoint::{self, SignedHead},
        memory::Memory,
    },
};

/// Whose checkpoint it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// The vault's newest.
    Vault,
    /// The last one that this machine has seen.
    Memory,
    /// One that a witness has cosigned.
    Witness,
}

/// A checkpoint that was found: whose it is, where, its size, and the note, its signatures not checked.
pub(super) struct Found {
    of: Of,
    path: PathBuf,
    pub(super) size: u64,
    note: Vec<u8>,
}

impl Found {
    fn bad(&self) -> VaultError {
        bad(&self.path)
    }
}

fn bad(path: &Path) -> VaultError {
    VaultError::BadCheckpoint { path: path.display().to_string() }
}

/// The checkpoints in the vault and in this machine's memory; and if one of them is no checkpoint at
/// all, that it is not: to be told after what is wrong with the ledger.
pub(super) fn checkpoints(dir: &Path, memory: &Memory) -> Result<(Vec<Found>, Option<VaultError>), VaultError> {
    let read = |path: &Path| match disk::read(path, checkpoint::MAX_BYTES) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(VaultError::from(crate::ledger::LedgerError::io(path)(error))),
    };
    let own = dir.join(CHECKPOINT);
    let inside = read(&own)?.filter(|bytes| !bytes.is_empty());
    let mut notes: Vec<(Of, PathBuf, Vec<u8>)> =
        inside.into_iter().map(|note| (Of::Vault, own.clone(), note)).collect();
    notes.extend(memory.load()?.map(|note| (Of::Memory, memory.path().to_owned(), note)));
    // A file that a kill left beside another is not one of them.
    let folder = dir.join(WITNESSES);
    let files = disk::list_if_there(&folder).map_err(crate::ledger::LedgerError::io(&folder))?;
    let files = files.into_iter().map(|(name, _)| dir.join(WITNESSES).join(name));
    for path in files.filter(|path| path.extension().is_none()) {
        notes.extend(read(&path)?.map(|note| (Of::Witness, path, note)));
    }
    let mut out = Vec::new();
    let mut wrong = None;
    for (of, path, note) in notes {
        match checkpoint::size_of(&note) {
            Some(size) => out.push(Found { of, path, size, note }),
            None => drop(wrong.get_or_insert(bad(&path))),
        }
    }
    Ok((out, wrong))
}

impl Walk<'_> {
    /// Each checkpoint is signed with the key that was the log's, and is of this tree.
    pub(super) fn check_heads(
        &mut self,
        heads: &[Found],
        tree: &Frontier,
        roots: &BTreeMap<u64, Digest>,
    ) -> Result<(), VaultError> {
        for found @ Found { of, size, note, .. } in heads {
            // This machine's own was verified when it was saved. A ledger that was cut can lack the
            // amendment that brought the key it is signed with.
            if *of == Of::Memory && *size > tree.size() {
                return Err(VaultError::RolledBack { size: tree.size(), remembered: *size });
            }
            // Signed with the key that was the log's when it had so many entries.
            let known = self.begins.iter().rev().find(|(_, begin)| **begin < *size);
            let charter = known.and_then(|(version, _)| self.charters.get(version)).or_else(|| self.charters.get(&1));
            let charter = charter.ok_or_else(|| found.bad())?;
            let root = match of {
                Of::Witness => {
                    let head = SignedHead::parse(note).map_err(|_| found.bad())?;
                    let key = checkpoint::log_key(self.vault, charter.log())?;
                    head.verify_log(&[key]).map_err(|_| found.bad())?;
                    head.tree().root
                }
                Of::Vault | Of::Memory => {
                    Checkpoint::parse(note, self.vault, charter.log()).map_err(|_| found.bad())?.root
                }
            };
            if *size > tree.size() {
                return Err(VaultError::RolledBack { size: tree.size(), remembered: *size });
            }
            if roots.get(size) != Some(&root) {
                return Err(VaultError::Forked { size: *size });
            }
            match of {
                Of::Vault => self.findings.checkpoint = Some(*size),
                Of::Memory => self.findings.remembered = Some(*size),
                Of::Witness => self.findings.cosigned.push(*size),
            }
        }
        Ok(())
    }
}
