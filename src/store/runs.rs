//! Sorted runs: things that are found by random or pseudorandom labels.
//!
//! A row for each label would touch another page of the store with every one that is added, and
//! the pages of a large register do not fit into memory. So the entries of a payload are written
//! beside each other, sorted, as a *run*, and runs are merged as they grow in number: each is kept
//! more than twice as large as the next, so that there are few to look into. A run is divided
//! into buckets by the first bits of the labels: these say in which row a label is.
//!
//! | key | value |
//! |---|---|
//! | space | how many entries each run has, a u64 each, the first run first |
//! | space, run (u16), bucket (u32) | its entries, sorted |
//!
//! What runs there are follows from the payloads alone, not from how they came in batches.

use std::{collections::HashSet, ops::RangeInclusive};

use super::{
    StoreError,
    journal::Position,
    kv::{Batch, Kv},
};

/// A label and a place in the journal, as an entry.
pub type Placed = [u8; 16];

/// Most bytes that a bucket has, more or less, and half of it on average: sled reads sixteen rows at a
/// time.
const BUCKET: u64 = 1024;

/// A run is merged with one that is not more than so many times as large.
const FACTOR: u64 = 2;

/// No run is merged into one of more bytes than this: merging takes memory, some four times as much.
/// The number of runs of a very large register grows by one with each 6 MB or so.
const MOST: u64 = 1 << 23;

/// The runs of one space of the store. Each entry has `N` bytes, of which the first 8 are the label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs<const N: usize> {
    space: Vec<u8>,
    /// How many entries each has.
    counts: Vec<u64>,
}

/// What a run is made of: an old one, or what came in a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Old(usize),
    New(usize),
}

impl<const N: usize> Runs<N> {
    /// The runs that stand in a space; `get` looks rows up.
    pub fn load<E: From<StoreError>>(
        space: &[u8],
        get: impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Self, E> {
        let row = get(space)?.unwrap_or_default();
        let (counts, rest) = row.as_chunks::<8>();
        if !rest.is_empty() {
            return Err(damaged().into());
        }
        Ok(Runs { space: space.to_owned(), counts: counts.iter().map(|count| u64::from_be_bytes(*count)).collect() })
    }

    /// How many entries there are.
    pub fn entries(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Asks `is` of each entry with one of these labels, until it gives something: of those of the
    /// newest run first, and in each of the last one first.
    pub fn find<T, E: From<StoreError>>(
        &self,
        labels: RangeInclusive<u64>,
        get: impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>,
        mut is: impl FnMut(&[u8; N]) -> Result<Option<T>, E>,
    ) -> Result<Option<T>, E> {
        for run in (0..self.counts.len()).rev() {
            if let Some(found) = self.find_in(run, &labels, &get, &mut is)? {
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
        get: impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>,
        mut is: impl FnMut(&[u8; N]) -> Result<Option<T>, E>,
    ) -> Result<Option<(usize, T)>, E> {
        for run in from..self.counts.len() {
            if let Some(found) = self.find_in(run, &(label..=label), &get, &mut is)? {
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
            let entries = entries::<N>(&row)?;
            let end = entries.partition_point(|entry| label_of(entry) <= *labels.end());
            for entry in entries[..end].iter().rev().take_while(|entry| label_of(entry) >= *labels.start()) {
                if let Some(found) = is(entry)? {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }

    /// Adds entries, those of each payload by themselves. `get` sees the store without `batch`.
    pub fn add<E: From<StoreError>>(
        mut self,
        new: Vec<Vec<[u8; N]>>,
        get: impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>,
        batch: &mut Batch,
    ) -> Result<(), E> {
        let old = self.counts.iter().enumerate();
        let mut runs: Vec<(u64, Vec<Part>)> = old.map(|(at, count)| (*count, vec![Part::Old(at)])).collect();
        for (at, entries) in new.iter().enumerate().filter(|(_, entries)| !entries.is_empty()) {
            let (mut count, mut parts) = (entries.len() as u64, vec![Part::New(at)]);
            while let Some((last, of)) = runs.pop_if(|(last, _)| merges::<N>(*last, count)) {
                count += last;
                parts.extend(of);
            }
            runs.push((count, parts));
        }
        let stays = |at: usize| runs.get(at).is_some_and(|(_, parts)| *parts == [Part::Old(at)]);
        let mut written = HashSet::new();
        for (at, (count, parts)) in runs.iter().enumerate().filter(|(at, _)| !stays(*at)) {
            let mut merged = Vec::with_capacity(usize::try_from(*count).unwrap_or_default());
            for part in parts {
                match part {
                    Part::Old(old) => self.read(*old, &get, &mut merged)?,
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
        self.counts = runs.into_iter().map(|(count, _)| count).collect();
        let counts: Vec<u8> = self.counts.iter().flat_map(|count| count.to_be_bytes()).collect();
        batch.insert(self.space, counts);
        Ok(())
    }

    /// Walks over a whole space: gives each entry, and says how many rows are there. `None` if an entry
    /// is not where it is looked for, or there are not as many as there should be.
    pub fn check(space: &[u8], store: &dyn Kv, mut each: impl FnMut(&[u8; N])) -> Result<Option<u64>, StoreError> {
        let runs = Runs::<N>::load(space, |key| store.get(key))?;
        let mut left = runs.counts.clone();
        let mut rows = 0;
        for row in store.scan(space) {
            let (key, value) = row?;
            rows += 1;
            if key == space {
                continue;
            }
            let Some((run, bucket)) = runs.split(&key) else { return Ok(None) };
            let (Some(left), Some(count)) = (left.get_mut(run), runs.counts.get(run)) else { return Ok(None) };
            let here = entries::<N>(&value)?;
            let in_place = here.iter().all(|entry| bucket_of::<N>(label_of(entry), *count) == bucket);
            let Some(rest) = left.checked_sub(here.len() as u64) else { return Ok(None) };
            if here.is_empty() || !in_place || !here.is_sorted_by(|a, b| a < b) {
                return Ok(None);
            }
            *left = rest;
            here.iter().for_each(&mut each);
        }
        Ok(left.iter().all(|left| *left == 0).then_some(rows))
    }

    /// All labels that are in a space.
    pub fn labels(space: &[u8], store: &dyn Kv, mut of: impl FnMut(u64)) -> Result<(), StoreError> {
        for row in store.scan(space) {
            let (key, value) = row?;
            if key != space {
                entries::<N>(&value)?.iter().for_each(|entry| of(label_of(entry)));
            }
        }
        Ok(())
    }

    fn read<E: From<StoreError>>(
        &self,
        run: usize,
        get: impl Fn(&[u8]) -> Result<Option<Vec<u8>>, E>,
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
        [&self.space[..], &(run as u16).to_be_bytes(), &bucket.to_be_bytes()].concat()
    }

    fn split(&self, key: &[u8]) -> Option<(usize, u32)> {
        let (run, bucket) = key.strip_prefix(&self.space[..])?.split_first_chunk()?;
        Some((usize::from(u16::from_be_bytes(*run)), u32::from_be_bytes(bucket.try_into().ok()?)))
    }
}

/// Whether a run of so many entries is merged with a new one of so many.
fn merges<const N: usize>(last: u64, new: u64) -> bool {
    last <= FACTOR.saturating_mul(new) && last.saturating_add(new) <= MOST / N as u64
}

/// How many buckets a run has: a power of two.
fn buckets<const N: usize>(count: u64) -> u32 {
    let wanted = count.div_ceil(BUCKET / N as u64).clamp(1, 1 << 31);
    (wanted as u32).next_power_of_two()
}

/// The bucket of a label, in a run of so many entries.
fn bucket_of<const N: usize>(label: u64, count: u64) -> u32 {
    ((u128::from(label) * u128::from(buckets::<N>(count))) >> 64) as u32
}

fn entries<const N: usize>(row: &[u8]) -> Result<&[[u8; N]], StoreError> {
    let (entries, rest) = row.as_chunks();
    if rest.is_empty() { Ok(entries) } else { Err(damaged()) }
}

fn label_of<const N: usize>(entry: &[u8; N]) -> u64 {
    entry.first_chunk().map_or(0, |label| u64::from_be_bytes(*label))
}

/// The entry of a label that is found at a place.
pub fn placed(label: u64, place: u64) -> Placed {
    (u128::from(label) << 64 | u128::from(place)).to_be_bytes()
}

/// The place in such an entry.
pub fn place_of(entry: &Placed) -> u64 {
    u128::from_be_bytes(*entry) as u64
}

fn damaged() -> StoreError {
    StoreError::Engine { reason: "its runs are damaged".to_owned() }
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
        let runs = Runs::load(SPACE, |key| Kv::get(store, key)).unwrap();
        runs.add(payloads.to_vec(), |key| Kv::get(store, key), &mut batch).unwrap();
        store.apply(batch);
    }

    fn find(store: &MemoryRows, entry: &Placed) -> bool {
        let runs = Runs::load(SPACE, |key| Kv::get(store, key)).unwrap();
        let is = |found: &Placed| Ok::<_, StoreError>((found == entry).then_some(()));
        let label = label_of(entry);
        let get = |key: &[u8]| Kv::get(store, key);
        let found = runs.find(label..=label, get, is).unwrap();
        // It is in one run, and not in those that are newer.
        let onward = runs.find_onward(0, label, get, is).unwrap();
        assert_eq!(found.is_some(), onward.is_some());
        if let Some((run, ())) = onward {
            assert!(runs.find_onward(run, label, get, is).unwrap().is_some());
            assert!(runs.find_onward(run + 1, label, get, is).unwrap().is_none());
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
        runs.find(labels, |key| Kv::get(store, key), each).unwrap();
        out
    }

    #[test]
    fn what_was_added_is_found_and_the_rows_do_not_depend_on_the_batches() {
        let lengths = [20, 20, 1, 3_000, 20, 5, 900, 900, 20, 20, 20, 20, 1, 0, 1, 1, 10_000, 7];
        let payloads: Vec<_> = (1..).zip(lengths).map(|(seed, length)| payload(seed, length)).collect();
        let (single, all) = (MemoryRows::default(), MemoryRows::default());
        for (done, one) in payloads.iter().enumerate() {
            add(&single, std::slice::from_ref(one));
            for entry in payloads[..=done].iter().flatten().step_by(17) {
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
        assert!(!find(&all, &placed(77, 1)) && !find(&all, &placed(label_of(&payloads[0][0]), 99)));
        let mut labels = 0;
        Runs::<16>::labels(SPACE, &all, |_| labels += 1).unwrap();
        assert_eq!(labels, lengths.iter().sum::<u64>());
    }

    #[test]
    fn runs_stay_few_and_none_is_too_large() {
        let mut runs: Vec<u64> = Vec::new();
        for _ in 0..200_000 {
            let mut count = 20;
            while let Some(last) = runs.pop_if(|last| merges::<16>(*last, count)) {
                count += last;
            }
            runs.push(count);
        }
        assert!(runs.len() < 8 + 200_000 * 20 * 16 / (MOST as usize / 2), "{runs:?}");
        assert!(runs.iter().all(|count| *count * 16 <= MOST), "{runs:?}");
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
        let filled = || {
            let store = MemoryRows::default();
            add(&store, &[payload(1, 500)]);
            assert!(whole(&store));
            store
        };
        let rows = filled().scan(SPACE);
        for (at, (key, value)) in rows.iter().enumerate() {
            let store = filled();
            let mut batch = Batch::default();
            batch.remove(key.clone());
            store.apply(batch);
            assert!(!whole(&store), "row {at} away");
            let store = filled();
            let mut batch = Batch::default();
            batch.insert(key.clone(), value[..value.len() - 8].to_vec());
            store.apply(batch);
            assert!(!whole(&store), "row {at} cut");
            let store = filled();
            let mut batch = Batch::default();
            batch.insert(key.clone(), rows[(at + 1) % rows.len()].1.clone());
            store.apply(batch);
            assert!(!whole(&store), "row {at} another");
        }
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
