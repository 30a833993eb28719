//! Witnesses as the vault sees them: whom the charter names, what they have cosigned, and whether
//! that is recent enough.
//!
//! ```text
//! witness/<key id, 8 hex digits>   the newest checkpoint that the witness has cosigned, as a note
//! ```
//!
//! The checkpoint itself (`checkpoint`) has the log's signature only: it is replaced with every
//! command, far more often than witnesses are asked.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::{Vault, WITNESSES, error::VaultError, open::StoredNodes};
use crate::{
    crypto::vkey::VerifierKey,
    disk,
    ledger::{
        LedgerError, TreeHead,
        checkpoint::{self, SignedHead},
        cosignature, proof,
        proof_file::WitnessRequest,
        tree,
    },
};

/// How far a witness's clock may be ahead of ours.
pub const MAX_AHEAD: SignedDuration = SignedDuration::from_mins(10);

/// What a witness has cosigned last.
#[derive(Debug, Clone)]
pub struct Cosigned {
    /// The witness.
    pub witness: VerifierKey,
    /// The checkpoint and when, if there is one.
    pub last: Option<(SignedHead, Timestamp)>,
    /// Whether it is recent enough for the charter.
    pub fresh: bool,
}

impl Vault {
    /// What the witnesses of the charter have cosigned; empty if the charter names none. Signatures
    /// are checked, and that the checkpoints are of this ledger.
    ///
    /// # Errors
    /// A file that cannot be read, or is not what was taken in.
    pub fn cosigned(&self, now: Timestamp) -> Result<Vec<Cosigned>, VaultError> {
        let Some(wanted) = self.charter().witnesses() else { return Ok(Vec::new()) };
        wanted.keys.iter().map(|witness| self.cosigned_by(witness, wanted.max_age_hours, now)).collect()
    }

    /// What one witness has cosigned, and whether that is of the last so many hours.
    fn cosigned_by(&self, witness: &VerifierKey, hours: u64, now: Timestamp) -> Result<Cosigned, VaultError> {
        let hours = i64::try_from(hours).unwrap_or(i64::MAX / 3600);
        let oldest = now.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MIN);
        let newest = now.checked_add(MAX_AHEAD).unwrap_or(Timestamp::MAX);
        let last = read(&self.dir, witness)?;
        if let Some((head, _)) = &last {
            self.check_head(head)?;
        }
        let fresh = last.as_ref().is_some_and(|(_, time)| (oldest..=newest).contains(time));
        Ok(Cosigned { witness: witness.clone(), last, fresh })
    }

    /// Refuses if the charter wants witnesses and too few of them have cosigned lately. To be asked
    /// before anything sealed is released.
    ///
    /// # Errors
    /// [`VaultError::NotWitnessed`], or as [`Vault::cosigned`].
    pub fn require_witnessed(&self, now: Timestamp) -> Result<(), VaultError> {
        let Some(wanted) = self.charter().witnesses() else { return Ok(()) };
        let fresh = self.cosigned(now)?.iter().filter(|cosigned| cosigned.fresh).count() as u64;
        if fresh >= wanted.any {
            return Ok(());
        }
        Err(VaultError::NotWitnessed { fresh, any: wanted.any, hours: wanted.max_age_hours })
    }

    /// What to ask a witness with: the newest checkpoint, and a proof that it continues the one of
    /// `old` entries, which is the size that the witness has cosigned last.
    ///
    /// # Errors
    /// No checkpoint yet, or one of fewer entries than `old`.
    pub fn witness_request(&self, old: u64) -> Result<WitnessRequest, VaultError> {
        let head = self.own_head()?;
        let hashes = proof::consistency(old, head.tree().size, &StoredNodes(&self.store))?;
        Ok(WitnessRequest { old, hashes, head })
    }

    /// Takes in what a witness has answered: the checkpoint with its cosignature. An older one than
    /// is there already is left out. Gives what is there now of each witness whose word it brings.
    ///
    /// # Errors
    /// Not of this ledger, or without a cosignature of a witness that the charter names.
    pub fn take_cosignatures(&mut self, note: &[u8], now: Timestamp) -> Result<Vec<Cosigned>, VaultError> {
        let head = SignedHead::parse(note)?;
        self.check_head(&head)?;
        let charter = self.charter().clone();
        let wanted = charter.witnesses();
        let mut there = Vec::new();
        for witness in wanted.into_iter().flat_map(|wanted| &wanted.keys) {
            if head.note().signatures_of(witness).next().is_none() {
                continue;
            }
            let time = cosignature::verify(head.note(), witness)
                .map_err(|_| VaultError::BadCosignature { why: "the signature of the witness is wrong" })?;
            if time > now.checked_add(MAX_AHEAD).unwrap_or(Timestamp::MAX) {
                return Err(VaultError::BadCosignature { why: "its time is yet to come" });
            }
            // One that was damaged is replaced: by nothing else could it be mended. One of more entries
            // than there are is not: it is what tells that the ledger was cut.
            let last = match read(&self.dir, witness) {
                Err(VaultError::DamagedCosignature { .. }) => None,
                read => read?,
            };
            let newer = last.is_none_or(|(last, at)| (last.tree().size, at) < (head.tree().size, time));
            if newer {
                let folder = self.dir.join(WITNESSES);
                if !folder.is_dir() {
                    disk::make_folder(&folder).map_err(LedgerError::io(&folder))?;
                }
                let mut kept = head.note().keeping(&[&self.log_key_at(head.tree().size)?, witness]);
                cosignature::keep_newest(&mut kept, witness)
                    .map_err(|_| VaultError::BadCosignature { why: "the signature of the witness is wrong" })?;
                let path = path(&self.dir, witness);
                disk::replace(&path, &kept.to_bytes(), true).map_err(LedgerError::io(&path))?;
            }
            let hours = wanted.map_or(0, |wanted| wanted.max_age_hours);
            there.push(self.cosigned_by(witness, hours, now)?);
        }
        if there.is_empty() {
            return Err(VaultError::BadCosignature { why: "no witness that the charter names has made one" });
        }
        Ok(there)
    }

    /// The log's key when it had so many entries, as other software takes it.
    ///
    /// # Errors
    /// None in practice: the origin of a vault is a name that a note can carry.
    pub fn log_key_at(&self, size: u64) -> Result<VerifierKey, VaultError> {
        let charter = self.charters.in_force_at(size);
        Ok(checkpoint::log_key(&self.id, charter.log())?)
    }

    /// Checks that a checkpoint is of this log, and of this ledger.
    pub(super) fn check_head(&self, head: &SignedHead) -> Result<(), VaultError> {
        let bad = |_| VaultError::BadCheckpoint { path: head.origin().to_owned() };
        head.verify_log(&[self.log_key_at(head.tree().size)?]).map_err(bad)?;
        let TreeHead { size, root } = *head.tree();
        if size > self.size() {
            return Err(VaultError::RolledBack { size: self.size(), remembered: size });
        }
        if tree::root_at(size, &StoredNodes(&self.store))? != root {
            return Err(VaultError::Forked { size });
        }
        Ok(())
    }
}

/// The newest checkpoint that a witness has cosigned, as it was taken in.
pub(super) fn read(dir: &Path, witness: &VerifierKey) -> Result<Option<(SignedHead, Timestamp)>, VaultError> {
    let path = path(dir, witness);
    let bytes = match disk::read(&path, checkpoint::MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(LedgerError::io(&path)(error).into()),
    };
    let damaged = || VaultError::DamagedCosignature { path: path.display().to_string() };
    let head = SignedHead::parse(&bytes).map_err(|_| damaged())?;
    let time = cosignature::verify(head.note(), witness).map_err(|_| damaged())?;
    Ok(Some((head, time)))
}

fn path(dir: &Path, witness: &VerifierKey) -> PathBuf {
    dir.join(WITNESSES).join(format!("{:08x}", witness.id()))
}
