//! Search against a plain look through everything: whatever was written, corrected, merged and erased, under whichever
//! charter and by whom, the index finds what somebody would find who reads all of it.
//!
//! `AMANAH_SEED=17 cargo test --test search_model -- --nocapture` runs one history.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
};

use amanah::{
    crypto::random::SystemRandom,
    custody::Proposal,
    id::Id,
    records::{
        label::fold,
        names,
        schema::{Field, Schema, SearchMode},
        template,
        value::Value,
    },
    vault::{Access, Actor, By, Condition, Draft, Ground, Question, Unwatched, Vault, verify},
};
use common::{CARE, CLINICAL, HEAD, KPAI, REGISTRY, World, draft, faults::Dice};
use jiff::civil::Date;

const NAMES: &[&str] = &[
    "Siti Aminah",
    "Sitti Aminah binti Umar",
    "Hj. St. Amina",
    "Djoko Soesilo",
    "Joko Susilo",
    "Moch. Rizky Pratama",
    "M. Rizki",
    "Muhammad Rizqi Pratama Putra Wijaya",
    "Soerjono",
    "Ali",
    "Tjahjo",
    "Cahyo Wulandari Ekawati Fitriana Budianto",
    "Nur'aini",
    "Wulan Sari",
];
const TYPED: &[&str] = &[
    "siti aminah",
    "aminah",
    "siti amimah",
    "joko",
    "djoko soesilo",
    "jko susilo",
    "rizky",
    "muhammad rizki pratama",
    "pratama m. rizki",
    "suryono",
    "ali",
    "cahyo",
    "tjahyo wulandari ekawati fitriana",
    "nuraini",
    "wulan",
    "sari wulan",
    "siti siti",
    "putra",
    "budianto",
    "siti rizki aminah",
    "umar",
];
const NUMBERS: &[&str] = &["3171016905100001", "3171012905110002", "3171010101120003", "3171013112110004"];
const DAYS: &[&str] = &["2010-01-31", "2010-02-01", "2010-02-28", "2010-03-01", "2011-12-31", "2012-02-29"];

/// What is known of a record by who wrote all of it.
#[derive(Default)]
struct Known {
    kind: String,
    values: BTreeMap<String, Value>,
    survivor: Option<Id>,
}

struct Model {
    schema: Schema,
    records: BTreeMap<Id, Known>,
    codes: u64,
}

impl Model {
    fn survivor(&self, mut record: Id) -> Id {
        while let Some(next) = self.records[&record].survivor {
            record = next;
        }
        record
    }

    /// The records that go on, with how well they match: every value of every record is looked at.
    fn find(&self, question: &Question) -> BTreeMap<Id, u32> {
        let mut all: Option<BTreeMap<Id, u32>> = None;
        for condition in &question.conditions {
            let mut hits: BTreeMap<Id, u32> = BTreeMap::new();
            for (id, record) in &self.records {
                if question.kind.as_ref().is_some_and(|kind| record.kind != *kind) {
                    continue;
                }
                for field in &self.schema.kind(&record.kind).unwrap().fields {
                    if condition.field.as_ref().is_some_and(|name| field.id != *name) {
                        continue;
                    }
                    let score = record.values.get(&field.id).and_then(|value| matches(field, value, &condition.by));
                    if let Some(score) = score {
                        let best = hits.entry(self.survivor(*id)).or_default();
                        *best = score.max(*best);
                    }
                }
            }
            all = Some(match all {
                None => hits,
                Some(mut before) => {
                    before.retain(|record, score| {
                        *score = (*score).min(hits.get(record).copied().unwrap_or_default());
                        *score > 0
                    });
                    before
                }
            });
        }
        all.unwrap()
    }
}

fn matches(field: &Field, value: &Value, by: &By) -> Option<u32> {
    let exactly = |yes: bool| yes.then_some(100);
    match (field.search?, by, value) {
        (SearchMode::Exact, By::Code(Value::Text(asked)), Value::Text(text)) => exactly(fold(asked) == fold(text)),
        (SearchMode::Choice, By::Choice(asked), Value::Text(key)) => exactly(asked == key),
        (SearchMode::Date, By::Days(first, last), Value::Date(day)) => exactly(first <= day && day <= last),
        (SearchMode::Name, By::Name(asked), Value::Text(name)) => {
            let mut there: Vec<names::Word> = Vec::new();
            for word in names::words(name) {
                if there.len() < 4 && !there.iter().any(|own| own.key == word.key) {
                    there.push(word);
                }
            }
            let asked = names::words(asked);
            let needed = if asked.len() > 2 { asked.len() - 1 } else { asked.len() }.min(4);
            let score = |word: &names::Word| {
                let near = names::mistaken(word);
                let one = |own: &names::Word| match own.key == word.key {
                    true => 100,
                    false => 75 * u32::from(near.contains(&own.key)),
                };
                there.iter().map(one).max().unwrap_or_default()
            };
            let scores: Vec<u32> = asked.iter().map(score).filter(|score| *score > 0).collect();
            let others = (there.len() as u32).saturating_sub(scores.len() as u32);
            let sum = scores.iter().sum::<u32>() / asked.len() as u32;
            (scores.len() >= needed).then(|| sum.saturating_sub(3 * others).max(1))
        }
        _ => None,
    }
}

struct History<'w> {
    world: &'w World,
    dice: Dice,
    model: Model,
    open: Option<(Vault, Actor)>,
    told: Vec<String>,
}

impl History<'_> {
    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.dice.below(of.len() as u64) as usize]
    }

    fn record(&mut self, fit: impl Fn(&Known) -> bool) -> Option<Id> {
        let all: Vec<Id> = self.model.records.iter().filter(|(_, known)| fit(known)).map(|(id, _)| *id).collect();
        (!all.is_empty()).then(|| all[self.dice.below(all.len() as u64) as usize])
    }

    /// Values for some fields of a kind, as a person types them; some are taken away.
    fn values(&mut self, kind: &str) -> Draft {
        let mut typed: Vec<(&str, String)> = Vec::new();
        let fields: &[&str] = match kind {
            "child" => &["full_name", "alias", "nik", "no_kk", "birth_cert_no", "birth_date", "sex", "origin"],
            _ => &["head_name", "region_code", "phone"],
        };
        for field in fields {
            if self.dice.below(3) == 0 && *field != "full_name" {
                continue;
            }
            let text = match *field {
                "full_name" | "alias" | "head_name" => self.one(NAMES),
                "nik" | "no_kk" | "birth_cert_no" | "phone" | "region_code" => self.one(NUMBERS),
                "birth_date" => self.one(DAYS),
                "sex" => self.one(&["male", "female"]),
                _ => self.one(&["domestic", "abroad"]),
            };
            let gone = *field != "full_name" && self.dice.below(6) == 0;
            typed.push((field, if gone { String::new() } else { text.to_owned() }));
        }
        let typed: Vec<(&str, &str)> = typed.iter().map(|(field, text)| (*field, text.as_str())).collect();
        draft(&self.model.schema, kind, &typed)
    }

    fn new_one(&mut self, kind: &str) -> Draft {
        let mut draft = self.values(kind);
        self.model.codes += 1;
        draft.values.push((format!("{kind}_code"), Value::Text(format!("A-{}", self.model.codes))));
        draft
    }

    fn note(&mut self, kind: &str, record: Id, draft: &Draft) {
        let known = self.model.records.entry(record).or_default();
        known.kind = kind.to_owned();
        known.values.extend(draft.values.iter().cloned());
    }

    /// Somebody at work; the officer of the registry opens everything that is searched.
    fn at_work(&mut self, member: &str) {
        if let Some((vault, mut actor)) = self.open.take() {
            vault.close(&mut actor).unwrap();
        }
        self.open = Some(self.world.open(member));
    }

    fn step(&mut self) {
        let kind = self.one(&["child", "child", "family"]);
        let what = self.dice.below(20);
        let why = Access { reason: Some("Salah tulis."), ..CARE };
        match what {
            0..=3 => {
                let drafts: Vec<Draft> = (0..1 + self.dice.below(4)).map(|_| self.new_one(kind)).collect();
                let (vault, actor) = self.open.as_mut().unwrap();
                let written = vault.import_records(actor, CARE, kind, &drafts, &Unwatched).unwrap();
                for (one, draft) in written.iter().zip(&drafts) {
                    self.note(kind, one.record, draft);
                }
            }
            4..=8 => {
                let Some(record) = self.record(|known| known.kind == kind && known.survivor.is_none()) else { return };
                let mut draft = self.values(kind);
                if self.dice.below(2) == 0 {
                    draft.values.truncate(1);
                }
                if draft.values.is_empty() {
                    return;
                }
                let (vault, actor) = self.open.as_mut().unwrap();
                vault.update_record(actor, CARE, &record, &draft).unwrap();
                self.note(kind, record, &draft);
            }
            9 | 10 => {
                let fit = |known: &Known| known.kind == kind && known.survivor.is_none();
                let (Some(one), Some(other)) = (self.record(fit), self.record(fit)) else { return };
                if one != other {
                    let (vault, actor) = self.open.as_mut().unwrap();
                    vault.merge_records(actor, CARE, &one, &other).unwrap();
                    self.model.records.get_mut(&one).unwrap().survivor = Some(other);
                }
            }
            11 | 12 => {
                let Some(record) = self.record(|_| true) else { return };
                // What was merged into it goes with it.
                let mut gone = vec![record];
                let mut at = 0;
                while at < gone.len() {
                    let into = |known: &Known| known.survivor == Some(gone[at]);
                    let merged: Vec<Id> =
                        self.model.records.iter().filter(|(_, known)| into(known)).map(|(id, _)| *id).collect();
                    gone.extend(merged);
                    at += 1;
                }
                self.at_work(HEAD);
                let (vault, actor) = self.open.as_mut().unwrap();
                vault.erase_records(actor, why, &gone, Ground::Mistake, &Unwatched).unwrap();
                gone.iter().for_each(|record| drop(self.model.records.remove(record)));
            }
            13 => {
                let (vault, actor) = self.open.as_mut().unwrap();
                vault.rebuild_index(actor, CARE, &Unwatched).unwrap();
            }
            14 => {
                let member = self.one(&[REGISTRY, HEAD]);
                self.at_work(member);
            }
            // Who does not open names and numbers writes them, too.
            15 | 16 => self.at_work(CLINICAL),
            17 => {
                self.at_work(REGISTRY);
                let (vault, mut actor) = self.open.take().unwrap();
                vault.close(&mut actor).unwrap();
                fs::remove_dir_all(self.world.vault_dir().join("store")).unwrap();
                self.open = Some(self.world.open(REGISTRY));
            }
            _ => {
                let group = self.one(&["handayani/registry", "handayani/head", "handayani/clinical"]);
                let (vault, actor) = self.open.as_mut().unwrap();
                let charter = vault.charter().clone();
                let mut proposal = Proposal::new(&charter);
                proposal.rotate(group).unwrap();
                let head = self.world.identity(HEAD);
                let mut random = SystemRandom::new();
                let mut amendment = proposal.build((HEAD, &head.signing), &mut random, amanah::clock::now()).unwrap();
                amendment.sign(KPAI, &self.world.identity(KPAI).signing).unwrap();
                vault.amend_charter(actor, &amendment).unwrap();
                let member = match group {
                    "handayani/registry" => REGISTRY,
                    "handayani/head" => HEAD,
                    _ => CLINICAL,
                };
                self.at_work(member);
                let (vault, actor) = self.open.as_mut().unwrap();
                assert_eq!(vault.hand_on(actor, group, &Unwatched).unwrap().left, 0);
            }
        }
        self.told.push(format!("{what} {kind}"));
    }

    fn condition(&mut self) -> Condition {
        let some = |field: &str| Some(field.to_owned());
        match self.dice.below(6) {
            0 | 1 => {
                let field = self.one(&["full_name", "alias", "head_name"]);
                Condition { field: some(field), by: By::Name(self.one(TYPED).to_owned()) }
            }
            2 => Condition { field: None, by: By::Name(self.one(TYPED).to_owned()) },
            3 => {
                let text = match self.dice.below(3) {
                    0 => format!("a {}", 1 + self.dice.below(self.model.codes + 2)),
                    _ => self.one(NUMBERS).to_owned(),
                };
                let field = [None, some("nik"), some("no_kk")][self.dice.below(3) as usize].clone();
                Condition { field, by: By::Code(Value::Text(text)) }
            }
            4 => Condition { field: some("sex"), by: By::Choice(self.one(&["male", "female"]).to_owned()) },
            _ => {
                let day = |text: &str| text.parse::<Date>().unwrap();
                let (a, b) = (day(self.one(DAYS)), day(self.one(DAYS)));
                Condition { field: some("birth_date"), by: By::Days(a.min(b), a.max(b)) }
            }
        }
    }

    fn ask(&mut self) {
        let mut conditions = vec![self.condition()];
        if self.dice.below(3) == 0 {
            conditions.push(self.condition());
        }
        let kind = (self.dice.below(4) == 0).then(|| "child".to_owned());
        let families = |one: &Condition| one.field.as_deref() == Some("head_name");
        let kind = kind.filter(|_| !conditions.iter().any(families));
        let question = Question { kind, conditions, limit: 50 };
        let expected = self.model.find(&question);
        let (vault, actor) = self.open.as_mut().unwrap();
        let answer = vault.find_records(actor, CARE, &question, &Unwatched).unwrap();
        assert_eq!(answer.total, expected.len(), "{question:?}");
        for one in &answer.found {
            assert_eq!(expected.get(&one.shown.record), Some(&one.score), "{question:?}");
        }
        assert_eq!(answer.found.iter().map(|one| one.shown.record).collect::<BTreeSet<_>>().len(), answer.found.len());
        assert!(answer.found.len() == answer.total.min(50));
    }
}

impl History<'_> {
    /// Whether a number that must be unique is there already, in any record but the one that has it.
    fn ask_whether_it_is_there(&mut self) {
        for number in NUMBERS {
            let draft = draft(&self.model.schema, "child", &[("nik", number)]);
            let value = &draft.values[0].1;
            let have =
                |(id, known): (&Id, &Known)| (known.values.get("nik") == Some(value)).then(|| self.model.survivor(*id));
            let there: BTreeSet<Id> = self.model.records.iter().filter_map(have).collect();
            let (vault, actor) = self.open.as_mut().unwrap();
            let checked = vault.check_unique(actor, CARE, "child", &draft, None, &Unwatched);
            assert_eq!(checked.is_err(), !there.is_empty(), "{there:?}");
            for one in &there {
                let checked = vault.check_unique(actor, CARE, "child", &draft, Some(one), &Unwatched);
                assert_eq!(checked.is_err(), there.len() > 1, "{there:?}, but {one}");
            }
        }
    }
}

fn history(seed: u64, loud: bool) {
    let world = World::new();
    let charter = world.path().join("charter.toml");
    fs::write(&charter, fs::read_to_string(&charter).unwrap().replace("confirm = true", "confirm = false")).unwrap();
    let model = Model { schema: template::sentra(), records: BTreeMap::new(), codes: 0 };
    let dice = Dice((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut history = History { world: &world, dice, model, open: Some(world.found()), told: Vec::new() };
    for _ in 0..6 {
        (0..6).for_each(|_| history.step());
        let member = history.one(&[REGISTRY, HEAD]);
        history.at_work(member);
        if loud {
            println!("{:?}, then {member} asks", history.told);
        }
        (0..12).for_each(|_| history.ask());
        history.ask_whether_it_is_there();
    }
    let (vault, mut actor) = history.open.take().unwrap();
    vault.close(&mut actor).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();
}

#[test]
fn what_is_found_is_what_somebody_finds_who_looks_through_everything() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    if let Some(seed) = number("AMANAH_SEED") {
        history(seed, true);
        return;
    }
    for seed in 0..number("AMANAH_HISTORIES").unwrap_or(4) {
        if catch_unwind(AssertUnwindSafe(|| history(seed, false))).is_err() {
            panic!("to see it: AMANAH_SEED={seed} cargo test --test search_model -- --nocapture");
        }
    }
}
