//! Releases: a group's shares sealed to who asked, and envelopes opened with what was released.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use super::{
    Cell, Revealed, Shown, Vault,
    actor::Actor,
    commit::{Access, Act},
    error::VaultError,
    item::{Item, ReleaseItem},
    may::{check_why, known_purpose},
    request::{Covered, Exchange, holder, missing, subjects, subjects_of},
    write::kind_of,
};
use crate::{
    crypto::{
        CryptoError,
        age_wrap::DecryptionKey,
        envelope::{ContentKey, Envelope, Opened, Place, Policy},
        sharing::Share,
    },
    custody::{
        Charter, Ending, Release, ReleaseError, Request,
        release::{Given, OpenShare},
    },
    id::Id,
    ledger::{Action, Outcome},
    records::{schema::Schema, value::Value},
};

/// The shares of each envelope, by leaf.
pub(super) type Shares = HashMap<Id, BTreeMap<usize, Share>>;

impl Vault {
    /// Releases the shares of one of the actor's groups, of exactly the envelopes that a request
    /// names, to who asked. A request that is not in the vault yet is taken in with the same entry.
    ///
    /// # Errors
    /// The request is not good, or no longer; the actor's groups hold nothing of it; the charter's
    /// witnesses are behind. All of these are entries too.
    pub fn approve(
        &mut self,
        actor: &mut Actor,
        request: &Request,
        group: Option<&str>,
    ) -> Result<(u64, Release), VaultError> {
        let action = Action::ReleaseApprove;
        let access = Access { purpose: Some(request.purpose()), reason: None };
        let (known, mut covered, group) = match self.answerable(actor, request, group) {
            Ok(answerable) => answerable,
            Err(error) => return self.refuse_exchange(actor, access, action, Vec::new(), error),
        };
        let now = crate::clock::now();
        let reason = self.reason_to(actor, request, &group)?;
        let usable = check_why(self.charter(), request, &group, reason.as_deref())
            .and_then(|()| self.check_usable(request.asker(), access.purpose, &covered))
            .and_then(|()| self.require_witnessed(now));
        if let Err(error) = usable {
            return self.refuse_exchange(actor, access, action, subjects(&covered)?, error);
        }
        let holds = |one: &Covered| one.policy.leaves.contains(&group);
        // An entry that brings a request names all records that this names: it goes with them, and with
        // no others.
        if known {
            covered.retain(holds);
        }
        let subjects = subjects_of(&covered, holds)?;
        covered.retain(holds);
        let charter = self.charter().clone();
        let mut shares = Vec::new();
        for one in &covered {
            shares.extend(self.own_shares(actor, one, std::slice::from_ref(&group))?);
        }
        // Who has named no envelopes has no vault: the ciphertexts go along.
        let carries = match request.envelopes().is_empty() {
            true => Some(self.carried(request, &covered, self.schema())?.digest()),
            false => None,
        };
        let given = Given {
            group: &group,
            seen: self.size(),
            envelopes: covered.iter().map(|one| one.named.clone()).collect(),
            shares: &shares,
            carries,
        };
        let release = Release::make(
            &charter,
            request,
            (&actor.identity.member, &actor.identity.signing),
            given,
            now,
            &mut *actor.random,
        )?;
        let mut items = Vec::new();
        if !known {
            items.push(Item::Request(request.to_bytes()).encode());
        }
        items.push(item_of(&release).encode());
        let act = Act { action, group, access, subjects, outcome: Outcome::Ok, detail: None };
        Ok((self.commit(actor, act, items)?, release))
    }

    /// Why a request was made, in the words for one of the actor's groups. `None` if there are none, or
    /// none that it opens.
    ///
    /// # Errors
    /// A key of the group that is not there, or does not open.
    pub fn reason_given(&self, actor: &mut Actor, request: &Request) -> Result<Option<String>, VaultError> {
        for group in actor.groups().to_vec() {
            if let Some(words) = self.reason_to(actor, request, &group)? {
                return Ok(Some(words));
            }
        }
        Ok(None)
    }

    fn reason_to(&self, actor: &mut Actor, request: &Request, group: &str) -> Result<Option<String>, VaultError> {
        // To the key that the group had then.
        let epoch = self.charter_of(request.charter()).and_then(|charter| charter.group(group)).map(|own| own.epoch);
        match epoch {
            Some(epoch) => Ok(request.reason_for(group, actor.group_key(group, epoch, &self.store)?)),
            None => Ok(None),
        }
    }

    /// Denies a request, and tells who asked why.
    ///
    /// # Errors
    /// As [`Vault::approve`].
    pub fn deny(&mut self, actor: &mut Actor, request: &Request, because: &str) -> Result<(u64, Ending), VaultError> {
        let action = Action::ReleaseDeny;
        let access = Access { purpose: Some(request.purpose()), reason: None };
        let (known, covered, group) = match self.answerable(actor, request, None) {
            Ok(answerable) => answerable,
            Err(error) => return self.refuse_exchange(actor, access, action, Vec::new(), error),
        };
        let ending = Ending::deny(
            request,
            (&actor.identity.member, &actor.identity.signing),
            because,
            crate::clock::now(),
            &mut *actor.random,
        )?;
        let mut items = Vec::new();
        if !known {
            items.push(Item::Request(request.to_bytes()).encode());
        }
        items.push(Item::Ending(ending.to_bytes()).encode());
        let access = Access { reason: Some(because), ..access };
        let subjects = subjects(&covered)?;
        let act = Act { action, group, access, subjects, outcome: Outcome::Ok, detail: None };
        Ok((self.commit(actor, act, items)?, ending))
    }

    /// Opens what a request names, with the shares of the asker's own groups and those that were
    /// released: here, and in `outside`, which are taken in with the entry that comes first.
    ///
    /// # Errors
    /// A release that is not good; too few shares. These refusals are entries too.
    pub fn open_released(&mut self, actor: &mut Actor, id: &Id, outside: &[Release]) -> Result<Vec<Shown>, VaultError> {
        let exchange = self.exchange(id)?;
        let access = Access { purpose: Some(exchange.request.purpose()), reason: None };
        let action = Action::ReleaseOpen;
        let (covered, releases) = match self.openable(actor, &exchange, outside) {
            Ok(openable) => openable,
            Err(refused) => {
                let (covered, error) = *refused;
                let subjects = subjects(&covered)?;
                return self.refuse_exchange(actor, access, action, subjects, error);
            }
        };
        // Each is taken in once, also where it is there or was given twice.
        let mut known: BTreeSet<Id> = exchange.releases.iter().map(|(_, release)| release.id()).collect();
        let new = outside.iter().filter(|release| known.insert(release.id()));
        let items = new.map(|release| item_of(release).encode()).collect();
        let group = holder(actor, &covered);
        let subjects = subjects(&covered)?;
        let act = Act { action, group: group.clone(), access, subjects, outcome: Outcome::Ok, detail: None };
        self.commit(actor, act.clone(), items)?;
        match self.open_covered(actor, &covered, &releases) {
            Ok(shown) => Ok(shown),
            Err(error) => {
                let act = Act { outcome: Outcome::Failed, detail: Some("does-not-open"), ..act };
                self.commit(actor, act, Vec::new())?;
                Err(error)
            }
        }
    }

    /// Whether the actor can answer a request: if it is in the vault already, the envelopes it
    /// names, and the group in whose name.
    fn answerable(
        &self,
        actor: &Actor,
        request: &Request,
        group: Option<&str>,
    ) -> Result<(bool, Vec<Covered>, String), VaultError> {
        let charters = self.charters_so_far();
        request.check(&charters, crate::clock::now())?;
        known_purpose(self.charter(), request.purpose())?;
        let exchange = match self.exchange(&request.id()) {
            Ok(exchange) => Some(exchange),
            Err(VaultError::Release(ReleaseError::NoRequest { .. })) => None,
            Err(error) => return Err(error),
        };
        let covered = self.covered_by(request)?;
        let holds = |group: &str| covered.iter().any(|one| one.policy.leaves.iter().any(|leaf| leaf == group));
        let chosen = match group {
            Some(group) if !actor.groups().iter().any(|own| own == group) => {
                let (member, group) = (actor.member().to_owned(), group.to_owned());
                return Err(ReleaseError::NotOfGroup { member, group }.into());
            }
            Some(group) => Some(group.to_owned()).filter(|group| holds(group)),
            None => actor.groups().iter().find(|group| holds(group)).cloned(),
        };
        let chosen = chosen.ok_or_else(|| ReleaseError::NoShare { member: actor.member().to_owned() })?;
        if let Some(exchange) = &exchange {
            if exchange.is_withdrawn() {
                return Err(ReleaseError::Withdrawn { request: request.id().to_string() }.into());
            }
            let answered = exchange.releases.iter().any(|(_, r)| r.releaser() == actor.member() && r.group() == chosen)
                || exchange.deniers().any(|by| by == actor.member());
            if answered {
                return Err(ReleaseError::There { request: request.id().to_string() }.into());
            }
        }
        Ok((exchange.is_some(), covered, chosen))
    }

    /// The envelopes that can be opened and the releases that count; or why not, and of what.
    #[expect(clippy::type_complexity, reason = "a pair on either side")]
    fn openable(
        &self,
        actor: &Actor,
        exchange: &Exchange,
        outside: &[Release],
    ) -> Result<(Vec<Covered>, Vec<Release>), Box<(Vec<Covered>, VaultError)>> {
        let request = &exchange.request;
        let now = crate::clock::now();
        let charters = self.charters_so_far();
        let nothing = |error: ReleaseError| Box::new((Vec::new(), VaultError::Release(error)));
        if request.asker() != actor.member() {
            return Err(nothing(ReleaseError::NotForYou { asker: request.asker().to_owned() }));
        }
        request.check(&charters, now).map_err(nothing)?;
        if exchange.is_withdrawn() {
            return Err(nothing(ReleaseError::Withdrawn { request: request.id().to_string() }));
        }
        let mut releases = outside.to_vec();
        for release in outside {
            release.check(request, &charters, now).map_err(nothing)?;
        }
        // What was taken in before can have lost its force since; others may suffice.
        let mut void = None;
        for (_, release) in &exchange.releases {
            match release.check(request, &charters, now) {
                Ok(()) => releases.push(release.clone()),
                Err(error) => void = void.or(Some(error)),
            }
        }
        let covered = match request.envelopes().is_empty() {
            false => self.named(request.envelopes()),
            true => {
                let all: BTreeSet<_> = releases.iter().flat_map(|release| release.envelopes()).cloned().collect();
                self.named(&all.into_iter().collect::<Vec<_>>())
            }
        };
        let covered = covered.map_err(|error| Box::new((Vec::new(), error)))?;
        if let Err(error) = self.check_usable(actor.member(), Some(request.purpose()), &covered) {
            return Err(Box::new((covered, error)));
        }
        let lacks = covered.iter().find_map(|one| self.lacks(actor.groups(), one, &releases));
        if let Some(lack) = lacks.or_else(|| covered.is_empty().then_some(ReleaseError::Nothing)) {
            let denied = exchange.deniers().next().filter(|_| releases.is_empty());
            let denied = denied.map(|by| ReleaseError::Denied { by: by.to_owned() });
            return Err(Box::new((covered, void.or(denied).unwrap_or(lack).into())));
        }
        Ok((covered, releases))
    }

    /// What is lacking to open an envelope.
    fn lacks(&self, own: &[String], one: &Covered, releases: &[Release]) -> Option<ReleaseError> {
        let mut held: BTreeSet<&str> = own.iter().map(String::as_str).collect();
        let covers = |release: &&Release| release.envelopes().binary_search(&one.named).is_ok();
        held.extend(releases.iter().filter(covers).map(Release::group));
        let charter = self.charter_of(one.policy.charter)?;
        lacking(charter, &one.policy, &held)
    }

    /// The shares that groups of the actor hold of an envelope.
    pub(super) fn own_shares(
        &self,
        actor: &mut Actor,
        one: &Covered,
        groups: &[String],
    ) -> Result<Vec<OpenShare>, VaultError> {
        let missing = || VaultError::NoKey { class: one.envelope.class.clone() };
        let charter = self.charter_of(one.envelope.charter).ok_or_else(missing)?.clone();
        let mut out = Vec::new();
        for (leaf, group) in one.policy.leaves.iter().enumerate() {
            if groups.contains(group) {
                let secret = actor.session_secret(&one.envelope.session, group, &charter, &self.store)?;
                let key = secret.share_key(&one.envelope.class, leaf, group)?;
                let share = one.envelope.at(&one.named.place(&self.id)).open_share(leaf, &key)?;
                out.push(OpenShare { envelope: one.envelope.id, leaf, share });
            }
        }
        Ok(out)
    }

    /// Opens envelopes with the shares of the actor's groups and released ones.
    pub(super) fn open_covered(
        &self,
        actor: &mut Actor,
        covered: &[Covered],
        releases: &[Release],
    ) -> Result<Vec<Shown>, VaultError> {
        let policies = covered.iter().map(|one| (one.named.envelope, &one.policy)).collect();
        let (mut shares, useless) = released(releases, actor.decryption(), &policies);
        let own = actor.groups().to_vec();
        for one in covered {
            match self.own_shares(actor, one, &own) {
                Ok(opened) => take(&mut shares, opened),
                // Of a group that the actor joined later: others may suffice.
                Err(VaultError::NotHandedOn { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let sealed: Vec<Sealed<'_>> = covered
            .iter()
            .map(|one| Sealed {
                record: one.named.record,
                kind: &one.named.kind,
                version: one.named.version,
                of: one.of,
                envelope: &one.envelope,
                policy: &one.policy,
            })
            .collect();
        show(&self.id, &sealed, &shares, self.schema()).map_err(|error| useless.unwrap_or(error))
    }

    /// All charters so far, oldest first.
    pub(super) fn charters_so_far(&self) -> Vec<&Charter> {
        self.charters.all().map(|charter| &**charter).collect()
    }
}

/// An envelope and where it stands.
pub(super) struct Sealed<'a> {
    pub record: Id,
    pub kind: &'a str,
    pub version: u64,
    pub of: Option<Id>,
    pub envelope: &'a Envelope,
    pub policy: &'a Policy,
}

/// The shares that releases hold of envelopes with these policies: each those of its own group, so
/// that nobody spoils what another group has released. One that does not open spoils nothing either:
/// why the first of these does not is for when the others do not suffice.
pub(super) fn released(
    releases: &[Release],
    key: &DecryptionKey,
    policies: &HashMap<Id, &Policy>,
) -> (Shares, Option<VaultError>) {
    let (mut shares, mut useless) = (Shares::new(), None);
    for release in releases {
        let own = |share: &OpenShare| {
            let leaves = policies.get(&share.envelope).map(|policy| policy.leaves.as_slice());
            leaves.and_then(|leaves| leaves.get(share.leaf)).is_some_and(|group| group == release.group())
        };
        match release.open(key) {
            Ok(mut opened) => {
                opened.retain(own);
                take(&mut shares, opened);
            }
            Err(error) => drop(useless.get_or_insert(error.into())),
        }
    }
    (shares, useless)
}

/// Adds shares.
pub(super) fn take(shares: &mut Shares, more: Vec<OpenShare>) {
    for OpenShare { envelope, leaf, share } in more {
        shares.entry(envelope).or_default().insert(leaf, share);
    }
}

/// What these groups lack to open an envelope of this class; nothing if they suffice.
pub(super) fn lacking(charter: &Charter, policy: &Policy, held: &BTreeSet<&str>) -> Option<ReleaseError> {
    let has = |leaf: usize| policy.leaves.get(leaf).is_some_and(|group| held.contains(group.as_str()));
    if policy.quorums.iter().any(|tree| tree.is_met(&has)) {
        return None;
    }
    let of_class: BTreeSet<&str> =
        policy.leaves.iter().map(String::as_str).filter(|group| held.contains(group)).collect();
    let held =
        if of_class.is_empty() { "-".to_owned() } else { of_class.iter().copied().collect::<Vec<_>>().join(" + ") };
    let missing = missing(charter, &policy.class, &of_class);
    let missing = missing.iter().map(|set| set.join(" + ")).collect::<Vec<_>>().join("; ");
    Some(ReleaseError::Quorum { class: policy.class.clone(), held, missing })
}

/// Opens envelopes and shows their fields, record by record: of a field the newest value that one
/// of these envelopes holds.
pub(super) fn show(
    vault: &Id,
    sealed: &[Sealed<'_>],
    shares: &Shares,
    schema: &Arc<Schema>,
) -> Result<Vec<Shown>, VaultError> {
    let mut order: Vec<&Sealed<'_>> = sealed.iter().collect();
    // The newest first, record by record.
    order.sort_by_key(|one| (one.record, std::cmp::Reverse(one.version)));
    let mut out: Vec<Shown> = Vec::new();
    for one in order {
        let place = Place { vault, record: &one.record, kind: one.kind, version: one.version };
        let opened = open(one, &place, shares.get(&one.envelope.id).ok_or(CryptoError::QuorumNotMet)?)?;
        let kind = kind_of(schema, one.kind)?;
        if out.last().is_none_or(|shown| shown.record != one.record) {
            let (kind, cells) = (one.kind.to_owned(), Vec::new());
            out.push(Shown { record: one.record, kind, version: one.version, of: one.of, cells });
        }
        let Some(shown) = out.last_mut() else { continue };
        for (name, value) in opened.all() {
            let value = value?;
            if shown.cells.iter().any(|cell| *cell.field == *name) {
                continue;
            }
            let Some(field) = kind.field(name) else { continue };
            let content = Revealed::Value(Value::decode(&value, field)?);
            shown.cells.push(Cell { field: name.into(), class: one.envelope.class.as_str().into(), content });
        }
    }
    for shown in &mut out {
        let kind = kind_of(schema, &shown.kind)?;
        shown.cells.sort_by_key(|cell| kind.fields.iter().position(|field| *field.id == *cell.field));
    }
    Ok(out)
}

/// Opens one envelope with the shares at hand: with any of them that meet a quorum and whose key is the
/// committed one, so that a wrong share does not spoil the others.
fn open<'a>(one: &Sealed<'a>, place: &Place<'a>, shares: &BTreeMap<usize, Share>) -> Result<Opened<'a>, VaultError> {
    let placed = one.envelope.at(place);
    let mut failed = CryptoError::QuorumNotMet;
    for tree in &one.policy.quorums {
        for way in tree.ways(&|leaf| shares.contains_key(&leaf)) {
            let some = way.iter().filter_map(|leaf| Some((*leaf, shares.get(leaf)?.clone()))).collect();
            let opened = tree.combine(&some).and_then(|key| ContentKey::new(&key)).and_then(|key| placed.open(&key));
            match opened {
                Ok(opened) => return Ok(opened),
                Err(error) => failed = error,
            }
        }
    }
    Err(failed.into())
}

pub(super) fn item_of(release: &Release) -> Item {
    Item::Release(ReleaseItem { note: release.to_bytes(), shares: release.shares().to_vec() })
}
