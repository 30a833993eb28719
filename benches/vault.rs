//! How fast the vault is, beside a lower bound that is measured in the same run.
//!
//! ```text
//! cargo bench --bench vault
//! ```
//!
//! The bound for sealing and storing is the least that could be called the same thing: every field
//! sealed with ring's AES-256-GCM under one key for all, one row a record in sled, one flush and one
//! `fsync`. The bound for a single write is two appends with `fdatasync`, of the same lengths. Ours
//! and the bound take turns, so that a disk that is slow for a minute is slow for both.
//!
//! ```text
//! cargo bench --bench vault -- --records 100000                  # one import alone, by figures
//! cargo bench --bench vault -- --records 100000 --unindexed
//! ```
//!
//! Memory and the cold opening are measured in processes of their own: this program starts itself
//! with `TASK` set. All folders are below `target/tmp`, so that the disk is a disk.
//!
//! Who measures, and under which charter: `scene/`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use amanah::{
    crypto::random::{Random as _, SystemRandom},
    records::{schema::Schema, wide},
    vault::{self, Actor, Draft, Revealed, Unwatched, Vault},
};
use criterion::{Criterion, SamplingMode};
use ring::aead;

#[path = "../tests/common/mod.rs"]
mod common;
mod scene;

use scene::{WHY, charter, draft, identity, options, schema, searched_by};

const MANY: usize = 10_000;
const VERY_MANY: usize = 100_000;

/// So many drafts are in memory at a time, as an import from a file would hold them.
const CHUNK: usize = 5_000;

/// Records that are opened under one entry, to measure opening and not the entry.
const LISTED: usize = 500;

/// Names the task of a process that this program has started.
const TASK: &str = "AMANAH_BENCH_TASK";

fn main() {
    if let Ok(task) = std::env::var(TASK) {
        return run_task(&task);
    }
    if !std::env::args().any(|arg| arg == "--bench") {
        println!("nothing is measured unless this is run by cargo bench");
        return;
    }
    let place = Place::new();
    if let Some(count) = std::env::args().skip_while(|arg| arg != "--records").nth(1) {
        let indexed = !std::env::args().any(|arg| arg == "--unindexed");
        return growth(&place, count.parse().unwrap(), indexed);
    }
    let mut criterion = Criterion::default().configure_from_args();
    let mut table = Table::default();
    import(&mut criterion, &place, &mut table);
    insert(&mut criterion, &place, &mut table);
    open(&mut criterion, &place, &mut table);
    cold(&place, &mut table);
    memory(&place, &mut table);
    criterion.final_summary();
    println!("\n{}", table.0.join("\n"));
}

/// 10,000 records, from values to acknowledged; then also with the store closed.
fn import(criterion: &mut Criterion, place: &Place, table: &mut Table) {
    // The bound has no index.
    import_by(&searched_by(|_| false), "import of 10,000 records, acknowledged", criterion, place, table);
    import_by(&schema(), "the same, with a search index", criterion, place, table);
}

fn import_by(schema: &Schema, what: &str, criterion: &mut Criterion, place: &Place, table: &mut Table) {
    let drafts = drafts(schema, MANY);
    let mut closed = Vec::new();
    let ours = || {
        let (mut vault, mut actor) = place.found_with("import", schema.clone());
        let begun = Instant::now();
        vault.import_records(&mut actor, WHY, "child", &drafts, &Unwatched).unwrap();
        let acknowledged = begun.elapsed();
        vault.close(&mut actor).unwrap();
        closed.push(begun.elapsed());
        acknowledged
    };
    let bound = || Bound::fill(&place.empty("bound"), &drafts).1;
    let pairs = paired(criterion, what, 10, ours, bound);
    if pairs.is_empty() {
        return;
    }
    let closed: Vec<_> = closed.iter().zip(&pairs).map(|(closed, (_, bound))| (*closed, *bound)).collect();
    table.ratio(what, 4.0, &pairs);
    table.ratio("and the store closed", 4.0, &closed);
}

/// One record into a vault of 10,000.
fn insert(criterion: &mut Criterion, place: &Place, table: &mut Table) {
    let schema = schema();
    let (mut vault, mut actor) = place.found("insert");
    vault.import_records(&mut actor, WHY, "child", &drafts(&schema, MANY), &Unwatched).unwrap();
    let drafts = drafts(&schema, 1_000);
    // How long a payload and a line are is taken from what one write makes the files grow by.
    let before = (bytes_in(&vault.dir().join("journal")), bytes_in(&vault.dir().join("ledger")));
    vault.create_record(&mut actor, WHY, "child", &drafts[0]).unwrap();
    let payload = vec![7; bytes_in(&vault.dir().join("journal")) - before.0];
    let line = vec![7; bytes_in(&vault.dir().join("ledger")) - before.1];
    let append = |name: &str| {
        File::options().append(true).create_new(true).open(place.empty("appends").with_extension(name)).unwrap()
    };
    let (mut journal, mut ledger) = (append("journal"), append("ledger"));
    let mut next = drafts.iter().cycle();
    let ours = || {
        let draft = next.next().unwrap();
        let begun = Instant::now();
        vault.create_record(&mut actor, WHY, "child", draft).unwrap();
        begun.elapsed()
    };
    let bound = || {
        let begun = Instant::now();
        for (file, bytes) in [(&mut journal, &payload), (&mut ledger, &line)] {
            file.write_all(bytes).unwrap();
            file.sync_data().unwrap();
        }
        begun.elapsed()
    };
    let pairs = paired(criterion, "insert one record", 100, ours, bound);
    table.ratio("one insert, acknowledged", 3.0, &pairs);
}

/// Records opened in a warm process. What is timed is a list of 500 records with all their fields:
/// looking them up, one entry with its `fdatasync`, and opening, divided by 500. So what is shown
/// is above what opening takes, by a five-hundredth of the entry.
fn open(criterion: &mut Criterion, place: &Place, table: &mut Table) {
    let schema = schema();
    let drafts = drafts(&schema, LISTED);
    let (mut vault, mut actor) = place.found("open");
    vault.import_records(&mut actor, WHY, "child", &drafts, &Unwatched).unwrap();
    let fields: Vec<String> =
        schema.kind("child").unwrap().sealed_fields().map(|(field, _)| field.id.clone()).collect();
    assert_eq!(fields.len(), 20);
    let records = vault.records_of_kind("child").unwrap();
    let ours = || {
        let begun = Instant::now();
        let shown = vault.list_records(&mut actor, WHY, &records, &fields, &Unwatched).unwrap();
        let took = begun.elapsed();
        assert_eq!(shown.len(), LISTED);
        assert!(shown.iter().flat_map(|one| &one.cells).all(|cell| matches!(cell.content, Revealed::Value(_))));
        took / LISTED as u32
    };
    let (stored, _) = Bound::fill(&place.empty("bound"), &drafts);
    let bound = || {
        let begun = Instant::now();
        assert_eq!(stored.open_all(), LISTED * fields.len());
        begun.elapsed() / LISTED as u32
    };
    let pairs = paired(criterion, "open one record", 50, ours, bound);
    table.limit("opening one record, 20 fields of 5 classes", "25 µs", us(25), &pairs);
}

/// A process that opens a vault of 10,000 records and reads one: its processor time, all of it but scrypt's.
fn cold(place: &Place, table: &mut Table) {
    let dir = place.start_task("import", MANY, "cold");
    let mut read = Vec::new();
    let mut closed = Vec::new();
    for _ in 0..9 {
        let figures = place.figures("read", &dir);
        read.push((us(figures["read_us"]), Duration::ZERO));
        closed.push((us(figures["closed_us"]), Duration::ZERO));
    }
    table.limit("cold opening and one read, 10,000 records, CPU besides scrypt", "60 ms", us(60_000), &read);
    table.limit("the same, and closed", "60 ms", us(60_000), &closed);
}

/// The most memory that a process had resident, at 100,000 records.
fn memory(place: &Place, table: &mut Table) {
    let dir = place.empty("memory");
    let wrote = place.task("import", VERY_MANY, &dir);
    table.memory("memory of an import of 100,000 records", wrote["hwm_kib"]);
    let read = place.figures("read", &dir);
    table.memory("memory of a read at 100,000 records", read["hwm_kib"]);
    table.0.push(format!("(100,000 records imported in {:.1} s)", us(wrote["import_us"]).as_secs_f64()));
}

/// One import in a process of its own: what it took, for each record.
fn growth(place: &Place, count: usize, indexed: bool) {
    let dir = place.start_task(if indexed { "import" } else { "import-unindexed" }, count, "growth");
    let wrote = place.figures("read", &dir);
    println!("cold opening and one read, CPU: {} us", wrote["read_us"]);
    for name in ["journal", "ledger", "store"] {
        println!("{name}: {} bytes a record", bytes_in(&dir.join("vault").join(name)) / count);
    }
}

/// What a process does that was started only for this; it prints figures, one a line.
fn run_task(task: &str) {
    let words: Vec<&str> = task.split('|').collect();
    let [task, count, people, dir] = words[..] else { unreachable!("{task}") };
    let (people, dir) = (Path::new(people), Path::new(dir));
    let options = options(dir);
    if task.starts_with("import") {
        let schema = if task == "import" { schema() } else { searched_by(|_| false) };
        let founding = vault::Founding { charter: charter(people), schema: schema.clone() };
        let (mut vault, mut actor) = vault::create(&dir.join("vault"), founding, identity(people), &options).unwrap();
        let mut took = Duration::ZERO;
        let before = cpu_time();
        let mut records = wide::records(count.parse().unwrap(), 1).peekable();
        while records.peek().is_some() {
            let drafts: Vec<Draft> = records.by_ref().take(CHUNK).map(|record| draft(&schema, &record)).collect();
            let begun = Instant::now();
            vault.import_records(&mut actor, WHY, "child", &drafts, &Unwatched).unwrap();
            took += begun.elapsed();
        }
        let cpu = cpu_time() - before;
        let mut inserts: Vec<(Duration, Duration)> = Vec::new();
        for record in wide::records(200, 2) {
            let draft = draft(&schema, &record);
            let (begun, cpu) = (Instant::now(), cpu_time());
            vault.create_record(&mut actor, WHY, "child", &draft).unwrap();
            inserts.push((begun.elapsed(), cpu_time() - cpu));
        }
        inserts.sort();
        vault.close(&mut actor).unwrap();
        println!("import_us {}", took.as_micros());
        println!("cpu_us {}", cpu.as_micros());
        println!("insert_us {}", inserts[100].0.as_micros());
        println!("insert_cpu_us {}", inserts.iter().map(|one| one.1.as_micros()).sum::<u128>() / 200);
    } else {
        // age tries out what this machine makes of scrypt before it opens the key file.
        let before = cpu_time();
        let identity = identity(people);
        let scrypt = cpu_time() - before;
        let mut vault = Vault::open(&dir.join("vault"), &options).unwrap();
        assert!(!vault.was_rebuilt());
        let mut actor = vault.admit(identity).unwrap();
        let first = vault.line(1).unwrap().entry().subjects[0].records[0];
        let shown = vault.read_record(&mut actor, WHY, &first, None, None).unwrap();
        assert_eq!(shown.cells.len(), 20);
        println!("read_us {}", (cpu_time() - scrypt).as_micros());
        vault.close(&mut actor).unwrap();
        println!("closed_us {}", (cpu_time() - scrypt).as_micros());
    }
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("hwm_kib {}", peak.trim().trim_end_matches(" kB"));
}

/// Processor time of this process so far, of all its threads.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The least that could be called storing records sealed.
struct Bound {
    db: sled::Db,
    key: aead::LessSafeKey,
}

impl Bound {
    fn fill(folder: &Path, drafts: &[Draft]) -> (Bound, Duration) {
        let db = sled::Config::new().path(folder).flush_every_ms(None).open().unwrap();
        let mut random = SystemRandom::new();
        let mut key = [0; 32];
        random.fill(&mut key).unwrap();
        let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_256_GCM, &key).unwrap());
        let mut nonce = 0;
        let begun = Instant::now();
        for chunk in drafts.chunks(CHUNK) {
            let mut batch = sled::Batch::default();
            for draft in chunk {
                let mut id = [0; 16];
                random.fill(&mut id).unwrap();
                let mut row = Vec::with_capacity(2_000);
                for (_, value) in &draft.values {
                    let value = value.encode();
                    let at = row.len() + 10;
                    row.extend_from_slice(&(value.len() as u16).to_be_bytes());
                    row.extend_from_slice(&u64::to_be_bytes(nonce));
                    row.extend_from_slice(&value);
                    let nonce_of = bound_nonce(nonce);
                    let tag = key.seal_in_place_separate_tag(nonce_of, aead::Aad::from(&id), &mut row[at..]).unwrap();
                    row.extend_from_slice(tag.as_ref());
                    nonce += 1;
                }
                batch.insert(&id, row);
            }
            db.apply_batch(batch).unwrap();
        }
        db.flush().unwrap();
        File::open(folder.join("db")).unwrap().sync_all().unwrap();
        let took = begun.elapsed();
        (Bound { db, key }, took)
    }

    /// Opens every field of every record; how many.
    fn open_all(&self) -> usize {
        let mut opened = 0;
        for row in self.db.iter() {
            let (id, row) = row.unwrap();
            let mut row = row.to_vec();
            let mut rest = &mut row[..];
            while !rest.is_empty() {
                let length = usize::from(u16::from_be_bytes([rest[0], rest[1]]));
                let nonce = u64::from_be_bytes(rest[2..10].try_into().unwrap());
                let (field, after) = rest[10..].split_at_mut(length + 16);
                self.key.open_in_place(bound_nonce(nonce), aead::Aad::from(&id), field).unwrap();
                opened += 1;
                rest = after;
            }
        }
        opened
    }
}

fn bound_nonce(count: u64) -> aead::Nonce {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&count.to_be_bytes());
    aead::Nonce::assume_unique_for_key(bytes)
}

/// Folders on the disk, and people with keys.
struct Place {
    world: common::World,
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let world = common::World::new();
        let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        Place { world, folder }
    }

    /// An empty folder; what was in it is gone.
    fn empty(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        path
    }

    fn found(&self, name: &str) -> (Vault, Actor) {
        self.found_with(name, schema())
    }

    fn found_with(&self, name: &str, schema: Schema) -> (Vault, Actor) {
        let dir = self.empty(name);
        let founding = vault::Founding { charter: charter(self.world.path()), schema };
        vault::create(&dir.join("vault"), founding, identity(self.world.path()), &options(&dir)).unwrap()
    }

    fn start_task(&self, task: &str, count: usize, name: &str) -> PathBuf {
        let dir = self.empty(name);
        let figures = self.task(task, count, &dir);
        let each = |name: &str| figures[name] as f64 / count as f64;
        println!(
            "{task} of {count}: {:.1} us a record, {:.1} us CPU; then one durable insert {} us, {} us CPU; {} MiB",
            each("import_us"),
            each("cpu_us"),
            figures["insert_us"],
            figures["insert_cpu_us"],
            figures["hwm_kib"] / 1024
        );
        dir
    }

    fn figures(&self, task: &str, dir: &Path) -> BTreeMap<String, u64> {
        self.task(task, 0, dir)
    }

    fn task(&self, task: &str, count: usize, dir: &Path) -> BTreeMap<String, u64> {
        let task = format!("{task}|{count}|{}|{}", self.world.path().display(), dir.display());
        let output = Command::new(std::env::current_exe().unwrap()).env(TASK, task).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let printed = String::from_utf8(output.stdout).unwrap();
        let figure = |line: &str| line.split_once(' ').map(|(name, value)| (name.to_owned(), value.parse().unwrap()));
        printed.lines().filter_map(figure).collect()
    }
}

fn drafts(schema: &Schema, count: usize) -> Vec<Draft> {
    wide::records(count, 1).map(|record| draft(schema, &record)).collect()
}

fn bytes_in(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().map(|file| file.unwrap().metadata().unwrap().len() as usize).sum()
}

/// Lets ours and the bound take turns. Criterion is told of ours; the pairs are for the table.
fn paired(
    criterion: &mut Criterion,
    name: &str,
    samples: usize,
    mut ours: impl FnMut() -> Duration,
    mut bound: impl FnMut() -> Duration,
) -> Vec<(Duration, Duration)> {
    let mut pairs = Vec::new();
    let mut group = criterion.benchmark_group("vault");
    group.sample_size(samples).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_millis(1));
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|iterations| {
            (0..iterations)
                .map(|_| {
                    let pair = (ours(), bound());
                    pairs.push(pair);
                    pair.0
                })
                .sum()
        });
    });
    group.finish();
    pairs
}

/// The lines of the result.
struct Table(Vec<String>);

impl Default for Table {
    fn default() -> Self {
        let head = "| what | goal | median | lower bound | ratio | met |\n|---|---|---|---|---|---|";
        Table(vec![head.to_owned()])
    }
}

impl Table {
    /// A row whose goal is a ratio.
    fn ratio(&mut self, what: &str, goal: f64, pairs: &[(Duration, Duration)]) {
        let Some((ours, bound, ratio)) = medians(pairs) else { return };
        let met = if ratio <= goal { "yes" } else { "no" };
        self.0.push(format!("| {what} | {goal:.0}x | {ours:.2?} | {bound:.2?} | {ratio:.1}x | {met} |"));
    }

    /// A row whose goal is a time.
    fn limit(&mut self, what: &str, goal: &str, most: Duration, pairs: &[(Duration, Duration)]) {
        let Some((ours, bound, ratio)) = medians(pairs) else { return };
        let met = if ours <= most { "yes" } else { "no" };
        if bound.is_zero() {
            self.0.push(format!("| {what} | {goal} | {ours:.2?} | | | {met} |"));
        } else {
            self.0.push(format!("| {what} | {goal} | {ours:.2?} | {bound:.2?} | {ratio:.1}x | {met} |"));
        }
    }

    fn memory(&mut self, what: &str, kib: u64) {
        let met = if kib < 100 * 1024 { "yes" } else { "no" };
        self.0.push(format!("| {what} | 100 MiB | {:.0} MiB | | | {met} |", kib as f64 / 1024.0));
    }
}

/// The medians of ours, the bound, and the ratios of the pairs.
fn medians(pairs: &[(Duration, Duration)]) -> Option<(Duration, Duration, f64)> {
    let ratios = pairs.iter().map(|(ours, bound)| ours.as_secs_f64() / bound.as_secs_f64());
    let middle = pairs.len() / 2;
    let mut ratios: Vec<f64> = ratios.collect();
    ratios.sort_by(f64::total_cmp);
    let mut ours: Vec<Duration> = pairs.iter().map(|pair| pair.0).collect();
    ours.sort();
    let mut bound: Vec<Duration> = pairs.iter().map(|pair| pair.1).collect();
    bound.sort();
    Some((*ours.get(middle)?, bound[middle], ratios[middle]))
}

fn us(count: u64) -> Duration {
    Duration::from_micros(count)
}
