//! Records that are about the same person: found by comparing, and merged.

use std::collections::HashMap;

use super::{
    Progress, Vault,
    actor::Actor,
    commit::{Access, Act},
    error::VaultError,
    item::Item,
    read::{Revealed, Shown},
    write::kind_of,
};
use crate::{
    id::Id,
    ledger::{Action, Outcome, Subject, entry::Owner},
    records::{
        names,
        schema::{FieldType, Kind, NumberForm, SearchMode},
        value::Value,
    },
};

/// From this likeness on two names with the same date of birth are proposed.
const ALIKE: u32 = 75;

/// Most records with one date of birth that are compared with each other: a date that is entered
/// where nobody knows it would have everybody.
const MAX_SAME_DAY: usize = 500;

/// Two records that may be about the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The one.
    pub one: Shown,
    /// The other.
    pub other: Shown,
    /// The field that is the same; `None` if it is name and date of birth that are alike.
    pub same: Option<String>,
    /// How alike the names are, from 0 to 100.
    pub likeness: u32,
}

/// What was found by comparing all records of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Duplicates {
    /// The pairs: those with the same number first, then the most alike.
    pub pairs: Vec<Pair>,
    /// Records whose names were not compared, because too many have the same date of birth.
    pub not_compared: usize,
    /// Records of which something that is compared is sealed against the actor, as what was written under an earlier
    /// charter can be, or restricted.
    pub closed: usize,
}

impl Vault {
    /// Compares all records of a kind and proposes pairs: the same identity number, or names that
    /// are alike with one date of birth (day and month may be exchanged). Opens these fields in
    /// all of them, so far as the actor can; entries that say so come first.
    pub fn find_duplicates(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        kind: &str,
        progress: &dyn Progress,
    ) -> Result<Duplicates, VaultError> {
        self.require_purpose(access)?;
        self.check_reader(actor, Action::RecordDuplicates)?;
        let schema = self.schema().clone();
        let charter = self.charter().clone();
        let kind = kind_of(&schema, kind)?;
        let open = |class: &str| {
            let wants = charter.class(class).is_some_and(|class| class.reason);
            actor.opens(&charter, class) && (access.reason.is_some() || !wants)
        };
        let (numbers, name, born) = compared(kind, open);
        let mut fields: Vec<String> = numbers.clone();
        fields.extend(name.clone().into_iter().chain(born.clone()));
        // Nothing is opened that is not compared.
        if numbers.is_empty() && (name.is_none() || born.is_none()) {
            let unexplained = kind.indexed_fields().find(|(_, class, _)| actor.opens(&charter, class) && !open(class));
            if let Some((_, class, _)) = unexplained {
                return Err(VaultError::ClassReason { class: class.to_owned() });
            }
            return Err(VaultError::NothingToCompare { kind: kind.id.clone() });
        }
        fields.sort_by_key(|id| kind.fields.iter().position(|own| own.id == *id));
        let records = self.records_of_kind(&kind.id)?;
        let plans = self.plan_all(actor, &schema, &records, Some(&fields))?;
        let shown = self.enter_and_open(actor, access, Action::RecordDuplicates, plans, progress)?;
        let text = |one: &Shown, field: &Option<String>| -> Option<String> {
            one.value(field.as_deref()?)?.as_text().map(ToOwned::to_owned)
        };
        let likeness = |a: &Shown, b: &Shown| match (text(a, &name), text(b, &name)) {
            (Some(a), Some(b)) => names::likeness(&a, &b),
            _ => 0,
        };
        let (mut pairs, mut not_compared) = (Vec::new(), 0);
        let mut seen = std::collections::HashSet::new();
        for field in &numbers {
            let mut by_number: HashMap<&str, Vec<&Shown>> = HashMap::new();
            for one in &shown {
                if let Some(number) = one.value(field).and_then(Value::as_text) {
                    by_number.entry(number).or_default().push(one);
                }
            }
            for same in by_number.values() {
                for other in &same[1..] {
                    if seen.insert((same[0].record, other.record)) {
                        let (one, likeness) = (same[0].clone(), likeness(same[0], other));
                        pairs.push(Pair { one, other: (*other).clone(), same: Some(field.clone()), likeness });
                    }
                }
            }
        }
        let mut by_day: HashMap<(i16, i8, i8), Vec<&Shown>> = HashMap::new();
        for one in &shown {
            if let Some(Value::Date(date)) = born.as_ref().and_then(|field| one.value(field)) {
                let (day, month) = (date.day(), date.month());
                // Both orders of day and month are one.
                let key = if day <= 12 { (day.min(month), day.max(month)) } else { (month, day) };
                by_day.entry((date.year(), key.0, key.1)).or_default().push(one);
            }
        }
        for same in by_day.values() {
            let (same, others) = same.split_at(same.len().min(MAX_SAME_DAY));
            not_compared += others.len();
            for (at, one) in same.iter().enumerate() {
                for other in &same[at + 1..] {
                    let likeness = likeness(one, other);
                    if likeness >= ALIKE
                        && !seen.contains(&(other.record, one.record))
                        && seen.insert((one.record, other.record))
                    {
                        pairs.push(Pair { one: (*one).clone(), other: (*other).clone(), same: None, likeness });
                    }
                }
            }
        }
        pairs.sort_by(|a, b| {
            let key = |pair: &Pair| (pair.same.is_none(), u32::MAX - pair.likeness, pair.one.record, pair.other.record);
            key(a).cmp(&key(b))
        });
        let closed =
            |one: &&Shown| one.cells.iter().any(|cell| matches!(cell.content, Revealed::Sealed | Revealed::Restricted));
        let closed = shown.iter().filter(closed).count();
        Ok(Duplicates { pairs, not_compared, closed })
    }

    /// Says that a record is about the same as another one, which goes on in its place. Both keep
    /// their versions and what they say; nothing is copied. What belonged to the one belongs to
    /// the other from now on.
    pub fn merge_records(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        record: &Id,
        survivor: &Id,
    ) -> Result<(), VaultError> {
        let action = Action::RecordMerge;
        let (head, other) = (self.head_of(record)?, self.head_of(survivor)?);
        let subject = |id: &Id, head: &super::rows::Head| Subject {
            kind: head.kind.clone(),
            version: head.version,
            fields: Default::default(),
            records: vec![*id],
            of: head.of.map(|of| vec![Owner(Some(of))]).unwrap_or_default(),
        };
        let subjects = vec![subject(record, &head), subject(survivor, &other)];
        let Some(group) = actor.group_that_may(self.charter(), "write").map(ToOwned::to_owned) else {
            self.refuse(actor, access, action, subjects, "right")?;
            return Err(VaultError::MayNot { member: actor.member().to_owned(), right: "write".to_owned() });
        };
        self.check_access(actor, access, action, &[])?;
        if head.kind != other.kind {
            let (record, kind) = (survivor.to_string(), other.kind);
            return Err(VaultError::WrongKind { record, kind, wanted: head.kind });
        }
        if record == survivor {
            return Err(VaultError::MergeSelf { record: record.to_string() });
        }
        for id in [record, survivor] {
            self.check_not_merged(id)?;
            self.check_not_restricted(id)?;
        }
        let act = Act { action, group, access, subjects, outcome: Outcome::Ok, detail: None };
        self.commit(actor, act, vec![Item::Merged { record: *record, survivor: *survivor }.encode()])?;
        Ok(())
    }

    /// Refuses a record that was merged into another.
    pub(super) fn check_not_merged(&self, record: &Id) -> Result<(), VaultError> {
        let survivor = self.survivor(record)?;
        if survivor == *record {
            return Ok(());
        }
        Err(VaultError::WasMerged { record: record.to_string(), survivor: survivor.to_string() })
    }
}

/// The identity numbers, the name and the date of birth of a kind, as far as they can be opened.
fn compared(kind: &Kind, open: impl Fn(&str) -> bool) -> (Vec<String>, Option<String>, Option<String>) {
    let opened = || kind.sealed_fields().filter(|(_, class)| open(class)).map(|(field, _)| field);
    let is_nik = |number: &crate::records::schema::Number| number.form == NumberForm::Nik;
    let niks: Vec<_> = opened().filter(|field| field.number.as_ref().is_some_and(is_nik)).collect();
    let born = niks.iter().find_map(|field| field.number.as_ref()?.birth_date.clone());
    let born = born.filter(|born| opened().any(|field| field.id == *born));
    let dated = || opened().find(|field| field.field_type == FieldType::Date && field.search.is_some());
    let name = opened().find(|field| field.search == Some(SearchMode::Name));
    let numbers = niks.iter().map(|field| field.id.clone()).collect();
    (numbers, name.map(|field| field.id.clone()), born.or_else(|| dated().map(|field| field.id.clone())))
}
