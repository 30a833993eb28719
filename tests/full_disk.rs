//! The disk is full, at every point of a write: before the journal, in it, in the ledger, in the
//! store. The writer is told; afterwards there is what was acknowledged, and nothing else.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod common;

use std::{collections::BTreeMap, fs, io::Write as _, path::Path};

use amanah::{
    problem::{Kind, Problem as _},
    vault::{Vault, VaultError, verify},
};
use common::{
    CARE, HEAD, REGISTRY, World,
    faults::{Mount, child, children, copy, options, skip},
};

/// tmpfs gives space in pages.
const PAGE: u64 = 4096;

/// Takes all space of a file system but so many pages.
fn fill(at: &Path, leave: u64) -> std::path::PathBuf {
    let path = at.join("filler");
    let mut file = fs::File::create(&path).unwrap();
    while file.write_all(&[0; PAGE as usize]).is_ok() {}
    let length = file.metadata().unwrap().len();
    file.set_len((length / PAGE).saturating_sub(leave) * PAGE).unwrap();
    path
}

/// What happened at each amount of space that was left.
#[derive(Debug, Default)]
struct Tally {
    acknowledged: u64,
    refused: BTreeMap<&'static str, u64>,
}

/// Writes with less and less space in `at`, which is where one part of the vault is, until nothing
/// fits; after each failure frees the space and looks at what is there. So many records are written
/// `before` the space is taken.
fn squeeze(world: &World, dir: &Path, at: &Path, pages: u64, before: u64) -> Tally {
    let options = options(&world.path().join("state"));
    let mut tally = Tally::default();
    let mut promised = BTreeMap::new();
    for leave in 0..pages {
        let mut vault = Vault::open(dir, &options).unwrap();
        let mut siti = vault.admit(world.identity(REGISTRY)).unwrap();
        for number in 0..before {
            let code = format!("{leave}-before-{number}");
            let draft = child(&vault, &code, &code);
            vault.create_record(&mut siti, CARE, "child", &draft).unwrap();
            promised.insert(code.clone(), (1, code));
        }
        let filler = fill(at, leave);
        // The space is used up by the first write or by the tenth.
        let mut refused = None;
        for round in 0..10 {
            let code = format!("{leave}-{round}");
            let draft = child(&vault, &code, &code);
            match vault.create_record(&mut siti, CARE, "child", &draft) {
                Ok(_) => {
                    tally.acknowledged += 1;
                    promised.insert(code.clone(), (1, code));
                }
                Err(error) => {
                    assert_eq!(error.kind(), Kind::Storage, "{error}");
                    // This one says itself that the record is safe.
                    if let VaultError::StoreBehind { .. } = error {
                        promised.insert(code.clone(), (1, code));
                    }
                    refused = Some(error);
                    break;
                }
            }
        }
        match &refused {
            Some(error) => {
                *tally.refused.entry(error.code()).or_default() += 1;
                let draft = child(&vault, "after", "after");
                let again = vault.create_record(&mut siti, CARE, "child", &draft).unwrap_err();
                // Stopped, or the store itself is: it failed while something was looked up in it, before
                // anything was written.
                assert!(matches!(again, VaultError::Stopped | VaultError::Store(_)), "{again}");
                drop(vault);
            }
            // Closing writes too; it may fail, and nothing may be lost by it.
            None => {
                if let Err(error) = vault.close(&mut siti) {
                    assert_eq!(error.kind(), Kind::Storage, "{error}");
                    *tally.refused.entry("on closing").or_default() += 1;
                }
            }
        }
        // Opening on a full disk may be refused, with the same word; it must break nothing.
        if let Err(error) = Vault::open(dir, &options) {
            assert_eq!(error.kind(), Kind::Storage, "{error}");
            *tally.refused.entry("on opening").or_default() += 1;
        }
        fs::remove_file(filler).unwrap();
        verify(dir, &options).unwrap();
        let mut vault = Vault::open(dir, &options).unwrap();
        let mut ratna = vault.admit(world.identity(HEAD)).unwrap();
        assert_eq!(children(&mut vault, &mut ratna).unwrap(), promised, "{leave} pages left, {refused:?}");
        vault.close(&mut ratna).unwrap();
        verify(dir, &options).unwrap();
    }
    println!("{}: {tally:?}", at.display());
    tally
}

fn run(test: &str, part: Option<&str>, size: u64, pages: u64, before: u64) -> Option<Tally> {
    let world = World::new();
    let (vault, mut siti) = world.found();
    vault.close(&mut siti).unwrap();
    let at = part.map_or_else(|| world.path().join("small"), |part| world.vault_dir().join(part));
    let aside = world.path().join("aside");
    copy(&part.map_or_else(|| world.vault_dir(), |_| at.clone()), &aside);
    let _mount = match Mount::tmpfs(&at, size) {
        Ok(mount) => mount,
        Err(why) => {
            skip(test, &why);
            return None;
        }
    };
    let dir = part.map_or_else(|| at.join("vault"), |_| world.vault_dir());
    match part {
        None => copy(&aside, &dir),
        Some(_) => {
            for entry in fs::read_dir(&aside).unwrap() {
                let path = entry.unwrap().path();
                let target = at.join(path.file_name().unwrap());
                if path.is_dir() {
                    copy(&path, &target);
                } else {
                    fs::copy(&path, &target).unwrap();
                }
            }
        }
    }
    Some(squeeze(&world, &dir, &at, pages, before))
}

#[test]
fn a_full_journal() {
    let Some(tally) = run("a_full_journal", Some("journal"), 1 << 20, 12, 0) else { return };
    assert!(tally.refused["store-io"] >= 1 && tally.acknowledged > 0, "{tally:?}");
}

#[test]
fn a_full_ledger() {
    let Some(tally) = run("a_full_ledger", Some("ledger"), 512 << 10, 8, 0) else { return };
    assert!(tally.refused["ledger-io"] >= 1 && tally.acknowledged > 0, "{tally:?}");
}

#[test]
fn a_full_disk() {
    let Some(tally) = run("a_full_disk", None, 32 << 20, 24, 0) else { return };
    assert!(tally.refused.len() >= 2 && tally.acknowledged > 0, "{tally:?}");
}

/// Where there is plenty of space the journal makes room behind its end, and writes it full when there
/// is none any more.
#[test]
fn a_full_journal_with_room() {
    let Some(tally) = run("a_full_journal_with_room", Some("journal"), 80 << 20, 3, 3) else { return };
    assert!(tally.refused.is_empty() && tally.acknowledged == 30, "{tally:?}");
}

#[test]
fn a_full_disk_with_room() {
    let Some(tally) = run("a_full_disk_with_room", None, 112 << 20, 8, 3) else { return };
    assert!(!tally.refused.is_empty() && tally.acknowledged > 0, "{tally:?}");
}
