//! A process that writes is killed (SIGKILL) again and again, at any moment: while it opens,
//! rebuilds, writes, edits or closes. What it was told is written is there.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod common;

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    time::{Duration, Instant},
};

use amanah::vault::{Ground, Unwatched, Vault, VaultError, verify};
use common::{
    CARE, HEAD, REGISTRY, World,
    faults::{CHILD, Dice, Promise, again, child, children, identity, options, tell, write_for_ever},
};

/// Vaults, two at a time, and how often the writer of each is killed. Short lives of vaults keep
/// each check fast.
const VAULTS: u64 = 10;
const KILLS: u64 = 21;

#[test]
fn what_was_acknowledged_is_there_after_every_kill() {
    if let Some(world) = std::env::var_os(CHILD) {
        let world = Path::new(&world);
        write_for_ever(&world.join("vault"), &world.join("state"), world, REGISTRY, |_| ());
    }
    let began = Instant::now();
    let workers: Vec<_> = (0..2)
        .map(|worker| {
            std::thread::spawn(move || {
                (0..VAULTS).filter(|vault| vault % 2 == worker).map(|vault| one_vault(Dice(vault + 1))).collect()
            })
        })
        .collect();
    let lives: Vec<Life> = workers.into_iter().flat_map(|worker| -> Vec<Life> { worker.join().unwrap() }).collect();
    let sum = |what: fn(&Life) -> u64| lives.iter().map(what).sum::<u64>();
    println!(
        "{} kills ({} before the writer was ready, {} with a write under way, {} of those written), \
         {} writes acknowledged, none lost, {:.1?}",
        VAULTS * KILLS,
        sum(|life| life.early),
        sum(|life| life.during),
        sum(|life| life.survived),
        sum(|life| life.acknowledged),
        began.elapsed()
    );
    // The kills must have struck where it hurts, or this test shows nothing.
    assert!(sum(|life| life.during) >= 20 && sum(|life| life.acknowledged) >= 200);
}

#[derive(Default)]
struct Life {
    early: u64,
    during: u64,
    survived: u64,
    acknowledged: u64,
}

fn one_vault(mut dice: Dice) -> Life {
    let world = World::new();
    let (vault, mut siti) = world.found();
    vault.close(&mut siti).unwrap();
    let mut promise = Promise::default();
    let mut life = Life::default();
    for _ in 0..KILLS {
        let mut writer = again("what_was_acknowledged_is_there_after_every_kill", world.path());
        let mut lines = BufReader::new(writer.stdout.take().unwrap());
        let early = dice.below(5) == 0;
        let mut told = String::new();
        if !early {
            while !told.ends_with("> ready\n") {
                assert_ne!(lines.read_line(&mut told).unwrap(), 0, "the writer ended by itself: {told}");
            }
        }
        std::thread::sleep(Duration::from_micros(dice.below(150_000)));
        writer.kill().unwrap();
        let status = writer.wait().unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9), "the writer failed by itself");
        lines.read_to_string(&mut told).unwrap();
        told.lines().for_each(|line| promise.take(line));
        life.early += u64::from(!told.contains("> ready"));
        life.during += u64::from(promise.begun.is_some());

        let before = promise.acknowledged.clone();
        let (state, dir) = (world.path().join("state"), world.vault_dir());
        verify(&dir, &options(&state)).unwrap();
        let mut vault = Vault::open(&dir, &options(&state)).unwrap();
        let mut ratna = vault.admit(identity(world.path(), HEAD)).unwrap();
        promise.check(children(&mut vault, &mut ratna).unwrap());
        life.survived += u64::from(before != promise.acknowledged);
        // Every second time the next writer finds the store as the killed one left it.
        if dice.below(2) == 0 {
            vault.close(&mut ratna).unwrap();
            verify(&dir, &options(&state)).unwrap();
        }
    }
    life.acknowledged = promise.count;
    life
}

/// Vaults, one at a time on each of two threads, and how often who erases in it is killed.
const ERASED_IN: u64 = 4;
const ERASURES_KILLED: u64 = 15;
/// Children to begin with: what is erased, and more than enough to stay.
const CHILDREN: u64 = 60;

/// The same while records are erased, which writes journal segments anew and makes the store anew:
/// whatever the moment, an erasure is there whole or not at all once the vault has been opened, and
/// nothing else is lost.
#[test]
fn an_erasure_that_was_killed_is_whole_or_finished() {
    if let Some(world) = std::env::var_os(CHILD) {
        erase_for_ever(Path::new(&world));
    }
    let began = Instant::now();
    let workers: Vec<_> = (0..2)
        .map(|worker| {
            std::thread::spawn(move || {
                (0..ERASED_IN).filter(|vault| vault % 2 == worker).map(|vault| one_erased(Dice(vault + 77))).collect()
            })
        })
        .collect();
    let lives: Vec<Erased> = workers.into_iter().flat_map(|worker| -> Vec<Erased> { worker.join().unwrap() }).collect();
    let sum = |what: fn(&Erased) -> u64| lives.iter().map(what).sum::<u64>();
    println!(
        "{} kills during erasures ({} begun and not acknowledged: {} committed and finished at the next opening, \
         {} of these named by verify before it, {} never committed), {} acknowledged, {:.1?}",
        sum(|life| life.kills),
        sum(|life| life.during),
        sum(|life| life.finished),
        sum(|life| life.named),
        sum(|life| life.during - life.finished),
        sum(|life| life.acknowledged),
        began.elapsed()
    );
    assert!(sum(|life| life.during) >= 20 && sum(|life| life.finished) >= 5);
}

/// Erases one child after the other, telling of each before and after.
fn erase_for_ever(world: &Path) -> ! {
    let mut vault = Vault::open(&world.join("vault"), &options(&world.join("state"))).unwrap();
    let mut siti = vault.admit(identity(world, REGISTRY)).unwrap();
    loop {
        for record in vault.records_of_kind("child").unwrap() {
            let shown = vault.read_record(&mut siti, CARE, &record, Some(&["child_code".to_owned()]), None).unwrap();
            let code = shown.value("child_code").and_then(|value| value.as_text()).unwrap().to_owned();
            tell(&format!("try {code}"));
            vault.erase_records(&mut siti, CARE, &[record], Ground::Request, &Unwatched).unwrap();
            tell(&format!("done {code}"));
        }
    }
}

#[derive(Default)]
struct Erased {
    kills: u64,
    during: u64,
    /// Of those under way, how many were committed.
    finished: u64,
    /// Of these, how many `verify` named before anybody had opened the vault.
    named: u64,
    acknowledged: u64,
}

fn one_erased(mut dice: Dice) -> Erased {
    let world = World::new();
    let charter = world.path().join("charter.toml");
    let text = std::fs::read_to_string(&charter).unwrap().replace("confirm = true", "confirm = false");
    std::fs::write(&charter, text).unwrap();
    let (mut vault, mut siti) = world.found();
    let drafts: Vec<_> = (0..CHILDREN).map(|at| child(&vault, &format!("K{at}"), &format!("m{at}"))).collect();
    vault.import_records(&mut siti, CARE, "child", &drafts, &Unwatched).unwrap();
    let mut promised: BTreeMap<String, (u64, String)> = children(&mut vault, &mut siti).unwrap();
    vault.close(&mut siti).unwrap();
    let mut life = Erased::default();
    let (state, dir) = (world.path().join("state"), world.vault_dir());
    while life.kills < ERASURES_KILLED && promised.len() > 3 {
        let mut eraser = again("an_erasure_that_was_killed_is_whole_or_finished", world.path());
        let mut lines = BufReader::new(eraser.stdout.take().unwrap());
        let mut told = String::new();
        while !told.lines().any(|line| line.starts_with("> try ")) {
            assert_ne!(lines.read_line(&mut told).unwrap(), 0, "who erases ended by itself: {told}");
        }
        std::thread::sleep(Duration::from_micros(dice.below(100_000)));
        eraser.kill().unwrap();
        let status = eraser.wait().unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9), "who erases failed by itself");
        lines.read_to_string(&mut told).unwrap();
        life.kills += 1;
        let mut begun = None;
        for line in told.lines() {
            match line.strip_prefix("> ").and_then(|line| line.split_once(' ')) {
                Some(("try", code)) => begun = Some(code.to_owned()),
                Some(("done", code)) => {
                    assert_eq!(begun.take().as_deref(), Some(code));
                    assert!(promised.remove(code).is_some());
                    life.acknowledged += 1;
                }
                _ => {}
            }
        }
        life.during += u64::from(begun.is_some());
        // Whoever looks before it is opened is told of the one that was under way, or of nothing.
        let named = match verify(&dir, &options(&state)) {
            Ok(_) => false,
            Err(VaultError::NotErased { .. }) if begun.is_some() => true,
            Err(error) => panic!("does not verify: {error}"),
        };
        let mut vault = Vault::open(&dir, &options(&state)).unwrap();
        let mut ratna = vault.admit(identity(world.path(), HEAD)).unwrap();
        let there = children(&mut vault, &mut ratna).unwrap();
        let mut erased = promised.clone();
        if let Some(code) = &begun {
            assert!(erased.remove(code).is_some());
        }
        match there == erased {
            true if begun.is_some() => life.finished += 1,
            true => {}
            false => assert!(there == promised && !named, "half erased, or more than that: {begun:?}"),
        }
        life.named += u64::from(named);
        promised = there;
        vault.close(&mut ratna).unwrap();
        verify(&dir, &options(&state)).unwrap();
    }
    life
}
