//! Records in: sealed field by field, committed, and only then acknowledged.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
};

use zeroize::Zeroizing;

use super::{
    Progress, Task, Vault,
    actor::Actor,
    commit::{Access, Act},
    divide::{divided, meanwhile},
    error::VaultError,
    index::{Indexed, OpenEpochs},
    item::{Item, VersionItem},
    open::StoredNodes,
    rows::{self, Head},
    versions::Version,
};
use crate::{
    crypto::{
        CryptoError,
        cbor::Writer,
        envelope::{Envelope, Place, Sealer},
        random::{Random, new_id},
    },
    id::Id,
    ledger::{Action, Outcome, Subject, entry::Owner},
    records::{
        schema::{Field, Kind, Schema},
        value::{Value, ValueError},
    },
    store::{Kv, content::Content},
};

/// Most records that one entry commits: its line names each of them, and must fit a ledger line. More at
/// once would be in memory several times, as items, frames and rows, and hardly be faster.
pub const MAX_BATCH: usize = 500;

/// The bytes of values that one entry commits, if they are of more than one record: sealed, and with
/// what they are found by, they must stay below the end of a payload.
const MAX_VALUES: usize = 8 * 1024 * 1024;

/// Fewer drafts than twice so many are checked by one processor: to wake another costs more.
const FEWEST: usize = 32;

/// So many versions are sealed by one processor before it takes the next ones.
const PART: usize = 32;

/// A record to be written: a new one, or a new version of one that exists.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Field names and values. For a new record, fields that are not named are empty.
    pub values: Vec<(String, Value)>,
    /// The record that it belongs to; `None` leaves that of an existing record as it is.
    pub of: Option<Id>,
}

/// A record that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The record.
    pub record: Id,
    /// Its version now.
    pub version: u64,
}

/// A version before it is sealed.
struct Unsealed<'a> {
    record: Id,
    version: u64,
    of: Option<Id>,
    values: Vec<(&'a Field, &'a str, Zeroizing<Vec<u8>>)>,
    /// What its values are found by.
    found: Vec<Indexed<'a>>,
}

/// What will be a version.
enum Pending<'a> {
    /// A new record with all fields of its kind, of a draft that was checked.
    New(Id, &'a Draft),
    Ready(Unsealed<'a>),
}

/// A version that is sealed.
struct SealedVersion<'a> {
    record: Id,
    version: u64,
    of: Option<Id>,
    found: Vec<Indexed<'a>>,
    item: Content,
}

/// What all versions of one write have in common.
struct How<'a> {
    access: Access<'a>,
    action: Action,
    group: &'a str,
    kind: &'a Kind,
    /// The fields that are written, by class.
    fields: BTreeMap<String, Vec<String>>,
}

/// Versions that are sealed and not committed yet: not more than [`MAX_BATCH`].
struct Sealed<'a> {
    /// The session, where it is new: it comes before them.
    begun: Vec<Vec<u8>>,
    versions: Vec<SealedVersion<'a>>,
}

/// What sealing them needs.
struct Sealing<'a> {
    vault: Id,
    kind: &'a Kind,
    schema: u64,
    /// By class.
    sealers: BTreeMap<&'a str, Arc<Sealer>>,
    /// What the postings will probably go to: it is seen when they are committed.
    epochs: &'a OpenEpochs,
}

impl Vault {
    /// Enters one record.
    pub fn create_record(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        kind: &str,
        draft: &Draft,
    ) -> Result<Written, VaultError> {
        let drafts = std::slice::from_ref(draft);
        let written = self.write_new(actor, access, Action::RecordCreate, kind, drafts, &super::Unwatched);
        self.or_forget(actor, written)?.into_iter().next().ok_or(VaultError::NothingToWrite)
    }

    /// Enters many records of one kind, an entry for each [`MAX_BATCH`] or for fewer that are large.
    ///
    /// Every draft is checked before the first is written. Records are acknowledged in batches:
    /// if writing fails in between, those before are in the vault.
    pub fn import_records(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        kind: &str,
        drafts: &[Draft],
        progress: &dyn Progress,
    ) -> Result<Vec<Written>, VaultError> {
        let written = self.write_new(actor, access, Action::RecordImport, kind, drafts, progress);
        self.or_forget(actor, written)
    }

    /// Writes new values of some fields of a record, and perhaps the record it belongs to.
    pub fn update_record(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        record: &Id,
        draft: &Draft,
    ) -> Result<Written, VaultError> {
        let head = self.head_of(record)?;
        self.check_not_merged(record)?;
        self.check_not_restricted(record)?;
        let relinked = draft.of.is_some() && draft.of != head.of;
        if draft.values.is_empty() && !relinked {
            return Err(VaultError::NothingToWrite);
        }
        let schema = self.schema().clone();
        let kind = kind_of(&schema, &head.kind)?;
        let action = if draft.values.is_empty() { Action::RecordLink } else { Action::RecordUpdate };
        let fields = fields_by_class(kind, |id| draft.values.iter().any(|(name, _)| name == id));
        let subject = Subject {
            kind: head.kind.clone(),
            version: head.version + 1,
            fields: fields.clone(),
            records: vec![*record],
            of: Vec::new(),
        };
        let group = self.right_to_write(actor, access, action, vec![subject])?;
        self.check_access(actor, access, action, &[])?;
        self.check_owner(kind, Some(record), draft.of.or(head.of))?;
        self.check_references(kind, &draft.values)?;
        let mut values = Vec::new();
        let mut found = Vec::new();
        for (name, value) in &draft.values {
            let (field, class) = sealed_field(kind, name)?;
            let value = value.clone().check(field)?;
            values.push((field, class, value.encode()));
            found.push((field, Indexed::of(kind, field, class, &value)));
        }
        values.sort_by_key(|(field, _, _)| kind.fields.iter().position(|own| own.id == field.id));
        // Of a field that is given twice the first counts, as in a new record.
        values.dedup_by_key(|(field, _, _)| &field.id);
        found.sort_by_key(|(field, _)| kind.fields.iter().position(|own| own.id == field.id));
        found.dedup_by_key(|(field, _)| &field.id);
        let found = found.into_iter().filter_map(|(_, found)| found).collect();
        let unsealed = Unsealed { record: *record, version: head.version + 1, of: draft.of.or(head.of), values, found };
        let written = Written { record: *record, version: unsealed.version };
        let how = How { access, action, group: &group, kind, fields };
        let mut random = actor.random.another();
        let sealed = self.seal_behind(actor, &how, vec![Pending::Ready(unsealed)], None, &mut *random);
        let committed = sealed.and_then(|sealed| self.commit_sealed(actor, &how, sealed, &mut *random));
        self.or_forget(actor, committed)?;
        Ok(written)
    }

    /// Adds a version of the schema.
    pub fn amend_schema(&mut self, actor: &mut Actor, schema: &Schema) -> Result<(), VaultError> {
        let action = Action::SchemaAmend;
        let charter = self.charter().clone();
        let Some(group) = actor.group_that_may(&charter, "schema").map(ToOwned::to_owned) else {
            return self.refuse_right(actor, Access::default(), action, Vec::new(), "schema");
        };
        schema.extends(self.schema())?;
        schema.check_classes(|class| charter.class(class).is_some())?;
        let act =
            Act { action, group, access: Access::default(), subjects: Vec::new(), outcome: Outcome::Ok, detail: None };
        self.commit(actor, act, vec![Item::Schema(schema.text().to_owned()).encode()])?;
        Ok(())
    }

    fn write_new(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        action: Action,
        kind: &str,
        drafts: &[Draft],
        progress: &dyn Progress,
    ) -> Result<Vec<Written>, VaultError> {
        let schema = self.schema().clone();
        let kind = kind_of(&schema, kind)?;
        let fields = fields_by_class(kind, |_| true);
        let subject =
            Subject { kind: kind.id.clone(), version: 1, fields: fields.clone(), records: Vec::new(), of: Vec::new() };
        let group = self.right_to_write(actor, access, action, vec![subject])?;
        self.check_access(actor, access, action, &[])?;
        if drafts.is_empty() {
            return Err(VaultError::NothingToWrite);
        }
        let check = |part: &[Draft]| part.iter().try_for_each(|draft| self.check_draft(kind, draft));
        divided(drafts, FEWEST, check, |_| Err(VaultError::NothingToWrite)).into_iter().collect::<Result<(), _>>()?;
        let watched = drafts.len() > MAX_BATCH;
        if watched {
            progress.begin(Task::Write, drafts.len() as u64);
        }
        let how = How { access, action, group: &group, kind, fields };
        let mut random = actor.random.another();
        let mut written: Vec<Written> = Vec::with_capacity(drafts.len());
        // What is to be sealed is made of a part of the drafts at a time: all of it at once would
        // take as much memory as the drafts. A part is sealed while the one before it is committed.
        let mut before: Option<Sealed<'_>> = None;
        for part in parts(drafts) {
            let mut pending = Vec::with_capacity(part.len());
            let done = written.len() as u64;
            for draft in part {
                let record = new_id(&mut *random)?;
                written.push(Written { record, version: 1 });
                pending.push(Pending::New(record, draft));
            }
            before = Some(self.seal_behind(actor, &how, pending, before, &mut *random)?);
            if watched {
                progress.at(done);
            }
        }
        if let Some(last) = before {
            self.commit_sealed(actor, &how, last, &mut *random)?;
        }
        if watched {
            progress.at(drafts.len() as u64);
            progress.end();
        }
        Ok(written)
    }

    /// Checks what is given of a new record, before anything of it is sealed.
    fn check_draft(&self, kind: &Kind, draft: &Draft) -> Result<(), VaultError> {
        self.check_owner(kind, None, draft.of)?;
        for (name, _) in &draft.values {
            sealed_field(kind, name)?;
        }
        self.check_references(kind, &draft.values)?;
        for (field, _) in kind.sealed_fields() {
            given(draft, field).kept(field)?;
        }
        Ok(())
    }

    /// Seals versions, and commits meanwhile what was sealed before.
    fn seal_behind<'a>(
        &mut self,
        actor: &mut Actor,
        how: &How<'a>,
        versions: Vec<Pending<'a>>,
        mut before: Option<Sealed<'a>>,
        random: &mut dyn Random,
    ) -> Result<Sealed<'a>, VaultError> {
        let charter = self.charter().clone();
        let classes = how.fields.keys().map(String::as_str);
        let (sealers, new) = actor.sealing(&charter, classes.clone(), versions.len() as u64)?;
        let mut begun: Vec<Vec<u8>> = new.map(|session| Item::Session(session).encode()).into_iter().collect();
        if let Some(before) = &mut before {
            // It comes first, and may seal a reason in the new session.
            before.begun.append(&mut begun);
        }
        let (vault, schema) = (self.id, self.schema().version());
        let count = versions.len();
        let epochs = match count {
            0..PART => OpenEpochs::new(),
            _ => self.epochs_there(actor, classes.clone())?,
        };
        let sealers = classes.zip(sealers).collect();
        let sealing = Sealing { vault, kind: how.kind, schema, sealers, epochs: &epochs };
        let mut parts = Vec::with_capacity(count.div_ceil(PART));
        let mut left = versions.into_iter();
        while left.len() > 0 {
            parts.push((left.by_ref().take(PART).collect::<Vec<_>>(), random.another()));
        }
        let seal = |(part, mut random): (Vec<Pending<'a>>, Box<dyn Random>)| {
            let one = |one: Pending<'a>| seal(&sealing, one.unsealed(how.kind)?, &mut *random);
            part.into_iter().map(one).collect::<Result<Vec<_>, VaultError>>()
        };
        let commit = || before.map_or(Ok(()), |before| self.commit_sealed(actor, how, before, random));
        let (committed, sealed) = meanwhile(parts, seal, commit);
        committed?;
        let mut versions = Vec::with_capacity(count);
        for part in sealed {
            let part = part.unwrap_or(Err(CryptoError::NoRandomness.into()));
            versions.append(&mut part?);
        }
        Ok(Sealed { begun, versions })
    }

    /// Commits what was sealed, with what it is found by.
    fn commit_sealed(
        &mut self,
        actor: &mut Actor,
        how: &How<'_>,
        sealed: Sealed<'_>,
        random: &mut dyn Random,
    ) -> Result<(), VaultError> {
        let Sealed { mut begun, versions } = sealed;
        let searched = versions.first().into_iter().flat_map(|one| &one.found).map(|found| found.class);
        // The items of a new index come after those of the session that its secret is sealed in.
        let epochs = self.epochs_to_write(actor, searched, &mut begun)?;
        self.expect_postings(&epochs, versions.len())?;
        let act = Act {
            action: how.action,
            group: how.group.to_owned(),
            access: how.access,
            subjects: vec![subject_of(how, &versions)],
            outcome: Outcome::Ok,
            detail: None,
        };
        let mut all: Vec<Content> = begun.into_iter().map(Content::from).collect();
        all.reserve(2 * versions.len());
        for SealedVersion { record, version, found, item, .. } in versions {
            all.push(item);
            let postings = self.postings(&epochs, &record, version, found, random)?;
            all.extend(postings.map(Content::from));
        }
        self.commit_all(actor, vec![(act, all)])
    }

    /// The group in whose right the actor writes, or the refusal, which is an entry too.
    fn right_to_write(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        action: Action,
        subjects: Vec<Subject>,
    ) -> Result<String, VaultError> {
        match actor.group_that_may(self.charter(), "write") {
            Some(group) => Ok(group.to_owned()),
            None => self.refuse_right(actor, access, action, subjects, "write"),
        }
    }

    fn refuse_right<T>(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        action: Action,
        subjects: Vec<Subject>,
        right: &str,
    ) -> Result<T, VaultError> {
        self.refuse(actor, access, action, subjects, "right")?;
        Err(VaultError::MayNot { member: actor.member().to_owned(), right: right.to_owned() })
    }

    /// Checks that the owner exists, is of the right kind, and does not hang on the record itself
    /// (`None`: a new one).
    ///
    /// # Errors
    /// What is wrong with it, or that the store cannot be read.
    pub fn check_owner(&self, kind: &Kind, record: Option<&Id>, of: Option<Id>) -> Result<(), VaultError> {
        let Some(owner) = of else {
            return match kind.parent() {
                Some(field) if field.required => Err(ValueError::Required { field: field.id.clone() }.into()),
                _ => Ok(()),
            };
        };
        let field = kind.parent().ok_or_else(|| VaultError::NoOwner { kind: kind.id.clone() })?;
        let head = self.head_of(&owner)?;
        if let Some(wanted) = &field.to
            && *wanted != head.kind
        {
            let wanted = wanted.clone();
            return Err(VaultError::WrongKind { record: owner.to_string(), kind: head.kind, wanted });
        }
        // Kinds cannot own each other in a circle, but a schema may let a kind own itself.
        let mut above = Some(owner);
        let mut steps = 0;
        while let Some(id) = above {
            if Some(&id) == record || steps > 64 {
                return Err(VaultError::LinkLoop { record: id.to_string() });
            }
            above = self.head_of(&id)?.of;
            steps += 1;
        }
        Ok(())
    }

    /// Checks that the records to which values lead are there, and of the kinds that their fields want.
    ///
    /// # Errors
    /// What is wrong with one of them, or that the store cannot be read.
    pub fn check_references(&self, kind: &Kind, values: &[(String, Value)]) -> Result<(), VaultError> {
        for (name, value) in values {
            let Value::Reference(record) = value else { continue };
            let found = self.head_of(record)?.kind;
            if let Some(wanted) = kind.field(name).and_then(|field| field.to.clone())
                && wanted != found
            {
                return Err(VaultError::WrongKind { record: record.to_string(), kind: found, wanted });
            }
        }
        Ok(())
    }

    /// What is known of a record without opening anything.
    pub fn head_of(&self, record: &Id) -> Result<Head, VaultError> {
        match self.newest_version(record)? {
            Some(version) => version.head(&self.schemas),
            None => Err(self.missing_record(record)),
        }
    }

    /// The newest version of a record; `None` if there is none.
    pub(super) fn newest_version(&self, record: &Id) -> Result<Option<Version>, VaultError> {
        let newest = self.records.newest(record, &|key| self.row(key))?;
        if let Some(newest) = &newest {
            self.check_newest(newest)?;
        }
        Ok(newest)
    }

    /// The number of the newest version of a record that is there.
    pub(super) fn newest_number(&self, record: &Id) -> Result<u64, VaultError> {
        let Some(row) = self.store.get(&rows::newest(record))? else { return Ok(1) };
        let differs = |_| VaultError::StoreDiffers { what: "the versions of a record" };
        row.try_into().map(u64::from_be_bytes).map_err(differs)
    }

    /// Checks that a version is the newest of its record: a store that has lost one would show old
    /// values as new ones.
    pub(super) fn check_newest(&self, version: &Version) -> Result<(), VaultError> {
        if self.newest_number(&version.record)? == version.version {
            return Ok(());
        }
        self.doubted.store(true, Ordering::Relaxed);
        Err(VaultError::StoreDiffers { what: "the versions of a record" })
    }

    /// One version of a record; `None` if there is none of that number.
    pub(super) fn version(&self, record: &Id, number: u64) -> Result<Option<Version>, VaultError> {
        self.records.one(record, number, &|key| self.row(key))
    }

    /// The root of the ledger when it had `size` entries.
    pub fn root_at(&self, size: u64) -> Result<crate::crypto::digest::Digest, VaultError> {
        Ok(crate::ledger::tree::root_at(size, &StoredNodes(&self.store))?)
    }
}

/// What is written where a draft gives nothing.
static NOTHING: Value = Value::Null;

/// Drafts in parts that one entry each can commit, in their order.
fn parts(drafts: &[Draft]) -> impl Iterator<Item = &[Draft]> {
    let mut left = drafts;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fit = left.iter().take(MAX_BATCH).take_while(|draft| {
            bytes += draft.values.iter().map(|(_, value)| value.room()).sum::<usize>();
            bytes <= MAX_VALUES
        });
        // One that is larger goes alone.
        let (part, rest) = left.split_at(fit.count().max(1).min(left.len()));
        left = rest;
        (!part.is_empty()).then_some(part)
    })
}

/// The value that a draft gives for a field; nothing, where it gives none.
fn given<'d>(draft: &'d Draft, field: &Field) -> &'d Value {
    draft.values.iter().find(|(name, _)| *name == field.id).map_or(&NOTHING, |(_, value)| value)
}

/// A kind of the schema, or the sentence that there is none.
pub(super) fn kind_of<'s>(schema: &'s Arc<Schema>, kind: &str) -> Result<&'s Kind, VaultError> {
    let known = || schema.kinds().iter().map(|kind| kind.id.as_str()).collect::<Vec<_>>().join(", ");
    schema.kind(kind).ok_or_else(|| VaultError::UnknownKind { kind: kind.to_owned(), known: known() })
}

/// A sealed field of a kind, with its class.
pub(super) fn sealed_field<'k>(kind: &'k Kind, name: &str) -> Result<(&'k Field, &'k str), VaultError> {
    let known = || kind.sealed_fields().map(|(field, _)| field.id.as_str()).collect::<Vec<_>>().join(", ");
    let found = kind.sealed_fields().find(|(field, _)| field.id == name);
    found.ok_or_else(|| VaultError::UnknownField { field: name.to_owned(), kind: kind.id.clone(), known: known() })
}

fn fields_by_class(kind: &Kind, wanted: impl Fn(&str) -> bool) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (field, class) in kind.sealed_fields().filter(|(field, _)| wanted(&field.id)) {
        out.entry(class.to_owned()).or_default().push(field.id.clone());
    }
    out
}

/// The subject of a batch: all its versions have the same fields.
fn subject_of(how: &How<'_>, batch: &[SealedVersion<'_>]) -> Subject {
    let owners = if batch.iter().all(|one| one.of.is_none()) {
        Vec::new()
    } else {
        batch.iter().map(|one| Owner(one.of)).collect()
    };
    Subject {
        kind: how.kind.id.clone(),
        version: batch.first().map_or(1, |one| one.version),
        fields: how.fields.clone(),
        records: batch.iter().map(|one| one.record).collect(),
        of: owners,
    }
}

impl<'a> Pending<'a> {
    /// The values in the form in which they are sealed, and what they are found by.
    fn unsealed(self, kind: &'a Kind) -> Result<Unsealed<'a>, VaultError> {
        let (record, draft) = match self {
            Pending::New(record, draft) => (record, draft),
            Pending::Ready(unsealed) => return Ok(unsealed),
        };
        let mut values = Vec::with_capacity(kind.fields.len());
        let mut found = Vec::new();
        for (field, class) in kind.sealed_fields() {
            // Every field is written, empty ones too: a value that is not there must not be seen to be
            // missing.
            let value = given(draft, field).kept(field)?;
            values.push((field, class, value.encode()));
            found.extend(Indexed::of(kind, field, class, &value));
        }
        Ok(Unsealed { record, version: 1, of: draft.of, values, found })
    }
}

/// Seals one version: an envelope for each class, in the order in which the kind first names it. Each is
/// a part of the item, so that one can be shown to be what an entry commits to without the others.
fn seal<'a>(
    sealing: &Sealing<'_>,
    version: Unsealed<'a>,
    random: &mut dyn Random,
) -> Result<SealedVersion<'a>, VaultError> {
    let place =
        Place { vault: &sealing.vault, record: &version.record, kind: &sealing.kind.id, version: version.version };
    let mut classes: Vec<&str> = Vec::new();
    for (_, class, _) in &version.values {
        if !classes.contains(class) {
            classes.push(class);
        }
    }
    // A record of 1.2 KB in five classes becomes about 4.4 KB.
    let mut w = Writer::new(Vec::with_capacity(5120));
    let (record, kind) = (&version.record, &sealing.kind.id);
    VersionItem::begin(&mut w, record, kind, version.version, sealing.schema, version.of.as_ref(), classes.len())
        .map_err(|_| CryptoError::TooLarge { what: "a version" })?;
    let mut fields: Vec<(&str, &[u8])> = Vec::with_capacity(version.values.len());
    let mut cuts = Vec::with_capacity(classes.len());
    for class in classes {
        cuts.push(w.writer().len());
        let sealer = sealing.sealers.get(class).ok_or(CryptoError::BadTree)?;
        let own = version.values.iter().filter(|(_, of, _)| *of == class);
        fields.clear();
        fields.extend(own.map(|(field, _, value)| (field.id.as_str(), value.as_slice())));
        Envelope::seal_into(&mut w, &place, sealer, &fields, random)?;
    }
    let Unsealed { record, version, of, mut found, .. } = version;
    let item = Content::in_parts(w.into_writer(), cuts);
    // Here, where all processors are at work, and not when it is committed.
    item.digest();
    found.iter_mut().try_for_each(|found| found.make_ready(sealing.epochs, random))?;
    Ok(SealedVersion { record, version, of, found, item })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_committed_at_once_has_an_end_in_number_and_in_size() {
        let draft = |bytes: usize| Draft { values: vec![("a".to_owned(), Value::Text("x".repeat(bytes)))], of: None };
        let sizes = |drafts: &[Draft]| parts(drafts).map(<[Draft]>::len).collect::<Vec<_>>();
        assert!(sizes(&[]).is_empty());
        assert_eq!(sizes(&vec![draft(10); 2 * MAX_BATCH + 1]), [MAX_BATCH, MAX_BATCH, 1]);
        let (large, half) = (draft(MAX_VALUES), draft(MAX_VALUES / 2 - 100));
        assert_eq!(sizes(&[half.clone(), half.clone(), half.clone(), large.clone(), large, half]), [2, 1, 1, 1, 1]);
    }
}
