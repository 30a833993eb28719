//! One process at a time: the lock on a vault's folder, and on others.

use std::{
    fs::{File, TryLockError},
    io::{ErrorKind, Read as _, Seek as _, Write as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
    time::{Duration, Instant},
};

use super::error::VaultError;
use crate::{disk, ledger::LedgerError};

/// How long another process is waited for that writes a few lines.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// How often a waiting process looks again.
const PAUSE: Duration = Duration::from_millis(50);

/// The lock; released when dropped, by the operating system if the process dies.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, waiting up to `patience`. `waiting` is told once, with the process that
    /// holds it if it is known.
    pub fn take(path: &Path, patience: Duration, waiting: &dyn Fn(Option<u32>)) -> Result<Lock, VaultError> {
        let io = LedgerError::io(path);
        let mut file = disk::lock_file(path).map_err(&io)?;
        let began = Instant::now();
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(io(error).into()),
                Err(TryLockError::WouldBlock) => {}
            }
            let holder = holder(&mut file);
            if began.elapsed() >= patience {
                let holder = holder.map_or_else(|| "?".to_owned(), |pid| pid.to_string());
                return Err(VaultError::Locked { holder, seconds: patience.as_secs() });
            }
            if !told && began.elapsed() > PAUSE {
                waiting(holder);
                told = true;
            }
            std::thread::sleep(PAUSE);
        }
        tell(&mut file).map_err(io)?;
        Ok(Lock { _file: file })
    }
}

/// Takes a lock in a folder that is not a vault's. `None` where the file system knows no locks: such
/// a medium is better than none.
pub(super) fn hold(
    folder: &Path,
    name: &str,
    patience: Duration,
    waiting: &dyn Fn(Option<u32>),
) -> Result<Option<Lock>, VaultError> {
    match Lock::take(&folder.join(name), patience, waiting) {
        Err(VaultError::Locked { holder, .. }) => {
            Err(VaultError::BackupLocked { path: folder.display().to_string(), holder })
        }
        Err(VaultError::Ledger(LedgerError::Io { source, .. })) if source.kind() == ErrorKind::Unsupported => Ok(None),
        taken => taken.map(Some),
    }
}

/// Only to tell others who we are: the lock itself is the kernel's. Not into a file that has other names
/// as well, of which one may be of something else.
fn tell(file: &mut File) -> std::io::Result<()> {
    if file.metadata()?.nlink() > 1 {
        return Ok(());
    }
    file.rewind()?;
    file.set_len(0)?;
    write!(file, "{}", std::process::id())
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(16).read_to_string(&mut text).ok()?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = Lock::take(&path, Duration::ZERO, &|_| {}).unwrap();
        let told = Cell::new(None);
        let second = Lock::take(&path, Duration::from_millis(200), &|holder| told.set(holder));
        assert!(matches!(second, Err(VaultError::Locked { .. })));
        assert_eq!(told.get(), Some(std::process::id()));
        drop(first);
        Lock::take(&path, Duration::ZERO, &|_| {}).unwrap();
    }

    #[test]
    fn nothing_is_written_into_what_a_stranger_puts_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("lock"), folder.path().join("other"));
        std::fs::write(&other, "a file of somebody's").unwrap();
        let made: [fn(&Path, &Path) -> std::io::Result<()>; 2] =
            [|of, name| std::os::unix::fs::symlink(of, name), |of, name| std::fs::hard_link(of, name)];
        for make in made {
            make(&other, &path).unwrap();
            // A copy of a folder can be made of links to its files, and has to do.
            assert_eq!(Lock::take(&path, Duration::ZERO, &|_| {}).is_ok(), !path.is_symlink());
            assert_eq!(std::fs::read_to_string(&other).unwrap(), "a file of somebody's");
            std::fs::remove_file(&path).unwrap();
        }
    }
}
