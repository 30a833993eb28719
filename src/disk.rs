//! The one thin layer through which ledger, journal, checkpoint and memory touch files.
//!
//! Everything that must survive a power cut goes through here: what is appended is synced before
//! it counts, a file that appears is followed by a sync of its folder, and a file that is replaced
//! is replaced whole. Files are 0600 and folders 0700 whatever the umask; links are not followed.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, ErrorKind, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;

/// A file that only grows, and counts as written only when it is synced.
#[derive(Debug)]
pub struct AppendFile {
    file: File,
    path: PathBuf,
    length: u64,
}

impl AppendFile {
    /// Makes a new file with this first content, durably.
    pub fn create(path: &Path, head: &[u8]) -> io::Result<AppendFile> {
        let file = options().read(true).append(true).create_new(true).open(path)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        let mut made = AppendFile { file, path: path.to_owned(), length: 0 };
        made.append(head)?;
        sync_folder_of(path)?;
        Ok(made)
    }

    /// Opens a file to append to.
    pub fn open(path: &Path) -> io::Result<AppendFile> {
        let file = options().read(true).append(true).open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "not a regular file"));
        }
        Ok(AppendFile { file, path: path.to_owned(), length: metadata.len() })
    }

    /// Appends and syncs. On an error nothing may be assumed of what the file now ends in.
    ///
    /// A file that was removed while it was open takes bytes that nobody will find: an error too.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.sync_data()?;
        if self.file.metadata()?.nlink() == 0 {
            return Err(io::Error::new(ErrorKind::NotFound, "the file was removed while it was open"));
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Syncs what is there already.
    pub fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Cuts off what was never committed.
    pub fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.file.sync_data()?;
        self.length = length;
        Ok(())
    }

    /// Reads exactly `length` bytes from `offset`.
    pub fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut out = vec![0; length];
        self.file.read_exact_at(&mut out, offset)?;
        Ok(out)
    }

    /// The file's length in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Opens a file to read.
pub fn open(path: &Path) -> io::Result<File> {
    let file = options().read(true).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "not a regular file"));
    }
    Ok(file)
}

/// Opens the file that a lock is taken on, and makes it where it is missing.
pub fn lock_file(path: &Path) -> io::Result<File> {
    options().read(true).write(true).create(true).truncate(false).open(path)
}

/// Reads a file of at most `most` bytes.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(ErrorKind::InvalidData, format!("larger than {most} bytes")));
    }
    Ok(bytes)
}

/// Replaces a file whole: after a crash it has its old content or the new. `durable` waits until
/// the new content has reached the disk.
pub fn replace(path: &Path, bytes: &[u8], durable: bool) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = options().write(true).create_new(true).open(&new)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    if durable {
        file.sync_all()?;
    }
    fs::rename(&new, path)?;
    if durable { sync_folder_of(path) } else { Ok(()) }
}

/// Replaces a file whole and durably, so that others can read it too: it is for a web server.
pub fn replace_shared(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = options().write(true).create_new(true).open(&new)?;
    file.write_all(bytes)?;
    file.set_permissions(Permissions::from_mode(0o644))?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    sync_folder_of(path)
}

/// Makes a folder and its parents where they are missing, each durably, so that others can read
/// them too.
pub fn make_shared_folders(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        make_shared_folders(parent)?;
    }
    match DirBuilder::new().mode(0o755).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    fs::set_permissions(path, Permissions::from_mode(0o755))?;
    sync_folder_of(path)
}

/// Removes a file durably; one that is not there is removed already.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => sync_folder_of(path),
    }
}

/// Makes a folder (not its parents), durably.
pub fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))?;
    sync_folder_of(path)
}

/// Makes a folder and its parents where they are missing.
pub fn make_folders(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).recursive(true).create(path)
}

/// Syncs a folder, so that what appeared in it stays.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if parent != Path::new("") => sync_folder(parent),
        _ => sync_folder(Path::new(".")),
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    let flags = OFlags::NOFOLLOW | OFlags::CLOEXEC;
    options.mode(0o600).custom_flags(flags.bits().cast_signed());
    options
}

/// The files `000001.ext`, `000002.ext` ... in a folder.
pub mod segments {
    use super::*;

    /// The path of a segment.
    pub fn path(folder: &Path, number: u32, extension: &str) -> PathBuf {
        folder.join(format!("{number:06}.{extension}"))
    }

    /// How many segments there are. They are numbered from 1 without gaps: a gap or a foreign
    /// number is an error.
    pub fn count(folder: &Path, extension: &str) -> io::Result<u32> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name();
            let stem = name.to_str().and_then(|name| name.strip_suffix(extension)?.strip_suffix('.'));
            let Some(stem) = stem else { continue };
            let number = stem.parse::<u32>().ok().filter(|n| *stem == format!("{n:06}"));
            numbers.push(
                number
                    .ok_or_else(|| io::Error::new(ErrorKind::InvalidData, format!("stray file {stem}.{extension}")))?,
            );
        }
        numbers.sort_unstable();
        match numbers.iter().zip(1..).find(|(found, wanted)| **found != *wanted) {
            Some((_, missing)) => {
                Err(io::Error::new(ErrorKind::NotFound, format!("segment {missing:06}.{extension} is missing")))
            }
            None => Ok(numbers.len() as u32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appended_read_and_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut file = AppendFile::create(&path, b"head").unwrap();
        file.append(b"more").unwrap();
        assert_eq!((file.length(), file.read_at(2, 4).unwrap()), (8, b"admo".to_vec()));
        file.truncate(4).unwrap();
        assert_eq!(AppendFile::open(&path).unwrap().length(), 4);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(AppendFile::create(&path, b"").is_err());
    }

    #[test]
    fn links_and_folders_are_not_files() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        replace(&real, b"x", true).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        assert!(AppendFile::open(&link).is_err() && read(&link, 10).is_err());
        assert!(read(folder.path(), 10).is_err());
        assert!(read(&real, 0).is_err());
    }

    #[test]
    fn replaced_whole_even_over_what_a_crash_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note");
        fs::write(folder.path().join("note.new"), b"half").unwrap();
        replace(&path, b"one", true).unwrap();
        replace(&path, b"two", false).unwrap();
        assert_eq!(read(&path, 10).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn segments_have_no_gaps() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(segments::count(folder.path(), "amj").unwrap(), 0);
        for number in [1, 2, 4] {
            fs::write(segments::path(folder.path(), number, "amj"), b"").unwrap();
        }
        assert!(segments::count(folder.path(), "amj").unwrap_err().to_string().contains("000003"));
        fs::write(segments::path(folder.path(), 3, "amj"), b"").unwrap();
        assert_eq!(segments::count(folder.path(), "amj").unwrap(), 4);
        fs::write(folder.path().join("5.amj"), b"").unwrap();
        assert!(segments::count(folder.path(), "amj").is_err());
    }
}
