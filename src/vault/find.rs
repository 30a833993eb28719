//! Records found by what they say.
//!
//! The index gives the ids of records; nothing else is learned from it, and nothing is told. Then
//! one entry names the records that will be shown, with the fields that will be opened of them,
//! and only then are those opened. No record is opened to be looked at and left out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;

use super::{
    Progress, Unwatched, Vault, actor::Actor, commit::Access, error::VaultError, lookup::ClassIndex, read::Shown, rows,
};
use crate::{
    crypto::index::Content,
    id::Id,
    ledger::{Action, Subject},
    records::{
        names,
        schema::{Field, Kind, Schema, SearchMode},
        search::{self, Token},
        value::Value,
    },
    store::Kv,
};

/// Most records that one search shows: they and their fields stand in one entry, and its line has
/// at most 60,000 bytes.
pub const MAX_FOUND: usize = 50;

/// Longest chain of records merged into each other that is followed. A ledger can have none that comes
/// back to where it began: this is for a store in which somebody has made one.
const MAX_MERGED: usize = 1_000_000;

/// What is looked for. All conditions must hold.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The kind of the records; `None` for all.
    pub kind: Option<String>,
    /// What must hold.
    pub conditions: Vec<Condition>,
    /// Show at most so many; never more than [`MAX_FOUND`].
    pub limit: usize,
}

/// One thing that must hold.
#[derive(Clone)]
pub struct Condition {
    /// The name of the field; `None` for any field that is searched this way.
    pub field: Option<String>,
    /// What must stand in it.
    pub by: By,
}

/// What must stand in a field.
#[derive(Clone)]
pub enum By {
    /// A number or code: its letters and digits.
    Code(Value),
    /// Words of a name.
    Name(String),
    /// The key of a choice, or `true` or `false`.
    Choice(String),
    /// A day from the first to the last.
    Days(Date, Date),
}

impl By {
    fn mode(&self) -> SearchMode {
        match self {
            By::Code(_) => SearchMode::Exact,
            By::Name(_) => SearchMode::Name,
            By::Choice(_) => SearchMode::Choice,
            By::Days(..) => SearchMode::Date,
        }
    }
}

impl std::fmt::Debug for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Condition({:?}, {})", self.field, self.by.mode().name())
    }
}

/// A record that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What was opened of it.
    pub shown: Shown,
    /// The fields that matched.
    pub matched: Vec<String>,
    /// From 1 to 100: 100 if everything is as it was asked for.
    pub score: u32,
    /// The record that matched, if it was merged into this one.
    pub by_way_of: Option<Id>,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The best, best first.
    pub found: Vec<Found>,
    /// How many matched.
    pub total: usize,
    /// The classes that were left out, in the order of their names: sealed against the actor, or opened only with
    /// a reason, and none was given. What was looked for can stand there.
    pub left_out: Vec<String>,
}

/// A field that is searched.
struct Searched<'s> {
    kind: &'s Kind,
    field: &'s Field,
    class: &'s str,
}

/// A record, one of its fields, and a version of it.
type Place = (Id, [u8; 8], u32);

/// What is known of a record that matches.
struct Hit<'s> {
    kind: &'s Kind,
    score: u32,
    fields: BTreeSet<String>,
    by_way_of: Option<Id>,
}

impl Vault {
    /// Finds records by what they say. The fields of classes that the actor does not open are not
    /// searched; if one is asked for by name, the search is refused, and the refusal is an entry.
    pub fn find_records(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        question: &Question,
        progress: &dyn Progress,
    ) -> Result<Answer, VaultError> {
        self.require_purpose(access)?;
        self.check_reader(actor, Action::RecordFind)?;
        if question.conditions.is_empty() {
            return Err(VaultError::NothingToFind);
        }
        for condition in &question.conditions {
            if let By::Days(first, last) = condition.by
                && first > last
            {
                return Err(VaultError::TurnedDays { first: first.to_string(), last: last.to_string() });
            }
        }
        let schema = self.schema().clone();
        let (mut searched, mut left_out) = (Vec::new(), BTreeSet::new());
        for condition in &question.conditions {
            let kind = question.kind.as_deref();
            searched.push(self.searched(actor, access, &schema, kind, condition, &mut left_out)?);
        }
        let classes: BTreeSet<String> = searched.iter().flatten().map(|one| one.class.to_owned()).collect();
        let classes: Vec<String> = classes.into_iter().collect();
        let names: Vec<&str> = classes.iter().map(String::as_str).collect();
        self.check_access(actor, access, Action::RecordFind, &names)?;
        for one in searched.iter().flatten() {
            if !self.is_indexed(&one.kind.id, one.field, one.class)? {
                return Err(VaultError::IndexBehind { field: format!("{}.{}", one.kind.id, one.field.id) });
            }
        }
        for class in &classes {
            if let Err(error) = self.check_index(actor, class) {
                let of_class = searched.iter().flatten().filter(|one| one.class == class);
                let fields = of_class.map(|one| (one.kind.id.as_str(), one.class, one.field.id.as_str()));
                self.refuse(actor, access, Action::RecordFind, without_records(fields), "sealed")?;
                return Err(error);
            }
        }
        self.index_waiting(actor, access, &classes, progress)?;
        let mut indexes = BTreeMap::new();
        for class in classes {
            let index = self.class_index(actor, &class)?;
            indexes.insert(class, index);
        }
        let mut hits: Option<HashMap<Id, Hit<'_>>> = None;
        for (condition, searched) in question.conditions.iter().zip(&searched) {
            let mut found = self.hits(&indexes, searched, &condition.by)?;
            if let Some(before) = hits {
                // Both must hold; what matches less well decides.
                found.retain(|record, hit| {
                    before.get(record).is_some_and(|other| {
                        hit.score = hit.score.min(other.score);
                        hit.fields.extend(other.fields.iter().cloned());
                        hit.by_way_of = hit.by_way_of.or(other.by_way_of);
                        true
                    })
                });
            }
            hits = Some(found);
        }
        let mut hits: Vec<(Id, Hit<'_>)> = hits.unwrap_or_default().into_iter().collect();
        let total = hits.len();
        hits.sort_by(|(a, one), (b, other)| other.score.cmp(&one.score).then(a.0.cmp(&b.0)));
        hits.truncate(question.limit.clamp(1, MAX_FOUND));

        let mut plans = Vec::with_capacity(hits.len());
        for (record, hit) in &hits {
            let fields = self.telling(actor, access, hit.kind, &hit.fields);
            plans.push(self.plan(actor, &schema, record, Some(&fields), None)?);
        }
        let shown = self.enter_and_open(actor, access, Action::RecordFind, plans, &Unwatched)?;
        let found = shown.into_iter().zip(hits).map(|(shown, (_, hit))| Found {
            shown,
            matched: hit.fields.into_iter().collect(),
            score: hit.score,
            by_way_of: hit.by_way_of,
        });
        Ok(Answer { found: found.collect(), total, left_out: left_out.into_iter().collect() })
    }

    /// The record into which a record was merged in the end; itself, if it was not.
    pub fn survivor(&self, record: &Id) -> Result<Id, VaultError> {
        let mut at = *record;
        for _ in 0..MAX_MERGED {
            match self.store.get(&rows::survivor(&at))?.and_then(|row| row.try_into().ok()) {
                Some(survivor) => at = Id(survivor),
                None => return Ok(at),
            }
        }
        Err(VaultError::LinkLoop { record: record.to_string() })
    }

    /// The records whose present value of a field is this one, by the index.
    pub(super) fn with_value(
        &self,
        index: &ClassIndex,
        kind: &str,
        field: &Field,
        value: &Value,
    ) -> Result<Vec<Id>, VaultError> {
        let Some(token) = search::exact(value) else { return Ok(Vec::new()) };
        let tag = search::tag(kind, &field.id);
        let mut out = Vec::new();
        for (_, content) in self.look_up(index, &[token])? {
            if content.tag == tag && self.is_present(&content, &field.id)? {
                let record = self.survivor(&content.record)?;
                if !out.contains(&record) {
                    out.push(record);
                }
            }
        }
        Ok(out)
    }

    /// The fields that a condition is about. Classes in which others are go to `left_out`.
    fn searched<'s>(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        schema: &'s Schema,
        kind: Option<&str>,
        condition: &Condition,
        left_out: &mut BTreeSet<String>,
    ) -> Result<Vec<Searched<'s>>, VaultError> {
        let charter = self.charter().clone();
        let mode = condition.by.mode();
        let (mut out, mut unexplained) = (Vec::new(), None);
        let mut sealed: Vec<(&str, &str, &str)> = Vec::new();
        for own in schema.kinds().iter().filter(|own| kind.is_none_or(|kind| own.id == kind)) {
            for (field, class, _) in own.indexed_fields().filter(|(_, _, of)| *of == mode) {
                if condition.field.as_ref().is_some_and(|name| field.id != *name) {
                    continue;
                }
                // A class that wants a reason is not searched in passing.
                let wants = charter.class(class).is_some_and(|class| class.reason);
                if condition.field.is_none() && wants && access.reason.is_none() && actor.opens(&charter, class) {
                    unexplained = Some(class);
                    left_out.insert(class.to_owned());
                    continue;
                }
                match actor.opens(&charter, class) {
                    true => out.push(Searched { kind: own, field, class }),
                    false => sealed.push((&own.id, class, &field.id)),
                }
            }
        }
        if !out.is_empty() {
            left_out.extend(sealed.iter().map(|(_, class, _)| (*class).to_owned()));
            return Ok(out);
        }
        if let Some(class) = unexplained {
            return Err(VaultError::ClassReason { class: class.to_owned() });
        }
        match (&condition.field, sealed.is_empty()) {
            (_, false) => {
                let subjects = without_records(sealed.iter().copied());
                self.refuse(actor, access, Action::RecordFind, subjects, "sealed")?;
                let fields: BTreeSet<&str> = sealed.iter().map(|(_, _, field)| *field).collect();
                let fields: Vec<&str> = fields.into_iter().collect();
                Err(self.sealed_error(&fields, sealed.iter().map(|(_, class, _)| *class)))
            }
            (Some(field), true) => Err(VaultError::NotSearchable { field: field.clone() }),
            (None, true) => Err(VaultError::NothingToSearch),
        }
    }

    /// The records that meet one condition.
    fn hits<'s>(
        &self,
        indexes: &BTreeMap<String, ClassIndex>,
        searched: &[Searched<'s>],
        by: &By,
    ) -> Result<HashMap<Id, Hit<'s>>, VaultError> {
        let tags: HashMap<[u8; 8], &Searched<'s>> =
            searched.iter().map(|one| (search::tag(&one.kind.id, &one.field.id), one)).collect();
        let mut found: HashMap<Place, (u32, Content)> = HashMap::new();
        let mut classes: Vec<&str> = searched.iter().map(|one| one.class).collect();
        classes.dedup();
        match by {
            By::Name(name) => {
                let words = names::words(name);
                let short = words.is_empty() || words.iter().all(|word| word.plain.chars().count() < names::MIN_WORD);
                if short || words.iter().any(|word| word.plain.chars().count() < names::MIN_WORD) {
                    return Err(VaultError::ShortTerm { least: names::MIN_WORD });
                }
                // One of three words or more may be missing: people remember wrongly. And of a long name no
                // more words can be there than have postings.
                let needed = if words.len() > 2 { words.len() - 1 } else { words.len() }.min(search::NAME_WORDS);
                let mut met: HashMap<Place, (usize, u32, Content)> = HashMap::new();
                for (at, word) in words.iter().enumerate() {
                    let mut best: HashMap<Place, (u32, Content)> = HashMap::new();
                    let near = names::mistaken(word);
                    let tokens: Vec<Token> =
                        std::iter::once(&word.key).chain(&near).map(|key| search::name_token(key)).collect();
                    let score = |token: usize| if token == 0 { 100 } else { 75 };
                    // If none may be missing, a value that lacks an earlier word is not looked at again.
                    let wanted = |place: &Place| at == 0 || needed < words.len() || met.contains_key(place);
                    self.gather(indexes, &classes, &tags, &tokens, &score, &wanted, &mut best)?;
                    for (place, (score, content)) in best {
                        let so_far = met.entry(place).or_insert((0, 0, content));
                        *so_far = (so_far.0 + 1, so_far.1 + score, content);
                    }
                }
                for (place, (matched, sum, content)) in met {
                    if matched >= needed {
                        // Words that were not asked for make a name a little less likely.
                        let others = u32::from(content.of).saturating_sub(matched as u32);
                        let score = (sum / words.len() as u32).saturating_sub(3 * others).max(1);
                        found.insert(place, (score, content));
                    }
                }
            }
            By::Code(value) => {
                if let Some(token) = search::exact(value) {
                    self.gather(indexes, &classes, &tags, &[token], &|_| 100, &|_| true, &mut found)?;
                }
            }
            By::Choice(key) => {
                for one in searched {
                    let token = search::choice(&one.kind.id, &one.field.id, key);
                    self.gather(indexes, &[one.class], &tags, &[token], &|_| 100, &|_| true, &mut found)?;
                }
            }
            By::Days(first, last) => {
                for one in searched {
                    let tokens = search::days(one.kind, &one.field.id, *first, *last);
                    self.gather(indexes, &[one.class], &tags, &tokens, &|_| 100, &|_| true, &mut found)?;
                }
            }
        }
        let mut out: HashMap<Id, Hit<'s>> = HashMap::new();
        for (score, content) in found.into_values() {
            let Some(one) = tags.get(&content.tag) else { continue };
            if !self.is_present(&content, &one.field.id)? {
                continue;
            }
            // A record is merged only into one of its kind.
            let survivor = self.survivor(&content.record)?;
            let new = || Hit { kind: one.kind, score: 0, fields: BTreeSet::new(), by_way_of: None };
            let hit = out.entry(survivor).or_insert_with(new);
            hit.score = hit.score.max(score);
            hit.fields.insert(one.field.id.clone());
            if survivor != content.record {
                hit.by_way_of = Some(content.record);
            }
        }
        Ok(out)
    }

    /// Looks tokens up, and keeps the best score of each value that is wanted.
    #[expect(clippy::too_many_arguments, reason = "where to look, for what, and what to keep of it")]
    fn gather(
        &self,
        indexes: &BTreeMap<String, ClassIndex>,
        classes: &[&str],
        tags: &HashMap<[u8; 8], &Searched<'_>>,
        tokens: &[Token],
        score: &dyn Fn(usize) -> u32,
        wanted: &dyn Fn(&Place) -> bool,
        found: &mut HashMap<Place, (u32, Content)>,
    ) -> Result<(), VaultError> {
        for (class, index) in indexes.iter().filter(|(class, _)| classes.contains(&class.as_str())) {
            for (token, content) in self.look_up(index, tokens)? {
                if tags.get(&content.tag).is_none_or(|one| one.class != class) {
                    continue;
                }
                let place = (content.record, content.tag, content.version);
                if wanted(&place) {
                    let best = found.entry(place).or_insert((0, content));
                    best.0 = best.0.max(score(token));
                }
            }
        }
        Ok(())
    }

    /// The fields by which a person tells records apart, and those that matched.
    fn telling(&self, actor: &Actor, access: Access<'_>, kind: &Kind, matched: &BTreeSet<String>) -> Vec<String> {
        let charter = self.charter();
        let mut named = false;
        kind.sealed_fields()
            .filter(|(field, class)| {
                let open = actor.opens(charter, class)
                    && (access.reason.is_some() || !charter.class(class).is_some_and(|class| class.reason));
                let is_name = field.search == Some(SearchMode::Name) && !std::mem::replace(&mut named, true);
                let is_code = field.unique && *class == "administrative";
                matched.contains(&field.id) || (open && (is_name || is_code))
            })
            .map(|(field, _)| field.id.clone())
            .collect()
    }
}

/// What a refused search tells of the fields that were asked for, by kind, class and name.
fn without_records<'f>(asked: impl Iterator<Item = (&'f str, &'f str, &'f str)>) -> Vec<Subject> {
    let mut by_kind: BTreeMap<&str, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for (kind, class, field) in asked {
        let fields = by_kind.entry(kind).or_default().entry(class.to_owned()).or_default();
        if !fields.iter().any(|own| own == field) {
            fields.push(field.to_owned());
        }
    }
    let subject = |(kind, fields): (&str, _)| Subject {
        kind: kind.to_owned(),
        version: 0,
        fields,
        records: Vec::new(),
        of: Vec::new(),
    };
    by_kind.into_iter().take(MAX_FOUND).map(subject).collect()
}
