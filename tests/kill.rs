//! A process that writes is killed (SIGKILL) again and again, at any moment: while it opens,
//! rebuilds, writes, edits or closes. What it was told is written is there.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod common;

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    time::{Duration, Instant},
};

use amanah::vault::{Vault, verify};
use common::{
    HEAD, REGISTRY, World,
    faults::{CHILD, Dice, Promise, again, children, identity, options, write_for_ever},
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
