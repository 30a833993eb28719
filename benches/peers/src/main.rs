//! The same register kept by the vault and by what others would use, side by side in one run.
//!
//! ```text
//! cargo run --release --manifest-path benches/peers/Cargo.toml            # 10,000 records, and ours to 100,000
//! cargo run --release --manifest-path benches/peers/Cargo.toml -- --million --chart docs/growth.svg
//! ```
//!
//! Every peer gets the records of `amanah::records::wide`: 20 fields, 1.2 KB. Each keeps them on the
//! same disk, as durably as it can: acknowledged means that it would be there after a power cut.
//! Peers take turns within a row, so that a disk that is slow for a minute is slow for all. A peer
//! that cannot be had on this machine is told as missing.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "../../../tests/common/mod.rs"]
mod common;
#[path = "../../scene/mod.rs"]
mod scene;

mod age_files;
mod bound;
mod chart;
mod child;
mod growth;
mod ours;
mod peer;
mod postgres;
mod sops;
mod sqlcipher;
mod table;
mod tink;

use std::{path::PathBuf, time::Instant};

use peer::{Factory, Peer, Sample, median};
use table::Table;

/// Records in the comparison.
const MANY: usize = 10_000;

/// Records that are read at a time: as many as one entry of the ledger names.
const LIST: usize = 500;

/// How often others are read.
const ROUNDS: usize = 5;

/// Single inserts, reads and searches of which the median is told.
const TIMES: usize = 200;

fn main() {
    if let Some(task) = child::task() {
        return child::run(&task);
    }
    let args: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    let many = value("--records").map_or(MANY, |text| text.parse().expect("a number of records"));
    let chart: Option<PathBuf> = value("--chart").map(PathBuf::from);
    let place = tempfile::Builder::new().prefix("amanah-peers-").tempdir().unwrap();
    println!("records: {many}; folder: {}", place.path().display());
    compare(place.path(), many);
    let mut sizes = vec![1_000, 10_000, 100_000];
    if args.iter().any(|arg| arg == "--million") {
        sizes.push(1_000_000);
    }
    sizes.retain(|size| many >= MANY || *size <= many);
    let points = growth::measure(place.path(), &sizes);
    growth::print(&points);
    if let Some(path) = chart {
        chart::draw(&points, &path);
        println!("chart: {}", path.display());
    }
}

/// Lets the system write what others have left to be written: it would be done beside what is measured.
fn settle() {
    rustix::fs::sync();
}

/// All peers, row by row.
fn compare(place: &std::path::Path, many: usize) {
    let records = peer::records(many + TIMES);
    let factories: [&dyn Factory; 8] = [
        &ours::Index::Numbers,
        &ours::Index::Full,
        &bound::Bound,
        &sqlcipher::SqlCipher,
        &postgres::Postgres,
        &tink::Tink,
        &age_files::AgeFiles,
        &sops::Sops,
    ];
    let mut table = Table::new();
    let mut peers: Vec<Box<dyn Peer>> = Vec::new();
    for factory in factories {
        let folder = place.join(factory.name());
        std::fs::create_dir(&folder).unwrap();
        match factory.make(&folder) {
            Ok(peer) => peers.push(peer),
            Err(why) => table.missing(factory.name(), &why),
        }
    }
    for peer in &mut peers {
        settle();
        println!("# {}", peer.name());
        let held = peer.most().min(many);
        let took = peer.import(&records[..held]);
        table.set(peer.name(), "bulk import, a record", Sample::of(took / held as u32, held, many));
        table.text(peer.name(), "size on disk, a record", format!("{} B", peer.bytes() / held as u64));
    }
    let times = |peer: &dyn Peer| if peer.is_slow() { 10 } else { TIMES };
    for peer in &mut peers {
        settle();
        let inserted = median((0..times(&**peer)).map(|at| {
            let begun = Instant::now();
            peer.insert(&records[many + at]);
            begun.elapsed()
        }));
        table.set(peer.name(), "durable insert", inserted.into());
    }
    for peer in &mut peers {
        settle();
        let held = peer.most().min(many);
        let at = |time: usize| (time * 7_919) % held;
        if let Some(alone) = peer.read_alone() {
            table.set(peer.name(), "read by id, with an entry of its own", alone.into());
        }
        if let Some(entry) = peer.entry_alone() {
            table.set(peer.name(), "an entry alone", entry.into());
        }
        // Each time others, from all over the register: who keeps what was opened has it only when
        // the same are asked for once more.
        let each = times(&**peer);
        let list = if peer.is_slow() { each } else { LIST };
        let mut read = |round: usize| {
            let wanted: Vec<_> = (0..list).map(|time| &records[at(round * list + time)]).collect();
            let begun = Instant::now();
            assert_eq!(peer.read(&wanted), wanted.len() * 20, "{}", peer.name());
            begun.elapsed() / wanted.len() as u32
        };
        let (first, again) = (median((0..ROUNDS).map(&mut read)), median((0..ROUNDS).map(|_| read(ROUNDS - 1))));
        table.set(peer.name(), "read by id", first.into());
        table.set(peer.name(), "read by id, the same once more", again.into());
        let searches = if peer.searches_by_reading() { 1 } else { each };
        let searched = median((0..searches).map(|time| {
            let wanted = &records[at(ROUNDS * list + time)];
            let begun = Instant::now();
            assert!(peer.search(wanted.get("nik").unwrap()), "{}", peer.name());
            begun.elapsed()
        }));
        table.set(peer.name(), "exact search", Sample::of(searched, held, many));
        let scanned = median((0..3).map(|_| {
            let begun = Instant::now();
            assert!(peer.scan() >= held * 2, "{}", peer.name());
            begun.elapsed() / held as u32
        }));
        table.set(peer.name(), "scan of two fields, a record", scanned.into());
    }
    for peer in &mut peers {
        settle();
        if let Some(cold) = peer.cold(&records[17]) {
            table.set(peer.name(), "cold command", cold.took.into());
            if let Some(memory) = cold.memory_kib {
                table.text(peer.name(), "memory of it", format!("{:.0} MiB", memory as f64 / 1024.0));
            }
        }
        if let Some(took) = peer.cold_with_server(&records[17]) {
            table.set(peer.name(), "cold command, and its server", took.into());
        }
        table.text(peer.name(), "beside the vault", peer.weaker().to_owned());
    }
    table.print("lower-bound");
}
