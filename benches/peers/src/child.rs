//! Processes that this program starts of itself, for what only a fresh process shows: the cold
//! start, and memory.

use std::{
    collections::BTreeMap,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use crate::{age_files, bound, growth, ours, peer::Cold, sqlcipher, tink};

const TASK: &str = "AMANAH_PEERS_TASK";

/// What this process was started for, if for something.
pub fn task() -> Option<String> {
    std::env::var(TASK).ok()
}

/// Does it, and prints figures, one a line.
pub fn run(task: &str) {
    let words: Vec<&str> = task.split('|').collect();
    let (what, folder) = (words[0], Path::new(words[1]));
    match what {
        "amanah" | "amanah-full" => ours::read_cold(folder, words[2]),
        "lower-bound" => bound::read_cold(folder, words[2]),
        "sqlcipher" => sqlcipher::read_cold(folder, words[2]),
        "tink" => tink::read_cold(folder, words[2]),
        "age-files" => age_files::read_cold(folder, words[2]),
        "fill" => growth::fill(folder, words[2].parse().unwrap(), words[3] == "index"),
        "more" => growth::more(folder, words[2].parse().unwrap()),
        "use" => growth::use_it(folder),
        "fill-rows" => bound::fill(folder, words[2].parse().unwrap()),
        "open-rows" => growth::sled_opens("rows_us", folder),
        _ => unreachable!("{task}"),
    }
    println!("cpu_us {}", cpu_time().as_micros());
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("hwm_kib {}", peak.trim().trim_end_matches(" kB"));
}

/// Starts this program for a task, and reads its figures.
pub fn figures(words: &[&str]) -> BTreeMap<String, u64> {
    let output = Command::new(std::env::current_exe().unwrap()).env(TASK, words.join("|")).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let figure = |line: &str| line.split_once(' ').map(|(name, value)| (name.to_owned(), value.parse().unwrap()));
    printed.lines().filter_map(figure).collect()
}

/// The median of nine cold reads: from starting the process until it has ended.
pub fn cold(peer: &str, folder: &Path, code: &str) -> Cold {
    let mut times: Vec<(Duration, u64)> = (0..9)
        .map(|_| {
            let begun = Instant::now();
            let figures = figures(&[peer, folder.to_str().unwrap(), code]);
            (begun.elapsed(), figures["hwm_kib"])
        })
        .collect();
    times.sort();
    Cold { took: times[4].0, memory_kib: Some(times[4].1) }
}

/// Processor time of this process so far, of all its threads.
pub fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
