//! The figures, and how they are printed: a row for each kind of work, a column for each peer.

use std::{collections::BTreeMap, time::Duration};

use crate::peer::Sample;

const ROWS: [&str; 13] = [
    "bulk import, a record",
    "durable insert",
    "read by id",
    "read by id, the same once more",
    "read by id, with an entry of its own",
    "exact search",
    "an entry alone",
    "scan of two fields, a record",
    "size on disk, a record",
    "cold command",
    "cold command, and its server",
    "memory of it",
    "beside the vault",
];

/// Figures by peer and row.
pub struct Table {
    peers: Vec<&'static str>,
    missing: Vec<(String, String)>,
    cells: BTreeMap<(&'static str, &'static str), Cell>,
}

enum Cell {
    Time(Sample),
    Text(String),
}

impl Table {
    pub fn new() -> Table {
        Table { peers: Vec::new(), missing: Vec::new(), cells: BTreeMap::new() }
    }

    pub fn missing(&mut self, peer: &str, why: &str) {
        self.missing.push((peer.to_owned(), why.to_owned()));
    }

    pub fn set(&mut self, peer: &'static str, row: &'static str, sample: Sample) {
        self.put(peer, row, Cell::Time(sample));
    }

    pub fn text(&mut self, peer: &'static str, row: &'static str, text: String) {
        self.put(peer, row, Cell::Text(text));
    }

    fn put(&mut self, peer: &'static str, row: &'static str, cell: Cell) {
        assert!(ROWS.contains(&row), "{row}");
        if !self.peers.contains(&peer) {
            self.peers.push(peer);
        }
        self.cells.insert((peer, row), cell);
    }

    /// Prints everything, a line for each peer's figure with its ratio to the first peer's.
    pub fn print(&self, bound: &str) {
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::ASCII_MARKDOWN);
        table.set_header(["what", "who", "median", "ours is", "note"]);
        for row in ROWS {
            let ours = self.time("amanah", row);
            for peer in &self.peers {
                let Some(cell) = self.cells.get(&(*peer, row)) else { continue };
                let (figure, ratio, note) = match cell {
                    Cell::Text(text) => (text.clone(), String::new(), String::new()),
                    Cell::Time(sample) => {
                        let ratio = ours.map(|ours| ours.as_secs_f64() / sample.took.as_secs_f64());
                        let ratio = ratio.filter(|_| *peer != "amanah").map(|ratio| format!("{ratio:.2}x"));
                        let note = sample.of_only.map(|of| format!("measured with {of} records only"));
                        (told(sample.took), ratio.unwrap_or_default(), note.unwrap_or_default())
                    }
                };
                let who = if *peer == bound { format!("{peer} (ring + sled)") } else { (*peer).to_owned() };
                table.add_row([row.to_owned(), who, figure, ratio, note]);
            }
        }
        println!("\n{table}");
        for (peer, why) in &self.missing {
            println!("missing: {peer}: {why}");
        }
    }

    fn time(&self, peer: &'static str, row: &'static str) -> Option<Duration> {
        match self.cells.get(&(peer, row)) {
            Some(Cell::Time(sample)) => Some(sample.took),
            _ => None,
        }
    }
}

/// A time as people read it.
pub fn told(took: Duration) -> String {
    let us = took.as_secs_f64() * 1e6;
    match us {
        us if us < 100.0 => format!("{us:.1} µs"),
        us if us < 10_000.0 => format!("{us:.0} µs"),
        us if us < 10_000_000.0 => format!("{:.1} ms", us / 1e3),
        us => format!("{:.1} s", us / 1e6),
    }
}
