//! Fields of a class handed to somebody outside: entered in the ledger, then opened.

use super::{
    Progress, Vault,
    actor::Actor,
    commit::{Access, MAX_REASON},
    error::VaultError,
    plan::Source,
    read::Shown,
};
use crate::{id::Id, ledger::Action};

/// What was opened to be handed on.
#[derive(Debug, Clone)]
pub struct Exported {
    /// The sequence of the entry that says so: the first of them, for very many records.
    pub entry: u64,
    /// The records, with their fields of the class.
    pub records: Vec<Shown>,
}

impl Vault {
    /// Opens the fields of one class in these records, to be handed to `to`: a member's name, or
    /// what else says who can open the file. It is sealed into the entry with the reason.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] and an entry that refuses it, if the actor does not meet a quorum of
    /// the class; the same if the use of a record is restricted; [`VaultError::NothingOfClass`] for a
    /// record that has no field of it.
    pub fn export_records(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        records: &[Id],
        class: &str,
        to: &str,
        progress: &dyn Progress,
    ) -> Result<Exported, VaultError> {
        let schema = self.schema().clone();
        let mut plans = Vec::with_capacity(records.len());
        for record in records {
            let kind = self.head_of(record)?.kind;
            let kind = super::write::kind_of(&schema, &kind)?;
            let of_class = kind.sealed_fields().filter(|(_, of)| *of == class);
            let fields: Vec<String> = of_class.map(|(field, _)| field.id.clone()).collect();
            if fields.is_empty() {
                return Err(VaultError::NothingOfClass { record: record.to_string(), class: class.to_owned() });
            }
            plans.push(self.plan(actor, &schema, record, Some(&fields), None)?);
        }
        let whom = format!("-> {to}");
        // Whether the charter wants a reason is asked of what was given, and not of what is added.
        self.check_access(actor, access, Action::RecordExport, &[class])?;
        let reason = match access.reason {
            Some(reason) => {
                let most = MAX_REASON.saturating_sub(whom.chars().count() + 1);
                if reason.chars().count() > most {
                    return Err(VaultError::LongReason { most });
                }
                format!("{reason}\n{whom}")
            }
            None => whom,
        };
        let access = Access { reason: Some(&reason), ..access };
        for plan in &plans {
            if self.is_restricted(actor.member(), access.purpose, &plan.record)? {
                return self.refuse_restricted(actor, access, Action::RecordExport, plan);
            }
        }
        if let Some(plan) = plans.iter().find(|plan| plan.cells.iter().any(|cell| cell.source == Source::Sealed)) {
            return self.refuse_sealed(actor, access, Action::RecordExport, plan);
        }
        let entry = self.size();
        let records = self.enter_and_open(actor, access, Action::RecordExport, plans, progress)?;
        Ok(Exported { entry, records })
    }
}
