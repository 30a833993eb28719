//! Break-glass: in an emergency a class is opened by a quorum that the charter keeps for it, with a
//! group of its own. It wants a reason, is marked in the ledger, and stands first in every report
//! until an overseer has acknowledged it.

use std::collections::BTreeMap;

use super::{
    Shown, Vault,
    actor::Actor,
    commit::{Access, Act},
    error::VaultError,
    item::Item,
    policy,
    request::{Covered, newest_with, subjects},
    rows,
    write::{kind_of, sealed_field},
};
use crate::{
    custody::{ReleaseError, Role},
    id::{Id, body_of},
    ledger::{Action, Entry, Outcome, Subject},
    store::Kv as _,
};

impl Vault {
    /// Opens, in an emergency, what a record holds that the actor's groups open in no other way:
    /// all of it, or the fields named. The entry that says so comes first.
    ///
    /// # Errors
    /// No purpose or reason; no class of it that the charter lets the actor's groups open so. The
    /// latter is an entry too.
    pub fn break_glass(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        record: &Id,
        fields: Option<&[String]>,
    ) -> Result<Shown, VaultError> {
        let action = Action::GlassBreak;
        self.check_access(actor, access, action, &[])?;
        if access.reason.is_none_or(|reason| reason.trim().is_empty()) {
            return Err(VaultError::NoReason { purpose: access.purpose.unwrap_or_default().to_owned() });
        }
        let covered = self.behind_glass(actor, record, fields)?;
        if covered.is_empty() {
            let error = ReleaseError::NoGlass { member: actor.member().to_owned() };
            return self.refuse_exchange(actor, access, action, Vec::new(), error.into());
        }
        if let Err(error) = self.check_usable(actor.member(), access.purpose, &covered) {
            return self.refuse_exchange(actor, access, action, subjects(&covered)?, error);
        }
        let holds = |group: &&String| covered.iter().all(|one| one.policy.leaves.contains(group));
        let charter = self.charter().clone();
        let emergency = |group: &&String| {
            covered.iter().any(|one| {
                charter
                    .class(&one.named.class)
                    .and_then(|class| class.break_glass.as_ref())
                    .is_some_and(|quorum| quorum.leaves().contains(&group.as_str()))
            })
        };
        let group = actor.groups().iter().find(|group| emergency(group) && holds(group));
        let group = group.or(actor.groups().iter().find(emergency)).cloned().unwrap_or_default();
        let subjects = subjects(&covered)?;
        let act = Act { action, group, access, subjects, outcome: Outcome::Ok, detail: None };
        self.commit(actor, act.clone(), vec![Item::GlassBroken.encode()])?;
        let opened = self.open_covered(actor, &covered, &[]);
        match opened.map(|shown| shown.into_iter().next()) {
            Ok(Some(shown)) => Ok(shown),
            Ok(None) => Err(VaultError::NoRecord { reference: record.to_string() }),
            Err(error) => {
                let access = Access { reason: None, ..access };
                let act = Act { outcome: Outcome::Failed, detail: Some("does-not-open"), access, ..act };
                self.commit(actor, act, Vec::new())?;
                Err(error)
            }
        }
    }

    /// The envelopes that hold the present values and that only the emergency quorum opens to the
    /// actor.
    fn behind_glass(&self, actor: &Actor, record: &Id, fields: Option<&[String]>) -> Result<Vec<Covered>, VaultError> {
        let schema = self.schema().clone();
        let head = self.head_of(record)?;
        let kind = kind_of(&schema, &head.kind)?;
        for name in fields.into_iter().flatten() {
            sealed_field(kind, name)?;
        }
        let items = self.versions(record)?;
        let mut found = BTreeMap::new();
        for (field, class) in kind.sealed_fields() {
            if fields.is_some_and(|names| !names.contains(&field.id)) {
                continue;
            }
            let Some((named, item, envelope)) = newest_with(&items, &field.id, class) else { continue };
            let Some(charter) = self.charter_of(envelope.charter) else { continue };
            // By the charter that it was sealed under, and by the one in force.
            let both = [charter, self.charter()];
            let opens = both.iter().all(|charter| charter.opens_in_emergency(class, actor.groups()));
            if actor.opens(charter, class) || !opens {
                continue;
            }
            let Some(policy) = policy::of_class(charter, class) else { continue };
            found.entry(named.clone()).or_insert_with(|| Covered {
                named,
                of: item.of,
                envelope: envelope.clone(),
                policy,
            });
        }
        Ok(found.into_values().collect())
    }

    /// Acknowledges, as an overseer, that glass was broken.
    ///
    /// # Errors
    /// Not an overseer, which is an entry too; not such an entry; acknowledged already.
    pub fn acknowledge_glass(&mut self, actor: &mut Actor, sequence: u64) -> Result<(), VaultError> {
        let action = Action::GlassAcknowledge;
        let body = body_of(actor.member()).and_then(|body| self.charter().body(body));
        if body.is_none_or(|body| body.role != Role::Oversight) {
            self.refuse(actor, Access::default(), action, Vec::new(), "right")?;
            return Err(VaultError::OnlyOverseers { member: actor.member().to_owned() });
        }
        if self.store.get(&rows::glass(sequence))?.is_none() {
            return Err(ReleaseError::NotGlass { entry: sequence }.into());
        }
        if self.store.get(&rows::acknowledged(sequence))?.is_some() {
            return Err(ReleaseError::Acknowledged { entry: sequence }.into());
        }
        let act = Act {
            action,
            group: actor.groups().first().cloned().unwrap_or_default(),
            access: Access::default(),
            subjects: vec![noted(sequence)],
            outcome: Outcome::Ok,
            detail: None,
        };
        self.commit(actor, act, vec![Item::Acknowledged(sequence).encode()])?;
        Ok(())
    }

    /// The entries of broken glass that no overseer has acknowledged, oldest first.
    ///
    /// # Errors
    /// A store or a ledger that cannot be read.
    pub fn unacknowledged(&self) -> Result<Vec<Entry>, VaultError> {
        let mut out = Vec::new();
        for row in self.store.scan(b"g") {
            let (key, _) = row?;
            let Some(sequence) = key.last_chunk().map(|bytes| u64::from_be_bytes(*bytes)) else { continue };
            if self.store.get(&rows::acknowledged(sequence))?.is_none() {
                out.push(self.line(sequence)?.entry().clone());
            }
        }
        Ok(out)
    }
}

/// How an entry says that it takes note of another, so that readers of the ledger alone see which.
pub(super) fn noted(sequence: u64) -> Subject {
    let (kind, fields) = ("entry".to_owned(), BTreeMap::new());
    Subject { kind, version: sequence, fields, records: Vec::new(), of: Vec::new() }
}
