//! Opening a vault reads what came since the store was last written down, and nothing before it:
//! what it costs does not grow with the ledger. `audit verify` is what reads all.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use std::fs;

use amanah::vault::{Vault, VaultError, verify};
use common::{CARE, REGISTRY, World, draft, faults::copy};

/// Changes the signature of one entry.
fn spoil(world: &World, entry: usize) {
    let path = world.vault_dir().join("ledger/000001.jsonl");
    let mut lines: Vec<String> = fs::read_to_string(&path).unwrap().lines().map(ToOwned::to_owned).collect();
    let at = lines[entry].rfind("\"sig\":\"").unwrap() + "\"sig\":\"".len();
    let other = if lines[entry][at..].starts_with('A') { "B" } else { "A" };
    lines[entry].replace_range(at..=at, other);
    fs::write(&path, lines.join("\n") + "\n").unwrap();
}

#[test]
fn only_the_new_tail_is_read() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let child = draft(vault.schema(), "child", &[("child_code", "A-1"), ("full_name", "Contoh")]);
    let child = vault.create_record(&mut siti, CARE, "child", &child).unwrap().record;
    for _ in 0..30 {
        vault.history(&mut siti, CARE, &child).unwrap();
    }
    let known = usize::try_from(vault.size()).unwrap();
    vault.close(&mut siti).unwrap();
    // Another machine writes on; here the store is as it was.
    let (store, kept) = (world.vault_dir().join("store"), world.path().join("kept"));
    copy(&store, &kept);
    let (mut vault, mut siti) = world.open(REGISTRY);
    for _ in 0..10 {
        vault.history(&mut siti, CARE, &child).unwrap();
    }
    let size = vault.size();
    vault.close(&mut siti).unwrap();
    let before = world.path().join("before");
    copy(&world.vault_dir(), &before);
    let old_store = || {
        fs::remove_dir_all(&store).unwrap();
        copy(&kept, &store);
    };

    old_store();
    spoil(&world, known / 2);
    let (vault, mut siti) = world.open(REGISTRY);
    assert_eq!((vault.size(), vault.was_rebuilt()), (size, false));
    vault.close(&mut siti).unwrap();
    let said = verify(&world.vault_dir(), &world.options()).unwrap_err();
    assert!(matches!(said, VaultError::BadEntry { sequence, .. } if sequence == known as u64 / 2), "{said}");

    fs::remove_dir_all(world.vault_dir()).unwrap();
    copy(&before, &world.vault_dir());
    old_store();
    spoil(&world, known + 5);
    let said = Vault::open(&world.vault_dir(), &world.options()).map(drop).unwrap_err();
    assert!(matches!(said, VaultError::BadEntry { sequence, .. } if sequence == known as u64 + 5), "{said}");
}
