//! The ledger shown to outsiders: a folder of static files, and proofs of single entries. Needs no
//! key: all of it stands under a checkpoint that was signed when somebody last worked.

use std::path::Path;

use super::{CHECKPOINT, MARKER, Progress, Task, Vault, error::VaultError, open::StoredNodes};
use crate::{
    disk,
    ledger::{
        LedgerError,
        checkpoint::{self, SignedHead},
        proof,
        proof_file::ProofFile,
        tiles::{Folder, Published},
    },
};

impl Vault {
    /// The newest checkpoint, checked, with the cosignatures of the witnesses who have seen exactly
    /// this one.
    ///
    /// # Errors
    /// [`VaultError::NoCheckpoint`] if none was ever signed.
    pub fn signed_head(&self) -> Result<SignedHead, VaultError> {
        let mut head = self.own_head()?;
        for cosigned in self.cosigned(crate::clock::now())? {
            if let Some((other, _)) = cosigned.last {
                let _ = head.note_mut().merge(other.note());
            }
        }
        Ok(head)
    }

    /// The newest checkpoint, checked, with the log's signature alone.
    pub(super) fn own_head(&self) -> Result<SignedHead, VaultError> {
        let path = self.dir.join(CHECKPOINT);
        let head = match disk::read(&path, checkpoint::MAX_BYTES) {
            Ok(bytes) if bytes.is_empty() => return Err(VaultError::NoCheckpoint),
            Ok(bytes) => SignedHead::parse(&bytes)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(VaultError::NoCheckpoint),
            Err(error) => return Err(LedgerError::io(&path)(error).into()),
        };
        self.check_head(&head)?;
        Ok(head)
    }

    /// Lays out the ledger up to its newest checkpoint as a static log in a folder; from what is
    /// there already only what is new.
    ///
    /// # Errors
    /// [`VaultError::PublishInVault`]; [`VaultError::OtherPublication`] if what is published is not
    /// the beginning of this ledger; files that cannot be read or written.
    pub fn publish(&self, folder: &Path, progress: &dyn Progress) -> Result<Published, VaultError> {
        // A vault's own checkpoint would pass for a published one: nothing would be written, and a web
        // server that was told of the folder would serve the vault.
        let whole = std::path::absolute(folder).map_err(LedgerError::io(folder))?;
        if whole.ancestors().any(|path| path.join(MARKER).is_file()) {
            return Err(VaultError::PublishInVault { path: folder.display().to_string() });
        }
        let published = Folder::new(folder);
        let before = match published.checkpoint()? {
            None => 0,
            Some(head) => {
                let other = |_| VaultError::OtherPublication { path: folder.display().to_string() };
                self.check_head(&head).map_err(other)?;
                head.tree().size
            }
        };
        let head = self.signed_head()?;
        if head.tree().size < before {
            return Err(VaultError::OtherPublication { path: folder.display().to_string() });
        }
        progress.begin(Task::Publish, head.tree().size - before);
        let mut line = |sequence| match self.line(sequence) {
            Ok(line) => Ok(line.bytes().to_vec()),
            Err(VaultError::Ledger(error)) => Err(error),
            Err(_) => Err(LedgerError::NotInTree { index: sequence, size: self.size() }),
        };
        let nodes = StoredNodes(&self.store);
        let done = published.publish(before, &head, &nodes, &mut line, &mut |done| progress.at(done));
        progress.end();
        Ok(done?)
    }

    /// Proves that an entry is in the ledger, under the newest checkpoint: or under the newest that
    /// a witness has cosigned, if that covers the entry.
    ///
    /// # Errors
    /// [`VaultError::NotCovered`] if the entry is newer than the checkpoint, or not there at all.
    pub fn prove(&self, sequence: u64) -> Result<ProofFile, VaultError> {
        self.prove_to(sequence, 0)
    }

    /// As [`Vault::prove`], to somebody who has seen so many entries: under a checkpoint of fewer it
    /// would look as if the ledger had been cut.
    pub(super) fn prove_to(&self, sequence: u64, seen: u64) -> Result<ProofFile, VaultError> {
        let mut head = self.signed_head()?;
        let mut cosigned: Vec<SignedHead> =
            self.cosigned(crate::clock::now())?.into_iter().filter_map(|one| one.last).map(|(head, _)| head).collect();
        cosigned.retain(|head| head.tree().size > sequence && head.tree().size >= seen);
        cosigned.sort_by_key(|head| head.tree().size);
        if let Some(mut newest) = cosigned.pop() {
            for other in &cosigned {
                let _ = newest.note_mut().merge(other.note());
            }
            head = newest;
        }
        let size = head.tree().size;
        if sequence >= size {
            return Err(VaultError::NotCovered { sequence, size });
        }
        let hashes = proof::inclusion(sequence, size, &StoredNodes(&self.store))?;
        let line = self.line(sequence)?.bytes().to_vec();
        let proof = ProofFile { extra: Some(line.clone()), index: sequence, hashes, head };
        // What goes out was checked as its receiver will check it.
        proof.verify(&line)?;
        Ok(proof)
    }
}
