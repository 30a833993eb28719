//! What may be done, by the charter: purposes, reasons and rights, and refusals as entries.

use std::collections::BTreeSet;

use super::{
    Vault,
    actor::Actor,
    commit::{Access, Act},
    error::VaultError,
    plan::{Plan, Source, subjects},
};
use crate::ledger::{Action, Outcome, Subject};

impl Vault {
    /// Refuses to go on without a purpose. For commands that will show something, before they even
    /// look for it.
    pub fn require_purpose(&self, access: Access<'_>) -> Result<(), VaultError> {
        let known = || self.charter().purposes().iter().map(|purpose| purpose.code.as_str()).collect::<Vec<_>>();
        match access.purpose {
            Some(_) => Ok(()),
            None => Err(VaultError::NoPurpose { known: known().join(", ") }),
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
        let known = || charter.purposes().iter().map(|purpose| purpose.code.as_str()).collect::<Vec<_>>().join(", ");
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
        let mut wants_reason = None;
        match access.purpose {
            None if writes => {}
            None => return self.require_purpose(access),
            Some(code) => match charter.purpose(code) {
                Some(purpose) if purpose.reason => {
                    wants_reason = Some(VaultError::NoReason { purpose: code.to_owned() })
                }
                Some(_) => {}
                None => {
                    // What was typed is not repeated in the ledger: it could be anything.
                    self.refuse(actor, Access::default(), action, Vec::new(), "purpose")?;
                    return Err(VaultError::UnknownPurpose { purpose: code.to_owned(), known: known() });
                }
            },
        }
        if let Some(class) = classes.iter().find(|class| charter.class(class).is_some_and(|class| class.reason)) {
            wants_reason.get_or_insert(VaultError::ClassReason { class: (*class).to_owned() });
        }
        match (wants_reason, access.reason.map(str::trim)) {
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
