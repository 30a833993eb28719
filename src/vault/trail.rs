//! What those who ask the ledger need of the vault: its charters, its lines, which records belong
//! together, and the reasons that were given, for those entitled.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    LEDGER, Vault,
    actor::Actor,
    commit::{Access, Act},
    error::VaultError,
    item::Item,
    open::StoredNodes,
    policy, rows,
};
use crate::{
    crypto::{
        CryptoError,
        digest::Digest,
        envelope::{Envelope, Place},
    },
    custody::Charter,
    id::{Id, body_of},
    ledger::{
        Action, Entry, Line, LogPosition, Outcome, Subject,
        checkpoint::SignedHead,
        log, proof,
        range::{self, RangeProof},
    },
    store::Kv,
};

/// Most reasons named in one entry: each takes about 70 bytes of a line that has at most 60,000.
const MAX_REASONS: usize = 500;

/// What is known of a reason to one who asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The words.
    Told(String),
    /// There is one, and it is sealed against the one who asks.
    Sealed,
}

impl Vault {
    /// All charters that the vault has had, the first one first.
    pub fn charters(&self) -> impl Iterator<Item = &Arc<Charter>> {
        self.charters.all()
    }

    /// The lines of the ledger from an entry on. Like [`Vault::entries`], needs no key.
    ///
    /// # Errors
    /// A ledger that cannot be read.
    pub fn lines(&self, from: u64) -> Result<impl Iterator<Item = Result<Line, VaultError>>, VaultError> {
        let at = match from {
            0 => LogPosition::START,
            _ if from >= self.size() => self.log.end(),
            _ => {
                let missing = || VaultError::StoreDiffers { what: "the place of an entry" };
                rows::line(from, &self.store)?.ok_or_else(missing)?.0
            }
        };
        let mut reader = log::Reader::new(&self.dir.join(LEDGER), at, from)?;
        Ok(std::iter::from_fn(move || match reader.next_line() {
            Ok(placed) => placed.map(|placed| Ok(placed.line)),
            Err(error) => Some(Err(error.into())),
        }))
    }

    /// A record with all that belongs to it, down to the last, and what was merged into any of
    /// them. Also a record that is no longer there has itself.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn with_all_below(&self, record: &Id) -> Result<BTreeSet<Id>, VaultError> {
        let mut out = BTreeSet::new();
        let mut next = vec![*record];
        while let Some(id) = next.pop() {
            if !out.insert(id) {
                continue;
            }
            next.extend(self.owned_by(&id)?.into_iter().map(|(_, id)| id));
            for row in self.store.scan(&rows::merged(&id)) {
                next.extend(rows::last_id(&row?.0));
            }
        }
        Ok(out)
    }

    /// The reasons that were given with these entries, by sequence. Those that the actor's groups
    /// can read are named in an entry of their own before they are opened; the others come back as
    /// sealed. Who can read none of them has been refused, and that is an entry too.
    ///
    /// # Errors
    /// No purpose; a ledger that cannot be written.
    pub fn read_reasons(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        sequences: &BTreeSet<u64>,
    ) -> Result<BTreeMap<u64, Reason>, VaultError> {
        self.check_access(actor, access, Action::AuditReasons, &[])?;
        let mut out = BTreeMap::new();
        let mut readable = Vec::new();
        let mut group = None;
        for sequence in sequences {
            let Some(envelope) = self.reason_of(*sequence)? else { continue };
            let entry = self.line(*sequence)?.entry().clone();
            let charter = self.charter_of(envelope.charter);
            let leaves = charter.map(|charter| charter.reason_leaves(body_of(&entry.actor).unwrap_or_default()));
            let mine = leaves.and_then(|leaves| leaves.into_iter().find(|group| actor.groups().contains(group)));
            if mine.is_some() {
                group = group.or(mine);
                readable.push((entry, envelope));
            }
            out.insert(*sequence, Reason::Sealed);
        }
        let group = group.or_else(|| actor.groups().first().cloned()).unwrap_or_default();
        let (outcome, detail) = match readable.is_empty() {
            true if out.is_empty() => return Ok(out),
            true => (Outcome::Refused, Some("sealed")),
            false => (Outcome::Ok, None),
        };
        let act = |part: &[(Entry, Envelope)]| {
            let subjects = part.iter().map(|(entry, _)| reason_subject(entry.seq)).collect();
            (Act { action: Action::AuditReasons, group: group.clone(), access, subjects, outcome, detail }, Vec::new())
        };
        let acts = match readable.is_empty() {
            true => vec![act(&[])],
            false => readable.chunks(MAX_REASONS).map(act).collect(),
        };
        self.commit_all(actor, acts)?;
        for (entry, envelope) in &readable {
            // A key that was not handed on leaves it sealed.
            if let Ok(words) = self.open_reason(actor, entry, envelope) {
                out.insert(entry.seq, Reason::Told(words));
            }
        }
        Ok(out)
    }

    /// Proves that the entries from `first` until before `next` are all between, under a head.
    ///
    /// # Errors
    /// The ledger does not reach so far.
    pub fn range_proof(&self, first: u64, next: u64, head: &SignedHead) -> Result<RangeProof, VaultError> {
        Ok(range::prove(first, next, head.tree().size, &StoredNodes(&self.store))?)
    }

    /// The largest checkpoint that a witness has cosigned, with the cosignatures of all who have
    /// cosigned that one, and the proof that `head` continues it.
    ///
    /// # Errors
    /// As [`Vault::cosigned`].
    pub fn witnessed(&self, head: &SignedHead) -> Result<Option<(SignedHead, Vec<Digest>)>, VaultError> {
        let mut all: Vec<SignedHead> =
            self.cosigned(crate::clock::now())?.into_iter().filter_map(|one| one.last).map(|(head, _)| head).collect();
        all.retain(|one| one.tree().size <= head.tree().size);
        all.sort_by_key(|one| one.tree().size);
        let Some(mut newest) = all.pop() else { return Ok(None) };
        for other in &all {
            let _ = newest.note_mut().merge(other.note());
        }
        let hashes = proof::consistency(newest.tree().size, head.tree().size, &StoredNodes(&self.store))?;
        Ok(Some((newest, hashes)))
    }

    fn reason_of(&self, sequence: u64) -> Result<Option<Envelope>, VaultError> {
        let Some(row) = self.store.get(&rows::reason(sequence))? else { return Ok(None) };
        match Item::decode(&row)? {
            Item::Reason(envelope) => Ok(Some(envelope)),
            _ => Ok(None),
        }
    }

    fn open_reason(&self, actor: &mut Actor, entry: &Entry, envelope: &Envelope) -> Result<String, VaultError> {
        let missing = || VaultError::NoKey { class: envelope.class.clone() };
        let charter = self.charter_of(envelope.charter).ok_or_else(missing)?;
        let policy = policy::of_reason(charter, body_of(&entry.actor).unwrap_or_default());
        let place = Place { vault: &self.id, record: &Id::ZERO, kind: policy::REASON, version: entry.seq };
        let opened = actor.open(&place, envelope, &policy, charter, &self.store)?;
        let malformed = || CryptoError::Malformed { what: "reason" };
        let value = opened.field(policy::REASON).transpose()?.ok_or_else(malformed)?;
        let words = minicbor::Decoder::new(&value).str().map_err(|_| malformed())?.to_owned();
        Ok(words)
    }
}

/// How an entry names a reason: as what is sealed under its sequence.
fn reason_subject(sequence: u64) -> Subject {
    Subject {
        kind: policy::REASON.to_owned(),
        version: sequence,
        fields: BTreeMap::from([(policy::REASON.to_owned(), vec![policy::REASON.to_owned()])]),
        records: Vec::new(),
        of: Vec::new(),
    }
}
