//! How fast the ledger is: what one more entry costs when there are many, how long a vault takes to
//! open, and how fast everything is verified, beside ring's own Ed25519 on all processors.
//!
//! ```text
//! TMPDIR=/dev/shm cargo bench --bench ledger                  # up to 100,000 entries
//! TMPDIR=/dev/shm cargo bench --bench ledger -- --million     # up to 1,000,000
//! ```
//!
//! With `TMPDIR` as above the vault lies in memory, so that processors are measured and not a disk,
//! and an entry costs processor time, which a busy machine does not change much. On a disk each entry
//! costs a `fdatasync` more, whatever the ledger's length.
//!
//! Verifying is measured in processes of their own, as `audit verify` is one: this program starts
//! itself with `TASK` set.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use amanah::{
    crypto::sign::SigningKey,
    id::Id,
    vault::{Actor, Depth, Options, Unwatched, Vault, verify_to},
};
use tikv_jemallocator::Jemalloc;
use zeroizing_alloc::ZeroAlloc;

#[path = "../tests/common/mod.rs"]
mod common;

use common::{CARE, REGISTRY, World, draft};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<Jemalloc> = ZeroAlloc(Jemalloc);

/// So many entries are written to find what one costs.
const SAMPLE: u64 = 1_000;

/// As long as a line of the ledger is that is signed here.
const LINE: usize = 500;

/// Names the depth, the folder of the vault and that of the state, for a process that only verifies.
const TASK: &str = "AMANAH_BENCH_TASK";

fn main() {
    if let Ok(task) = std::env::var(TASK) {
        return verify_alone(&task);
    }
    if !std::env::args().any(|arg| arg == "--bench") {
        println!("nothing is measured unless this is run by cargo bench");
        return;
    }
    let mut sizes = vec![1_000, 10_000, 100_000];
    if std::env::args().any(|arg| arg == "--million") {
        sizes.push(1_000_000);
    }
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let child = draft(vault.schema(), "child", &[("child_code", "A-1"), ("full_name", "Contoh")]);
    let child = vault.create_record(&mut siti, CARE, "child", &child).unwrap().record;
    let ring = ring_rate();
    println!("ring verifies {ring:.0} signatures a second on all processors");
    println!(
        "entries | one more entry, CPU | opening, CPU | verified/s | without signatures/s | of ring's rate | memory of verifying"
    );
    for size in sizes {
        let room = size - vault.size().min(size);
        entries(&mut vault, &mut siti, &child, room);
        let begun = cpu_time();
        entries(&mut vault, &mut siti, &child, SAMPLE);
        let one = (cpu_time() - begun).as_secs_f64() * 1e6 / SAMPLE as f64;
        vault.close(&mut siti).unwrap();

        let begun = cpu_time();
        (vault, siti) = world.open(REGISTRY);
        let opening = (cpu_time() - begun).as_secs_f64() * 1e3;
        let count = vault.size();
        vault.close(&mut siti).unwrap();

        // Both take turns with ring, so that a machine that is busy for a minute is so for all.
        let mut whole = Vec::new();
        for _ in 0..3 {
            let ring = ring_rate();
            whole.push((verified(&world, count, Depth::Whole), ring));
        }
        whole.sort_by(|a, b| (a.0.rate / a.1).total_cmp(&(b.0.rate / b.1)));
        let (Verified { rate: verified, memory }, ring) = whole[1];
        let bare = self::verified(&world, count, Depth::WithoutSignatures).rate;
        let share = 100.0 * verified / ring;
        println!("{size} | {one:.0} us | {opening:.1} ms | {verified:.0} | {bare:.0} | {share:.0} % | {memory} MiB");
        (vault, siti) = world.open(REGISTRY);
    }
}

/// So many more entries, each of which names a record.
fn entries(vault: &mut Vault, actor: &mut Actor, child: &Id, count: u64) {
    for _ in 0..count {
        vault.history(actor, CARE, child).unwrap();
    }
}

/// How a process of its own verified.
struct Verified {
    /// Entries in a second.
    rate: f64,
    /// The most memory that it had, in MiB.
    memory: u64,
}

fn verified(world: &World, count: u64, depth: Depth) -> Verified {
    let task = format!("{depth:?}|{}|{}", world.vault_dir().display(), world.options().state.display());
    let output = Command::new(std::env::current_exe().unwrap()).env(TASK, task).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let [entries, micros, memory] = printed.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{printed}") };
    assert_eq!(entries.parse::<u64>().unwrap(), count);
    Verified { rate: count as f64 / micros.parse::<f64>().unwrap() * 1e6, memory: memory.parse().unwrap() }
}

/// What a process does that was started only to verify: entries, microseconds and memory go out.
fn verify_alone(task: &str) {
    let [depth, dir, state] = task.split('|').collect::<Vec<_>>()[..] else { panic!("{task}") };
    let depth = if depth == "Whole" { Depth::Whole } else { Depth::WithoutSignatures };
    let options = Options { state: PathBuf::from(state), patience: Duration::from_secs(20), progress: &Unwatched };
    let begun = Instant::now();
    let found = verify_to(Path::new(dir), &options, depth).unwrap();
    println!("{} {} {}", found.entries, begun.elapsed().as_micros(), peak_memory());
}

/// How many signatures ring verifies in a second on all processors, each over as many bytes as a
/// line has.
fn ring_rate() -> f64 {
    const EACH: usize = 10_000;
    let key = SigningKey::from_seed(&[7; 32]).unwrap();
    let message = vec![b'x'; LINE];
    let signature = key.sign(&message);
    let public = key.public();
    let threads = thread::available_parallelism().map_or(1, Into::into);
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for _ in 0..EACH {
                    assert!(public.verify(std::hint::black_box(&message), std::hint::black_box(&signature)));
                }
            });
        }
    });
    (threads * EACH) as f64 / begun.elapsed().as_secs_f64()
}

/// Processor time of this process so far, of all its threads.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The most memory that this process had, in MiB.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() / 1024
}
