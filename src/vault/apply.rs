//! From a committed entry and its payload to the rows of the store.
//!
//! One function decides what an entry means for the store: writing, catching up after a crash,
//! rebuilding and verifying all go through it.

use std::collections::HashMap;

use crate::{
    crypto::session::Wrapped,
    custody::{Charter, GroupKey},
    id::Id,
    records::schema::Schema,
    store::{Batch, journal::Item as Kept, journal::Payload},
    vault::{
        error::VaultError,
        item::{Item, RewrapItem, VersionHead, VersionItem},
        rows::{self, Head},
    },
};

/// What an item changes that the vault keeps in memory, or that has rules of its own to follow.
#[derive(Debug)]
pub(super) enum Change {
    Charter(Box<Charter>),
    Schema(Box<Schema>),
    GroupKey(Box<GroupKey>),
    LogKey(Wrapped),
    Rewrap(RewrapItem),
}

/// How the state before the item is looked up.
pub(super) trait Before {
    /// The head of a record, as the entries before have left it.
    fn head(&self, record: &Id) -> Result<Option<Head>, VaultError>;
}

/// Where a payload comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// This process has just encoded it: the envelopes need not be read back.
    Here,
    /// A file: all of it is decoded strictly.
    Journal,
}

/// Adds the rows of a payload to `batch`.
pub(super) fn payload(
    payload: &Payload,
    origin: Origin,
    before: &dyn Before,
    batch: &mut Batch,
    changes: &mut Vec<Change>,
) -> Result<(), VaultError> {
    let mut heads = Heads { before, seen: HashMap::new() };
    for kept in &payload.items {
        match kept {
            Kept::Live(bytes) if origin == Origin::Here && VersionItem::is_one(bytes) => {
                apply_version(payload.seq, VersionItem::decode_head(bytes)?, bytes, &mut heads, batch)?;
            }
            Kept::Live(bytes) => item(payload.seq, bytes, &mut heads, batch, changes)?,
            // Its proof stays in the journal; there is nothing to serve.
            Kept::Erased(_digest) => {}
        }
    }
    for (record, head) in heads.seen {
        batch.insert(rows::head(&record), head.encode());
    }
    Ok(())
}

/// The heads that one payload changes, before they are in the store.
struct Heads<'a> {
    before: &'a dyn Before,
    seen: HashMap<Id, Head>,
}

impl Heads<'_> {
    fn get(&self, record: &Id) -> Result<Option<Head>, VaultError> {
        match self.seen.get(record) {
            Some(head) => Ok(Some(head.clone())),
            None => self.before.head(record),
        }
    }
}

fn item(
    sequence: u64,
    bytes: &[u8],
    heads: &mut Heads<'_>,
    batch: &mut Batch,
    changes: &mut Vec<Change>,
) -> Result<(), VaultError> {
    match Item::decode(bytes)? {
        Item::Charter(note) => {
            let charter = Charter::parse(&note)?;
            batch.insert(rows::charter(charter.version()), note);
            if charter.version() > 1 {
                batch.insert(rows::begin(charter.version()), sequence.to_be_bytes());
            }
            changes.push(Change::Charter(Box::new(charter)));
        }
        Item::Schema(toml) => {
            let schema = Schema::parse(&toml)?;
            batch.insert(rows::schema(schema.version()), toml.into_bytes());
            changes.push(Change::Schema(Box::new(schema)));
        }
        Item::GroupKey(note) => {
            let key = GroupKey::parse(&note)?;
            batch.insert(rows::group_key(&key.group, key.epoch), note);
            changes.push(Change::GroupKey(Box::new(key)));
        }
        Item::LogKey(wrapped) => {
            let of = |change: &Change| if let Change::Charter(new) = change { Some(new.version()) } else { None };
            let version = changes.iter().rev().find_map(of);
            let version =
                version.ok_or(VaultError::BadEntry { sequence, why: "it brings a log key without a charter" })?;
            batch.insert(rows::log_key(version), bytes);
            changes.push(Change::LogKey(wrapped));
        }
        Item::Rewrap(rewrap) => {
            for (session, file) in &rewrap.sessions {
                batch.insert(rows::rewrapped(session, &rewrap.group, rewrap.epoch), &file[..]);
            }
            changes.push(Change::Rewrap(rewrap));
        }
        Item::Session(session) => batch.insert(rows::session(&session.id), bytes),
        Item::Reason(_) => batch.insert(rows::reason(sequence), bytes),
        Item::Version(_) => apply_version(sequence, VersionItem::decode_head(bytes)?, bytes, heads, batch)?,
    }
    Ok(())
}

/// Adds the rows of a version; a version that does not follow the last one is refused.
fn apply_version(
    sequence: u64,
    version: VersionHead,
    bytes: &[u8],
    heads: &mut Heads<'_>,
    batch: &mut Batch,
) -> Result<(), VaultError> {
    let bad = |why| VaultError::BadEntry { sequence, why };
    let record = &version.record;
    let old = heads.get(record)?;
    match &old {
        None if version.version == 1 => batch.insert([&rows::kind(&version.kind)[..], &record.0].concat(), b""),
        Some(head) if head.kind == version.kind && head.version + 1 == version.version => {}
        _ => return Err(bad("a record's version does not follow its last one")),
    }
    let old_owner = old.and_then(|head| head.of);
    if old_owner != version.of {
        if let Some(owner) = old_owner {
            batch.remove(rows::owned_by(&owner, &version.kind, record));
        }
        if let Some(owner) = version.of {
            batch.insert(rows::owned_by(&owner, &version.kind, record), b"");
        }
    }
    batch.insert(rows::version(record, version.version), rows::stored_version(sequence, bytes));
    let head = Head { kind: version.kind, version: version.version, of: version.of };
    heads.seen.insert(version.record, head);
    Ok(())
}
