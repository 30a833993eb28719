//! From a committed entry and its payload to the rows of the store.
//!
//! One function decides what an entry means for the store: writing, catching up after a crash,
//! rebuilding and verifying all go through it.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use crate::{
    crypto::{
        cbor,
        index::{LABEL, POSTING},
        session::Wrapped,
    },
    custody::{Charter, Ending, GroupKey, Release, Request, Statement, request::id_of},
    id::Id,
    ledger::{Entry, Outcome},
    records::schema::Schema,
    store::{
        Batch,
        content::Content,
        journal::{Item as Kept, Payload, Position},
        runs::{self, Runs},
    },
    vault::{
        error::VaultError,
        item::{ErasureItem, Item, PaperItem, PostingsAt, RewrapItem, VersionHead, VersionItem, record_of},
        rows::{self, Head},
        versions::{self, Version, Versions},
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
    Paper(PaperItem),
    Erasure(ErasureItem),
}

/// How the state before the item is looked up.
pub(super) trait Before {
    /// The row under a key.
    fn row(&self, key: &[u8]) -> Result<Option<Vec<u8>>, VaultError>;
    /// The keys that begin so.
    fn keys(&self, prefix: &[u8]) -> Result<Vec<Vec<u8>>, VaultError>;
}

/// What several payloads of one batch leave to each other.
#[derive(Default)]
pub(super) struct Together {
    /// The classes of index epochs, those too that came in these payloads.
    epochs: HashMap<u64, String>,
    /// Where the postings of each epoch stand, those of each payload by themselves.
    postings: BTreeMap<u64, Vec<Vec<runs::Placed>>>,
    /// The versions of records, in the same way.
    versions: Vec<Vec<versions::Entry>>,
}

impl Together {
    /// Adds the rows that all payloads have in common; gives the versions that there are then, if they
    /// brought any.
    pub fn finish(self, before: &dyn Before, batch: &mut Batch) -> Result<Option<Versions>, VaultError> {
        let get = |key: &[u8]| before.row(key);
        for (epoch, postings) in self.postings {
            Runs::load(&rows::postings(epoch), get)?.add(&postings, get, batch)?;
        }
        if self.versions.is_empty() {
            return Ok(None);
        }
        let mut versions = Versions::load(&get)?;
        versions.add(&self.versions, &get, batch)?;
        Ok(Some(versions))
    }
}

/// Where a payload comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin<'a> {
    /// This process has just encoded it: the envelopes need not be read back.
    Here,
    /// A file: all of it is decoded strictly. The entry says what stood where items were erased.
    Journal(&'a Entry),
}

/// A version that an entry names and its payload no longer holds.
pub(super) struct Ghost<'a> {
    pub record: Id,
    pub head: Head,
    pub fields: &'a BTreeMap<String, Vec<String>>,
}

/// The versions that were erased from the payload of an entry that writes: those that it names, and
/// that are not there. Records have a place in the history of those that outlive them.
pub(super) fn ghosts<'a>(entry: &'a Entry, payload: &Payload) -> Vec<Ghost<'a>> {
    let erased = payload.items.iter().any(|kept| matches!(kept, Kept::Erased(_)));
    if !erased || !entry.action.writes() || entry.outcome != Outcome::Ok {
        return Vec::new();
    }
    let live: HashSet<Id> = payload
        .items
        .iter()
        .filter_map(|kept| match kept {
            Kept::Live(bytes) if VersionItem::is_one(bytes) => record_of(bytes),
            _ => None,
        })
        .collect();
    let mut out = Vec::new();
    for subject in &entry.subjects {
        for (at, record) in subject.records.iter().enumerate().filter(|(_, record)| !live.contains(record)) {
            let of = subject.of.get(at).and_then(|owner| owner.0);
            let head = Head { kind: subject.kind.clone(), version: subject.version, of };
            out.push(Ghost { record: *record, head, fields: &subject.fields });
        }
    }
    out
}

/// Adds the rows of a payload whose frame begins at `frame` to `batch`; [`Together::finish`] adds the
/// rest.
#[expect(clippy::too_many_arguments, reason = "what a payload is, what was before it and what it leaves")]
pub(super) fn payload(
    payload: &Payload,
    frame: Position,
    origin: Origin<'_>,
    before: &dyn Before,
    schemas: &BTreeMap<u64, Arc<Schema>>,
    together: &mut Together,
    batch: &mut Batch,
    changes: &mut Vec<Change>,
) -> Result<(), VaultError> {
    let mut heads = Heads {
        before,
        schemas,
        seen: HashMap::new(),
        together,
        unindexed: HashMap::new(),
        postings: BTreeMap::new(),
        versions: Vec::new(),
        begun: BTreeMap::new(),
        erased: 0,
    };
    if let Origin::Journal(entry) = origin {
        for ghost in ghosts(entry, payload) {
            batch.insert(rows::ghost(&ghost.record), ghost.head.encode());
            let old = heads.get(&ghost.record)?;
            apply_head(payload.seq, ghost.record, ghost.head, old, &mut heads, batch)?;
        }
    }
    for (kept, at) in payload.items.iter().zip(payload.places(frame)) {
        match kept {
            Kept::Live(bytes) if matches!(origin, Origin::Here) && VersionItem::is_one(bytes) => {
                let head = VersionItem::decode_head(bytes)?;
                // The first version has all fields.
                let classes = match head.version {
                    1 => indexed_classes(schemas, &head, |_| true),
                    _ => indexed_in(schemas, &VersionItem::decode_trusted(bytes)?),
                };
                // The id of a new record was drawn here, and nobody has had it.
                let old = if head.version == 1 { None } else { heads.get(&head.record)? };
                apply_version(payload.seq, head, old, classes, (at, bytes), &mut heads, batch)?;
            }
            Kept::Live(bytes) if matches!(origin, Origin::Here) && PostingsAt::is_one(bytes) => {
                apply_postings(payload.seq, (at, bytes), &mut heads, batch)?;
            }
            Kept::Live(bytes) => item(payload.seq, (at, bytes), &mut heads, batch, changes)?,
            // Its proof stays in the journal; there is nothing to serve.
            Kept::Erased(_digest) => heads.erased += 1,
        }
    }
    if heads.erased > 0 {
        // Postings can be among them: the labels of an index have gaps from here on.
        batch.insert(rows::erased(payload.seq), heads.erased.to_be_bytes());
    }
    for ((record, version), classes) in heads.unindexed {
        for class in classes {
            batch.insert(rows::unindexed_version(&class, &record, version), b"");
        }
    }
    for (kind, records) in heads.begun {
        batch.insert(rows::kind_in(&kind, payload.seq), records);
    }
    for (epoch, postings) in heads.postings {
        heads.together.postings.entry(epoch).or_default().push(postings);
    }
    if !heads.versions.is_empty() {
        heads.together.versions.push(heads.versions);
    }
    Ok(())
}

/// The classes of a version that have fields for the index, by the schema it was written under.
pub(super) fn indexed_in(schemas: &BTreeMap<u64, Arc<Schema>>, version: &VersionItem) -> Vec<String> {
    let head = VersionHead {
        record: version.record,
        kind: version.kind.clone(),
        version: version.version,
        schema: version.schema,
        of: version.of,
    };
    let has = |name: &str| version.envelopes.iter().any(|envelope| envelope.fields().any(|own| own == name));
    indexed_classes(schemas, &head, has)
}

fn indexed_classes(
    schemas: &BTreeMap<u64, Arc<Schema>>,
    head: &VersionHead,
    has: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut classes: Vec<String> = Vec::new();
    let Some(kind) = schemas.get(&head.schema).and_then(|schema| schema.kind(&head.kind)) else { return classes };
    for (field, class, _) in kind.indexed_fields() {
        if has(&field.id) && !classes.iter().any(|own| own == class) {
            classes.push(class.to_owned());
        }
    }
    classes
}

/// What one payload changes, before it is in the store.
struct Heads<'a> {
    before: &'a dyn Before,
    schemas: &'a BTreeMap<u64, Arc<Schema>>,
    seen: HashMap<Id, Head>,
    together: &'a mut Together,
    /// Versions whose postings have not come yet, and their classes.
    unindexed: HashMap<(Id, u64), Vec<String>>,
    /// Where the postings of each epoch stand.
    postings: BTreeMap<u64, Vec<runs::Placed>>,
    /// The versions that it brings.
    versions: Vec<versions::Entry>,
    /// The records that begin with it, by kind, one id after the other.
    begun: BTreeMap<String, Vec<u8>>,
    erased: u64,
}

impl Heads<'_> {
    fn get(&self, record: &Id) -> Result<Option<Head>, VaultError> {
        if let Some(head) = self.seen.get(record) {
            return Ok(Some(head.clone()));
        }
        if self.before.row(&rows::erasure(record))?.is_some() {
            return Ok(None);
        }
        let get = &|key: &[u8]| self.before.row(key);
        let newest = Versions::load(get)?.newest(record, get)?;
        let newest = newest.map(|version| version.head(self.schemas)).transpose()?;
        // Of a record whose erasure was interrupted some versions are gone, and others not.
        let ghost = self.before.row(&rows::ghost(record))?.map(|row| Head::decode(&row)).transpose()?;
        Ok([newest, ghost].into_iter().flatten().max_by_key(|head| head.version))
    }

    fn class_of(&mut self, epoch: u64) -> Result<Option<String>, VaultError> {
        if !self.together.epochs.contains_key(&epoch) {
            let Some(row) = self.before.row(&rows::epoch(epoch))? else { return Ok(None) };
            if let Item::Epoch(item) = Item::decode(rows::split_stored_item(&row)?.1)? {
                self.together.epochs.insert(epoch, item.class);
            }
        }
        Ok(self.together.epochs.get(&epoch).cloned())
    }
}

fn item(
    sequence: u64,
    (at, bytes): (Position, &Content),
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
            batch.insert(rows::log_key(version), &bytes[..]);
            changes.push(Change::LogKey(wrapped));
        }
        Item::Rewrap(rewrap) => {
            for (session, file) in &rewrap.sessions {
                batch.insert(rows::rewrapped(session, &rewrap.group, rewrap.epoch), &file[..]);
            }
            changes.push(Change::Rewrap(rewrap));
        }
        Item::Paper(paper) => {
            let key = rows::paper(&paper.group, paper.what, sequence);
            batch.insert(key, rows::stored_item(sequence, bytes));
            changes.push(Change::Paper(paper));
        }
        Item::Session(session) => batch.insert(rows::session(&session.id), &bytes[..]),
        Item::Reason(_) => batch.insert(rows::reason(sequence), &bytes[..]),
        Item::Version(version) => {
            let classes = indexed_in(heads.schemas, &version);
            let (head, old) = (VersionItem::decode_head(bytes)?, heads.get(&version.record)?);
            apply_version(sequence, head, old, classes, (at, bytes), heads, batch)?;
        }
        Item::Postings(_) => apply_postings(sequence, (at, bytes), heads, batch)?,
        Item::Epoch(epoch) => {
            batch.insert(rows::epoch(epoch.epoch), rows::stored_item(sequence, bytes));
            heads.together.epochs.insert(epoch.epoch, epoch.class);
        }
        Item::Request(note) => {
            let request = Request::parse(&note)?;
            batch.insert(rows::request(&request.id()), rows::stored_item(sequence, bytes));
        }
        Item::Release(release) => {
            let release = Release::parse(&release.note, &release.shares)?;
            let key = [&rows::releases(&id_of(release.request()))[..], &release.id().0].concat();
            batch.insert(key, rows::stored_item(sequence, bytes));
        }
        Item::Ending(note) => {
            let ending = Ending::parse(&note)?;
            let key = [&rows::endings(&id_of(ending.request()))[..], &ending.id().0].concat();
            batch.insert(key, rows::stored_item(sequence, bytes));
        }
        Item::GlassBroken => batch.insert(rows::glass(sequence), b""),
        Item::Acknowledged(of) => batch.insert(rows::acknowledged(of), sequence.to_be_bytes()),
        Item::Statement(item) => {
            let statement = Statement::parse(&item.statement)?;
            batch.insert(rows::statement(&statement.id()), rows::stored_item(sequence, bytes));
        }
        Item::Complete(epoch) => {
            let bad = VaultError::BadEntry { sequence, why: "it completes an index that is not there" };
            let Some(class) = heads.class_of(epoch)? else { return Err(bad) };
            for key in heads.before.keys(rows::EPOCHS)? {
                let Some(number) = key.last_chunk().map(|bytes| u64::from_be_bytes(*bytes)) else { continue };
                if number >= epoch || heads.class_of(number)?.as_deref() != Some(class.as_str()) {
                    continue;
                }
                for posting in heads.before.keys(&rows::postings(number))? {
                    batch.remove(posting);
                }
                heads.postings.remove(&number);
                heads.together.postings.remove(&number);
                batch.remove(key);
            }
            batch.insert(rows::complete(&class), epoch.to_be_bytes());
        }
        Item::Merged { record, survivor } => {
            let bad = |why| VaultError::BadEntry { sequence, why };
            heads.get(&record)?.ok_or_else(|| bad("it merges a record that is not there"))?;
            batch.insert(rows::survivor(&record), survivor.0);
            batch.insert([&rows::merged(&survivor)[..], &record.0].concat(), b"");
        }
        Item::Erasure(erasure) => {
            apply_erasure(sequence, &erasure, heads, batch)?;
            changes.push(Change::Erasure(erasure));
        }
        Item::Backup { backup, until: Some(until) } => {
            batch.insert(rows::backup(&backup), rows::stored_item(sequence, until.as_bytes()));
        }
        Item::Backup { until: None, .. } => {}
        Item::Restriction { restricted, records } => {
            for record in records {
                let bad = VaultError::BadEntry { sequence, why: "it restricts a record that is not there" };
                heads.get(&record)?.ok_or(bad)?;
                match restricted {
                    true => batch.insert(rows::restriction(&record), sequence.to_be_bytes()),
                    false => batch.remove(rows::restriction(&record)),
                }
            }
        }
    }
    Ok(())
}

/// Notes where the postings of a version stand: the item begins at `at`, and is not in parts.
fn apply_postings(
    sequence: u64,
    (at, bytes): (Position, &Content),
    heads: &mut Heads<'_>,
    batch: &mut Batch,
) -> Result<(), VaultError> {
    let bad = |why| VaultError::BadEntry { sequence, why };
    let item = PostingsAt::find(bytes)?;
    let at = at.after(cbor::head_length(bytes.len() as u64) as u64);
    for (epoch, begin, postings) in item.classes {
        let class = heads.class_of(epoch)?;
        let class = class.ok_or_else(|| bad("it brings postings of an index that is not there"))?;
        let entries = heads.postings.entry(epoch).or_default();
        for entry in places_of(at.after(begin), postings) {
            entries.push(entry.ok_or_else(|| bad("its postings stand beyond what a segment can hold"))?);
        }
        match heads.unindexed.get_mut(&(item.record, item.version)) {
            Some(waiting) => waiting.retain(|own| *own != class),
            None => batch.remove(rows::unindexed_version(&class, &item.record, item.version)),
        }
    }
    Ok(())
}

/// Where each of the postings stands of which the first begins at `at`; `None` beyond what a place
/// can say.
pub(super) fn places_of(at: Position, postings: &[u8]) -> impl Iterator<Item = Option<runs::Placed>> {
    postings.chunks_exact(POSTING).enumerate().map(move |(n, posting)| {
        let label = posting.first_chunk::<LABEL>().map_or(0, rows::short);
        Some(runs::placed(label, runs::pack(at.after((n * POSTING) as u64))?))
    })
}

/// Adds the rows of a version; a version that does not follow the last one is refused.
fn apply_version(
    sequence: u64,
    version: VersionHead,
    old: Option<Head>,
    indexed: Vec<String>,
    (at, bytes): (Position, &Content),
    heads: &mut Heads<'_>,
    batch: &mut Batch,
) -> Result<(), VaultError> {
    if !indexed.is_empty() {
        heads.unindexed.insert((version.record, version.version), indexed);
    }
    let bad = |why| VaultError::BadEntry { sequence, why };
    let kept = Version::new(sequence, &version, heads.schemas, at, bytes);
    let kept = kept.ok_or_else(|| bad("it brings a record of a kind that the schema does not have"))?;
    heads.versions.push(kept.encode().ok_or_else(|| bad("its versions are beyond what a vault can hold"))?);
    if version.version == 1 {
        match heads.begun.get_mut(&version.kind) {
            Some(records) => records.extend_from_slice(&version.record.0),
            None => drop(heads.begun.insert(version.kind.clone(), version.record.0.to_vec())),
        }
    }
    if version.version > 1 {
        batch.insert(rows::newest(&version.record), version.version.to_be_bytes());
    }
    let head = Head { kind: version.kind, version: version.version, of: version.of };
    apply_head(sequence, version.record, head, old, heads, batch)
}

/// Adds the rows that say whose a record is.
fn apply_head(
    sequence: u64,
    record: Id,
    head: Head,
    old: Option<Head>,
    heads: &mut Heads<'_>,
    batch: &mut Batch,
) -> Result<(), VaultError> {
    let bad = |why| VaultError::BadEntry { sequence, why };
    match &old {
        None if head.version == 1 => {}
        Some(old) if old.kind == head.kind && old.version + 1 == head.version => {}
        _ => return Err(bad("a record's version does not follow its last one")),
    }
    let old_owner = old.and_then(|head| head.of);
    if old_owner != head.of {
        if let Some(owner) = old_owner {
            batch.remove(rows::owned_by(&owner, &head.kind, &record));
        }
        if let Some(owner) = head.of {
            batch.insert(rows::owned_by(&owner, &head.kind, &record), b"");
        }
    }
    heads.seen.insert(record, head);
    Ok(())
}

/// Takes out what the store has of erased records, and says which entry erased them. Where their items
/// are not gone yet, what is in runs and rows of many records goes with the store, which is made anew.
fn apply_erasure(
    sequence: u64,
    erasure: &ErasureItem,
    heads: &mut Heads<'_>,
    batch: &mut Batch,
) -> Result<(), VaultError> {
    let bad = |why| VaultError::BadEntry { sequence, why };
    for record in &erasure.records {
        let head = heads.get(record)?.ok_or_else(|| bad("it erases a record that is not there"))?;
        batch.remove(rows::ghost(record));
        batch.remove(rows::newest(record));
        batch.remove(rows::restriction(record));
        if let Some(owner) = head.of {
            batch.remove(rows::owned_by(&owner, &head.kind, record));
        }
        batch.insert(rows::erasure(record), sequence.to_be_bytes());
    }
    for waiting in heads.before.keys(b"q")? {
        if rows::split_unindexed(&waiting).is_some_and(|(record, _)| erasure.records.contains(&record)) {
            batch.remove(waiting);
        }
    }
    Ok(())
}
