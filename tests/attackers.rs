//! Who opens what with the keys they can get: one test for each row of the table in
//! `docs/THREATS.md` that is about keys. Each attacker has the folder, and the keys named.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use std::time::Instant;

use amanah::{
    crypto::identity::Identity,
    id::Id,
    problem::Problem as _,
    vault::{Access, Actor, Ask, Unwatched, Vault, verify},
};
use common::{CARE, CLINICAL, HEAD, ITJEN, KPAI, OMBUDSMAN, REGISTRY, World, draft};

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
    let today = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date();
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
    let mut random = amanah::crypto::random::SystemRandom::new();
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
