//! The one thin layer through which ledger, journal, store, checkpoint and memory touch files.
//!
//! Everything that must survive a power cut goes through here: what is appended is synced before
//! it counts, a file that appears is followed by a sync of its folder, and a file that is replaced
//! is replaced whole. Files are 0600 and folders 0700 whatever the umask; links are not followed.
//!
//! Below it is a [`Disk`]: the machine's, or for the paths that a test has mounted one that fails
//! as disks do (`tests/simulate`).

use std::{
    ffi::OsString,
    fmt::Debug,
    fs::File,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};

pub mod mounts;
mod real;

use mounts::at;

/// A segment of the journal or the ledger is full when it has reached this many bytes. An erasure
/// rewrites whole segments and people open them in editors, so they should be small; a folder
/// should not hold thousands.
pub const SEGMENT: u64 = 64 * 1024 * 1024;

/// So many bytes of room are made at a time: for some hundred records, in a millisecond.
pub const ROOM: u64 = 1024 * 1024;

/// What is asked of a file system.
pub trait Disk: Send + std::marker::Sync + Debug {
    /// Opens a regular file; what is at the end of `path` is not followed if it is a link.
    fn open(&self, path: &Path, how: Opening) -> io::Result<Box<dyn OpenFile>>;
    /// Opens the file that a lock is taken on, and makes it where it is missing.
    fn lock_file(&self, path: &Path) -> io::Result<File>;
    /// Gives a file or folder another name, in the place of a file or an empty folder there.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes a folder, for ourselves alone or for others to read too.
    fn make_folder(&self, path: &Path, shared: bool) -> io::Result<()>;
    /// Removes a folder with all that is in it.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// What is in a folder, in no order.
    fn list(&self, path: &Path) -> io::Result<Vec<(OsString, Kind)>>;
    /// Whether something is there.
    fn exists(&self, path: &Path) -> bool;
    /// Waits until what appeared in a folder, or left it, would stay so after a power cut.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    /// How many bytes fill a segment here.
    fn segment(&self) -> u64;
    /// How many bytes of room are made at a time, for what is appended to the journal.
    fn room(&self) -> u64;
    /// How many bytes more fit there.
    fn free(&self, path: &Path) -> io::Result<u64>;
    /// Whether other libraries can open files here by their paths.
    fn is_real(&self) -> bool;
}

/// An open file.
pub trait OpenFile: Send + std::marker::Sync + Debug {
    /// Appends some of the bytes; how many. Not to a file that is opened to be written over.
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;
    /// Writes some of the bytes from an offset on, to a file that is opened to be written over; how many.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;
    /// Reads some bytes from an offset; none at the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Waits until what was written would still be there after a power cut.
    fn sync(&self, what: Sync) -> io::Result<()>;
    /// Drops what memory holds of it, so that the next reading is from the disk. After a sync that
    /// failed memory can hold what the disk does not.
    fn forget(&self) -> io::Result<()>;
    /// Cuts it off.
    fn set_length(&self, length: u64) -> io::Result<()>;
    /// Its length.
    fn length(&self) -> io::Result<u64>;
    /// How many names it has: none when it was removed, more than one if there are hard links.
    fn names(&self) -> io::Result<u64>;
}

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// To be read.
    Read,
    /// To be read and appended to.
    Append,
    /// To be read and written over.
    Over,
    /// As a new file, that others may read or not.
    New {
        /// Whether they may.
        shared: bool,
    },
}

/// What a sync waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// The bytes, and the length.
    Data,
    /// All that is known of the file.
    All,
}

/// What can be in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, a device, a socket.
    Other,
}

/// A file that is written behind its end only, and counts as written only when it is synced. Behind its
/// end there can be room.
#[derive(Debug)]
pub struct AppendFile {
    file: Box<dyn OpenFile>,
    path: PathBuf,
    length: u64,
    /// Bytes behind the end that can be written over; `None` where it is only appended to.
    room: Option<u64>,
}

impl AppendFile {
    /// Makes a new file with this first content, durably.
    pub fn create(path: &Path, head: &[u8]) -> io::Result<AppendFile> {
        let file = at(path).open(path, Opening::New { shared: false })?;
        let mut made = AppendFile { file, path: path.to_owned(), length: 0, room: None };
        made.append(head)?;
        sync_folder_of(path)?;
        Ok(made)
    }

    /// Opens a file to append to.
    pub fn open(path: &Path) -> io::Result<AppendFile> {
        let file = open(path, Opening::Append)?;
        let length = file.length()?;
        Ok(AppendFile { file, path: path.to_owned(), length, room: None })
    }

    /// Opens a file to append to, in which [`AppendFile::make_room`] can make room.
    pub fn open_with_room(path: &Path) -> io::Result<AppendFile> {
        let file = open(path, Opening::Over)?;
        let length = file.length()?;
        Ok(AppendFile { file, path: path.to_owned(), length, room: Some(0) })
    }

    /// How many bytes can be appended where room was made.
    pub fn room(&self) -> u64 {
        self.room.unwrap_or(0)
    }

    /// Makes room, so many zeros behind the end, durably; whether there is space for them. To sync what is
    /// written over them takes half as long, on ext4, as to sync what makes the file longer: about that
    /// the file system has to write something down itself.
    ///
    /// Whoever reads the file has to know zeros from what is appended.
    ///
    /// # Errors
    /// As of [`AppendFile::append`], and if it is not open for it.
    pub fn make_room(&mut self, bytes: u64) -> io::Result<bool> {
        let left = self.room.ok_or(ErrorKind::Unsupported)?;
        self.check_end()?;
        if left >= bytes {
            return Ok(true);
        }
        match write_zeros_at(&*self.file, bytes, self.length) {
            Ok(()) => {
                self.file.sync(Sync::Data)?;
                self.room = Some(bytes);
                Ok(true)
            }
            Err(error) if is_without_space(&error) => {
                self.file.set_length(self.length)?;
                self.room = Some(0);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the file ends where it was left: what somebody else has put there is not written over,
    /// who got past the lock.
    fn check_end(&self) -> io::Result<()> {
        if self.file.length()? == self.length + self.room() {
            Ok(())
        } else {
            Err(io::Error::other("the file was changed while it was open"))
        }
    }

    /// Takes away the room that is left, so that the file ends where it seems to.
    pub fn give_back_room(&mut self) -> io::Result<()> {
        if self.room() > 0 { self.truncate(self.length) } else { Ok(()) }
    }

    /// Appends and syncs. On an error nothing may be assumed of what the file now ends in.
    ///
    /// A file that was removed while it was open takes bytes that nobody will find: an error too.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.room {
            Some(room) => {
                self.check_end()?;
                write_all_at(&*self.file, bytes, self.length)?;
                self.room = Some(room.saturating_sub(bytes.len() as u64));
            }
            None => write_all(&*self.file, bytes)?,
        }
        self.file.sync(Sync::Data)?;
        if self.file.names()? == 0 {
            return Err(io::Error::new(ErrorKind::NotFound, "the file was removed while it was open"));
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Syncs what is there already.
    pub fn sync(&mut self) -> io::Result<()> {
        self.file.sync(Sync::Data)
    }

    /// Cuts off what was never committed.
    pub fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.set_length(length)?;
        self.length = length;
        self.room = self.room.map(|_| 0);
        self.file.sync(Sync::Data)
    }

    /// Reads exactly `length` bytes from `offset`.
    pub fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        read_exactly(&*self.file, offset, length)
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

/// A file that is read from a place on.
#[derive(Debug)]
pub struct Reader {
    file: Box<dyn OpenFile>,
    offset: u64,
}

impl Reader {
    /// Opens a file to be read from an offset on.
    pub fn open(path: &Path, offset: u64) -> io::Result<Reader> {
        Ok(Reader { file: open(path, Opening::Read)?, offset })
    }

    /// Reads exactly `length` bytes from `offset`, wherever reading is.
    pub fn piece(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        read_exactly(&*self.file, offset, length)
    }

    /// Goes on reading at another offset.
    pub fn seek(&mut self, offset: u64) {
        self.offset = offset;
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}

/// A file with a second name is not only ours: appending to it would change a copy that somebody
/// took by linking, or somebody else changes it under us.
fn open(path: &Path, how: Opening) -> io::Result<Box<dyn OpenFile>> {
    let file = at(path).open(path, how)?;
    if file.names()? > 1 {
        return Err(io::Error::new(ErrorKind::InvalidInput, "the file has a second name (a hard link)"));
    }
    Ok(file)
}

/// How many bytes a file has.
pub fn length(path: &Path) -> io::Result<u64> {
    open(path, Opening::Read)?.length()
}

/// Reads exactly `length` bytes of a file from `offset`.
pub fn read_at(path: &Path, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    read_exactly(&*open(path, Opening::Read)?, offset, length)
}

/// Opens the file that a lock is taken on, and makes it where it is missing.
pub fn lock_file(path: &Path) -> io::Result<File> {
    at(path).lock_file(path)
}

/// Reads a file of at most `most` bytes.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_bounded(Reader::open(path, 0)?, most)
}

/// Reads a file that others may have copied by linking, of at most `most` bytes.
pub fn read_shared(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_bounded(Reader { file: at(path).open(path, Opening::Read)?, offset: 0 }, most)
}

/// Replaces a file whole: after a power cut it has its old content or the new. `durable` waits until
/// it is sure to be the new one.
pub fn replace(path: &Path, bytes: &[u8], durable: bool) -> io::Result<()> {
    put_in_place(path, bytes, false, durable)
}

/// Replaces a file whole and durably, so that others can read it too: it is for a web server.
pub fn replace_shared(path: &Path, bytes: &[u8]) -> io::Result<()> {
    put_in_place(path, bytes, true, true)
}

fn put_in_place(path: &Path, bytes: &[u8], shared: bool, durable: bool) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    let disk = at(path);
    match disk.remove(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = disk.open(&new, Opening::New { shared })?;
    write_all(&*file, bytes)?;
    // Before it takes the place of the old one, or the new name could stand for half of it.
    file.sync(Sync::All)?;
    disk.rename(&new, path)?;
    if durable { sync_folder_of(path) } else { Ok(()) }
}

/// Makes a folder and its parents where they are missing, each durably, so that others can read
/// them too.
pub fn make_shared_folders(path: &Path) -> io::Result<()> {
    make_all(path, true)
}

/// Makes a folder and its parents where they are missing, each durably.
pub fn make_folders(path: &Path) -> io::Result<()> {
    make_all(path, false)
}

fn make_all(path: &Path, shared: bool) -> io::Result<()> {
    if path.as_os_str().is_empty() || at(path).exists(path) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        make_all(parent, shared)?;
    }
    match at(path).make_folder(path, shared) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    sync_folder_of(path)
}

/// Makes a folder (not its parents), durably.
pub fn make_folder(path: &Path) -> io::Result<()> {
    at(path).make_folder(path, false)?;
    sync_folder_of(path)
}

/// Removes a file durably; one that is not there is removed already.
pub fn remove(path: &Path) -> io::Result<()> {
    match at(path).remove(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => sync_folder_of(path),
    }
}

/// Removes a file; after a power cut it can be there again.
pub fn remove_unsynced(path: &Path) -> io::Result<()> {
    at(path).remove(path)
}

/// Removes a folder with all that is in it; one that is not there is removed already.
pub fn remove_folder(path: &Path) -> io::Result<()> {
    match at(path).remove_folder(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Gives a file or folder another name in the same folder, durably.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    at(from).rename(from, to)?;
    sync_folder_of(to)
}

/// What is in a folder, in the order of names.
pub fn list(path: &Path) -> io::Result<Vec<(OsString, Kind)>> {
    let mut found = at(path).list(path)?;
    found.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    Ok(found)
}

/// What is in a folder as [`list`] gives it; nothing, if there is no folder. Any other failure is one:
/// what cannot be read is not nothing.
pub fn list_if_there(path: &Path) -> io::Result<Vec<(OsString, Kind)>> {
    match list(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed,
    }
}

/// Whether something is there.
pub fn exists(path: &Path) -> bool {
    at(path).exists(path)
}

/// The first thing below a folder that is not a file or folder of its own: a link, a file with a
/// second name, a device.
pub fn foreign(folder: &Path) -> io::Result<Option<PathBuf>> {
    for (name, kind) in list(folder)? {
        let path = folder.join(name);
        let found = match kind {
            Kind::Other => Some(path),
            Kind::Folder => match foreign(&path) {
                // Others may be at work: a store that is written anew takes the place of the old one.
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                found => found?,
            },
            Kind::File => match at(&path).open(&path, Opening::Read).and_then(|file| file.names()) {
                Ok(names) => (names > 1).then_some(path),
                // As above.
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            },
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Whether other libraries can open files here by their paths.
pub fn is_real(path: &Path) -> bool {
    at(path).is_real()
}

/// Syncs a folder, so that what appeared in it stays.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    at(path).sync_folder(path)
}

/// Syncs every file of a folder, then drops what memory holds of them: what is read next is what
/// the disk has. Who ended without saying so may have ended because a sync failed, and then memory
/// shows bytes that no later sync writes.
pub fn forget_cached(folder: &Path) -> io::Result<()> {
    for (name, kind) in list(folder)? {
        if kind == Kind::File {
            let file = open(&folder.join(name), Opening::Append)?;
            file.sync(Sync::Data)?;
            file.forget()?;
        }
    }
    sync_folder(folder)
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if parent != Path::new("") => sync_folder(parent),
        _ => sync_folder(Path::new(".")),
    }
}

fn write_all(file: &dyn OpenFile, bytes: &[u8]) -> io::Result<()> {
    write_in_pieces(bytes, |rest, _| file.write(rest))
}

fn write_all_at(file: &dyn OpenFile, bytes: &[u8], offset: u64) -> io::Result<()> {
    write_in_pieces(bytes, |rest, written| file.write_at(rest, offset + written))
}

fn write_zeros_at(file: &dyn OpenFile, count: u64, offset: u64) -> io::Result<()> {
    static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];
    let mut done = 0;
    while done < count {
        let piece = &ZEROS[..ZEROS.len().min(usize::try_from(count - done).unwrap_or(usize::MAX))];
        write_all_at(file, piece, offset + done)?;
        done += piece.len() as u64;
    }
    Ok(())
}

/// Writes all bytes with something that writes some, and is told how many were written before.
fn write_in_pieces(bytes: &[u8], write: impl Fn(&[u8], u64) -> io::Result<usize>) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match write(&bytes[done..], done as u64) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => done += written,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether something was not written because it would have made a file longer than it may be.
fn is_without_space(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge | ErrorKind::WriteZero
    )
}

fn read_exactly(file: &dyn OpenFile, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut out = vec![0; length];
    let mut filled = 0;
    while filled < length {
        match file.read_at(&mut out[filled..], offset + filled as u64) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(out)
}

fn read_bounded(reader: Reader, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(ErrorKind::InvalidData, format!("larger than {most} bytes")));
    }
    Ok(bytes)
}

/// The files `000001.ext`, `000002.ext` ... in a folder.
pub mod segments {
    use super::*;

    /// The path of a segment.
    pub fn path(folder: &Path, number: u32, extension: &str) -> PathBuf {
        folder.join(format!("{number:06}.{extension}"))
    }

    /// How many bytes of room are made at a time in this folder.
    pub fn room(folder: &Path) -> u64 {
        at(folder).room()
    }

    /// Whether there is space for so many bytes in this folder.
    pub fn fits(folder: &Path, bytes: u64) -> bool {
        at(folder).free(folder).is_ok_and(|free| free >= bytes)
    }

    /// How many bytes fill a segment in this folder.
    pub fn full(folder: &Path) -> u64 {
        at(folder).segment()
    }

    /// How many segments there are. They are numbered from 1 without gaps: a gap or a foreign
    /// number is an error.
    pub fn count(folder: &Path, extension: &str) -> io::Result<u32> {
        let mut numbers = Vec::new();
        for (name, _) in list(folder)? {
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
    use std::{fs, os::unix::fs::PermissionsExt as _};

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
    fn room_is_written_over_and_what_others_wrote_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let length = || fs::metadata(&path).unwrap().len();
        AppendFile::create(&path, b"head").unwrap();
        assert!(AppendFile::open(&path).unwrap().make_room(10).is_err());
        assert_eq!(length(), 4);
        let mut file = AppendFile::open_with_room(&path).unwrap();
        file.append(b"more").unwrap();
        assert!(file.make_room(10).unwrap());
        assert_eq!((file.length(), file.room(), length()), (8, 10, 18));
        file.append(b"stands").unwrap();
        assert_eq!((file.length(), file.room(), length()), (14, 4, 18));
        assert_eq!(fs::read(&path).unwrap(), b"headmorestands\0\0\0\0");
        file.append(b"longer").unwrap();
        assert_eq!((file.length(), file.room(), length()), (20, 0, 20));
        assert!(file.make_room(10).unwrap() && file.make_room(3).unwrap());
        assert_eq!((file.room(), length()), (10, 30));
        file.give_back_room().unwrap();
        assert_eq!((file.room(), fs::read(&path).unwrap()), (0, b"headmorestandslonger".to_vec()));
        assert!(file.make_room(10).unwrap());
        for ending in [&b"headmorestandslonger\0\0\0\0\0\0\0\0\0\0theirs"[..], b"headmore"] {
            fs::write(&path, ending).unwrap();
            assert!(file.append(b"ours").is_err() && file.make_room(10).is_err());
            assert_eq!(fs::read(&path).unwrap(), ending);
        }
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
        // A pipe that nobody writes to is not waited for.
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert!(read(&pipe, 10).is_err() && AppendFile::open(&pipe).is_err() && lock_file(&pipe).is_err());
        fs::hard_link(&real, folder.path().join("second")).unwrap();
        let refused = [AppendFile::open(&real).map(drop), read(&real, 10).map(drop), length(&real).map(drop)];
        assert!(refused.iter().all(Result::is_err));
        assert_eq!(read_shared(&real, 10).unwrap(), b"x");
    }

    #[test]
    fn what_others_take_away_meanwhile_is_not_missed() {
        let folder = tempfile::tempdir().unwrap();
        let (store, new) = (folder.path().join("store"), folder.path().join("store.new"));
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            // As compacting does, which has the lock; who looks for links has not.
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    fs::create_dir(&new).unwrap();
                    fs::write(new.join("db"), b"").unwrap();
                    fs::rename(&new, &store).unwrap();
                    fs::remove_dir_all(&store).unwrap();
                }
            });
            let found: Vec<_> =
                (0..5000).map(|_| foreign(folder.path())).filter(|found| !matches!(found, Ok(None))).collect();
            done.store(true, std::sync::atomic::Ordering::Relaxed);
            assert!(found.is_empty(), "{found:?}");
        });
        std::os::unix::fs::symlink("/", folder.path().join("link")).unwrap();
        assert_eq!(foreign(folder.path()).unwrap(), Some(folder.path().join("link")));
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

    #[test]
    fn only_a_folder_that_is_not_there_holds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        assert_eq!(list_if_there(folder.path()).unwrap(), [("file".into(), Kind::File)]);
        assert!(list_if_there(&folder.path().join("none")).unwrap().is_empty());
        assert!(list_if_there(&file).is_err());
    }
}
