//! The rows of the store: what is kept under which key.
//!
//! The store is derived from journal and ledger; its layout is not a format that others read, and
//! may change with a rebuild. Every key begins with one byte that names its space. What there is
//! much of, the versions of records and their postings, stays in the journal; the store has where.
//!
//! | key | value |
//! |---|---|
//! | `a` | how far ledger and journal have been applied |
//! | `C` version, `S` version | charter note, schema |
//! | `c` version | sequence of the entry that brought a charter; not of the first |
//! | `G` group `0` epoch | group key note |
//! | `L`, `L` version | wrapped log key (the item) of the first charter; of a later one |
//! | `s` session | session (the item) |
//! | `w` session group `0` epoch | a session secret wrapped again, to a group's later key |
//! | `v` ... | the versions of records, by their ids ([`super::versions`]) |
//! | `k` kind `0` sequence | the records of a kind that came with that entry |
//! | `r` record | the newest version of a record, if it is not the first |
//! | `z` record | kind, newest version and owner of a record that is erased, until its erasure is read |
//! | `o` owner kind `0` record | nothing: what belongs to a record |
//! | `x` index ... | where its postings stand in the journal, by their labels ([`crate::store::runs`]) |
//! | `X` index | sequence of the entry that brought it, then the item |
//! | `Y` class | the index of the class that was last found complete |
//! | `q` class `0` record version | nothing: a version whose values are in no index yet |
//! | `m` record, `M` survivor record | the survivor of a merger; nothing: what was merged into it |
//! | `R` sequence | sealed reason (the item) |
//! | `p` group `0` what sequence | sequence, then the item that tells of a key on paper |
//! | `Q` request | sequence of its entry, then the item |
//! | `E` request release, `D` request ending | the same, of what answers or ends it |
//! | `e` sequence | how many items of its payload were erased |
//! | `W` record | sequence of the entry that erased it |
//! | `g` sequence | nothing: that entry opened something in an emergency |
//! | `K` sequence | sequence of the entry in which an overseer took note of it |
//! | `T` statement | the same, of what overseers opened without the centre |
//! | `F` record | sequence of the entry that restricted its use |
//! | `B` backup | sequence of its entry, then the last day on which it is kept |
//! | `h` row | nodes of the ledger's tree, by their index in storage order ([`crate::store::dense`]) |
//! | `l` row | where lines of the ledger stand, by sequence (the same) |

use minicbor::Decoder;

use super::item::PaperWhat;
use crate::{
    crypto::{CryptoError, cbor, digest::Digest, index::Label},
    id::Id,
    ledger::{LogPosition, tree::leaf_index},
    store::{Batch, Kv, StoreError, dense::Dense, journal::Position},
};

/// The key under which the applied position stands.
pub const APPLIED: &[u8] = b"a";

/// Which rows there are. A store of another layout is made anew.
const LAYOUT: u8 = 9;

/// The spaces of what decides who can do and open what.
pub const RULES: &[u8] = b"CSGLc";

/// The space of index epochs.
pub const EPOCHS: &[u8] = b"X";

/// The space of how many items of payloads were erased.
pub const ERASED: &[u8] = b"e";

/// Where the lines of the ledger stand, by sequence.
pub const LINES: Dense<16> = Dense(b'l');

/// The nodes of its tree, by their index in storage order.
pub const NODES: Dense<32> = Dense(b'h');

/// A space followed by a number.
pub fn numbered(space: u8, number: u64) -> [u8; 9] {
    let mut key = [space; 9];
    key[1..].copy_from_slice(&number.to_be_bytes());
    key
}

/// A charter's version.
pub fn charter(version: u64) -> [u8; 9] {
    numbered(b'C', version)
}

/// The sequence of the entry that brought a charter.
pub fn begin(version: u64) -> [u8; 9] {
    numbered(b'c', version)
}

/// The wrapped log key that came with a charter.
pub fn log_key(version: u64) -> Vec<u8> {
    if version == 1 { b"L".to_vec() } else { numbered(b'L', version).to_vec() }
}

/// A schema's version.
pub fn schema(version: u64) -> [u8; 9] {
    numbered(b'S', version)
}

/// The sealed reason of an entry.
pub fn reason(sequence: u64) -> [u8; 9] {
    numbered(b'R', sequence)
}

/// A group's key of one epoch.
pub fn group_key(group: &str, epoch: u64) -> Vec<u8> {
    [b"G", group.as_bytes(), &[0], &epoch.to_be_bytes()].concat()
}

/// A session.
pub fn session(id: &Id) -> [u8; 17] {
    with_id(b's', id)
}

/// A session secret, wrapped again to a group's key of a later epoch.
pub fn rewrapped(session: &Id, group: &str, epoch: u64) -> Vec<u8> {
    [&with_id(b'w', session)[..], group.as_bytes(), &[0], &epoch.to_be_bytes()].concat()
}

/// The number of a record's newest version, if it is not the first: a newer one that the store has lost
/// would not be missed.
pub fn newest(record: &Id) -> [u8; 17] {
    with_id(b'r', record)
}

/// What is known of a record whose items are gone, until the entry that erased it is read.
pub fn ghost(record: &Id) -> [u8; 17] {
    with_id(b'z', record)
}

/// All postings of an index epoch.
pub fn postings(epoch: u64) -> [u8; 9] {
    numbered(b'x', epoch)
}

/// What a posting is looked up by: the first bytes of its label. More of them than one can begin
/// so, and the posting itself says whether it is the one.
pub fn short(label: &Label) -> u64 {
    label.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// An index epoch: the sequence of the entry that brought it, then the item.
pub fn epoch(number: u64) -> [u8; 9] {
    numbered(b'X', number)
}

/// The number of a class's index epoch that was last found complete.
pub fn complete(class: &str) -> Vec<u8> {
    [b"Y", class.as_bytes()].concat()
}

/// All versions whose values of a class are in no index yet.
pub fn unindexed(class: &str) -> Vec<u8> {
    [b"q", class.as_bytes(), &[0]].concat()
}

/// One such version.
pub fn unindexed_version(class: &str, record: &Id, version: u64) -> Vec<u8> {
    [&unindexed(class)[..], &record.0, &version.to_be_bytes()].concat()
}

/// The record and version at the end of a key made by [`unindexed_version`].
pub fn split_unindexed(key: &[u8]) -> Option<(Id, u64)> {
    let (record, version) = key.last_chunk::<24>()?.split_at(16);
    Some((Id(record.try_into().ok()?), u64::from_be_bytes(version.try_into().ok()?)))
}

/// All that was done so with a group's key on paper.
pub fn papers(group: &str, what: PaperWhat) -> Vec<u8> {
    [b"p", group.as_bytes(), &[0, what as u8]].concat()
}

/// One time that it was done.
pub fn paper(group: &str, what: PaperWhat, sequence: u64) -> Vec<u8> {
    [&papers(group, what)[..], &sequence.to_be_bytes()].concat()
}

/// A request.
pub fn request(id: &Id) -> [u8; 17] {
    with_id(b'Q', id)
}

/// An entry that opened something in an emergency.
pub fn glass(sequence: u64) -> [u8; 9] {
    numbered(b'g', sequence)
}

/// That an overseer has taken note of it.
pub fn acknowledged(sequence: u64) -> [u8; 9] {
    numbered(b'K', sequence)
}

/// What overseers opened without the centre.
pub fn statement(id: &Id) -> [u8; 17] {
    with_id(b'T', id)
}

/// All releases that answer a request; with a release's bytes after it, one of them.
pub fn releases(request: &Id) -> [u8; 17] {
    with_id(b'E', request)
}

/// All that ends a request; with the bytes of its id after it, one of them.
pub fn endings(request: &Id) -> [u8; 17] {
    with_id(b'D', request)
}

/// How many items of an entry's payload were erased.
pub fn erased(sequence: u64) -> [u8; 9] {
    numbered(b'e', sequence)
}

/// The rows of [`erasure`].
pub const ERASURES: u8 = b'W';

/// The sequence of the entry that erased a record.
pub fn erasure(record: &Id) -> [u8; 17] {
    with_id(ERASURES, record)
}

/// The sequence of the entry that restricted the use of a record.
pub fn restriction(record: &Id) -> [u8; 17] {
    with_id(b'F', record)
}

/// The space of all restrictions.
pub const RESTRICTIONS: &[u8] = b"F";

/// A backup: the sequence of its entry, then the last day on which it is kept.
pub fn backup(backup: &Id) -> [u8; 17] {
    with_id(b'B', backup)
}

/// The survivor of a record that was merged.
pub fn survivor(record: &Id) -> [u8; 17] {
    with_id(b'm', record)
}

/// All records that were merged into a record; with a record's bytes after it, one of them.
pub fn merged(survivor: &Id) -> [u8; 17] {
    with_id(b'M', survivor)
}

/// All records of a kind.
pub fn kind(kind: &str) -> Vec<u8> {
    [b"k", kind.as_bytes(), &[0]].concat()
}

/// Those of them that came with one entry.
pub fn kind_in(kind: &str, sequence: u64) -> Vec<u8> {
    [&self::kind(kind)[..], &sequence.to_be_bytes()].concat()
}

/// All records that belong to a record.
pub fn owned(owner: &Id) -> [u8; 17] {
    with_id(b'o', owner)
}

/// One record that belongs to another.
pub fn owned_by(owner: &Id, kind: &str, record: &Id) -> Vec<u8> {
    [&owned(owner)[..], kind.as_bytes(), &[0], &record.0].concat()
}

/// The kind and record at the end of a key made by [`owned_by`].
pub fn split_owned(key: &[u8]) -> Option<(&str, Id)> {
    let (kind, record) = key.get(17..)?.split_at_checked(key.len().checked_sub(17 + 16)?)?;
    Some((std::str::from_utf8(kind.strip_suffix(&[0])?).ok()?, Id(record.try_into().ok()?)))
}

/// The id in the last 16 bytes of a key.
pub fn last_id(key: &[u8]) -> Option<Id> {
    key.last_chunk().map(|bytes| Id(*bytes))
}

fn with_id(space: u8, id: &Id) -> [u8; 17] {
    let mut key = [space; 17];
    key[1..].copy_from_slice(&id.0);
    key
}

/// What is known of a record without opening anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its kind.
    pub kind: String,
    /// Its newest version.
    pub version: u64,
    /// The record it belongs to.
    pub of: Option<Id>,
}

impl Head {
    /// The row.
    pub fn encode(&self) -> Vec<u8> {
        cbor::bytes(|w| {
            w.array(3)?.str(&self.kind)?.u64(self.version)?;
            w.bytes(self.of.as_ref().map_or(&[][..], |of| &of.0)).map(drop)
        })
    }

    /// Reads the row.
    pub fn decode(bytes: &[u8]) -> Result<Head, CryptoError> {
        let mut d = Decoder::new(bytes);
        let read = |d: &mut Decoder<'_>| {
            cbor::array(d, 3)?;
            let (kind, version, of) = (d.str()?.to_owned(), d.u64()?, d.bytes()?);
            Ok::<_, minicbor::decode::Error>(Head { kind, version, of: of.try_into().ok().map(Id) })
        };
        read(&mut d).map_err(|_| CryptoError::Malformed { what: "stored head" })
    }
}

/// A line's place.
pub fn place(at: LogPosition, length: usize) -> [u8; 16] {
    let mut row = [0; 16];
    row[..4].copy_from_slice(&at.segment.to_be_bytes());
    row[4..12].copy_from_slice(&at.offset.to_be_bytes());
    row[12..].copy_from_slice(&(length as u32).to_be_bytes());
    row
}

/// Adds the lines from the number `first` on: where each stands, and the nodes of the tree that are
/// complete with them, in storage order.
///
/// # Errors
/// A store that cannot be read, or that does not end where they begin.
pub fn add_lines(
    first: u64,
    places: &[[u8; 16]],
    nodes: &[Digest],
    store: &dyn Kv,
    batch: &mut Batch,
) -> Result<(), StoreError> {
    LINES.append(first, places, store, batch)?;
    NODES.append(leaf_index(first), nodes, store, batch)
}

/// Where the line of an entry stands, and how long it is; `None` if the store does not know it.
///
/// # Errors
/// A store that cannot be read.
pub fn line(sequence: u64, store: &dyn Kv) -> Result<Option<(LogPosition, usize)>, StoreError> {
    Ok(LINES.get(sequence, store)?.and_then(split_place))
}

fn split_place(place: [u8; 16]) -> Option<(LogPosition, usize)> {
    let (segment, rest) = place.split_first_chunk()?;
    let (offset, length) = rest.split_first_chunk()?;
    let at = LogPosition { segment: u32::from_be_bytes(*segment), offset: u64::from_be_bytes(*offset) };
    Some((at, u32::from_be_bytes(length.try_into().ok()?) as usize))
}

/// How far ledger and journal have been applied to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// How many entries.
    pub size: u64,
    /// Where the ledger's next line is looked for.
    pub log: LogPosition,
    /// Where the journal's next payload is.
    pub journal: Position,
}

impl Applied {
    /// Nothing yet.
    pub const NOTHING: Applied = Applied { size: 0, log: LogPosition::START, journal: Position::START };

    /// The row.
    pub fn encode(&self) -> Vec<u8> {
        cbor::bytes(|w| {
            w.array(6)?.u8(LAYOUT)?.u64(self.size)?.u32(self.log.segment)?.u64(self.log.offset)?;
            w.u32(self.journal.segment)?.u64(self.journal.offset).map(drop)
        })
    }

    /// Reads the row.
    pub fn decode(bytes: &[u8]) -> Option<Applied> {
        let mut d = Decoder::new(bytes);
        cbor::array(&mut d, 6).ok()?;
        if d.u8().ok()? != LAYOUT {
            return None;
        }
        let size = d.u64().ok()?;
        let log = LogPosition { segment: d.u32().ok()?, offset: d.u64().ok()? };
        let journal = Position { segment: d.u32().ok()?, offset: d.u64().ok()? };
        Some(Applied { size, log, journal })
    }
}

/// The value of other rows: the sequence of their entry, then the item.
pub fn stored_item(sequence: u64, item: &[u8]) -> Vec<u8> {
    [&sequence.to_be_bytes()[..], item].concat()
}

/// Splits such a value.
pub fn split_stored_item(value: &[u8]) -> Result<(u64, &[u8]), CryptoError> {
    let (sequence, item) = value.split_first_chunk().ok_or(CryptoError::Malformed { what: "stored item" })?;
    Ok((u64::from_be_bytes(*sequence), item))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_rows_come_apart_again() {
        let (owner, record) = (Id([1; 16]), Id([2; 16]));
        assert_eq!(split_owned(&owned_by(&owner, "service", &record)), Some(("service", record)));
        assert_eq!(split_owned(&owned(&owner)), None);
        assert_eq!(last_id(&owned_by(&owner, "child", &record)), Some(record));
        assert_eq!(split_unindexed(&unindexed_version("identity", &record, 7)), Some((record, 7)));
        for of in [None, Some(owner)] {
            let head = Head { kind: "service".into(), version: 7, of };
            assert_eq!(Head::decode(&head.encode()).unwrap(), head);
        }
        let at = LogPosition { segment: 3, offset: 1 << 40 };
        assert_eq!(split_place(place(at, 777)), Some((at, 777)));
        let applied = Applied { size: 9, log: at, journal: Position { segment: 2, offset: 17 } };
        assert_eq!(Applied::decode(&applied.encode()), Some(applied));
        assert_eq!(split_stored_item(&stored_item(9, b"x")).unwrap(), (9, &b"x"[..]));
    }
}
