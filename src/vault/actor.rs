//! A member at work: an unlocked identity, and the keys that it has opened so far.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use crate::{
    crypto::{
        CryptoError,
        age_wrap::{self, DecryptionKey},
        envelope::{ContentKey, Envelope, Policy},
        identity::Identity,
        random::{Random, SystemRandom},
        session::{Session, SessionSecret},
        sign::SigningKey,
    },
    custody::{Charter, GroupKey},
    id::Id,
    store::Kv,
    vault::{
        error::VaultError,
        item::{Item, SessionItem, find_wrapped},
        rows,
    },
};

/// Most opened session secrets kept in memory, at about 200 bytes each. A reader of more sessions
/// unwraps again.
const MAX_SECRETS: usize = 65_536;

/// Most envelopes sealed in one session. A session secret protects shares by keys derived for each,
/// so this is no cryptographic limit: it bounds what one released session would be worth.
const MAX_SEALED: u64 = 1_000_000;

/// A member of the vault's charter, with the keys at hand.
///
/// All secrets are wiped when it is dropped.
pub struct Actor {
    identity: Identity,
    groups: Vec<String>,
    keys: HashMap<String, DecryptionKey>,
    secrets: HashMap<Id, HashMap<String, SessionSecret>>,
    log: Option<SigningKey>,
    sealing: Option<Sealing>,
    pub(super) random: Box<dyn Random>,
}

/// The session that the actor seals in, begun with the first write.
struct Sealing {
    session: Arc<Session>,
    charter: u64,
    sealed: u64,
}

impl Actor {
    /// Admits an identity: its member must be in the charter, with these keys, and in a group.
    pub(super) fn admit(identity: Identity, charter: &Charter) -> Result<Actor, VaultError> {
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
            keys: HashMap::new(),
            secrets: HashMap::new(),
            log: None,
            sealing: None,
            random: Box::new(SystemRandom::new()),
        })
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
    pub fn open_own(&self, file: &[u8]) -> Result<zeroize::Zeroizing<Vec<u8>>, VaultError> {
        Ok(age_wrap::unwrap(&self.identity.decryption, file)?)
    }

    /// What signs in the member's name.
    pub(super) fn signing(&self) -> &SigningKey {
        &self.identity.signing
    }

    /// The first of the actor's groups that may do this.
    pub fn group_that_may(&self, charter: &Charter, right: &str) -> Option<&str> {
        self.groups.iter().map(String::as_str).find(|group| charter.may(group, right))
    }

    /// Whether the actor's groups open a class without anybody else.
    pub fn opens(&self, charter: &Charter, class: &str) -> bool {
        charter.openable_alone(class, &self.groups)
    }

    /// The private key of one of the actor's groups.
    fn group_key(&mut self, group: &str, charter: &Charter, store: &dyn Kv) -> Result<&DecryptionKey, VaultError> {
        if !self.keys.contains_key(group) {
            let missing = || VaultError::NoKey { what: format!("key of {group}") };
            let epoch = charter.group(group).ok_or_else(missing)?.epoch;
            let note = store.get(&rows::group_key(group, epoch))?.ok_or_else(missing)?;
            let key = GroupKey::parse(&note)?.unwrap(self.member(), &self.identity.decryption)?;
            self.keys.insert(group.to_owned(), key);
        }
        self.keys.get(group).ok_or_else(|| VaultError::NoKey { what: format!("key of {group}") })
    }

    /// The log's signing key, which every group holds.
    pub(super) fn log_key(&mut self, charter: &Charter, store: &dyn Kv) -> Result<&SigningKey, VaultError> {
        if self.log.is_none() {
            let missing = || VaultError::NoKey { what: "log key".to_owned() };
            let group = self.groups.first().ok_or_else(missing)?.clone();
            let stored = store.get(rows::LOG_KEY)?.ok_or_else(missing)?;
            let Item::LogKey(wrapped) = Item::decode(&stored)? else { return Err(missing()) };
            let file = find_wrapped(&wrapped, &group).ok_or_else(missing)?;
            let seed = age_wrap::unwrap(self.group_key(&group, charter, store)?, file)?;
            self.log = Some(SigningKey::from_seed(&seed)?);
        }
        self.log.as_ref().ok_or_else(|| VaultError::NoKey { what: "log key".to_owned() })
    }

    /// The session to seal `envelopes` in, and its item where it is new and must be written with
    /// the next payload.
    pub(super) fn sealing(
        &mut self,
        charter: &Charter,
        envelopes: u64,
    ) -> Result<(Arc<Session>, Option<SessionItem>), VaultError> {
        if let Some(open) = &mut self.sealing
            && open.charter == charter.version()
            && open.sealed + envelopes <= MAX_SEALED
        {
            open.sealed += envelopes;
            return Ok((open.session.clone(), None));
        }
        let recipients: Vec<_> = charter.groups().iter().map(|group| (group.id.as_str(), &group.recipient)).collect();
        let (session, wrapped) = Session::begin(&recipients, &mut *self.random)?;
        let item = SessionItem { id: session.id, charter: charter.version(), wrapped };
        let session = Arc::new(session);
        self.sealing = Some(Sealing { session: session.clone(), charter: charter.version(), sealed: envelopes });
        Ok((session, Some(item)))
    }

    /// Forgets the session that is being sealed in: its item was never committed.
    pub(super) fn abandon_sealing(&mut self) {
        self.sealing = None;
    }

    /// The content key of an envelope, from the shares that the actor's groups hold.
    pub(super) fn content_key(
        &mut self,
        vault: &Id,
        envelope: &Envelope,
        policy: &Policy,
        charter: &Charter,
        store: &dyn Kv,
    ) -> Result<ContentKey, VaultError> {
        let mine = |leaf: usize| policy.leaves.get(leaf).is_some_and(|group| self.groups.contains(group));
        let tree = policy.quorums.iter().find(|tree| tree.is_met(&mine)).ok_or(CryptoError::QuorumNotMet)?;
        let mut shares = BTreeMap::new();
        // Only the shares of the one quorum that is met are needed, and of it only mine.
        let mut leaves = Vec::new();
        tree.leaves(&mut leaves);
        leaves.retain(|leaf| mine(*leaf));
        for leaf in leaves {
            let group = &policy.leaves[leaf];
            let secret = self.session_secret(&envelope.session, group, charter, store)?;
            shares.insert(leaf, envelope.open_share(vault, leaf, group, secret)?);
            if tree.is_met(&|held| shares.contains_key(&held)) {
                break;
            }
        }
        Ok(ContentKey::new(&tree.combine(&shares)?)?)
    }

    fn session_secret(
        &mut self,
        session: &Id,
        group: &str,
        charter: &Charter,
        store: &dyn Kv,
    ) -> Result<&SessionSecret, VaultError> {
        let missing = || VaultError::NoKey { what: format!("session {session}") };
        if !self.secrets.get(session).is_some_and(|of| of.contains_key(group)) {
            let stored = store.get(&rows::session(session))?.ok_or_else(missing)?;
            let Item::Session(item) = Item::decode(&stored)? else { return Err(missing()) };
            let file = item.for_group(group).ok_or_else(missing)?;
            let secret = age_wrap::unwrap(self.group_key(group, charter, store)?, file)?;
            let secret = SessionSecret::new(session, &secret)?;
            if self.secrets.len() >= MAX_SECRETS {
                self.secrets.clear();
            }
            self.secrets.entry(*session).or_default().insert(group.to_owned(), secret);
        }
        self.secrets.get(session).and_then(|of| of.get(group)).ok_or_else(missing)
    }
}

impl std::fmt::Debug for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Actor({})", self.member())
    }
}
