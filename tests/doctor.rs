//! `amanah doctor`, `rebuild` and `compact`.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use cmd::{by, run, tree};
use common::{REGISTRY, World};
use serde_json::Value as Json;

/// What the doctor says of a check: level, and how often it looked.
fn level(world: &World, check: &str) -> (String, i32) {
    let ran = run(&mut by(world, REGISTRY), "doctor --json");
    let found: Json = serde_json::from_str(ran.out.lines().next().unwrap()).unwrap();
    let found = found.as_array().unwrap();
    for finding in found {
        let good = finding["level"] == "good";
        assert_eq!(finding["do"].is_null(), good, "{finding}: what to do is told where there is something");
    }
    let worst = found.iter().filter(|one| one["check"] == check).map(|one| one["level"].as_str().unwrap()).max();
    (worst.unwrap_or("none").to_owned(), ran.code)
}

fn world() -> World {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    let record = "record add child child_code=A-1 full_name=Sari -p care";
    run(&mut by(&world, REGISTRY), record).ok();
    world
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_is_wrong_is_found_and_nothing_is_changed() {
    let world = world();
    let ledger = world.path().join("vault/ledger/000001.jsonl");
    let before = fs::read(&ledger).unwrap();
    for check in ["core-dumps", "store", "lock", "version", "backup", "rotation", "free-space"] {
        assert_eq!(level(&world, check).0, "good", "{check}");
    }
    // In the ready charter no witness is named, and nobody has a key on paper.
    assert_eq!(level(&world, "witness"), ("warning".to_owned(), 5));
    assert_eq!(level(&world, "recovery").0, "warning");
    assert_eq!(level(&world, "permissions").0, "good");
    mode(&ledger, 0o644);
    assert_eq!(level(&world, "permissions").0, "warning");
    mode(&ledger, 0o600);
    mode(&world.path().join(cmd::key(REGISTRY)), 0o640);
    assert_eq!(level(&world, "identity").0, "warning");

    let lock = fs::File::open(world.path().join("vault/lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(level(&world, "lock").0, "warning");
    drop(lock);
    // A store that a crash has left open is told, before it is made anew.
    fs::write(world.path().join("vault/store/DIRTY"), "").unwrap();
    assert_eq!(level(&world, "store").0, "warning");
    assert_eq!(level(&world, "store").0, "good");

    assert_eq!(fs::read(&ledger).unwrap(), before, "it looks and enters nothing");
    let mut damaged = before.clone();
    let at = damaged.len() / 2;
    damaged[at] ^= 1;
    fs::write(&ledger, &damaged).unwrap();
    assert_eq!(level(&world, "store"), ("bad".to_owned(), 7));
    let text = run(&mut by(&world, REGISTRY), "doctor --lang id");
    assert!(text.out.contains("petunjuk"), "{}", text.out);
}

#[test]
fn the_store_is_made_anew_and_small_without_loss() {
    let world = world();
    let list = || run(&mut by(&world, REGISTRY), "record list child -p care --json").json();
    let before = list();
    fs::write(world.path().join("vault/store/db"), "no database").unwrap();
    let made = run(&mut by(&world, REGISTRY), "rebuild --json").json();
    assert_eq!(made["entries"], cmd::entries(&world).len());
    assert_eq!(list(), before);
    let kept = |folder: &str| tree(&world.path().join("vault").join(folder));
    let (ledger, journal) = (kept("ledger"), kept("journal"));
    let done = run(&mut by(&world, REGISTRY), "compact --json").json();
    assert!(done["after"].as_u64().unwrap() <= done["before"].as_u64().unwrap(), "{done}");
    assert!(kept("ledger") == ledger && kept("journal") == journal);
    assert!(!world.path().join("vault/store.new").exists());
    // Interrupted, it leaves a copy of rows behind: the next command takes it away.
    fs::create_dir(world.path().join("vault/store.new")).unwrap();
    fs::write(world.path().join("vault/store.new/db"), "rows").unwrap();
    run(&mut by(&world, REGISTRY), "recovery status").ok();
    assert!(!world.path().join("vault/store.new").exists());
    let said = run(&mut by(&world, REGISTRY), "audit verify --json").json();
    assert!(said["store_rows"].is_u64(), "the small store is trusted as it is: {said}");
    assert_eq!(list(), before);
}
