//! What may be done, by the charter: purposes, reasons and rights, and refusals as entries.

use std::collections::BTreeSet;

use super::{
    Vault,
    actor::Actor,
    commit::{Access, Act},
    error::VaultError,
    plan::{Plan, Source, subjects},
};
use crate::{
    custody::{Charter, ReleaseError, Request, charter::Purpose},
    ledger::{Action, Outcome, Subject},
};

/// A purpose of the charter.
///
/// # Errors
/// [`VaultError::UnknownPurpose`].
pub(super) fn known_purpose<'c>(charter: &'c Charter, code: &str) -> Result<&'c Purpose, VaultError> {
    let unknown = || VaultError::UnknownPurpose { purpose: code.to_owned(), known: purposes(charter) };
    charter.purpose(code).ok_or_else(unknown)
}

fn purposes(charter: &Charter) -> String {
    charter.purposes().iter().map(|purpose| purpose.code.as_str()).collect::<Vec<_>>().join(", ")
}

/// What is wrong if classes are opened for a purpose without a reason; nothing if none is wanted.
pub(super) fn wanted_reason<'c>(
    charter: &Charter,
    purpose: Option<&Purpose>,
    mut classes: impl Iterator<Item = &'c str>,
) -> Option<VaultError> {
    if let Some(purpose) = purpose.filter(|purpose| purpose.reason) {
        return Some(VaultError::NoReason { purpose: purpose.code.clone() });
    }
    let class = classes.find(|class| charter.class(class).is_some_and(|class| class.reason))?;
    Some(VaultError::ClassReason { class: class.to_owned() })
}

/// That a request is by somebody who may be given records, is for a purpose of the charter, and tells why
/// to the group that shall release, in words that it can read, where the charter wants a reason: who made
/// it need not have used this program.
///
/// # Errors
/// [`VaultError::MayNot`], [`VaultError::UnknownPurpose`], [`ReleaseError::NoReason`].
pub(super) fn check_why(
    charter: &Charter,
    request: &Request,
    group: &str,
    reason: Option<&str>,
) -> Result<(), VaultError> {
    // The key of a service lies about unattended.
    if charter.groups_of(request.asker()).all(|group| charter.keeps_ledger(group)) {
        return Err(VaultError::MayNot { member: request.asker().to_owned(), right: "read".to_owned() });
    }
    let purpose = known_purpose(charter, request.purpose())?;
    let wanted = wanted_reason(charter, Some(purpose), request.classes().iter().map(String::as_str));
    match wanted.is_some() && reason.is_none() {
        true => Err(ReleaseError::NoReason { asker: request.asker().to_owned(), group: group.to_owned() }.into()),
        false => Ok(()),
    }
}

impl Vault {
    /// Refuses to go on without a purpose. For commands that will show something, before they even
    /// look for it.
    pub fn require_purpose(&self, access: Access<'_>) -> Result<(), VaultError> {
        match access.purpose {
            Some(_) => Ok(()),
            None => Err(VaultError::NoPurpose { known: purposes(self.charter()) }),
        }
    }

    /// Checks purpose and reason before anything is done with them. `classes` are those that
    /// would be opened. A purpose that the charter does not know is refused, and the refusal is
    /// an entry.
    pub(super) fn check_access(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        action: Action,
        classes: &[&str],
    ) -> Result<(), VaultError> {
        let charter = self.charter().clone();
        self.check_reader(actor, action)?;
        let writes = matches!(
            action,
            Action::RecordCreate
                | Action::RecordUpdate
                | Action::RecordLink
                | Action::RecordImport
                | Action::RecordCheck
                | Action::IndexRebuild
                | Action::RecordMerge
                | Action::RecordErase
                | Action::RecordEraseAsk
                | Action::RecordRestrict
                | Action::RecordRelease
        );
        let purpose = match access.purpose {
            None if writes => None,
            None => return self.require_purpose(access),
            Some(code) => match known_purpose(&charter, code) {
                Ok(purpose) => Some(purpose),
                Err(error) => {
                    // What was typed is not repeated in the ledger: it could be anything.
                    self.refuse(actor, Access::default(), action, Vec::new(), "purpose")?;
                    return Err(error);
                }
            },
        };
        let wanted = wanted_reason(&charter, purpose, classes.iter().copied());
        match (wanted, access.reason.map(str::trim)) {
            (Some(wanted), None | Some("")) => Err(wanted),
            _ => Ok(()),
        }
    }

    /// Refuses, with an entry, who is given nothing but the ledger.
    pub(super) fn check_reader(&mut self, actor: &mut Actor, action: Action) -> Result<(), VaultError> {
        if !actor.only_keeps_ledger(&self.charter().clone()) {
            return Ok(());
        }
        self.refuse(actor, Access::default(), action, Vec::new(), "right")?;
        Err(VaultError::MayNot { member: actor.member().to_owned(), right: "read".to_owned() })
    }

    /// Enters a refusal.
    pub(super) fn refuse(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        action: Action,
        subjects: Vec<Subject>,
        detail: &'static str,
    ) -> Result<(), VaultError> {
        let known = access.purpose.filter(|code| self.charter().purpose(code).is_some());
        let group = actor.groups().first().cloned().unwrap_or_default();
        let access = Access { purpose: known, reason: access.reason };
        let act = Act { action, group, access, subjects, outcome: Outcome::Refused, detail: Some(detail) };
        self.commit(actor, act, Vec::new())?;
        Ok(())
    }

    /// That the actor is a member of a group; otherwise the refusal is entered.
    pub(super) fn own_group(&mut self, actor: &mut Actor, group: &str, action: Action) -> Result<(), VaultError> {
        if actor.groups().iter().any(|own| own == group) {
            return Ok(());
        }
        self.refuse(actor, Access::default(), action, Vec::new(), "right")?;
        Err(VaultError::NotMember { member: actor.member().to_owned(), group: group.to_owned() })
    }

    /// Refuses what is planned of a record whose use is restricted.
    pub(super) fn refuse_restricted<T>(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        action: Action,
        plan: &Plan<'_>,
    ) -> Result<T, VaultError> {
        let subjects = subjects(std::slice::from_ref(plan), |source| matches!(source, Source::Envelope(..)));
        self.refuse(actor, access, action, subjects, "restricted")?;
        Err(self.restricted_error(&plan.record))
    }

    pub(super) fn refuse_sealed<T>(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        action: Action,
        plan: &Plan<'_>,
    ) -> Result<T, VaultError> {
        let sealed = || plan.cells.iter().filter(|cell| cell.source == Source::Sealed);
        let subjects = subjects(std::slice::from_ref(plan), |source| source == Source::Sealed);
        self.refuse(actor, access, action, subjects, "sealed")?;
        let fields = sealed().map(|cell| cell.field.id.as_str()).collect::<Vec<_>>();
        Err(self.sealed_error(&fields, sealed().map(|cell| cell.class)))
    }

    /// That these fields of these classes are sealed against the one who asked, and who can open them.
    pub(super) fn sealed_error<'c>(&self, fields: &[&str], classes: impl Iterator<Item = &'c str>) -> VaultError {
        let classes: BTreeSet<&str> = classes.collect();
        let coalitions: BTreeSet<String> = classes
            .into_iter()
            .flat_map(|class| self.charter().coalitions(class))
            .map(|groups| groups.into_iter().collect::<Vec<_>>().join(" + "))
            .collect();
        let coalitions = coalitions.into_iter().collect::<Vec<_>>().join("; ");
        VaultError::Sealed { fields: fields.join(", "), coalitions }
    }
}
