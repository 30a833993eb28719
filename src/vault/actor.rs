//! A member at work: an unlocked identity, and the keys that it has opened so far.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use zeroize::Zeroizing;

use crate::{
    crypto::{
        CryptoError,
        age_wrap::{self, DecryptionKey},
        envelope::{ContentKey, Envelope, Opened, Place, Placed, Policy, Sealer},
        identity::Identity,
        index::IndexKey,
        random::Random,
        session::{Session, SessionSecret, ShareKey},
        sharing::{Share, Tree},
        sign::SigningKey,
    },
    custody::{Amendment, AmendmentError, Charter, CharterError, Ending, GroupKey},
    id::Id,
    store::Kv,
    vault::{
        error::VaultError,
        item::{Item, SessionItem, find_wrapped},
        policy, rows,
    },
};

/// Most opened session secrets kept in memory, at about 200 bytes each. A reader of more sessions
/// unwraps again.
const MAX_SECRETS: usize = 65_536;

/// Most envelopes sealed in one session: each has one random nonce for every share key of its class, and
/// one session that got out would be worth so much.
const MAX_SEALED: u64 = 1_000_000;

/// A member of the vault's charter, with the keys at hand.
///
/// All secrets are wiped when it is dropped.
pub struct Actor {
    pub(super) identity: Identity,
    groups: Vec<String>,
    /// The present epoch of every group.
    epochs: BTreeMap<String, u64>,
    keys: HashMap<(String, u64), DecryptionKey>,
    secrets: HashMap<Id, HashMap<String, Arc<SessionSecret>>>,
    /// The log's key, by the charter that it came with.
    log: Option<(u64, SigningKey)>,
    sealing: Option<Sealing>,
    /// The keys of index epochs.
    pub(super) index: HashMap<u64, Arc<IndexKey>>,
    pub(super) random: Box<dyn Random>,
}

/// How envelopes of one class are opened that were sealed in one session: the leaves of a quorum
/// that the actor's groups meet, and what opens the shares there.
pub(super) struct Way {
    tree: Tree,
    held: Vec<(usize, ShareKey)>,
}

impl Way {
    /// The content key of such an envelope.
    pub fn content_key(&self, placed: &Placed<'_>) -> Result<ContentKey, CryptoError> {
        let open = |(leaf, key): &(usize, ShareKey)| Ok((*leaf, placed.open_share(*leaf, key)?));
        if let [only] = &self.held[..] {
            // It meets the tree by itself: what reached its leaf is the whole secret.
            return ContentKey::new(&open(only)?.1);
        }
        let shares: BTreeMap<usize, Share> = self.held.iter().map(open).collect::<Result<_, CryptoError>>()?;
        ContentKey::new(&self.tree.combine(&shares)?)
    }
}

/// The session that the actor seals in, begun with the first write.
struct Sealing {
    session: Session,
    charter: u64,
    sealed: u64,
    /// By class.
    sealers: BTreeMap<String, Arc<Sealer>>,
}

impl Sealing {
    /// Whether so many envelopes more can be sealed in it, under this version of the charter.
    fn has_place(&self, charter: u64, envelopes: u64) -> bool {
        self.charter == charter && self.sealed.saturating_add(envelopes) <= MAX_SEALED
    }
}

impl Actor {
    /// Admits an identity: its member must be in the charter, with these keys, and in a group.
    pub(super) fn admit(identity: Identity, charter: &Charter, random: Box<dyn Random>) -> Result<Actor, VaultError> {
        let member = &identity.member;
        let card = charter.member(member).ok_or_else(|| VaultError::NotAMember { member: member.clone() })?;
        let same_recipient = identity.recipient().is_none_or(|recipient| *recipient == card.recipient);
        if card.signing != identity.signing.public() || !same_recipient {
            return Err(VaultError::OtherKeys { member: member.clone() });
        }
        let groups: Vec<String> = charter.groups_of(member).map(ToOwned::to_owned).collect();
        if groups.is_empty() {
            return Err(VaultError::NoGroup { member: member.clone() });
        }
        Ok(Actor {
            identity,
            groups,
            epochs: epochs(charter),
            keys: HashMap::new(),
            secrets: HashMap::new(),
            log: None,
            sealing: None,
            index: HashMap::new(),
            random,
        })
    }

    /// Goes on under another charter; in no group, if it does not know this member with these keys.
    pub(super) fn renew(&mut self, charter: &Charter) {
        let card = charter.member(&self.identity.member).filter(|card| {
            card.signing == self.identity.signing.public()
                && self.identity.recipient().is_none_or(|recipient| *recipient == card.recipient)
        });
        self.groups =
            card.map(|card| charter.groups_of(&card.member).map(ToOwned::to_owned).collect()).unwrap_or_default();
        self.epochs = epochs(charter);
        self.log = None;
        self.sealing = None;
    }

    /// The member's name.
    pub fn member(&self) -> &str {
        &self.identity.member
    }

    /// The groups the member is in, in the charter's order.
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// Opens what [`super::Vault::seal_to`] sealed to this actor.
    pub fn open_own(&self, file: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        Ok(age_wrap::unwrap(&self.identity.decryption, file)?)
    }

    /// Why a request of this actor's was denied. Of somebody else's nothing is known.
    pub fn reason_of_denial(&self, denial: &Ending) -> Option<String> {
        denial.because(&self.identity.decryption).ok().flatten()
    }

    /// The member's own decryption key: what is released to them is sealed to it.
    pub(super) fn decryption(&self) -> &DecryptionKey {
        &self.identity.decryption
    }

    /// What signs in the member's name.
    pub(super) fn signing(&self) -> &SigningKey {
        &self.identity.signing
    }

    /// The first of the actor's groups that may do this.
    pub fn group_that_may(&self, charter: &Charter, right: &str) -> Option<&str> {
        self.groups.iter().map(String::as_str).find(|group| charter.may(group, right))
    }

    /// Whether all that the actor's groups are given is to keep the ledger.
    pub fn only_keeps_ledger(&self, charter: &Charter) -> bool {
        self.groups.iter().all(|group| charter.keeps_ledger(group))
    }

    /// Whether the actor's groups open a class without anybody else.
    pub fn opens(&self, charter: &Charter, class: &str) -> bool {
        charter.openable_alone(class, &self.groups)
    }

    /// Takes a group's key that was put together from paper, for as long as the actor is at work.
    pub(super) fn take_group_key(&mut self, group: &str, epoch: u64, key: DecryptionKey) {
        self.keys.insert((group.to_owned(), epoch), key);
    }

    /// The private key of one of the actor's groups, of an epoch in which they were in it.
    pub(super) fn group_key(&mut self, group: &str, epoch: u64, store: &dyn Kv) -> Result<&DecryptionKey, VaultError> {
        let at = (group.to_owned(), epoch);
        let missing = || VaultError::NoGroupKey { group: group.to_owned() };
        if !self.keys.contains_key(&at) {
            let note = store.get(&rows::group_key(group, epoch))?.ok_or_else(missing)?;
            let key = GroupKey::parse(&note)?.unwrap(self.member(), &self.identity.decryption)?;
            self.keys.insert(at.clone(), key);
        }
        self.keys.get(&at).ok_or_else(missing)
    }

    /// The log's signing key, which every group holds.
    pub(super) fn log_key(&mut self, charter: &Charter, store: &dyn Kv) -> Result<&SigningKey, VaultError> {
        let missing = || VaultError::NoLogKey;
        if self.log.as_ref().is_none_or(|(version, _)| *version != charter.version()) {
            let group = self.groups.first().ok_or_else(missing)?.clone();
            let epoch = charter.group(&group).ok_or_else(missing)?.epoch;
            // It came with this charter, or with the newest before it that changed keys.
            let mut stored = None;
            for version in (1..=charter.version()).rev() {
                stored = store.get(&rows::log_key(version))?;
                if stored.is_some() {
                    break;
                }
            }
            let Item::LogKey(wrapped) = Item::decode(&stored.ok_or_else(missing)?)? else { return Err(missing()) };
            let file = find_wrapped(&wrapped, &group).ok_or_else(missing)?;
            let seed = age_wrap::unwrap(self.group_key(&group, epoch, store)?, file)?;
            let key = SigningKey::from_seed(&seed)?;
            if key.public() != *charter.log() {
                return Err(missing());
            }
            self.log = Some((charter.version(), key));
        }
        self.log.as_ref().map(|(_, key)| key).ok_or_else(missing)
    }

    /// Checks, as far as one of the actor's groups goes on, that the log key of an amendment is the
    /// one that it names.
    pub(super) fn check_log_key(&mut self, amendment: &Amendment, store: &dyn Kv) -> Result<(), VaultError> {
        let Some(wrapped) = amendment.log() else { return Ok(()) };
        let next = amendment.next();
        if next.member(self.member()).is_none_or(|card| card.signing != self.identity.signing.public()) {
            return Ok(());
        }
        let Some(group) = next.groups_of(self.member()).next().and_then(|group| next.group(group)) else {
            return Ok(());
        };
        let file = find_wrapped(wrapped, &group.id).ok_or(AmendmentError::LogKey)?;
        let new = amendment.keys().iter().find(|key| key.group == group.id);
        let seed = match new {
            Some(key) => age_wrap::unwrap(&key.unwrap(self.member(), &self.identity.decryption)?, file)?,
            None => age_wrap::unwrap(self.group_key(&group.id, group.epoch, store)?, file)?,
        };
        if SigningKey::from_seed(&seed)?.public() == *next.log() { Ok(()) } else { Err(AmendmentError::LogKey.into()) }
    }

    /// What seals envelopes of these classes, so many of each, in the classes' order; and the item of
    /// the session where it is new and must be written with the next payload.
    pub(super) fn sealing<'c>(
        &mut self,
        charter: &Charter,
        classes: impl ExactSizeIterator<Item = &'c str>,
        of_each: u64,
    ) -> Result<(Vec<Arc<Sealer>>, Option<SessionItem>), VaultError> {
        let envelopes = of_each * classes.len() as u64;
        if envelopes == 0 {
            return Ok((Vec::new(), None));
        }
        // Gone if anything fails below: it was committed, or nobody will miss it.
        let open = self.sealing.take();
        let open = open.filter(|open| open.has_place(charter.version(), envelopes));
        let (mut open, new) = match open {
            Some(open) => (open, None),
            None => {
                let groups = charter.session_groups();
                let recipients: Vec<_> = groups.map(|group| (group.id.as_str(), &group.recipient)).collect();
                let (session, wrapped) = Session::begin(&recipients, &mut *self.random)?;
                let item = SessionItem { id: session.id, charter: charter.version(), wrapped };
                let sealers = BTreeMap::new();
                (Sealing { session, charter: charter.version(), sealed: 0, sealers }, Some(item))
            }
        };
        let mut sealers = Vec::with_capacity(classes.len());
        for class in classes {
            if !open.sealers.contains_key(class) {
                let missing = || VaultError::NoKey { class: class.to_owned() };
                let policy = policy::to_seal(charter, class, self.member()).ok_or_else(missing)?;
                open.sealers.insert(class.to_owned(), Arc::new(Sealer::new(policy, &open.session)?));
            }
            sealers.extend(open.sealers.get(class).cloned());
        }
        open.sealed += envelopes;
        self.sealing = Some(open);
        Ok((sealers, new))
    }

    /// What seals one envelope of a class, and the session's item as in [`Actor::sealing`].
    pub(super) fn sealing_one(
        &mut self,
        charter: &Charter,
        class: &str,
    ) -> Result<(Arc<Sealer>, Option<SessionItem>), VaultError> {
        let (mut sealers, new) = self.sealing(charter, [class].into_iter(), 1)?;
        let sealer = sealers.pop().ok_or_else(|| VaultError::NoKey { class: class.to_owned() })?;
        Ok((sealer, new))
    }

    /// Forgets the session that is being sealed in: its item was never committed.
    pub(super) fn abandon_sealing(&mut self) {
        self.sealing = None;
        self.index.clear();
    }

    /// Opens an envelope with the shares that the actor's groups hold.
    pub(super) fn open<'e>(
        &mut self,
        place: &Place<'_>,
        envelope: &'e Envelope,
        policy: &Policy,
        charter: &Charter,
        store: &dyn Kv,
    ) -> Result<Opened<'e>, VaultError> {
        let placed = envelope.at(place);
        let content_key = self.way(&envelope.session, policy, charter, store)?.content_key(&placed)?;
        Ok(placed.open(&content_key)?)
    }

    /// How the actor opens envelopes of a class that were sealed in a session.
    pub(super) fn way(
        &mut self,
        session: &Id,
        policy: &Policy,
        charter: &Charter,
        store: &dyn Kv,
    ) -> Result<Way, VaultError> {
        let mine = |leaf: usize| policy.leaves.get(leaf).is_some_and(|group| self.groups.contains(group));
        // The quorum of an emergency is not one of those that are simply used.
        let ordinary = charter.class(&policy.class).map_or(policy.quorums.len(), |class| class.quorums.len());
        let tree =
            policy.quorums.iter().take(ordinary).find(|tree| tree.is_met(&mine)).ok_or(CryptoError::QuorumNotMet)?;
        // Only the shares of the one quorum that is met are needed, and of it only mine.
        let mut leaves = Vec::new();
        tree.leaves(&mut leaves);
        leaves.retain(|leaf| mine(*leaf));
        let enough = (1..=leaves.len()).find(|count| tree.is_met(&|leaf| leaves[..*count].contains(&leaf)));
        leaves.truncate(enough.unwrap_or(leaves.len()));
        let mut held = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            let group = &policy.leaves[leaf];
            let secret = self.session_secret(session, group, charter, store)?;
            held.push((leaf, secret.share_key(&policy.class, leaf, group)?));
        }
        Ok(Way { tree: tree.clone(), held })
    }

    /// A group's secret of a session, unwrapped once.
    pub(super) fn session_secret(
        &mut self,
        session: &Id,
        group: &str,
        charter: &Charter,
        store: &dyn Kv,
    ) -> Result<Arc<SessionSecret>, VaultError> {
        if let Some(known) = self.secrets.get(session).and_then(|of| of.get(group)) {
            return Ok(known.clone());
        }
        let secret = self.unwrap_session(session, group, charter, store)?;
        let secret = Arc::new(SessionSecret::new(session, &secret)?);
        if self.secrets.len() >= MAX_SECRETS {
            self.secrets.clear();
        }
        self.secrets.entry(*session).or_default().insert(group.to_owned(), secret.clone());
        Ok(secret)
    }

    /// A group's secret of a session that began under `charter`: with the newest key of the group
    /// that it was handed on to, else with the one that was the group's then.
    pub(super) fn unwrap_session(
        &mut self,
        session: &Id,
        group: &str,
        charter: &Charter,
        store: &dyn Kv,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let missing = || VaultError::NoSession { session: session.to_string() };
        let began = charter.group(group).ok_or_else(missing)?.epoch;
        let present = self.epochs.get(group).copied().unwrap_or(began);
        for epoch in (began + 1..=present).rev() {
            let Some(file) = store.get(&rows::rewrapped(session, group, epoch))? else { continue };
            // What somebody handed on badly does not take away what an older key still opens.
            if let Ok(key) = self.group_key(group, epoch, store)
                && let Ok(secret) = age_wrap::unwrap(key, &file)
            {
                return Ok(secret);
            }
        }
        let stored = store.get(&rows::session(session))?.ok_or_else(missing)?;
        let Item::Session(item) = Item::decode(&stored)? else { return Err(missing()) };
        let file = item.for_group(group).ok_or_else(missing)?;
        match self.group_key(group, began, store) {
            Err(VaultError::Charter(CharterError::NotInGroup { .. })) if present > began => {
                Err(VaultError::NotHandedOn { group: group.to_owned() })
            }
            key => Ok(age_wrap::unwrap(key?, file)?),
        }
    }
}

fn epochs(charter: &Charter) -> BTreeMap<String, u64> {
    charter.groups().iter().map(|group| (group.id.clone(), group.epoch)).collect()
}

impl std::fmt::Debug for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Actor({})", self.member())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_an_end_and_one_charter() {
        let session = Session::from_secrets(Id([9; 16]), &[("centre/head", [1; 32])]).unwrap();
        let sealing = Sealing { session, charter: 3, sealed: MAX_SEALED - 5, sealers: BTreeMap::new() };
        assert!(sealing.has_place(3, 5));
        assert!(!sealing.has_place(3, 6) && !sealing.has_place(3, u64::MAX));
        assert!(!sealing.has_place(4, 1) && !sealing.has_place(2, 1));
    }
}
