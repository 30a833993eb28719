//! The journal: what entries commit to (`docs/FORMAT.md`, section 5).
//!
//! ```text
//! amanah journal/1\n
//! 00 00 01 2c | 82 00 83 58 20 ...      length, then CBOR [sequence, [item, ...]]
//! 00 00 00 9f | 82 01 81 58 9a ...
//! ```
//!
//! Behind the last frame there can be zeros: room for the next ones.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use minicbor::{Decoder, decode};

use super::{
    StoreError,
    content::{self, Content},
};
use crate::{
    crypto::{
        cbor::{self, Writer, Written},
        digest::{Digest, sha256},
    },
    disk::{self, AppendFile, segments},
    id::Id,
};

const HEAD: &[u8] = b"amanah journal/1\n";
const EXTENSION: &str = "amj";

/// Largest frame body in bytes.
pub const MAX_BODY: usize = 64 * 1024 * 1024;

/// Most items of a payload.
pub const MAX_ITEMS: usize = 65_535;

/// One item: its bytes, or after an erasure the digest that it had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// The item's CBOR.
    Live(Content),
    /// The digest of what was erased.
    Erased(Digest),
}

impl Item {
    /// How many bytes it has in a frame.
    fn encoded(&self) -> u64 {
        match self {
            Item::Live(content) => content.encoded(),
            // In an array.
            Item::Erased(digest) => 1 + cbor::head_length(digest.len() as u64) as u64 + digest.len() as u64,
        }
    }

    /// What the payload's digest is made of.
    pub fn digest(&self) -> Digest {
        match self {
            Item::Live(content) => content.digest(),
            Item::Erased(digest) => *digest,
        }
    }
}

/// What one entry commits to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The sequence of the entry.
    pub seq: u64,
    /// What it commits.
    pub items: Vec<Item>,
}

/// The digest of a payload that has items with these digests, in a vault.
pub fn digest(vault: &Id, seq: u64, items: impl Iterator<Item = Digest>) -> Digest {
    let mut parts = Vec::with_capacity(1024);
    parts.extend_from_slice(vault.as_bytes());
    parts.extend_from_slice(&seq.to_be_bytes());
    items.for_each(|digest| parts.extend_from_slice(&digest));
    sha256(&[b"amanah payload/1\n", &parts])
}

/// A place in the journal, between two frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The segment's number, from 1.
    pub segment: u32,
    /// The byte in it.
    pub offset: u64,
}

impl Position {
    /// The beginning of the journal.
    pub const START: Position = Position { segment: 1, offset: HEAD.len() as u64 };

    /// So many bytes further on in the same segment.
    pub fn after(self, bytes: u64) -> Position {
        Position { offset: self.offset.saturating_add(bytes), ..self }
    }
}

impl Payload {
    /// The digest that the entry carries.
    pub fn digest(&self, vault: &Id) -> Digest {
        digest(vault, self.seq, self.items.iter().map(Item::digest))
    }

    /// Where each item begins, if the frame begins there.
    pub fn places(&self, frame: Position) -> Vec<Position> {
        let head = |number: u64| cbor::head_length(number) as u64;
        let mut at = frame.after(4 + 1 + head(self.seq) + head(self.items.len() as u64));
        let mut out = Vec::with_capacity(self.items.len());
        for item in &self.items {
            out.push(at);
            at = at.after(item.encoded());
        }
        out
    }

    /// Puts digests in the place of some items; whether that changed anything.
    fn erase(
        &mut self,
        places: Option<&BTreeSet<u64>>,
        allowed: &dyn Fn(u64, &[u8]) -> bool,
        path: &Path,
    ) -> Result<bool, StoreError> {
        let mut touched = false;
        for place in places.into_iter().flatten() {
            match usize::try_from(*place).ok().and_then(|place| self.items.get_mut(place)) {
                Some(Item::Erased(_)) => {}
                Some(item) => {
                    let Item::Live(content) = &*item else { continue };
                    if !allowed(self.seq, content) {
                        return Err(damaged(path, 0, "an erasure names an item that it may not take"));
                    }
                    *item = Item::Erased(content.digest());
                    touched = true;
                }
                None => return Err(damaged(path, 0, "an erasure names an item that is not there")),
            }
        }
        Ok(touched)
    }

    fn write(&self, w: &mut Writer) -> Written {
        w.array(2)?.u64(self.seq)?.array(self.items.len() as u64)?;
        for item in &self.items {
            match item {
                Item::Live(content) => content.write(w)?,
                Item::Erased(digest) => w.array(1)?.bytes(digest).map(drop)?,
            }
        }
        Ok(())
    }

    fn read(d: &mut Decoder<'_>) -> Result<Payload, decode::Error> {
        cbor::array(d, 2)?;
        let seq = d.u64()?;
        let mut items = Vec::new();
        for _ in 0..cbor::array_up_to(d, MAX_ITEMS as u64)? {
            items.push(match content::read(d)? {
                content::Read::Parts(parts) => Item::Live(parts.content()),
                content::Read::Digest(digest) => Item::Erased(digest),
            });
        }
        Ok(Payload { seq, items })
    }

    /// Writes the frame at the end of `out`.
    fn frame(&self, out: &mut Vec<u8>) -> Result<(), StoreError> {
        let begin = out.len();
        // All of it, header by header: a vector that grows would copy megabytes.
        let items: u64 = self.items.iter().map(Item::encoded).sum();
        out.reserve(4 + 32 + usize::try_from(items).unwrap_or_default());
        out.extend_from_slice(&[0; 4]);
        let mut w = Writer::new(std::mem::take(out));
        let written = self.write(&mut w);
        *out = w.into_writer();
        let body = out.len() - begin - 4;
        match u32::try_from(body) {
            Ok(length) if body <= MAX_BODY && self.items.len() <= MAX_ITEMS && written.is_ok() => {
                out[begin..begin + 4].copy_from_slice(&length.to_be_bytes());
                Ok(())
            }
            _ => Err(StoreError::TooLarge { most: MAX_BODY }),
        }
    }
}

/// The journal, open to be appended to.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    number: u32,
    file: AppendFile,
    segment: u64,
    /// The room that is made at a time, in bytes.
    room: u64,
    /// How often something was appended for which room is worth making, since it was last not had.
    small: u32,
    /// The segments that pieces were read of.
    read: Mutex<BTreeMap<u32, Arc<disk::Reader>>>,
}

/// So many small payloads are appended before room is made: most processes have one, and making room
/// takes longer than what it spares for a few.
const FEW: u32 = 2;

/// Room is made where so many times as much would fit.
const PLENTY: u64 = 64;

/// Makes a segment.
fn segment(path: &Path) -> Result<AppendFile, StoreError> {
    let made = AppendFile::create(path, HEAD).and_then(|_| AppendFile::open_with_room(path));
    made.map_err(StoreError::io(path))
}

/// Most segments that are kept open to be read: few beside what a process may have open.
const MAX_OPEN: usize = 128;

impl Journal {
    fn of(folder: &Path, number: u32, file: AppendFile) -> Journal {
        let (segment, room) = (segments::full(folder), segments::room(folder));
        Journal { folder: folder.to_owned(), number, file, segment, room, small: 0, read: Mutex::default() }
    }

    /// Makes an empty journal in a new folder.
    pub fn create(folder: &Path) -> Result<Journal, StoreError> {
        disk::make_folder(folder).map_err(StoreError::io(folder))?;
        let file = segment(&segments::path(folder, 1, EXTENSION))?;
        Ok(Journal::of(folder, 1, file))
    }

    /// Opens a journal whose committed part ends at `end`; what is after it never happened and is
    /// cut off.
    pub fn open(folder: &Path, end: Position) -> Result<Journal, StoreError> {
        let count = segments::count(folder, EXTENSION).map_err(StoreError::io(folder))?;
        // A segment after the last committed frame was begun for a payload that was not committed.
        for stray in (end.segment + 1..=count).rev() {
            let path = segments::path(folder, stray, EXTENSION);
            disk::remove(&path).map_err(StoreError::io(&path))?;
        }
        let path = segments::path(folder, end.segment, EXTENSION);
        let io = StoreError::io(&path);
        let mut file = AppendFile::open_with_room(&path).map_err(&io)?;
        if file.length() < end.offset {
            return Err(damaged(&path, file.length(), "it ends before its last committed payload"));
        }
        if file.length() > end.offset {
            file.truncate(end.offset).map_err(&io)?;
        }
        file.sync().map_err(&io)?;
        // A segment that another process made and did not live to sync.
        disk::sync_folder(folder).map_err(StoreError::io(folder))?;
        Ok(Journal::of(folder, end.segment, file))
    }

    /// The end of what is written.
    pub fn end(&self) -> Position {
        Position { segment: self.number, offset: self.file.length() }
    }

    /// Appends payloads durably, with one sync for each segment that they touch; gives where the
    /// frame of each begins.
    pub fn append(&mut self, payloads: &[Payload]) -> Result<Vec<Position>, StoreError> {
        let mut pending: Vec<u8> = Vec::new();
        let mut begins = Vec::with_capacity(payloads.len());
        for payload in payloads {
            if self.file.length() + pending.len() as u64 >= self.segment {
                self.flush(&mut pending)?;
                self.begin_segment()?;
            }
            begins.push(self.end().after(pending.len() as u64));
            payload.frame(&mut pending)?;
        }
        self.flush(&mut pending)?;
        Ok(begins)
    }

    /// Reads a piece: so many bytes from a place, such as those of an item, from where
    /// [`Payload::places`] tells that it begins. What is sealed in them, or a digest, says whether they
    /// are what was written there.
    pub fn piece(&self, at: Position, length: usize) -> Result<Vec<u8>, StoreError> {
        let io = |error| StoreError::io(&segments::path(&self.folder, at.segment, EXTENSION))(error);
        if length > MAX_BODY {
            return Err(StoreError::TooLarge { most: MAX_BODY });
        }
        self.segment(at.segment).and_then(|segment| segment.piece(at.offset, length)).map_err(io)
    }

    /// A segment, open to be read.
    fn segment(&self, number: u32) -> std::io::Result<Arc<disk::Reader>> {
        let mut open = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(segment) = open.get(&number) {
            return Ok(segment.clone());
        }
        if open.len() >= MAX_OPEN {
            open.clear();
        }
        let segment = Arc::new(disk::Reader::open(&segments::path(&self.folder, number, EXTENSION), 0)?);
        open.insert(number, segment.clone());
        Ok(segment)
    }

    fn flush(&mut self, pending: &mut Vec<u8>) -> Result<(), StoreError> {
        if pending.is_empty() {
            return Ok(());
        }
        let length = pending.len() as u64;
        if length <= self.room / 8 {
            self.small = self.small.saturating_add(1);
            if self.small > FEW && self.file.room() < length {
                self.make_room()?;
            }
        }
        self.file.append(pending).map_err(|error| StoreError::io(self.file.path())(error))?;
        pending.clear();
        Ok(())
    }

    fn make_room(&mut self) -> Result<(), StoreError> {
        // Ledger and store want what is left of a disk that is nearly full.
        let made = segments::fits(&self.folder, self.room.saturating_mul(PLENTY))
            && self.file.make_room(self.room).map_err(|error| StoreError::io(self.file.path())(error))?;
        if !made {
            self.small = 0;
        }
        Ok(())
    }

    /// Takes away the room that is left: for whoever reads the files as they are.
    pub fn give_back_room(&mut self) -> Result<(), StoreError> {
        self.file.give_back_room().map_err(|error| StoreError::io(self.file.path())(error))
    }

    fn begin_segment(&mut self) -> Result<(), StoreError> {
        self.give_back_room()?;
        self.file = segment(&segments::path(&self.folder, self.number + 1, EXTENSION))?;
        self.number += 1;
        Ok(())
    }

    /// Lets segments be small, so that tests see several.
    #[cfg(test)]
    pub(crate) fn set_segment(&mut self, bytes: u64) {
        self.segment = bytes;
    }
}

/// Reads payloads from a position on. Changes nothing.
#[derive(Debug)]
pub struct Reader {
    folder: PathBuf,
    count: u32,
    at: Position,
    began: Position,
    open: Option<(PathBuf, BufReader<disk::Reader>)>,
}

impl Reader {
    /// A reader that begins at `from`.
    pub fn new(folder: &Path, from: Position) -> Result<Reader, StoreError> {
        let count = segments::count(folder, EXTENSION).map_err(StoreError::io(folder))?;
        Ok(Reader { folder: folder.to_owned(), count, at: from, began: from, open: None })
    }

    /// Where the frame of the last payload that was read begins.
    pub fn began(&self) -> Position {
        self.began
    }

    /// The position after the last payload that was read.
    pub fn position(&self) -> Position {
        self.at
    }

    /// The next payload; `None` at the end of the journal. A frame that is cut off by the end of
    /// the last segment is reported as damage: the caller knows whether it needs it.
    pub fn next_payload(&mut self) -> Result<Option<Payload>, StoreError> {
        loop {
            let Some((path, reader)) = &mut self.open else {
                if !self.open_segment()? {
                    return Ok(None);
                }
                continue;
            };
            let mut length = [0; 4];
            let read = read_full(reader, &mut length).map_err(StoreError::io(path))?;
            if length == [0; 4] {
                // The end of the segment, or room behind its frames. Zeros that are something else would
                // take away what comes after them.
                if !is_zeros(reader).map_err(StoreError::io(path))? {
                    return Err(damaged(path, self.at.offset, "zeros stand where a frame should be"));
                }
                if self.at.segment >= self.count {
                    return Ok(None);
                }
                self.at = Position { segment: self.at.segment + 1, ..Position::START };
                self.open = None;
                continue;
            }
            if read < 4 {
                return Err(damaged(path, self.at.offset, "a frame is cut off"));
            }
            let length = u32::from_be_bytes(length) as usize;
            if length > MAX_BODY {
                return Err(damaged(path, self.at.offset, "a frame is longer than frames are"));
            }
            let mut body = Vec::new();
            reader.take(length as u64).read_to_end(&mut body).map_err(StoreError::io(path))?;
            if body.len() < length {
                return Err(damaged(path, self.at.offset, "a frame is cut off"));
            }
            let payload = cbor::strict("payload", &body, Payload::read, |w, payload| payload.write(w))
                .map_err(|_| damaged(path, self.at.offset, "a frame is not in the form of frames"))?;
            self.began = self.at;
            self.at.offset += 4 + length as u64;
            return Ok(Some(payload));
        }
    }

    /// The sequence of the next payload in this segment, without reading the payload.
    fn peek_sequence(&mut self) -> Result<Option<u64>, StoreError> {
        if self.open.is_none() && !self.open_segment()? {
            return Ok(None);
        }
        let Some((path, reader)) = &mut self.open else { return Ok(None) };
        // The length, an array of two, a number.
        let head = reader.fill_buf().map_err(StoreError::io(path))?;
        let number = head.get(4..).and_then(|body| {
            let mut d = Decoder::new(body);
            d.array().ok().flatten().and_then(|_| d.u64().ok())
        });
        Ok(number)
    }

    fn open_segment(&mut self) -> Result<bool, StoreError> {
        if self.at.segment > self.count {
            return Ok(false);
        }
        let path = segments::path(&self.folder, self.at.segment, EXTENSION);
        let io = StoreError::io(&path);
        let mut file = disk::Reader::open(&path, 0).map_err(&io)?;
        let mut head = [0; HEAD.len()];
        read_full(&mut file, &mut head).map_err(&io)?;
        if head != HEAD {
            return Err(damaged(&path, 0, "it does not begin like a journal"));
        }
        file.seek(self.at.offset);
        self.open = Some((path, BufReader::with_capacity(256 * 1024, file)));
        Ok(true)
    }
}

/// Hands out the payloads of some entries, in their order. Segments that hold none of them are not
/// read but for their beginnings.
///
/// # Errors
/// Damage on the way; [`StoreError::Damaged`] for an entry that has no payload here.
pub fn each_of(
    folder: &Path,
    wanted: &BTreeSet<u64>,
    take: &mut dyn FnMut(Payload) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let count = segments::count(folder, EXTENSION).map_err(StoreError::io(folder))?;
    let mut begins = Vec::new();
    for segment in 1..=count {
        let start = Position { segment, ..Position::START };
        let mut reader = Reader { folder: folder.to_owned(), count: segment, at: start, began: start, open: None };
        if let Some(first) = reader.peek_sequence()? {
            begins.push((first, start));
        }
    }
    let mut wanted: Vec<u64> = wanted.iter().rev().copied().collect();
    for (at, (_, start)) in begins.iter().enumerate() {
        let end = begins.get(at + 1).map_or(u64::MAX, |(first, _)| *first);
        let mut reader =
            Reader { folder: folder.to_owned(), count: start.segment, at: *start, began: *start, open: None };
        while let Some(next) = wanted.last().copied().filter(|next| *next < end) {
            let Some(payload) = reader.next_payload()? else { break };
            if payload.seq == next {
                wanted.pop();
                take(payload)?;
            }
        }
    }
    match wanted.is_empty() {
        true => Ok(()),
        false => Err(damaged(folder, 0, "an entry's payload is not there")),
    }
}

/// Reads until the buffer is full or the file ends; how much was read.
fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Whether there are only zeros to the end.
fn is_zeros(reader: &mut impl BufRead) -> std::io::Result<bool> {
    loop {
        let bytes = match reader.fill_buf() {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            bytes => bytes?,
        };
        if bytes.is_empty() {
            return Ok(true);
        }
        if bytes.iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        let length = bytes.len();
        reader.consume(length);
    }
}

/// Puts digests in the place of items: `places` are the items of each payload, by its sequence.
/// Whole segments are written anew beside the old ones and put in their place, so that an
/// interruption leaves each segment as it was or as it should be; what is erased already stays so.
///
/// `allowed` is asked of every item before its segment is touched: one that it refuses is an
/// error, and that segment stays as it is. Nobody may have the journal open.
pub fn erase(
    folder: &Path,
    places: &BTreeMap<u64, BTreeSet<u64>>,
    allowed: &dyn Fn(u64, &[u8]) -> bool,
    done: &dyn Fn(u64),
) -> Result<(), StoreError> {
    let count = segments::count(folder, EXTENSION).map_err(StoreError::io(folder))?;
    let mut read = 0;
    for segment in 1..=count {
        let path = segments::path(folder, segment, EXTENSION);
        let start = Position { segment, ..Position::START };
        let mut touched = false;
        let mut reader = Reader { folder: folder.to_owned(), count: segment, at: start, began: start, open: None };
        while let Some(mut payload) = reader.next_payload()? {
            touched |= payload.erase(places.get(&payload.seq), allowed, &path)?;
        }
        read += reader.at.offset;
        done(read);
        if !touched {
            continue;
        }
        let mut whole = HEAD.to_vec();
        let mut reader = Reader { folder: folder.to_owned(), count: segment, at: start, began: start, open: None };
        while let Some(mut payload) = reader.next_payload()? {
            payload.erase(places.get(&payload.seq), allowed, &path)?;
            payload.frame(&mut whole)?;
        }
        drop(reader);
        disk::replace(&path, &whole, true).map_err(StoreError::io(&path))?;
    }
    Ok(())
}

fn damaged(path: &Path, offset: u64, why: &'static str) -> StoreError {
    StoreError::Damaged { path: path.display().to_string(), offset, why }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::FileExt as _};

    use super::*;

    fn payload(seq: u64, size: usize) -> Payload {
        Payload { seq, items: vec![Item::Live(vec![seq as u8; size].into()), Item::Erased([7; 32])] }
    }

    fn all(folder: &Path) -> Result<Vec<Payload>, StoreError> {
        let mut reader = Reader::new(folder, Position::START)?;
        let mut out = Vec::new();
        while let Some(payload) = reader.next_payload()? {
            out.push(payload);
        }
        Ok(out)
    }

    #[test]
    fn written_read_and_rolled_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::create(&path).unwrap();
        journal.set_segment(1000);
        let payloads: Vec<_> = (0..10).map(|seq| payload(seq, 300)).collect();
        journal.append(&payloads[..7]).unwrap();
        for payload in &payloads[7..] {
            journal.append(std::slice::from_ref(payload)).unwrap();
        }
        assert!(journal.end().segment >= 3);
        assert_eq!(all(&path).unwrap(), payloads);
        let mut reader = Reader::new(&path, journal.end()).unwrap();
        assert_eq!(reader.next_payload().unwrap(), None);
    }

    #[test]
    fn the_payloads_of_some_entries() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::create(&path).unwrap();
        journal.set_segment(700);
        // Entries without a payload stand between them.
        let payloads: Vec<_> = (0..40).map(|seq| payload(3 * seq, 300)).collect();
        payloads.iter().for_each(|payload| drop(journal.append(std::slice::from_ref(payload)).unwrap()));
        assert!(journal.end().segment > 9);
        for wanted in [vec![], vec![0], vec![117], vec![3, 6, 60, 90, 93], (0..40).map(|seq| 3 * seq).collect()] {
            let (mut found, wanted) = (Vec::new(), wanted.into_iter().collect::<BTreeSet<u64>>());
            each_of(&path, &wanted, &mut |payload| {
                assert_eq!(payload, payloads[payload.seq as usize / 3]);
                found.push(payload.seq);
                Ok(())
            })
            .unwrap();
            assert_eq!(found, wanted.into_iter().collect::<Vec<_>>());
        }
        for missing in [1, 118, 500] {
            assert!(each_of(&path, &BTreeSet::from([3, missing]), &mut |_| Ok(())).is_err(), "{missing}");
        }
    }

    #[test]
    fn items_are_read_where_they_stand() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::create(&path).unwrap();
        journal.set_segment(60_000);
        let mut payloads = Vec::new();
        for (seq, size) in [(1, 10), (23, 23), (24, 24), (300, 255), (70_000, 256), (1 << 40, 65_536), (9, 70_000)] {
            let many = (0..size.min(400)).map(|n| Item::Live(vec![n as u8; n % 40].into()));
            let parts = Content::in_parts(vec![8; size], vec![1, size / 2]);
            let items = [Item::Live(vec![7; size].into()), Item::Erased([1; 32]), Item::Live(parts)];
            let items = items.into_iter().chain(many).collect();
            payloads.push(Payload { seq, items });
        }
        let mut begins = journal.append(&payloads[..3]).unwrap();
        begins.extend(journal.append(&payloads[3..]).unwrap());
        let mut reader = Reader::new(&path, Position::START).unwrap();
        for (payload, begin) in payloads.iter().zip(begins) {
            assert_eq!(reader.next_payload().unwrap().as_ref(), Some(payload));
            assert_eq!(reader.began(), begin);
            for (item, at) in payload.items.iter().zip(payload.places(begin)) {
                let piece = journal.piece(at, item.encoded() as usize).unwrap();
                let parts = content::Parts::read(&piece);
                match item {
                    Item::Live(content) => assert_eq!(parts.unwrap().content(), *content),
                    Item::Erased(_) => assert!(parts.is_none()),
                }
            }
        }
        assert!(journal.end().segment > 1);
        assert!(journal.piece(journal.end(), 1).is_err());
        assert!(journal.piece(Position { segment: 9, offset: 0 }, 1).is_err());
        assert!(journal.piece(Position::START, MAX_BODY + 1).is_err());
    }

    #[test]
    fn what_was_not_committed_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::create(&path).unwrap();
        journal.set_segment(500);
        journal.append(&[payload(0, 10)]).unwrap();
        let end = journal.end();
        journal.append(&[payload(1, 600), payload(2, 10)]).unwrap();
        assert_eq!(segments::count(&path, EXTENSION).unwrap(), 2);
        drop(journal);
        let mut journal = Journal::open(&path, end).unwrap();
        assert_eq!(all(&path).unwrap(), [payload(0, 10)]);
        journal.append(&[payload(1, 5)]).unwrap();
        assert_eq!(all(&path).unwrap(), [payload(0, 10), payload(1, 5)]);
        let beyond = Position { segment: 1, offset: 10_000 };
        assert!(matches!(Journal::open(&path, beyond), Err(StoreError::Damaged { .. })));
    }

    #[test]
    fn room_is_made_for_many_small_payloads_and_is_no_frame() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::create(&path).unwrap();
        let length = |number| fs::metadata(segments::path(&path, number, EXTENSION)).unwrap().len();
        let mut payloads: Vec<Payload> = Vec::new();
        let mut append = |journal: &mut Journal, size: usize| {
            payloads.push(payload(payloads.len() as u64, size));
            journal.append(&payloads[payloads.len() - 1..]).unwrap();
            assert_eq!(all(&path).unwrap(), payloads);
        };
        append(&mut journal, 10);
        append(&mut journal, 10);
        assert_eq!(length(1), journal.end().offset);
        append(&mut journal, 10);
        assert!(length(1) > journal.end().offset + disk::ROOM - 100);
        let before = length(1);
        append(&mut journal, 200_000);
        append(&mut journal, 10);
        assert_eq!(length(1), before, "what was made is written over");
        journal.give_back_room().unwrap();
        assert_eq!(length(1), journal.end().offset);
        append(&mut journal, 10);
        assert!(length(1) > journal.end().offset);
        append(&mut journal, 2_000_000);
        assert_eq!(length(1), journal.end().offset, "longer than what is left of it");
        append(&mut journal, 10);
        // However much is left, down to nothing.
        for room in 500..530 {
            journal.give_back_room().unwrap();
            journal.room = room;
            (0..20).for_each(|size| append(&mut journal, size));
        }
        // Left as it is by a process that is killed.
        let end = journal.end();
        journal.room = 5_000;
        append(&mut journal, 10);
        assert!(length(1) > journal.end().offset);
        drop(journal);
        let mut journal = Journal::open(&path, end).unwrap();
        assert_eq!((length(1), journal.end()), (end.offset, end));
        payloads.pop();
        // A segment that is full, and one whose room was given back and is there again, as after a sync
        // that was none.
        journal.set_segment(0);
        journal.append(&[payload(99, 5)]).unwrap();
        assert_eq!(length(1), end.offset);
        let room = fs::OpenOptions::new().write(true).open(segments::path(&path, 1, EXTENSION)).unwrap();
        let everything = BTreeMap::from([(0, BTreeSet::from([0]))]);
        for more in [1, 2, 3, 4, 5, 1_000, 300_000] {
            room.set_len(end.offset + more).unwrap();
            payloads.push(payload(99, 5));
            assert_eq!(all(&path).unwrap(), payloads, "{more}");
            payloads.pop();
            // With something behind them they are damage, and nothing is taken for it.
            if more > 4 {
                room.write_all_at(&[1], end.offset + more - 1).unwrap();
                let before = fs::read(segments::path(&path, 1, EXTENSION)).unwrap();
                assert!(matches!(all(&path), Err(StoreError::Damaged { .. })), "{more}");
                assert!(erase(&path, &everything, &|_, _| true, &|_| ()).is_err(), "{more}");
                assert!(fs::read(segments::path(&path, 1, EXTENSION)).unwrap() == before, "{more}");
                room.set_len(end.offset).unwrap();
            }
        }
    }

    #[test]
    fn damage_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        Journal::create(&path).unwrap().append(&[payload(0, 10), payload(1, 10)]).unwrap();
        let file = segments::path(&path, 1, EXTENSION);
        let good = fs::read(&file).unwrap();
        for cut in 1..20 {
            fs::write(&file, &good[..good.len() - cut]).unwrap();
            assert!(matches!(all(&path), Err(StoreError::Damaged { .. })), "{cut}");
        }
        for at in [0, 17, 21, 22, 24] {
            let mut bad = good.clone();
            bad[at] ^= 0xff;
            fs::write(&file, bad).unwrap();
            assert!(matches!(all(&path), Err(StoreError::Damaged { .. })), "{at}");
        }
    }

    #[test]
    fn an_erased_item_keeps_the_digest() {
        let vault = Id([1; 16]);
        let live = payload(4, 100);
        let Item::Live(bytes) = &live.items[0] else { unreachable!() };
        let erased = Payload { seq: 4, items: vec![Item::Erased(sha256(&[bytes])), live.items[1].clone()] };
        assert_eq!(live.digest(&vault), erased.digest(&vault));
        assert_ne!(live.digest(&vault), Payload { seq: 5, ..live.clone() }.digest(&vault));
        assert_ne!(live.digest(&vault), live.digest(&Id([2; 16])));
    }
}
