//! Who opens what with the keys they can get: one test for each row of the table in
//! `docs/THREATS.md` that is about keys. Each attacker has the folder, and the keys named.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use std::{collections::BTreeSet, path::Path, time::Instant};

use amanah::{
    crypto::{
        cbor,
        envelope::{Envelope, Place, Sealer},
        identity::Identity,
        random::SystemRandom,
        session::Session,
    },
    custody::{
        Release, Request,
        ending::seal,
        exchange::{Answer, AnswerFile, Bytes, RequestFile, to_bytes},
        release::{Given, OpenShare},
        request::{Asked, Named},
        statement::StatementFile,
    },
    id::Id,
    ledger::{Line, proof_file::ProofFile},
    problem::Problem as _,
    store::journal::Item as Kept,
    vault::{
        Access, Actor, Ask, Options, Outside, Revealed, Shown, Unwatched, Vault, Wish,
        item::{Item, ReleaseItem},
        policy, verify,
    },
};
use common::{CARE, CLINICAL, HEAD, ITJEN, KPAI, OMBUDSMAN, REGISTRY, World, draft, faults, forge};
use jiff::{Timestamp, ToSpan as _};

const WHY: Access<'static> = Access { purpose: Some("emergency"), reason: Some("Percobaan") };
const CLASSES: [&str; 5] = ["administrative", "identity", "personal", "sealed", "sensitive"];

/// A vault with a child and its intake: something in every class.
fn scene(world: &World) -> (Vault, Actor, [Id; 2]) {
    let (mut vault, mut siti) = world.found();
    let child = draft(vault.schema(), "child", &[("child_code", "A-1"), ("full_name", "Nama Contoh")]);
    let child = vault.create_record(&mut siti, CARE, "child", &child).unwrap().record;
    let mut intake = draft(vault.schema(), "intake", &[("intake_date", "2026-01-05"), ("referrer", "Rahasia")]);
    intake.of = Some(child);
    let intake = vault.create_record(&mut siti, CARE, "intake", &intake).unwrap().record;
    (vault, siti, [child, intake])
}

fn until() -> jiff::civil::Date {
    let today = jiff::tz::TimeZone::UTC.to_datetime(Timestamp::now()).date();
    today.checked_add(jiff::Span::new().days(7)).unwrap()
}

/// Whether these people's keys together open a class: one asks, the others release what they have.
fn together(vault: &mut Vault, people: &mut [Actor], records: &[Id], class: &str) -> bool {
    let classes = [class.to_owned()];
    let (first, others) = people.split_first_mut().unwrap();
    let ask = Ask { records, classes: &classes, fields: &[], until: until() };
    let request = match vault.make_request(first, WHY, &ask) {
        Ok(request) => request,
        Err(error) if error.code() == "release-opens-alone" => return true,
        Err(error) => panic!("{error}"),
    };
    for other in others {
        match vault.approve(other, &request, None) {
            Ok(_) => {}
            Err(error) if error.code() == "release-no-share" => {}
            Err(error) => panic!("{error}"),
        }
    }
    match vault.open_released(first, &request.id(), &[]) {
        Ok(shown) => {
            assert!(!shown.is_empty());
            true
        }
        Err(error) if error.code() == "release-quorum" => false,
        Err(error) => panic!("{error}"),
    }
}

/// These people's keys open these classes, and no others; whoever of them asks.
fn open(people: &[&str], classes: &[&str]) {
    let world = World::new();
    let (mut vault, mut siti, records) = scene(&world);
    for turn in 0..people.len() {
        let mut actors: Vec<Actor> = people.iter().map(|member| vault.admit(world.identity(member)).unwrap()).collect();
        actors.rotate_left(turn);
        let opened: Vec<&str> =
            CLASSES.into_iter().filter(|class| together(&mut vault, &mut actors, &records, class)).collect();
        assert_eq!(opened, classes, "{people:?}");
    }
    vault.close(&mut siti).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();
}

#[test]
fn a_thief_with_one_officers_key() {
    open(&[REGISTRY], &["administrative", "identity", "personal"]);
}

#[test]
fn a_dishonest_clinician() {
    open(&[CLINICAL], &["administrative", "personal", "sensitive"]);
}

#[test]
fn a_dishonest_head() {
    open(&[HEAD], &["administrative", "identity", "personal", "sensitive"]);
}

#[test]
fn the_whole_centre_together() {
    open(&[HEAD, REGISTRY, CLINICAL], &["administrative", "identity", "personal", "sensitive"]);
}

/// What an overseer asks for.
fn wish<'a>(records: &'a [Id], classes: &'a [String]) -> Wish<'a> {
    Wish { purpose: "oversight", reason: WHY.reason, until: until(), records, classes, fields: &[] }
}

/// The centre seals another name with all its keys, releases it as if it were the officer's, and
/// enters that release: everything about it is right, but that nobody has written it.
#[test]
fn the_whole_centre_shows_an_overseer_another_text() {
    let world = World::new();
    let (mut vault, mut siti, [child, _]) = scene(&world);
    let (id, ani) = (*vault.id(), world.identity(KPAI));
    let state = |name: &str| world.path().join(name);
    let chain = vault.chain();
    let overseer = |name: &str| {
        Outside::trust(&state(name), &chain).unwrap();
        Outside::load(&state(name), &id).unwrap()
    };
    let before = overseer("before");
    let classes = ["identity".to_owned()];
    let request = before.ask(&ani, &wish(&[child], &classes), Timestamp::now()).unwrap();
    let (entry, release) = vault.approve(&mut siti, &request, None).unwrap();
    let answer = Answer::Release(Box::new(release.clone()));
    let honest = vault.send_answer(&mut siti, &request, entry, &answer, None).unwrap();
    let opened = before.open(&ani, std::slice::from_ref(&honest), Timestamp::now()).unwrap();
    assert_eq!(name(&opened.shown), "Nama Contoh");

    let charter = vault.charter().clone();
    let policy = policy::ordinary(&charter, "identity").unwrap();
    let groups: BTreeSet<&str> = policy.leaves.iter().map(String::as_str).collect();
    let secrets: Vec<_> = groups.into_iter().map(|group| (group, [7; 32])).collect();
    let session = Session::from_secrets(Id([9; 16]), &secrets).unwrap();
    let named = &release.envelopes()[0];
    let place = Place { vault: &id, record: &child, kind: &named.kind, version: named.version };
    let value = cbor::bytes(|w| w.str("Nama Lain").map(drop));
    let sealer = Sealer::new(policy.clone(), &session).unwrap();
    let forged = Envelope::seal(&place, &sealer, &[("full_name", &value)], &mut SystemRandom::new()).unwrap();
    let leaf = policy.leaves.iter().position(|group| group == release.group()).unwrap();
    let key = session.secret(release.group()).unwrap().share_key("identity", leaf, release.group()).unwrap();
    let share = forged.at(&place).open_share(leaf, &key).unwrap();
    let forged_bytes = cbor::bytes(|w| forged.encode(w));
    let forged_share = vec![OpenShare { envelope: forged.id, leaf, share }];
    vault.leave().unwrap();

    let true_bytes = honest.carried.as_ref().unwrap().envelopes[0].1.0.clone();
    let true_shares = release.open(&ani.decryption).unwrap();
    let dir = world.vault_dir();
    let (again, shares_again) = (true_bytes.clone(), release.open(&ani.decryption).unwrap());
    // By another schema, the same is shown as something else, or not at all.
    let schema = honest.carried.as_ref().unwrap().schema.clone();
    let other_schema = schema.replace("\"Full name\"", "\"Name of the father\"");
    assert_ne!(schema, other_schema);
    let cases = [
        (named.envelope, true_bytes, true_shares, &schema, true),
        (forged.id, forged_bytes, forged_share, &schema, false),
        (named.envelope, again, shares_again, &other_schema, false),
    ];
    for (number, (envelope, bytes, shares, schema, written)) in cases.into_iter().enumerate() {
        let mut carried = honest.carried.clone().unwrap();
        carried.envelopes[0].1 = Bytes(bytes);
        carried.schema.clone_from(schema);
        let given = Given {
            group: release.group(),
            seen: release.seen(),
            envelopes: vec![Named { envelope, ..named.clone() }],
            shares: &shares,
            carries: Some(carried.digest()),
        };
        let signing = world.identity(REGISTRY).signing;
        let made =
            Release::make(&charter, &request, (REGISTRY, &signing), given, Timestamp::now(), &mut SystemRandom::new())
                .unwrap();
        let mut payloads = forge::payloads(&dir);
        let last = payloads.last_mut().unwrap();
        let item = ReleaseItem { note: made.to_bytes(), shares: made.shares().to_vec() };
        *last.items.last_mut().unwrap() = Kept::Live(Item::Release(item).encode().into());
        let digest = last.digest(&id);
        forge::write_payloads(&dir, &payloads);
        forge::resign(&dir, entry, &digest, &world.identity(REGISTRY));
        // Nobody at the centre remembers what was there before.
        let options = Options { state: state(&number.to_string()), ..world.options() };
        let mut vault = Vault::open(&dir, &options).unwrap();
        let mut siti = vault.admit(world.identity(REGISTRY)).unwrap();
        vault.checkpoint(&mut siti).unwrap();
        let mut file = AnswerFile::new(&request, &Answer::Release(Box::new(made)));
        file.entry = Some(String::from_utf8(vault.prove(entry).unwrap().to_bytes()).unwrap());
        file.carried = Some(carried);
        file.written.clone_from(&honest.written);
        for written in &mut file.written {
            let writer = Line::parse(written.line.as_bytes()).unwrap().entry().seq;
            written.proof = to_bytes(&vault.prove(writer).unwrap().hashes);
        }
        vault.leave().unwrap();
        let file = AnswerFile::parse(&file.to_bytes()).unwrap();
        // Who has not seen the other ledgers.
        match overseer(&format!("after-{number}")).open(&ani, &[file], Timestamp::now()) {
            Ok(opened) => assert!(written && name(&opened.shown) == "Nama Contoh"),
            Err(error) => assert_eq!((error.code(), written), ("release-not-written", false), "{error}"),
        }
    }
}

/// The head asks an overseer without a vault, with a program of their own, and enters the request:
/// for what another record holds, under the name of the one that the ledger is told of; with an entry
/// that tells of another class; with the entry of another request.
#[test]
fn a_dishonest_head_asks_an_overseer_for_something_else_than_the_ledger_says() {
    let world = World::new();
    let (mut vault, mut siti, [_, told]) = scene(&world);
    let child = draft(vault.schema(), "child", &[("child_code", "A-2"), ("full_name", "Nama Lain")]);
    let of = Some(vault.create_record(&mut siti, CARE, "child", &child).unwrap().record);
    let mut intake = draft(vault.schema(), "intake", &[("intake_date", "2026-02-05"), ("referrer", "Lain")]);
    intake.of = of;
    let other = vault.create_record(&mut siti, CARE, "intake", &intake).unwrap().record;
    let mut head = vault.admit(world.identity(HEAD)).unwrap();
    let (classes, group) = (["sealed".to_owned()], ["kpai/reviewers".to_owned()]);
    let mut ask = |record: Id| {
        let ask = Ask { records: &[record], classes: &classes, fields: &[], until: until() };
        let request = vault.make_request(&mut head, WHY, &ask).unwrap();
        let file = vault.send_request(&mut head, &request.id(), &group, Some(0)).unwrap();
        (request, file.kits)
    };
    let (wanted, wanted_kits) = ask(other);
    let (honest, kits) = ask(told);
    let (entry, charter, chain) = (vault.size() - 1, vault.charter().clone(), vault.chain());
    vault.leave().unwrap();

    let crafted = |change: &dyn Fn(&mut Asked)| {
        let reason = seal(&charter.group(&group[0]).unwrap().recipient, "sebab", &mut SystemRandom::new()).unwrap();
        let mut asked = Asked {
            purpose: honest.purpose().to_owned(),
            until: honest.until(),
            seen: honest.seen(),
            records: honest.records().to_vec(),
            classes: honest.classes().to_vec(),
            fields: Vec::new(),
            envelopes: honest.envelopes().to_vec(),
            reason: vec![(group[0].clone(), reason)],
        };
        change(&mut asked);
        Request::make(&charter, (HEAD, &world.identity(HEAD).signing), asked, Timestamp::now()).unwrap()
    };
    let misnamed = crafted(&|asked| asked.envelopes[0].envelope = wanted.envelopes()[0].envelope);
    let soon = honest.until().yesterday().unwrap();
    let later = crafted(&|asked| asked.until = soon);
    let silent = crafted(&|asked| asked.reason.clear());
    // What nobody can read is no reason: something else, for others, or blank.
    let gibberish = crafted(&|asked| asked.reason[0].1 = "aW50YWtl".to_owned());
    let own = &charter.group("handayani/head").unwrap().recipient;
    let others = crafted(&|asked| asked.reason[0].1 = seal(own, "sebab", &mut SystemRandom::new()).unwrap());
    let to = &charter.group(&group[0]).unwrap().recipient;
    let blank = crafted(&|asked| asked.reason[0].1 = seal(to, " ", &mut SystemRandom::new()).unwrap());
    let far = crafted(&|asked| asked.until = honest.until().checked_add(jiff::Span::new().years(9)).unwrap());
    let nobody = "administrative";
    let cases = [
        // What is asked for, what is entered, the class that the ledger is told of, and what becomes of it.
        (&misnamed, &misnamed, "sealed", &wanted_kits, Err("release-altered"), Ok(())),
        (&honest, &honest, nobody, &kits, Err("release-not-entered"), Err("vault-bad-entry")),
        (&later, &honest, "sealed", &kits, Err("release-not-entered"), Ok(())),
        (&silent, &silent, "sealed", &kits, Err("release-no-reason"), Ok(())),
        (&gibberish, &gibberish, "sealed", &kits, Err("release-no-reason"), Ok(())),
        (&others, &others, "sealed", &kits, Err("release-no-reason"), Ok(())),
        (&blank, &blank, "sealed", &kits, Err("release-no-reason"), Ok(())),
        (&far, &far, "sealed", &kits, Err("release-bad-day"), Ok(())),
        (&later, &later, "sealed", &kits, Ok(()), Ok(())),
    ];
    for (number, (request, entered, class, kits, answered, verified)) in cases.into_iter().enumerate() {
        let path = |name: &str| world.path().join(format!("{name}-{number}"));
        let dir = path("vault");
        faults::copy(&world.vault_dir(), &dir);
        let mut payloads = forge::payloads(&dir);
        let last = payloads.last_mut().unwrap();
        let was = Kept::Live(Item::Request(honest.to_bytes()).encode().into());
        let place = last.items.iter_mut().find(|item| **item == was).unwrap();
        *place = Kept::Live(Item::Request(entered.to_bytes()).encode().into());
        let (digest, items) = (last.digest(wanted.vault()), last.items.iter().flat_map(Kept::digest).collect());
        forge::write_payloads(&dir, &payloads);
        forge::resign_as(&dir, entry, &digest, &world.identity(HEAD), |draft| {
            let fields = draft.subjects[0].fields.remove("sealed").unwrap();
            draft.subjects[0].fields.insert(class.to_owned(), fields);
        });
        let options = Options { state: path("state"), ..world.options() };
        let found = verify(&dir, &options);
        assert_eq!(found.as_ref().map(|_| ()).map_err(|error| error.code()), verified, "{number} {found:?}");
        let mut vault = Vault::open(&dir, &options).unwrap();
        let mut head = vault.admit(world.identity(HEAD)).unwrap();
        vault.checkpoint(&mut head).unwrap();
        let mut file = RequestFile::new(request);
        file.entry = Some(String::from_utf8(vault.prove(entry).unwrap().to_bytes()).unwrap());
        file.items = Some(Bytes(items));
        file.kits.clone_from(kits);
        vault.leave().unwrap();
        let file = RequestFile::parse(&file.to_bytes()).unwrap();
        Outside::trust(&path("overseer"), &chain).unwrap();
        let overseer = Outside::load(&path("overseer"), wanted.vault()).unwrap();
        let answer = overseer.approve(&world.identity(KPAI), &file, None, Timestamp::now());
        assert_eq!(answer.map(|_| ()).map_err(|error| error.code()), answered, "{number}");
    }
}

/// Who takes a statement in says whose it is.
#[test]
fn an_admitted_statement_is_nobody_elses() {
    let world = World::new();
    let (mut vault, mut siti, [child, _]) = scene(&world);
    let mut ani = vault.admit(world.identity(KPAI)).unwrap();
    let access = Access { purpose: Some("oversight"), reason: Some("Pengaduan 7") };
    let until = vault.today().checked_add(7.days()).unwrap();
    let asked = Ask { records: &[child], classes: &[], fields: &[], until };
    let to = ["ombudsman/reviewers".to_owned()];
    let (request, file) = vault.request_aside(&mut ani, access, &asked, &to, None).unwrap();
    Outside::trust(&world.path().join("overseer"), &vault.chain()).unwrap();
    let overseer = Outside::load(&world.path().join("overseer"), vault.id()).unwrap();
    let answer = overseer.approve(&world.identity(OMBUDSMAN), &file, None, Timestamp::now()).unwrap();
    let Answer::Release(release) = answer.answer().unwrap() else { panic!("not a release") };
    let mut statement = None;
    let mut keep = |file: &StatementFile| {
        statement = Some(file.clone());
        Ok(())
    };
    vault.open_aside(&mut ani, &request, &[*release], &mut keep).unwrap();
    let entry = vault.admit_statement(&mut siti, &statement.unwrap()).unwrap();
    assert_eq!(vault.line(entry).unwrap().entry().detail.as_deref(), Some(KPAI));
    vault.close(&mut siti).unwrap();
    let digest = forge::payloads(&world.vault_dir()).last().unwrap().digest(request.vault());
    for (detail, fits) in [(Some(KPAI), true), (Some(OMBUDSMAN), false), (None, false)] {
        let dir = world.path().join(format!("vault-{}", detail.unwrap_or("none").replace('/', "-")));
        faults::copy(&world.vault_dir(), &dir);
        forge::resign_as(&dir, entry, &digest, &world.identity(REGISTRY), |draft| {
            draft.detail = detail.map(ToOwned::to_owned);
        });
        let found = verify(&dir, &Options { state: dir.with_extension("state"), ..world.options() });
        assert_eq!(found.map(|_| ()).map_err(|error| error.code()), if fits { Ok(()) } else { Err("vault-bad-entry") });
    }
}

/// However they come, and whoever is slower of two commands at once: the older checkpoint never takes
/// the place of the newer one, and of two ledgers of one size one is refused.
#[test]
fn an_overseer_remembers_the_newest_checkpoint_of_all_answers() {
    let world = World::new();
    let (mut vault, mut siti, [child, _]) = scene(&world);
    let (id, ani) = (*vault.id(), world.identity(KPAI));
    let state = world.path().join("overseer");
    Outside::trust(&state, &vault.chain()).unwrap();
    let load = || Outside::load(&state, &id).unwrap();
    let classes = ["identity".to_owned()];
    let request = load().ask(&ani, &wish(&[child], &classes), Timestamp::now()).unwrap();
    let answer = |vault: &mut Vault, actor: &mut Actor| {
        let (entry, release) = vault.approve(actor, &request, None).unwrap();
        vault.send_answer(actor, &request, entry, &Answer::Release(Box::new(release)), None).unwrap()
    };
    let older = answer(&mut vault, &mut siti);
    vault.close(&mut siti).unwrap();
    // A second ledger goes on from there.
    let copy = world.path().join("copy");
    faults::copy(&world.vault_dir(), &copy);
    let and_then = |dir: &Path, name: &str| {
        let options = Options { state: world.path().join(name), ..world.options() };
        let mut vault = Vault::open(dir, &options).unwrap();
        let mut head = vault.admit(world.identity(HEAD)).unwrap();
        let answer = answer(&mut vault, &mut head);
        vault.close(&mut head).unwrap();
        answer
    };
    let (newer, forked) = (and_then(&world.vault_dir(), "one"), and_then(&copy, "other"));
    let size = |file: &AnswerFile| ProofFile::parse(file.entry.as_ref().unwrap().as_bytes()).unwrap().head.tree().size;
    assert!(size(&older) < size(&newer) && size(&newer) == size(&forked));
    let open = |overseer: &Outside, files: &[&AnswerFile]| {
        let files: Vec<AnswerFile> = files.iter().map(|file| (*file).clone()).collect();
        overseer.open(&ani, &files, Timestamp::now()).map(|_| ()).map_err(|error| error.code())
    };
    assert_eq!(open(&load(), &[&newer, &forked]), Err("vault-forked"));
    let (slow, quick) = (load(), load());
    assert_eq!((slow.seen(), open(&quick, &[&newer, &older])), (0, Ok(())));
    assert_eq!(load().seen(), size(&newer));
    assert_eq!(open(&slow, &[&older]), Ok(()));
    assert_eq!(load().seen(), size(&newer));
    assert_eq!(open(&slow, &[&forked]), Err("vault-forked"));
}

fn name(shown: &[Shown]) -> String {
    match &shown[0].cells.iter().find(|cell| &*cell.field == "full_name").unwrap().content {
        Revealed::Value(value) => value.to_json().as_str().unwrap().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_oversight_body() {
    for member in [KPAI, OMBUDSMAN, ITJEN] {
        open(&[member], &[]);
    }
}

#[test]
fn two_oversight_bodies() {
    open(&[KPAI, OMBUDSMAN], &CLASSES);
    // One that stands in no quorum adds nothing.
    open(&[KPAI, ITJEN], &[]);
}

#[test]
fn a_coerced_custodian() {
    // The officer who wrote a sealed field is forced to open it, and cannot; nor with the clinician.
    open(&[REGISTRY, CLINICAL], &["administrative", "identity", "personal", "sensitive"]);
}

#[test]
fn the_head_with_one_overseer() {
    open(&[HEAD, KPAI], &CLASSES);
}

#[test]
fn somebody_whom_the_charter_does_not_know() {
    let world = World::new();
    let (vault, mut siti, _) = scene(&world);
    let mut random = SystemRandom::new();
    for (name, code) in [("kpai/eve", "vault-not-a-member"), ("kpai/ani", "vault-other-keys")] {
        let eve = Identity::generate(name, &mut random).unwrap();
        assert_eq!(vault.admit(eve).unwrap_err().code(), code);
    }
    vault.close(&mut siti).unwrap();
}

/// `cargo test --release --test attackers thousand -- --nocapture` prints the figures.
#[test]
fn a_thousand_envelopes_are_released_and_opened_at_once() {
    let world = World::new();
    let (mut vault, mut siti, [child, _]) = scene(&world);
    let one = |number: usize| {
        let date = format!("20{:02}-01-05", number % 20);
        let mut draft = draft(vault.schema(), "intake", &[("intake_date", &date), ("referrer", "Rahasia")]);
        draft.of = Some(child);
        draft
    };
    let drafts: Vec<_> = (0..500).map(one).collect();
    let written = vault.import_records(&mut siti, CARE, "intake", &drafts, &Unwatched).unwrap();
    let records: Vec<Id> = written.iter().map(|one| one.record).collect();
    let (mut ani, mut yusuf) =
        (vault.admit(world.identity(KPAI)).unwrap(), vault.admit(world.identity(OMBUDSMAN)).unwrap());
    let classes = ["personal".to_owned(), "sealed".to_owned()];
    let ask = Ask { records: &records, classes: &classes, fields: &[], until: until() };
    let request = vault.make_request(&mut ani, WHY, &ask).unwrap();
    assert_eq!(request.envelopes().len(), 1_000);
    let start = Instant::now();
    let (_, release) = vault.approve(&mut yusuf, &request, None).unwrap();
    let released = start.elapsed();
    // All shares are in one age file to one recipient: one operation with a private key opens them.
    let text = String::from_utf8_lossy(release.shares()).into_owned();
    assert_eq!(text.matches("-> X25519 ").count() + text.matches("-> mlkem768x25519 ").count(), 1);
    let start = Instant::now();
    let shown = vault.open_released(&mut ani, &request.id(), &[]).unwrap();
    let opened = start.elapsed();
    assert_eq!(shown.len(), 500);
    println!("1,000 envelopes: released in {released:?}, opened in {opened:?}");
    vault.close(&mut siti).unwrap();
}
