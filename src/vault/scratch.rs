//! Where a vault grows that is made again from a backup: a folder of its own beside the place where it
//! shall be, gone afterwards.
//!
//! Until it is verified, and what was erased since is erased again, nothing in it may be left for
//! anybody to open: what an interrupted process has left is taken away by the next one.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{LOCK, error::VaultError, lock::hold};
use crate::{
    crypto::random::{SystemRandom, new_id},
    disk,
    ledger::LedgerError,
};

/// How its name begins.
const NAME: &str = ".amanah-restore-";

/// What is in it beside the lock.
const VAULT: &str = "vault";
const STATE: &str = "state";

/// A folder for a vault, and for a client's state that has never seen it.
pub struct Scratch {
    folder: PathBuf,
    /// Tells others that this is being used. None where the file system knows no locks.
    _lock: Option<super::lock::Lock>,
}

impl Scratch {
    /// Makes one, and takes away what others of this user have left.
    ///
    /// # Errors
    /// A folder that cannot be written to.
    pub fn begin(beside: &Path) -> Result<Scratch, VaultError> {
        clear_left(beside);
        let folder = beside.join(format!("{NAME}{}", new_id(&mut SystemRandom::new())?));
        disk::make_folder(&folder).map_err(LedgerError::io(&folder))?;
        let _lock = hold(&folder, LOCK, Duration::ZERO, &|_| {})?;
        Ok(Scratch { folder, _lock })
    }

    /// Where the vault can grow.
    pub fn vault(&self) -> PathBuf {
        self.folder.join(VAULT)
    }

    /// A state of its own.
    pub fn state(&self) -> PathBuf {
        self.folder.join(STATE)
    }

    /// Takes it away.
    ///
    /// # Errors
    /// It cannot be taken away.
    pub fn end(self) -> Result<(), VaultError> {
        Ok(take_away(&self.folder).map_err(LedgerError::io(&self.folder))?)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // After an error, which is what is told.
        let _ = take_away(&self.folder);
    }
}

/// The lock's file goes last. Who is killed before that leaves a folder that the next one knows for what
/// it is; one without the file could be another's that has just begun.
fn take_away(folder: &Path) -> io::Result<()> {
    for part in [VAULT, STATE] {
        disk::remove_folder(&folder.join(part))?;
    }
    disk::remove_folder(folder)
}

/// Takes away the folders of processes that are no more. What cannot be taken away is left.
fn clear_left(beside: &Path) {
    for entry in fs::read_dir(beside).into_iter().flatten().flatten() {
        // In a folder of the system's others can lay theirs.
        let is_own = |data: fs::Metadata| data.is_dir() && data.uid() == rustix::process::geteuid().as_raw();
        let is_one =
            entry.file_name().to_str().is_some_and(|name| name.starts_with(NAME)) && entry.metadata().is_ok_and(is_own);
        let folder = entry.path();
        // Who holds the lock writes into its file: an empty one is about to be locked.
        let was_held = || fs::metadata(folder.join(LOCK)).is_ok_and(|lock| lock.len() > 0);
        if is_one
            && was_held()
            && let Ok(Some(_lock)) = hold(&folder, LOCK, Duration::ZERO, &|_| {})
        {
            let _ = take_away(&folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_have_left_is_taken_away_and_what_they_use_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let names = || {
            let mut names: Vec<_> =
                fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };
        let used = Scratch::begin(folder.path()).unwrap();
        fs::create_dir(used.vault()).unwrap();
        for (name, lock) in [("left", &b"4711"[..]), ("begun", b"")] {
            let left = folder.path().join(format!("{NAME}{name}"));
            fs::create_dir_all(left.join("vault")).unwrap();
            fs::write(left.join(LOCK), lock).unwrap();
        }
        fs::create_dir(folder.path().join("vault")).unwrap();
        let other = Scratch::begin(folder.path()).unwrap();
        let left = names();
        assert!(used.vault().is_dir() && folder.path().join("vault").is_dir(), "{left:?}");
        assert!(left.contains(&format!("{NAME}begun").into()) && !left.contains(&format!("{NAME}left").into()));
        assert_eq!(left.len(), 4, "{left:?}");
        other.end().unwrap();
        drop(used);
        assert_eq!(names(), [&*format!("{NAME}begun"), "vault"]);
    }

    #[test]
    fn what_is_taken_away_by_half_is_taken_away_by_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let half = Scratch::begin(folder.path()).unwrap();
        let path = half.folder.clone();
        // A file is no folder, and stops it where a kill could.
        fs::write(half.state(), b"").unwrap();
        fs::create_dir(half.vault()).unwrap();
        assert!(half.end().is_err());
        assert!(!path.join("vault").exists() && path.join(LOCK).exists());
        fs::remove_file(path.join("state")).unwrap();
        Scratch::begin(folder.path()).unwrap().end().unwrap();
        assert!(!path.exists());
    }
}
