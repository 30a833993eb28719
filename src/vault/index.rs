//! What records are found by: the postings of each version, written with it by whoever can open
//! its class, looked up, and made anew.
//!
//! `docs/SEARCH.md` says what this hides and what not; `docs/FORMAT.md`, section 11, has the bytes.
//! The secret of an index is sealed as a field of its class, so that those who open the class by
//! themselves can search it, and nobody else. Who writes a field they cannot open leaves its
//! postings to the next one who can: until then the version is noted as not indexed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, atomic::Ordering},
};

use zeroize::Zeroizing;

use super::{
    Progress, Task, Vault,
    actor::Actor,
    commit::{Access, Act},
    epochs::{Epoch, Epochs},
    error::VaultError,
    item::{EpochItem, Item, PostingsItem, VersionItem},
    lookup::{ClassIndex, Searched, keyword},
    opener::Ways,
    plan::{Plan, Planned, Source, fitting, subjects},
    policy, rows,
    write::{MAX_BATCH, kind_of},
};
use crate::{
    crypto::{
        CryptoError, cbor,
        envelope::{Envelope, Place},
        index::{self, Content, IndexKey, Keyword, LABEL, Label, Nonce, POSTING},
        random::Random,
    },
    id::Id,
    ledger::{Action, Outcome},
    records::{
        schema::{Field, Kind, SearchMode},
        search::{self, Token},
    },
    store::{
        Kv,
        filter::Filter,
        runs::{Reached, Runs},
    },
};

/// The kind under which an index secret is sealed: not a name that a schema can have.
pub(super) const KIND: &str = "amanah index";

/// The one field of it.
const SECRET: &str = "secret";

/// From so many versions on, all labels of an index are read before their postings are written, if it
/// has no more than [`LABELS`] for each of them.
const MANY: u64 = 16;

/// To look the keywords of one version up in all runs of a large index takes as long as reading so many
/// labels.
const LABELS: u64 = 5_000;

/// An epoch that postings are written to.
pub(super) struct OpenEpoch {
    number: u64,
    key: Arc<IndexKey>,
}

/// The epochs that a write goes to, by class.
pub(super) type OpenEpochs = BTreeMap<String, OpenEpoch>;

/// What one field of a version is found by.
pub(super) struct Indexed<'a> {
    /// Its class.
    pub class: &'a str,
    /// How many postings it has.
    pub quota: usize,
    /// Which field it is.
    pub tag: [u8; 8],
    /// The tokens of its value.
    pub tokens: Vec<Token>,
    /// What its postings need, if that was worked out beforehand.
    ready: Option<Ready>,
}

/// What the postings of a field need of the keys of an epoch, and of randomness: used once.
struct Ready {
    epoch: u64,
    tokens: Vec<ReadyToken>,
    /// The postings that say nothing.
    empty: Vec<[u8; POSTING]>,
}

/// A token, the label of its first posting in an epoch, and the nonce of the one to be made.
struct ReadyToken {
    keyword: Keyword,
    first: Label,
    nonce: Nonce,
}

impl<'a> Indexed<'a> {
    /// Of a value; `None` if the field is not searched.
    pub fn of(kind: &Kind, field: &Field, class: &'a str, value: &crate::records::value::Value) -> Option<Self> {
        let quota = search::quota(field);
        (quota > 0).then(|| {
            let tokens = search::tokens(&kind.id, field, value);
            Indexed { class, quota, tag: search::tag(&kind.id, &field.id), tokens, ready: None }
        })
    }

    /// Works out beforehand what the postings need. If others are written to then, it is done again.
    pub fn make_ready(&mut self, epochs: &OpenEpochs, random: &mut dyn Random) -> Result<(), CryptoError> {
        self.ready = epochs.get(self.class).map(|epoch| self.ready(epoch, random)).transpose()?;
        Ok(())
    }

    fn ready(&self, epoch: &OpenEpoch, random: &mut dyn Random) -> Result<Ready, CryptoError> {
        let token = |token: &Token| {
            let keyword = keyword(token);
            Ok(ReadyToken { first: epoch.key.label(&keyword, 0), keyword, nonce: Nonce::new(random)? })
        };
        let tokens: Vec<_> = self.tokens.iter().map(token).collect::<Result<_, CryptoError>>()?;
        let empty = (tokens.len()..self.quota).map(|_| index::empty(random)).collect::<Result<_, _>>()?;
        Ok(Ready { epoch: epoch.number, tokens, empty })
    }
}

/// How much an index was made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Classes whose index was made anew.
    pub classes: usize,
    /// Records in them.
    pub records: usize,
}

impl Vault {
    /// Makes the indexes of all classes that the actor opens anew, from what the records say now.
    /// Postings of older versions, and of indexes whose keys somebody had who no longer should,
    /// are gone from the store afterwards; until the last entry is written the old ones are
    /// searched.
    pub fn rebuild_index(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        progress: &dyn Progress,
    ) -> Result<Rebuilt, VaultError> {
        let rebuilt = self.try_rebuild_index(actor, access, progress);
        self.or_forget(actor, rebuilt)
    }

    fn try_rebuild_index(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        progress: &dyn Progress,
    ) -> Result<Rebuilt, VaultError> {
        let schema = self.schema().clone();
        let charter = self.charter().clone();
        let mut classes: Vec<String> = Vec::new();
        for (_, class, _) in schema.kinds().iter().flat_map(Kind::indexed_fields) {
            if actor.opens(&charter, class) && !classes.iter().any(|own| own == class) {
                classes.push(class.to_owned());
            }
        }
        let opened: Vec<&str> = classes.iter().map(String::as_str).collect();
        self.check_access(actor, access, Action::IndexRebuild, &opened)?;
        if classes.is_empty() {
            return Err(VaultError::NothingToSearch);
        }
        let (mut all, mut sealed) = (Vec::new(), BTreeMap::new());
        for kind in schema.kinds() {
            for record in self.all_of_kind(&kind.id)? {
                self.present_versions(actor, kind, &record, &classes, &mut all, &mut sealed)?;
            }
        }
        // A class of which something was sealed under a charter that did not open it to the actor is left to those
        // who open all of it.
        classes.retain(|class| !sealed.contains_key(class));
        if let (true, Some((class, charter))) = (classes.is_empty(), sealed.pop_first()) {
            return Err(VaultError::IndexSealed { class, charter });
        }
        let mut work: Vec<(Id, u64, Vec<String>)> = Vec::with_capacity(all.len());
        for (record, version, mut of) in all {
            of.retain(|class| classes.contains(class));
            if !of.is_empty() {
                work.push((record, version, of));
            }
        }
        let records = work.iter().map(|(record, _, _)| record).collect::<BTreeSet<_>>().len();
        let mut items = Vec::new();
        let mut epochs = OpenEpochs::new();
        for class in &classes {
            let epoch = self.begin_epoch(actor, class, &mut items)?;
            epochs.insert(class.clone(), epoch);
        }
        self.index_versions(actor, access, work, &epochs, items, progress)?;
        for epoch in epochs.values() {
            let act = self.index_act(actor, access, Vec::new());
            self.commit(actor, act, vec![Item::Complete(epoch.number).encode()])?;
        }
        self.counters.clear();
        Ok(Rebuilt { classes: classes.len(), records })
    }

    /// Writes the postings that others have left to those who can open these classes.
    pub(super) fn index_waiting(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        classes: &[String],
        progress: &dyn Progress,
    ) -> Result<(), VaultError> {
        let mut waiting: BTreeMap<(Id, u64), Vec<String>> = BTreeMap::new();
        for class in classes {
            for row in self.store.scan(&rows::unindexed(class)) {
                if let Some(version) = rows::split_unindexed(&row?.0) {
                    waiting.entry(version).or_default().push(class.clone());
                }
            }
        }
        if waiting.is_empty() {
            return Ok(());
        }
        let mut items = Vec::new();
        let work = waiting.into_iter().map(|((record, version), classes)| (record, version, classes)).collect();
        let epochs = self.epochs_to_write(actor, classes.iter().map(String::as_str), &mut items);
        let indexed = epochs.and_then(|epochs| self.index_versions(actor, access, work, &epochs, items, progress));
        self.or_forget(actor, indexed)
    }

    /// The epochs to write to, for those of the classes that the actor opens. New ones are begun
    /// where they must be; their items belong before the first posting.
    pub(super) fn epochs_to_write<'c>(
        &mut self,
        actor: &mut Actor,
        classes: impl Iterator<Item = &'c str> + Clone,
        items: &mut Vec<Vec<u8>>,
    ) -> Result<OpenEpochs, VaultError> {
        self.counters.trim();
        let mut open = self.epochs_there(actor, classes.clone())?;
        for class in classes {
            if !open.contains_key(class) && actor.opens(self.charter(), class) {
                open.insert(class.to_owned(), self.begin_epoch(actor, class, items)?);
            }
        }
        Ok(open)
    }

    /// The epochs that are there and can be written to, for those of the classes that the actor opens.
    pub(super) fn epochs_there<'c>(
        &self,
        actor: &mut Actor,
        classes: impl Iterator<Item = &'c str>,
    ) -> Result<OpenEpochs, VaultError> {
        let mut open = OpenEpochs::new();
        for class in classes {
            if !open.contains_key(class)
                && actor.opens(self.charter(), class)
                && let Some(epoch) = self.usable_epoch(actor, class)?
            {
                open.insert(class.to_owned(), epoch);
            }
        }
        Ok(open)
    }

    /// The newest epoch of a class, if it can be written to.
    fn usable_epoch(&self, actor: &mut Actor, class: &str) -> Result<Option<OpenEpoch>, VaultError> {
        let Some(epoch) = self.epochs()?.of(class).next_back() else { return Ok(None) };
        // Who was once given an index secret finds what is written with it later: after every
        // amendment another one is used. After an erasure labels are missing, and a label must
        // not be used again. And the schema of an epoch says what it holds.
        let usable = epoch.item.schema == self.schema().version()
            && epoch.item.secret.charter == self.charter().version()
            && epoch.erased == 0;
        if !usable {
            return Ok(None);
        }
        Ok(Some(OpenEpoch { number: epoch.item.epoch, key: self.index_key(actor, &epoch.item)? }))
    }

    /// Makes ready for the postings of so many versions.
    pub(super) fn expect_postings(&mut self, epochs: &OpenEpochs, versions: usize) -> Result<(), VaultError> {
        let expected = self.counters.expect(versions as u64);
        for epoch in epochs.values().filter(|_| expected >= MANY) {
            if self.counters.has_seen(epoch.number) {
                continue;
            }
            let there = self.runs(epoch.number)?.entries();
            if there <= expected * LABELS {
                let mut labels = Filter::with_room(usize::try_from(there).unwrap_or_default());
                Runs::<16>::labels(&rows::postings(epoch.number), &self.store, |label| labels.insert(label))?;
                self.counters.see(epoch.number, labels);
            }
        }
        Ok(())
    }

    /// The postings of a version, as an item; `None` if none of its classes is written to.
    pub(super) fn postings(
        &mut self,
        epochs: &OpenEpochs,
        record: &Id,
        version: u64,
        found: Vec<Indexed<'_>>,
        random: &mut dyn Random,
    ) -> Result<Option<Vec<u8>>, VaultError> {
        let mut by_epoch: Vec<(u64, Vec<[u8; POSTING]>)> = Vec::new();
        let short = u32::try_from(version).map_err(|_| CryptoError::TooLarge { what: "a version" })?;
        for mut field in found {
            let Some(epoch) = epochs.get(field.class) else { continue };
            let at = by_epoch.iter().position(|(number, _)| *number == epoch.number);
            let at = at.unwrap_or_else(|| {
                by_epoch.push((epoch.number, Vec::new()));
                by_epoch.len() - 1
            });
            let ready = match field.ready.take().filter(|ready| ready.epoch == epoch.number) {
                Some(ready) => ready,
                None => field.ready(epoch, random)?,
            };
            let of = ready.tokens.len() as u8;
            for (place, token) in ready.tokens.into_iter().enumerate() {
                let label = self.next_label(epoch, &token)?;
                let content = Content { record: *record, version: short, tag: field.tag, at: place as u8, of };
                let sealed = epoch.key.seal(&label, &content, token.nonce)?;
                let mut posting = [0; POSTING];
                posting[..LABEL].copy_from_slice(&label);
                posting[LABEL..].copy_from_slice(&sealed);
                by_epoch[at].1.push(posting);
            }
            by_epoch[at].1.extend(ready.empty);
        }
        if by_epoch.is_empty() {
            return Ok(None);
        }
        // In the order of the labels, which are pseudorandom: that of the fields would tell which
        // posting is whose.
        let classes = by_epoch.into_iter().map(|(epoch, mut postings)| {
            postings.sort_unstable();
            (epoch, postings.concat())
        });
        Ok(Some(PostingsItem { record: *record, version, classes: classes.collect() }.encode()))
    }

    /// Checks that nothing that a class is searched by was sealed under a charter that did not open it to the actor:
    /// it stays sealed to them, and a search without it would find less than there is.
    pub(super) fn check_index(&self, actor: &Actor, class: &str) -> Result<(), VaultError> {
        let mut charters = self.epochs()?.of(class).map(|epoch| epoch.item.secret.charter);
        if let Some(charter) = charters.find(|charter| !self.opened_then(actor, class, *charter)) {
            return Err(VaultError::IndexSealed { class: class.to_owned(), charter });
        }
        for row in self.store.scan(&rows::unindexed(class)) {
            let Some((record, version)) = rows::split_unindexed(&row?.0) else { continue };
            let item = self.version_item(&record, version)?;
            let sealed = item.iter().flat_map(|item| &item.envelopes);
            let mut sealed = sealed.filter(|e| e.class == class && !self.opened_then(actor, class, e.charter));
            if let Some(envelope) = sealed.next() {
                return Err(VaultError::IndexSealed { class: class.to_owned(), charter: envelope.charter });
            }
        }
        Ok(())
    }

    /// Whether a charter opens a class to the actor. One that is not there is another error, told where it is needed.
    fn opened_then(&self, actor: &Actor, class: &str, charter: u64) -> bool {
        self.charter_of(charter).is_none_or(|charter| actor.opens(charter, class))
    }

    /// The index of a class for searching. A secret that does not open is an error: a search with
    /// the wrong key gives no answer, not an empty one.
    pub(super) fn class_index(&self, actor: &mut Actor, class: &str) -> Result<ClassIndex, VaultError> {
        let mut out = Vec::new();
        for Epoch { erased, item: epoch } in self.epochs()?.of(class) {
            let key = self.index_key(actor, epoch)?;
            let most = |mode: SearchMode| {
                // It holds what its own schema has it hold.
                let kinds = self.schemas.get(&epoch.schema).map_or(&[][..], |schema| schema.kinds());
                let of = |kind: &Kind| {
                    kind.indexed_fields().filter(|(_, of, by)| *of == class && *by == mode).count() as u64
                };
                kinds.iter().map(of).max().unwrap_or_default()
            };
            let (exact, name) = (most(SearchMode::Exact), most(SearchMode::Name));
            out.push(Searched { number: epoch.epoch, key, erased: *erased, exact, name });
        }
        Ok(ClassIndex(out))
    }

    /// Whether the value that a posting of a field speaks of is the record's present one.
    pub(super) fn is_present(&self, content: &Content, name: &str) -> Result<bool, VaultError> {
        let newest = self.newest_number(&content.record)?;
        for version in u64::from(content.version) + 1..=newest {
            let Some(item) = self.version_item(&content.record, version)? else { return Ok(false) };
            if item.envelopes.iter().flat_map(Envelope::fields).any(|field| field == name) {
                return Ok(false);
            }
        }
        Ok(u64::from(content.version) <= newest)
    }

    /// Whether a field has been searchable, in the same way, since its class's index was last made
    /// anew: else there are records that the index does not know.
    pub(super) fn is_indexed(&self, kind: &str, field: &Field, class: &str) -> Result<bool, VaultError> {
        let since = match self.store.get(&rows::complete(class))? {
            None => 0,
            Some(row) => {
                let number = row.try_into().map(u64::from_be_bytes).unwrap_or_default();
                let mut epochs = self.epochs()?.of(class);
                epochs.find(|epoch| epoch.item.epoch == number).map_or(0, |epoch| epoch.item.schema)
            }
        };
        let same = self.schemas.range(since..).all(|(_, schema)| {
            schema.kind(kind).and_then(|kind| kind.field(&field.id)).is_none_or(|old| old.search == field.search)
        });
        Ok(same)
    }

    /// The versions of a record that hold a present value of a searchable field of these classes; and those of the
    /// classes that are sealed there under a charter that did not open them to the actor.
    fn present_versions(
        &self,
        actor: &Actor,
        kind: &Kind,
        record: &Id,
        classes: &[String],
        out: &mut Vec<(Id, u64, Vec<String>)>,
        sealed: &mut BTreeMap<String, u64>,
    ) -> Result<(), VaultError> {
        let mut left: Vec<(&str, &str)> = kind
            .indexed_fields()
            .filter(|(_, class, _)| classes.iter().any(|own| own == class))
            .map(|(field, class, _)| (field.id.as_str(), class))
            .collect();
        for (_, item) in self.versions(record)?.into_iter().rev() {
            let mut found: Vec<String> = Vec::new();
            left.retain(|(field, class)| {
                let here = item.envelopes.iter().any(|e| e.class == *class && e.fields().any(|own| own == *field));
                if here && !found.iter().any(|own| own == class) {
                    found.push((*class).to_owned());
                }
                !here
            });
            for envelope in item.envelopes.iter().filter(|envelope| found.contains(&envelope.class)) {
                if !self.opened_then(actor, &envelope.class, envelope.charter) {
                    sealed.insert(envelope.class.clone(), envelope.charter);
                }
            }
            if !found.is_empty() {
                out.push((*record, item.version, found));
            }
        }
        Ok(())
    }

    /// Opens the searchable fields of these versions and writes their postings: an entry that says
    /// so before each batch is opened, and one that brings the postings after it.
    fn index_versions(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        work: Vec<(Id, u64, Vec<String>)>,
        epochs: &OpenEpochs,
        mut items: Vec<Vec<u8>>,
        progress: &dyn Progress,
    ) -> Result<(), VaultError> {
        let schema = self.schema().clone();
        let watched = work.len() > MAX_BATCH;
        if watched {
            progress.begin(Task::Index, work.len() as u64);
        }
        self.expect_postings(epochs, work.len())?;
        let mut random = actor.random.another();
        let mut ways = Ways::default();
        let mut done = 0;
        for batch in work.chunks(MAX_BATCH) {
            let mut plans = Vec::with_capacity(batch.len());
            for (record, version, classes) in batch {
                plans.push(self.plan_version(&schema, record, *version, classes)?);
            }
            let mut acts = Vec::new();
            // The postings of the batch before, and the announcement of this one.
            if !items.is_empty() {
                acts.push((
                    self.index_act(actor, access, Vec::new()),
                    std::mem::take(&mut items).into_iter().map(Into::into).collect(),
                ));
            }
            let told = self.index_act(actor, access, subjects(&plans, |source| matches!(source, Source::Envelope(..))));
            acts.extend(fitting(told).into_iter().map(|act| (act, Vec::new())));
            self.commit_all(actor, acts)?;
            let mut opened = Vec::with_capacity(plans.len());
            self.open_plans(actor, &mut plans, &mut ways, &mut opened).map_err(|(_, error)| {
                self.doubted.store(true, Ordering::Relaxed);
                error
            })?;
            for (plan, shown) in plans.iter().zip(&opened) {
                let found: Vec<Indexed<'_>> = plan
                    .cells
                    .iter()
                    .filter_map(|cell| {
                        let value = shown.value(&cell.field.id)?;
                        Indexed::of(plan.kind, cell.field, cell.class, value)
                    })
                    .collect();
                items.extend(self.postings(epochs, &plan.record, plan.version, found, &mut *random)?);
            }
            done += batch.len() as u64;
            if watched {
                progress.at(done);
            }
        }
        if !items.is_empty() {
            let act = self.index_act(actor, access, Vec::new());
            self.commit(actor, act, items)?;
        }
        if watched {
            progress.end();
        }
        Ok(())
    }

    /// What of one version is to be opened for its postings.
    fn plan_version<'s>(
        &self,
        schema: &'s Arc<crate::records::schema::Schema>,
        record: &Id,
        version: u64,
        classes: &[String],
    ) -> Result<Plan<'s>, VaultError> {
        let differs = || VaultError::StoreDiffers { what: "the versions of a record" };
        let item = self.version_item(record, version)?.ok_or_else(differs)?;
        let kind = kind_of(schema, &item.kind)?;
        let mut cells = Vec::new();
        for (field, class, _) in kind.indexed_fields().filter(|(_, class, _)| classes.iter().any(|own| own == class)) {
            let of_class = item.envelopes.iter().enumerate().filter(|(_, envelope)| envelope.class == class);
            for (at, position) in
                of_class.filter_map(|(at, e)| e.position(&field.id).map(|position| (at, position))).take(1)
            {
                cells.push(Planned { field, class, source: Source::Envelope(0, at, position) });
            }
        }
        let of = item.of;
        Ok(Plan { vault: self.id, record: *record, kind, version, of, items: vec![item], cells })
    }

    /// The reason stands with what is opened, not with the postings that come of it.
    fn index_act<'a>(&self, actor: &Actor, access: Access<'a>, subjects: Vec<crate::ledger::Subject>) -> Act<'a> {
        let group = actor.groups().first().cloned().unwrap_or_default();
        let access = Access { reason: access.reason.filter(|_| !subjects.is_empty()), ..access };
        Act { action: Action::IndexRebuild, group, access, subjects, outcome: Outcome::Ok, detail: None }
    }

    /// The epochs of all classes.
    fn epochs(&self) -> Result<&Epochs, VaultError> {
        if let Some(known) = self.epochs.get() {
            return Ok(known);
        }
        let loaded = Epochs::load(&self.store)?;
        Ok(self.epochs.get_or_init(|| loaded))
    }

    fn begin_epoch(
        &mut self,
        actor: &mut Actor,
        class: &str,
        items: &mut Vec<Vec<u8>>,
    ) -> Result<OpenEpoch, VaultError> {
        let last = self.store.scan(rows::EPOCHS).last().transpose()?;
        let last = last.and_then(|(key, _)| key.last_chunk().map(|bytes| u64::from_be_bytes(*bytes))).unwrap_or(0);
        let begun = items.iter().filter(|item| matches!(Item::decode(item), Ok(Item::Epoch(_)))).count() as u64;
        let number = last + begun + 1;
        let charter = self.charter().clone();
        let (sealer, new) = actor.sealing_one(&charter, class)?;
        items.extend(new.map(|session| Item::Session(session).encode()));
        let mut secret = Zeroizing::new([0; index::SECRET]);
        actor.random.fill(secret.as_mut())?;
        let place = Place { vault: &self.id, record: &Id::ZERO, kind: KIND, version: number };
        let value = Zeroizing::new(cbor::bytes(|w| w.bytes(secret.as_ref()).map(drop)));
        let sealed = Envelope::seal(&place, &sealer, &[(SECRET, &value)], &mut *actor.random)?;
        let key = Arc::new(IndexKey::new(&self.id, class, number, secret.as_ref())?);
        actor.index.insert(number, key.clone());
        let schema = self.schema().version();
        items.push(Item::Epoch(EpochItem { epoch: number, class: class.to_owned(), schema, secret: sealed }).encode());
        Ok(OpenEpoch { number, key })
    }

    fn index_key(&self, actor: &mut Actor, epoch: &EpochItem) -> Result<Arc<IndexKey>, VaultError> {
        if let Some(key) = actor.index.get(&epoch.epoch) {
            return Ok(key.clone());
        }
        let missing = || VaultError::NoKey { class: epoch.class.clone() };
        let charter = self.charter_of(epoch.secret.charter).ok_or_else(missing)?;
        let policy = policy::of_class(charter, &epoch.class).ok_or_else(missing)?;
        let place = Place { vault: &self.id, record: &Id::ZERO, kind: KIND, version: epoch.epoch };
        let opened = actor.open(&place, &epoch.secret, &policy, charter, &self.store)?;
        let value = opened.field(SECRET).ok_or(CryptoError::DoesNotOpen)??;
        let mut decoder = minicbor::Decoder::new(&value);
        let secret = decoder.bytes().map_err(|_| CryptoError::Malformed { what: "index secret" })?;
        let key = Arc::new(IndexKey::new(&self.id, &epoch.class, epoch.epoch, secret)?);
        actor.index.insert(epoch.epoch, key.clone());
        Ok(key)
    }

    /// The label of the next posting of a keyword. What the store has says how many there are; the
    /// counter in memory only spares looking again.
    fn next_label(&mut self, epoch: &OpenEpoch, token: &ReadyToken) -> Result<Label, VaultError> {
        let ReadyToken { keyword, first, .. } = token;
        let count = match self.counters.get(epoch.number, first) {
            Some(count) => count,
            None => self.count(epoch, keyword, first)?,
        };
        let label = if count == 0 { *first } else { epoch.key.label(keyword, count) };
        self.counters.count(epoch.number, *first, count);
        Ok(label)
    }

    /// How many postings a keyword has in an epoch without gaps: doubled until one is missing,
    /// then halved.
    fn count(&self, epoch: &OpenEpoch, keyword: &Keyword, first: &Label) -> Result<u64, VaultError> {
        let runs = self.runs(epoch.number)?;
        // What is there is counted upwards: no posting that is asked for is older than one that was found.
        let mut reached = Reached::default();
        let mut has = |count: u64| -> Result<bool, VaultError> {
            let label = if count == 0 { *first } else { epoch.key.label(keyword, count) };
            Ok(self.counters.may_have(epoch.number, &label)
                && self.posting(&runs, &mut reached, &epoch.key, &label)?.is_some())
        };
        if !has(0)? {
            return Ok(0);
        }
        let (mut there, mut missing) = (0, 1);
        while has(missing)? {
            there = missing;
            missing *= 2;
        }
        while missing - there > 1 {
            let middle = there + (missing - there) / 2;
            if has(middle)? { there = middle } else { missing = middle }
        }
        Ok(missing)
    }

    /// One version of a record, from the journal.
    fn version_item(&self, record: &Id, version: u64) -> Result<Option<VersionItem>, VaultError> {
        let version = self.version(record, version)?;
        version.map(|version| self.stored_version(&version, &|_| true)).transpose()
    }
}
