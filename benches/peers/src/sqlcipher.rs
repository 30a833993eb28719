//! SQLCipher, the one that rusqlite brings: the whole file encrypted by pages under one raw key, an
//! index on the identity number.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusqlite::{Connection, params_from_iter};

use crate::{
    child,
    peer::{Cold, Factory, Peer, Record, SCANNED, bytes_below, code},
};

pub struct SqlCipher;

impl Factory for SqlCipher {
    fn name(&self) -> &'static str {
        "sqlcipher"
    }

    fn make(&self, folder: &Path) -> Result<Box<dyn Peer>, String> {
        let db = open(folder).map_err(|error| error.to_string())?;
        let columns: Vec<&str> = crate::peer::records(1)[0].fields.iter().map(|(name, _)| *name).collect();
        let made = columns.iter().map(|name| format!("{name} TEXT")).collect::<Vec<_>>().join(", ");
        let made = made.replace("child_code TEXT", "child_code TEXT PRIMARY KEY");
        db.execute_batch(&format!("CREATE TABLE child ({made}); CREATE INDEX by_nik ON child (nik);"))
            .map_err(|error| error.to_string())?;
        let marks = vec!["?"; columns.len()].join(", ");
        let insert = format!("INSERT INTO child ({}) VALUES ({marks})", columns.join(", "));
        Ok(Box::new(Database { db, insert, folder: folder.to_owned() }))
    }
}

/// Write-ahead log and full synchronisation: what is acknowledged is on the disk.
fn open(folder: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open(folder.join("register.db"))?;
    db.execute_batch(&format!(
        "PRAGMA key = \"x'{}'\"; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;",
        "07".repeat(32)
    ))?;
    Ok(db)
}

struct Database {
    db: Connection,
    insert: String,
    folder: PathBuf,
}

fn read_one(db: &Connection, column: &str, value: &str) -> usize {
    let mut statement = db.prepare_cached(&format!("SELECT * FROM child WHERE {column} = ?")).unwrap();
    let mut rows = statement.query([value]).unwrap();
    let Some(row) = rows.next().unwrap() else { return 0 };
    (0..20).filter(|at| !row.get::<_, String>(*at).unwrap().is_empty()).count()
}

impl Peer for Database {
    fn name(&self) -> &'static str {
        "sqlcipher"
    }

    fn import(&mut self, records: &[Record]) -> Duration {
        let begun = Instant::now();
        let work = self.db.transaction().unwrap();
        {
            let mut statement = work.prepare_cached(&self.insert).unwrap();
            for record in records {
                statement.execute(params_from_iter(record.fields.iter().map(|(_, value)| value))).unwrap();
            }
        }
        work.commit().unwrap();
        begun.elapsed()
    }

    fn insert(&mut self, record: &Record) {
        let mut statement = self.db.prepare_cached(&self.insert).unwrap();
        statement.execute(params_from_iter(record.fields.iter().map(|(_, value)| value))).unwrap();
    }

    fn read(&mut self, records: &[&Record]) -> usize {
        records.iter().map(|record| read_one(&self.db, "child_code", code(record))).sum()
    }

    fn search(&mut self, nik: &str) -> bool {
        read_one(&self.db, "nik", nik) == 20
    }

    fn scan(&mut self) -> usize {
        let mut statement = self.db.prepare_cached(&format!("SELECT {} FROM child", SCANNED.join(", "))).unwrap();
        let mut rows = statement.query([]).unwrap();
        let mut opened = 0;
        while let Some(row) = rows.next().unwrap() {
            opened += (0..2).filter(|at| !row.get::<_, String>(*at).unwrap().is_empty()).count();
        }
        opened
    }

    fn bytes(&self) -> u64 {
        self.db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        bytes_below(&self.folder)
    }

    fn weaker(&self) -> &'static str {
        "one key opens everything, no custody, no log, no versions"
    }

    fn cold(&mut self, record: &Record) -> Option<Cold> {
        Some(child::cold(self.name(), &self.folder, code(record)))
    }
}

pub fn read_cold(folder: &Path, code: &str) {
    assert_eq!(read_one(&open(folder).unwrap(), "child_code", code), 20);
}
