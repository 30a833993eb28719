//! A stack of sorted runs: entries in the order of their labels, in few runs, the oldest first.
//!
//! A run is divided into buckets by the first bits of the labels: these say in which row a label is.

use std::{collections::HashSet, ops::RangeInclusive, sync::Arc};

use super::{StoreError, kv::Batch};

/// Bytes that a bucket has, more or less. sled has work with each row that is written, and reads sixteen
/// at a time: with a quarter more an import took a few hundredths less time, and a reader of a million
/// records 18 MiB more memory.
const BUCKET: u64 = 1200;

/// Room for so many entries is made before they are read; for more as they come.
const ROOM: usize = 1 << 19;

/// The runs of one stack. Each entry has `N` bytes, of which the first 8 are the label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stack<const N: usize> {
    /// The keys of its rows begin with its space and its number; that of the run (u16) and of the bucket
    /// (u32) follow.
    space: Arc<[u8]>,
    number: u8,
    /// How many entries each run has, the first run first.
    counts: Vec<u64>,
}

/// What a run is made of: an old one, or what came in a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Old(usize),
    New(usize),
}

impl<const N: usize> Stack<N> {
    /// A stack of a space, with runs of so many entries.
    pub fn new(space: Arc<[u8]>, number: u8, counts: Vec<u64>) -> Self {
        Stack { space, number, counts }
    }

    /// How many entries each run has.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How many entries there are.
    pub fn entries(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Asks `is` of each entry with one of these labels in some of the runs, until it gives something: in
    /// each of the last one first.
    pub fn find<T, E: From<StoreError>>(
        &self,
        runs: impl Iterator<Item = usize>,
        labels: &RangeInclusive<u64>,
        get: &impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>,
        is: &mut impl FnMut(&[u8; N]) -> Result<Option<T>, E>,
    ) -> Result<Option<T>, E> {
        for run in runs {
            if let Some(found) = self.find_in(run, labels, get, is)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Asks `is` of each entry with this label in the run `from` and those that are newer, the older
    /// first, until it gives something; says in which run it did.
    pub fn find_onward<T, E: From<StoreError>>(
        &self,
        from: usize,
        label: u64,
        get: &impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>,
        is: &mut impl FnMut(&[u8; N]) -> Result<Option<T>, E>,
    ) -> Result<Option<(usize, T)>, E> {
        for run in from..self.counts.len() {
            if let Some(found) = self.find_in(run, &(label..=label), get, is)? {
                return Ok(Some((run, found)));
            }
        }
        Ok(None)
    }

    fn find_in<T, E: From<StoreError>>(
        &self,
        run: usize,
        labels: &RangeInclusive<u64>,
        get: &impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>,
        is: &mut impl FnMut(&[u8; N]) -> Result<Option<T>, E>,
    ) -> Result<Option<T>, E> {
        let count = self.counts.get(run).copied().unwrap_or_default();
        for bucket in (bucket_of::<N>(*labels.start(), count)..=bucket_of::<N>(*labels.end(), count)).rev() {
            let Some(row) = get(&self.key(run, bucket))? else { continue };
            if let Some(found) = ask(entries::<N>(&row)?, labels, is)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Adds entries, those of each payload by themselves as a run. `merges` says with how many of the last
    /// runs the one of a payload is merged, by the number of the payload, how many entries each run has,
    /// and how many it has. `get` sees the store without `batch`.
    pub fn add<E: From<StoreError>>(
        &mut self,
        new: &[Vec<[u8; N]>],
        merges: impl Fn(usize, &[u64], u64) -> usize,
        get: &impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>,
        batch: &mut Batch,
    ) -> Result<(), E> {
        let mut counts = self.counts.clone();
        let mut runs: Vec<Vec<Part>> = (0..counts.len()).map(|at| vec![Part::Old(at)]).collect();
        for (at, entries) in new.iter().enumerate().filter(|(_, entries)| !entries.is_empty()) {
            let count = entries.len() as u64;
            let keep = counts.len().saturating_sub(merges(at, &counts, count));
            let mut parts: Vec<Part> = runs.drain(keep..).flatten().collect();
            parts.push(Part::New(at));
            runs.push(parts);
            let merged = counts.drain(keep..).sum::<u64>() + count;
            counts.push(merged);
        }
        let stays = |at: usize| runs.get(at).is_some_and(|parts| *parts == [Part::Old(at)]);
        let mut written = HashSet::new();
        for (at, (count, parts)) in counts.iter().zip(&runs).enumerate().filter(|(at, _)| !stays(*at)) {
            let mut merged = Vec::with_capacity(usize::try_from(*count).unwrap_or_default().min(ROOM));
            for part in parts {
                match part {
                    Part::Old(old) => self.read(*old, get, &mut merged)?,
                    Part::New(new_at) => merged.extend_from_slice(&new[*new_at]),
                }
            }
            if merged.len() as u64 != *count {
                return Err(damaged().into());
            }
            merged.sort_unstable();
            let of = |entry: &[u8; N]| bucket_of::<N>(label_of(entry), *count);
            for bucket in merged.chunk_by(|a, b| of(a) == of(b)) {
                batch.insert(self.key(at, of(&bucket[0])), bucket.as_flattened());
                written.insert((at, of(&bucket[0])));
            }
        }
        for (at, count) in self.counts.iter().enumerate().filter(|(at, _)| !stays(*at)) {
            for bucket in (0..buckets::<N>(*count)).filter(|bucket| !written.contains(&(at, *bucket))) {
                batch.remove(self.key(at, bucket));
            }
        }
        self.counts = counts;
        Ok(())
    }

    /// Takes all entries away, in no order. `get` sees the store without `batch`.
    pub fn take<E: From<StoreError>>(
        &mut self,
        get: &impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>,
        batch: &mut Batch,
    ) -> Result<Vec<[u8; N]>, E> {
        let mut all = Vec::new();
        for (run, count) in self.counts.iter().enumerate() {
            self.read(run, get, &mut all)?;
            for bucket in 0..buckets::<N>(*count) {
                batch.remove(self.key(run, bucket));
            }
        }
        if all.len() as u64 != self.entries() {
            return Err(damaged().into());
        }
        self.counts.clear();
        Ok(all)
    }

    /// All labels, each with its run, in order.
    pub fn labels<E: From<StoreError>>(
        &self,
        get: &impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Vec<(u64, u16)>, E> {
        let mut out = Vec::with_capacity(usize::try_from(self.entries()).unwrap_or_default().min(ROOM));
        let mut entries = Vec::new();
        for run in 0..self.counts.len() {
            entries.clear();
            self.read(run, get, &mut entries)?;
            out.extend(entries.iter().map(|entry| (label_of(entry), run as u16)));
        }
        // Runs are in order themselves, which this makes use of.
        out.sort();
        Ok(out)
    }

    /// Whether these entries are all that a row of this run can have: sorted, and each in its bucket.
    pub fn is_row(&self, run: usize, bucket: u32, row: &[[u8; N]]) -> bool {
        let count = self.counts.get(run).copied().unwrap_or_default();
        let in_place = row.iter().all(|entry| bucket_of::<N>(label_of(entry), count) == bucket);
        in_place && !row.is_empty() && row.is_sorted_by(|a, b| a < b)
    }

    fn read<E: From<StoreError>>(
        &self,
        run: usize,
        get: &impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>,
        out: &mut Vec<[u8; N]>,
    ) -> Result<(), E> {
        for bucket in 0..buckets::<N>(self.counts[run]) {
            if let Some(row) = get(&self.key(run, bucket))? {
                out.extend_from_slice(entries(&row)?);
            }
        }
        Ok(())
    }

    fn key(&self, run: usize, bucket: u32) -> Vec<u8> {
        [&self.space[..], &[self.number], &(run as u16).to_be_bytes(), &bucket.to_be_bytes()].concat()
    }
}

/// How many buckets a run has.
fn buckets<const N: usize>(count: u64) -> u32 {
    count.div_ceil(BUCKET / N as u64).clamp(1, 1 << 31) as u32
}

/// The bucket of a label, in a run of so many entries.
fn bucket_of<const N: usize>(label: u64, count: u64) -> u32 {
    ((u128::from(label) * u128::from(buckets::<N>(count))) >> 64) as u32
}

/// The entries of a row.
pub(super) fn entries<const N: usize>(row: &[u8]) -> Result<&[[u8; N]], StoreError> {
    let (entries, rest) = row.as_chunks();
    if rest.is_empty() { Ok(entries) } else { Err(damaged()) }
}

/// Asks `is` of each of sorted entries that has one of these labels, the last one first, until it gives
/// something.
pub(super) fn ask<const N: usize, T, E>(
    entries: &[[u8; N]],
    labels: &RangeInclusive<u64>,
    is: &mut impl FnMut(&[u8; N]) -> Result<Option<T>, E>,
) -> Result<Option<T>, E> {
    let end = entries.partition_point(|entry| label_of(entry) <= *labels.end());
    for entry in entries[..end].iter().rev().take_while(|entry| label_of(entry) >= *labels.start()) {
        if let Some(found) = is(entry)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The label of an entry.
pub(super) fn label_of<const N: usize>(entry: &[u8; N]) -> u64 {
    entry.first_chunk().map_or(0, |label| u64::from_be_bytes(*label))
}

/// What is said of runs that are not what was written.
pub(super) fn damaged() -> StoreError {
    StoreError::Engine { reason: "its runs are damaged".to_owned() }
}
