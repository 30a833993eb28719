//! The file system of the machine.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt as _, FileExt, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use rustix::fs::{Advice, OFlags};

use super::{Disk, Kind, OpenFile, Opening, ROOM, SEGMENT, Sync};

/// The file system of the machine.
#[derive(Debug)]
pub(super) struct Real;

impl Disk for Real {
    fn open(&self, path: &Path, how: Opening) -> io::Result<Box<dyn OpenFile>> {
        let mut options = options();
        let mode = match how {
            Opening::Read => None,
            Opening::Append => {
                options.append(true);
                None
            }
            Opening::Over => {
                options.write(true);
                None
            }
            Opening::New { shared } => {
                options.append(true).create_new(true);
                Some(if shared { 0o644 } else { 0o600 })
            }
        };
        let file = options.read(true).open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "not a regular file"));
        }
        if let Some(mode) = mode {
            file.set_permissions(Permissions::from_mode(mode))?;
        }
        Ok(Box::new(file))
    }

    fn lock_file(&self, path: &Path) -> io::Result<File> {
        let file = options().read(true).write(true).create(true).truncate(false).open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "not a regular file"));
        }
        Ok(file)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn make_folder(&self, path: &Path, shared: bool) -> io::Result<()> {
        let mode = if shared { 0o755 } else { 0o700 };
        DirBuilder::new().mode(mode).create(path)?;
        fs::set_permissions(path, Permissions::from_mode(mode))
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<(OsString, Kind)>> {
        let kind = |kind: fs::FileType| match (kind.is_file(), kind.is_dir()) {
            (true, _) => Kind::File,
            (_, true) => Kind::Folder,
            _ => Kind::Other,
        };
        fs::read_dir(path)?
            .map(|entry| entry.and_then(|entry| Ok((entry.file_name(), kind(entry.file_type()?)))))
            .collect()
    }

    fn exists(&self, path: &Path) -> bool {
        // Not an answer is no "no": of a mark that says that a store is not to be trusted, for one.
        path.try_exists().unwrap_or(true)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn segment(&self) -> u64 {
        SEGMENT
    }

    fn room(&self) -> u64 {
        ROOM
    }

    fn free(&self, path: &Path) -> io::Result<u64> {
        let system = rustix::fs::statvfs(path)?;
        Ok(system.f_bavail.saturating_mul(system.f_frsize))
    }

    fn is_real(&self) -> bool {
        true
    }
}

impl OpenFile for File {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        io::Write::write(&mut &*self, bytes)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        FileExt::write_at(self, bytes, offset)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, buffer, offset)
    }

    fn sync(&self, what: Sync) -> io::Result<()> {
        match what {
            Sync::Data => self.sync_data(),
            Sync::All => self.sync_all(),
        }
    }

    fn forget(&self) -> io::Result<()> {
        Ok(rustix::fs::fadvise(self, 0, None, Advice::DontNeed)?)
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn names(&self) -> io::Result<u64> {
        Ok(self.metadata()?.nlink())
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    // A pipe that somebody put in the place of a file would be waited for without end.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    options.mode(0o600).custom_flags(flags.bits().cast_signed());
    options
}
