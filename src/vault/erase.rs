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
    item::{ErasureItem, Item, MAX_ERASED, records_of},
    open::Erasable,
    rows::{self, Head},
};
use crate::{
    custody::Charter,
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

/// What one entry erases.
struct Order {
    heads: Vec<(Id, Head)>,
    ground: Ground,
    /// The entry that asked for it.
    asked: Option<u64>,
}

/// What was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// The records, with their kinds and how many versions they had.
    pub records: Vec<(Id, String, u64)>,
    /// The entries that say so.
    pub entries: Vec<u64>,
    /// For each of them the entry that asked for it, where a second member has confirmed it.
    pub asked: Vec<Option<u64>>,
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

    /// Asks for an erasure, where the charter wants a second member to confirm it; the entries that
    /// say so. Nothing is erased yet.
    pub fn ask_erasure(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        records: &[Id],
        ground: Ground,
    ) -> Result<Vec<u64>, VaultError> {
        let action = Action::RecordEraseAsk;
        let (group, heads) = self.erasable(actor, access, action, records)?;
        let act = |part: &[(Id, Head)]| Act {
            action,
            group: group.clone(),
            access,
            subjects: subjects(part),
            outcome: Outcome::Ok,
            detail: Some(ground.code()),
        };
        let acts: Vec<_> = heads.chunks(MAX_ERASED as usize).map(|part| (act(part), Vec::new())).collect();
        let entries = (self.size()..).take(acts.len()).collect();
        self.commit_all(actor, acts)?;
        Ok(entries)
    }

    /// The entries that asked for erasures, in their order; the same one named twice is one.
    ///
    /// # Errors
    /// [`VaultError::NoErasureAsked`].
    pub fn erasures_asked(&self, sequences: &[u64]) -> Result<Vec<Entry>, VaultError> {
        let mut out = Vec::new();
        for sequence in sequences.iter().collect::<BTreeSet<_>>() {
            let none = || VaultError::NoErasureAsked { sequence: *sequence };
            if *sequence >= self.size() {
                return Err(none());
            }
            let ask = self.line(*sequence)?.entry().clone();
            if ask.action != Action::RecordEraseAsk || ask.outcome != Outcome::Ok {
                return Err(none());
            }
            out.push(ask);
        }
        Ok(out)
    }

    /// Erases what another member has asked for in these entries.
    ///
    /// # Errors
    /// As [`Vault::erase_records`]; [`VaultError::ErasureChanged`], [`VaultError::ErasureTwice`].
    pub fn confirm_erasure(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        asked: &[u64],
        progress: &dyn Progress,
    ) -> Result<Erased, VaultError> {
        let mut orders = Vec::new();
        let mut all = BTreeSet::new();
        for ask in self.erasures_asked(asked)? {
            let sequence = ask.seq;
            if ask.actor == actor.member() {
                return Err(VaultError::SameMember { member: ask.actor });
            }
            let ground = ask.detail.as_deref().unwrap_or_default().parse()?;
            let mut heads = Vec::new();
            for subject in &ask.subjects {
                for record in &subject.records {
                    let head = self.head_of(record)?;
                    if head.version != subject.version {
                        return Err(VaultError::ErasureChanged { record: record.to_string(), sequence });
                    }
                    // Each entry is confirmed as it stands, and a record is erased by one.
                    if !all.insert(*record) {
                        return Err(VaultError::ErasureTwice { record: record.to_string() });
                    }
                    heads.push((*record, head));
                }
            }
            orders.push(Order { heads, ground, asked: Some(sequence) });
        }
        let all: Vec<Id> = all.into_iter().collect();
        let (group, _) = self.erasable(actor, access, Action::RecordErase, &all)?;
        self.erase(actor, access, &group, orders, progress)
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
        let (group, heads) = self.erasable(actor, access, Action::RecordErase, records)?;
        if self.charter().confirms_erasure() {
            return Err(VaultError::WantsSecond);
        }
        let parts = heads.chunks(MAX_ERASED as usize);
        let orders = parts.map(|part| Order { heads: part.to_vec(), ground, asked: None }).collect();
        self.erase(actor, access, &group, orders, progress)
    }

    /// The group in whose right records are erased, and what is known of them: each once, and none
    /// without what belongs to it.
    fn erasable(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        action: Action,
        records: &[Id],
    ) -> Result<(String, Vec<(Id, Head)>), VaultError> {
        let (group, heads) = self.in_the_right_to_erase(actor, access, action, records)?;
        let named: HashSet<&Id> = records.iter().collect();
        for (record, _) in &heads {
            let left = self.related(record)?.iter().filter(|id| !named.contains(id)).count();
            if left > 0 {
                return Err(VaultError::HasRelated { record: record.to_string(), count: left });
            }
        }
        Ok((group, heads))
    }

    /// The group that gives the actor the right to erase, and what is known of records: each once.
    pub(super) fn in_the_right_to_erase(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        action: Action,
        records: &[Id],
    ) -> Result<(String, Vec<(Id, Head)>), VaultError> {
        let mut heads: Vec<(Id, Head)> = Vec::new();
        let mut seen = HashSet::new();
        for record in records.iter().filter(|record| seen.insert(**record)) {
            heads.push((*record, self.head_of(record)?));
        }
        let Some(group) = actor.group_that_may(self.charter(), "erase").map(ToOwned::to_owned) else {
            self.refuse(actor, access, action, subjects(&heads), "right")?;
            return Err(VaultError::MayNot { member: actor.member().to_owned(), right: "erase".to_owned() });
        };
        self.check_access(actor, access, action, &[])?;
        if heads.is_empty() {
            return Err(VaultError::NothingToWrite);
        }
        Ok((group, heads))
    }

    /// Commits an entry for each order, and then takes all of it out at once.
    fn erase(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        group: &str,
        orders: Vec<Order>,
        progress: &dyn Progress,
    ) -> Result<Erased, VaultError> {
        let records = orders.iter().flat_map(|order| &order.heads).map(|(record, _)| *record).collect();
        let places = self.places_of(&records)?;
        let mut acts = Vec::new();
        let mut erasable = Erasable::default();
        let mut erased = Vec::new();
        let asked_by = orders.iter().map(|order| order.asked).collect();
        for Order { heads, ground, asked } in orders {
            let records: Vec<Id> = heads.iter().map(|(record, _)| *record).collect();
            let mut items: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
            for (sequence, place) in records.iter().filter_map(|record| places.get(record)).flatten() {
                // What names records of several orders is taken out by the first.
                if erasable.places.entry(*sequence).or_default().insert(*place) {
                    items.entry(*sequence).or_default().insert(*place);
                }
            }
            erasable.records.extend(&records);
            let items = items.into_iter().map(|(sequence, places)| (sequence, places.into_iter().collect())).collect();
            let erasure = ErasureItem { ground: ground.code().to_owned(), asked, records, items };
            let act = Act {
                action: Action::RecordErase,
                group: group.to_owned(),
                access,
                subjects: subjects(&heads),
                outcome: Outcome::Ok,
                detail: Some(ground.code()),
            };
            acts.push((act, vec![Item::Erasure(erasure).encode().into()]));
            erased.extend(heads.into_iter().map(|(record, head)| (record, head.kind, head.version)));
        }
        let entries = (self.size()..).take(acts.len()).collect();
        self.commit_all(actor, acts)?;
        self.erase_committed(&erasable, progress)?;
        let items = erasable.places.values().map(|places| places.len() as u64).sum();
        Ok(Erased { records: erased, entries, asked: asked_by, items })
    }

    /// The entry that erased a record, if one did.
    pub fn erasure_of(&self, record: &Id) -> Result<Option<Entry>, VaultError> {
        let Some(row) = self.store.get(&rows::erasure(record))? else { return Ok(None) };
        let sequence = row
            .try_into()
            .map(u64::from_be_bytes)
            .map_err(|_| VaultError::StoreDiffers { what: "where a record was erased" })?;
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

    /// Where the items of these records stand in the journal: sequences and places. One that
    /// releases several records stands at each.
    fn places_of(&self, records: &HashSet<Id>) -> Result<HashMap<Id, Vec<(u64, u64)>>, VaultError> {
        let mut out: HashMap<Id, Vec<(u64, u64)>> = HashMap::new();
        let mut reader = journal::Reader::new(&self.dir.join(JOURNAL), Position::START)?;
        while let Some(payload) = reader.next_payload()? {
            for (place, item) in (0..).zip(&payload.items) {
                let journal::Item::Live(bytes) = item else { continue };
                for record in records_of(bytes).into_iter().filter(|record| records.contains(record)) {
                    out.entry(record).or_default().push((payload.seq, place));
                }
            }
        }
        Ok(out)
    }
}

/// Checks what an entry says that erases records: nothing is taken out of a journal on the word of
/// one that does not hold. `charter` is that in force at the entry, `ask` the entry that asked for
/// it, if it names one.
pub(super) fn check_erasure(
    entry: &Entry,
    erasure: &ErasureItem,
    charter: &Charter,
    ask: Option<&Entry>,
) -> Result<(), VaultError> {
    let bad = |why| Err(VaultError::BadEntry { sequence: entry.seq, why });
    let of = |entry: &Entry| -> BTreeSet<Id> {
        entry.subjects.iter().flat_map(|subject| &subject.records).copied().collect()
    };
    let named = of(entry);
    let says_so = entry.action == Action::RecordErase
        && entry.outcome == Outcome::Ok
        && entry.detail.as_deref() == Some(erasure.ground.as_str())
        && named == erasure.records.iter().copied().collect()
        && named.len() == erasure.records.len();
    if !says_so {
        return bad("it erases records, or on a ground, that it does not name");
    }
    if !charter.groups_of(&entry.actor).any(|group| group == entry.group) || !charter.may(&entry.group, "erase") {
        return bad("its group had no right to do this");
    }
    let Some(asked) = erasure.asked else {
        return if charter.confirms_erasure() {
            bad("it erases records that no second member has asked for")
        } else {
            Ok(())
        };
    };
    let fits = |ask: &&Entry| {
        ask.seq == asked
            && ask.seq < entry.seq
            && ask.action == Action::RecordEraseAsk
            && ask.outcome == Outcome::Ok
            && ask.actor != entry.actor
            && ask.detail == entry.detail
            && of(ask) == named
    };
    if ask.filter(fits).is_none() { bad("it erases records that no second member has asked for") } else { Ok(()) }
}

/// The day of an entry where the vault is.
pub(super) fn day(entry: &Entry, zone: &str) -> String {
    super::retention::day_of(entry.time, zone).to_string()
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
