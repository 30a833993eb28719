//! The ledger's files: lines that are appended and never rewritten.
//!
//! An append that was interrupted can leave part of a line. It is not removed (the files may be
//! append-only to us too): the next append ends it with a newline, and readers pass over it if the
//! entry after it continues the sequence.

use std::{
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use super::{
    LedgerError,
    entry::{Line, MAX_LINE},
};
use crate::disk::{self, AppendFile, segments};

const EXTENSION: &str = "jsonl";

/// No interrupted append leaves so many bytes without a newline, nor do many of them one after the
/// other. A file that somebody made long without writing to it is not read to its end.
const MAX_TORN: u64 = 64 * MAX_LINE as u64;

/// A place in the ledger's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogPosition {
    /// The segment's number, from 1.
    pub segment: u32,
    /// The byte in it.
    pub offset: u64,
}

impl LogPosition {
    /// The beginning of the ledger.
    pub const START: LogPosition = LogPosition { segment: 1, offset: 0 };
}

/// The ledger's files, open to be appended to.
#[derive(Debug)]
pub struct Log {
    folder: PathBuf,
    number: u32,
    file: AppendFile,
    /// Whether what the file ends in has to be ended first.
    torn: bool,
    segment: u64,
}

impl Log {
    /// Makes an empty ledger in a new folder.
    pub fn create(folder: &Path) -> Result<Log, LedgerError> {
        disk::make_folder(folder).map_err(LedgerError::io(folder))?;
        let path = segments::path(folder, 1, EXTENSION);
        let file = AppendFile::create(&path, b"").map_err(LedgerError::io(&path))?;
        Ok(Log { folder: folder.to_owned(), number: 1, file, torn: false, segment: segments::full(folder) })
    }

    /// Opens a ledger to append to. Its lines are read by a [`Reader`].
    pub fn open(folder: &Path) -> Result<Log, LedgerError> {
        let number = count(folder)?;
        let path = segments::path(folder, number, EXTENSION);
        let io = LedgerError::io(&path);
        let mut file = AppendFile::open(&path).map_err(&io)?;
        // What another process wrote and did not live to sync counts from now on.
        file.sync().map_err(&io)?;
        disk::sync_folder(folder).map_err(LedgerError::io(folder))?;
        let torn = match file.length() {
            0 => false,
            length => file.read_at(length - 1, 1).map_err(&io)? != b"\n",
        };
        Ok(Log { folder: folder.to_owned(), number, file, torn, segment: segments::full(folder) })
    }

    /// The end of the files.
    pub fn end(&self) -> LogPosition {
        LogPosition { segment: self.number, offset: self.file.length() }
    }

    /// Appends a line durably; gives where it begins.
    ///
    /// One sync for each line: if two were written with one, a power cut could keep the second
    /// and lose the first, which is not a torn end but damage.
    pub fn append(&mut self, line: &Line) -> Result<LogPosition, LedgerError> {
        if self.file.length() >= self.segment {
            self.begin_segment()?;
        }
        let mut bytes = Vec::with_capacity(line.bytes().len() + 2);
        if self.torn {
            bytes.push(b'\n');
        }
        let at = LogPosition { segment: self.number, offset: self.file.length() + bytes.len() as u64 };
        bytes.extend_from_slice(line.bytes());
        bytes.push(b'\n');
        self.file.append(&bytes).map_err(LedgerError::io(self.file.path()))?;
        self.torn = false;
        Ok(at)
    }

    fn begin_segment(&mut self) -> Result<(), LedgerError> {
        let path = segments::path(&self.folder, self.number + 1, EXTENSION);
        self.file = AppendFile::create(&path, b"").map_err(LedgerError::io(&path))?;
        self.number += 1;
        // The end of a file ends a line as well as a newline does.
        self.torn = false;
        Ok(())
    }

    /// Lets segments be small, so that tests see several.
    #[cfg(test)]
    pub(crate) fn set_segment(&mut self, bytes: u64) {
        self.segment = bytes;
    }
}

/// Reads one line at a known place.
pub fn read_line(folder: &Path, at: LogPosition, length: usize) -> Result<Line, LedgerError> {
    let path = segments::path(folder, at.segment, EXTENSION);
    let io = LedgerError::io(&path);
    let bytes = disk::read_at(&path, at.offset, length.min(MAX_LINE)).map_err(io)?;
    Line::parse(&bytes)
}

/// A line and where it stands.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The line.
    pub line: Line,
    /// Where it begins.
    pub at: LogPosition,
}

/// Reads the lines of a ledger from a position on, in bounded memory. Changes nothing.
#[derive(Debug)]
pub struct Reader {
    folder: PathBuf,
    count: u32,
    at: LogPosition,
    /// The line's number in its file, for people; only right when reading from the file's start.
    number: u64,
    expected: u64,
    open: Option<(PathBuf, BufReader<disk::Reader>)>,
    buffer: Vec<u8>,
    torn: Option<(PathBuf, u64)>,
    torn_lines: u64,
}

impl Reader {
    /// A reader that begins at `from`, where the entry with sequence `expected` should follow.
    /// A ledger that ends before `from` is damaged: it was cut since.
    pub fn new(folder: &Path, from: LogPosition, expected: u64) -> Result<Reader, LedgerError> {
        let count = count(folder)?;
        let path = segments::path(folder, from.segment, EXTENSION);
        let length = disk::length(&path).map_err(LedgerError::io(&path))?;
        if length < from.offset {
            return Err(damaged(&path, 0, "it ends before what was read of it earlier"));
        }
        Ok(Reader {
            folder: folder.to_owned(),
            count,
            at: from,
            number: 0,
            expected,
            open: None,
            buffer: Vec::new(),
            torn: None,
            torn_lines: 0,
        })
    }

    /// The position after what was read.
    pub fn position(&self) -> LogPosition {
        self.at
    }

    /// How many torn lines were passed over.
    pub fn torn_lines(&self) -> u64 {
        self.torn_lines
    }

    /// File and number of the line that was read last.
    pub fn place(&self) -> (String, u64) {
        let path = segments::path(&self.folder, self.at.segment, EXTENSION);
        (path.display().to_string(), self.number)
    }

    /// The next entry's line; `None` at the end of the ledger.
    pub fn next_line(&mut self) -> Result<Option<Placed>, LedgerError> {
        loop {
            let Some((begins, complete)) = self.read_raw()? else { return Ok(None) };
            let parsed = if complete { Line::parse(&self.buffer).ok() } else { None };
            let Some(line) = parsed else {
                self.torn_lines += 1;
                let (path, number) = self.place();
                self.torn.get_or_insert((PathBuf::from(path), number));
                continue;
            };
            if line.entry().seq != self.expected {
                return Err(match self.torn.take() {
                    Some((path, line)) => damaged(&path, line, "this line is damaged"),
                    None => {
                        let (path, line) = self.place();
                        damaged(Path::new(&path), line, "the entry does not follow the one before it")
                    }
                });
            }
            self.torn = None;
            self.expected += 1;
            return Ok(Some(Placed { line, at: begins }));
        }
    }

    /// Reads one line into the buffer, over the ends of segments: where it begins, and whether it
    /// was short enough to be an entry. `None` at the end.
    fn read_raw(&mut self) -> Result<Option<(LogPosition, bool)>, LedgerError> {
        loop {
            let Some((path, reader)) = &mut self.open else {
                if self.at.segment > self.count {
                    return Ok(None);
                }
                let path = segments::path(&self.folder, self.at.segment, EXTENSION);
                let io = LedgerError::io(&path);
                let file = disk::Reader::open(&path, self.at.offset).map_err(io)?;
                self.open = Some((path, BufReader::with_capacity(256 * 1024, file)));
                continue;
            };
            let (read, complete) = read_bounded(reader, &mut self.buffer).map_err(LedgerError::io(path))?;
            if read > 0 {
                let begins = self.at;
                self.at.offset += read;
                self.number += 1;
                if read > MAX_TORN {
                    return Err(damaged(path, self.number, "this line is damaged"));
                }
                return Ok(Some((begins, complete)));
            }
            if self.at.segment >= self.count {
                return Ok(None);
            }
            self.at = LogPosition { segment: self.at.segment + 1, offset: 0 };
            self.number = 0;
            self.open = None;
        }
    }
}

/// Reads up to and with a newline, or until there are too many bytes without one, keeping at most what
/// an entry can have: how many bytes were consumed, and whether they are all in the buffer.
fn read_bounded(reader: &mut impl BufRead, buffer: &mut Vec<u8>) -> io::Result<(u64, bool)> {
    buffer.clear();
    let (mut consumed, mut complete) = (0, true);
    loop {
        let available = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        let newline = available.iter().position(|&b| b == b'\n');
        let part = &available[..newline.unwrap_or(available.len())];
        if buffer.len() + part.len() <= MAX_LINE {
            buffer.extend_from_slice(part);
        } else {
            complete = false;
        }
        let used = part.len() + usize::from(newline.is_some());
        reader.consume(used);
        consumed += used as u64;
        if newline.is_some() || used == 0 || consumed > MAX_TORN {
            return Ok((consumed, complete));
        }
    }
}

fn count(folder: &Path) -> Result<u32, LedgerError> {
    match segments::count(folder, EXTENSION).map_err(LedgerError::io(folder))? {
        0 => {
            let missing = io::Error::new(io::ErrorKind::NotFound, "the ledger has no files");
            Err(LedgerError::io(folder)(missing))
        }
        count => Ok(count),
    }
}

fn damaged(path: &Path, line: u64, why: &'static str) -> LedgerError {
    LedgerError::Damaged { path: path.display().to_string(), line, why }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _};

    use super::*;
    use crate::ledger::entry::tests::line;

    struct Ledger {
        folder: tempfile::TempDir,
    }

    impl Ledger {
        fn new() -> (Ledger, Log) {
            let folder = tempfile::tempdir().unwrap();
            let log = Log::create(&folder.path().join("ledger")).unwrap();
            (Ledger { folder }, log)
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("ledger")
        }

        fn file(&self) -> PathBuf {
            segments::path(&self.path(), 1, EXTENSION)
        }

        fn append_raw(&self, bytes: &[u8]) {
            fs::OpenOptions::new().append(true).open(self.file()).unwrap().write_all(bytes).unwrap();
        }

        fn read(&self) -> Result<(Vec<u64>, u64), LedgerError> {
            let mut reader = Reader::new(&self.path(), LogPosition::START, 0)?;
            let mut out = Vec::new();
            while let Some(placed) = reader.next_line()? {
                let again = read_line(&self.path(), placed.at, placed.line.bytes().len()).unwrap();
                assert_eq!(again, placed.line);
                out.push(placed.line.entry().seq);
            }
            Ok((out, reader.torn_lines()))
        }
    }

    fn append(log: &mut Log, range: std::ops::Range<u64>) {
        for seq in range {
            log.append(&line(seq, [0; 32])).unwrap();
        }
    }

    #[test]
    fn appended_read_and_rolled_over() {
        let (ledger, mut log) = Ledger::new();
        log.set_segment(900);
        append(&mut log, 0..6);
        assert!(log.end().segment >= 3);
        assert_eq!(ledger.read().unwrap(), ((0..6).collect(), 0));
        let mut log = Log::open(&ledger.path()).unwrap();
        append(&mut log, 6..7);
        assert_eq!(ledger.read().unwrap(), ((0..7).collect(), 0));
    }

    #[test]
    fn a_torn_end_is_passed_over_and_written_after() {
        let half = &line(2, [0; 32]).bytes().to_vec()[..100];
        let zeros = [0; 70_000];
        let huge = [b'x'; 200_000];
        for tear in [half, &zeros[..], &huge[..], b"\0\0{}", b"\n"] {
            let (ledger, mut log) = Ledger::new();
            append(&mut log, 0..2);
            ledger.append_raw(tear);
            assert_eq!(ledger.read().unwrap().0, [0, 1]);
            append(&mut Log::open(&ledger.path()).unwrap(), 2..4);
            assert_eq!(ledger.read().unwrap(), (vec![0, 1, 2, 3], 1));
        }
    }

    #[test]
    fn a_file_without_an_end_is_not_read_to_it() {
        let (ledger, mut log) = Ledger::new();
        append(&mut log, 0..2);
        // A hole takes no room on the disk.
        fs::OpenOptions::new().write(true).open(ledger.file()).unwrap().set_len(1 << 40).unwrap();
        match ledger.read() {
            Err(LedgerError::Damaged { line, .. }) => assert_eq!(line, 3),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_entry_that_lacks_only_its_newline_counts() {
        let (ledger, mut log) = Ledger::new();
        append(&mut log, 0..1);
        ledger.append_raw(line(1, [0; 32]).bytes());
        assert_eq!(ledger.read().unwrap(), (vec![0, 1], 0));
        append(&mut Log::open(&ledger.path()).unwrap(), 2..3);
        assert_eq!(ledger.read().unwrap(), (vec![0, 1, 2], 0));
    }

    #[test]
    fn damage_in_the_middle_is_named() {
        let (ledger, mut log) = Ledger::new();
        append(&mut log, 0..4);
        let good = fs::read_to_string(ledger.file()).unwrap();
        let rows: Vec<&str> = good.lines().collect();
        for (bad, wanted) in [
            (format!("{}\nxx{}\n{}\n", rows[0], rows[1], rows[2]), 2),
            (format!("{}\n{}\n", rows[0], rows[2]), 2),
            (format!("{}\n{}\n{}\n", rows[0], rows[2], rows[1]), 2),
            (format!("{}\n{}\n{}\n", rows[0], rows[0], rows[1]), 2),
            (rows[1..].join("\n"), 1),
        ] {
            fs::write(ledger.file(), bad).unwrap();
            match ledger.read() {
                Err(LedgerError::Damaged { line, .. }) => assert_eq!(line, wanted),
                other => panic!("{other:?}"),
            }
        }
        fs::remove_file(ledger.file()).unwrap();
        assert!(matches!(ledger.read(), Err(LedgerError::Io { .. })));
    }
}
