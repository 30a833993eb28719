//! Records out: planned, entered in the ledger, and only then opened.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, atomic::Ordering},
};

use super::{
    Progress, Task, Unwatched, Vault,
    actor::Actor,
    commit::{Access, Act},
    error::VaultError,
    opener::{OPENED_AT_ONCE, Ways},
    plan::{Plan, Source, fitting, subjects},
    rows,
    write::MAX_BATCH,
};
use crate::{
    id::Id,
    ledger::{Action, Entry, Outcome, Subject, entry::Owner},
    records::value::Value,
    store::Kv,
};

/// Most records that belong to one case: a family with its members, and for each child what was
/// written in years. Bounds what one command can open.
const MAX_CASE: usize = 20_000;

/// Most owners above a record.
const MAX_ABOVE: usize = 64;

/// One field of a record that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The field; one piece of memory for many records.
    pub field: Arc<str>,
    /// Its class.
    pub class: Arc<str>,
    /// What it holds.
    pub content: Revealed,
}

/// What a field holds, for one who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revealed {
    /// The value, opened.
    Value(Value),
    /// Sealed against the one who asked.
    Sealed,
    /// Never written: the field is younger than the record.
    Unwritten,
    /// The use of the record is restricted.
    Restricted,
}

/// A record as it was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The record.
    pub record: Id,
    /// Its kind.
    pub kind: String,
    /// The version that was shown.
    pub version: u64,
    /// The record that it belongs to.
    pub of: Option<Id>,
    /// The fields, in the schema's order.
    pub cells: Vec<Cell>,
}

impl Shown {
    /// The value of a field, if it was opened.
    pub fn value(&self, field: &str) -> Option<&Value> {
        self.cells.iter().find(|cell| *cell.field == *field).and_then(|cell| match &cell.content {
            Revealed::Value(value) => Some(value),
            _ => None,
        })
    }
}

/// Who wrote a version, and what it holds.
#[derive(Debug, Clone)]
pub struct VersionInfo {
    /// Counts from 1.
    pub version: u64,
    /// The entry that committed it.
    pub entry: Entry,
    /// The version of the schema it was written under.
    pub schema: u64,
    /// The record that it belonged to then.
    pub of: Option<Id>,
    /// The fields that were written, in the order sealed.
    pub fields: Vec<String>,
}

impl Vault {
    /// Shows a record: all its fields, or those named; its newest version, or an older one.
    ///
    /// Fields of classes that the actor cannot open come back as sealed, unless they were asked
    /// for by name: then nothing is shown, and the refusal is an entry.
    pub fn read_record(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        record: &Id,
        fields: Option<&[String]>,
        version: Option<u64>,
    ) -> Result<Shown, VaultError> {
        let schema = self.schema().clone();
        let plan = self.plan(actor, &schema, record, fields, version)?;
        if self.is_restricted(actor.member(), access.purpose, record)? {
            self.check_access(actor, access, Action::RecordRead, &[])?;
            return self.refuse_restricted(actor, access, Action::RecordRead, &plan);
        }
        if fields.is_some() && plan.cells.iter().any(|cell| cell.source == Source::Sealed) {
            return self.refuse_sealed(actor, access, Action::RecordRead, &plan);
        }
        let shown = self.enter_and_open(actor, access, Action::RecordRead, vec![plan], &Unwatched)?;
        shown.into_iter().next().ok_or_else(|| VaultError::NoRecord { reference: record.to_string() })
    }

    /// Lists records of one kind with some of their fields, in the order given. Fields that the
    /// actor cannot open come back as sealed.
    pub fn list_records(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        records: &[Id],
        fields: &[String],
        progress: &dyn Progress,
    ) -> Result<Vec<Shown>, VaultError> {
        let schema = self.schema().clone();
        let plans = self.plan_all(actor, &schema, records, Some(fields))?;
        self.enter_and_open(actor, access, Action::RecordList, plans, progress)
    }

    /// Opens one field of these records for the vault's own use, such as a comparison.
    pub(super) fn open_for(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        action: Action,
        records: &[Id],
        field: &str,
        progress: &dyn Progress,
    ) -> Result<Vec<Shown>, VaultError> {
        let schema = self.schema().clone();
        let plans = self.plan_all(actor, &schema, records, Some(&[field.to_owned()]))?;
        self.enter_and_open(actor, access, action, plans, progress)
    }

    /// Shows a child or a family with everything that belongs to it: the owners above it first,
    /// then itself, then what hangs below, down to the last.
    pub fn read_case(&mut self, actor: &mut Actor, access: Access<'_>, record: &Id) -> Result<Vec<Shown>, VaultError> {
        let schema = self.schema().clone();
        let head = self.head_of(record)?;
        let mut records = Vec::new();
        // An owner that hangs on itself is refused when it is written; but it can be merged into what
        // hangs on it.
        let mut seen = HashSet::from([*record]);
        let (mut above, mut from) = (head.of, head.kind);
        for _ in 0..MAX_ABOVE {
            let Some(owner) = above else { break };
            // What it was merged into goes on in its place.
            let owner = self.survivor(&owner)?;
            if !seen.insert(owner) {
                break;
            }
            // Of the family its members are part of the case, its other children are not.
            records.push(owner);
            for (kind, id) in self.owned_by(&owner)? {
                if kind != from && seen.insert(id) {
                    records.push(id);
                }
            }
            let owner = self.head_of(&owner)?;
            (above, from) = (owner.of, owner.kind);
        }
        let mut next = vec![*record];
        while let Some(id) = next.pop() {
            records.push(id);
            next.extend(self.owned_by(&id)?.into_iter().map(|(_, id)| id).filter(|id| seen.insert(*id)));
            if records.len() > MAX_CASE {
                return Err(VaultError::LargeCase { record: record.to_string(), most: MAX_CASE });
            }
        }
        let plans = self.plan_all(actor, &schema, &records, None)?;
        self.enter_and_open(actor, access, Action::CaseRead, plans, &Unwatched)
    }

    /// Who wrote which version of a record, and when. Opens nothing.
    pub fn history(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        record: &Id,
    ) -> Result<Vec<VersionInfo>, VaultError> {
        self.check_access(actor, access, Action::RecordHistory, &[])?;
        let head = self.head_of(record)?;
        let subject = Subject {
            kind: head.kind.clone(),
            version: head.version,
            fields: BTreeMap::new(),
            records: vec![*record],
            of: head.of.map(|of| vec![Owner(Some(of))]).unwrap_or_default(),
        };
        let group = actor.groups().first().cloned().unwrap_or_default();
        let act = Act {
            action: Action::RecordHistory,
            group,
            access,
            subjects: vec![subject],
            outcome: Outcome::Ok,
            detail: None,
        };
        self.commit(actor, act, Vec::new())?;
        let mut out = Vec::new();
        for (sequence, item) in self.versions(record)? {
            let fields = item.envelopes.iter().flat_map(|e| e.fields()).map(ToOwned::to_owned).collect();
            let entry = self.line(sequence)?.entry().clone();
            out.push(VersionInfo { version: item.version, entry, schema: item.schema, of: item.of, fields });
        }
        Ok(out)
    }

    /// Enters what will be shown, and then opens it. What does not open is an entry too.
    pub(super) fn enter_and_open(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        action: Action,
        mut plans: Vec<Plan<'_>>,
        progress: &dyn Progress,
    ) -> Result<Vec<Shown>, VaultError> {
        // Asked of each record only where the use of any is restricted.
        let restricted = self.store.scan(rows::RESTRICTIONS).next().transpose()?.is_some();
        for plan in plans.iter_mut().filter(|_| restricted) {
            if self.is_restricted(actor.member(), access.purpose, &plan.record)? {
                plan.cells.iter_mut().for_each(|cell| cell.source = Source::Restricted);
            }
        }
        let opened = |source| matches!(source, Source::Envelope(..));
        let mut classes: Vec<&str> = Vec::new();
        for cell in plans.iter().flat_map(|plan| &plan.cells) {
            if opened(cell.source) && !classes.contains(&cell.class) {
                classes.push(cell.class);
            }
        }
        classes.sort_unstable();
        self.check_access(actor, access, action, &classes)?;
        let group = self.group_for(actor, &classes);
        let mut acts = Vec::new();
        for batch in plans.chunks(MAX_BATCH) {
            let act = Act {
                action,
                group: group.clone(),
                access,
                subjects: subjects(batch, opened),
                outcome: Outcome::Ok,
                detail: None,
            };
            // What a search found is bounded so that it fits one entry.
            let acts_of = if action == Action::RecordFind { vec![act] } else { fitting(act) };
            acts.extend(acts_of.into_iter().map(|act| (act, Vec::new())));
        }
        if acts.is_empty() {
            // A list of nothing tells something too.
            let act = Act { action, group, access, subjects: Vec::new(), outcome: Outcome::Ok, detail: None };
            acts.push((act, Vec::new()));
        }
        self.commit_all(actor, acts)?;
        let watched = plans.len() > MAX_BATCH;
        if watched {
            progress.begin(Task::Read, plans.len() as u64);
        }
        let mut out = Vec::with_capacity(plans.len());
        let mut ways = Ways::default();
        for batch in plans.chunks_mut(OPENED_AT_ONCE) {
            if let Err((at, error)) = self.open_plans(actor, batch, &mut ways, &mut out) {
                self.doubted.store(true, Ordering::Relaxed);
                let failed = subjects(&batch[at..=at], opened);
                let group = self.group_for(actor, &classes);
                let access = Access { reason: None, ..access };
                let outcome = Outcome::Failed;
                let act = Act { action, group, access, subjects: failed, outcome, detail: Some("does-not-open") };
                self.commit(actor, act, Vec::new())?;
                return Err(error);
            }
            if watched {
                progress.at(out.len() as u64);
            }
        }
        if watched {
            progress.end();
        }
        Ok(out)
    }

    /// The first of the actor's groups that takes part in opening these classes.
    fn group_for(&self, actor: &Actor, classes: &[&str]) -> String {
        let charter = self.charter();
        let takes_part =
            |group: &&String| classes.iter().any(|class| charter.openable_alone(class, std::slice::from_ref(*group)));
        actor.groups().iter().find(takes_part).or(actor.groups().first()).cloned().unwrap_or_default()
    }
}
