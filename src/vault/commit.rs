//! The commit: payload into the journal, entry into the ledger, rows into the store.
//!
//! The ledger's line is the commit point. Before it is durable nothing has happened, and after it
//! nothing is lost: the store follows, now or at the next opening.

use crate::{
    crypto::{
        digest::Digest,
        envelope::{Envelope, Place},
    },
    id::Id,
    ledger::{Action, EntryDraft, Line, LogPosition, Outcome, Subject},
    store::{
        content::Content,
        journal::{self, Position},
    },
    vault::{Vault, actor::Actor, error::VaultError, item::Item, policy},
};

/// Longest reason, in characters.
pub const MAX_REASON: usize = 2_000;

/// What is to be said of an action before it is done.
#[derive(Debug, Clone)]
pub(super) struct Act<'a> {
    pub action: Action,
    pub group: String,
    pub access: Access<'a>,
    pub subjects: Vec<Subject>,
    pub outcome: Outcome,
    pub detail: Option<&'a str>,
}

/// Why something is done: a purpose of the charter, and the reason in words where it is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Access<'a> {
    /// A purpose code.
    pub purpose: Option<&'a str>,
    /// Sealed into the entry's payload.
    pub reason: Option<&'a str>,
}

/// What was appended to the ledger, and where.
struct Durable {
    lines: Vec<Line>,
    begins: Vec<LogPosition>,
    nodes: Vec<Digest>,
    /// Where the frame of each payload begins.
    frames: Vec<Position>,
}

impl Vault {
    /// Commits one action. When it returns, the entry is durable and the store knows of it.
    pub(super) fn commit(&mut self, actor: &mut Actor, act: Act<'_>, items: Vec<Vec<u8>>) -> Result<u64, VaultError> {
        let sequence = self.size();
        self.commit_all(actor, vec![(act, items.into_iter().map(Content::from).collect())])?;
        Ok(sequence)
    }

    /// Commits several actions, with one durable append of all their payloads to the journal and
    /// one of each line to the ledger.
    pub(super) fn commit_all(
        &mut self,
        actor: &mut Actor,
        acts: Vec<(Act<'_>, Vec<Content>)>,
    ) -> Result<(), VaultError> {
        let committed = self.try_commit_all(actor, acts);
        self.or_forget(actor, committed)
    }

    /// What was done; if it failed, what may not have been committed is forgotten: the session that is
    /// sealed in, which nobody could open then, and how many postings keywords have, after which those
    /// that come next would not be found.
    pub(super) fn or_forget<T>(&mut self, actor: &mut Actor, done: Result<T, VaultError>) -> Result<T, VaultError> {
        done.inspect_err(|_| {
            actor.abandon_sealing();
            self.counters.clear();
        })
    }

    fn try_commit_all(&mut self, actor: &mut Actor, acts: Vec<(Act<'_>, Vec<Content>)>) -> Result<(), VaultError> {
        if self.stopped {
            return Err(VaultError::Stopped);
        }
        // Whoever forgets to ask whether a group may: no entry gives records to one that keeps the ledger.
        let charter = self.charter();
        let given = |act: &Act<'_>| act.outcome != Outcome::Refused && !act.subjects.is_empty();
        if acts.iter().any(|(act, _)| given(act) && charter.keeps_ledger(&act.group)) {
            return Err(VaultError::MayNot { member: actor.member().to_owned(), right: "read".to_owned() });
        }
        let first = self.size();
        let mut payloads = Vec::new();
        let mut prepared = Vec::with_capacity(acts.len());
        for (index, (act, mut items)) in acts.into_iter().enumerate() {
            let sequence = first + index as u64;
            items.extend(self.reason_items(actor, &act, sequence)?.into_iter().map(Content::from));
            let items: Vec<journal::Item> = items.into_iter().map(journal::Item::Live).collect();
            let payload = (!items.is_empty()).then_some(journal::Payload { seq: sequence, items });
            prepared.push((act, payload.as_ref().map(|payload| payload.digest(&self.id))));
            payloads.extend(payload);
        }
        let written = self.write_durably(actor, prepared, &payloads);
        if written.is_err() {
            // Whatever part of it reached the disk, this process cannot know: it says nothing more.
            self.stopped = true;
        }
        let Durable { lines, begins, nodes, frames } = written?;
        let payloads: Vec<_> = payloads.into_iter().zip(frames).collect();
        self.apply_committed(&lines, &begins, &nodes, &payloads).map_err(|error| match error {
            VaultError::Store(source) => {
                self.stopped = true;
                VaultError::StoreBehind { sequence: self.size() - 1, source }
            }
            other => other,
        })
    }

    fn write_durably(
        &mut self,
        actor: &Actor,
        prepared: Vec<(Act<'_>, Option<Digest>)>,
        payloads: &[journal::Payload],
    ) -> Result<Durable, VaultError> {
        let frames = self.journal.append(payloads)?;
        let mut lines = Vec::with_capacity(prepared.len());
        let mut begins = Vec::with_capacity(prepared.len());
        let mut nodes = Vec::with_capacity(2 * prepared.len());
        let charter = self.charter().version();
        for (act, payload) in prepared {
            let draft = EntryDraft {
                seq: self.tree.size(),
                time: crate::clock::now(),
                actor: actor.member().to_owned(),
                group: act.group,
                action: act.action,
                purpose: act.access.purpose.map(ToOwned::to_owned),
                subjects: act.subjects,
                payload,
                outcome: act.outcome,
                detail: act.detail.map(ToOwned::to_owned),
                charter,
                root: self.tree.root(),
            };
            let line = Line::sign(draft, actor.signing(), &self.id)?;
            begins.push(self.log.append(&line)?);
            nodes.extend(self.tree.push(line.bytes()).into_iter().map(|(_, node)| node));
            lines.push(line);
        }
        Ok(Durable { lines, begins, nodes, frames })
    }

    /// The session and the sealed reason, where a reason is given.
    fn reason_items(&mut self, actor: &mut Actor, act: &Act<'_>, sequence: u64) -> Result<Vec<Vec<u8>>, VaultError> {
        let Some(reason) = act.access.reason else { return Ok(Vec::new()) };
        if reason.chars().count() > MAX_REASON {
            return Err(VaultError::LongReason { most: MAX_REASON });
        }
        let charter = self.charter().clone();
        let (sealer, new) = actor.sealing_one(&charter, policy::REASON)?;
        let place = Place { vault: &self.id, record: &Id::ZERO, kind: policy::REASON, version: sequence };
        let value = crate::crypto::cbor::bytes(|w| w.str(reason).map(drop));
        let envelope = Envelope::seal(&place, &sealer, &[(policy::REASON, &value)], &mut *actor.random)?;
        let new = new.map(|session| Item::Session(session).encode());
        Ok(new.into_iter().chain([Item::Reason(envelope).encode()]).collect())
    }
}
