//! What an export says of itself, so that who receives it can check it without the vault.

use data_encoding::{BASE64, HEXLOWER};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Format;
use crate::{
    audit::AuditError,
    crypto::digest::Digest,
    id::Id,
    ledger::{
        TreeHead,
        checkpoint::{self, SignedHead},
        proof,
        range::RangeProof,
    },
};

/// The file's name.
pub const FILE: &str = "manifest.json";

/// Most bytes of it: two checkpoints with many signatures, and proofs.
pub const MAX_BYTES: u64 = 512 * 1024;

const KIND: &str = "amanah export/1";

/// What an export says of itself: JSON, with its members in this order, two blanks for each level,
/// and a newline at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    amanah: String,
    /// The vault.
    pub vault: Id,
    /// Its name for people.
    pub name: String,
    /// The version of the program that wrote it.
    pub software: String,
    /// The format.
    pub format: Format,
    /// Its standard and version.
    pub standard: String,
    /// The version of the mapping.
    pub mapping: u32,
    /// For whom records have pseudonyms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Recipient>,
    /// Which entries.
    pub range: Range,
    /// How many.
    pub counts: Counts,
    /// The files, in order.
    pub files: Vec<File>,
    /// The signed head of the ledger: a note.
    pub checkpoint: String,
    /// The newest head that witnesses have cosigned, where there is one: a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witnessed: Option<Witnessed>,
    /// That the entries are all of the range.
    pub proof: Proof,
}

/// For whom records have pseudonyms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Who.
    pub name: String,
    /// Which key the pseudonyms were made from.
    pub key: String,
}

/// Which entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The first entry.
    pub first: u64,
    /// The first one after the last.
    pub next: u64,
    /// The earliest time of an entry.
    pub earliest: Timestamp,
    /// The latest one.
    pub latest: Timestamp,
}

/// How many there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Entries.
    pub entries: u64,
    /// Of them refused.
    pub refused: u64,
    /// Of them failed.
    pub failed: u64,
    /// Events of the format.
    pub events: u64,
}

/// A file of the export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Hex of its SHA-256.
    pub sha256: String,
}

/// What witnesses have cosigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witnessed {
    /// The checkpoint: a note.
    pub checkpoint: String,
    /// That the export's checkpoint continues it.
    pub proof: Vec<String>,
}

/// That the entries are all of the range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Roots of the full subtrees before the first entry.
    pub before: Vec<String>,
    /// From the tree that ends with the last entry to the checkpoint.
    pub after: Vec<String>,
}

/// What a manifest is made from.
#[expect(missing_docs, reason = "the members are those of `Manifest`")]
pub struct Parts<'a> {
    pub vault: Id,
    pub name: &'a str,
    pub format: Format,
    pub recipient: Option<Recipient>,
    pub range: Range,
    pub counts: Counts,
    pub files: Vec<File>,
    pub head: &'a SignedHead,
    pub witnessed: Option<&'a (SignedHead, Vec<Digest>)>,
    pub proof: &'a RangeProof,
}

impl Manifest {
    /// Of an export that was just written.
    pub fn new(parts: Parts<'_>) -> Manifest {
        let note = |head: &SignedHead| String::from_utf8_lossy(&head.note().to_bytes()).into_owned();
        Manifest {
            amanah: KIND.to_owned(),
            vault: parts.vault,
            name: parts.name.to_owned(),
            software: env!("CARGO_PKG_VERSION").to_owned(),
            format: parts.format,
            standard: parts.format.standard().to_owned(),
            mapping: super::MAPPING,
            recipient: parts.recipient,
            range: parts.range,
            counts: parts.counts,
            files: parts.files,
            checkpoint: note(parts.head),
            witnessed: parts.witnessed.map(|(head, proof)| Witnessed { checkpoint: note(head), proof: texts(proof) }),
            proof: Proof { before: texts(&parts.proof.before), after: texts(&parts.proof.after) },
        }
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        // A structure of texts and numbers has a JSON.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads a manifest: only the bytes that would be written, and only what makes sense in itself.
    ///
    /// # Errors
    /// [`AuditError::BadManifest`].
    pub fn parse(bytes: &[u8]) -> Result<Manifest, AuditError> {
        let bad = |why: &str| AuditError::BadManifest { why: why.to_owned() };
        if bytes.len() as u64 > MAX_BYTES {
            return Err(bad("longer than manifests are"));
        }
        let manifest: Manifest = serde_json::from_slice(bytes).map_err(|error| bad(&error.to_string()))?;
        if manifest.amanah != KIND {
            return Err(bad("of another kind or version"));
        }
        if manifest.to_bytes() != bytes {
            return Err(bad("not written in the one way manifests are written"));
        }
        let Range { first, next, earliest, latest } = manifest.range;
        if first >= next || next > proof::MAX_SIZE || earliest > latest {
            return Err(bad("its range is none"));
        }
        let counts = manifest.counts;
        if counts.entries != next - first || counts.refused > counts.entries || counts.failed > counts.entries {
            return Err(bad("its counts do not fit its range"));
        }
        let names: Vec<&str> = manifest.files.iter().map(|file| file.name.as_str()).collect();
        if names != manifest.names() {
            return Err(bad("its files are not those of its format"));
        }
        if manifest.files.iter().any(|file| digest(HEXLOWER.decode(file.sha256.as_bytes())).is_none()) {
            return Err(bad("a digest is none"));
        }
        if manifest.standard != manifest.format.standard() && manifest.mapping == super::MAPPING {
            return Err(bad("its standard is not that of its format"));
        }
        manifest.range_proof()?;
        manifest.head()?;
        manifest.witnessed_head()?;
        Ok(manifest)
    }

    /// The names of its files: the entries, then the events.
    pub fn names(&self) -> Vec<&'static str> {
        let entries = super::write::entries_file(self.recipient.is_some());
        [Some(entries), self.format.file()].into_iter().flatten().collect()
    }

    /// The signed head.
    ///
    /// # Errors
    /// It is not one, or not of this vault, or does not reach as far as the range.
    pub fn head(&self) -> Result<SignedHead, AuditError> {
        let head = SignedHead::parse(self.checkpoint.as_bytes())?;
        let bad = |why: &str| AuditError::BadManifest { why: why.to_owned() };
        if head.origin() != checkpoint::origin(&self.vault) || head.note().to_bytes() != self.checkpoint.as_bytes() {
            return Err(bad("its checkpoint is of another vault"));
        }
        if head.tree().size < self.range.next {
            return Err(bad("its checkpoint does not reach to the end of its range"));
        }
        Ok(head)
    }

    /// The head that witnesses have cosigned, and the proof that leads from it to the signed one.
    ///
    /// # Errors
    /// It is not one, or the proof does not show it.
    pub fn witnessed_head(&self) -> Result<Option<SignedHead>, AuditError> {
        let Some(witnessed) = &self.witnessed else { return Ok(None) };
        let bad = || AuditError::BadManifest { why: "what witnesses have cosigned is of another vault".to_owned() };
        let head = SignedHead::parse(witnessed.checkpoint.as_bytes())?;
        if head.origin() != checkpoint::origin(&self.vault) {
            return Err(bad());
        }
        let hashes = hashes(&witnessed.proof)?;
        proof::check_consistency(head.tree(), &tree(&self.head()?), &hashes)?;
        Ok(Some(head))
    }

    /// The proof that the entries are all of the range.
    ///
    /// # Errors
    /// It cannot be one.
    pub fn range_proof(&self) -> Result<RangeProof, AuditError> {
        if self.proof.before.len() > 64 || self.proof.after.len() > proof::MAX_HASHES {
            return Err(AuditError::BadManifest { why: "its proof is longer than proofs are".to_owned() });
        }
        Ok(RangeProof { before: hashes(&self.proof.before)?, after: hashes(&self.proof.after)? })
    }
}

fn tree(head: &SignedHead) -> TreeHead {
    *head.tree()
}

fn texts(hashes: &[Digest]) -> Vec<String> {
    hashes.iter().map(|hash| BASE64.encode(hash)).collect()
}

fn hashes(texts: &[String]) -> Result<Vec<Digest>, AuditError> {
    let bad = || AuditError::BadManifest { why: "a hash of its proofs is none".to_owned() };
    texts.iter().map(|text| digest(BASE64.decode(text.as_bytes())).ok_or_else(bad)).collect()
}

fn digest(decoded: Result<Vec<u8>, data_encoding::DecodeError>) -> Option<Digest> {
    decoded.ok()?.try_into().ok()
}
