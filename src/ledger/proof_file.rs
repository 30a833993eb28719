//! A proof that an entry is in a log, as a file that needs nothing else (C2SP `tlog-proof.md`), and
//! what a witness is asked with (C2SP `tlog-witness.md`, `add-checkpoint`).

use data_encoding::BASE64;

use super::{
    LedgerError,
    checkpoint::{self, SignedHead, decimal},
    entry::MAX_LINE,
    proof::{self, MAX_HASHES},
    tree,
};
use crate::crypto::digest::Digest;

/// The first line of a proof file.
const HEAD: &str = "c2sp.org/tlog-proof@v1";

/// Longest file that is read, in bytes: an entry in base64, the hashes, and the checkpoint.
pub const MAX_FILE: u64 = (MAX_LINE as u64) * 4 / 3 + 64 * 48 + checkpoint::MAX_BYTES;

/// A proof that an entry is in a log.
///
/// ```text
/// c2sp.org/tlog-proof@v1
/// extra eyJ2IjoxLCJzZXEiOjcsInRpbWUiOi...
/// index 7
/// gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
/// B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
///
/// amanah/4wvtm1p8c2dx7r0k9ze5hq3n6a
/// 9
/// 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
///
/// — amanah/4wvtm1p8c2dx7r0k9ze5hq3n6a ...
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ProofFile {
    /// Data without protection of its own: for Amanah the entry's line, which the proof then covers.
    pub extra: Option<Vec<u8>>,
    /// The entry's number, from 0.
    pub index: u64,
    /// The hashes beside its path, its sibling first.
    pub hashes: Vec<Digest>,
    /// The head of the tree that it is in. Signatures are not checked yet.
    pub head: SignedHead,
}

impl ProofFile {
    /// Reads a proof file: only the bytes that [`ProofFile::to_bytes`] would write.
    ///
    /// # Errors
    /// [`LedgerError::BadProofFile`], or what is wrong with the checkpoint.
    pub fn parse(bytes: &[u8]) -> Result<ProofFile, LedgerError> {
        let (mut lines, head) = split(bytes)?;
        if lines.next() != Some(HEAD) {
            return Err(LedgerError::BadProofFile);
        }
        let mut line = lines.next().ok_or(LedgerError::BadProofFile)?;
        let mut extra = None;
        if let Some(text) = line.strip_prefix("extra ") {
            extra = Some(BASE64.decode(text.as_bytes()).map_err(|_| LedgerError::BadProofFile)?);
            line = lines.next().ok_or(LedgerError::BadProofFile)?;
        }
        let index = line.strip_prefix("index ").and_then(decimal).ok_or(LedgerError::BadProofFile)?;
        let read = ProofFile { extra, index, hashes: hashes(lines)?, head };
        if read.to_bytes() == bytes { Ok(read) } else { Err(LedgerError::BadProofFile) }
    }

    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = format!("{HEAD}\n");
        if let Some(extra) = &self.extra {
            out.push_str(&format!("extra {}\n", BASE64.encode(extra)));
        }
        out.push_str(&format!("index {}\n", self.index));
        push_hashes(&mut out, &self.hashes);
        [out.as_bytes(), b"\n", &self.head.note().to_bytes()].concat()
    }

    /// Checks that `entry` (a line's bytes) is where the file says. Whether the head is the log's is
    /// another question: [`SignedHead::verify_log`].
    ///
    /// # Errors
    /// [`LedgerError::BadProof`].
    pub fn verify(&self, entry: &[u8]) -> Result<(), LedgerError> {
        proof::check_inclusion(&tree::leaf_hash(entry), self.index, self.head.tree(), &self.hashes)
    }
}

/// What a witness is asked with: the size it cosigned last, a proof from there, and a checkpoint.
///
/// ```text
/// old 7
/// gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
///
/// amanah/4wvtm1p8c2dx7r0k9ze5hq3n6a
/// 9
/// ...
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct WitnessRequest {
    /// Size of the checkpoint that the witness cosigned last; 0 if none.
    pub old: u64,
    /// Proof that the one continues the other.
    pub hashes: Vec<Digest>,
    /// The checkpoint to cosign.
    pub head: SignedHead,
}

impl WitnessRequest {
    /// Reads a request: only the bytes that [`WitnessRequest::to_bytes`] would write.
    ///
    /// # Errors
    /// [`LedgerError::BadProofFile`], or what is wrong with the checkpoint.
    pub fn parse(bytes: &[u8]) -> Result<WitnessRequest, LedgerError> {
        let (mut lines, head) = split(bytes)?;
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(decimal);
        let read = WitnessRequest { old: old.ok_or(LedgerError::BadProofFile)?, hashes: hashes(lines)?, head };
        if read.to_bytes() == bytes { Ok(read) } else { Err(LedgerError::BadProofFile) }
    }

    /// The request.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = format!("old {}\n", self.old);
        push_hashes(&mut out, &self.hashes);
        [out.as_bytes(), b"\n", &self.head.note().to_bytes()].concat()
    }
}

/// The lines before the first empty one, and the checkpoint after it.
fn split(bytes: &[u8]) -> Result<(std::str::Split<'_, char>, SignedHead), LedgerError> {
    if bytes.len() as u64 > MAX_FILE {
        return Err(LedgerError::BadProofFile);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| LedgerError::BadProofFile)?;
    let (before, checkpoint) = text.split_once("\n\n").ok_or(LedgerError::BadProofFile)?;
    Ok((before.split('\n'), SignedHead::parse(checkpoint.as_bytes())?))
}

fn hashes<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Vec<Digest>, LedgerError> {
    let mut out = Vec::new();
    for line in lines {
        let hash = BASE64.decode(line.as_bytes()).ok().and_then(|hash| hash.try_into().ok());
        out.push(hash.ok_or(LedgerError::BadProofFile)?);
        if out.len() > MAX_HASHES {
            return Err(LedgerError::BadProofFile);
        }
    }
    Ok(out)
}

fn push_hashes(out: &mut String, hashes: &[Digest]) {
    for hash in hashes {
        out.push_str(&BASE64.encode(hash));
        out.push('\n');
    }
}
