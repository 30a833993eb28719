//! Where nothing can be entered in the ledger, nothing is shown.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod common;

use std::fs;

use amanah::{
    problem::{Kind, Problem as _},
    vault::{Vault, VaultError, verify},
};
use common::{
    CARE, REGISTRY, World,
    faults::{Mount, child, copy, mark, options, skip},
};

/// A closed vault with one child.
fn scene() -> (World, amanah::id::Id) {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let draft = child(&vault, "A", "a");
    let record = vault.create_record(&mut siti, CARE, "child", &draft).unwrap().record;
    vault.close(&mut siti).unwrap();
    (world, record)
}

fn assert_storage<T>(result: Result<T, VaultError>) {
    match result {
        Ok(_) => panic!("it went on"),
        Err(error) => assert_eq!(error.kind(), Kind::Storage, "{error}"),
    }
}

#[test]
fn a_vault_on_a_medium_that_becomes_read_only_shows_nothing() {
    let (world, record) = scene();
    let at = world.path().join("medium");
    let mount = match Mount::tmpfs(&at, 32 << 20) {
        Ok(mount) => mount,
        Err(why) => return skip("a_vault_on_a_medium_that_becomes_read_only_shows_nothing", &why),
    };
    let dir = at.join("vault");
    copy(&world.vault_dir(), &dir);
    let options = world.options();
    let mut vault = Vault::open(&dir, &options).unwrap();
    let mut siti = vault.admit(world.identity(REGISTRY)).unwrap();
    assert_eq!(mark(&vault.read_record(&mut siti, CARE, &record, None, None).unwrap()), "a");
    let size = vault.size();

    // The kernel does not remount while a file is open for writing: an open vault meets a ledger
    // that cannot be written in the two tests below.
    drop(vault);
    mount.remount("ro").unwrap();
    assert_storage(Vault::open(&dir, &options));
    // Verifying needs no writing, and still can.
    assert_eq!(verify(&dir, &options).unwrap().entries, size);

    mount.remount("rw").unwrap();
    let mut vault = Vault::open(&dir, &options).unwrap();
    assert_eq!(mark(&vault.read_record(&mut siti, CARE, &record, None, None).unwrap()), "a");
    vault.close(&mut siti).unwrap();
    assert_eq!(verify(&dir, &options).unwrap().entries, size + 1);
}

#[test]
fn a_vault_bound_read_only_is_refused_and_verified() {
    let (world, _) = scene();
    let at = world.path().join("bound");
    let _mount = match Mount::read_only(&world.vault_dir(), &at) {
        Ok(mount) => mount,
        Err(why) => return skip("a_vault_bound_read_only_is_refused_and_verified", &why),
    };
    assert_storage(Vault::open(&at, &world.options()));
    assert_eq!(verify(&at, &world.options()).unwrap().versions, 1);
}

/// What is appended to a removed file is gone when it is closed: no entry, and so no value.
#[test]
fn a_ledger_that_vanishes_under_an_open_vault_shows_nothing() {
    for folder in ["ledger", ""] {
        let (world, record) = scene();
        let (mut vault, mut siti) = world.open(REGISTRY);
        fs::remove_dir_all(world.vault_dir().join(folder)).unwrap();
        assert_storage(vault.read_record(&mut siti, CARE, &record, None, None));
        // And nothing more, whatever is asked.
        match vault.read_record(&mut siti, CARE, &record, None, None) {
            Err(VaultError::Stopped) => {}
            // Without the journal it does not come to writing an entry.
            again => assert_storage(again),
        }
        let draft = child(&vault, "B", "b");
        assert!(vault.create_record(&mut siti, CARE, "child", &draft).is_err());
        assert!(vault.history(&mut siti, CARE, &record).is_err());
    }
}

#[test]
fn a_ledger_on_a_full_disk_shows_nothing() {
    let (world, record) = scene();
    let dir = world.vault_dir();
    let aside = world.path().join("aside");
    copy(&dir.join("ledger"), &aside);
    let _mount = match Mount::tmpfs(&dir.join("ledger"), 64 << 10) {
        Ok(mount) => mount,
        Err(why) => return skip("a_ledger_on_a_full_disk_shows_nothing", &why),
    };
    copy_into(&aside, &dir.join("ledger"));
    let (mut vault, mut siti) = world.open(REGISTRY);
    let mut shown = 0;
    let error = loop {
        match vault.read_record(&mut siti, CARE, &record, None, None) {
            Ok(_) => shown += 1,
            Err(error) => break error,
        }
        assert!(shown < 1000);
    };
    assert_eq!(error.kind(), Kind::Storage, "{error}");
    drop(vault);
    // Each value that was shown has its entry: the founding, the child, and every read.
    assert_eq!(verify(&dir, &world.options()).unwrap().entries, 2 + shown);
}

fn copy_into(from: &std::path::Path, to: &std::path::Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn a_missing_part_is_named_and_nothing_is_made_in_its_place() {
    for (part, code) in [("ledger", "ledger-io"), ("journal", "store-io"), ("vault.json", "vault-none")] {
        let (world, _) = scene();
        let path = world.vault_dir().join(part);
        if path.is_dir() {
            fs::remove_dir_all(&path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        let opened = Vault::open(&world.vault_dir(), &world.options());
        let error = opened.err().unwrap_or_else(|| panic!("opened without {part}"));
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(part) || part == "vault.json", "{error}");
        let verified = verify(&world.vault_dir(), &world.options()).unwrap_err();
        assert_eq!(verified.code(), code, "{verified}");
        assert!(!path.exists());
    }
}

#[test]
fn a_state_folder_that_cannot_be_read_is_not_taken_for_a_vault_never_seen() {
    let (world, _) = scene();
    let state = world.path().join("state");
    let memory = fs::read_dir(&state).unwrap().next().unwrap().unwrap().path().join("checkpoint");
    fs::remove_file(&memory).unwrap();
    fs::create_dir(&memory).unwrap();
    assert_storage(Vault::open(&world.vault_dir(), &options(&state)));
}
