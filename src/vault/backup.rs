//! Backups: what the vault's files hold, encrypted to keys of their own, in a folder that can be
//! carried anywhere (`docs/BACKUP.md`).

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::{Timestamp, ToSpan as _, civil::Date};

use super::{
    CHECKPOINT, JOURNAL, LEDGER, LOCK, MARKER, Options, Progress, Task, Unwatched, Vault, WITNESSES,
    actor::Actor,
    commit::{Access, Act},
    error::VaultError,
    item::Item,
    lock::hold,
    manifest::{self, Kept, Manifest, PIECE, Piece, Signed, name_of},
    open::Marker,
    retention::day_of,
    rows,
    verify::verify,
};
use crate::{
    crypto::{
        age_file,
        age_wrap::{DecryptionKey, Recipient},
        digest::{Digest, sha256},
        random::{SystemRandom, new_id},
    },
    custody::Charter,
    disk,
    id::Id,
    ledger::{Action, LedgerError, Outcome, checkpoint, memory::Memory},
    store::Kv,
};

/// Where the age files are.
const PIECES: &str = "pieces";

/// Longest time that a backup is kept, in days.
pub const MAX_KEEP: u32 = 36_500;

/// The state of a vault at one moment, to be copied while others go on: what is appended later is
/// not read, and a segment that is written anew is another file.
pub struct Frozen {
    vault: Id,
    backup: Id,
    created: Timestamp,
    until: Date,
    entries: u64,
    root: Digest,
    /// By whom manifests of earlier backups can be signed.
    charters: Vec<Arc<Charter>>,
    files: Vec<(String, disk::Reader, u64)>,
}

/// What a backup came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The backup.
    pub backup: Id,
    /// The last day on which it is kept.
    pub until: Date,
    /// How many entries it has.
    pub entries: u64,
    /// How many pieces were written, and how many bytes; those of earlier backups are used again.
    pub written: (u64, u64),
    /// How many pieces there are.
    pub pieces: u64,
    /// Backups whose time was over, and that are gone now.
    pub expired: Vec<Id>,
}

/// A backup that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// What it says of itself.
    pub backup: Id,
    /// When it was made.
    pub created: Timestamp,
    /// The last day on which it is kept.
    pub until: Date,
    /// How many entries it has.
    pub entries: u64,
    /// How many pieces are as the manifest says.
    pub pieces: u64,
    /// Who signed it; `None` if no charter was at hand to check it by.
    pub signer: Option<String>,
}

impl Vault {
    /// Enters that a backup is made, and holds on to what the vault is now. The vault can be closed
    /// then.
    pub fn begin_backup(&mut self, actor: &mut Actor, keep_days: u32) -> Result<Frozen, VaultError> {
        let backup = new_id(&mut SystemRandom::new())?;
        let created = crate::clock::now();
        let zone = self.charter().time_zone().to_owned();
        let today = day_of(created, &zone);
        let until = today.saturating_add(i64::from(keep_days.min(MAX_KEEP)).days());
        let item = Item::Backup { backup, until: Some(until.to_string()) };
        self.commit_backup(actor, Action::BackupCreate, Outcome::Ok, None, Some(item))?;
        self.checkpoint(actor)?;
        // A copy of room would be other bytes in the next backup.
        self.journal.give_back_room().inspect_err(|_| self.stopped = true)?;
        let mut files = Vec::new();
        for name in [MARKER, CHECKPOINT] {
            self.hold(name.to_owned(), &mut files)?;
        }
        for folder in [LEDGER, JOURNAL, WITNESSES] {
            let path = self.dir.join(folder);
            // Without witnesses there is no folder of theirs.
            let listed = if folder == WITNESSES { disk::list_if_there(&path) } else { disk::list(&path) };
            // Some storage keeps a folder of its own in every folder: it is nothing of the vault's.
            let own =
                listed.map_err(LedgerError::io(&path))?.into_iter().filter(|(_, kind)| *kind != disk::Kind::Folder);
            let names = own.filter_map(|(name, _)| name.into_string().ok());
            for name in names.filter(|name| !name.ends_with(".new")) {
                self.hold(format!("{folder}/{name}"), &mut files)?;
            }
        }
        let (entries, root) = (self.tree.size(), self.tree.root());
        let charters = self.charters.all().cloned().collect();
        Ok(Frozen { vault: self.id, backup, created, until, entries, root, charters, files })
    }

    fn hold(&self, name: String, files: &mut Vec<(String, disk::Reader, u64)>) -> Result<(), VaultError> {
        let path = self.dir.join(&name);
        let io = LedgerError::io(&path);
        let length = disk::length(&path).map_err(&io)?;
        let file = disk::Reader::open(&path, 0).map_err(&io)?;
        files.push((name, file, length));
        Ok(())
    }

    /// Enters that a backup that was begun could not be written.
    pub fn backup_failed(&mut self, actor: &mut Actor) -> Result<(), VaultError> {
        self.commit_backup(actor, Action::BackupCreate, Outcome::Failed, Some("not-written"), None)
    }

    /// Enters what trying out a backup came to.
    pub fn backup_tried(&mut self, actor: &mut Actor, backup: Id, sound: bool) -> Result<(), VaultError> {
        let (outcome, detail) = if sound { (Outcome::Ok, None) } else { (Outcome::Failed, Some("does-not-restore")) };
        self.commit_backup(actor, Action::BackupDrill, outcome, detail, Some(Item::Backup { backup, until: None }))
    }

    fn commit_backup(
        &mut self,
        actor: &mut Actor,
        action: Action,
        outcome: Outcome,
        detail: Option<&'static str>,
        item: Option<Item>,
    ) -> Result<(), VaultError> {
        let group = actor.groups().first().cloned().unwrap_or_default();
        let act = Act { action, group, access: Access::default(), subjects: Vec::new(), outcome, detail };
        self.commit(actor, act, item.iter().map(Item::encode).collect())?;
        Ok(())
    }

    /// The backups that are kept on a day, as the ledger says: ids, and the last day of each.
    pub fn backups_kept(&self, on: Date) -> Result<Vec<(Id, Date)>, VaultError> {
        let mut out = Vec::new();
        for row in self.store.scan(b"B") {
            let (key, value) = row?;
            let until = value.get(8..).and_then(|text| std::str::from_utf8(text).ok()?.parse::<Date>().ok());
            if let (Some(id), Some(until)) = (rows::last_id(&key), until)
                && until >= on
            {
                out.push((id, until));
            }
        }
        out.sort_by_key(|(id, until)| (*until, *id));
        Ok(out)
    }

    /// Whether a backup's ledger is the beginning of this one.
    pub fn continues(&self, backup: &Manifest) -> Result<bool, VaultError> {
        Ok(backup.vault == self.id && backup.entries <= self.size() && self.root_at(backup.entries)? == backup.root)
    }
}

impl Frozen {
    /// The backup that this will be.
    pub fn backup(&self) -> Id {
        self.backup
    }

    /// Writes it into a folder, beside earlier ones of the same vault. What those have already is
    /// not written again; those whose time is over are taken out. The manifest comes last: until it
    /// is there, there is no backup.
    ///
    /// # Errors
    /// [`VaultError::BackupLocked`] if another process goes on writing to the folder for longer than
    /// `patience`: of two at once, one would take out what the other is about to name.
    pub fn write(
        self,
        actor: &Actor,
        folder: &Path,
        to: &[Recipient],
        patience: Duration,
        progress: &dyn Progress,
    ) -> Result<Made, VaultError> {
        let whole = std::path::absolute(folder).map_err(LedgerError::io(folder))?;
        if whole.ancestors().any(|path| path.join(MARKER).is_file()) {
            return Err(VaultError::BackupInVault { path: folder.display().to_string() });
        }
        let pieces = folder.join(PIECES);
        for path in [folder, &pieces] {
            disk::make_folders(path).map_err(LedgerError::io(path))?;
        }
        let _lock = hold(folder, LOCK, patience, &|holder| progress.waiting(holder))?;
        let earlier = manifest::read_all(folder)?;
        if earlier.iter().any(|one| one.manifest.vault != self.vault) {
            return Err(VaultError::OtherBackup { path: folder.display().to_string() });
        }
        // What the same recipients can open already: other recipients get all of it anew. That a piece
        // holds what it should is believed of members only.
        let names: BTreeSet<String> = to.iter().map(ToString::to_string).collect();
        let to_whom = sha256(&[names.into_iter().collect::<Vec<_>>().join("\n").as_bytes()]);
        let signed = |one: &&Signed| self.charters.iter().any(|charter| one.signer(charter).is_some());
        let same = earlier.iter().filter(|one| one.manifest.to == to_whom).filter(signed);
        let mut known: BTreeMap<Digest, Piece> = BTreeMap::new();
        for piece in same.flat_map(|one| &one.manifest.files).flat_map(|file| &file.pieces) {
            known.insert(piece.content, piece.clone());
        }
        let Frozen { vault, backup, created, until, entries, root, files: held, .. } = self;
        progress.begin(Task::Backup, held.iter().map(|(_, _, length)| length).sum());
        let (mut files, mut written, mut count, mut done) = (Vec::new(), (0, 0), 0, 0);
        for (path, mut file, length) in held {
            let mut kept = Kept { path, length, pieces: Vec::new() };
            let mut left = length;
            while left > 0 {
                let take = left.min(PIECE);
                let mut bytes = vec![0; take as usize];
                file.read_exact(&mut bytes).map_err(LedgerError::io(Path::new(&kept.path)))?;
                let content = sha256(&[&bytes]);
                // One that was damaged, or is gone, is written anew.
                let piece = match known.get(&content).filter(|piece| sealed_piece(folder, piece).is_ok()) {
                    Some(piece) => piece.clone(),
                    None => {
                        let age = age_file::seal(to, &bytes)?;
                        let piece = Piece { length: take, content, sealed: sha256(&[&age]) };
                        let path = pieces.join(name_of(&piece.sealed));
                        disk::replace(&path, &age, true).map_err(LedgerError::io(&path))?;
                        known.insert(content, piece.clone());
                        written = (written.0 + 1, written.1 + age.len() as u64);
                        piece
                    }
                };
                kept.pieces.push(piece);
                left -= take;
                count += 1;
                done += take;
                progress.at(done);
            }
            files.push(kept);
        }
        let made = Manifest { vault, backup, created, until, to: to_whom, entries, root, files };
        made.write(folder, actor.member(), actor.signing())?;
        let expired = prune(folder, made.created)?;
        progress.end();
        Ok(Made { backup, until, entries, written, pieces: count, expired })
    }
}

/// Takes out the backups whose time is over, and the pieces that only they have.
fn prune(folder: &Path, now: Timestamp) -> Result<Vec<Id>, VaultError> {
    let today = day_of(now, "UTC");
    let (old, kept): (Vec<Signed>, Vec<Signed>) =
        manifest::read_all(folder)?.into_iter().partition(|one| one.manifest.until < today);
    for one in &old {
        let path = folder.join(manifest::file_of(&one.manifest.backup));
        disk::remove(&path).map_err(LedgerError::io(&path))?;
    }
    let wanted: BTreeSet<String> = kept.iter().flat_map(|one| one.manifest.names()).collect();
    let pieces = folder.join(PIECES);
    for file in fs::read_dir(&pieces).map_err(LedgerError::io(&pieces))?.flatten() {
        // Folders are not ours: some storage keeps one of its own in every folder.
        let is_folder = file.file_type().is_ok_and(|of| of.is_dir());
        if !is_folder && file.file_name().to_str().is_none_or(|name| !wanted.contains(name)) {
            disk::remove(&file.path()).map_err(LedgerError::io(&file.path()))?;
        }
    }
    Ok(old.into_iter().map(|one| one.manifest.backup).collect())
}

/// The manifest of a backup in a folder; of the newest, if none is named.
pub fn find_backup(folder: &Path, backup: Option<&Id>) -> Result<Signed, VaultError> {
    let found = match backup {
        Some(backup) => manifest::read_one(folder, backup)?,
        None => manifest::read_all(folder)?.pop(),
    };
    found.ok_or_else(|| VaultError::NoBackup { path: folder.display().to_string() })
}

/// Looks whether the age files of a backup are those that its manifest names. Needs no key.
pub fn check_backup(folder: &Path, signed: &Signed, progress: &dyn Progress) -> Result<Looked, VaultError> {
    let manifest = &signed.manifest;
    progress.begin(Task::Backup, manifest.files.iter().map(|file| file.length).sum());
    let (mut pieces, mut done) = (0, 0);
    for piece in manifest.files.iter().flat_map(|file| &file.pieces) {
        sealed_piece(folder, piece)?;
        pieces += 1;
        done += piece.length;
        progress.at(done);
    }
    progress.end();
    let Manifest { backup, created, until, entries, .. } = *manifest;
    Ok(Looked { backup, created, until, entries, pieces, signer: None })
}

fn sealed_piece(folder: &Path, piece: &Piece) -> Result<Vec<u8>, VaultError> {
    let path = folder.join(PIECES).join(name_of(&piece.sealed));
    let bad = || VaultError::BadBackup { path: path.display().to_string() };
    // An age file is its content, a header, and 16 bytes for each 64 KiB.
    let bytes = disk::read(&path, 2 * PIECE).map_err(|_| bad())?;
    if sha256(&[&bytes]) == piece.sealed { Ok(bytes) } else { Err(bad()) }
}

/// Makes the files of a vault again in a new folder, and verifies everything in them, without a
/// key to any field. `scratch` is a client's state that has never seen the vault.
pub fn unpack(
    folder: &Path,
    signed: &Signed,
    key: &DecryptionKey,
    new: &Path,
    scratch: &Path,
    progress: &dyn Progress,
) -> Result<Looked, VaultError> {
    let mut looked = check_backup(folder, signed, &Unwatched)?;
    let manifest = &signed.manifest;
    disk::make_folder(new).map_err(LedgerError::io(new))?;
    progress.begin(Task::Backup, manifest.files.iter().map(|file| file.length).sum());
    let mut done = 0;
    for kept in &manifest.files {
        let path: PathBuf = new.join(&kept.path);
        let io = LedgerError::io(&path);
        if let Some(parent) = path.parent() {
            disk::make_folders(parent).map_err(&io)?;
        }
        let mut file = disk::lock_file(&path).map_err(&io)?;
        for piece in &kept.pieces {
            let bytes = age_file::open(key, &sealed_piece(folder, piece)?, 2 * PIECE as usize)?;
            if sha256(&[&bytes]) != piece.content {
                return Err(VaultError::BadBackup { path: path.display().to_string() });
            }
            file.write_all(&bytes).map_err(&io)?;
            done += piece.length;
            progress.at(done);
        }
        file.sync_all().map_err(&io)?;
    }
    progress.end();
    for path in [new.join(LEDGER), new.join(JOURNAL), new.to_owned()] {
        disk::sync_folder(&path).map_err(LedgerError::io(&path))?;
    }
    let options = Options { state: scratch.to_owned(), patience: Duration::from_secs(5), progress };
    verify(new, &options)?;
    let vault = Vault::open(new, &options)?;
    let signer = vault.charter_at(manifest.entries).clone();
    looked.signer = signed.signer(&signer);
    let bad = || VaultError::BadBackup { path: folder.display().to_string() };
    if looked.signer.is_none() || !vault.continues(manifest)? || vault.size() != manifest.entries {
        return Err(bad());
    }
    vault.leave()?;
    Ok(looked)
}

/// What this machine has seen of a vault and is not in one that was made again from a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Entries after those of the backup; so many were seen.
    Newer(u64),
    /// The backup is of a ledger that went another way than the one seen, which had so many entries: one
    /// from before was restored, and worked on.
    Other(u64),
}

/// What this machine has seen of a vault that the one in `dir`, which was made again from this backup, does
/// not have. `scratch` is as in [`unpack`].
pub fn lost(state: &Path, dir: &Path, scratch: &Path, entries: u64) -> Result<Option<Lost>, VaultError> {
    let vault = Marker::read(dir)?;
    let memory = Memory::new(state, &vault);
    // It was verified when it was saved, by the key that was the log's then.
    let Some(seen) = memory.load()?.and_then(|note| checkpoint::unverified(&note)) else { return Ok(None) };
    if seen.size > entries {
        return Ok(Some(Lost::Newer(seen.size)));
    }
    let options = Options { state: scratch.to_owned(), patience: Duration::from_secs(5), progress: &Unwatched };
    let vault = Vault::open(dir, &options)?;
    let root = vault.root_at(seen.size)?;
    vault.leave()?;
    Ok((root != seen.root).then_some(Lost::Other(seen.size)))
}

/// Lets this machine remember a restored vault in the place of what it has seen of the lost one.
pub fn remember(state: &Path, dir: &Path) -> Result<(), VaultError> {
    let path = dir.join(CHECKPOINT);
    let note = disk::read(&path, checkpoint::MAX_BYTES).map_err(LedgerError::io(&path))?;
    Ok(Memory::new(state, &Marker::read(dir)?).save(&note)?)
}
