//! The next charter: checked, committed, and from then on in force.

use std::collections::BTreeSet;

use crate::{
    crypto::session::Wrapped,
    custody::{Amendment, Charter, GroupKey, amendment},
    id::Id,
    ledger::{Action, Entry, Outcome},
    vault::{
        Access, Actor, Vault,
        apply::Change,
        commit::Act,
        error::VaultError,
        item::{Item, RewrapItem},
    },
};

impl Vault {
    /// Puts the next charter into force, if those have signed it who must; gives the sequence of
    /// its entry. What is refused for want of signatures, or as made for another charter, is an
    /// entry too.
    ///
    /// The actor need not be among the signers: it is the signatures that decide. Session secrets
    /// are handed on to new group keys afterwards, by [`Vault::hand_on`].
    pub fn amend_charter(&mut self, actor: &mut Actor, amendment: &Amendment) -> Result<u64, VaultError> {
        let earlier = self.charters_so_far();
        let (next, keys, log) = (amendment.next(), amendment.keys(), amendment.log());
        if let Err(error) = amendment::check(&earlier, next, keys, log) {
            self.refuse(actor, Access::default(), Action::CharterAmend, Vec::new(), "amendment")?;
            return Err(error.into());
        }
        self.schema().check_classes(|class| next.class(class).is_some())?;
        actor.check_log_key(amendment, &self.store)?;
        let mut items = vec![Item::Charter(next.to_bytes())];
        items.extend(keys.iter().map(|key| Item::GroupKey(key.to_bytes())));
        items.extend(log.map(|log| Item::LogKey(log.clone())));
        let act = Act {
            action: Action::CharterAmend,
            group: actor.groups().first().cloned().unwrap_or_default(),
            access: Access::default(),
            subjects: Vec::new(),
            outcome: Outcome::Ok,
            detail: None,
        };
        let sequence = self.commit(actor, act, items.iter().map(Item::encode).collect())?;
        actor.renew(self.charter());
        // The actor may be out by this charter, and make no checkpoint that would remember it.
        self.memory.save_rules(&super::open::rules(&self.store)?)?;
        Ok(sequence)
    }
}

/// The keys and the charter that a payload brings.
#[derive(Debug, Default)]
pub(super) struct Brought {
    pub charter: Option<Charter>,
    pub keys: Vec<GroupKey>,
    pub log: Option<Wrapped>,
}

impl Brought {
    /// Gathered from changes.
    pub fn of(changes: &[Change]) -> Brought {
        let mut out = Brought::default();
        for change in changes {
            match change {
                Change::Charter(charter) => out.charter = Some((**charter).clone()),
                Change::GroupKey(key) => out.keys.push((**key).clone()),
                Change::LogKey(wrapped) => out.log = Some(wrapped.clone()),
                Change::Schema(_) | Change::Rewrap(_) | Change::Paper(_) | Change::Erasure(_) => {}
            }
        }
        out
    }
}

/// Checks what an entry after the first brings of charter and keys: nothing, unless it is an
/// amendment, and then one that those have signed who must by the charter in force.
pub(super) fn check_brought<'c>(
    entry: &Entry,
    earlier: impl FnOnce() -> Vec<&'c Charter>,
    brought: &Brought,
) -> Result<(), VaultError> {
    let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
    let amends = entry.action == Action::CharterAmend && entry.outcome == Outcome::Ok;
    match &brought.charter {
        Some(charter) if amends => Ok(amendment::check(&earlier(), charter, &brought.keys, brought.log.as_ref())?),
        None if !amends && brought.keys.is_empty() && brought.log.is_none() => Ok(()),
        None if amends => Err(bad("it amends the charter and brings none")),
        _ => Err(bad("it brings a charter or keys without saying so")),
    }
}

/// Checks an item that hands session secrets on: by a member of the group, to its present key, of
/// sessions from before it, each once. `began` gives the epoch that a session was wrapped to for
/// the group, `done` whether it was handed on to this epoch already.
pub(super) fn check_rewrap(
    entry: &Entry,
    rewrap: &RewrapItem,
    charter: &Charter,
    began: impl Fn(&Id) -> Result<Option<u64>, VaultError>,
    done: impl Fn(&Id) -> Result<bool, VaultError>,
) -> Result<(), VaultError> {
    let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
    let rotates = entry.action == Action::GroupRotate && entry.outcome == Outcome::Ok;
    let own = charter.groups_of(&entry.actor).any(|group| group == rewrap.group);
    if !rotates || entry.group != rewrap.group || !own {
        return Err(bad("it hands session secrets on for a group that it does not speak for"));
    }
    if charter.group(&rewrap.group).is_none_or(|group| group.epoch != rewrap.epoch) {
        return Err(bad("it hands session secrets on to a key that is not the group's"));
    }
    let mut seen = BTreeSet::new();
    for (session, _) in &rewrap.sessions {
        let from = began(session)?;
        if from.is_none_or(|epoch| epoch >= rewrap.epoch) || done(session)? || !seen.insert(*session) {
            return Err(bad("it hands on a session that is not there, or is handed on already"));
        }
    }
    Ok(())
}
