//! An export checked by who receives it, without the vault.
//!
//! What is checked: the manifest is one; its checkpoint is signed by the log that the receiver
//! believes; the files are those that it names; the entries, by the hashes of their lines, are all
//! that the signed ledger has between the first and the last; and the events are those that follow
//! from the entries, made again and compared byte by byte.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
};

use data_encoding::HEXLOWER;
use jiff::Timestamp;

use super::{
    Disclosed, Manifest, Origin,
    manifest::{self, Counts},
};
use crate::{
    audit::AuditError,
    crypto::{
        digest::{Digest, Hasher},
        vkey::{Use, VerifierKey},
    },
    disk,
    ledger::{Line, Outcome, cosignature, entry::MAX_LINE, range::Row, tree::leaf_hash},
};

/// What was found in order.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What the export says of itself.
    pub manifest: Manifest,
    /// Whether the events were made again and are the same; not if another version of the mapping
    /// has made them.
    pub remade: bool,
    /// Which witnesses have cosigned the ledger, how much of it, and when.
    pub cosigned: Vec<(String, u64, Timestamp)>,
}

/// Checks an export. `keys` are those of the log and of witnesses whose word is wanted.
///
/// # Errors
/// The first thing that is not in order.
pub fn check(folder: &Path, keys: &[VerifierKey]) -> Result<Checked, AuditError> {
    let path = folder.join(manifest::FILE);
    let bytes = disk::read(&path, manifest::MAX_BYTES).map_err(AuditError::io(&path))?;
    let manifest = Manifest::parse(&bytes)?;
    let (logs, witnesses): (Vec<_>, Vec<_>) = keys.iter().cloned().partition(|key| key.usage() == Use::Note);
    let head = manifest.head()?;
    head.verify_log(&logs).map_err(|_| AuditError::OtherLog { origin: head.origin().to_owned() })?;
    let mut cosigned = Vec::new();
    for witness in &witnesses {
        let older = manifest.witnessed_head()?;
        let by = |head: &crate::ledger::checkpoint::SignedHead| {
            cosignature::verify(head.note(), witness).ok().map(|time| (head.tree().size, time))
        };
        let found = by(&head).or_else(|| older.as_ref().and_then(by));
        let not = || AuditError::NotCosigned { witness: witness.name().to_owned() };
        let (size, time) = found.ok_or_else(not)?;
        cosigned.push((witness.name().to_owned(), size, time));
    }
    no_others(folder, &manifest)?;
    for file in &manifest.files {
        let path = folder.join(&file.name);
        let (bytes, digest) = hash(&path).map_err(AuditError::io(&path))?;
        if bytes != file.bytes || HEXLOWER.encode(&digest) != file.sha256 {
            return Err(AuditError::FileChanged { path: path.display().to_string() });
        }
    }
    let events = entries(folder, &manifest, head.tree())?;
    let remade = manifest.mapping == super::MAPPING;
    if let Some(file) = manifest.files.get(1).filter(|_| remade)
        && HEXLOWER.encode(&events) != file.sha256
    {
        return Err(AuditError::EventsDiffer { path: folder.join(&file.name).display().to_string() });
    }
    Ok(Checked { manifest, remade, cosigned })
}

/// A file that nobody speaks of could be taken for a part of the export; and what is no file of its own,
/// but a link or a pipe, is not what was exported.
fn no_others(folder: &Path, manifest: &Manifest) -> Result<(), AuditError> {
    let mut names: BTreeSet<&str> = manifest.files.iter().map(|file| file.name.as_str()).collect();
    names.insert(manifest::FILE);
    for entry in std::fs::read_dir(folder).map_err(AuditError::io(folder))? {
        let entry = entry.map_err(AuditError::io(folder))?;
        let is_file = entry.file_type().map_err(AuditError::io(folder))?.is_file();
        if !is_file || !entry.file_name().to_str().is_some_and(|name| names.contains(name)) {
            return Err(AuditError::FileChanged { path: entry.path().display().to_string() });
        }
    }
    Ok(())
}

fn hash(path: &Path) -> std::io::Result<(u64, Digest)> {
    let mut file = File::open(path)?;
    let (mut hasher, mut bytes, mut buffer) = (Hasher::new(), 0, vec![0; 256 * 1024]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((bytes, hasher.finish())),
            read => {
                hasher.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
}

/// Reads the entries, and checks that they are all of the range and that the counts are right;
/// gives the digest of the events that follow from them.
fn entries(folder: &Path, manifest: &Manifest, head: &crate::ledger::TreeHead) -> Result<Digest, AuditError> {
    let pseudonyms = manifest.recipient.is_some();
    let path = folder.join(super::write::entries_file(pseudonyms));
    let io = AuditError::io(&path);
    let mut reader = BufReader::with_capacity(256 * 1024, File::open(&path).map_err(&io)?);
    let incomplete = || AuditError::Incomplete { first: manifest.range.first, next: manifest.range.next };
    let origin = Origin { vault: &manifest.vault, name: &manifest.name, version: &manifest.software };
    let mut row = Row::begin(manifest.range.first, manifest.range.next, manifest.range_proof()?)?;
    let mut counts = Counts::default();
    let mut times: Option<(Timestamp, Timestamp)> = None;
    let mut hasher = Hasher::new();
    hasher.update(&manifest.format.head());
    let mut buffer = Vec::new();
    while read_line(&mut reader, &mut buffer).map_err(&io)? {
        let line = buffer.strip_suffix(b"\n").ok_or_else(incomplete)?;
        let entry = if pseudonyms {
            Disclosed::parse(line)?
        } else {
            let line = Line::parse(line)?;
            if line.entry().tree != row.head() {
                return Err(incomplete());
            }
            Disclosed::of(&line, None)
        };
        if entry.seq != row.head().size || counts.entries >= manifest.counts.entries {
            return Err(incomplete());
        }
        row.push(if pseudonyms { entry.leaf_hash().ok_or_else(incomplete)? } else { leaf_hash(line) });
        counts.entries += 1;
        counts.refused += u64::from(entry.outcome == Outcome::Refused);
        counts.failed += u64::from(entry.outcome == Outcome::Failed);
        let (earliest, latest) = times.unwrap_or((entry.time, entry.time));
        times = Some((earliest.min(entry.time), latest.max(entry.time)));
        let (bytes, made) = manifest.format.events(&entry, &origin);
        hasher.update(&bytes);
        counts.events += made;
    }
    row.finish(head).map_err(|_| incomplete())?;
    if manifest.mapping != super::MAPPING {
        counts.events = manifest.counts.events;
    }
    let told = (manifest.range.earliest, manifest.range.latest);
    if counts != manifest.counts || times != Some(told) {
        return Err(incomplete());
    }
    Ok(hasher.finish())
}

/// Reads a line with its newline, up to the length that entries can have; whether there was one.
fn read_line(reader: &mut BufReader<File>, buffer: &mut Vec<u8>) -> std::io::Result<bool> {
    buffer.clear();
    // With the leaf and other ids an entry is hardly longer than its line.
    Ok(reader.by_ref().take(2 * MAX_LINE as u64).read_until(b'\n', buffer)? > 0)
}
