//! Which disk a path is on.
//!
//! Outside of tests there is one disk, the machine's. A simulation mounts its own under a path
//! that exists nowhere else, so that the code above runs over it unchanged, in all its threads.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{Disk, real::Real};

static REAL: &Real = &Real;
/// Whether there is any other, so that nobody else pays for the possibility.
static ANY: AtomicBool = AtomicBool::new(false);
static MOUNTED: RwLock<Vec<(PathBuf, Arc<dyn Disk>)>> = RwLock::new(Vec::new());

/// A disk that is mounted until this is dropped.
#[derive(Debug)]
pub struct Mounted(PathBuf);

/// Mounts a disk: what is below `path` is on it from now on.
pub fn mount(path: &Path, disk: Arc<dyn Disk>) -> Mounted {
    MOUNTED.write().unwrap_or_else(PoisonError::into_inner).push((path.to_owned(), disk));
    ANY.store(true, Ordering::Release);
    Mounted(path.to_owned())
}

impl Drop for Mounted {
    fn drop(&mut self) {
        MOUNTED.write().unwrap_or_else(PoisonError::into_inner).retain(|(path, _)| *path != self.0);
    }
}

/// A disk, however it is kept.
pub(super) enum Found {
    Real,
    Mounted(Arc<dyn Disk>),
}

impl std::ops::Deref for Found {
    type Target = dyn Disk;

    fn deref(&self) -> &(dyn Disk + 'static) {
        match self {
            Found::Real => REAL,
            Found::Mounted(disk) => &**disk,
        }
    }
}

/// The disk that a path is on.
pub(super) fn at(path: &Path) -> Found {
    if !ANY.load(Ordering::Acquire) {
        return Found::Real;
    }
    let mounted = MOUNTED.read().unwrap_or_else(PoisonError::into_inner);
    let found = mounted.iter().find(|(mount, _)| path.starts_with(mount));
    found.map_or(Found::Real, |(_, disk)| Found::Mounted(Arc::clone(disk)))
}
