//! What was erased, noted outside the vault: a backup from before does not know of it.

use std::{
    collections::{BTreeSet, HashSet},
    fs,
    io::ErrorKind,
    path::Path,
};

use super::{
    Vault,
    erase::Ground,
    error::VaultError,
    lock::{PATIENCE, hold},
    rows,
};
use crate::{
    custody::{Chain, Charter},
    disk,
    id::Id,
    ledger::{Action, LedgerError, Line, Outcome},
    store::Kv as _,
};

/// Where a client, and a folder of backups, keep the lines of entries that erased records: what a
/// backup from before does not know.
const ERASURES: &str = "erasures";

/// Beside them, the charters that they are checked by: a backup from before does not know who has come
/// since. A line with all of them, and one for each other way that a restored vault went.
const CHARTERS: &str = "erasures.charters";

/// Where a client keeps which folders of backups it has written to.
const FOLDERS: &str = "backups";

/// Most bytes of each: more than what was noted once, when a chain stood there for every amendment.
const MAX_NOTES: u64 = 256 * 1024 * 1024;

/// The lock on the notes of a folder: of two processes that add a line at once, one would take out
/// that of the other.
const NOTES_LOCK: &str = "notes.lock";

/// Remembers that there are backups in a folder, so that erasures are noted there too.
pub fn remember_folder(state: &Path, vault: &Id, folder: &Path) -> Result<(), VaultError> {
    let folder = fs::canonicalize(folder).map_err(LedgerError::io(folder))?;
    note(&state.join(vault.to_string()), FOLDERS, &[folder.display().to_string()])?;
    // What was erased before the folder was known.
    for name in [CHARTERS, ERASURES] {
        note(&folder, name, &notes(&state.join(vault.to_string()), name)?)?;
    }
    Ok(())
}

impl Vault {
    /// Notes an erasure outside the vault: with this client, and in the folders of backups that it
    /// has written to and reaches. Gives those that it does not reach: the erasure is done.
    pub fn note_erasure(&self, state: &Path, sequence: u64) -> Result<Vec<String>, VaultError> {
        self.note_lines(state, &BTreeSet::from([sequence]))
    }

    fn note_lines(&self, state: &Path, sequences: &BTreeSet<u64>) -> Result<Vec<String>, VaultError> {
        let line = |sequence: &u64| Ok(String::from_utf8_lossy(self.line(*sequence)?.bytes()).into_owned());
        let lines = sequences.iter().map(line).collect::<Result<Vec<_>, VaultError>>()?;
        let chain = String::from_utf8_lossy(self.chain().to_bytes().trim_ascii_end()).into_owned();
        let own = state.join(self.id.to_string());
        // Without the list of folders, it is not known in which it ought to be noted.
        let (mut folders, mut missed) = match notes(&own, FOLDERS) {
            Ok(folders) => (folders, Vec::new()),
            Err(_) => (Vec::new(), vec![own.join(FOLDERS).display().to_string()]),
        };
        folders.push(own.display().to_string());
        let both = |folder: &Path| {
            note(folder, CHARTERS, std::slice::from_ref(&chain)).and_then(|()| note(folder, ERASURES, &lines))
        };
        missed.extend(folders.into_iter().filter(|folder| both(Path::new(folder)).is_err()));
        Ok(missed)
    }

    /// Notes all erasures of the ledger: who erased can have been interrupted after the entry and before
    /// this, and the next opening finishes only what is in the vault. Gives the records that were erased, and
    /// the folders that it does not reach.
    pub fn note_erasures(&self, state: &Path) -> Result<(Vec<Id>, Vec<String>), VaultError> {
        let (mut records, mut sequences) = (Vec::new(), BTreeSet::new());
        for row in self.store.scan(&[rows::ERASURES]) {
            let (key, value) = row?;
            records.extend(rows::last_id(&key));
            sequences.extend(value.try_into().map(u64::from_be_bytes));
        }
        let missed = if sequences.is_empty() { Vec::new() } else { self.note_lines(state, &sequences)? };
        Ok((records, missed))
    }

    /// The records that were erased by entries which this ledger, made again from a backup, does
    /// not have, and that are still there, by the grounds on which they were erased; each with what
    /// belongs to it. `folders` may hold notes of erasures, and `named` does.
    ///
    /// # Errors
    /// Notes that are there and cannot be read, or not checked: what they say must not come back.
    pub fn to_be_erased_again(
        &self,
        folders: &[&Path],
        named: Option<&Path>,
    ) -> Result<Vec<(Ground, Vec<Id>)>, VaultError> {
        let mut lines = named.map(|folder| read_notes(folder, ERASURES)).transpose()?.unwrap_or_default();
        let own = self.chain();
        let mut chains = vec![own.clone()];
        for folder in folders.iter().copied().chain(named) {
            for line in notes(folder, CHARTERS)? {
                // They prove themselves from the charter on that the backup has.
                chains.push(Chain::parse(format!("{line}\n").as_bytes())?);
            }
        }
        chains.retain(|chain| chain.continues(&own));
        for folder in folders {
            lines.extend(notes(folder, ERASURES)?);
        }
        let mut out: Vec<(Ground, Vec<Id>)> = Vec::new();
        for line in lines {
            let line = Line::parse(line.as_bytes())?;
            let entry = line.entry();
            if entry.action != Action::RecordErase || entry.outcome != Outcome::Ok {
                continue;
            }
            let mut charters = chains.iter().filter_map(|chain| chain.of(entry.charter)).peekable();
            if charters.peek().is_none() {
                return Err(VaultError::ErasureCharter { sequence: entry.seq, charter: entry.charter });
            }
            if !charters.any(|charter| erases(&line, charter, &self.id)) {
                continue;
            }
            let named = entry.subjects.iter().flat_map(|subject| &subject.records).copied();
            let there: Vec<Id> = named.filter(|record| self.head_of(record).is_ok()).collect();
            let ground = entry.detail.as_deref().unwrap_or_default().parse()?;
            // What belongs to a record goes with it, also if it was erased on another ground before.
            let all = self.with_related(&there)?;
            let all: Vec<Id> = all
                .into_iter()
                .filter(|record| !out.iter().any(|(own, records)| *own == ground && records.contains(record)))
                .collect();
            out.iter_mut().for_each(|(_, records)| records.retain(|record| !all.contains(record)));
            match out.iter_mut().find(|(own, _)| *own == ground) {
                Some((_, records)) => records.extend(all),
                None => out.push((ground, all)),
            }
        }
        out.retain(|(_, records)| !records.is_empty());
        Ok(out)
    }
}

/// Whether a line is of an entry by a member of this charter who could erase.
fn erases(line: &Line, charter: &Charter, vault: &Id) -> bool {
    let entry = line.entry();
    charter.member(&entry.actor).is_some_and(|card| line.is_signed_by(&card.signing, vault))
        && charter.groups_of(&entry.actor).any(|group| group == entry.group)
        && charter.may(&entry.group, "erase")
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

/// Adds lines to notes, durably; each once. Of chains of charters only the longest stays of those that
/// go on from each other: each is as long as all charters before it together.
fn note(folder: &Path, name: &str, more: &[String]) -> Result<(), VaultError> {
    let _lock = hold(folder, NOTES_LOCK, PATIENCE, &|_| {})?;
    let mut lines = notes(folder, name)?;
    let said = |lines: &[String], one: &String| lines.iter().any(|line| line == one || goes_on(line, one));
    let more: Vec<String> = match name {
        CHARTERS => more.iter().filter(|one| !said(&lines, one)).cloned().collect(),
        _ => {
            let known: HashSet<&str> = lines.iter().map(String::as_str).collect();
            more.iter().filter(|one| !known.contains(one.as_str())).cloned().collect()
        }
    };
    if more.is_empty() {
        return Ok(());
    }
    if name == CHARTERS {
        lines.retain(|line| !more.iter().any(|one| goes_on(one, line)));
    }
    lines.extend(more);
    let path = folder.join(name);
    let text = lines.join("\n") + "\n";
    if text.len() as u64 > MAX_NOTES {
        // It could not be read again, and with it all that was noted before.
        return Err(LedgerError::io(&path)(ErrorKind::FileTooLarge.into()).into());
    }
    Ok(disk::replace(&path, text.as_bytes(), true).map_err(LedgerError::io(&path))?)
}

/// Whether a chain of charters goes on from another: as text, which is written in one way only.
fn goes_on(chain: &str, from: &str) -> bool {
    from.strip_suffix("]}").is_some_and(|begin| chain.strip_prefix(begin).is_some_and(|rest| rest.starts_with(',')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_chains_that_go_on_from_each_other_the_longest_is_noted() {
        let folder = tempfile::tempdir().unwrap();
        let chain = |charters: &[&str]| {
            format!("{{\"amanah\":\"charters/1\",\"charters\":{}}}", serde_json::to_string(charters).unwrap())
        };
        let add = |charters: &[&str]| {
            note(folder.path(), CHARTERS, &[chain(charters)]).unwrap();
            notes(folder.path(), CHARTERS).unwrap()
        };
        assert_eq!(add(&["a"]), [chain(&["a"])]);
        assert_eq!(add(&["a", "b"]), [chain(&["a", "b"])]);
        assert_eq!(add(&["a"]), [chain(&["a", "b"])], "an older copy of the vault");
        // Restored from a backup, and amended another way.
        let both = [chain(&["a", "b"]), chain(&["a", "c"])];
        assert_eq!(add(&["a", "c"]), both);
        assert_eq!(add(&["a", "b"]), both);
        assert_eq!(add(&["a", "c", "d"]), [chain(&["a", "b"]), chain(&["a", "c", "d"])]);
        // Not one that only begins with the same letters.
        assert_eq!(add(&["a", "c", "d2"]).len(), 3);
    }
}
