//! Restriction of processing: a record is kept, and not used, but for what the charter names.

use super::{
    Vault,
    actor::Actor,
    commit::{Access, Act},
    erase::{Ground, subjects},
    error::VaultError,
    item::{Item, MAX_ERASED},
    request::Covered,
    rows,
};
use crate::{
    custody::Role,
    id::{Id, body_of},
    ledger::{Action, Entry, Outcome},
    store::Kv,
};

impl Vault {
    /// Restricts the use of records: nobody reads them but for a purpose that the charter names for
    /// it, and members of oversight bodies; nobody changes them.
    pub fn restrict_records(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        records: &[Id],
        ground: Ground,
    ) -> Result<(), VaultError> {
        self.set_restriction(actor, access, records, Some(ground))
    }

    /// Lets records be used again.
    pub fn release_restriction(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        records: &[Id],
    ) -> Result<(), VaultError> {
        self.set_restriction(actor, access, records, None)
    }

    /// The entry that restricted a record, if its use is restricted.
    pub fn restriction_of(&self, record: &Id) -> Result<Option<Entry>, VaultError> {
        let Some(row) = self.store.get(&rows::restriction(record))? else { return Ok(None) };
        let differs = |_| VaultError::StoreDiffers { what: "where a record was restricted" };
        let sequence = row.try_into().map(u64::from_be_bytes).map_err(differs)?;
        Ok(Some(self.line(sequence)?.entry().clone()))
    }

    fn set_restriction(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        records: &[Id],
        ground: Option<Ground>,
    ) -> Result<(), VaultError> {
        let action = if ground.is_some() { Action::RecordRestrict } else { Action::RecordRelease };
        let (group, heads) = self.in_the_right_to_erase(actor, access, action, records)?;
        for (record, _) in &heads {
            match (self.store.get(&rows::restriction(record))?, ground) {
                (Some(_), Some(_)) => return Err(self.restricted_error(record)),
                (None, None) => return Err(VaultError::NotRestricted { record: record.to_string() }),
                _ => {}
            }
        }
        let mut acts = Vec::new();
        for part in heads.chunks(MAX_ERASED as usize) {
            let records = part.iter().map(|(record, _)| *record).collect();
            let item = Item::Restriction { restricted: ground.is_some(), records };
            let detail = ground.map(Ground::code);
            let (group, subjects) = (group.clone(), subjects(part));
            let act = Act { action, group, access, subjects, outcome: Outcome::Ok, detail };
            acts.push((act, vec![item.encode().into()]));
        }
        self.commit_all(actor, acts)
    }

    /// The record whose restriction this one is under: its own, or that of what it was merged into.
    fn restricted_with(&self, record: &Id) -> Result<Option<Id>, VaultError> {
        let is = |one: &Id| Ok::<_, VaultError>(self.store.get(&rows::restriction(one))?.is_some());
        if is(record)? {
            return Ok(Some(*record));
        }
        let survivor = self.survivor(record)?;
        Ok(if survivor != *record && is(&survivor)? { Some(survivor) } else { None })
    }

    /// Whether the use of a record is restricted, for this member and purpose.
    pub(super) fn is_restricted(&self, member: &str, purpose: Option<&str>, record: &Id) -> Result<bool, VaultError> {
        if self.restricted_with(record)?.is_none() {
            return Ok(false);
        }
        let charter = self.charter();
        let exempt = purpose.and_then(|code| charter.purpose(code)).is_some_and(|purpose| purpose.restricted);
        let body = body_of(member).and_then(|body| charter.body(body));
        Ok(!exempt && body.is_none_or(|body| body.role != Role::Oversight))
    }

    /// Refuses to let this member use these for this purpose, if the use of any of the records is
    /// restricted.
    pub(super) fn check_usable(
        &self,
        member: &str,
        purpose: Option<&str>,
        covered: &[Covered],
    ) -> Result<(), VaultError> {
        for one in covered {
            if self.is_restricted(member, purpose, &one.named.record)? {
                return Err(self.restricted_error(&one.named.record));
            }
        }
        Ok(())
    }

    /// Refuses to change a record whose use is restricted.
    pub(super) fn check_not_restricted(&self, record: &Id) -> Result<(), VaultError> {
        match self.restricted_with(record)? {
            Some(_) => Err(self.restricted_error(record)),
            None => Ok(()),
        }
    }

    /// That a record's use is restricted, since when, by whom and on what ground.
    pub(super) fn restricted_error(&self, record: &Id) -> VaultError {
        let restricted = self.restricted_with(record).map(|with| with.unwrap_or(*record));
        match restricted.and_then(|record| Ok((record, self.restriction_of(&record)?))) {
            Ok((record, Some(entry))) => VaultError::Restricted {
                record: record.to_string(),
                when: super::erase::day(&entry, self.charter().time_zone()),
                member: entry.actor,
                ground: entry.detail.unwrap_or_default(),
            },
            Ok((record, None)) => VaultError::NotRestricted { record: record.to_string() },
            Err(error) => error,
        }
    }
}
