//! Records out for good: what of them stood in journal and store is gone, and the entry that says
//! so stays.
//!
//! The entry is the commit point. It names the items that are taken out; then whole segments of the
//! journal are written anew with the digests of those items in their place, and the store is made
//! anew. If that is interrupted, the next opening of the vault finishes it before anything is read.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    str::FromStr,
};

use super::{
    JOURNAL, Progress, Vault,
    actor::Actor,
    commit::{Access, Act},
    error::VaultError,
    item::{ErasureItem, Item, MAX_ERASED, record_of},
    open::Erasable,
    rows::{self, Head},
};
use crate::{
    id::Id,
    ledger::{Action, Entry, Outcome, Subject, entry::Owner},
    store::{
        Kv,
        journal::{self, Position},
    },
};

macro_rules! grounds {
    ($($(#[$meta:meta])* $variant:ident = $code:literal),* $(,)?) => {
        /// On what ground a record is erased, or its use restricted. The codes stand in the ledger
        /// as the entry's detail.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Ground { $( $(#[$meta])* $variant, )* }

        impl Ground {
            /// All grounds.
            pub const ALL: &'static [Ground] = &[$(Ground::$variant),*];

            /// The code in the ledger.
            pub fn code(self) -> &'static str {
                match self { $(Ground::$variant => $code),* }
            }
        }
    };
}

grounds! {
    /// The time for which the charter has it kept is over.
    Retention = "retention",
    /// The child, or who speaks for the child, asked for it.
    Request = "request",
    /// Consent was withdrawn.
    Consent = "consent-withdrawn",
    /// It should not have been collected.
    Unlawful = "unlawful",
    /// A court or another authority ordered it.
    Order = "order",
    /// It was entered by mistake.
    Mistake = "mistake",
    /// Somebody contests that it is right.
    Disputed = "disputed",
}

impl FromStr for Ground {
    type Err = VaultError;

    fn from_str(code: &str) -> Result<Ground, VaultError> {
        let known = || Ground::ALL.iter().map(|ground| ground.code()).collect::<Vec<_>>().join(", ");
        let found = Ground::ALL.iter().find(|ground| ground.code() == code).copied();
        found.ok_or_else(|| VaultError::UnknownGround { ground: code.to_owned(), known: known() })
    }
}

/// What was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// The records, with their kinds and how many versions they had.
    pub records: Vec<(Id, String, u64)>,
    /// The entries that say so.
    pub entries: Vec<u64>,
    /// How many items were taken out of the journal.
    pub items: u64,
}

impl Vault {
    /// The records that go with these: what belongs to them, and what was merged into them, down to
    /// the last. Opens nothing.
    pub fn with_related(&self, records: &[Id]) -> Result<Vec<Id>, VaultError> {
        let mut out: Vec<Id> = Vec::new();
        let mut seen = HashSet::new();
        let mut next: Vec<Id> = records.iter().rev().copied().collect();
        while let Some(record) = next.pop() {
            if !seen.insert(record) {
                continue;
            }
            next.extend(self.related(&record)?);
            out.push(record);
        }
        // A record that was merged may have been erased by itself before.
        Ok(out.into_iter().filter(|record| records.contains(record) || self.head_of(record).is_ok()).collect())
    }

    fn related(&self, record: &Id) -> Result<Vec<Id>, VaultError> {
        let mut out: Vec<Id> = self.owned_by(record)?.into_iter().map(|(_, id)| id).collect();
        for row in self.store.scan(&rows::merged(record)) {
            out.extend(rows::last_id(&row?.0).filter(|id| self.head_of(id).is_ok()));
        }
        Ok(out)
    }

    /// Erases records. What belongs to them has to be among them.
    ///
    /// # Errors
    /// What stands against it; a refusal is an entry. After the entry an error means that the next
    /// opening goes on.
    pub fn erase_records(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        records: &[Id],
        ground: Ground,
        progress: &dyn Progress,
    ) -> Result<Erased, VaultError> {
        let action = Action::RecordErase;
        let mut heads: Vec<(Id, Head)> = Vec::new();
        for record in records {
            let head = self.head_of(record)?;
            if !heads.iter().any(|(known, _)| known == record) {
                heads.push((*record, head));
            }
        }
        let Some(group) = actor.group_that_may(self.charter(), "erase").map(ToOwned::to_owned) else {
            self.refuse(actor, access, action, subjects(&heads), "right")?;
            return Err(VaultError::MayNot { member: actor.member().to_owned(), right: "erase".to_owned() });
        };
        self.check_access(actor, access, action, &[])?;
        if heads.is_empty() {
            return Err(VaultError::NothingToWrite);
        }
        for (record, _) in &heads {
            let left = self.related(record)?.iter().filter(|id| !records.contains(id)).count();
            if left > 0 {
                return Err(VaultError::HasRelated { record: record.to_string(), count: left });
            }
        }
        let places = self.places_of(&heads.iter().map(|(record, _)| *record).collect())?;
        let mut acts = Vec::new();
        let mut erasable = Erasable::default();
        for part in heads.chunks(MAX_ERASED as usize) {
            let records: Vec<Id> = part.iter().map(|(record, _)| *record).collect();
            let mut items: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
            for (sequence, place) in records.iter().filter_map(|record| places.get(record)).flatten() {
                items.entry(*sequence).or_default().insert(*place);
                erasable.places.entry(*sequence).or_default().insert(*place);
            }
            erasable.records.extend(&records);
            let items = items.into_iter().map(|(sequence, places)| (sequence, places.into_iter().collect())).collect();
            let erasure = ErasureItem { ground: ground.code().to_owned(), asked: None, records, items };
            let act = Act {
                action,
                group: group.clone(),
                access,
                subjects: subjects(part),
                outcome: Outcome::Ok,
                detail: Some(ground.code()),
            };
            acts.push((act, vec![Item::Erasure(erasure).encode()]));
        }
        let entries = (self.size()..).take(acts.len()).collect();
        self.commit_all(actor, acts)?;
        self.erase_committed(&erasable, progress)?;
        let items = erasable.places.values().map(|places| places.len() as u64).sum();
        let records = heads.into_iter().map(|(record, head)| (record, head.kind, head.version)).collect();
        Ok(Erased { records, entries, items })
    }

    /// The entry that erased a record, if one did.
    pub fn erasure_of(&self, record: &Id) -> Result<Option<Entry>, VaultError> {
        let Some(row) = self.store.get(&rows::erasure(record))? else { return Ok(None) };
        let sequence = row
            .try_into()
            .map(u64::from_be_bytes)
            .map_err(|_| VaultError::StoreDiffers { what: "where a record was erased".to_owned() })?;
        Ok(Some(self.line(sequence)?.entry().clone()))
    }

    /// Why a record is not there: it was erased, or never was.
    pub(super) fn missing_record(&self, record: &Id) -> VaultError {
        match self.erasure_of(record) {
            Ok(Some(entry)) => VaultError::WasErased {
                record: record.to_string(),
                when: day(&entry, self.charter().time_zone()),
                member: entry.actor,
                ground: entry.detail.unwrap_or_default(),
                sequence: entry.seq,
            },
            Ok(None) => VaultError::NoRecord { reference: record.to_string() },
            Err(error) => error,
        }
    }

    /// Where the items of these records stand in the journal: sequences and places.
    fn places_of(&self, records: &HashSet<Id>) -> Result<HashMap<Id, Vec<(u64, u64)>>, VaultError> {
        let mut out: HashMap<Id, Vec<(u64, u64)>> = HashMap::new();
        let mut reader = journal::Reader::new(&self.dir.join(JOURNAL), Position::START)?;
        while let Some(payload) = reader.next_payload()? {
            for (place, item) in (0..).zip(&payload.items) {
                let journal::Item::Live(bytes) = item else { continue };
                if let Some(record) = record_of(bytes).filter(|record| records.contains(record)) {
                    out.entry(record).or_default().push((payload.seq, place));
                }
            }
        }
        Ok(out)
    }
}

/// The day of an entry where the vault is.
fn day(entry: &Entry, zone: &str) -> String {
    match entry.time.in_tz(zone) {
        Ok(time) => time.date().to_string(),
        Err(_) => entry.time.to_string(),
    }
}

/// What an entry says of records of which nothing is opened: those of one kind and version together.
pub(super) fn subjects(heads: &[(Id, Head)]) -> Vec<Subject> {
    let mut out: Vec<Subject> = Vec::new();
    for (record, head) in heads {
        let owner = Owner(head.of);
        match out.iter_mut().find(|subject| subject.kind == head.kind && subject.version == head.version) {
            Some(subject) => {
                subject.records.push(*record);
                subject.of.push(owner);
            }
            None => out.push(Subject {
                kind: head.kind.clone(),
                version: head.version,
                fields: BTreeMap::new(),
                records: vec![*record],
                of: vec![owner],
            }),
        }
    }
    for subject in &mut out {
        if subject.of.iter().all(|owner| owner.0.is_none()) {
            subject.of.clear();
        }
    }
    out
}
