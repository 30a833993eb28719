//! Thousands of short lives of vaults, on disks that fail as disks do.
//!
//! ```text
//! cargo test --test simulate                          some
//! AMANAH_HISTORIES=1000000 cargo test --test simulate as many as wanted
//! AMANAH_SEED=4711 cargo test --test simulate -- --nocapture   one of them, told step by step
//! ```
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

#[path = "../common/mod.rs"]
mod common;
mod counts;
mod disk;
mod history;
mod seeded;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use counts::Counts;
use history::{Base, Told, run};

/// Histories without any word of the environment. CI asks for 10,000.
const HISTORIES: u64 = 300;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_wrong_is_told() {
    let base = Base::new();
    if let Some(seed) = number("AMANAH_SEED") {
        println!("{}", run(&base, seed, Told::Aloud).counts);
        return;
    }
    let first = number("AMANAH_FIRST").unwrap_or(0);
    let end = first + number("AMANAH_HISTORIES").unwrap_or(HISTORIES);
    let began = Instant::now();
    let next = AtomicU64::new(first);
    let total = Mutex::new(Counts::default());
    let failed = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end || failed.lock().unwrap().len() >= 5 {
                        break;
                    }
                    match catch_unwind(AssertUnwindSafe(|| run(&base, seed, Told::Nothing))) {
                        Ok(run) => total.lock().unwrap().add_all(&run.counts),
                        Err(_) => failed.lock().unwrap().push(seed),
                    }
                }
            });
        }
    });
    let total = total.into_inner().unwrap();
    println!("{total}in {:.1?}", began.elapsed());
    let failed = failed.into_inner().unwrap();
    assert!(
        failed.is_empty(),
        "to see one of them: AMANAH_SEED={} cargo test --test simulate -- --nocapture; {failed:?}",
        failed[0]
    );
    // Fewer may miss something by chance.
    if end - first >= HISTORIES {
        assert_eq!(total.missing(), Vec::<&str>::new(), "these never happened");
    }
}

/// A seed decides everything: what is done, what the disk is asked, every byte that is written, what
/// goes wrong and what is acknowledged.
#[test]
fn a_seed_reproduces_a_history() {
    let base = Base::new();
    // Without optimisation each takes a quarter of a second.
    let seeds = if cfg!(debug_assertions) { 20 } else { 100 };
    for seed in 0..seeds {
        let (once, again) = (run(&base, seed, Told::Traced), run(&base, seed, Told::Traced));
        let differs = once.trace.iter().zip(&again.trace).position(|(once, again)| once != again);
        if let Some(at) = differs {
            panic!("seed {seed}, step {at} of the trace: {} / {}", once.trace[at], again.trace[at]);
        }
        assert!(once.trace.len() > 20);
        assert_eq!(once, again, "seed {seed}");
    }
    let other = run(&Base::new(), 7, Told::Traced);
    assert_eq!(other, run(&base, 7, Told::Traced), "people made anew are the same people");
}
