//! One process at a time: the lock on a vault's folder.

use std::{
    fs::{File, TryLockError},
    io::{Read as _, Seek as _, Write as _},
    path::Path,
    time::{Duration, Instant},
};

use super::error::VaultError;
use crate::{disk, ledger::LedgerError};

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
        // Only to tell others who we are: the lock itself is the kernel's.
        let written =
            file.rewind().and_then(|()| file.set_len(0)).and_then(|()| write!(file, "{}", std::process::id()));
        written.map_err(io)?;
        Ok(Lock { _file: file })
    }
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
}
