//! The versions of records: what is known of each without opening anything, and where it stands in
//! the journal.
//!
//! They are found by the id of their record, in sorted runs ([`crate::store::runs`]): under rows of
//! their own a register of 100,000 records took more memory for the pages of these than sled may
//! have for all. The records are divided into parts by the last bits of their ids, and each part has
//! runs of its own: of a million records all that is known fits into the few runs of its part, where
//! one run after the other had to be read from disk.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    sync::{Arc, OnceLock},
};

use super::{
    error::VaultError,
    item::{VersionHead, VersionItem},
    rows::Head,
};
use crate::{
    crypto::digest::Digest,
    id::Id,
    records::schema::Schema,
    store::{
        Batch, Kv, StoreError,
        content::Content,
        journal::Position,
        runs::{self, Newest, Runs},
    },
};

/// The space of the store that they are in.
pub const SPACE: u8 = b'v';

/// Bytes with which the keys of the rows of one run begin: space, stack, and the run's number.
const RUN: usize = 4;

/// Bytes of an entry.
const ENTRY: usize = 68;

/// An entry of the runs.
pub type Entry = [u8; ENTRY];

/// One version of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// The record.
    pub record: Id,
    /// Counts from 1.
    pub version: u64,
    /// The version of the schema that it was written under.
    pub schema: u64,
    /// Its kind's place in that schema.
    pub kind: u8,
    /// The record that it belongs to.
    pub of: Option<Id>,
    /// The sequence of the entry that brought it.
    pub sequence: u64,
    /// Where the item stands in the journal.
    pub at: Position,
    /// How many bytes it has there.
    pub length: u32,
    /// The first 8 bytes of the item's digest, to which its entry commits. Of what an item says some is
    /// not sealed, so that a change in the journal would not be noticed when it is opened.
    pub digest: [u8; 8],
}

/// Versions by schema.
pub type Schemas = BTreeMap<u64, Arc<Schema>>;

impl Version {
    /// The version that an item brings, which begins there. `None` if its kind is not in its schema.
    pub fn new(sequence: u64, head: &VersionHead, schemas: &Schemas, at: Position, item: &Content) -> Option<Version> {
        let kinds = schemas.get(&head.schema)?.kinds();
        let kind = kinds.iter().position(|kind| kind.id == head.kind)?;
        Some(Version {
            record: head.record,
            version: head.version,
            schema: head.schema,
            kind: u8::try_from(kind).ok()?,
            of: head.of,
            sequence,
            at,
            // A frame is not longer than 32 bits can say.
            length: item.encoded() as u32,
            digest: begin(&item.digest()),
        })
    }

    /// Whether the item with this digest is it.
    pub fn is_of(&self, item: &Digest) -> bool {
        begin(item) == self.digest
    }

    /// What is known of the record with this version.
    ///
    /// # Errors
    /// [`VaultError::StoreDiffers`] if there is no such schema or kind.
    pub fn head(&self, schemas: &Schemas) -> Result<Head, VaultError> {
        let missing = || VaultError::StoreDiffers { what: "the kind of a record" };
        let kind = self.kind_in(schemas).ok_or_else(missing)?;
        Ok(Head { kind: kind.to_owned(), version: self.version, of: self.of })
    }

    /// Whether an item says of itself what this does.
    pub fn is_said_by(&self, item: &VersionItem, schemas: &Schemas) -> bool {
        (item.record, item.version, item.schema, item.of) == (self.record, self.version, self.schema, self.of)
            && self.kind_in(schemas) == Some(item.kind.as_str())
    }

    fn kind_in<'s>(&self, schemas: &'s Schemas) -> Option<&'s str> {
        let kind = schemas.get(&self.schema)?.kinds().get(usize::from(self.kind))?;
        Some(&kind.id)
    }

    /// The entry; `None` of a version that is further than an entry can say.
    pub fn encode(&self) -> Option<Entry> {
        let mut entry = [0; ENTRY];
        let parts: [&[u8]; 9] = [
            &self.record.0,
            &u32::try_from(self.version).ok()?.to_be_bytes(),
            &self.of.unwrap_or(Id::ZERO).0,
            &u32::try_from(self.schema).ok()?.to_be_bytes()[1..],
            &[self.kind],
            &self.sequence.to_be_bytes(),
            &runs::pack(self.at)?.to_be_bytes(),
            &self.length.to_be_bytes(),
            &self.digest,
        ];
        let mut rest = &mut entry[..];
        for part in parts {
            let (own, others) = rest.split_at_mut_checked(part.len())?;
            own.copy_from_slice(part);
            rest = others;
        }
        (self.schema < 1 << 24).then_some(entry)
    }

    /// Reads an entry.
    pub fn decode(entry: &Entry) -> Version {
        let number = |begin: usize, length: usize| {
            let bytes = entry.get(begin..begin + length).unwrap_or_default();
            bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
        };
        let id = |begin: usize| Id(std::array::from_fn(|at| entry[begin + at]));
        Version {
            record: id(0),
            version: number(16, 4),
            of: Some(id(20)).filter(|of| *of != Id::ZERO),
            schema: number(36, 3),
            kind: entry[39],
            sequence: number(40, 8),
            at: runs::unpack(number(48, 8)),
            length: number(56, 4) as u32,
            digest: std::array::from_fn(|at| entry[60 + at]),
        }
    }
}

fn begin(digest: &Digest) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h, ..] = *digest;
    [a, b, c, d, e, f, g, h]
}

/// The versions of all records.
#[derive(Debug)]
pub struct Versions {
    runs: Runs<ENTRY>,
    newest: OnceLock<Newest>,
}

/// How rows of the store are looked up.
pub type Get<'a> = &'a dyn Fn(&[u8]) -> Result<Option<Vec<u8>>, VaultError>;

impl Versions {
    /// As they are in the store now.
    pub fn load(get: Get<'_>) -> Result<Versions, VaultError> {
        Ok(Versions { runs: Runs::load(&[SPACE], get)?, newest: OnceLock::new() })
    }

    /// Learns where the newest of them are, before many are looked for. That takes as long as some hundred
    /// look-ups, and a quarter of a megabyte.
    pub fn learn(&self, get: Get<'_>) -> Result<(), VaultError> {
        if self.newest.get().is_none() {
            let newest = self.runs.newest(get)?;
            self.newest.get_or_init(|| newest);
        }
        Ok(())
    }

    /// Walks over all of them: gives each entry, and says how many rows are there. `None` if an entry is
    /// not where it is looked for, or there are not as many as there should be.
    pub fn check(store: &dyn Kv, each: impl FnMut(&Entry)) -> Result<Option<u64>, StoreError> {
        Runs::check(&[SPACE], store, each)
    }

    /// Adds entries, those of each payload by themselves. `get` sees the store without `batch`: they are
    /// found in what the batch makes of it.
    pub fn add(&mut self, new: &[Vec<Entry>], get: Get<'_>, batch: &mut Batch) -> Result<(), VaultError> {
        self.newest = OnceLock::new();
        self.runs.add(new, get, batch)
    }

    /// The newest version of a record.
    pub fn newest(&self, record: &Id, get: Get<'_>) -> Result<Option<Version>, VaultError> {
        self.find(record, get, Some)
    }

    /// One version of a record.
    pub fn one(&self, record: &Id, number: u64, get: Get<'_>) -> Result<Option<Version>, VaultError> {
        self.find(record, get, |version| Some(version).filter(|version| version.version == number))
    }

    /// All versions of a record, the first one first.
    pub fn all(&self, record: &Id, get: Get<'_>) -> Result<Vec<Version>, VaultError> {
        let mut out = Vec::with_capacity(1);
        self.find(record, get, |version| {
            out.push(version);
            // There is none before the first: the runs that are older need not be read.
            (version.version == 1).then_some(())
        })?;
        out.reverse();
        Ok(out)
    }

    /// The records of which the ids are not before the one and not behind the other, in no order.
    pub fn records(&self, first: &Id, last: &Id, get: Get<'_>) -> Result<Vec<Id>, VaultError> {
        let mut out = Vec::new();
        self.runs.find(label(first)..=label(last), None, get, |entry| {
            out.push(Version::decode(entry).record);
            Ok::<_, VaultError>(None::<()>)
        })?;
        out.sort_unstable();
        out.dedup();
        out.retain(|record| (first..=last).contains(&record));
        Ok(out)
    }

    /// Asks of each version of a record, the newest one first, until something is given.
    fn find<T>(
        &self,
        record: &Id,
        get: Get<'_>,
        mut is: impl FnMut(Version) -> Option<T>,
    ) -> Result<Option<T>, VaultError> {
        self.runs.find(label(record)..=label(record), self.newest.get(), get, |entry| {
            let version = Version::decode(entry);
            Ok(if version.record == *record { is(version) } else { None })
        })
    }
}

/// The row of each run that was looked up last: records that are looked up in the order of their ids
/// are found in it one after the other.
#[derive(Default)]
pub struct Remembered(RefCell<HashMap<Vec<u8>, Row>>);

/// A key, and what stands under it.
type Row = (Vec<u8>, Option<Vec<u8>>);

impl Remembered {
    /// The row under a key; `get` is asked for another than the last of its run.
    pub fn get(&self, key: &[u8], get: Get<'_>) -> Result<Option<Vec<u8>>, VaultError> {
        let mut rows = self.0.borrow_mut();
        let run = key.get(..RUN).unwrap_or(key);
        if let Some((_, row)) = rows.get(run).filter(|(known, _)| known == key) {
            return Ok(row.clone());
        }
        let row = get(key)?;
        rows.insert(run.to_owned(), (key.to_owned(), row.clone()));
        Ok(row)
    }
}

/// The first bytes of an id: it is random.
fn label(record: &Id) -> u64 {
    record.0.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::digest::sha256;

    fn version(record: u8, number: u64) -> Version {
        Version {
            record: Id([record; 16]),
            version: number,
            schema: 3,
            kind: 2,
            of: (number > 1).then_some(Id([9; 16])),
            sequence: 70 + number,
            at: Position { segment: 5, offset: 1 << 39 },
            length: 4_400,
            digest: [7; 8],
        }
    }

    #[test]
    fn an_item_is_known_again() {
        let [item, other] = [b"item", b"iten"].map(|bytes| sha256(&[bytes]));
        let version = Version { digest: begin(&item), ..version(1, 1) };
        assert!(version.is_of(&item) && !version.is_of(&other));
    }

    #[test]
    fn there_and_back() {
        for one in [version(1, 1), version(0xfe, 300)] {
            assert_eq!(Version::decode(&one.encode().unwrap()), one);
        }
        let most = u64::from(u32::MAX);
        assert!(Version { version: most, ..version(1, 1) }.encode().is_some());
        let far = [
            Version { version: most + 1, ..version(1, 1) },
            Version { schema: 1 << 24, ..version(1, 1) },
            Version { at: Position { segment: 1 << 24, offset: 0 }, ..version(1, 1) },
        ];
        assert!(far.iter().all(|version| version.encode().is_none()));
    }

    #[test]
    fn a_row_is_asked_for_once_as_long_as_it_is_the_last_of_its_run() {
        let asked = RefCell::new(Vec::new());
        let get: Get<'_> = &|key: &[u8]| {
            asked.borrow_mut().push(key.to_vec());
            Ok(Some(key.to_vec()).filter(|key| key[5] != 9))
        };
        let remembered = Remembered::default();
        let keys = [[b'v', 1, 0, 0, 0, 1], [b'v', 1, 0, 1, 0, 1], [b'v', 1, 0, 0, 0, 2], [b'v', 1, 0, 1, 0, 9]];
        for at in [0, 0, 1, 0, 2, 1, 0, 3, 3] {
            let row = remembered.get(&keys[at], get).unwrap();
            assert_eq!(row, Some(keys[at].to_vec()).filter(|_| at != 3));
        }
        assert_eq!(*asked.borrow(), [0, 1, 2, 0, 3].map(|at: usize| keys[at].to_vec()));
    }

    #[test]
    fn versions_are_found_by_record_and_number() {
        let mut rows: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        // Two records whose ids begin alike, and versions of one in several runs.
        let near = |number| {
            let mut one = version(1, number);
            one.record.0[15] = 2;
            one
        };
        for payload in [vec![version(1, 1), near(1), version(8, 1)], vec![version(1, 2)], vec![near(2), version(1, 3)]]
        {
            let mut batch = Batch::default();
            let get: Get<'_> = &|key: &[u8]| Ok(rows.get(key).cloned());
            let entries = payload.iter().map(|one| one.encode().unwrap()).collect();
            Versions::load(get).unwrap().add(&[entries], get, &mut batch).unwrap();
            for (key, value) in batch.into_changes() {
                match value {
                    Some(value) => rows.insert(key, value),
                    None => rows.remove(&key),
                };
            }
        }
        let get: Get<'_> = &|key: &[u8]| Ok(rows.get(key).cloned());
        let mut versions = Versions::load(get).unwrap();
        let (one, other) = (version(1, 1).record, near(1).record);
        for learned in [false, true] {
            if learned {
                versions.learn(get).unwrap();
            }
            assert_eq!(versions.newest(&one, get).unwrap(), Some(version(1, 3)));
            assert_eq!(versions.one(&one, 2, get).unwrap(), Some(version(1, 2)));
            assert_eq!(versions.one(&one, 4, get).unwrap(), None);
            assert_eq!(versions.all(&one, get).unwrap(), [version(1, 1), version(1, 2), version(1, 3)]);
            assert_eq!(versions.all(&other, get).unwrap(), [near(1), near(2)]);
            assert_eq!(versions.newest(&Id([3; 16]), get).unwrap(), None);
            assert_eq!(versions.records(&Id([0; 16]), &Id([7; 16]), get).unwrap(), [one, other]);
            assert_eq!(versions.records(&other, &other, get).unwrap(), [other]);
        }
        // What was learned does not hold where something was added.
        assert!(versions.newest.get().is_some());
        let mut batch = Batch::default();
        versions.add(&[vec![version(1, 4).encode().unwrap()]], get, &mut batch).unwrap();
        for (key, value) in batch.into_changes() {
            match value {
                Some(value) => rows.insert(key, value),
                None => rows.remove(&key),
            };
        }
        let get: Get<'_> = &|key: &[u8]| Ok(rows.get(key).cloned());
        assert!(versions.newest.get().is_none());
        assert_eq!(versions.newest(&one, get).unwrap(), Some(version(1, 4)));
    }
}
