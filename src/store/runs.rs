//! Sorted runs: things that are found by random or pseudorandom labels.
//!
//! A row for each label would touch another page of the store with every one that is added, and
//! the pages of a large register do not fit into memory. So the entries of a payload are written
//! beside each other, sorted, as a *run*, and runs are merged as they grow in number. The newest entries
//! are in one stack of runs (`stack.rs`), of which four that are about as large become one. The very last
//! ones, until they are enough for a run, stand in the row that says what runs there are.
//! When these are many, all of them are divided into parts by the last bits of their labels, and each
//! part has a stack of its own. So an entry that is added touches few rows, and one that is looked for is
//! in one of few runs, however many entries there are.
//!
//! A part is given a run with each division. They are merged as a counter to the base of four carries:
//! four of one, four of four, four of sixteen. To the base of two there would be less than two runs fewer
//! on average, and each entry would be written nearly twice as often. The counters of the parts begin at
//! different numbers, so that not all parts merge their large runs at once.
//!
//! | key | value |
//! |---|---|
//! | space | how many divisions there were (u32); of the newest stack and of each part: how many runs (u16), how many entries each has (u64), the first run first; how many entries came last (u16), and they, sorted |
//! | space, stack (u8), run (u16), bucket (u32) | its entries, sorted; the newest stack is 0 |
//!
//! What runs there are follows from the payloads alone, not from how they came in batches.

use std::{mem, ops::RangeInclusive, sync::Arc};

use super::{
    StoreError,
    journal::Position,
    kv::{Batch, Kv},
    stack::{self, Stack, damaged, entries, label_of},
};

/// A label and a place in the journal, as an entry.
pub type Placed = [u8; 16];

/// How many parts the older entries are divided into.
const PARTS: usize = 16;

/// Most bytes that the newest entries have.
const NEWEST: u64 = 1 << 20;

/// Most bytes of them that are in no run: they are written again with each that is added.
const LAST: usize = 1 << 10;

/// So many runs become one.
const BASE: usize = 4;

/// Of the newest runs those are merged with a new one that are not more than so many times as large.
const FACTOR: u64 = 2;

/// A run of a part has been merged so many times at most, and is of so many divisions as [`BASE`] to this
/// power: merging takes memory, some four times as much as the run has.
const LEVELS: u32 = 3;

/// More entries than a run can have: one of a store that says so is not read, nor is room made for it.
const TOO_MANY: u64 = 1 << 28;

/// The runs of one space of the store. Each entry has `N` bytes, of which the first 8 are the label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs<const N: usize> {
    space: Arc<[u8]>,
    /// How often what was newest was divided.
    divisions: u32,
    newest: Stack<N>,
    parts: [Stack<N>; PARTS],
    /// The last entries, sorted.
    last: Vec<[u8; N]>,
}

/// In which of the newest runs each label is: what is looked for is then read from there alone, and not
/// missed in one after the other.
#[derive(Debug)]
pub struct Newest(Vec<(u64, u16)>);

impl Newest {
    /// The runs that have a label, the newest first.
    fn with(&self, label: u64) -> impl Iterator<Item = usize> {
        let from = self.0.partition_point(|(own, _)| *own < label);
        let count = self.0[from..].iter().take_while(|(own, _)| *own == label).count();
        let mut last = None;
        let runs = self.0[from..from + count].iter().rev().map(|(_, run)| usize::from(*run));
        runs.filter(move |run| last.replace(*run) != Some(*run))
    }
}

/// How far a chain was followed: entries of which each was added with the one before it, or later.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reached {
    /// The run of the last one, if it is among the newest; one more than there are, if it is in none.
    newest: Option<usize>,
    /// The run of the last one in each part.
    parts: [usize; PARTS],
}

impl<const N: usize> Runs<N> {
    /// The runs that stand in a space; `get` looks rows up.
    pub fn load<E: From<StoreError>>(
        space: &[u8],
        get: impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Self, E> {
        let row = get(space)?;
        let space: Arc<[u8]> = space.into();
        let none = [0; 4 + 2 * (PARTS + 1) + 2];
        let (divisions, mut rest) = row.as_deref().unwrap_or(&none).split_first_chunk().ok_or_else(damaged)?;
        let mut stack = |at: u8| {
            let counts = counts(&mut rest).ok_or_else(damaged)?;
            Ok::<_, E>(Stack::new(space.clone(), at, counts))
        };
        let newest = stack(0)?;
        let mut parts = Vec::with_capacity(PARTS);
        for at in 1..=PARTS as u8 {
            parts.push(stack(at)?);
        }
        let divisions = u32::from_be_bytes(*divisions);
        let (count, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
        let last = entries(rest)?.to_vec();
        match parts.try_into() {
            Ok(parts) if last.is_sorted() && last.len() == usize::from(u16::from_be_bytes(*count)) => {
                Ok(Runs { space, divisions, newest, parts, last })
            }
            _ => Err(damaged().into()),
        }
    }

    /// How many entries there are.
    pub fn entries(&self) -> u64 {
        self.stacks().map(Stack::entries).sum::<u64>() + self.last.len() as u64
    }

    /// Where the newest entries are. Takes a read of each of their rows, which a megabyte are at most.
    pub fn newest<E: From<StoreError>>(&self, get: impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>) -> Result<Newest, E> {
        self.newest.labels(&get).map(Newest)
    }

    /// Asks `is` of each entry with one of these labels, until it gives something: of those of the
    /// newest run first, and in each of the last one first. `newest` is of these runs, if it is known.
    pub fn find<T, E: From<StoreError>>(
        &self,
        labels: RangeInclusive<u64>,
        newest: Option<&Newest>,
        get: impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>,
        mut is: impl FnMut(&[u8; N]) -> Result<Option<T>, E>,
    ) -> Result<Option<T>, E> {
        if let Some(found) = stack::ask(&self.last, &labels, &mut is)? {
            return Ok(Some(found));
        }
        let one = labels.start() == labels.end();
        let all = |stack: &Stack<N>| (0..stack.counts().len()).rev();
        let found = match newest.filter(|_| one) {
            Some(newest) => self.newest.find(newest.with(*labels.start()), &labels, &get, &mut is)?,
            None => self.newest.find(all(&self.newest), &labels, &get, &mut is)?,
        };
        if found.is_some() {
            return Ok(found);
        }
        let parts = match one {
            true => std::slice::from_ref(&self.parts[part_of(*labels.start())]),
            false => &self.parts[..],
        };
        for stack in parts {
            if let Some(found) = stack.find(all(stack), &labels, &get, &mut is)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Asks `is` of each entry with this label, the older first, until it gives something. Entries that
    /// were added before what was reached are passed over, and what it gives something for is reached.
    pub fn find_onward<T, E: From<StoreError>>(
        &self,
        reached: &mut Reached,
        label: u64,
        get: impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>,
        mut is: impl FnMut(&[u8; N]) -> Result<Option<T>, E>,
    ) -> Result<Option<T>, E> {
        // What was divided is older than what was not.
        if reached.newest.is_none() {
            let (part, from) = (&self.parts[part_of(label)], &mut reached.parts[part_of(label)]);
            if let Some((run, found)) = part.find_onward(*from, label, &get, &mut is)? {
                *from = run;
                return Ok(Some(found));
            }
        }
        if let Some((run, found)) = self.newest.find_onward(reached.newest.unwrap_or(0), label, &get, &mut is)? {
            reached.newest = Some(run);
            return Ok(Some(found));
        }
        let found = stack::ask(&self.last, &(label..=label), &mut is)?;
        if found.is_some() {
            reached.newest = Some(self.newest.counts().len());
        }
        Ok(found)
    }

    /// Adds entries, those of each payload by themselves. `get` sees the store without `batch`: what is
    /// added is found in what the batch makes of it.
    pub fn add<E: From<StoreError>>(
        &mut self,
        new: &[Vec<[u8; N]>],
        get: impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>,
        batch: &mut Batch,
    ) -> Result<(), E> {
        let mut runs = Vec::new();
        for payload in new {
            self.last.extend_from_slice(payload);
            if self.last.len() > LAST / N {
                runs.push(mem::take(&mut self.last));
            }
        }
        self.last.sort_unstable();
        let mut count = self.newest.entries();
        let (mut from, mut divided) = (0, Vec::new());
        for (at, run) in runs.iter().enumerate() {
            count += run.len() as u64;
            if count > NEWEST / N as u64 {
                let mut all = self.newest.take(&get, batch)?;
                all.extend(runs[from..=at].iter().flatten());
                divided.push(all);
                (from, count) = (at + 1, 0);
            }
        }
        self.newest.add(&runs[from..], |_, runs, count| smaller(runs, count), &get, batch)?;
        // Mostly there is nothing to divide: then no part is looked at.
        for (part, stack) in self.parts.iter_mut().enumerate().filter(|_| !divided.is_empty()) {
            let own = |all: &Vec<[u8; N]>| all.iter().filter(|one| part_of(label_of(one)) == part).copied().collect();
            let carried = |at: usize, _: &[u64], _| carried(self.divisions as usize + at + part);
            stack.add(&divided.iter().map(own).collect::<Vec<_>>(), carried, &get, batch)?;
        }
        self.divisions = self.divisions.wrapping_add(divided.len() as u32);
        batch.insert(&self.space[..], self.encode());
        Ok(())
    }

    /// Walks over a whole space: gives each entry, and says how many rows are there. `None` if an entry
    /// is not where it is looked for, or there are not as many as there should be.
    pub fn check(space: &[u8], store: &dyn Kv, mut each: impl FnMut(&[u8; N])) -> Result<Option<u64>, StoreError> {
        let runs = Runs::<N>::load(space, |key| store.get(key))?;
        let mut left: Vec<Vec<u64>> = runs.stacks().map(|stack| stack.counts().to_vec()).collect();
        if runs.last.len() > LAST / N {
            return Ok(None);
        }
        runs.last.iter().for_each(&mut each);
        let mut rows = 0;
        for row in store.scan(space) {
            let (key, value) = row?;
            rows += 1;
            if key == space {
                continue;
            }
            let Some((at, run, bucket)) = runs.split(&key) else { return Ok(None) };
            let Some(stack) = runs.stacks().nth(at) else { return Ok(None) };
            let here = entries::<N>(&value)?;
            let of_part = at == 0 || here.iter().all(|entry| part_of(label_of(entry)) == at - 1);
            let Some(left) = left[at].get_mut(run) else { return Ok(None) };
            match left.checked_sub(here.len() as u64) {
                Some(rest) if of_part && stack.is_row(run, bucket, here) => *left = rest,
                _ => return Ok(None),
            }
            here.iter().for_each(&mut each);
        }
        Ok(left.iter().flatten().all(|left| *left == 0).then_some(rows))
    }

    /// All labels that are in a space.
    pub fn labels(space: &[u8], store: &dyn Kv, mut of: impl FnMut(u64)) -> Result<(), StoreError> {
        for row in store.scan(space) {
            let (key, value) = row?;
            if key != space {
                entries::<N>(&value)?.iter().for_each(|entry| of(label_of(entry)));
            }
        }
        Runs::<N>::load(space, |key| store.get(key))?.last.iter().for_each(|entry| of(label_of(entry)));
        Ok(())
    }

    /// The newest stack, then that of each part.
    fn stacks(&self) -> impl Iterator<Item = &Stack<N>> {
        std::iter::once(&self.newest).chain(&self.parts)
    }

    /// The row that says what runs there are.
    fn encode(&self) -> Vec<u8> {
        let mut row = Vec::with_capacity(256 + self.last.as_flattened().len());
        row.extend_from_slice(&self.divisions.to_be_bytes());
        for stack in self.stacks() {
            row.extend_from_slice(&(stack.counts().len() as u16).to_be_bytes());
            stack.counts().iter().for_each(|count| row.extend_from_slice(&count.to_be_bytes()));
        }
        row.extend_from_slice(&(self.last.len() as u16).to_be_bytes());
        row.extend_from_slice(self.last.as_flattened());
        row
    }

    /// The stack, the run and the bucket of a row.
    fn split(&self, key: &[u8]) -> Option<(usize, usize, u32)> {
        let (stack, rest) = key.strip_prefix(&self.space[..])?.split_first()?;
        let (run, bucket) = rest.split_first_chunk()?;
        Some((usize::from(*stack), usize::from(u16::from_be_bytes(*run)), u32::from_be_bytes(bucket.try_into().ok()?)))
    }
}

/// The part of a label, if it is not among the newest.
fn part_of(label: u64) -> usize {
    (label % PARTS as u64) as usize
}

/// With how many of the last of the newest runs one of so many entries is merged, and what comes of that
/// with the ones before them.
fn smaller(mut runs: &[u64], mut count: u64) -> usize {
    let all = runs.len();
    loop {
        let alike = runs.iter().rev().take_while(|run| **run <= FACTOR.saturating_mul(count)).count();
        if alike < BASE - 1 {
            return all - runs.len();
        }
        let (others, merged) = runs.split_at(runs.len() - alike);
        count += merged.iter().sum::<u64>();
        runs = others;
    }
}

/// With how many of its last runs a part merges the next, by the number that its counter has: each digit
/// that is carried over stands for as many runs.
fn carried(counter: usize) -> usize {
    let digits = (0..LEVELS).scan(counter, |rest, _| {
        let digit = *rest % BASE;
        *rest /= BASE;
        Some(digit)
    });
    (BASE - 1) * digits.take_while(|digit| *digit == BASE - 1).count()
}

/// Reads how many entries the runs of one stack have.
fn counts(rest: &mut &[u8]) -> Option<Vec<u64>> {
    let (runs, counts) = rest.split_first_chunk()?;
    let (counts, others) = counts.split_at_checked(8 * usize::from(u16::from_be_bytes(*runs)))?;
    *rest = others;
    let counts: Vec<u64> = counts.as_chunks().0.iter().map(|count| u64::from_be_bytes(*count)).collect();
    counts.iter().all(|count| *count < TOO_MANY).then_some(counts)
}

/// The entry of a label that is found at a place.
pub fn placed(label: u64, place: u64) -> Placed {
    (u128::from(label) << 64 | u128::from(place)).to_be_bytes()
}

/// The place in such an entry.
pub fn place_of(entry: &Placed) -> u64 {
    u128::from_be_bytes(*entry) as u64
}

/// A place of the journal as one number; `None` beyond a segment of a terabyte, or 16 million of
/// them.
pub fn pack(at: Position) -> Option<u64> {
    let fits = at.offset < 1 << 40 && at.segment < 1 << 24;
    fits.then_some((u64::from(at.segment) << 40) | at.offset)
}

/// The place that was packed.
pub fn unpack(place: u64) -> Position {
    Position { segment: (place >> 40) as u32, offset: place & ((1 << 40) - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::memory::MemoryRows;

    const SPACE: &[u8] = b"x1234";

    impl Kv for MemoryRows {
        fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
            Ok(MemoryRows::get(self, key))
        }

        fn scan(&self, prefix: &[u8]) -> crate::store::kv::Rows<'_> {
            Box::new(MemoryRows::scan(self, prefix).into_iter().map(Ok))
        }

        fn apply(&self, batch: Batch) -> Result<(), StoreError> {
            MemoryRows::apply(self, batch);
            Ok(())
        }
    }

    /// Labels as hashes are: spread over all numbers.
    fn payload(seed: u64, length: u64) -> Vec<Placed> {
        let label = |n: u64| (seed * 1_000 + n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (0..length).map(|n| placed(label(n), (seed << 20) | n)).collect()
    }

    fn add(store: &MemoryRows, payloads: &[Vec<Placed>]) {
        let mut batch = Batch::default();
        let mut runs = Runs::load(SPACE, |key| Kv::get(store, key)).unwrap();
        runs.add(payloads, |key| Kv::get(store, key), &mut batch).unwrap();
        store.apply(batch);
        assert_eq!(runs, Runs::load(SPACE, |key| Kv::get(store, key)).unwrap());
    }

    fn find(store: &MemoryRows, entry: &Placed) -> bool {
        let runs = Runs::load(SPACE, |key| Kv::get(store, key)).unwrap();
        let is = |found: &Placed| Ok::<_, StoreError>((found == entry).then_some(()));
        let label = label_of(entry);
        let get = |key: &[u8]| Kv::get(store, key);
        let found = runs.find(label..=label, None, get, is).unwrap();
        // It is found by a chain, and again from where it was, and not among what is newer.
        let mut reached = Reached::default();
        assert_eq!(found, runs.find_onward(&mut reached, label, get, is).unwrap());
        if found.is_some() {
            assert!(runs.find_onward(&mut reached, label, get, is).unwrap().is_some());
            match &mut reached.newest {
                // Nothing is newer.
                Some(run) if *run == runs.newest.counts().len() => return true,
                Some(run) => *run += 1,
                None => reached.parts[part_of(label)] += 1,
            }
            assert!(runs.find_onward(&mut reached, label, get, is).unwrap().is_none());
        }
        found.is_some()
    }

    fn all(store: &MemoryRows, labels: RangeInclusive<u64>) -> Vec<Placed> {
        let runs = Runs::load(SPACE, |key| Kv::get(store, key)).unwrap();
        let mut out = Vec::new();
        let each = |found: &Placed| {
            out.push(*found);
            Ok::<_, StoreError>(None::<()>)
        };
        runs.find(labels, None, |key| Kv::get(store, key), each).unwrap();
        out
    }

    #[test]
    fn what_was_added_is_found_and_the_rows_do_not_depend_on_the_batches() {
        let lengths = [
            20, 20, 1, 3_000, 20, 5, 900, 900, 20, 20, 60_000, 5_000, 1, 0, 1, 1, 10_000, 66_000, 7, 70_000, 20, 1,
            700, 5,
        ];
        let payloads: Vec<_> = (1..).zip(lengths).map(|(seed, length)| payload(seed * 80, length)).collect();
        let (single, all) = (MemoryRows::default(), MemoryRows::default());
        for (done, one) in payloads.iter().enumerate() {
            add(&single, std::slice::from_ref(one));
            for entry in payloads[..=done].iter().flat_map(|payload| payload.iter().step_by(payload.len() / 20 + 1)) {
                assert!(find(&single, entry));
            }
            let count: usize = payloads[..=done].iter().map(Vec::len).sum();
            let mut there = 0;
            assert!(Runs::<16>::check(SPACE, &single, |_| there += 1).unwrap().is_some());
            assert_eq!(there, count);
            assert_eq!(Runs::<16>::load(SPACE, |key| Kv::get(&single, key)).unwrap().entries(), count as u64);
        }
        for several in payloads.chunks(4) {
            add(&all, several);
        }
        assert_eq!(single.scan(b""), all.scan(b""));
        let rows = single.scan(b"");
        let of =
            |newest: bool| rows.iter().filter(|(key, _)| *key != SPACE && (key[SPACE.len()] == 0) == newest).count();
        assert!(of(true) > 0 && of(false) > 0);
        assert!(!find(&all, &placed(77, 1)) && !find(&all, &placed(label_of(&payloads[0][0]), 99)));
        let mut labels = 0;
        Runs::<16>::labels(SPACE, &all, |_| labels += 1).unwrap();
        assert_eq!(labels, lengths.iter().sum::<u64>());
    }

    #[test]
    fn what_is_known_of_the_newest_runs_spares_reading_them_and_changes_nothing() {
        let store = MemoryRows::default();
        // The same labels come again, also in one payload.
        let twice = |seed: u64| [payload(seed, 40), payload(seed, 3)].concat();
        let payloads = [payload(900, 70_000), payload(80, 5_000), twice(80), payload(160, 700), twice(160), twice(80)];
        payloads.iter().for_each(|one| add(&store, std::slice::from_ref(one)));
        let runs = Runs::<16>::load(SPACE, |key| Kv::get(&store, key)).unwrap();
        assert!(runs.newest.counts().len() > 1 && runs.divisions > 0, "{runs:?}");
        let newest = runs.newest(|key| Kv::get(&store, key)).unwrap();
        let looked_up = |newest: Option<&Newest>, label: u64| {
            let (asked, mut out) = (std::cell::Cell::new(0), Vec::new());
            let get = |key: &[u8]| {
                asked.set(asked.get() + 1);
                Kv::get(&store, key)
            };
            let each = |found: &Placed| {
                out.push(*found);
                Ok::<_, StoreError>(None::<()>)
            };
            runs.find(label..=label, newest, get, each).unwrap();
            (out, asked.get())
        };
        let mut spared = 0;
        for entry in payloads.iter().flat_map(|payload| payload.iter().step_by(payload.len() / 50 + 1)) {
            for label in [label_of(entry), label_of(entry) ^ 2] {
                let (found, asked) = looked_up(None, label);
                let (also, less) = looked_up(Some(&newest), label);
                assert_eq!(found, also);
                spared += asked - less;
            }
        }
        assert!(spared > 300, "{spared}");
    }

    #[test]
    fn an_entry_is_looked_for_in_few_runs_however_many_there_are() {
        let store = MemoryRows::default();
        let mut asked = Vec::new();
        for seed in 0..40 {
            let payload = payload(seed * 80, 20_000);
            add(&store, std::slice::from_ref(&payload));
            let runs = Runs::<16>::load(SPACE, |key| Kv::get(&store, key)).unwrap();
            let count = std::cell::Cell::new(0);
            let get = |key: &[u8]| {
                count.set(count.get() + 1);
                Kv::get(&store, key)
            };
            let missing = runs.find_onward(&mut Reached::default(), 3, get, |_| Ok::<_, StoreError>(Some(()))).unwrap();
            assert!(missing.is_none());
            asked.push(count.get());
        }
        assert!(asked.iter().all(|count| *count <= 8), "{asked:?}");
    }

    #[test]
    fn runs_stay_few_and_not_all_parts_merge_at_once() {
        let mut parts = vec![Vec::new(); PARTS];
        for division in 0..1_000 {
            let mut written = 0;
            for (part, runs) in parts.iter_mut().enumerate() {
                let keep = runs.len().saturating_sub(carried(division + part));
                let run = runs.drain(keep..).sum::<usize>() + 1;
                runs.push(run);
                written += run;
                assert!(run <= BASE.pow(LEVELS), "{division} {part}: {run}");
                let most = division / BASE.pow(LEVELS) + 1 + (BASE - 1) * LEVELS as usize;
                assert!(runs.len() <= most, "{division} {part}: {runs:?}");
            }
            assert!(written <= 96, "{division}: {written}");
        }
        // Alike, of any size, or ever smaller: there are few of them, and what is in them was written seldom.
        let sizes: [fn(u64) -> u64; 3] = [|_| 8, |n| n * 7 % 40 + 1, |n| 1 + (1 << 16) / n];
        for size in sizes {
            let (mut newest, mut added, mut written) = (Vec::new(), 0, 0);
            for payload in (1..2_000).map(size) {
                let keep = newest.len() - smaller(&newest, payload);
                let run = newest.drain(keep..).sum::<u64>() + payload;
                newest.push(run);
                assert!(newest.len() <= 3 * 7, "{newest:?}");
                (added, written) = (added + payload, written + run);
            }
            assert!(written <= 7 * added, "{written} {added}");
        }
    }

    #[test]
    fn a_chain_is_followed_through_parts_and_newest() {
        let store = MemoryRows::default();
        // One posting of it with every payload.
        let chain: Vec<Placed> = (0..100).map(|n: u64| placed(n.wrapping_mul(0xd134_2543_de82_ef95) | 1, n)).collect();
        for (seed, posting) in (0..).zip(&chain) {
            let mut payload = payload(seed * 80, 3_000);
            payload.push(*posting);
            add(&store, &[payload]);
        }
        let runs = Runs::<16>::load(SPACE, |key| Kv::get(&store, key)).unwrap();
        let mut reached = Reached::default();
        for posting in &chain {
            let is = |found: &Placed| Ok::<_, StoreError>((found == posting).then_some(()));
            let found = runs.find_onward(&mut reached, label_of(posting), |key| Kv::get(&store, key), is).unwrap();
            assert!(found.is_some());
        }
        assert!(reached.newest.is_some() && reached.parts.iter().any(|run| *run > 0));
    }

    #[test]
    fn equal_labels_are_all_looked_at() {
        let store = MemoryRows::default();
        add(&store, &[vec![placed(5, 1), placed(5, 2), placed(6, 3)], vec![placed(5, 4)]]);
        assert!([1, 2, 4].iter().all(|place| find(&store, &placed(5, *place))) && !find(&store, &placed(5, 3)));
        assert_eq!(all(&store, 5..=5), [placed(5, 4), placed(5, 2), placed(5, 1)], "the newest first");
    }

    #[test]
    fn labels_that_begin_alike_are_found_together() {
        let store = MemoryRows::default();
        let payloads = [payload(1, 3_000), payload(2, 700), payload(3, 20)];
        add(&store, &payloads);
        for labels in [0..=u64::MAX, 5 << 60..=(6 << 60) - 1, 1 << 63..=(1 << 63) + (1 << 54), 7..=7] {
            let mut found = all(&store, labels.clone());
            let mut wanted = payloads.concat();
            wanted.retain(|entry| labels.contains(&label_of(entry)));
            found.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(found, wanted);
        }
    }

    #[test]
    fn what_is_not_in_its_place_is_noticed() {
        let whole = |store: &MemoryRows| matches!(Runs::<16>::check(SPACE, store, |_| ()), Ok(Some(_)));
        let rows = {
            let store = MemoryRows::default();
            add(&store, &[payload(1, 66_000), payload(80, 1_000), payload(160, 20)]);
            store.scan(SPACE)
        };
        let changed = |key: &[u8], value: Option<&[u8]>| {
            let store = MemoryRows::default();
            let mut batch = Batch::default();
            rows.iter().for_each(|(key, value)| batch.insert(key.clone(), value.clone()));
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
            store.apply(batch);
            store
        };
        assert!(whole(&changed(b"other", None)));
        let newest = rows.iter().filter(|(key, _)| key.get(SPACE.len()) == Some(&0)).count();
        assert!(newest > 4 && rows.len() > 800);
        for at in (0..newest + 1).chain((newest + 1..rows.len()).step_by(67)) {
            let (key, value) = &rows[at];
            assert!(!whole(&changed(key, None)), "row {at} away");
            assert!(!whole(&changed(key, Some(&value[..value.len() - 8]))), "row {at} cut");
            assert!(!whole(&changed(key, Some(&rows[(at + 1) % rows.len()].1))), "row {at} another");
        }
        // What says how many there are, in every way that it can be wrong.
        let (key, counts) = &rows[0];
        assert_eq!(key, SPACE);
        let load = |row: &[u8]| Runs::<16>::load(SPACE, |_| Ok::<_, StoreError>(Some(row.to_vec())));
        assert!(load(counts).is_ok() && (0..counts.len()).all(|length| load(&counts[..length]).is_err()));
        assert!(load(&[&counts[..], &[0]].concat()).is_err());
        // What entries say is compared with the journal.
        for at in 4..counts.len() - 20 * 16 {
            let mut other = counts.clone();
            other[at] ^= 0x80;
            assert!(load(&other).is_err() || !whole(&changed(key, Some(&other))), "byte {at}");
        }
        // Rows of the same run and bucket, and of as many entries, but of another part.
        let (divided, stack) = (&rows[newest + 1..], SPACE.len());
        let (key, other) = divided
            .iter()
            .find_map(|(key, value)| {
                let twin = |(other, row): &&(Vec<u8>, Vec<u8>)| {
                    other[stack] != key[stack] && other[stack + 1..] == key[stack + 1..] && row.len() == value.len()
                };
                divided.iter().find(twin).map(|(_, other)| (key, other))
            })
            .unwrap();
        assert!(!whole(&changed(key, Some(other))));
    }

    #[test]
    fn places_are_one_number() {
        for at in [Position::START, Position { segment: 77, offset: (1 << 40) - 1 }] {
            assert_eq!(unpack(pack(at).unwrap()), at);
        }
        assert_eq!(pack(Position { segment: 1, offset: 1 << 40 }), None);
        assert_eq!(pack(Position { segment: 1 << 24, offset: 1 }), None);
    }
}
