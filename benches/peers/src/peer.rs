//! What is asked of everybody who keeps the register.

use std::{
    path::Path,
    time::{Duration, Instant},
};

pub use amanah::records::synthetic::Record;

/// The two fields that a scan opens of every record.
pub const SCANNED: [&str; 2] = ["full_name", "birth_date"];

/// Makes a peer in an empty folder, or says why it cannot be had.
pub trait Factory {
    fn name(&self) -> &'static str;
    fn make(&self, folder: &Path) -> Result<Box<dyn Peer>, String>;
}

/// Somebody who keeps the register.
pub trait Peer {
    fn name(&self) -> &'static str;
    /// Keeps these; when it returns, they would be there after a power cut. How long that took.
    fn import(&mut self, records: &[Record]) -> Duration;
    /// Keeps one more, as durably.
    fn insert(&mut self, record: &Record);
    /// Opens all fields of these; how many fields.
    fn read(&mut self, records: &[&Record]) -> usize;
    /// Finds the record with an identity number, and opens it; whether there is one.
    fn search(&mut self, nik: &str) -> bool;
    /// Opens two fields of every record; how many.
    fn scan(&mut self) -> usize;
    /// Bytes on disk.
    fn bytes(&self) -> u64;
    /// In what it protects less than the vault.
    fn weaker(&self) -> &'static str;
    /// A new process that opens the register and reads one record.
    fn cold(&mut self, record: &Record) -> Option<Cold>;
    /// One read that enters the ledger for itself, where there is one.
    fn read_alone(&mut self) -> Option<Duration> {
        None
    }
    /// An entry of the ledger by itself, where there is one: what comes before anything is shown.
    fn entry_alone(&mut self) -> Option<Duration> {
        None
    }
    /// A cold command when nothing runs yet, where a server has to run.
    fn cold_with_server(&mut self, _record: &Record) -> Option<Duration> {
        None
    }
    /// Most records that it is given: whoever starts a process for each gets fewer.
    fn most(&self) -> usize {
        usize::MAX
    }
    /// Whether a single action takes so long that few are measured.
    fn is_slow(&self) -> bool {
        false
    }
    /// Whether it has no index that does not show equal values, and so reads everything to find one.
    fn searches_by_reading(&self) -> bool {
        false
    }
}

/// A process of its own.
pub struct Cold {
    pub took: Duration,
    pub memory_kib: Option<u64>,
}

/// A figure, and whether it is of fewer records than the others' figures.
#[derive(Clone, Copy)]
pub struct Sample {
    pub took: Duration,
    /// The records it was measured with, if not all.
    pub of_only: Option<usize>,
}

impl Sample {
    /// Of somebody who holds so many records, where the others hold `many`: with fewer it is less
    /// than it would be, and said.
    pub fn of(took: Duration, held: usize, many: usize) -> Sample {
        Sample { took, of_only: (held < many).then_some(held) }
    }
}

impl From<Duration> for Sample {
    fn from(took: Duration) -> Sample {
        Sample { took, of_only: None }
    }
}

/// The records of the register.
pub fn records(count: usize) -> Vec<Record> {
    amanah::records::wide::records(count, 1).collect()
}

/// The code of a record, by which everybody knows it.
pub fn code(record: &Record) -> &str {
    record.get("child_code").unwrap()
}

/// A record as one JSON object.
pub fn to_json(record: &Record) -> Vec<u8> {
    let fields = record.fields.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into()));
    serde_json::to_vec(&fields.collect::<serde_json::Map<String, serde_json::Value>>()).unwrap()
}

/// How many of the scanned fields stand in opened records.
pub fn scanned(records: impl Iterator<Item = serde_json::Value>) -> usize {
    records.map(|record| SCANNED.iter().filter(|name| record[**name].is_string()).count()).sum()
}

/// The middle one.
pub fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    times[times.len() / 2]
}

/// How long something takes.
pub fn timed<T>(what: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let done = what();
    (begun.elapsed(), done)
}

/// Bytes of all files below a folder.
pub fn bytes_below(folder: &Path) -> u64 {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let about = entry.metadata().unwrap();
            if about.is_dir() { bytes_below(&entry.path()) } else { about.len() }
        })
        .sum()
}
