//! One standard age file for each record, in a folder, to one X25519 recipient.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use age::secrecy::ExposeSecret as _;

use crate::{
    child,
    peer::{Cold, Factory, Peer, Record, bytes_below, code, scanned, to_json},
};

pub struct AgeFiles;

impl Factory for AgeFiles {
    fn name(&self) -> &'static str {
        "age-files"
    }

    fn make(&self, folder: &Path) -> Result<Box<dyn Peer>, String> {
        let key = age::x25519::Identity::generate();
        fs::write(folder.join("key"), key.to_string().expose_secret()).map_err(|error| error.to_string())?;
        let files = folder.join("files");
        fs::create_dir(&files).map_err(|error| error.to_string())?;
        Ok(Box::new(Files { key, folder: files }))
    }
}

struct Files {
    key: age::x25519::Identity,
    folder: PathBuf,
}

impl Files {
    fn seal(&self, record: &Record) -> File {
        let recipient = self.key.to_public();
        let sealed = age::encrypt(&recipient, &to_json(record)).unwrap();
        let mut file = File::create(self.folder.join(format!("{}.age", code(record)))).unwrap();
        file.write_all(&sealed).unwrap();
        file
    }

    fn all(&self) -> impl Iterator<Item = serde_json::Value> {
        fs::read_dir(&self.folder).unwrap().map(|entry| open(&entry.unwrap().path(), &self.key))
    }

    fn sync(&self) {
        rustix::fs::syncfs(File::open(&self.folder).unwrap()).unwrap();
    }
}

fn open(path: &Path, key: &age::x25519::Identity) -> serde_json::Value {
    let mut sealed = Vec::new();
    File::open(path).unwrap().read_to_end(&mut sealed).unwrap();
    serde_json::from_slice(&age::decrypt(key, &sealed).unwrap()).unwrap()
}

impl Peer for Files {
    fn name(&self) -> &'static str {
        "age-files"
    }

    fn import(&mut self, records: &[Record]) -> Duration {
        let begun = Instant::now();
        for record in records {
            drop(self.seal(record));
        }
        self.sync();
        begun.elapsed()
    }

    fn insert(&mut self, record: &Record) {
        self.seal(record).sync_all().unwrap();
        File::open(&self.folder).unwrap().sync_all().unwrap();
    }

    fn read(&mut self, records: &[&Record]) -> usize {
        let open = |record: &&Record| open(&self.folder.join(format!("{}.age", code(record))), &self.key);
        records.iter().map(|record| open(record).as_object().unwrap().len()).sum()
    }

    fn search(&mut self, nik: &str) -> bool {
        self.all().any(|record| record["nik"] == nik)
    }

    fn scan(&mut self) -> usize {
        scanned(self.all())
    }

    fn bytes(&self) -> u64 {
        bytes_below(&self.folder)
    }

    fn weaker(&self) -> &'static str {
        "one key opens everything, no custody, no log, no index, no padding"
    }

    fn searches_by_reading(&self) -> bool {
        true
    }

    fn cold(&mut self, record: &Record) -> Option<Cold> {
        Some(child::cold(self.name(), &self.folder, code(record)))
    }
}

pub fn read_cold(folder: &Path, code: &str) {
    let key = fs::read_to_string(folder.with_file_name("key")).unwrap().parse().unwrap();
    assert_eq!(open(&folder.join(format!("{code}.age")), &key).as_object().unwrap().len(), 20);
}
