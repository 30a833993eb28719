//! The least that could be called storing records sealed: every field sealed with ring's AES-256-GCM
//! under one key for all, one row a record in sled, one flush and one `fsync`. Nothing is searched
//! by: an index of the identity numbers in the clear is kept beside it, so that the row can be filled.

use std::{
    fs::File,
    path::Path,
    time::{Duration, Instant},
};

use ring::{
    aead,
    rand::{SecureRandom as _, SystemRandom},
};

use crate::{
    child,
    peer::{Cold, Factory, Peer, Record, SCANNED, bytes_below, code},
};

pub struct Bound;

impl Factory for Bound {
    fn name(&self) -> &'static str {
        "lower-bound"
    }

    fn make(&self, folder: &Path) -> Result<Box<dyn Peer>, String> {
        Ok(Box::new(Rows::open(folder, "lower-bound", Ring::new())))
    }
}

/// Seals and opens one field.
pub trait Sealer {
    /// Appends the sealed field.
    fn seal(&mut self, value: &[u8], place: &[u8], row: &mut Vec<u8>);
    /// Opens it.
    fn open(&self, sealed: &mut [u8], place: &[u8]) -> Vec<u8>;
}

/// One key for everything, and nonces that count.
pub struct Ring {
    key: aead::LessSafeKey,
    nonce: u64,
    random: SystemRandom,
}

impl Ring {
    pub fn new() -> Ring {
        // The key stands here: a bound has nothing to protect.
        let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_256_GCM, &[7; 32]).unwrap());
        Ring { key, nonce: 0, random: SystemRandom::new() }
    }
}

impl Sealer for Ring {
    fn seal(&mut self, value: &[u8], place: &[u8], row: &mut Vec<u8>) {
        if self.nonce == 0 {
            let mut bytes = [0; 8];
            self.random.fill(&mut bytes).unwrap();
            self.nonce = u64::from_be_bytes(bytes);
        }
        self.nonce = self.nonce.wrapping_add(1);
        row.extend_from_slice(&self.nonce.to_be_bytes());
        let at = row.len();
        row.extend_from_slice(value);
        let tag = self.key.seal_in_place_separate_tag(nonce(self.nonce), aead::Aad::from(place), &mut row[at..]);
        row.extend_from_slice(tag.unwrap().as_ref());
    }

    fn open(&self, sealed: &mut [u8], place: &[u8]) -> Vec<u8> {
        let (number, sealed) = sealed.split_at_mut(8);
        let number = u64::from_be_bytes((&*number).try_into().unwrap());
        self.key.open_in_place(nonce(number), aead::Aad::from(place), sealed).unwrap().to_vec()
    }
}

fn nonce(count: u64) -> aead::Nonce {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&count.to_be_bytes());
    aead::Nonce::assume_unique_for_key(bytes)
}

/// A row a record: for each field its length in two bytes, and what the sealer makes of it.
pub struct Rows<S> {
    name: &'static str,
    db: sled::Db,
    numbers: sled::Tree,
    folder: std::path::PathBuf,
    sealer: S,
}

impl<S: Sealer> Rows<S> {
    pub fn open(folder: &Path, name: &'static str, sealer: S) -> Rows<S> {
        let db = sled::Config::new().path(folder).flush_every_ms(None).open().unwrap();
        let numbers = db.open_tree("numbers").unwrap();
        Rows { name, db, numbers, folder: folder.to_owned(), sealer }
    }

    fn seal(&mut self, record: &Record) -> Vec<u8> {
        let mut row = Vec::with_capacity(2_500);
        for (_, value) in &record.fields {
            let at = row.len();
            row.extend_from_slice(&[0, 0]);
            self.sealer.seal(value.as_bytes(), code(record).as_bytes(), &mut row);
            let length = (row.len() - at - 2) as u16;
            row[at..at + 2].copy_from_slice(&length.to_be_bytes());
        }
        row
    }

    /// Opens the fields of a row whose numbers are wanted.
    fn fields(&self, id: &[u8], row: &[u8], wanted: impl Fn(usize) -> bool) -> usize {
        let (mut rest, mut number, mut opened) = (row, 0, 0);
        while let [high, low, after @ ..] = rest {
            let (field, after) = after.split_at(usize::from(u16::from_be_bytes([*high, *low])));
            if wanted(number) {
                assert!(!self.sealer.open(&mut field.to_vec(), id).is_empty());
                opened += 1;
            }
            (rest, number) = (after, number + 1);
        }
        opened
    }

    fn flush(&self) {
        self.db.flush().unwrap();
        File::open(self.folder.join("db")).unwrap().sync_all().unwrap();
    }

    pub fn read_one(&self, code: &str) -> usize {
        let row = self.db.get(code).unwrap().unwrap();
        self.fields(code.as_bytes(), &row, |_| true)
    }
}

impl<S: Sealer> Peer for Rows<S> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn import(&mut self, records: &[Record]) -> Duration {
        let begun = Instant::now();
        for chunk in records.chunks(5_000) {
            let (mut batch, mut numbers) = (sled::Batch::default(), sled::Batch::default());
            for record in chunk {
                batch.insert(code(record), self.seal(record));
                numbers.insert(record.get("nik").unwrap(), code(record));
            }
            self.db.apply_batch(batch).unwrap();
            self.numbers.apply_batch(numbers).unwrap();
        }
        self.flush();
        begun.elapsed()
    }

    fn insert(&mut self, record: &Record) {
        let row = self.seal(record);
        self.db.insert(code(record), row).unwrap();
        self.numbers.insert(record.get("nik").unwrap(), code(record)).unwrap();
        self.flush();
    }

    fn read(&mut self, records: &[&Record]) -> usize {
        records.iter().map(|record| self.read_one(code(record))).sum()
    }

    fn search(&mut self, nik: &str) -> bool {
        let Some(code) = self.numbers.get(nik).unwrap() else { return false };
        self.read_one(std::str::from_utf8(&code).unwrap()) == 20
    }

    fn scan(&mut self) -> usize {
        let names: Vec<&str> =
            amanah::records::wide::records(1, 1).next().unwrap().fields.iter().map(|f| f.0).collect();
        let wanted: Vec<usize> =
            SCANNED.iter().map(|scanned| names.iter().position(|name| name == scanned).unwrap()).collect();
        let open = |(id, row): (sled::IVec, sled::IVec)| self.fields(&id, &row, |number| wanted.contains(&number));
        self.db.iter().map(|found| open(found.unwrap())).sum()
    }

    fn bytes(&self) -> u64 {
        bytes_below(&self.folder)
    }

    fn weaker(&self) -> &'static str {
        "one key for all, no custody, no log, no padding, no versions; numbers to search by in the clear"
    }

    fn cold(&mut self, record: &Record) -> Option<Cold> {
        // sled's lock: another process opens a copy.
        let copy = self.folder.with_extension("cold");
        self.flush();
        std::fs::create_dir_all(copy.join("blobs")).unwrap();
        for file in ["db", "conf"] {
            std::fs::copy(self.folder.join(file), copy.join(file)).unwrap();
        }
        for entry in std::fs::read_dir(&self.folder).unwrap().map(Result::unwrap) {
            if entry.file_name().to_string_lossy().starts_with("snap.") {
                std::fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
            }
        }
        Some(child::cold(self.name, &copy, code(record)))
    }
}

/// In a process of its own: rows of so many records, whose opening is measured.
pub fn fill(folder: &Path, count: usize) {
    let mut rows = Rows::open(folder, "lower-bound", Ring::new());
    let mut records = amanah::records::wide::records(count, 1).peekable();
    while records.peek().is_some() {
        let some: Vec<_> = records.by_ref().take(5_000).collect();
        rows.import(&some);
    }
}

pub fn read_cold(folder: &Path, code: &str) {
    assert_eq!(Rows::open(folder, "lower-bound", Ring::new()).read_one(code), 20);
}
