//! What was erased, noted outside the vault: a backup from before does not know of it.

use std::{fs, io::ErrorKind, path::Path};

use super::{
    Vault,
    error::VaultError,
    lock::{PATIENCE, hold},
};
use crate::{
    disk,
    id::Id,
    ledger::{Action, LedgerError, Line, Outcome},
};

/// Where a client, and a folder of backups, keep the lines of entries that erased records: what a
/// backup from before does not know.
const ERASURES: &str = "erasures";

/// Where a client keeps which folders of backups it has written to.
const FOLDERS: &str = "backups";

/// Most bytes of either.
const MAX_NOTES: u64 = 64 * 1024 * 1024;

/// The lock on the notes of a folder: of two processes that add a line at once, one would take out
/// that of the other.
const NOTES_LOCK: &str = "notes.lock";

/// Remembers that there are backups in a folder, so that erasures are noted there too.
pub fn remember_folder(state: &Path, vault: &Id, folder: &Path) -> Result<(), VaultError> {
    let folder = fs::canonicalize(folder).map_err(LedgerError::io(folder))?;
    note(&state.join(vault.to_string()), FOLDERS, &folder.display().to_string())?;
    // What was erased before the folder was known.
    for line in notes(&state.join(vault.to_string()), ERASURES)? {
        note(&folder, ERASURES, &line)?;
    }
    Ok(())
}

impl Vault {
    /// Notes an erasure outside the vault: with this client, and in the folders of backups that it
    /// has written to and reaches. Gives those that it does not reach: the erasure is done.
    pub fn note_erasure(&self, state: &Path, sequence: u64) -> Result<Vec<String>, VaultError> {
        let line = self.line(sequence)?;
        let line = String::from_utf8_lossy(line.bytes()).into_owned();
        let own = state.join(self.id.to_string());
        // Without the list of folders, it is not known in which it ought to be noted.
        let (mut folders, mut missed) = match notes(&own, FOLDERS) {
            Ok(folders) => (folders, Vec::new()),
            Err(_) => (Vec::new(), vec![own.join(FOLDERS).display().to_string()]),
        };
        folders.push(own.display().to_string());
        missed.extend(folders.into_iter().filter(|folder| note(Path::new(folder), ERASURES, &line).is_err()));
        Ok(missed)
    }

    /// The records that were erased by entries which this ledger, made again from a backup, does
    /// not have, and that are still there. `folders` may hold notes of erasures, and `named` does.
    ///
    /// # Errors
    /// Notes that are there and cannot be read: what they say must not come back.
    pub fn to_be_erased_again(&self, folders: &[&Path], named: Option<&Path>) -> Result<Vec<Id>, VaultError> {
        let mut out = Vec::new();
        let mut lines = named.map(|folder| read_notes(folder, ERASURES)).transpose()?.unwrap_or_default();
        for folder in folders {
            lines.extend(notes(folder, ERASURES)?);
        }
        for line in lines {
            let line = Line::parse(line.as_bytes())?;
            let entry = line.entry();
            let by = self.charter().member(&entry.actor).is_some_and(|card| line.is_signed_by(&card.signing, &self.id));
            let erases = entry.action == Action::RecordErase && entry.outcome == Outcome::Ok;
            if !by || !erases || !self.charter().may(&entry.group, "erase") {
                continue;
            }
            let named = entry.subjects.iter().flat_map(|subject| &subject.records);
            out.extend(
                named
                    .filter(|record| self.head_of(record).is_ok() && !out.contains(*record))
                    .copied()
                    .collect::<Vec<_>>(),
            );
        }
        self.with_related(&out)
    }
}

/// The lines of notes in a folder; none if there are none.
fn notes(folder: &Path, name: &str) -> Result<Vec<String>, LedgerError> {
    match read_notes(folder, name) {
        Err(LedgerError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read,
    }
}

/// The lines of notes that are in a folder.
fn read_notes(folder: &Path, name: &str) -> Result<Vec<String>, LedgerError> {
    let path = folder.join(name);
    let bytes = disk::read_shared(&path, MAX_NOTES).map_err(LedgerError::io(&path))?;
    Ok(String::from_utf8_lossy(&bytes).lines().map(ToOwned::to_owned).collect())
}

/// Adds a line to notes, durably; once.
fn note(folder: &Path, name: &str, line: &str) -> Result<(), VaultError> {
    let _lock = hold(folder, NOTES_LOCK, PATIENCE, &|_| {})?;
    let mut lines = notes(folder, name)?;
    if lines.iter().any(|known| known == line) {
        return Ok(());
    }
    lines.push(line.to_owned());
    let path = folder.join(name);
    Ok(disk::replace(&path, (lines.join("\n") + "\n").as_bytes(), true).map_err(LedgerError::io(&path))?)
}
