//! Handing session secrets on to a group's new key.
//!
//! When a group gets a new key, what was sealed before stays under the old one until a member who
//! holds both wraps the session secrets again. It is done some hundred at a time, one entry each:
//! what is done is done, and anybody of the group goes on with the rest.

use crate::{
    id::Id,
    ledger::{Action, Outcome},
    store::Kv as _,
    vault::{
        Access, Actor, Progress, Task, Vault,
        commit::Act,
        error::VaultError,
        item::{Item, MAX_REWRAPPED, RewrapItem, SessionItem},
        rows,
    },
};

/// What handing on came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Sessions that were handed on now.
    pub done: u64,
    /// Sessions that this member cannot hand on: they were not in the group then.
    pub left: u64,
}

impl Vault {
    /// The sessions from before a group's present key that are not handed on to it.
    pub fn not_handed_on(&self, group: &str) -> Result<Vec<Id>, VaultError> {
        Ok(self.pending(group)?.into_iter().map(|session| session.id).collect())
    }

    fn pending(&self, group: &str) -> Result<Vec<SessionItem>, VaultError> {
        let Some(present) = self.charter().group(group) else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for row in self.store.scan(b"s") {
            let Item::Session(session) = Item::decode(&row?.1)? else { continue };
            let charter = self.charter_of(session.charter).filter(|charter| !charter.keeps_ledger(group));
            let began = charter.and_then(|charter| charter.group(group));
            if began.is_some_and(|began| began.epoch < present.epoch)
                && self.store.get(&rows::rewrapped(&session.id, group, present.epoch))?.is_none()
            {
                // Only who it is and of what time: the wrapped secrets are read one by one.
                out.push(SessionItem { wrapped: Vec::new(), ..session });
            }
        }
        Ok(out)
    }

    /// Hands on to a group's present key the session secrets from before it that this member can
    /// open. It can be interrupted, and called again.
    pub fn hand_on(&mut self, actor: &mut Actor, group: &str, progress: &dyn Progress) -> Result<Rotated, VaultError> {
        let action = Action::GroupRotate;
        self.own_group(actor, group, action)?;
        let charter = self.charter().clone();
        let missing = || VaultError::NoGroupKey { group: group.to_owned() };
        let present = charter.group(group).ok_or_else(missing)?;
        let pending = self.pending(group)?;
        let mut rotated = Rotated::default();
        progress.begin(Task::Rotate, pending.len() as u64);
        for batch in pending.chunks(MAX_REWRAPPED) {
            let mut sessions = Vec::with_capacity(batch.len());
            for session in batch {
                let began = self.charter_of(session.charter).ok_or_else(missing)?.clone();
                match actor.unwrap_session(&session.id, group, &began, &self.store) {
                    Ok(secret) => sessions.push((session.id, actor.random.wrap(&present.recipient, &secret)?)),
                    Err(VaultError::NotHandedOn { .. }) => rotated.left += 1,
                    Err(error) => return Err(error),
                }
            }
            if sessions.is_empty() {
                continue;
            }
            rotated.done += sessions.len() as u64;
            let item = Item::Rewrap(RewrapItem { group: group.to_owned(), epoch: present.epoch, sessions });
            let act = Act {
                action,
                group: group.to_owned(),
                access: Access::default(),
                subjects: Vec::new(),
                outcome: Outcome::Ok,
                detail: None,
            };
            self.commit(actor, act, vec![item.encode()])?;
            progress.at(rotated.done + rotated.left);
        }
        progress.end();
        Ok(rotated)
    }
}
