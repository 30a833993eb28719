//! Requests: envelopes asked for by name, and what became of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry};

use jiff::{Timestamp, civil::Date};

use super::{
    Vault,
    actor::Actor,
    commit::{Access, Act},
    error::VaultError,
    item::{Item, VersionItem},
    plan::MAX_SUBJECTS,
    policy, rows,
    write::{kind_of, sealed_field},
};
use crate::{
    crypto::envelope::{Envelope, Policy},
    custody::{
        Charter, Ending, Release, ReleaseError, Request,
        ending::seal,
        release::{Released, check_until, not_covered},
        request::{Asked, MAX_ENVELOPES, MAX_RECORDS, Named},
    },
    id::Id,
    ledger::{self, Action, Outcome, Subject, entry::Owner},
    store::Kv as _,
};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// The records.
    pub records: &'a [Id],
    /// The classes. With no classes and no fields: all that the asker does not open alone.
    pub classes: &'a [String],
    /// Fields by name; what is asked for are the envelopes that hold them.
    pub fields: &'a [String],
    /// The last day on which it can be answered and opened.
    pub until: Date,
}

/// A request and what became of it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The request.
    pub request: Request,
    /// The sequence of the entry that it came with.
    pub sequence: u64,
    /// The releases that answer it, with the sequence of the entry that brought each.
    pub releases: Vec<(u64, Release)>,
    /// What ended it.
    pub endings: Vec<(u64, Ending)>,
}

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It can be answered and opened.
    Open,
    /// Its day is over.
    Expired,
    /// The asker took it back.
    Withdrawn,
    /// It was made under a charter that is no longer in force, or by somebody who was taken out.
    Void,
}

impl Exchange {
    /// Who has denied it.
    pub fn deniers(&self) -> impl Iterator<Item = &str> {
        self.endings.iter().filter(|(_, ending)| ending.denies()).map(|(_, ending)| ending.by())
    }

    /// Why it was denied, where that was said and the actor is who asked.
    pub fn reasons_of_denial(&self, actor: &Actor) -> Vec<String> {
        let denials = self.endings.iter().map(|(_, ending)| ending).filter(|ending| ending.denies());
        denials.filter_map(|ending| actor.reason_of_denial(ending)).collect()
    }

    /// Whether the asker has taken it back.
    pub fn is_withdrawn(&self) -> bool {
        self.endings.iter().any(|(_, ending)| !ending.denies())
    }
}

/// An envelope that is asked for, as it stands in the vault.
pub(super) struct Covered {
    pub named: Named,
    pub of: Option<Id>,
    pub envelope: Envelope,
    pub policy: Policy,
}

/// The newest envelope of a record's versions, oldest first, that holds a field of a class, as it is
/// named.
pub(super) fn newest_with<'i>(
    versions: &'i [(u64, VersionItem)],
    field: &str,
    class: &str,
) -> Option<(Named, &'i VersionItem, &'i Envelope)> {
    let holds = |envelope: &&Envelope| envelope.class == class && envelope.fields().any(|name| name == field);
    let newest = versions.iter().rev().find_map(|(_, item)| Some((item, item.envelopes.iter().find(holds)?)));
    newest.map(|(item, envelope)| {
        let (record, kind, version) = (item.record, item.kind.clone(), item.version);
        (Named { record, kind, version, class: class.to_owned(), envelope: envelope.id }, item, envelope)
    })
}

impl Vault {
    /// Asks for the envelopes of some records, and enters it.
    ///
    /// # Errors
    /// Nothing sealed against the asker is there; too much at once; purpose, reason or day.
    pub fn make_request(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        ask: &Ask<'_>,
    ) -> Result<Request, VaultError> {
        let (request, covered) = self.prepare_request(actor, access, ask)?;
        let act = Act {
            action: Action::RequestMake,
            group: holder(actor, &covered),
            access,
            subjects: subjects(&covered)?,
            outcome: Outcome::Ok,
            detail: None,
        };
        self.commit(actor, act, vec![Item::Request(request.to_bytes()).encode()])?;
        Ok(request)
    }

    /// Makes a request, and does not enter it.
    pub(super) fn prepare_request(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        ask: &Ask<'_>,
    ) -> Result<(Request, Vec<Covered>), VaultError> {
        let now = crate::clock::now();
        let charter = self.charter().clone();
        check_until(&charter, ask.until, now)?;
        let covered = self.asked_for(ask.records, ask.classes, ask.fields, Some(actor))?;
        let classes: BTreeSet<String> = covered.iter().map(|one| one.named.class.clone()).collect();
        self.check_access(actor, access, Action::RequestMake, &classes.iter().map(String::as_str).collect::<Vec<_>>())?;
        if let Err(error) = self.check_usable(actor.member(), access.purpose, &covered) {
            return self.refuse_exchange(actor, access, Action::RequestMake, subjects(&covered)?, error);
        }
        let purpose = access.purpose.unwrap_or_default().to_owned();
        let mut reason = Vec::new();
        if let Some(text) = access.reason {
            let holders: BTreeSet<&String> = covered.iter().flat_map(|one| &one.policy.leaves).collect();
            for group in charter.groups().iter().filter(|group| holders.contains(&group.id)) {
                reason.push((group.id.clone(), seal(&group.recipient, text, &mut *actor.random)?));
            }
        }
        let mut records = ask.records.to_vec();
        records.sort_unstable();
        records.dedup();
        let asked = Asked {
            purpose,
            until: ask.until,
            seen: self.size(),
            records,
            classes: classes.into_iter().collect(),
            fields: ask.fields.to_vec(),
            envelopes: covered.iter().map(|one| one.named.clone()).collect(),
            reason,
        };
        let request = Request::make(&charter, (actor.member(), actor.signing()), asked, now)?;
        Ok((request, covered))
    }

    /// Takes a request back. What was released already cannot be opened with it any more, unless
    /// the asker has opened it before.
    ///
    /// # Errors
    /// Somebody else's request; one that was taken back already, or is void under another charter.
    pub fn withdraw_request(&mut self, actor: &mut Actor, id: &Id) -> Result<(), VaultError> {
        let exchange = self.exchange(id)?;
        let request = &exchange.request;
        let access = Access { purpose: Some(request.purpose()), reason: None };
        let action = Action::RequestWithdraw;
        if request.asker() != actor.member() {
            let error = ReleaseError::NotYours { asker: request.asker().to_owned() };
            return self.refuse_exchange(actor, access, action, Vec::new(), error.into());
        }
        if exchange.is_withdrawn() {
            return Err(ReleaseError::Withdrawn { request: id.to_string() }.into());
        }
        let now = crate::clock::now();
        match request.check(&self.charters_so_far(), now) {
            // Nothing is answered under another charter, which need not know the purpose any more.
            Err(error) if !matches!(error, ReleaseError::Expired { .. } | ReleaseError::BadDay { .. }) => {
                return self.refuse_exchange(actor, access, action, Vec::new(), error.into());
            }
            _ => {}
        }
        let ending = Ending::withdraw(request, (actor.member(), actor.signing()), now)?;
        let act = Act {
            action,
            group: actor.groups().first().cloned().unwrap_or_default(),
            access,
            subjects: Vec::new(),
            outcome: Outcome::Ok,
            detail: None,
        };
        self.commit(actor, act, vec![Item::Ending(ending.to_bytes()).encode()])?;
        Ok(())
    }

    /// All requests, the newest first. Opens nothing.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn exchanges(&self) -> Result<Vec<Exchange>, VaultError> {
        let mut out = Vec::new();
        for row in self.store.scan(b"Q") {
            let (key, _) = row?;
            if let Some(id) = rows::last_id(&key) {
                out.push(self.exchange(&id)?);
            }
        }
        out.sort_by_key(|exchange| std::cmp::Reverse(exchange.sequence));
        Ok(out)
    }

    /// What others have released to a member, also where it was taken back or its day is over since.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn released_to(&self, member: &str) -> Result<Released, VaultError> {
        let mut out = Released::new();
        for exchange in self.exchanges()?.iter().filter(|exchange| exchange.request.asker() == member) {
            for (_, release) in &exchange.releases {
                for named in release.envelopes() {
                    let place = (named.record, named.version, named.class.clone());
                    out.entry(place).or_default().insert(release.group().to_owned());
                }
            }
        }
        Ok(out)
    }

    /// A request and what became of it.
    ///
    /// # Errors
    /// [`ReleaseError::NoRequest`].
    pub fn exchange(&self, id: &Id) -> Result<Exchange, VaultError> {
        let row = self.store.get(&rows::request(id))?;
        let row = row.ok_or_else(|| ReleaseError::NoRequest { reference: id.to_string() })?;
        let (sequence, item) = rows::split_stored_item(&row)?;
        let differs = || VaultError::StoreDiffers { what: "a request" };
        let Item::Request(note) = Item::decode(item)? else { return Err(differs()) };
        let request = Request::parse(&note)?;
        let (mut releases, mut endings) = (Vec::new(), Vec::new());
        for row in self.store.scan(&rows::releases(id)) {
            let (_, row) = row?;
            let (sequence, item) = rows::split_stored_item(&row)?;
            let Item::Release(item) = Item::decode(item)? else { return Err(differs()) };
            releases.push((sequence, Release::parse(&item.note, &item.shares)?));
        }
        for row in self.store.scan(&rows::endings(id)) {
            let (_, row) = row?;
            let (sequence, item) = rows::split_stored_item(&row)?;
            let Item::Ending(note) = Item::decode(item)? else { return Err(differs()) };
            endings.push((sequence, Ending::parse(&note)?));
        }
        releases.sort_by_key(|(sequence, _)| *sequence);
        endings.sort_by_key(|(sequence, _)| *sequence);
        Ok(Exchange { request, sequence, releases, endings })
    }

    /// The request that is meant by an id, or by the first characters of one.
    ///
    /// # Errors
    /// [`ReleaseError::NoRequest`], [`ReleaseError::Ambiguous`].
    pub fn find_request(&self, reference: &str) -> Result<Id, VaultError> {
        let wanted = reference.trim().to_ascii_lowercase();
        let mut found = Vec::new();
        for row in self.store.scan(b"Q") {
            found.extend(rows::last_id(&row?.0).filter(|id| id.to_string().starts_with(&wanted)));
        }
        match found[..] {
            [id] if wanted.len() >= super::resolve::MIN_PREFIX => Ok(id),
            [_, _, ..] => Err(ReleaseError::Ambiguous { reference: wanted, count: found.len() }.into()),
            _ => Err(ReleaseError::NoRequest { reference: wanted }.into()),
        }
    }

    /// How a request stands now.
    pub fn state_of(&self, exchange: &Exchange, now: Timestamp) -> State {
        match exchange.request.check(&self.charters_so_far(), now) {
            _ if exchange.is_withdrawn() => State::Withdrawn,
            Ok(()) => State::Open,
            Err(ReleaseError::Expired { .. }) => State::Expired,
            Err(_) => State::Void,
        }
    }

    /// The fields that the envelopes of a request hold, by class: those that were asked for, and
    /// those that stand in the same envelopes. Opens nothing.
    ///
    /// # Errors
    /// An envelope that is not there.
    pub fn covered_fields(&self, request: &Request) -> Result<BTreeMap<String, Vec<String>>, VaultError> {
        let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for one in self.covered_by(request)? {
            add_once(&mut out, &one.named.class, one.envelope.fields());
        }
        Ok(out)
    }

    /// The sets of groups that still have to release before a class of a request is opened; empty
    /// for a class that is.
    ///
    /// # Errors
    /// An envelope that is not there.
    pub fn missing_groups(
        &self,
        exchange: &Exchange,
        own: &[String],
    ) -> Result<BTreeMap<String, Vec<Vec<String>>>, VaultError> {
        let mut held: BTreeSet<&str> = own.iter().map(String::as_str).collect();
        held.extend(exchange.releases.iter().map(|(_, release)| release.group()));
        let mut out = BTreeMap::new();
        for one in self.covered_by(&exchange.request)? {
            let Some(charter) = self.charter_of(one.policy.charter) else { continue };
            out.insert(one.named.class.clone(), missing(charter, &one.named.class, &held));
        }
        Ok(out)
    }

    /// The envelopes of a request, as they stand in the vault.
    pub(super) fn covered_by(&self, request: &Request) -> Result<Vec<Covered>, VaultError> {
        match request.envelopes().is_empty() {
            true => self.asked_for(request.records(), request.classes(), request.fields(), None),
            false => self.named(request.envelopes()),
        }
    }

    /// Envelopes by name.
    ///
    /// # Errors
    /// [`ReleaseError::NotCovered`] for one that is not there.
    pub(super) fn named(&self, named: &[Named]) -> Result<Vec<Covered>, VaultError> {
        let mut versions: HashMap<Id, Vec<VersionItem>> = HashMap::new();
        let mut out = Vec::with_capacity(named.len());
        for named in named {
            if let Entry::Vacant(place) = versions.entry(named.record) {
                let of_record = self.versions(&named.record)?;
                place.insert(of_record.into_iter().map(|(_, item)| item).collect());
            }
            let items = versions.get(&named.record).map(Vec::as_slice).unwrap_or_default();
            let item = items.iter().find(|item| item.version == named.version && item.kind == named.kind);
            let envelope = item.and_then(|item| {
                item.envelopes.iter().find(|envelope| envelope.id == named.envelope && envelope.class == named.class)
            });
            let (Some(item), Some(envelope)) = (item, envelope) else { return Err(not_covered(named).into()) };
            let (envelope, policy) = (envelope.clone(), self.policy_of(envelope)?);
            out.push(Covered { named: named.clone(), of: item.of, envelope, policy });
        }
        Ok(out)
    }

    pub(super) fn policy_of(&self, envelope: &Envelope) -> Result<Policy, VaultError> {
        let missing = || VaultError::NoKey { class: envelope.class.clone() };
        let charter = self.charter_of(envelope.charter).ok_or_else(missing)?;
        policy::ordinary(charter, &envelope.class).ok_or_else(missing)
    }

    /// The envelopes that hold the present values of these classes and fields; without both, all
    /// that `alone` does not open. Sorted.
    pub(super) fn asked_for(
        &self,
        records: &[Id],
        classes: &[String],
        fields: &[String],
        alone: Option<&Actor>,
    ) -> Result<Vec<Covered>, VaultError> {
        if records.len() > MAX_RECORDS {
            return Err(ReleaseError::TooMany { records: MAX_RECORDS, envelopes: MAX_ENVELOPES }.into());
        }
        let schema = self.schema().clone();
        let opens = |envelope: &Envelope| {
            let charter = self.charter_of(envelope.charter);
            alone.is_some_and(|actor| charter.is_some_and(|charter| actor.opens(charter, &envelope.class)))
        };
        let all = classes.is_empty() && fields.is_empty();
        let mut found = BTreeMap::new();
        for record in records {
            let head = self.head_of(record)?;
            let kind = kind_of(&schema, &head.kind)?;
            for name in fields {
                sealed_field(kind, name)?;
            }
            let items = self.versions(record)?;
            // Of a field and a class, as a request that is answered outside names both: only the
            // field's envelopes, where fields were named.
            let by_name = |name: &str| fields.iter().any(|own| own == name);
            let by_class = |class: &str| fields.is_empty() && classes.iter().any(|own| own == class);
            for (field, class) in kind.sealed_fields() {
                let wanted = by_name(&field.id)
                    || by_class(class)
                    || (alone.is_some() && classes.iter().any(|own| own == class));
                if !all && !wanted {
                    continue;
                }
                let Some((named, item, envelope)) = newest_with(&items, &field.id, class) else { continue };
                if opens(envelope) {
                    if all {
                        continue;
                    }
                    return Err(ReleaseError::OpensAlone { class: class.to_owned() }.into());
                }
                if !found.contains_key(&named) {
                    let policy = self.policy_of(envelope)?;
                    found.insert(named.clone(), Covered { named, of: item.of, envelope: envelope.clone(), policy });
                }
            }
        }
        match found.len() {
            0 => Err(ReleaseError::Nothing.into()),
            _ => Ok(found.into_values().collect()),
        }
    }

    /// Enters that something was refused, and gives the error.
    pub(super) fn refuse_exchange<T>(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        action: Action,
        subjects: Vec<Subject>,
        error: VaultError,
    ) -> Result<T, VaultError> {
        let detail = match &error {
            VaultError::NotWitnessed { .. } => "witness",
            VaultError::Restricted { .. } => "restricted",
            _ => "release",
        };
        self.refuse(actor, access, action, subjects, detail)?;
        Err(error)
    }
}

/// Adds fields to those of a class; each stands there once, in the order in which they come.
pub(super) fn add_once<'f>(
    to: &mut BTreeMap<String, Vec<String>>,
    class: &str,
    fields: impl IntoIterator<Item = &'f str>,
) {
    let own = to.entry(class.to_owned()).or_default();
    for field in fields {
        if !own.iter().any(|known| known == field) {
            own.push(field.to_owned());
        }
    }
}

/// The first of the actor's groups that holds a share of one of these; else the first.
pub(super) fn holder(actor: &Actor, covered: &[Covered]) -> String {
    let holds = |group: &&String| covered.iter().any(|one| one.policy.leaves.contains(group));
    actor.groups().iter().find(holds).or(actor.groups().first()).cloned().unwrap_or_default()
}

/// What must still be released: for each way to open the class that lacks the fewest, the groups.
pub(super) fn missing(charter: &Charter, class: &str, held: &BTreeSet<&str>) -> Vec<Vec<String>> {
    let lack = charter
        .coalitions(class)
        .into_iter()
        .map(|set| set.into_iter().filter(|group| !held.contains(group.as_str())).collect::<Vec<_>>());
    let lack: Vec<Vec<String>> = lack.collect();
    let least = lack.iter().map(Vec::len).min().unwrap_or_default();
    lack.into_iter().filter(|set| set.len() == least && least > 0).collect()
}

/// Whether an entry says of each of these envelopes that it is about fields of its class, where it
/// stands.
pub(super) fn says(entry: &ledger::Entry, envelopes: &[Named]) -> bool {
    let mut told = BTreeSet::new();
    for subject in &entry.subjects {
        for class in subject.fields.keys() {
            let of = |record: &Id| (*record, subject.kind.as_str(), subject.version, class.as_str());
            told.extend(subject.records.iter().map(of));
        }
    }
    envelopes.iter().all(|one| told.contains(&(one.record, one.kind.as_str(), one.version, one.class.as_str())))
}

/// What an entry says of envelopes: all fields that they hold.
pub(super) fn subjects(covered: &[Covered]) -> Result<Vec<Subject>, VaultError> {
    subjects_of(covered, |_| true)
}

/// What an entry says of envelopes of which some are given, and the others only named: their records,
/// and the fields of those that are given.
pub(super) fn subjects_of(covered: &[Covered], given: impl Fn(&Covered) -> bool) -> Result<Vec<Subject>, VaultError> {
    type Fields = BTreeMap<String, Vec<String>>;
    let mut by_place: BTreeMap<(Id, u64), (&Covered, Fields)> = BTreeMap::new();
    for one in covered {
        let (_, fields) = by_place.entry((one.named.record, one.named.version)).or_insert_with(|| (one, Fields::new()));
        if given(one) {
            fields.entry(one.named.class.clone()).or_default().extend(one.envelope.fields().map(ToOwned::to_owned));
        }
    }
    let mut out: Vec<Subject> = Vec::new();
    for ((record, version), (one, fields)) in by_place {
        let kind = &one.named.kind;
        let same = |s: &&mut Subject| s.kind == *kind && s.version == version && s.fields == fields;
        match out.iter_mut().find(same) {
            Some(subject) => {
                subject.records.push(record);
                subject.of.push(Owner(one.of));
            }
            None => out.push(Subject {
                kind: kind.clone(),
                version,
                fields,
                records: vec![record],
                of: vec![Owner(one.of)],
            }),
        }
    }
    for subject in &mut out {
        if subject.of.iter().all(|owner| owner.0.is_none()) {
            subject.of.clear();
        }
    }
    let length = serde_json::to_vec(&out).map_or(usize::MAX, |bytes| bytes.len());
    if length > MAX_SUBJECTS {
        return Err(ReleaseError::TooMany { records: MAX_RECORDS, envelopes: MAX_ENVELOPES }.into());
    }
    Ok(out)
}
