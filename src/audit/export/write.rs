//! An export written: all of it, or nothing of it.
//!
//! Everything is written into a folder of another name beside the place, synced, and renamed. A
//! folder that was not finished is begun again.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;
use jiff::Timestamp;

use super::{
    Disclosed, Format, Manifest, Origin,
    manifest::{self, Counts, Parts, Range, Recipient},
};
use crate::{
    audit::AuditError,
    crypto::digest::{Digest, Hasher},
    disk,
    id::Id,
    ledger::{
        Line, Outcome,
        checkpoint::SignedHead,
        range::{RangeProof, Row},
        tree::leaf_hash,
    },
};

/// Gives the pseudonym of a record.
pub type Renaming<'a> = &'a dyn Fn(&Id) -> Id;

/// What is to be written.
pub struct Order<'a> {
    /// The vault.
    pub vault: Id,
    /// Its name for people.
    pub name: &'a str,
    /// The format.
    pub format: Format,
    /// For whom, with the pseudonyms of records.
    pub recipient: Option<(Recipient, Renaming<'a>)>,
    /// The first entry.
    pub first: u64,
    /// The first one after the last.
    pub next: u64,
    /// The signed head of the ledger.
    pub head: &'a SignedHead,
    /// The newest one that witnesses have cosigned, and that the other continues it.
    pub witnessed: Option<&'a (SignedHead, Vec<Digest>)>,
    /// That the range is complete.
    pub proof: RangeProof,
}

/// The name of the file of entries: the ledger's own lines, or the entries with pseudonyms.
pub fn entries_file(pseudonyms: bool) -> &'static str {
    if pseudonyms { "entries.jsonl" } else { "ledger.jsonl" }
}

/// Writes an export of the lines that begin with the first of the range into a new folder.
///
/// # Errors
/// A folder that exists already; files that cannot be written; lines that cannot be read, or are
/// not those that the proof is of.
pub fn write<E: From<AuditError>>(
    folder: &Path,
    order: &Order<'_>,
    lines: impl Iterator<Item = Result<Line, E>>,
) -> Result<Manifest, E> {
    if fs::symlink_metadata(folder).is_ok() {
        return Err(AuditError::ExportExists { path: folder.display().to_string() }.into());
    }
    let partial = partial(folder);
    begin(&partial)?;
    let manifest = fill(&partial, order, lines)?;
    let io = AuditError::io(folder);
    disk::sync_folder(&partial).map_err(&io)?;
    fs::rename(&partial, folder).map_err(&io)?;
    let parent = folder.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
    disk::sync_folder(parent).map_err(&io)?;
    Ok(manifest)
}

/// The folder in which an export is put together.
pub(super) fn partial(folder: &Path) -> PathBuf {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    folder.with_file_name(format!(".{name}.partial"))
}

fn begin(partial: &Path) -> Result<(), AuditError> {
    let io = AuditError::io(partial);
    match fs::remove_dir_all(partial) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
        _ => {}
    }
    disk::make_folder(partial).map_err(io)
}

fn fill<E: From<AuditError>>(
    partial: &Path,
    order: &Order<'_>,
    lines: impl Iterator<Item = Result<Line, E>>,
) -> Result<Manifest, E> {
    let origin = Origin { vault: &order.vault, name: order.name, version: env!("CARGO_PKG_VERSION") };
    let pseudonym = order.recipient.as_ref().map(|(_, pseudonym)| *pseudonym);
    let mut entries = Output::create(partial, entries_file(pseudonym.is_some()))?;
    let mut events = order.format.file().map(|name| Output::create(partial, name)).transpose()?;
    if let Some(events) = &mut events {
        events.write(&order.format.head())?;
    }
    let mut counts = Counts::default();
    let mut times: Option<(Timestamp, Timestamp)> = None;
    let mut row = Row::begin(order.first, order.next, order.proof.clone()).map_err(AuditError::from)?;
    let wanted = usize::try_from(order.next - order.first).unwrap_or(usize::MAX);
    for line in lines.take(wanted) {
        let line = line?;
        row.push(leaf_hash(line.bytes()));
        let entry = Disclosed::of(&line, pseudonym);
        match pseudonym {
            None => entries.write(line.bytes())?,
            Some(_) => entries.write(&entry.to_json().map_err(AuditError::from)?)?,
        }
        entries.write(b"\n")?;
        counts.entries += 1;
        counts.refused += u64::from(entry.outcome == Outcome::Refused);
        counts.failed += u64::from(entry.outcome == Outcome::Failed);
        let (earliest, latest) = times.unwrap_or((entry.time, entry.time));
        times = Some((earliest.min(entry.time), latest.max(entry.time)));
        if let Some(output) = &mut events {
            let (bytes, made) = order.format.events(&entry, &origin);
            output.write(&bytes)?;
            counts.events += made;
        }
    }
    // What goes out was checked as its receiver will check it.
    row.finish(order.head.tree()).map_err(AuditError::from)?;
    let (earliest, latest) = times.unwrap_or((Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH));
    let mut files = vec![entries.finish()?];
    if let Some(events) = events {
        files.push(events.finish()?);
    }
    let manifest = Manifest::new(Parts {
        vault: order.vault,
        name: order.name,
        format: order.format,
        recipient: order.recipient.as_ref().map(|(recipient, _)| recipient.clone()),
        range: Range { first: order.first, next: order.next, earliest, latest },
        counts,
        files,
        head: order.head,
        witnessed: order.witnessed,
        proof: &order.proof,
    });
    let mut file = Output::create(partial, manifest::FILE)?;
    file.write(&manifest.to_bytes())?;
    file.finish()?;
    Ok(manifest)
}

/// A file that is being written, with its digest.
struct Output {
    name: &'static str,
    path: PathBuf,
    file: BufWriter<File>,
    hasher: Hasher,
    bytes: u64,
}

impl Output {
    fn create(folder: &Path, name: &'static str) -> Result<Output, AuditError> {
        let path = folder.join(name);
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let file = BufWriter::with_capacity(256 * 1024, file.map_err(AuditError::io(&path))?);
        Ok(Output { name, path, file, hasher: Hasher::new(), bytes: 0 })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), AuditError> {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).map_err(AuditError::io(&self.path))
    }

    fn finish(self) -> Result<manifest::File, AuditError> {
        let io = AuditError::io(&self.path);
        let file = self.file.into_inner().map_err(|error| io(error.into_error()))?;
        file.sync_all().map_err(io)?;
        let sha256 = HEXLOWER.encode(&self.hasher.finish());
        Ok(manifest::File { name: self.name.to_owned(), bytes: self.bytes, sha256 })
    }
}
