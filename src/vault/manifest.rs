//! What a backup says of itself, signed by who made it (`docs/BACKUP.md`).
//!
//! ```text
//! amanah backup/1
//! vault <id>
//! backup <id>
//! created 2026-11-25T22:00:00Z
//! until 2027-02-23
//! to <hex SHA-256 of the recipients>
//! entries 1234
//! root <base64>
//! file ledger/000001.jsonl 6000000
//! piece 4194304 <hex SHA-256 of what it holds> <hex SHA-256 of the age file>
//! piece 1805696 ...
//!
//! — handayani/siti <base64>
//! ```

use std::{
    collections::BTreeSet,
    fs,
    path::{Component, Path, PathBuf},
};

use data_encoding::{BASE64, HEXLOWER};
use jiff::{Timestamp, civil::Date};

use super::error::VaultError;
use crate::{
    crypto::{digest::Digest, note::Note, sign::SigningKey},
    custody::Charter,
    disk,
    id::Id,
    ledger::LedgerError,
};

const HEAD: &str = "amanah backup/1";

/// Largest manifest, in bytes: that of a note.
const MAX_MANIFEST: u64 = 1_000_000;

/// The largest piece, in bytes of what it holds.
pub(super) const PIECE: u64 = 4 * 1024 * 1024;

/// One part of a file, in an age file of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// How many bytes it holds.
    pub length: u64,
    /// SHA-256 of them.
    pub content: Digest,
    /// SHA-256 of the age file, which is named by it.
    pub sealed: Digest,
}

/// A file of the vault, in pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its path in the vault.
    pub path: String,
    /// Its length.
    pub length: u64,
    /// Its parts, in order.
    pub pieces: Vec<Piece>,
}

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The vault.
    pub vault: Id,
    /// The backup.
    pub backup: Id,
    /// When it was made.
    pub created: Timestamp,
    /// The last day on which it is kept.
    pub until: Date,
    /// Digest of the recipients of its pieces, so that the folder does not tell who they are.
    pub to: Digest,
    /// How many entries the ledger has in it.
    pub entries: u64,
    /// The root of the ledger's tree with so many entries.
    pub root: Digest,
    /// The files.
    pub files: Vec<Kept>,
}

/// A manifest as it was found: signed, its signature not checked.
#[derive(Debug, Clone)]
pub struct Signed {
    /// What it says.
    pub manifest: Manifest,
    note: Note,
}

impl Manifest {
    /// Newer ones are larger. By the ledger's length first: two can be made in one second, and a
    /// clock can go back.
    fn order(&self) -> (u64, Timestamp, Id) {
        (self.entries, self.created, self.backup)
    }

    fn text(&self) -> String {
        let mut out = format!(
            "{HEAD}\nvault {}\nbackup {}\ncreated {:.0}\nuntil {}\nto {}\nentries {}\nroot {}\n",
            self.vault,
            self.backup,
            self.created,
            self.until,
            HEXLOWER.encode(&self.to),
            self.entries,
            BASE64.encode(&self.root),
        );
        for file in &self.files {
            out += &format!("file {} {}\n", file.path, file.length);
            for piece in &file.pieces {
                let (content, sealed) = (HEXLOWER.encode(&piece.content), HEXLOWER.encode(&piece.sealed));
                out += &format!("piece {} {content} {sealed}\n", piece.length);
            }
        }
        out
    }

    /// Reads the text: only what would have been written.
    fn parse(text: &str) -> Option<Manifest> {
        let digest = |text: &str| HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok();
        let mut lines = text.lines();
        let mut value = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let vault = (value("amanah")? == "backup/1").then(|| value("vault")?.parse().ok()).flatten()?;
        let backup = value("backup")?.parse().ok()?;
        let created = value("created")?.parse().ok()?;
        let until = value("until")?.parse().ok()?;
        let to = digest(value("to")?)?;
        let entries = value("entries")?.parse().ok()?;
        let root = BASE64.decode(value("root")?.as_bytes()).ok()?.try_into().ok()?;
        let mut files: Vec<Kept> = Vec::new();
        for line in lines {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["file", path, length] if is_inside(path) => {
                    files.push(Kept { path: path.to_owned(), length: length.parse().ok()?, pieces: Vec::new() });
                }
                ["piece", length, content, sealed] => {
                    let length = length.parse().ok().filter(|length| (1..=PIECE).contains(length))?;
                    let piece = Piece { length, content: digest(content)?, sealed: digest(sealed)? };
                    files.last_mut()?.pieces.push(piece);
                }
                _ => return None,
            }
        }
        let whole = |file: &Kept| file.pieces.iter().map(|piece| piece.length).sum::<u64>() == file.length;
        let manifest = Manifest { vault, backup, created, until, to, entries, root, files };
        (manifest.files.iter().all(whole) && manifest.text() == text).then_some(manifest)
    }

    /// The names of its age files.
    pub(super) fn names(&self) -> BTreeSet<String> {
        self.files.iter().flat_map(|file| &file.pieces).map(|piece| name_of(&piece.sealed)).collect()
    }

    /// Signs it and writes it durably.
    pub(super) fn write(&self, folder: &Path, member: &str, key: &SigningKey) -> Result<(), VaultError> {
        let note = Note::sign(&self.text(), member, key)?;
        let path = folder.join(file_of(&self.backup));
        Ok(disk::replace(&path, &note.to_bytes(), true).map_err(LedgerError::io(&path))?)
    }
}

impl Signed {
    /// Checks that a member of the charter has signed it; who.
    pub fn signer(&self, charter: &Charter) -> Option<String> {
        let by = |name: &&str| charter.member(name).is_some_and(|card| self.note.verify(name, &card.signing).is_ok());
        self.note.names().find(by).map(ToOwned::to_owned)
    }
}

/// All manifests in a folder of backups, the oldest first.
pub(super) fn read_all(folder: &Path) -> Result<Vec<Signed>, VaultError> {
    let io = LedgerError::io(folder);
    let mut out = Vec::new();
    for file in fs::read_dir(folder).map_err(&io)? {
        let path = file.map_err(&io)?.path();
        // Systems leave files of their own beside others, under names that end like theirs.
        let is_named = |name: &str| name.parse::<Id>().is_ok();
        if path.extension().is_some_and(|extension| extension == "backup")
            && path.file_stem().and_then(|name| name.to_str()).is_some_and(is_named)
        {
            out.push(read(&path)?);
        }
    }
    out.sort_by_key(|signed| signed.manifest.order());
    Ok(out)
}

/// The manifest of one backup; `None` if there is none. Others can be damaged.
pub(super) fn read_one(folder: &Path, backup: &Id) -> Result<Option<Signed>, VaultError> {
    let path = folder.join(file_of(backup));
    if !path.try_exists().map_err(LedgerError::io(&path))? {
        return Ok(None);
    }
    let signed = read(&path)?;
    if signed.manifest.backup == *backup { Ok(Some(signed)) } else { Err(bad(&path)) }
}

fn read(path: &Path) -> Result<Signed, VaultError> {
    let bytes = disk::read(path, MAX_MANIFEST).map_err(LedgerError::io(path))?;
    let note = Note::parse(&bytes).map_err(|_| bad(path))?;
    let manifest = Manifest::parse(note.text()).ok_or_else(|| bad(path))?;
    Ok(Signed { manifest, note })
}

fn bad(path: &Path) -> VaultError {
    VaultError::BadBackup { path: path.display().to_string() }
}

/// The name of a manifest's file.
pub(super) fn file_of(backup: &Id) -> String {
    format!("{backup}.backup")
}

/// The name of an age file.
pub(super) fn name_of(sealed: &Digest) -> String {
    format!("{}.age", HEXLOWER.encode(sealed))
}

/// Whether a path stays in the folder of a vault, and is one of its files.
fn is_inside(path: &str) -> bool {
    let parts: Vec<Component<'_>> = Path::new(path).components().collect();
    let plain = parts.iter().all(|part| matches!(part, Component::Normal(_)));
    let known = match &parts[..] {
        [Component::Normal(name)] => *name == "vault.json" || *name == "checkpoint",
        [Component::Normal(folder), Component::Normal(_)] => {
            *folder == "ledger" || *folder == "journal" || *folder == "witness"
        }
        _ => false,
    };
    // As text: two slashes are the same path, but not what would have been written.
    plain && known && parts.iter().collect::<PathBuf>().as_os_str() == path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let piece = Piece { length: 5, content: [1; 32], sealed: [2; 32] };
        let file = Kept { path: "ledger/000001.jsonl".to_owned(), length: 5, pieces: vec![piece] };
        Manifest {
            vault: Id([1; 16]),
            backup: Id([2; 16]),
            created: "2026-11-25T22:00:00Z".parse().unwrap(),
            until: "2027-02-23".parse().unwrap(),
            to: [4; 32],
            entries: 9,
            root: [3; 32],
            files: vec![file],
        }
    }

    #[test]
    fn the_newest_is_the_one_with_the_longest_ledger_whatever_its_id_and_the_clock_say() {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::generate(&mut crate::crypto::random::SystemRandom::new()).unwrap();
        let made = manifest().created;
        for (entries, created, id) in [(7, made, 9), (9, made, 1), (8, made - jiff::SignedDuration::from_hours(1), 5)] {
            let one = Manifest { entries, created, backup: Id([id; 16]), ..manifest() };
            one.write(folder.path(), "handayani/ratna", &key).unwrap();
        }
        let entries: Vec<u64> = read_all(folder.path()).unwrap().iter().map(|one| one.manifest.entries).collect();
        assert_eq!(entries, [7, 8, 9]);
    }

    #[test]
    fn only_what_would_be_written_is_read() {
        let manifest = manifest();
        let text = manifest.text();
        assert_eq!(Manifest::parse(&text), Some(manifest));
        for (from, to) in [
            ("ledger/000001.jsonl", "../000001.jsonl"),
            ("ledger/000001.jsonl", "/ledger/000001.jsonl"),
            ("ledger/000001.jsonl", "ledger/../../x"),
            ("ledger/000001.jsonl", "store/db"),
            ("ledger/000001.jsonl", "ledger//000001.jsonl"),
            ("jsonl 5", "jsonl 6"),
            ("piece 5", "piece 0"),
            ("piece 5", "piece 05"),
            ("entries 9", "entries 9 "),
            ("backup/1", "backup/2"),
            ("22:00:00Z", "22:00:00+00:00"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            assert_eq!(Manifest::parse(&changed), None, "{to}");
        }
    }
}
