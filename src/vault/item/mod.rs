//! What the journal's items hold (`docs/FORMAT.md`, section 5).

mod version;

use std::collections::BTreeSet;

use minicbor::{Decoder, decode};

pub use version::{VersionHead, VersionItem};

use crate::{
    crypto::{
        CryptoError,
        cbor::{self, Writer, Written},
        envelope::Envelope,
        index::POSTING,
    },
    custody::{Release, Request, Statement, request::Named},
    id::Id,
};

/// Most envelopes in one version of a record: one for each class of a charter.
const MAX_ENVELOPES: u64 = 64;

/// Most sessions in one item of re-wrapped ones: at 2 KB each (a hybrid key) half a megabyte, so
/// that an interrupted rotation repeats little.
pub const MAX_REWRAPPED: usize = 256;

/// Most records that one entry erases or restricts: they must fit its line.
pub const MAX_ERASED: u64 = 200;

/// Most entries that one erasure reaches into, and most items of one of them: far more than the
/// records of one entry can have.
const MAX_PLACES: u64 = 1_000_000;

/// Most groups a session or the log key is wrapped to.
const MAX_GROUPS: u64 = 256;

/// One thing that an entry commits.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A version of the charter: the signed note.
    Charter(Vec<u8>),
    /// A version of the schema: its TOML.
    Schema(String),
    /// A group's key of one epoch: the signed note.
    GroupKey(Vec<u8>),
    /// The log's signing seed, wrapped to each group.
    LogKey(Wrapped),
    /// A sealing session.
    Session(SessionItem),
    /// A version of a record.
    Version(VersionItem),
    /// The reason of an access, sealed.
    Reason(Envelope),
    /// A request: the signed note.
    Request(Vec<u8>),
    /// A group's release.
    Release(ReleaseItem),
    /// A request denied or taken back: the signed note.
    Ending(Vec<u8>),
    /// What overseers opened without the centre.
    Statement(StatementItem),
    /// This entry opens something in an emergency.
    GlassBroken,
    /// The entry with this sequence did, and an overseer has taken note of it.
    Acknowledged(u64),
    /// Session secrets, wrapped again to a group's new key.
    Rewrap(RewrapItem),
    /// What a version is found by.
    Postings(PostingsItem),
    /// An index of one class begins: its secret, sealed.
    Epoch(EpochItem),
    /// An index is complete: those of the same class that began before it are done with.
    Complete(u64),
    /// A record turned out to be the same as another.
    Merged {
        /// The record that is done with.
        record: Id,
        /// The one that goes on.
        survivor: Id,
    },
    /// Records are erased: from here on the journal holds only the digests of their items.
    Erasure(ErasureItem),
    /// A backup was made, or tried out.
    Backup {
        /// The backup.
        backup: Id,
        /// The last day on which it is kept; `None` if it was tried out.
        until: Option<String>,
    },
    /// From here on the use of records is restricted, or no longer.
    Restriction {
        /// Whether it is.
        restricted: bool,
        /// The records.
        records: Vec<Id>,
    },
    /// A group's key on paper.
    Paper(PaperItem),
}

/// What was done with a group's key on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperItem {
    /// What it was.
    pub what: PaperWhat,
    /// The group.
    pub group: String,
    /// The epoch of the key.
    pub epoch: u64,
    /// How many shares give the key.
    pub threshold: u8,
    /// How many were dealt; or how many were put together.
    pub shares: u8,
    /// SLIP-39's identifier, which all shares of one splitting have.
    pub set: u16,
}

/// What can be done with a key on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaperWhat {
    /// It was split.
    Split = 1,
    /// Shares were tried.
    Drill = 2,
    /// It was put together and used.
    Combine = 3,
}

/// What overseers opened without the centre: notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementItem {
    /// The statement.
    pub statement: Vec<u8>,
    /// The request that it names.
    pub request: Vec<u8>,
    /// The releases that it names.
    pub releases: Vec<Vec<u8>>,
}

/// A group's release, and the age file with its shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseItem {
    /// The signed note.
    pub note: Vec<u8>,
    /// The shares, sealed to who asked.
    pub shares: Vec<u8>,
}

/// Something wrapped to several groups: group and age file.
pub type Wrapped = Vec<(String, Vec<u8>)>;

/// Which records are erased, and which items of which entries that takes out of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureItem {
    /// On what ground: the code that the entry has as its detail.
    pub ground: String,
    /// The entry that asked for it, where the charter wants two members.
    pub asked: Option<u64>,
    /// The records, as the entry names them.
    pub records: Vec<Id>,
    /// Sequences of entries, and the places of the items in their payloads, from 0; both ascending.
    pub items: Vec<(u64, Vec<u64>)>,
}

/// A sealing session as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionItem {
    /// The session's id.
    pub id: Id,
    /// The charter whose groups it is wrapped to.
    pub charter: u64,
    /// Its secrets.
    pub wrapped: Wrapped,
}

/// Session secrets of one group, wrapped to its key of a later epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RewrapItem {
    /// The group.
    pub group: String,
    /// The epoch of the key that they are wrapped to.
    pub epoch: u64,
    /// Session and age file; at most [`MAX_REWRAPPED`].
    pub sessions: Vec<(Id, Vec<u8>)>,
}

/// The postings of one version of a record, an element for each class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingsItem {
    /// The record.
    pub record: Id,
    /// The version whose values they are of.
    pub version: u64,
    /// Index epoch, and the postings one after the other.
    pub classes: Vec<(u64, Vec<u8>)>,
}

/// The postings in the bytes of such an item, where they stand in it.
pub(super) struct PostingsAt<'a> {
    pub record: Id,
    pub version: u64,
    /// Index epoch, the byte at which its postings begin, and they one after the other.
    pub classes: Vec<(u64, u64, &'a [u8])>,
}

/// An index epoch of one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochItem {
    /// Counts the epochs of all classes, from 1.
    pub epoch: u64,
    /// The class whose fields are searched.
    pub class: String,
    /// The version of the schema that says which fields those are.
    pub schema: u64,
    /// The secret, sealed as a field of the class.
    pub secret: Envelope,
}

impl Item {
    /// The item's bytes.
    pub fn encode(&self) -> Vec<u8> {
        cbor::bytes(|w| self.write(w))
    }

    /// Reads an item: only the bytes that [`Item::encode`] would have written.
    pub fn decode(bytes: &[u8]) -> Result<Item, CryptoError> {
        cbor::strict("journal item", bytes, Item::read, |w, item| item.write(w))
    }

    fn write(&self, w: &mut Writer) -> Written {
        match self {
            Item::Charter(note) => w.array(2)?.u8(1)?.bytes(note).map(drop),
            Item::Schema(toml) => w.array(2)?.u8(2)?.str(toml).map(drop),
            Item::GroupKey(note) => w.array(2)?.u8(3)?.bytes(note).map(drop),
            Item::LogKey(wrapped) => write_wrapped(w.array(2)?.u8(4)?, wrapped),
            Item::Session(session) => session.write(w),
            Item::Version(version) => version.write(w),
            Item::Reason(envelope) => envelope.encode(w.array(2)?.u8(7)?),
            Item::Request(note) => w.array(2)?.u8(8)?.bytes(note).map(drop),
            Item::Release(release) => w.array(3)?.u8(9)?.bytes(&release.note)?.bytes(&release.shares).map(drop),
            Item::Ending(note) => w.array(2)?.u8(10)?.bytes(note).map(drop),
            Item::GlassBroken => w.array(1)?.u8(14).map(drop),
            Item::Acknowledged(sequence) => w.array(2)?.u8(14)?.u64(*sequence).map(drop),
            Item::Statement(StatementItem { statement, request, releases }) => {
                w.array(4)?.u8(14)?.bytes(statement)?.bytes(request)?.array(releases.len() as u64)?;
                releases.iter().try_for_each(|release| w.bytes(release).map(drop))
            }
            Item::Rewrap(rewrap) => rewrap.write(w),
            Item::Postings(postings) => postings.write(w),
            Item::Epoch(EpochItem { epoch, class, schema, secret }) => {
                secret.encode(w.array(5)?.u8(13)?.u64(*epoch)?.str(class)?.u64(*schema)?)
            }
            Item::Complete(epoch) => w.array(2)?.u8(13)?.u64(*epoch).map(drop),
            Item::Paper(PaperItem { what, group, epoch, threshold, shares, set }) => {
                w.array(7)?.u8(22)?.u8(*what as u8)?.str(group)?.u64(*epoch)?;
                w.u8(*threshold)?.u8(*shares)?.u16(*set).map(drop)
            }
            Item::Merged { record, survivor } => w.array(3)?.u8(16)?.bytes(&record.0)?.bytes(&survivor.0).map(drop),
            Item::Erasure(erasure) => erasure.write(w),
            Item::Backup { backup, until } => {
                w.array(3)?.u8(19)?.bytes(&backup.0)?;
                match until {
                    Some(until) => w.str(until).map(drop),
                    None => w.null().map(drop),
                }
            }
            Item::Restriction { restricted, records } => {
                w.array(3)?.u8(18)?.bool(*restricted)?.array(records.len() as u64)?;
                records.iter().try_for_each(|record| w.bytes(&record.0).map(drop))
            }
        }
    }

    fn read(d: &mut Decoder<'_>) -> Result<Item, decode::Error> {
        let length = d.array()?.ok_or_else(|| decode::Error::message("indefinite length"))?;
        let item = match (d.u8()?, length) {
            (1, 2) => Item::Charter(d.bytes()?.to_vec()),
            (2, 2) => Item::Schema(d.str()?.to_owned()),
            (3, 2) => Item::GroupKey(d.bytes()?.to_vec()),
            (4, 2) => Item::LogKey(read_wrapped(d)?),
            (5, 4) => Item::Session(SessionItem { id: cbor::id(d)?, charter: d.u64()?, wrapped: read_wrapped(d)? }),
            (6, 7) => Item::Version(VersionItem::read_members(d)?),
            (7, 2) => Item::Reason(Envelope::decode(d)?),
            (8, 2) => Item::Request(d.bytes()?.to_vec()),
            (9, 3) => Item::Release(ReleaseItem { note: d.bytes()?.to_vec(), shares: d.bytes()?.to_vec() }),
            (10, 2) => Item::Ending(d.bytes()?.to_vec()),
            (14, 1) => Item::GlassBroken,
            (14, 2) => Item::Acknowledged(d.u64()?),
            (14, 4) => {
                let (statement, request) = (d.bytes()?.to_vec(), d.bytes()?.to_vec());
                let mut releases = Vec::new();
                for _ in 0..cbor::array_up_to(d, MAX_GROUPS)? {
                    releases.push(d.bytes()?.to_vec());
                }
                Item::Statement(StatementItem { statement, request, releases })
            }
            (11, 4) => Item::Rewrap(RewrapItem::read_members(d)?),
            (12, 4) => Item::Postings(PostingsItem::read_members(d)?),
            (13, 5) => Item::Epoch(EpochItem {
                epoch: d.u64()?,
                class: d.str()?.to_owned(),
                schema: d.u64()?,
                secret: Envelope::decode(d)?,
            }),
            (13, 2) => Item::Complete(d.u64()?),
            (22, 7) => Item::Paper(PaperItem {
                what: match d.u8()? {
                    1 => PaperWhat::Split,
                    2 => PaperWhat::Drill,
                    3 => PaperWhat::Combine,
                    _ => return Err(decode::Error::message("unknown use of a key on paper")),
                },
                group: d.str()?.to_owned(),
                epoch: d.u64()?,
                threshold: d.u8()?,
                shares: d.u8()?,
                set: d.u16()?,
            }),
            (16, 3) => Item::Merged { record: cbor::id(d)?, survivor: cbor::id(d)? },
            (19, 3) => Item::Backup {
                backup: cbor::id(d)?,
                until: match d.datatype()? {
                    minicbor::data::Type::Null => d.null().map(|()| None)?,
                    _ => Some(d.str()?.to_owned()),
                },
            },
            (17, 5) => Item::Erasure(ErasureItem::read_members(d)?),
            (18, 3) => Item::Restriction { restricted: d.bool()?, records: read_records(d)? },
            _ => return Err(decode::Error::message("unknown item")),
        };
        Ok(item)
    }
}

impl SessionItem {
    fn write(&self, w: &mut Writer) -> Written {
        w.array(4)?.u8(5)?.bytes(&self.id.0)?.u64(self.charter)?;
        write_wrapped(w, &self.wrapped)
    }

    /// The age file for a group.
    pub fn for_group(&self, group: &str) -> Option<&[u8]> {
        find_wrapped(&self.wrapped, group)
    }
}

impl RewrapItem {
    fn write(&self, w: &mut Writer) -> Written {
        w.array(4)?.u8(11)?.str(&self.group)?.u64(self.epoch)?.array(self.sessions.len() as u64)?;
        for (session, file) in &self.sessions {
            w.array(2)?.bytes(&session.0)?.bytes(file)?;
        }
        Ok(())
    }

    fn read_members(d: &mut Decoder<'_>) -> Result<RewrapItem, decode::Error> {
        let (group, epoch) = (d.str()?.to_owned(), d.u64()?);
        let mut sessions = Vec::new();
        for _ in 0..cbor::array_up_to(d, MAX_REWRAPPED as u64)? {
            cbor::array(d, 2)?;
            sessions.push((cbor::id(d)?, d.bytes()?.to_vec()));
        }
        Ok(RewrapItem { group, epoch, sessions })
    }
}

impl PostingsItem {
    /// The item's bytes.
    pub fn encode(&self) -> Vec<u8> {
        cbor::bytes(|w| self.write(w))
    }

    fn write(&self, w: &mut Writer) -> Written {
        w.array(4)?.u8(12)?.bytes(&self.record.0)?.u64(self.version)?.array(self.classes.len() as u64)?;
        for (epoch, postings) in &self.classes {
            w.array(2)?.u64(*epoch)?.bytes(postings)?;
        }
        Ok(())
    }

    fn read_members(d: &mut Decoder<'_>) -> Result<PostingsItem, decode::Error> {
        let (record, version) = (cbor::id(d)?, d.u64()?);
        let mut classes = Vec::new();
        for _ in 0..cbor::array_up_to(d, MAX_ENVELOPES)? {
            cbor::array(d, 2)?;
            let (epoch, postings) = (d.u64()?, d.bytes()?.to_vec());
            if postings.is_empty() || postings.len() % POSTING != 0 {
                return Err(decode::Error::message("part of a posting"));
            }
            classes.push((epoch, postings));
        }
        Ok(PostingsItem { record, version, classes })
    }
}

impl<'a> PostingsAt<'a> {
    /// Whether an item is one of postings.
    pub fn is_one(item: &[u8]) -> bool {
        let mut d = Decoder::new(item);
        matches!((d.array(), d.u8()), (Ok(Some(4)), Ok(12)))
    }

    /// Finds them in an item that was read or written as one of postings.
    pub fn find(item: &'a [u8]) -> Result<PostingsAt<'a>, CryptoError> {
        let mut d = Decoder::new(item);
        let read = |d: &mut Decoder<'a>| {
            cbor::array(d, 4)?;
            let (_, record, version) = (d.u8()?, cbor::id(d)?, d.u64()?);
            let mut classes = Vec::new();
            for _ in 0..cbor::array_up_to(d, MAX_ENVELOPES)? {
                cbor::array(d, 2)?;
                let (epoch, postings) = (d.u64()?, d.bytes()?);
                classes.push((epoch, (d.position() - postings.len()) as u64, postings));
            }
            Ok::<_, decode::Error>(PostingsAt { record, version, classes })
        };
        read(&mut d).map_err(|_| CryptoError::Malformed { what: "postings" })
    }
}

impl ErasureItem {
    fn write(&self, w: &mut Writer) -> Written {
        w.array(5)?.u8(17)?.str(&self.ground)?;
        match self.asked {
            Some(sequence) => w.u64(sequence)?,
            None => w.null()?,
        };
        w.array(self.records.len() as u64)?;
        for record in &self.records {
            w.bytes(&record.0)?;
        }
        w.array(self.items.len() as u64)?;
        for (sequence, places) in &self.items {
            w.array(2)?.u64(*sequence)?.array(places.len() as u64)?;
            for place in places {
                w.u64(*place)?;
            }
        }
        Ok(())
    }

    fn read_members(d: &mut Decoder<'_>) -> Result<ErasureItem, decode::Error> {
        let bad = decode::Error::message;
        let ground = d.str()?.to_owned();
        let asked = match d.datatype()? {
            minicbor::data::Type::Null => d.null().map(|()| None)?,
            _ => Some(d.u64()?),
        };
        let records = read_records(d)?;
        let mut items: Vec<(u64, Vec<u64>)> = Vec::new();
        for _ in 0..cbor::array_up_to(d, MAX_PLACES)? {
            cbor::array(d, 2)?;
            let sequence = d.u64()?;
            let mut places = Vec::new();
            for _ in 0..cbor::array_up_to(d, MAX_PLACES)? {
                places.push(d.u64()?);
            }
            if places.is_empty() || !places.is_sorted_by(|a, b| a < b) {
                return Err(bad("places that are not in order"));
            }
            items.push((sequence, places));
        }
        if !items.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(bad("entries that are not in order"));
        }
        Ok(ErasureItem { ground, asked, records, items })
    }
}

/// The records that go with an item when one of them is erased: that of a version or of postings,
/// and all whose envelopes a request, a release or a statement names. What names nothing sealed
/// has none.
pub fn records_of(item: &[u8]) -> BTreeSet<Id> {
    let mut d = Decoder::new(item);
    match (d.array(), d.u8()) {
        (Ok(Some(7)), Ok(6)) | (Ok(Some(4)), Ok(12)) => record_of(item).into_iter().collect(),
        (Ok(Some(2)), Ok(8)) | (Ok(Some(3)), Ok(9)) | (Ok(Some(4)), Ok(14)) => {
            Item::decode(item).map(|item| named_by(&item)).unwrap_or_default()
        }
        _ => BTreeSet::new(),
    }
}

/// The records whose envelopes a request, a release or a statement names.
pub(super) fn named_by(item: &Item) -> BTreeSet<Id> {
    let of = |named: &[Named]| named.iter().map(|named| named.record).collect::<BTreeSet<Id>>();
    let request = |note: &[u8]| Request::parse(note).map(|request| of(request.envelopes())).unwrap_or_default();
    let release = |note: &[u8]| Release::parse_note(note).map(|release| of(release.envelopes())).unwrap_or_default();
    match item {
        Item::Request(note) => request(note),
        Item::Release(item) => release(&item.note),
        Item::Statement(item) => {
            let mut all = Statement::parse(&item.statement).map(|one| of(one.envelopes())).unwrap_or_default();
            all.extend(request(&item.request));
            all.extend(item.releases.iter().flat_map(|note| release(note)));
            all
        }
        _ => BTreeSet::new(),
    }
}

/// The record that an item belongs to: that of a version and of its postings. Reads only the
/// beginning of the item.
pub fn record_of(item: &[u8]) -> Option<Id> {
    let mut d = Decoder::new(item);
    match (d.array().ok()??, d.u8().ok()?) {
        (7, 6) | (4, 12) => cbor::id(&mut d).ok(),
        _ => None,
    }
}

/// The age file for a group among several.
pub fn find_wrapped<'a>(wrapped: &'a Wrapped, group: &str) -> Option<&'a [u8]> {
    wrapped.iter().find(|(name, _)| name == group).map(|(_, file)| file.as_slice())
}

/// One record or more.
fn read_records(d: &mut Decoder<'_>) -> Result<Vec<Id>, decode::Error> {
    let mut records = Vec::new();
    for _ in 0..cbor::array_up_to(d, MAX_ERASED)? {
        records.push(cbor::id(d)?);
    }
    if records.is_empty() { Err(decode::Error::message("no records")) } else { Ok(records) }
}

fn write_wrapped(w: &mut Writer, wrapped: &Wrapped) -> Written {
    w.array(wrapped.len() as u64)?;
    for (group, file) in wrapped {
        w.array(2)?.str(group)?.bytes(file)?;
    }
    Ok(())
}

fn read_wrapped(d: &mut Decoder<'_>) -> Result<Wrapped, decode::Error> {
    let mut wrapped = Vec::new();
    for _ in 0..cbor::array_up_to(d, MAX_GROUPS)? {
        cbor::array(d, 2)?;
        wrapped.push((d.str()?.to_owned(), d.bytes()?.to_vec()));
    }
    Ok(wrapped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items() -> Vec<Item> {
        let wrapped = vec![("kpai/reviewers".to_owned(), vec![1, 2, 3])];
        let version = VersionItem {
            record: Id([3; 16]),
            kind: "child".into(),
            version: 300,
            schema: 1,
            of: Some(Id([4; 16])),
            envelopes: Vec::new(),
        };
        vec![
            Item::Charter(b"note".to_vec()),
            Item::Schema("version = 1\n".into()),
            Item::GroupKey(b"note".to_vec()),
            Item::LogKey(wrapped.clone()),
            Item::Session(SessionItem { id: Id([1; 16]), charter: 1, wrapped }),
            Item::Version(VersionItem { of: None, ..version.clone() }),
            Item::Rewrap(RewrapItem {
                group: "kpai/reviewers".into(),
                epoch: 2,
                sessions: vec![(Id([1; 16]), vec![4, 5])],
            }),
            Item::Version(version),
            Item::Postings(PostingsItem {
                record: Id([3; 16]),
                version: 2,
                classes: vec![(1, vec![5; POSTING]), (700, vec![6; 3 * POSTING])],
            }),
            Item::Complete(7),
            Item::Request(b"note".to_vec()),
            Item::Release(ReleaseItem { note: b"note".to_vec(), shares: vec![7; 3] }),
            Item::Ending(b"note".to_vec()),
            Item::GlassBroken,
            Item::Acknowledged(9),
            Item::Statement(StatementItem {
                statement: b"note".to_vec(),
                request: b"note".to_vec(),
                releases: vec![b"note".to_vec()],
            }),
            Item::Merged { record: Id([3; 16]), survivor: Id([4; 16]) },
            Item::Paper(PaperItem {
                what: PaperWhat::Drill,
                group: "kpai/reviewers".into(),
                epoch: 2,
                threshold: 3,
                shares: 5,
                set: 30_000,
            }),
        ]
    }

    #[test]
    fn there_and_back() {
        for item in items() {
            assert_eq!(Item::decode(&item.encode()).unwrap(), item);
        }
    }

    #[test]
    fn postings_are_whole_and_belong_to_their_record() {
        for length in [0, 1, POSTING - 1, POSTING + 1] {
            let item = PostingsItem { record: Id([3; 16]), version: 1, classes: vec![(1, vec![0; length])] };
            assert!(Item::decode(&item.encode()).is_err(), "{length}");
        }
        let owners: Vec<_> = items().iter().map(|item| record_of(&item.encode())).collect();
        assert_eq!(owners.iter().flatten().count(), 3);
    }

    #[test]
    fn cut_lengthened_or_differently_encoded_items_are_refused() {
        for item in items() {
            let bytes = item.encode();
            assert!(Item::decode(&bytes[..bytes.len() - 1]).is_err());
            assert!(Item::decode(&[&bytes[..], &[0]].concat()).is_err());
        }
        // The type 1 in two bytes where one would do; an indefinite array; an unknown type.
        for bad in [&[0x82, 0x18, 0x01, 0x40][..], &[0x9f, 0x01, 0x40, 0xff], &[0x82, 0x17, 0x40], &[]] {
            assert!(Item::decode(bad).is_err(), "{bad:?}");
        }
    }
}
