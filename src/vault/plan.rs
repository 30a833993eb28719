//! Plans: where each field of a record stands, and what the entry says of it, before anything is
//! opened.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
};

use super::{
    Vault,
    actor::Actor,
    commit::Act,
    divide::divided,
    error::VaultError,
    item::VersionItem,
    versions::{Get, Remembered, Version},
    write::{kind_of, sealed_field},
};
use crate::{
    crypto::envelope::Envelope,
    id::Id,
    ledger::{Subject, entry::Owner},
    records::schema::{Field, Kind, Schema},
    store::content::Parts,
};

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

/// Fewest records before the planning of which it is learned where the newest versions are.
const MANY: usize = 256;

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
    /// All versions of a record, oldest first, with the sequence of their entries. A store that has
    /// lost one, or has another in its place, would show old values as new ones: it is not read.
    pub(super) fn versions(&self, record: &Id) -> Result<Vec<(u64, VersionItem)>, VaultError> {
        self.read_versions(&self.versions_of(record, &|key| self.row(key))?, &|_| true)
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
        Err(VaultError::StoreDiffers { what: "the versions of a record" })
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
            let piece = self.journal.piece(version.at, version.length as usize)?;
            let parts = Parts::read(&piece).filter(|parts| version.is_of(&parts.digest()));
            let parts = parts.ok_or(VaultError::StoreDiffers { what: "a version in the journal" })?;
            let item = VersionItem::decode_wanted(&parts, wanted)?;
            if !version.is_said_by(&item, &self.schemas) {
                return Err(VaultError::StoreDiffers { what: "the versions of a record" });
            }
            Ok(item)
        };
        read().inspect_err(|_| self.doubted.store(true, Ordering::Relaxed))
    }

    pub(super) fn plan_all<'s>(
        &self,
        actor: &Actor,
        schema: &'s Arc<Schema>,
        records: &[Id],
        fields: Option<&[String]>,
    ) -> Result<Vec<Plan<'s>>, VaultError> {
        if records.len() >= MANY {
            self.records.learn(&|key| self.row(key))?;
        }
        let groups = actor.groups();
        let plan = |part: &[Id]| {
            let mut planner = Planner { groups, schema, fields, kinds: Vec::new(), opens: Vec::new() };
            // Looked up in the order of their ids, neighbours are found in one row.
            let mut sorted: Vec<usize> = (0..part.len()).collect();
            sorted.sort_unstable_by_key(|at| part[*at]);
            let remembered = Remembered::default();
            let get = |key: &[u8]| remembered.get(key, &|key| self.row(key));
            let mut versions = vec![Vec::new(); part.len()];
            for at in sorted {
                versions[at] = self.versions_of(&part[at], &get)?;
            }
            let plan = |(record, versions): (&Id, Vec<Version>)| self.plan_with(&mut planner, record, &versions, None);
            part.iter().zip(versions).map(plan).collect::<Result<Vec<_>, _>>()
        };
        let failed = |_: &[Id]| Err(VaultError::StoreDiffers { what: "a list of records" });
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
        let versions = self.versions_of(record, &|key| self.row(key))?;
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

/// Longest that the subjects of an entry can be, in bytes: the rest of a line is for the rest.
pub(super) const MAX_SUBJECTS: usize = 55_000;

/// Splits an act whose subjects would not fit one line.
pub(super) fn fitting(act: Act<'_>) -> Vec<Act<'_>> {
    // Of one kind, version and selection of fields the records of a batch fit, with all names of fields
    // that a kind can have.
    if act.subjects.len() < 2 {
        return vec![act];
    }
    let mut parts: Vec<Vec<Subject>> = Vec::new();
    let mut length = MAX_SUBJECTS;
    for subject in &act.subjects {
        let own = serde_json::to_vec(subject).map_or(MAX_SUBJECTS, |bytes| bytes.len() + 1);
        match parts.last_mut().filter(|_| length + own <= MAX_SUBJECTS) {
            Some(part) => part.push(subject.clone()),
            None => {
                parts.push(vec![subject.clone()]);
                length = 0;
            }
        }
        length += own;
    }
    parts.into_iter().map(|subjects| Act { subjects, ..act.clone() }).collect()
}
