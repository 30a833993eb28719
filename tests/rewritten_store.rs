//! A store in which somebody exchanged something: what is written next must not be sealed for them,
//! nor be lost, and what does not open is told.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use amanah::{
    crypto::age_wrap::DecryptionKey,
    custody::Charter,
    id::Id,
    ledger::Outcome,
    problem::Problem as _,
    records::template,
    store::{Batch, Kv as _, sled::SledStore},
    vault::{
        Unwatched, Vault, VaultError,
        item::{Item, SessionItem},
        rows,
    },
};
use common::{CARE, CLINICAL, REGISTRY, World, draft};

/// Puts another key in the place of the registry's, as somebody can who has the folder and no key.
fn exchange_a_key(world: &World) {
    let store = SledStore::open(&world.vault_dir().join("store")).unwrap();
    let note = store.get(&rows::charter(1)).unwrap().unwrap();
    let charter = Charter::parse(&note).unwrap();
    let registry = charter.group("handayani/registry").unwrap().recipient.to_string();
    let theirs = DecryptionKey::generate().unwrap().recipient().unwrap().to_string();
    let forged = String::from_utf8(note).unwrap().replace(&registry, &theirs);
    let mut batch = Batch::default();
    batch.insert(rows::charter(1), forged.as_bytes());
    store.apply(batch).unwrap();
    store.close().unwrap();
}

#[test]
fn an_exchanged_charter_is_not_used() {
    let world = World::new();
    let (vault, mut siti) = world.found();
    let digest = vault.charter().digest();
    vault.close(&mut siti).unwrap();
    exchange_a_key(&world);
    let (vault, mut siti) = world.open(REGISTRY);
    assert!(vault.was_rebuilt());
    assert_eq!(vault.charter().digest(), digest);
    vault.close(&mut siti).unwrap();
    let (vault, _) = world.open(REGISTRY);
    assert!(!vault.was_rebuilt());
}

#[test]
fn an_amended_schema_is_remembered() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let text = template::sentra().text().replace("\nversion = 1\n", "\nversion = 2\n");
    let second = amanah::records::schema::Schema::parse(&text).unwrap();
    vault.amend_schema(&mut siti, &second).unwrap();
    vault.close(&mut siti).unwrap();
    let (vault, _) = world.open(REGISTRY);
    assert_eq!((vault.schema().version(), vault.was_rebuilt()), (2, false));
}

#[test]
fn a_ledger_cut_short_under_a_whole_store_is_noticed() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let schema = vault.schema().clone();
    let child = draft(&schema, "child", &[("child_code", "A-1"), ("full_name", "Contoh Anak")]);
    vault.create_record(&mut siti, CARE, "child", &child).unwrap();
    vault.close(&mut siti).unwrap();
    let path = world.vault_dir().join("ledger/000001.jsonl");
    let ledger = std::fs::read_to_string(&path).unwrap();
    let (first, _) = ledger.split_once('\n').unwrap();
    std::fs::write(&path, format!("{first}\n")).unwrap();
    let error = Vault::open(&world.vault_dir(), &world.options()).unwrap_err();
    assert!(matches!(error, VaultError::RolledBack { size: 1, remembered: 2 }), "{error}");
}

/// The sessions that the store has.
fn sessions(world: &World) -> Vec<SessionItem> {
    let store = SledStore::open(&world.vault_dir().join("store")).unwrap();
    let session = |row: Vec<u8>| match Item::decode(&row).unwrap() {
        Item::Session(session) => session,
        other => panic!("{other:?}"),
    };
    let sessions = store.scan(b"s").map(|row| session(row.unwrap().1)).collect();
    store.close().unwrap();
    sessions
}

/// Puts the secrets of one session in the place of another's.
fn exchange_secrets(world: &World, own: &SessionItem, other: &SessionItem) {
    let store = SledStore::open(&world.vault_dir().join("store")).unwrap();
    let wrong = SessionItem { wrapped: other.wrapped.clone(), ..own.clone() };
    let mut batch = Batch::default();
    batch.insert(rows::session(&own.id), Item::Session(wrong).encode());
    store.apply(batch).unwrap();
    store.close().unwrap();
}

/// Two sessions, and a list that goes over both: whose secrets somebody exchanged, the first record
/// that does not open is in the ledger, and no other.
#[test]
fn of_a_list_the_record_that_does_not_open_is_told() {
    const EACH: usize = 60;
    let world = World::new();
    let (vault, mut siti) = world.found();
    vault.close(&mut siti).unwrap();
    let mut records: Vec<Id> = Vec::new();
    for session in 0..2 {
        let (mut vault, mut siti) = world.open(REGISTRY);
        let schema = vault.schema().clone();
        let child = |at: usize| {
            let code = format!("A-{}", session * EACH + at);
            draft(&schema, "child", &[("child_code", &code), ("full_name", "Contoh Anak")])
        };
        let children: Vec<_> = (0..EACH).map(child).collect();
        let written = vault.import_records(&mut siti, CARE, "child", &children, &Unwatched).unwrap();
        records.extend(written.iter().map(|written| written.record));
        vault.close(&mut siti).unwrap();
    }
    let [first, second] = &sessions(&world)[..] else { panic!("not two sessions") };
    let mut failed = Vec::new();
    for (own, other) in [(first, second), (second, first)] {
        exchange_secrets(&world, own, other);
        let (mut vault, mut siti) = world.open(REGISTRY);
        assert!(!vault.was_rebuilt());
        let fields = ["full_name".to_owned()];
        let error = vault.list_records(&mut siti, CARE, &records, &fields, &Unwatched).unwrap_err();
        assert_eq!(error.code(), "crypto-does-not-open");
        let line = vault.line(vault.size() - 1).unwrap();
        let entry = line.entry();
        assert_eq!((entry.outcome, entry.detail.as_deref()), (Outcome::Failed, Some("does-not-open")));
        failed.push(entry.subjects.iter().flat_map(|subject| subject.records.clone()).collect::<Vec<_>>());
        vault.close(&mut siti).unwrap();
        // What was doubted is made anew, with the secrets as they were.
        let (mut vault, mut siti) = world.open(REGISTRY);
        assert!(vault.was_rebuilt());
        assert_eq!(vault.list_records(&mut siti, CARE, &records, &fields, &Unwatched).unwrap().len(), 2 * EACH);
        vault.close(&mut siti).unwrap();
    }
    failed.sort_by_key(|of| of.first() == Some(&records[EACH]));
    assert_eq!(failed, [vec![records[0]], vec![records[EACH]]]);
}

/// What is sealed in a session can be opened by nobody if the session is not in the journal.
#[test]
fn after_a_write_that_failed_nothing_is_sealed_in_the_session_that_it_began() {
    let world = World::new();
    let (vault, mut siti) = world.found();
    vault.close(&mut siti).unwrap();
    let mut records = Vec::new();
    for code in ["A-1", "A-2"] {
        let (mut vault, mut siti) = world.open(REGISTRY);
        let child = draft(vault.schema(), "child", &[("child_code", code), ("full_name", "Contoh Anak")]);
        records.push(vault.create_record(&mut siti, CARE, "child", &child).unwrap().record);
        vault.close(&mut siti).unwrap();
    }
    // The secret of the index is sealed in the first: without it no postings can be written.
    let [one, other] = &sessions(&world)[..] else { panic!("not two sessions") };
    for (own, other) in [(one, other), (other, one)] {
        exchange_secrets(&world, own, other);
    }
    let (mut vault, mut siti) = world.open(REGISTRY);
    let child = draft(vault.schema(), "child", &[("child_code", "A-3"), ("full_name", "Contoh Anak")]);
    let error = vault.create_record(&mut siti, CARE, "child", &child).unwrap_err();
    assert_eq!(error.code(), "crypto-does-not-open");
    // This field is not searched.
    let change = draft(vault.schema(), "child", &[("disability", "none")]);
    vault.update_record(&mut siti, CARE, &records[0], &change).unwrap();
    vault.close(&mut siti).unwrap();
    let (mut vault, mut budi) = world.open(CLINICAL);
    let fields = ["disability".to_owned()];
    let shown = vault.read_record(&mut budi, CARE, &records[0], Some(&fields), None).unwrap();
    assert!(shown.value("disability").is_some());
}
