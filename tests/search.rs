//! The search index: what is found, what the disk tells, who can search, and what survives.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::Path,
};

use amanah::{
    id::Id,
    ledger::{Action, Outcome},
    problem::Problem as _,
    records::{schema::Schema, template, value::Value},
    store::{
        Kv as _,
        journal::{Item as Kept, Position, Reader},
        runs::{Placed, Runs},
        sled::SledStore,
    },
    vault::{
        self, Access, Actor, Answer, By, Condition, Duplicates, Ground, Question, Unwatched, Vault,
        item::{Item, PostingsItem},
        rows,
    },
};
use common::{CARE, CLINICAL, HEAD, KPAI, REGISTRY, World, draft};

const POSTING: usize = 76;

fn child(number: u64, name: &str, nik: &str, born: &str, sex: &str) -> Vec<(&'static str, String)> {
    vec![
        ("child_code", format!("A-2020-{number:03}")),
        ("full_name", name.to_owned()),
        ("nik", nik.to_owned()),
        ("birth_date", born.to_owned()),
        ("sex", sex.to_owned()),
    ]
}

fn drafts(schema: &Schema, children: &[Vec<(&'static str, String)>]) -> Vec<vault::Draft> {
    let one = |fields: &Vec<(&'static str, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
        draft(schema, "child", &fields)
    };
    children.iter().map(one).collect()
}

fn people() -> Vec<Vec<(&'static str, String)>> {
    vec![
        child(1, "Siti Aminah", "3171016905100001", "2010-05-29", "female"),
        child(2, "M. Rizky Pratama", "3171012905110002", "2011-05-29", "male"),
        child(3, "Djoko Soesilo", "3171010101120003", "2012-01-01", "male"),
        child(4, "Joko Susanto", "3171013112110004", "2011-12-31", "male"),
        child(5, "Hj. Sitti Aminah binti Umar", "3171014101090005", "2009-01-01", "female"),
    ]
}

fn filled(world: &World) -> (Vault, Actor, Vec<Id>) {
    let (mut vault, mut actor) = world.found();
    let schema = template::sentra();
    let written = vault.import_records(&mut actor, CARE, "child", &drafts(&schema, &people()), &Unwatched).unwrap();
    (vault, actor, written.into_iter().map(|one| one.record).collect())
}

fn ask(vault: &mut Vault, actor: &mut Actor, field: Option<&str>, by: By) -> Result<Answer, vault::VaultError> {
    let condition = Condition { field: field.map(ToOwned::to_owned), by };
    let question = Question { kind: None, conditions: vec![condition], limit: 20 };
    vault.find_records(actor, CARE, &question, &Unwatched)
}

fn found(vault: &mut Vault, actor: &mut Actor, field: Option<&str>, by: By) -> HashSet<Id> {
    ask(vault, actor, field, by).unwrap().found.into_iter().map(|one| one.shown.record).collect()
}

fn named(vault: &mut Vault, actor: &mut Actor, name: &str) -> HashSet<Id> {
    found(vault, actor, None, By::Name(name.into()))
}

fn code(text: &str) -> By {
    By::Code(Value::Text(text.into()))
}

fn set(records: &[Id], which: &[usize]) -> HashSet<Id> {
    which.iter().map(|at| records[*at]).collect()
}

/// All postings items of a vault, in order.
fn postings(dir: &Path) -> Vec<PostingsItem> {
    let mut reader = Reader::new(&dir.join("journal"), Position::START).unwrap();
    let mut out = Vec::new();
    while let Some(payload) = reader.next_payload().unwrap() {
        for kept in payload.items {
            if let Kept::Live(bytes) = kept
                && let Item::Postings(item) = Item::decode(&bytes).unwrap()
            {
                out.push(item);
            }
        }
    }
    out
}

#[test]
fn found_by_number_name_date_and_choice() {
    let world = World::new();
    let (mut vault, mut actor, ids) = filled(&world);
    let (v, a) = (&mut vault, &mut actor);
    let schema = template::sentra();
    assert_eq!(found(v, a, None, code("3171012905110002")), set(&ids, &[1]));
    assert_eq!(found(v, a, Some("nik"), code("3171 0129 0511 0002")), set(&ids, &[1]));
    assert_eq!(found(v, a, None, code("a2020 003")), set(&ids, &[2]));
    assert!(found(v, a, None, code("3171012905110009")).is_empty());
    for name in ["siti aminah", "Aminah Sitti", "ST. AMINAH", "Siti Amimah", "Amiinah"] {
        assert_eq!(named(v, a, name), set(&ids, &[0, 4]), "{name}");
    }
    for name in ["Muhammad Rizki", "Mohammad Riski Pratama", "Moch. Rizky", "Pratana"] {
        assert_eq!(named(v, a, name), set(&ids, &[1]), "{name}");
    }
    // As long as names can be: typed whole, it is found.
    let long = "Ade Budianto Cahyono Dedikasi Ekawati Fitriana";
    let one = v.create_record(a, CARE, "child", &draft(&schema, "child", &[("child_code", "L"), ("full_name", long)]));
    assert_eq!(named(v, a, long), HashSet::from([one.unwrap().record]));
    assert!(named(v, a, "Ade Budianto Cahyono Wulandari Ekawati Fitriana").is_empty());
    assert_eq!(named(v, a, "djoko"), set(&ids, &[2, 3]));
    assert_eq!(named(v, a, "Joko Susilo"), set(&ids, &[2]));
    let range = By::Days("2011-05-29".parse().unwrap(), "2011-12-31".parse().unwrap());
    assert_eq!(found(v, a, Some("birth_date"), range), set(&ids, &[1, 3]));
    assert_eq!(found(v, a, Some("sex"), By::Choice("female".into())), set(&ids, &[0, 4]));
    // The better match comes first, and says what matched.
    let answer = ask(v, a, None, By::Name("Siti Aminah".into())).unwrap();
    assert_eq!(answer.found[0].shown.record, ids[0]);
    assert!(answer.found[0].score == 100 && answer.found[0].matched == ["full_name"]);
    assert_eq!(answer.found[0].shown.value("full_name"), Some(&Value::Text("Siti Aminah".into())));
    // Together.
    let both = Question {
        kind: Some("child".into()),
        conditions: vec![
            Condition { field: None, by: By::Name("joko".into()) },
            Condition {
                field: Some("birth_date".into()),
                by: By::Days("2011-01-01".parse().unwrap(), "2011-12-31".parse().unwrap()),
            },
        ],
        limit: 5,
    };
    let answer = v.find_records(a, CARE, &both, &Unwatched).unwrap();
    assert_eq!(answer.found.iter().map(|one| one.shown.record).collect::<HashSet<_>>(), set(&ids, &[3]));
    // Short terms, no purpose, nothing asked.
    for short in ["si", "a", "M.", "-", "siti a"] {
        assert_eq!(ask(v, a, None, By::Name(short.into())).unwrap_err().code(), "vault-short-term", "{short}");
    }
    let question = Question { conditions: vec![Condition { field: None, by: code("x") }], ..Question::default() };
    assert_eq!(v.find_records(a, Access::default(), &question, &Unwatched).unwrap_err().code(), "vault-no-purpose");
    assert_eq!(v.find_records(a, CARE, &Question::default(), &Unwatched).unwrap_err().code(), "vault-nothing-to-find");
}

/// What very many records have is looked up in blocks, on all processors, over the gaps that erasures
/// leave.
#[test]
fn a_value_that_very_many_have_is_found_in_all_of_them() {
    let world = World::new();
    let charter = world.path().join("charter.toml");
    fs::write(&charter, fs::read_to_string(&charter).unwrap().replace("confirm = true", "confirm = false")).unwrap();
    let (mut vault, mut actor) = world.found();
    let schema = template::sentra();
    let many: Vec<_> = (0..1_300)
        .map(|at| child(at, "Siti Aminah", &format!("317101690510{at:04}"), "2010-05-29", "female"))
        .collect();
    let written = vault.import_records(&mut actor, CARE, "child", &drafts(&schema, &many), &Unwatched).unwrap();
    let totals = |vault: &mut Vault, actor: &mut Actor| {
        let by = [By::Choice("female".into()), By::Name("siti".into()), By::Name("sitta aminah".into())];
        by.map(|by| ask(vault, actor, None, by).unwrap().total)
    };
    assert_eq!(totals(&mut vault, &mut actor), [1_300; 3]);
    let other = draft(&schema, "child", &[("full_name", "Wulan"), ("sex", "male")]);
    vault.update_record(&mut actor, CARE, &written[700].record, &other).unwrap();
    assert_eq!(totals(&mut vault, &mut actor), [1_299; 3]);
    let erased: Vec<Id> = [0, 63, 64, 65, 575, 576, 1_299].map(|at| written[at].record).to_vec();
    let why = Access { reason: Some("Salah tulis."), ..CARE };
    vault.erase_records(&mut actor, why, &erased, Ground::Mistake, &Unwatched).unwrap();
    assert_eq!(totals(&mut vault, &mut actor), [1_292; 3]);
    vault.close(&mut actor).unwrap();
}

/// One word in several fields of a record has a posting for each: with the record more labels of it are
/// gone than items.
#[test]
fn who_has_one_word_in_several_fields_hides_nobody_when_erased() {
    let world = World::new();
    let charter = world.path().join("charter.toml");
    fs::write(&charter, fs::read_to_string(&charter).unwrap().replace("confirm = true", "confirm = false")).unwrap();
    let (mut vault, mut actor) = world.found();
    let schema = template::sentra();
    let one = |at: u64, digits: &str| {
        let more = [("alias", "Siti"), ("no_kk", digits), ("birth_cert_no", digits)];
        let more = more.map(|(name, text)| (name, text.to_owned()));
        [child(at, "Siti Aminah", digits, "2010-05-29", "female"), more.to_vec()].concat()
    };
    let number = "3171016905100001";
    let mut all: Vec<_> = (0..3).map(|at| one(at, number)).collect();
    all.push(child(3, "Siti Wulandari", number, "2010-05-29", "female"));
    let written = vault.import_records(&mut actor, CARE, "child", &drafts(&schema, &all), &Unwatched).unwrap();
    // From here on each has one item in the index, and those that are erased come first in it.
    vault.rebuild_index(&mut actor, CARE, &Unwatched).unwrap();
    let totals = |vault: &mut Vault, actor: &mut Actor| {
        [By::Name("siti".into()), By::Name("zubaidah siti".into()), code(number), By::Choice("female".into())]
            .map(|by| ask(vault, actor, None, by).unwrap().total)
    };
    assert_eq!(totals(&mut vault, &mut actor), [4, 0, 4, 4]);
    let why = Access { reason: Some("Salah tulis."), ..CARE };
    for left in (1..4).rev() {
        let record = written[3 - left].record;
        vault.erase_records(&mut actor, why, &[record], Ground::Mistake, &Unwatched).unwrap();
        assert_eq!(totals(&mut vault, &mut actor), [left, 0, left, left]);
    }
    vault.close(&mut actor).unwrap();
}

#[test]
fn records_merged_one_into_the_next_are_found_however_many_they_are() {
    let world = World::new();
    let (mut vault, mut actor) = world.found();
    let all: Vec<_> =
        (0..70).map(|at| child(at, "Siti Aminah", &format!("31710169051000{at:02}"), "2010-05-29", "female")).collect();
    let drafts = drafts(&template::sentra(), &all);
    let written = vault.import_records(&mut actor, CARE, "child", &drafts, &Unwatched).unwrap();
    for pair in written.windows(2) {
        vault.merge_records(&mut actor, CARE, &pair[0].record, &pair[1].record).unwrap();
    }
    let last = written[69].record;
    assert_eq!(vault.survivor(&written[0].record).unwrap(), last);
    assert_eq!(named(&mut vault, &mut actor, "siti"), HashSet::from([last]));
    vault.close(&mut actor).unwrap();
}

#[test]
fn one_entry_names_what_is_shown_and_nothing_else() {
    let world = World::new();
    let (mut vault, mut actor, ids) = filled(&world);
    let before = vault.size();
    let answer = ask(&mut vault, &mut actor, None, By::Name("siti aminah".into())).unwrap();
    assert_eq!((answer.total, vault.size()), (2, before + 1));
    let entry = vault.line(before).unwrap().entry().clone();
    assert_eq!((entry.action, entry.outcome, entry.payload), (Action::RecordFind, Outcome::Ok, None));
    let told: HashSet<Id> = entry.subjects.iter().flat_map(|subject| subject.records.clone()).collect();
    assert_eq!(told, set(&ids, &[0, 4]));
    for subject in &entry.subjects {
        let opened: HashSet<&str> = subject.fields.values().flatten().map(String::as_str).collect();
        let shown: HashSet<&str> = answer.found[0].shown.cells.iter().map(|cell| &*cell.field).collect();
        assert_eq!(opened, shown);
    }
    let line = String::from_utf8(vault.line(before).unwrap().bytes().to_vec()).unwrap();
    assert!(!line.to_lowercase().contains("aminah"));
    // Finding nothing is an entry too.
    assert!(named(&mut vault, &mut actor, "tidakada").is_empty());
    assert_eq!(vault.size(), before + 2);
}

#[test]
fn the_disk_tells_how_many_postings_came_and_no_more() {
    let world = World::new();
    let (mut vault, mut actor) = world.found();
    let schema = template::sentra();
    // Twenty twins: equal in every searchable field but the unique ones.
    let twins: Vec<_> = (0..20)
        .map(|at| child(at, "Siti Aminah", &format!("31710169051000{at:02}"), "2010-05-29", "female"))
        .chain([vec![("child_code", "B".to_owned()), ("full_name", "X".to_owned())]])
        .collect();
    vault.import_records(&mut actor, CARE, "child", &drafts(&schema, &twins), &Unwatched).unwrap();
    vault.close(&mut actor).unwrap();
    let items = postings(&world.vault_dir());
    assert_eq!(items.len(), 21);
    let mut labels = HashSet::new();
    let mut sealed = HashSet::new();
    let counts: HashSet<Vec<(u64, usize)>> =
        items.iter().map(|item| item.classes.iter().map(|(epoch, p)| (*epoch, p.len())).collect()).collect();
    assert_eq!(counts.len(), 1, "as many postings for every record, whatever it says");
    for (epoch, postings) in items.iter().flat_map(|item| &item.classes) {
        for posting in postings.chunks(POSTING) {
            assert!(labels.insert((*epoch, posting[..16].to_vec())), "a label twice");
            assert!(sealed.insert(posting[16..].to_vec()), "a sealed posting twice");
        }
    }
    // Every four bytes of labels and postings are as rare as chance makes them: equal values leave
    // nothing equal behind.
    let mut seen: HashMap<[u8; 4], u32> = HashMap::new();
    for (_, postings) in items.iter().flat_map(|item| &item.classes) {
        for posting in postings.chunks(POSTING) {
            for part in posting.chunks_exact(4) {
                *seen.entry(part.try_into().unwrap()).or_default() += 1;
            }
        }
    }
    assert!(seen.values().all(|count| *count <= 2), "{:?}", seen.values().max());
    // And of each the store has half of its label and where it stands, with nothing beside that.
    let store = SledStore::open(&world.vault_dir().join("store")).unwrap();
    let mut entries: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut rows = 0;
    for epoch in labels.iter().map(|(epoch, _)| *epoch).collect::<HashSet<_>>() {
        let half = |entry: &Placed| entries.push((epoch.to_be_bytes().to_vec(), entry[..8].to_vec()));
        rows += Runs::check(&rows::postings(epoch), &store, half).unwrap().unwrap();
    }
    assert_eq!(store.scan(b"x").count() as u64, rows);
    let halves = labels.iter().map(|(epoch, label)| (epoch.to_be_bytes().to_vec(), label[..8].to_vec()));
    assert_eq!(entries.len(), labels.len());
    assert_eq!(entries.into_iter().collect::<HashSet<_>>(), halves.collect());
    store.close().unwrap();
    assert_eq!(vault::verify(&world.vault_dir(), &world.options()).unwrap().postings, labels.len() as u64);
}

#[test]
fn only_who_opens_a_class_searches_it() {
    let world = World::new();
    let (vault, mut actor, ids) = filled(&world);
    vault.close(&mut actor).unwrap();
    for member in [CLINICAL, HEAD, KPAI] {
        let (mut vault, mut other) = world.open(member);
        let before = vault.size();
        let opens = other.opens(vault.charter(), "identity");
        let answer = ask(&mut vault, &mut other, Some("nik"), code("3171012905110002"));
        let last = vault.line(vault.size() - 1).unwrap().entry().clone();
        assert_eq!(last.action, Action::RecordFind);
        if opens {
            assert_eq!(answer.unwrap().found[0].shown.record, ids[1]);
        } else {
            assert_eq!(answer.unwrap_err().code(), "vault-sealed", "{member}");
            assert_eq!((last.outcome, vault.size()), (Outcome::Refused, before + 1));
            assert!(last.subjects.iter().all(|subject| subject.records.is_empty()));
            // Of all fields that a name could be in, each kind is told once.
            let anywhere = ask(&mut vault, &mut other, None, By::Name("Kenanga".to_owned()));
            assert_eq!(anywhere.unwrap_err().code(), "vault-sealed", "{member}");
            let last = vault.line(vault.size() - 1).unwrap().entry().clone();
            let kinds: HashSet<&str> = last.subjects.iter().map(|subject| &*subject.kind).collect();
            assert_eq!((kinds.len(), kinds.contains("child")), (last.subjects.len(), true));
        }
        vault.close(&mut other).unwrap();
    }
}

#[test]
fn a_wrong_secret_is_an_error_and_not_an_empty_answer() {
    let world = World::new();
    let (vault, mut actor, _) = filled(&world);
    vault.close(&mut actor).unwrap();
    let dir = world.vault_dir();
    // The secrets of two indexes change places in the store.
    let store = SledStore::open(&dir.join("store")).unwrap();
    let epochs: Vec<_> = store.scan(b"X").map(Result::unwrap).collect();
    assert!(epochs.len() > 1);
    let mut batch = amanah::store::Batch::default();
    let item = |row: &[u8]| match Item::decode(&row[8..]).unwrap() {
        Item::Epoch(epoch) => epoch,
        _ => panic!(),
    };
    let (first, second) = (item(&epochs[0].1), item(&epochs[1].1));
    for (key, row, own, other) in
        [(&epochs[0].0, &epochs[0].1, &first, &second), (&epochs[1].0, &epochs[1].1, &second, &first)]
    {
        let mut swapped = own.clone();
        swapped.secret = other.secret.clone();
        batch.insert(key.clone(), [&row[..8], &Item::Epoch(swapped).encode()].concat());
    }
    store.apply(batch).unwrap();
    store.close().unwrap();
    let (mut vault, mut actor) = world.open(REGISTRY);
    let error = ask(&mut vault, &mut actor, None, code("3171012905110002")).unwrap_err();
    assert!(["crypto-does-not-open", "crypto-commitment", "vault-no-key"].contains(&error.code()), "{error:?}");
    drop(vault);
    assert!(vault::verify(&dir, &world.options()).is_ok(), "the truth is in the journal");
}

#[test]
fn what_is_written_after_a_write_that_failed_is_found() {
    let world = World::new();
    let (vault, mut actor, _) = filled(&world);
    vault.close(&mut actor).unwrap();
    // No posting of the first child opens any more.
    let path = world.vault_dir().join("journal/000001.amj");
    let mut journal = fs::read(&path).unwrap();
    let (_, all) = postings(&world.vault_dir()).swap_remove(0).classes.into_iter().max_by_key(|of| of.1.len()).unwrap();
    for posting in all.chunks(POSTING) {
        let at = journal.windows(POSTING).position(|window| window == posting).unwrap();
        journal[at + POSTING - 1] ^= 1;
    }
    fs::write(&path, journal).unwrap();
    let (mut vault, mut actor) = world.open(REGISTRY);
    let mut write = |name: &str| {
        let child = draft(vault.schema(), "child", &[("child_code", "N-1"), ("full_name", name)]);
        vault.create_record(&mut actor, CARE, "child", &child)
    };
    // It has a name that the first child has; its code has a posting before that is seen.
    assert_eq!(write("Siti").unwrap_err().code(), "crypto-does-not-open");
    let written = write("Bagus").unwrap().record;
    assert_eq!(found(&mut vault, &mut actor, Some("child_code"), code("N-1")), HashSet::from([written]));
}

#[test]
fn a_moved_posting_is_an_error() {
    let world = World::new();
    let (vault, mut actor, _) = filled(&world);
    vault.close(&mut actor).unwrap();
    let store = SledStore::open(&world.vault_dir().join("store")).unwrap();
    let all: Vec<_> = store.scan(b"x").map(Result::unwrap).collect();
    let mut batch = amanah::store::Batch::default();
    for (at, (key, _)) in all.iter().enumerate() {
        batch.insert(key.clone(), all[(at + 1) % all.len()].1.clone());
    }
    store.apply(batch).unwrap();
    store.close().unwrap();
    let error = vault::verify(&world.vault_dir(), &world.options()).unwrap_err();
    assert_eq!(error.code(), "vault-store-differs");
    let store = SledStore::open(&world.vault_dir().join("store"));
    assert!(store.is_none(), "verify leaves it marked, so that it is made anew");
}

#[test]
fn a_correction_shadows_what_was_there() {
    let world = World::new();
    let (mut vault, mut actor, ids) = filled(&world);
    let schema = template::sentra();
    let new = draft(&schema, "child", &[("full_name", "Rahmawati"), ("nik", "3171016905100099")]);
    vault.update_record(&mut actor, CARE, &ids[0], &new).unwrap();
    let (v, a) = (&mut vault, &mut actor);
    assert_eq!(named(v, a, "aminah"), set(&ids, &[4]));
    assert_eq!(named(v, a, "rahmawati"), set(&ids, &[0]));
    assert!(found(v, a, None, code("3171016905100001")).is_empty());
    assert_eq!(found(v, a, None, code("3171016905100099")), set(&ids, &[0]));
    // What was not corrected is still found, by way of the first version.
    let day = By::Days("2010-05-29".parse().unwrap(), "2010-05-29".parse().unwrap());
    assert_eq!(found(v, a, Some("birth_date"), day.clone()), set(&ids, &[0]));
    // And back again.
    let back = draft(&schema, "child", &[("full_name", "Siti Aminah")]);
    v.update_record(a, CARE, &ids[0], &back).unwrap();
    assert_eq!(named(v, a, "aminah"), set(&ids, &[0, 4]));
    assert!(named(v, a, "rahmawati").is_empty());
    // Words of two versions do not make one name.
    let other = draft(&schema, "child", &[("full_name", "Siti Rahmawati")]);
    v.update_record(a, CARE, &ids[0], &other).unwrap();
    assert_eq!(named(v, a, "Aminah Siti"), set(&ids, &[4]));
    vault.close(&mut actor).unwrap();
    vault::verify(&world.vault_dir(), &world.options()).unwrap();
}

#[test]
fn counters_follow_from_what_is_committed() {
    let world = World::new();
    let (vault, mut actor, _) = filled(&world);
    vault.close(&mut actor).unwrap();
    let schema = template::sentra();
    // New processes, two members, the same values: no label is used again.
    for at in 10..16 {
        let member = if at % 2 == 0 { REGISTRY } else { HEAD };
        let (mut vault, mut actor) = world.open(member);
        if actor.group_that_may(vault.charter(), "write").is_none() {
            continue;
        }
        let one = child(at, "Siti Aminah", &format!("31710169051000{at:02}"), "2010-05-29", "female");
        vault.import_records(&mut actor, CARE, "child", &drafts(&schema, &[one]), &Unwatched).unwrap();
        vault.close(&mut actor).unwrap();
    }
    let mut labels = HashSet::new();
    for (epoch, postings) in postings(&world.vault_dir()).iter().flat_map(|item| &item.classes) {
        for posting in postings.chunks(POSTING) {
            assert!(labels.insert((*epoch, posting[..16].to_vec())), "a label twice");
        }
    }
    // The store made anew has the same rows, and finds the same.
    fs::remove_dir_all(world.vault_dir().join("store")).unwrap();
    let (mut vault, mut actor) = world.open(REGISTRY);
    assert!(vault.was_rebuilt());
    assert!(named(&mut vault, &mut actor, "siti aminah").len() > 2);
    vault.close(&mut actor).unwrap();
    vault::verify(&world.vault_dir(), &world.options()).unwrap();
}

#[test]
fn an_index_made_anew_finds_the_same_and_drops_the_old() {
    let world = World::new();
    let (mut vault, mut actor, ids) = filled(&world);
    let schema = template::sentra();
    vault.update_record(&mut actor, CARE, &ids[0], &draft(&schema, "child", &[("full_name", "Rahmawati")])).unwrap();
    let made = vault.rebuild_index(&mut actor, CARE, &Unwatched).unwrap();
    assert_eq!(made.records, ids.len());
    let (v, a) = (&mut vault, &mut actor);
    assert_eq!(named(v, a, "aminah"), set(&ids, &[4]));
    assert_eq!(named(v, a, "rahmawati"), set(&ids, &[0]));
    assert_eq!(found(v, a, None, code("3171016905100001")), set(&ids, &[0]));
    vault.close(&mut actor).unwrap();
    let found = vault::verify(&world.vault_dir(), &world.options()).unwrap();
    let store = SledStore::open(&world.vault_dir().join("store")).unwrap();
    assert!(found.postings > 0 && store.scan(b"x").count() > 0);
    let epochs: HashSet<Vec<u8>> = store.scan(b"x").map(|row| row.unwrap().0[1..9].to_vec()).collect();
    let begun: HashSet<Vec<u8>> = store.scan(b"X").map(|row| row.unwrap().0[1..9].to_vec()).collect();
    assert_eq!(epochs, begun, "only the new ones are left");
    assert_eq!(store.scan(&rows::unindexed("identity")).count(), 0);
}

#[test]
fn what_others_wrote_is_indexed_by_who_can_open_it() {
    let world = World::new();
    let (vault, mut actor, _) = filled(&world);
    vault.close(&mut actor).unwrap();
    let (mut vault, mut clinician) = world.open(CLINICAL);
    let one = child(9, "Wulan Sari", "3171016905100777", "2010-05-29", "female");
    let schema = template::sentra();
    let written = vault.import_records(&mut clinician, CARE, "child", &drafts(&schema, &[one]), &Unwatched).unwrap();
    vault.close(&mut clinician).unwrap();
    assert_eq!(vault::verify(&world.vault_dir(), &world.options()).unwrap().unindexed, 1);
    let last = postings(&world.vault_dir()).pop().unwrap();
    assert_eq!(last.classes.len(), 2, "those that the clinician opens");
    let (mut vault, mut actor) = world.open(REGISTRY);
    let before = vault.size();
    assert_eq!(named(&mut vault, &mut actor, "wulan"), HashSet::from([written[0].record]));
    // Said before it was opened: one entry that announces, one that brings, one for the search.
    let entry = vault.line(before).unwrap().entry().clone();
    assert_eq!((entry.action, vault.size()), (Action::IndexRebuild, before + 3));
    assert_eq!(entry.subjects[0].records, [written[0].record]);
    assert_eq!(entry.subjects[0].fields.keys().collect::<Vec<_>>(), ["identity"]);
    vault.close(&mut actor).unwrap();
    assert_eq!(vault::verify(&world.vault_dir(), &world.options()).unwrap().unindexed, 0);
}

#[test]
fn a_field_that_became_searchable_is_not_searched_in_part() {
    let world = World::new();
    let text = template::SENTRA.replacen("search = \"choice\"\n", "", 1);
    assert_ne!(text, template::SENTRA);
    let old = Schema::parse(&text).unwrap();
    let (mut vault, mut actor) = world.found_with(old.clone());
    let missing = |kind: &str| {
        let new = template::sentra();
        let kind = new.kind(kind).unwrap();
        let was = old.kind(&kind.id).unwrap();
        kind.fields.iter().find(|f| was.field(&f.id).unwrap().search != f.search).map(|f| f.id.clone())
    };
    let field = missing("child").unwrap();
    vault.import_records(&mut actor, CARE, "child", &drafts(&old, &people()), &Unwatched).unwrap();
    let key = old.kind("child").unwrap().field(&field).unwrap().choices[0].key.clone();
    let by = || By::Choice(key.clone());
    assert_eq!(ask(&mut vault, &mut actor, Some(&field), by()).unwrap_err().code(), "vault-not-searchable");
    let next = Schema::parse(&template::SENTRA.replacen("version = 1", "version = 2", 1)).unwrap();
    vault.amend_schema(&mut actor, &next).unwrap();
    assert_eq!(ask(&mut vault, &mut actor, Some(&field), by()).unwrap_err().code(), "vault-index-behind");
    vault.rebuild_index(&mut actor, CARE, &Unwatched).unwrap();
    ask(&mut vault, &mut actor, Some(&field), by()).unwrap();
    assert_eq!(named(&mut vault, &mut actor, "siti aminah").len(), 2);
    vault.close(&mut actor).unwrap();
    vault::verify(&world.vault_dir(), &world.options()).unwrap();
}

#[test]
fn of_too_many_with_one_date_of_birth_it_is_told_that_not_all_were_compared() {
    let world = World::new();
    let (mut vault, mut actor) = world.found();
    let schema = template::sentra();
    let draft = |at: u32| {
        let name: String = (0..4).map(|n| char::from(b'a' + (at >> (4 * n) & 15) as u8)).collect();
        draft(
            &schema,
            "child",
            &[("full_name", &name), ("birth_date", "2010-01-01"), ("child_code", &format!("A-{at}"))],
        )
    };
    let drafts: Vec<_> = (0..503).map(draft).collect();
    vault.import_records(&mut actor, CARE, "child", &drafts, &Unwatched).unwrap();
    assert_eq!(vault.find_duplicates(&mut actor, CARE, "child", &Unwatched).unwrap().not_compared, 3);
    vault.close(&mut actor).unwrap();
}

#[test]
fn duplicates_are_proposed_and_merged_with_both_histories() {
    let world = World::new();
    let (mut vault, mut actor, ids) = filled(&world);
    let schema = template::sentra();
    let twice = child(7, "Sitti Aminah", "3171016905100078", "2010-05-29", "female");
    let again = vault.import_records(&mut actor, CARE, "child", &drafts(&schema, &[twice]), &Unwatched).unwrap()[0];
    let Duplicates { pairs, not_compared, .. } = vault.find_duplicates(&mut actor, CARE, "child", &Unwatched).unwrap();
    assert_eq!((pairs.len(), not_compared), (1, 0));
    let pair = HashSet::from([pairs[0].one.record, pairs[0].other.record]);
    assert_eq!(pair, HashSet::from([ids[0], again.record]));
    assert_eq!(vault.line(vault.size() - 1).unwrap().entry().action, Action::RecordDuplicates);
    vault.merge_records(&mut actor, CARE, &again.record, &ids[0]).unwrap();
    assert_eq!(vault.survivor(&again.record).unwrap(), ids[0]);
    for (one, other) in [(again.record, ids[0]), (ids[0], again.record)] {
        assert_eq!(vault.merge_records(&mut actor, CARE, &one, &other).unwrap_err().code(), "vault-was-merged");
    }
    let edit = draft(&schema, "child", &[("alias", "Ami")]);
    assert_eq!(vault.update_record(&mut actor, CARE, &again.record, &edit).unwrap_err().code(), "vault-was-merged");
    // Both are still there; what only the one says finds the other.
    let (v, a) = (&mut vault, &mut actor);
    assert!(v.read_record(a, CARE, &again.record, None, Some(1)).is_ok());
    assert_eq!(found(v, a, None, code("3171016905100078")), set(&ids, &[0]));
    let answer = ask(v, a, None, code("3171016905100078")).unwrap();
    assert_eq!(answer.found[0].by_way_of, Some(again.record));
    assert!(!v.records_of_kind("child").unwrap().contains(&again.record));
    assert_eq!(v.find_duplicates(a, CARE, "child", &Unwatched).unwrap(), Duplicates::default());
    vault.close(&mut actor).unwrap();
    vault::verify(&world.vault_dir(), &world.options()).unwrap();
    fs::remove_dir_all(world.vault_dir().join("store")).unwrap();
    let (vault, mut actor) = world.open(REGISTRY);
    assert_eq!(vault.survivor(&again.record).unwrap(), ids[0]);
    vault.close(&mut actor).unwrap();
    vault::verify(&world.vault_dir(), &world.options()).unwrap();
}
