//! Erased is erased: nothing that opens is left in any file, the proof stays, an interruption is
//! made good, and an item that is gone without an entry is found.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use amanah::{
    custody::{Release, Request, request::id_of},
    id::Id,
    ledger::{Action, Outcome},
    problem::Problem as _,
    store::journal::{Item as Kept, Journal, Payload},
    vault::{
        Access, Actor, Ask, By, Condition, Ground, Question, Revealed, Unwatched, Vault, VaultError,
        item::{Item, record_of},
        verify,
    },
};
use common::{
    CARE, CLINICAL, HEAD, KPAI, REGISTRY, World, draft,
    faults::{child, copy, files, mark, options, renamed},
    forge::{payloads, resign, write_payloads},
};
use minicbor::{Decoder, data::Type};

/// A vault with three children of one import, the first edited and with a service of its own, all
/// of them indexed anew; closed.
struct Scene {
    world: World,
    children: Vec<Id>,
    service: Id,
}

const REASON: Access<'static> = Access { purpose: Some("care"), reason: Some("Wali meminta perbaikan.") };

impl Scene {
    fn new() -> Scene {
        Scene::with(true)
    }

    fn with(confirm: bool) -> Scene {
        let world = World::new();
        if !confirm {
            let path = world.path().join("charter.toml");
            let text = fs::read_to_string(&path).unwrap().replace("confirm = true", "confirm = false");
            fs::write(path, text).unwrap();
        }
        let (mut vault, mut siti) = world.found();
        let drafts: Vec<_> =
            [("A", "Melati"), ("B", "Kenanga"), ("C", "Cempaka")].map(|(code, name)| child(&vault, code, name)).into();
        let written = vault.import_records(&mut siti, CARE, "child", &drafts, &Unwatched).unwrap();
        let children: Vec<Id> = written.iter().map(|one| one.record).collect();
        let new_name = renamed(&vault, "Mawarsari");
        vault.update_record(&mut siti, REASON, &children[0], &new_name).unwrap();
        let mut service = draft(vault.schema(), "aftercare", &[("visit_date", "2024-05-06")]);
        service.of = Some(children[0]);
        let service = vault.create_record(&mut siti, CARE, "aftercare", &service).unwrap().record;
        vault.close(&mut siti).unwrap();
        let (mut vault, mut ratna) = world.open(HEAD);
        vault.rebuild_index(&mut ratna, CARE, &Unwatched).unwrap();
        vault.close(&mut ratna).unwrap();
        Scene { world, children, service }
    }

    fn dir(&self) -> PathBuf {
        self.world.vault_dir()
    }

    fn open(&self) -> (Vault, Actor) {
        self.world.open(REGISTRY)
    }

    /// Erases the first child with its service; the entry that says so.
    fn erase(&self) -> u64 {
        let (mut vault, mut siti) = self.open();
        let all = vault.with_related(&self.children[..1]).unwrap();
        assert_eq!(all.iter().collect::<BTreeSet<_>>(), BTreeSet::from([&self.children[0], &self.service]));
        let alone = vault.erase_records(&mut siti, CARE, &all, Ground::Request, &Unwatched);
        assert_eq!(code(alone), "vault-wants-second");
        let asked = vault.ask_erasure(&mut siti, CARE, &all, Ground::Request).unwrap();
        assert_eq!(code(vault.confirm_erasure(&mut siti, CARE, &asked, &Unwatched)), "vault-same-member");
        assert_eq!(code(vault.confirm_erasure(&mut siti, CARE, &[0], &Unwatched)), "vault-no-erasure-asked");
        vault.close(&mut siti).unwrap();
        let (mut vault, mut ratna) = self.world.open(HEAD);
        let erased = vault.confirm_erasure(&mut ratna, CARE, &asked, &Unwatched).unwrap();
        assert_eq!(erased.entries.len(), 1);
        vault.close(&mut ratna).unwrap();
        erased.entries[0]
    }

    fn needles(&self) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        for payload in payloads(&self.dir()) {
            for item in payload.items {
                let Kept::Live(bytes) = item else { continue };
                if record_of(&bytes).is_some_and(|of| of == self.children[0] || of == self.service) {
                    needles(&bytes, &mut out);
                }
            }
        }
        out
    }
}

/// What of an item is key, ciphertext, envelope id or posting.
fn needles(item: &[u8], out: &mut Vec<Vec<u8>>) {
    match Item::decode(item).unwrap() {
        Item::Postings(postings) => {
            for (_, postings) in postings.classes {
                for posting in postings.chunks_exact(76) {
                    // The store has the first half of the label.
                    out.extend([posting[..8].to_vec(), posting[..16].to_vec(), posting[16..].to_vec()]);
                }
            }
        }
        Item::Version(version) => {
            out.extend(version.envelopes.iter().map(|envelope| envelope.id.0.to_vec()));
            let mut d = Decoder::new(item);
            // Shares, commitments and sealed fields are the byte strings that are longer than ids.
            while d.position() < item.len() {
                match d.datatype().unwrap() {
                    Type::Bytes => {
                        let bytes = d.bytes().unwrap();
                        out.extend((bytes.len() > 16).then(|| bytes.to_vec()));
                    }
                    Type::Array => drop(d.array().unwrap()),
                    _ => d.skip().unwrap(),
                }
            }
        }
        _ => unreachable!(),
    }
}

/// The files below a folder that hold one of the needles.
fn holders(folder: &Path, needles: &[Vec<u8>]) -> Vec<PathBuf> {
    let starts: BTreeSet<&[u8]> = needles.iter().map(|needle| &needle[..8]).collect();
    let holds = |file: &PathBuf| {
        let bytes = fs::read(folder.join(file)).unwrap();
        let mut windows = bytes.windows(8).enumerate();
        windows
            .any(|(at, window)| starts.contains(window) && needles.iter().any(|needle| bytes[at..].starts_with(needle)))
    };
    files(folder).into_iter().filter(holds).collect()
}

/// A segment with one payload.
fn segment(payload: &Payload) -> Vec<u8> {
    let one = tempfile::tempdir().unwrap();
    Journal::create(&one.path().join("j")).unwrap().append(std::slice::from_ref(payload)).unwrap();
    fs::read(one.path().join("j/000001.amj")).unwrap()
}

/// The journal with each payload in a segment of its own.
fn split(dir: &Path) {
    let all = payloads(dir);
    fs::remove_dir_all(dir.join("journal")).unwrap();
    for (at, payload) in all.iter().enumerate() {
        fs::create_dir_all(dir.join("journal")).unwrap();
        fs::write(dir.join(format!("journal/{:06}.amj", at + 1)), segment(payload)).unwrap();
    }
    // Where payloads stand is in the store.
    fs::write(dir.join("store/DIRTY"), "").unwrap();
}

fn code<T>(result: Result<T, VaultError>) -> &'static str {
    result.map(drop).unwrap_err().code()
}

#[test]
fn nothing_that_opens_is_left_in_any_file_and_the_proof_stays() {
    let scene = Scene::new();
    let needles = scene.needles();
    assert!(needles.len() > 150, "{}", needles.len());
    assert!(holders(&scene.dir(), &needles).len() >= 2, "journal and store hold them before");
    let before = verify(&scene.dir(), &scene.world.options()).unwrap();
    let entry = scene.erase();
    assert_eq!(holders(scene.world.path(), &needles), Vec::<PathBuf>::new());

    let found = verify(&scene.dir(), &scene.world.options()).unwrap();
    assert_eq!(found.entries, before.entries + 2);
    assert_eq!(found.versions, before.versions - 3);
    // Three versions, and postings of them: those written with them, and those indexed anew.
    assert!((5..=8).contains(&found.erased), "{}", found.erased);
    assert!(found.rows.is_some(), "the store was closed");

    let (mut vault, mut siti) = scene.open();
    assert!(!vault.was_rebuilt(), "it was made anew when the record was erased");
    for record in [&scene.children[0], &scene.service] {
        let error = vault.read_record(&mut siti, CARE, record, None, None).unwrap_err();
        let VaultError::WasErased { member, ground, sequence, .. } = &error else { panic!("{error}") };
        assert_eq!((member.as_str(), ground.as_str(), *sequence), (HEAD, "request", entry));
        assert_eq!(code(vault.resolve(&record.to_string()[..8])), "vault-was-erased");
        assert_eq!(code(vault.history(&mut siti, CARE, record)), "vault-was-erased");
    }
    let told = vault.line(entry).unwrap().entry().clone();
    assert_eq!(
        (told.action, told.outcome, told.detail.as_deref()),
        (Action::RecordErase, Outcome::Ok, Some("request"))
    );
    assert_eq!(vault.records_of_kind("child").unwrap().len(), 2);
    let shown = vault.read_record(&mut siti, CARE, &scene.children[1], None, None).unwrap();
    assert_eq!(mark(&shown), "Kenanga");
    // What is left is still found, and what comes after it too.
    let find = |vault: &mut Vault, siti: &mut Actor, name: &str| {
        let condition = Condition { field: Some("full_name".to_owned()), by: By::Name(name.to_owned()) };
        let question = Question { kind: None, conditions: vec![condition], limit: 10 };
        vault.find_records(siti, CARE, &question, &Unwatched).unwrap().found.len()
    };
    assert_eq!(find(&mut vault, &mut siti, "Mawarsari"), 0);
    assert_eq!(find(&mut vault, &mut siti, "Kenanga"), 1);
    let new = child(&vault, "A", "Mawarsari");
    vault.create_record(&mut siti, CARE, "child", &new).unwrap();
    assert_eq!(find(&mut vault, &mut siti, "Mawarsari"), 1);
    vault.close(&mut siti).unwrap();
    verify(&scene.dir(), &scene.world.options()).unwrap();
}

#[test]
fn an_interrupted_erasure_is_finished_before_anything_is_read() {
    let scene = Scene::new();
    split(&scene.dir());
    scene.open().0.leave().unwrap();
    let needles = scene.needles();
    let (before, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy(&scene.dir(), before.path());
    let count = payloads(before.path()).len();
    let entry = scene.erase();
    copy(&scene.dir(), after.path());
    // The entry's own payload went to the end of the last segment, before anything was taken out.
    let own = payloads(after.path()).pop().unwrap();
    assert_eq!(own.seq, entry);
    let last = before.path().join(format!("journal/{count:06}.amj"));
    let uncommitted = [fs::read(&last).unwrap(), segment(&own)[17..].to_vec()].concat();
    fs::write(&last, &uncommitted).unwrap();
    let touched: Vec<usize> = (0..count)
        .filter(|at| {
            let file = format!("journal/{:06}.amj", at + 1);
            fs::read(before.path().join(&file)).unwrap() != fs::read(after.path().join(&file)).unwrap()
        })
        .collect();
    assert!(touched.len() >= 4, "{touched:?}");
    // Killed after each segment, in the order in which they are written.
    for done in 0..=touched.len() {
        copy(after.path(), &scene.dir());
        for at in &touched[done..] {
            let file = format!("journal/{:06}.amj", at + 1);
            fs::copy(before.path().join(&file), scene.dir().join(&file)).unwrap();
        }
        fs::write(scene.dir().join("store/DIRTY"), "").unwrap();
        fs::write(scene.dir().join("journal/000002.amj.new"), "half a segment").unwrap();
        let options = options(&scene.world.path().join("state"));
        if done < touched.len() {
            assert!(!holders(&scene.dir(), &needles).is_empty());
            assert_eq!(code(verify(&scene.dir(), &options)), "vault-not-erased", "{done}");
        }
        let (mut vault, mut siti) = scene.open();
        assert_eq!(code(vault.read_record(&mut siti, CARE, &scene.children[0], None, None)), "vault-was-erased");
        vault.close(&mut siti).unwrap();
        assert_eq!(holders(&scene.dir(), &needles), Vec::<PathBuf>::new(), "{done}");
        verify(&scene.dir(), &options).unwrap();
    }
    // Killed before the entry was written: then it never happened.
    copy(before.path(), &scene.dir());
    let elsewhere = tempfile::tempdir().unwrap();
    let mut vault = Vault::open(&scene.dir(), &options(elsewhere.path())).unwrap();
    let mut siti = vault.admit(scene.world.identity(REGISTRY)).unwrap();
    let shown = vault.read_record(&mut siti, CARE, &scene.children[0], None, None).unwrap();
    assert_eq!(mark(&shown), "Mawarsari");
}

#[test]
fn an_item_that_is_gone_without_an_entry_is_found() {
    let scene = Scene::new();
    let kept = tempfile::tempdir().unwrap();
    let test = |what: &str| {
        let all = payloads(&scene.dir());
        let items = all.iter().enumerate().flat_map(|(at, one)| (0..one.items.len()).map(move |item| (at, item)));
        let mut tried = 0;
        for (at, item) in items {
            let mut changed = all.clone();
            let Kept::Live(bytes) = &all[at].items[item] else { continue };
            changed[at].items[item] = Kept::Erased(bytes.digest());
            fs::remove_dir_all(scene.dir().join("journal")).unwrap();
            Journal::create(&scene.dir().join("journal")).unwrap().append(&changed).unwrap();
            fs::write(scene.dir().join("store/DIRTY"), "").unwrap();
            let said = verify(&scene.dir(), &scene.world.options());
            assert!(said.is_err(), "{what}: item {item} of payload {at} can be taken out");
            tried += 1;
        }
        copy(kept.path(), &scene.dir());
        tried
    };
    copy(&scene.dir(), kept.path());
    assert!(test("before an erasure") > 15);
    scene.erase();
    copy(&scene.dir(), kept.path());
    assert!(test("beside an erasure") > 10);
}

#[test]
fn who_may_not_is_refused_and_what_belongs_to_a_record_is_asked_for() {
    let scene = Scene::with(false);
    let (mut vault, mut budi) = scene.world.open(CLINICAL);
    let record = scene.children[1];
    let size = vault.size();
    let refused = vault.erase_records(&mut budi, CARE, &[record], Ground::Request, &Unwatched);
    assert_eq!(code(refused), "vault-may-not");
    let told = vault.line(size).unwrap().entry().clone();
    assert_eq!(
        (told.action, told.outcome, told.detail.as_deref()),
        (Action::RecordErase, Outcome::Refused, Some("right"))
    );
    vault.close(&mut budi).unwrap();

    let (mut vault, mut siti) = scene.open();
    let alone = vault.erase_records(&mut siti, CARE, &scene.children[..1], Ground::Request, &Unwatched);
    assert_eq!(code(alone), "vault-has-related");
    assert_eq!(code("because".parse::<Ground>()), "vault-unknown-ground");
    assert_eq!(vault.size(), size + 1, "neither is an entry");
    // One of a batch, then the rest of it; nothing is written to one that is gone.
    vault.erase_records(&mut siti, CARE, &[record], Ground::Mistake, &Unwatched).unwrap();
    let edit = renamed(&vault, "X");
    assert_eq!(code(vault.update_record(&mut siti, CARE, &record, &edit)), "vault-was-erased");
    assert_eq!(code(vault.erase_records(&mut siti, CARE, &[record], Ground::Request, &Unwatched)), "vault-was-erased");
    let rest = vault.with_related(&[scene.children[0], scene.children[2]]).unwrap();
    vault.erase_records(&mut siti, CARE, &rest, Ground::Retention, &Unwatched).unwrap();
    assert!(vault.records_of_kind("child").unwrap().is_empty());
    vault.close(&mut siti).unwrap();
    verify(&scene.dir(), &scene.world.options()).unwrap();
}

/// The same entry twice in one command, two entries that ask for the same record, and one that asks for
/// more of the same.
#[test]
fn what_is_asked_for_twice_is_erased_once() {
    let scene = Scene::new();
    let (first, second) = (scene.children[1], scene.children[2]);
    let (mut vault, mut siti) = scene.open();
    let one = vault.ask_erasure(&mut siti, CARE, &[first], Ground::Request).unwrap();
    let again = vault.ask_erasure(&mut siti, CARE, &[first], Ground::Request).unwrap();
    let more = vault.ask_erasure(&mut siti, CARE, &[first, second], Ground::Request).unwrap();
    let third = scene.children[0];
    let all = vault.with_related(&[third]).unwrap();
    let written = vault.ask_erasure(&mut siti, CARE, &all, Ground::Request).unwrap();
    let new_name = renamed(&vault, "Kamboja");
    vault.update_record(&mut siti, CARE, &third, &new_name).unwrap();
    vault.close(&mut siti).unwrap();
    let (mut vault, mut ratna) = scene.world.open(HEAD);
    assert_eq!(code(vault.confirm_erasure(&mut ratna, CARE, &written, &Unwatched)), "vault-erasure-changed");
    for asked in [[one[0], again[0]], [one[0], more[0]]] {
        assert_eq!(code(vault.confirm_erasure(&mut ratna, CARE, &asked, &Unwatched)), "vault-erasure-twice");
    }
    let erased = vault.confirm_erasure(&mut ratna, CARE, &[one[0], one[0]], &Unwatched).unwrap();
    assert_eq!((erased.records.len(), erased.entries.len()), (1, 1));
    assert_eq!(code(vault.confirm_erasure(&mut ratna, CARE, &again, &Unwatched)), "vault-was-erased");
    vault.close(&mut ratna).unwrap();
    verify(&scene.dir(), &scene.world.options()).unwrap();
}

#[test]
fn a_merged_record_goes_with_its_survivor_or_by_itself() {
    let scene = Scene::with(false);
    let (mut vault, mut siti) = scene.open();
    let [_, b, c] = scene.children[..] else { unreachable!() };
    vault.merge_records(&mut siti, CARE, &b, &c).unwrap();
    assert_eq!(code(vault.erase_records(&mut siti, CARE, &[c], Ground::Request, &Unwatched)), "vault-has-related");
    vault.erase_records(&mut siti, CARE, &[b], Ground::Request, &Unwatched).unwrap();
    assert_eq!(vault.with_related(&[c]).unwrap(), [c]);
    vault.close(&mut siti).unwrap();
    verify(&scene.dir(), &scene.world.options()).unwrap();
    let (mut vault, mut siti) = scene.open();
    vault.erase_records(&mut siti, CARE, &[c], Ground::Request, &Unwatched).unwrap();
    vault.close(&mut siti).unwrap();
    verify(&scene.dir(), &scene.world.options()).unwrap();
}

#[test]
fn what_was_merged_into_a_restricted_record_is_not_used_either() {
    let scene = Scene::new();
    let [first, second, ..] = scene.children[..] else { panic!() };
    let (mut vault, mut siti) = scene.open();
    vault.merge_records(&mut siti, CARE, &first, &second).unwrap();
    assert!(vault.read_record(&mut siti, CARE, &first, None, Some(1)).is_ok());
    vault.restrict_records(&mut siti, CARE, &[second], Ground::Disputed).unwrap();
    // The record to be released is named, not the one that was asked for.
    let refused = vault.read_record(&mut siti, CARE, &first, None, Some(1)).unwrap_err();
    assert!(matches!(&refused, VaultError::Restricted { record, .. } if *record == second.to_string()), "{refused}");
    vault.release_restriction(&mut siti, CARE, &[second]).unwrap();
    assert!(vault.read_record(&mut siti, CARE, &first, None, Some(1)).is_ok());
    vault.close(&mut siti).unwrap();
}

#[test]
fn restricted_records_are_kept_and_not_used() {
    let scene = Scene::new();
    let record = scene.children[1];
    let (mut vault, mut budi) = scene.world.open(CLINICAL);
    assert_eq!(code(vault.restrict_records(&mut budi, CARE, &[record], Ground::Disputed)), "vault-may-not");
    vault.close(&mut budi).unwrap();
    let (mut vault, mut siti) = scene.open();
    assert_eq!(code(vault.release_restriction(&mut siti, CARE, &[record])), "vault-not-restricted");
    vault.restrict_records(&mut siti, CARE, &[record], Ground::Disputed).unwrap();
    assert_eq!(code(vault.restrict_records(&mut siti, CARE, &[record], Ground::Order)), "vault-restricted");
    let size = vault.size();
    assert_eq!(code(vault.read_record(&mut siti, CARE, &record, None, None)), "vault-restricted");
    let told = vault.line(size).unwrap().entry().clone();
    assert_eq!((told.outcome, told.detail.as_deref()), (Outcome::Refused, Some("restricted")));
    let export = vault.export_records(&mut siti, CARE, &[record], "identity", "a reviewer", &Unwatched);
    assert_eq!(code(export), "vault-restricted");
    let edit = renamed(&vault, "Anggrek");
    assert_eq!(code(vault.update_record(&mut siti, CARE, &record, &edit)), "vault-restricted");
    let fields = ["full_name".to_owned()];
    let shown = vault.list_records(&mut siti, CARE, &scene.children, &fields, &Unwatched).unwrap();
    let hidden: Vec<bool> = shown.iter().map(|one| one.cells[0].content == Revealed::Restricted).collect();
    assert_eq!(hidden, [false, true, false]);
    let told = vault.line(vault.size() - 1).unwrap().entry().clone();
    let opened: Vec<Id> =
        told.subjects.iter().filter(|one| !one.fields.is_empty()).flat_map(|one| one.records.clone()).collect();
    assert!(!opened.contains(&record) && opened.len() == 2);
    let duty = Access { purpose: Some("legal_duty"), reason: Some("Putusan pengadilan.") };
    let shown = vault.read_record(&mut siti, duty, &record, None, None).unwrap();
    assert_eq!(mark(&shown), "Kenanga");
    vault.close(&mut siti).unwrap();
    verify(&scene.dir(), &scene.world.options()).unwrap();
    // It survives the store being made anew.
    fs::write(scene.dir().join("store/DIRTY"), "").unwrap();
    let (mut vault, mut siti) = scene.open();
    assert_eq!(code(vault.read_record(&mut siti, CARE, &record, None, None)), "vault-restricted");
    vault.release_restriction(&mut siti, CARE, &[record]).unwrap();
    vault.read_record(&mut siti, CARE, &record, None, None).unwrap();
    vault.close(&mut siti).unwrap();
    verify(&scene.dir(), &scene.world.options()).unwrap();
}

#[test]
fn what_is_due_follows_the_rules_of_the_charter() {
    let scene = Scene::new();
    let [a, b, c] = scene.children[..] else { unreachable!() };
    let (mut vault, mut siti) = scene.open();
    let closures = [
        (a, &[("closure_date", "2012-02-29"), ("closure_reason", "of_age")][..]),
        (b, &[("closure_date", "2012-02-29"), ("closure_reason", "of_age"), ("retention_until", "2040-01-01")][..]),
    ];
    for (of, fields) in closures {
        let mut closure = draft(vault.schema(), "closure", fields);
        closure.of = Some(of);
        vault.create_record(&mut siti, CARE, "closure", &closure).unwrap();
    }
    let due = |vault: &mut Vault, siti: &mut Actor, on: &str| -> Vec<(Id, String)> {
        let due = vault.retention_due(siti, CARE, on.parse().unwrap(), &Unwatched).unwrap();
        due.into_iter().map(|one| (one.record, one.due.to_string())).collect()
    };
    assert_eq!(due(&mut vault, &mut siti, "2022-02-27"), []);
    assert_eq!(due(&mut vault, &mut siti, "2022-02-28"), [(a, "2022-02-28".to_owned())]);
    let both = due(&mut vault, &mut siti, "2040-01-01");
    assert_eq!(both, [(a, "2022-02-28".to_owned()), (b, "2040-01-01".to_owned())]);
    assert!(both.iter().all(|(record, _)| *record != c), "who has not left is not due");
    let told = vault.line(vault.size() - 1).unwrap().entry().clone();
    assert_eq!(told.action, Action::RecordList);
    // What was merged into another says nothing any more.
    let [left, goes_on] = ["2016-02-29", "2013-03-01"].map(|date| {
        let mut closure = draft(vault.schema(), "closure", &[("closure_date", date), ("closure_reason", "of_age")]);
        closure.of = Some(c);
        vault.create_record(&mut siti, CARE, "closure", &closure).unwrap().record
    });
    assert_eq!(due(&mut vault, &mut siti, "2023-03-01"), [(a, "2022-02-28".to_owned())]);
    vault.merge_records(&mut siti, CARE, &left, &goes_on).unwrap();
    let both = [(a, "2022-02-28".to_owned()), (c, "2023-03-01".to_owned())];
    assert_eq!(due(&mut vault, &mut siti, "2023-03-01"), both);
    assert_eq!(
        code(vault.retention_due(&mut siti, Access::default(), "2040-01-01".parse().unwrap(), &Unwatched)),
        "vault-no-purpose"
    );
}

/// A scene in which KPAI has released the sealed fields of two intakes: those of the first child
/// with those of the second in one request, and those of the second by themselves in another; a
/// third, of the first, was denied.
struct Released {
    scene: Scene,
    first: Id,
    requests: [Request; 3],
}

impl Released {
    fn new() -> Released {
        let scene = Scene::new();
        let (mut vault, mut siti) = scene.open();
        let mut intake = |child: Id| {
            let mut of = draft(vault.schema(), "intake", &[("intake_date", "2026-01-05"), ("referrer", "Rahasia")]);
            of.of = Some(child);
            vault.create_record(&mut siti, CARE, "intake", &of).unwrap().record
        };
        let (first, second) = (intake(scene.children[0]), intake(scene.children[1]));
        let mut ratna = vault.admit(scene.world.identity(HEAD)).unwrap();
        let mut ani = vault.admit(scene.world.identity(KPAI)).unwrap();
        let why = Access { purpose: Some("case_conference"), reason: Some("Konferensi kasus") };
        let zone = jiff::tz::TimeZone::get("Asia/Jakarta").unwrap();
        let until = zone.to_datetime(jiff::Timestamp::now()).date().tomorrow().unwrap();
        let classes = ["sealed".to_owned()];
        let requests = [vec![first, second], vec![second], vec![first]].map(|records| {
            let ask = Ask { records: &records, classes: &classes, fields: &[], until };
            vault.make_request(&mut ratna, why, &ask).unwrap()
        });
        for request in &requests[..2] {
            vault.approve(&mut ani, request, None).unwrap();
            vault.open_released(&mut ratna, &request.id(), &[]).unwrap();
        }
        vault.deny(&mut ani, &requests[2], "Belum waktunya").unwrap();
        vault.close(&mut siti).unwrap();
        Released { scene, first, requests }
    }

    /// The places of the items that hold shares or envelope ids of a request.
    fn places(&self, request: &Request) -> Vec<(u64, u64)> {
        let mut out = Vec::new();
        for payload in payloads(&self.scene.dir()) {
            for (place, item) in (0..).zip(&payload.items) {
                let Kept::Live(bytes) = item else { continue };
                let of = match Item::decode(bytes).unwrap() {
                    Item::Request(note) => Request::parse(&note).unwrap().id(),
                    Item::Release(item) => id_of(Release::parse_note(&item.note).unwrap().request()),
                    _ => continue,
                };
                out.extend((of == request.id()).then_some((payload.seq, place)));
            }
        }
        out
    }

    /// What of these requests and their releases is an envelope id, as bytes or as text, or a share.
    fn needles(&self, requests: &[&Request]) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        for named in requests.iter().flat_map(|request| request.envelopes()) {
            if named.record == self.first {
                out.extend([named.envelope.0.to_vec(), named.envelope.to_string().into_bytes()]);
            }
        }
        let all = payloads(&self.scene.dir());
        for (sequence, place) in requests.iter().flat_map(|request| self.places(request)) {
            let payload = all.iter().find(|payload| payload.seq == sequence).unwrap();
            let Kept::Live(bytes) = &payload.items[usize::try_from(place).unwrap()] else { continue };
            if let Item::Release(item) = Item::decode(bytes).unwrap() {
                out.push(item.shares[item.shares.len() - 48..].to_vec());
            }
        }
        out
    }

    fn erase(&self) -> Vec<u64> {
        let (mut vault, mut siti) = self.scene.open();
        let all = vault.with_related(&self.scene.children[..1]).unwrap();
        assert!(all.contains(&self.first));
        let asked = vault.ask_erasure(&mut siti, CARE, &all, Ground::Request).unwrap();
        vault.close(&mut siti).unwrap();
        let (mut vault, mut ratna) = self.scene.world.open(HEAD);
        let entries = vault.confirm_erasure(&mut ratna, CARE, &asked, &Unwatched).unwrap().entries;
        vault.close(&mut ratna).unwrap();
        entries
    }
}

#[test]
fn what_was_requested_and_released_of_an_erased_record_is_gone_too() {
    let released = Released::new();
    let scene = &released.scene;
    let [both, second, denied] = &released.requests;
    let needles = released.needles(&[both, denied]);
    assert_eq!(needles.len(), 5, "an envelope named twice, as bytes and as text, and one release");
    assert!(holders(&scene.dir(), &needles).len() >= 2, "journal and store hold them before");
    fs::create_dir_all(scene.dir().join("store.new")).unwrap();
    fs::write(scene.dir().join("store.new/db"), needles.concat()).unwrap();
    released.erase();
    assert_eq!(holders(scene.world.path(), &needles), Vec::<PathBuf>::new());
    assert!(!scene.dir().join("store.new").exists());
    verify(&scene.dir(), &scene.world.options()).unwrap();

    let (mut vault, mut ratna) = scene.world.open(HEAD);
    let listed: Vec<Id> = vault.exchanges().unwrap().iter().map(|one| one.request.id()).collect();
    assert_eq!(listed, [second.id()], "also what names others is gone; what names only others stays");
    assert_eq!(code(vault.exchange(&both.id())), "release-no-request");
    assert_eq!(code(vault.find_request(&both.id().to_string())), "release-no-request");
    assert_eq!(code(vault.open_released(&mut ratna, &both.id(), &[])), "release-no-request");
    assert_eq!(code(vault.withdraw_request(&mut ratna, &denied.id())), "release-no-request");
    vault.open_released(&mut ratna, &second.id(), &[]).unwrap();
    // Nor is it taken in again from a copy of the request.
    let mut ani = vault.admit(scene.world.identity(KPAI)).unwrap();
    assert_eq!(code(vault.approve(&mut ani, both, None)), "vault-was-erased");
    vault.close(&mut ani).unwrap();
    assert_eq!(holders(scene.world.path(), &needles), Vec::<PathBuf>::new());
    verify(&scene.dir(), &scene.world.options()).unwrap();
}

#[test]
fn an_erasure_that_names_what_others_exchanged_is_refused_and_found() {
    let released = Released::new();
    let scene = &released.scene;
    let entry = released.erase()[0];
    let others = released.places(&released.requests[1]);
    assert_eq!(others.len(), 2);
    let all = payloads(&scene.dir());
    let at = all.iter().position(|payload| payload.seq == entry).unwrap();
    let place = all[at].items.iter().position(|item| {
        let Kept::Live(bytes) = item else { return false };
        matches!(Item::decode(bytes).unwrap(), Item::Erasure(_))
    });
    let place = place.unwrap();
    let Kept::Live(bytes) = &all[at].items[place] else { unreachable!() };
    let Item::Erasure(erasure) = Item::decode(bytes).unwrap() else { unreachable!() };
    let kept = tempfile::tempdir().unwrap();
    copy(&scene.dir(), kept.path());
    for (of, item) in others {
        copy(kept.path(), &scene.dir());
        let mut forged = erasure.clone();
        forged.items.retain(|(sequence, _)| *sequence != of);
        forged.items.push((of, vec![item]));
        forged.items.sort();
        let mut changed = all.clone();
        changed[at].items[place] = Kept::Live(Item::Erasure(forged).encode().into());
        let digest = changed[at].digest(&amanah::vault::identify(&scene.dir()).unwrap());
        // The eraser signs it, as the newest entry but for the closing of the vault.
        resign(&scene.dir(), entry, &digest, &scene.world.identity(HEAD));
        write_payloads(&scene.dir(), &changed);
        let elsewhere = tempfile::tempdir().unwrap();
        let said = Vault::open(&scene.dir(), &options(elsewhere.path())).map(drop).unwrap_err();
        assert!(said.to_string().contains("may not take"), "{said}");
        assert_eq!(payloads(&scene.dir()), changed, "nothing was taken out");
        // Who takes it out with a program of their own is found.
        let target = changed.iter().position(|payload| payload.seq == of).unwrap();
        let Kept::Live(bytes) = &changed[target].items[usize::try_from(item).unwrap()] else { unreachable!() };
        changed[target].items[usize::try_from(item).unwrap()] = Kept::Erased(bytes.digest());
        write_payloads(&scene.dir(), &changed);
        let said = verify(&scene.dir(), &options(elsewhere.path())).map(drop).unwrap_err();
        assert!(matches!(&said, VaultError::BadEntry { sequence, .. } if *sequence == of), "{said}");
    }
}
