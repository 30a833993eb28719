//! Records out: planned, entered in the ledger, and only then opened.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::{Arc, atomic::Ordering},
};

use super::{
    Progress, Task, Unwatched, Vault,
    actor::Actor,
    commit::{Access, Act},
    divide::divided,
    error::VaultError,
    item::VersionItem,
    opener::{OPENED_AT_ONCE, Ways},
    rows,
    versions::{Get, Remembered, Version},
    write::{MAX_BATCH, kind_of, sealed_field},
};
use crate::{
    crypto::envelope::Envelope,
    id::Id,
    ledger::{Action, Entry, Outcome, Subject, entry::Owner},
    records::{
        schema::{Field, Kind, Schema},
        value::Value,
    },
    store::Kv,
};

/// Fewest characters of a record's id that are accepted in place of all.
pub const MIN_PREFIX: usize = 6;

/// Most records that belong to one case: a family with its members, and for each child what was
/// written in years. Bounds what one command can open.
const MAX_CASE: usize = 20_000;

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

/// A record, without anything being opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The record.
    pub record: Id,
    /// Its kind.
    pub kind: String,
    /// Its newest version.
    pub version: u64,
    /// The record that it belongs to.
    pub of: Option<Id>,
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

/// What will be opened of one record.
pub(super) struct Plan<'s> {
    pub vault: Id,
    pub record: Id,
    pub kind: &'s Kind,
    pub version: u64,
    pub of: Option<Id>,
    pub items: Vec<VersionItem>,
    pub cells: Vec<Planned<'s>>,
}

/// Fewest records whose planning is divided between processors.
const FEWEST: usize = 64;

/// What is asked of the records of a list, worked out once for each kind and class.
struct Planner<'a, 's> {
    groups: &'a [String],
    schema: &'s Arc<Schema>,
    /// All fields, or those named.
    fields: Option<&'a [String]>,
    kinds: Vec<(&'s Kind, Vec<(&'s Field, &'s str)>)>,
    /// Whether the actor opens a class, by the charter and by its name.
    opens: Vec<(u64, String, bool)>,
}

impl<'s> Planner<'_, 's> {
    /// Which of `kinds` it is.
    fn kind(&mut self, id: &str) -> Result<usize, VaultError> {
        if let Some(known) = self.kinds.iter().position(|(kind, _)| kind.id == id) {
            return Ok(known);
        }
        let kind = kind_of(self.schema, id)?;
        let wanted = match self.fields {
            None => kind.sealed_fields().collect(),
            Some(names) => names.iter().map(|name| sealed_field(kind, name)).collect::<Result<_, _>>()?,
        };
        self.kinds.push((kind, wanted));
        Ok(self.kinds.len() - 1)
    }

    fn opens(&mut self, vault: &Vault, envelope: &Envelope) -> bool {
        let known =
            self.opens.iter().find(|(charter, class, _)| *charter == envelope.charter && *class == envelope.class);
        if let Some((_, _, opens)) = known {
            return *opens;
        }
        let charter = vault.charter_of(envelope.charter);
        let opens = charter.is_some_and(|charter| charter.openable_alone(&envelope.class, self.groups));
        self.opens.push((envelope.charter, envelope.class.clone(), opens));
        opens
    }
}

pub(super) struct Planned<'s> {
    pub field: &'s Field,
    pub class: &'s str,
    pub source: Source,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Which item, which of its envelopes, and which field of that.
    Envelope(usize, usize, usize),
    Sealed,
    Unwritten,
    Restricted,
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
        if self.is_restricted(actor, access, record)? {
            self.check_access(actor, access, Action::RecordRead, &[])?;
            let subjects = subjects(std::slice::from_ref(&plan), |source| matches!(source, Source::Envelope(..)));
            self.refuse(actor, access, Action::RecordRead, subjects, "restricted")?;
            return Err(self.restricted_error(record));
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
        let mut above = head.of;
        while let Some(owner) = above {
            if records.len() > 64 {
                break;
            }
            // Of the family its members are part of the case, its other children are not.
            records.push(owner);
            for (kind, id) in self.owned_by(&owner)? {
                if kind != head.kind {
                    records.push(id);
                }
            }
            above = self.head_of(&owner)?.of;
        }
        let mut next = vec![*record];
        while let Some(id) = next.pop() {
            records.push(id);
            next.extend(self.owned_by(&id)?.into_iter().map(|(_, id)| id));
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

    /// The record that is meant by an id, or by the first characters of one.
    pub fn resolve(&self, reference: &str) -> Result<Id, VaultError> {
        let typed = reference.trim().to_owned();
        let reference = typed.to_ascii_lowercase();
        if let Ok(id) = reference.parse::<Id>() {
            self.head_of(&id)?;
            return Ok(id);
        }
        let usable = reference.len() >= MIN_PREFIX
            && reference.len() < crate::id::ID_TEXT
            && reference.bytes().all(|b| b"0123456789abcdefghjkmnpqrstvwxyz".contains(&b));
        if !usable {
            return Err(VaultError::BadReference { reference: typed, least: MIN_PREFIX });
        }
        // Whole bytes of the prefix narrow the scan; the characters decide.
        let whole = reference.len() * 5 / 8;
        let filled = format!("{reference:0<26}").parse::<Id>().map(|id| id.0).unwrap_or_default();
        let mut found = Vec::new();
        let (mut first, mut last) = (Id([0; 16]), Id([0xff; 16]));
        first.0[..whole].copy_from_slice(&filled[..whole]);
        last.0[..whole].copy_from_slice(&filled[..whole]);
        for record in self.records.records(&first, &last, &|key| Ok(self.store.get(key)?))? {
            found.extend(Some(record).filter(|id| id.to_string().starts_with(&reference)));
        }
        if found.is_empty() {
            for row in self.store.scan(&[b"W", &filled[..whole]].concat()) {
                let erased = rows::last_id(&row?.0).filter(|id| id.to_string().starts_with(&reference));
                if let Some(record) = erased {
                    return Err(self.missing_record(&record));
                }
            }
        }
        match found[..] {
            [id] => Ok(id),
            [] => Err(VaultError::NoRecord { reference: typed }),
            _ => Err(VaultError::Ambiguous { reference: typed, count: found.len() }),
        }
    }

    /// The records of a kind. Opens nothing, and leaves no entry: ids and kinds stand in the
    /// ledger for all its readers.
    ///
    /// In the order in which they were entered, without those that were merged into others.
    pub fn records_of_kind(&self, kind: &str) -> Result<Vec<Id>, VaultError> {
        let mut out = self.all_of_kind(kind)?;
        let merged = self.store.scan(b"m").map(|row| Ok(rows::last_id(&row?.0)));
        let merged: HashSet<Option<Id>> = merged.collect::<Result<_, VaultError>>()?;
        out.retain(|record| !merged.contains(&Some(*record)));
        Ok(out)
    }

    /// All records of a kind, those too that were merged into others.
    pub(super) fn all_of_kind(&self, kind: &str) -> Result<Vec<Id>, VaultError> {
        let mut out = Vec::new();
        for row in self.store.scan(&rows::kind(kind)) {
            let (_, row) = row?;
            out.extend(row.as_chunks().0.iter().map(|id| Id(*id)));
        }
        Ok(out)
    }

    /// What belongs to a record: kinds and ids.
    pub fn owned_by(&self, owner: &Id) -> Result<Vec<(String, Id)>, VaultError> {
        let mut out = Vec::new();
        let mut owners = vec![*owner];
        while let Some(owner) = owners.pop() {
            for row in self.store.scan(&rows::owned(&owner)) {
                out.extend(rows::split_owned(&row?.0).map(|(kind, id)| (kind.to_owned(), id)));
            }
            // What belonged to a record that was merged into this one belongs to it.
            for row in self.store.scan(&rows::merged(&owner)) {
                owners.extend(rows::last_id(&row?.0));
            }
        }
        Ok(out)
    }

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
        let sealed: Vec<_> = plan.cells.iter().filter(|cell| cell.source == Source::Sealed).collect();
        let fields = sealed.iter().map(|cell| cell.field.id.as_str()).collect::<Vec<_>>().join(", ");
        let classes: BTreeSet<&str> = sealed.iter().map(|cell| cell.class).collect();
        let coalitions = classes
            .iter()
            .flat_map(|class| self.charter().coalitions(class))
            .map(|groups| groups.into_iter().collect::<Vec<_>>().join(" + "))
            .collect::<BTreeSet<_>>();
        let coalitions = coalitions.into_iter().collect::<Vec<_>>().join("; ");
        let subjects = subjects(std::slice::from_ref(plan), |source| source == Source::Sealed);
        self.refuse(actor, access, action, subjects, "sealed")?;
        Err(VaultError::Sealed { fields, coalitions })
    }

    /// All versions of a record, oldest first, with the sequence of their entries. A store that has
    /// lost one, or has another in its place, would show old values as new ones: it is not read.
    pub(super) fn versions(&self, record: &Id) -> Result<Vec<(u64, VersionItem)>, VaultError> {
        self.read_versions(&self.versions_of(record, &|key| Ok(self.store.get(key)?))?, &|_| true)
    }

    /// What is known of all versions of a record, oldest first.
    fn versions_of(&self, record: &Id, get: Get<'_>) -> Result<Vec<Version>, VaultError> {
        let versions = self.records.all(record, get)?;
        let Some(newest) = versions.last() else { return Err(self.missing_record(record)) };
        self.check_newest(newest)?;
        if versions.len() as u64 == newest.version {
            return Ok(versions);
        }
        self.doubted.store(true, Ordering::Relaxed);
        Err(VaultError::StoreDiffers { what: format!("the versions of record {record}") })
    }

    /// These versions of a record, with the sequence of their entries and the envelopes of the classes
    /// that are wanted.
    fn read_versions(
        &self,
        versions: &[Version],
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<(u64, VersionItem)>, VaultError> {
        let read = |version: &Version| Ok((version.sequence, self.stored_version(version, wanted)?));
        versions.iter().map(read).collect()
    }

    /// What the journal has of a version, with the envelopes of the classes that are wanted.
    pub(super) fn stored_version(
        &self,
        version: &Version,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<VersionItem, VaultError> {
        let read = || {
            let item = self.journal.item(version.at, version.length.into())?;
            if !version.is_of(&item) {
                return Err(VaultError::StoreDiffers { what: "a version in the journal".to_owned() });
            }
            let item = VersionItem::decode_wanted(&item, wanted)?;
            if !version.is_said_by(&item, &self.schemas) {
                return Err(VaultError::StoreDiffers { what: format!("the versions of record {}", version.record) });
            }
            Ok(item)
        };
        read().inspect_err(|_| self.doubted.store(true, Ordering::Relaxed))
    }

    fn plan_all<'s>(
        &self,
        actor: &Actor,
        schema: &'s Arc<Schema>,
        records: &[Id],
        fields: Option<&[String]>,
    ) -> Result<Vec<Plan<'s>>, VaultError> {
        let groups = actor.groups();
        let plan = |part: &[Id]| {
            let mut planner = Planner { groups, schema, fields, kinds: Vec::new(), opens: Vec::new() };
            // Looked up in the order of their ids, neighbours are found in one row.
            let mut sorted: Vec<usize> = (0..part.len()).collect();
            sorted.sort_unstable_by_key(|at| part[*at]);
            let remembered = Remembered::default();
            let get = |key: &[u8]| remembered.get(key, &|key| Ok(self.store.get(key)?));
            let mut versions = vec![Vec::new(); part.len()];
            for at in sorted {
                versions[at] = self.versions_of(&part[at], &get)?;
            }
            let plan = |(record, versions): (&Id, Vec<Version>)| self.plan_with(&mut planner, record, &versions, None);
            part.iter().zip(versions).map(plan).collect::<Result<Vec<_>, _>>()
        };
        let failed = |_: &[Id]| Err(VaultError::StoreDiffers { what: "a list of records".to_owned() });
        let mut plans = Vec::with_capacity(records.len());
        for part in divided(records, FEWEST, plan, failed) {
            plans.append(&mut part?);
        }
        Ok(plans)
    }

    /// Finds where each field of a record stands, without opening anything.
    pub(super) fn plan<'s>(
        &self,
        actor: &Actor,
        schema: &'s Arc<Schema>,
        record: &Id,
        fields: Option<&[String]>,
        version: Option<u64>,
    ) -> Result<Plan<'s>, VaultError> {
        let mut planner = Planner { groups: actor.groups(), schema, fields, kinds: Vec::new(), opens: Vec::new() };
        let versions = self.versions_of(record, &|key| Ok(self.store.get(key)?))?;
        self.plan_with(&mut planner, record, &versions, version)
    }

    fn plan_with<'s>(
        &self,
        planner: &mut Planner<'_, 's>,
        record: &Id,
        versions: &[Version],
        version: Option<u64>,
    ) -> Result<Plan<'s>, VaultError> {
        let newest = versions.last().ok_or_else(|| self.missing_record(record))?;
        let at = planner.kind(&newest.head(&self.schemas)?.kind)?;
        let version = version.unwrap_or(newest.version);
        // Of the others nothing is kept: a list of two fields would hold all of each record until the
        // last one is shown.
        let of_wanted = |class: &str| planner.kinds[at].1.iter().any(|(_, wanted)| *wanted == class);
        let versions = self.read_versions(versions, &of_wanted)?;
        let mut items: Vec<VersionItem> = versions.into_iter().map(|(_, item)| item).collect();
        items.retain(|item| item.version <= version);
        let shown = items.last().filter(|item| item.version == version);
        let of = shown.ok_or_else(|| VaultError::NoVersion { record: record.to_string(), version })?.of;
        // Asked once for each envelope, not for each field.
        let opens: Vec<Vec<bool>> =
            items.iter().map(|item| item.envelopes.iter().map(|e| planner.opens(self, e)).collect()).collect();
        let (kind, wanted) = &planner.kinds[at];
        let mut cells = Vec::with_capacity(wanted.len());
        for (field, class) in wanted {
            let newest =
                items.iter().enumerate().rev().find_map(|(at, item)| {
                    item.envelopes.iter().enumerate().filter(|(_, envelope)| envelope.class == *class).find_map(
                        |(index, envelope)| envelope.position(&field.id).map(|position| (at, index, position)),
                    )
                });
            let source = match newest {
                None => Source::Unwritten,
                Some((at, index, position)) if opens[at][index] => Source::Envelope(at, index, position),
                Some(_) => Source::Sealed,
            };
            cells.push(Planned { field, class, source });
        }
        Ok(Plan { vault: self.id, record: *record, kind, version, of, items, cells })
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
            if self.is_restricted(actor, access, &plan.record)? {
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
        for batch in plans.chunks(OPENED_AT_ONCE) {
            if let Err((plan, error)) = self.open_plans(actor, batch, &mut ways, &mut out) {
                self.doubted.store(true, Ordering::Relaxed);
                let failed = subjects(std::slice::from_ref(plan), opened);
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

/// What an entry says of plans: records of the same kind, version and fields together.
pub(super) fn subjects(plans: &[Plan<'_>], counts: impl Fn(Source) -> bool) -> Vec<Subject> {
    let mut out: Vec<(Subject, Vec<Owner>)> = Vec::new();
    let mut last: Option<&Plan<'_>> = None;
    for plan in plans {
        // Of a list all records are alike, and the next is told with the one before it: that is
        // seen without writing down the names of its fields.
        let alike = |a: &Plan<'_>, b: &Plan<'_>| {
            let told = |one: &Planned<'_>, other: &Planned<'_>| {
                std::ptr::eq(one.field, other.field) && counts(one.source) == counts(other.source)
            };
            std::ptr::eq(a.kind, b.kind)
                && a.version == b.version
                && a.cells.len() == b.cells.len()
                && a.cells.iter().zip(&b.cells).all(|(one, other)| told(one, other))
        };
        if let (Some(before), Some((subject, owners))) = (last, out.last_mut())
            && alike(before, plan)
        {
            subject.records.push(plan.record);
            owners.push(Owner(plan.of));
            continue;
        }
        last = None;
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for cell in plan.cells.iter().filter(|cell| counts(cell.source)) {
            fields.entry(cell.class.to_owned()).or_default().push(cell.field.id.clone());
        }
        let same = |(s, _): &&mut (Subject, Vec<Owner>)| {
            s.kind == plan.kind.id && s.version == plan.version && s.fields == fields
        };
        match out.iter_mut().find(same) {
            Some((subject, owners)) => {
                subject.records.push(plan.record);
                owners.push(Owner(plan.of));
            }
            None => {
                let (kind, version) = (plan.kind.id.clone(), plan.version);
                let subject = Subject { kind, version, fields, records: vec![plan.record], of: Vec::new() };
                out.push((subject, vec![Owner(plan.of)]));
                last = Some(plan);
            }
        }
    }
    out.into_iter()
        .map(|(mut subject, owners)| {
            if owners.iter().any(|owner| owner.0.is_some()) {
                subject.of = owners;
            }
            subject
        })
        .collect()
}

/// An entry names at most so many groups of subjects: each can repeat all field names of a kind.
const MAX_SUBJECTS: usize = 12;

/// Splits an act whose subjects would not fit one line.
pub(super) fn fitting(act: Act<'_>) -> Vec<Act<'_>> {
    if act.subjects.len() <= MAX_SUBJECTS {
        return vec![act];
    }
    act.subjects.chunks(MAX_SUBJECTS).map(|part| Act { subjects: part.to_vec(), ..act.clone() }).collect()
}
