//! A store whose charter somebody exchanged: what is written next must not be sealed for them.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use amanah::{
    crypto::age_wrap::DecryptionKey,
    custody::Charter,
    records::template,
    store::{Batch, Kv as _, sled::SledStore},
    vault::rows,
};
use common::{REGISTRY, World};

/// Puts another key in the place of the registry's, as somebody can who has the folder and no key.
fn exchange_a_key(world: &World) {
    let store = SledStore::open(&world.vault_dir().join("store")).unwrap();
    let note = store.get(&rows::charter(1)).unwrap().unwrap();
    let charter = Charter::parse(&note).unwrap();
    let registry = charter.group("handayani/registry").unwrap().recipient.to_string();
    let theirs = DecryptionKey::generate().recipient().unwrap().to_string();
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
