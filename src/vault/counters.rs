//! How many postings the keywords have that were written.
//!
//! Only a memory of what the store says, which spares looking again: it is forgotten whenever a
//! write fails, also before it is committed, and whenever the store is made anew.

use std::collections::HashMap;

use crate::{crypto::index::Label, store::filter::Filter, vault::rows};

/// Most keywords whose number is remembered between batches, at about 40 bytes each.
const MAX: usize = 100_000;

/// What is known of the postings of keywords.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// The number of postings, by the label of the first.
    known: HashMap<Label, u64>,
    /// For some epochs, all labels that they had when these were taken, and those of first postings since.
    seen: HashMap<u64, Filter>,
    /// Versions whose postings were written.
    expected: u64,
    /// Whether keywords were forgotten that have postings of which only the first was seen.
    forgot: bool,
}

impl Counters {
    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Counters::default();
    }

    /// Forgets numbers when there are too many: first those of keywords that were written once, which
    /// are most, and seldom come again.
    pub fn trim(&mut self) {
        if self.known.len() > MAX {
            self.forgot = true;
            self.known.retain(|_, count| *count > 1);
            if self.known.len() > MAX / 2 {
                self.known.clear();
            }
        }
    }

    /// Takes note that the postings of so many versions will be written, and says of how many in all.
    pub fn expect(&mut self, versions: u64) -> u64 {
        self.expected += versions;
        self.expected
    }

    /// Whether all labels of an epoch are known.
    pub fn has_seen(&self, epoch: u64) -> bool {
        self.seen.contains_key(&epoch)
    }

    /// Takes all labels that an epoch has.
    pub fn see(&mut self, epoch: u64, labels: Filter) {
        self.seen.insert(epoch, labels);
    }

    /// How many postings a keyword has; `None` if the store must be asked.
    pub fn get(&self, epoch: u64, first: &Label) -> Option<u64> {
        let unseen = || self.seen.get(&epoch).is_some_and(|seen| !seen.may_have(rows::short(first)));
        self.known.get(first).copied().or_else(|| unseen().then_some(0))
    }

    /// Whether a posting of a keyword that is not known here may have this label; `false` is certain.
    pub fn may_have(&self, epoch: u64, label: &Label) -> bool {
        self.forgot || self.seen.get(&epoch).is_none_or(|seen| seen.may_have(rows::short(label)))
    }

    /// Notes that a keyword has one posting more than `count`.
    pub fn count(&mut self, epoch: u64, first: Label, count: u64) {
        self.known.insert(first, count + 1);
        // Whether a keyword is new is asked of its first label.
        if let Some(seen) = self.seen.get_mut(&epoch).filter(|_| count == 0) {
            seen.insert(rows::short(&first));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_adds_up_until_all_is_forgotten() {
        let mut counters = Counters::default();
        assert_eq!([counters.expect(3), counters.expect(500)], [3, 503]);
        counters.clear();
        assert_eq!(counters.expect(1), 1);
    }

    #[test]
    fn only_what_is_certain_is_said_without_asking() {
        let mut counters = Counters::default();
        let (first, other) = ([1; 16], [3; 16]);
        assert_eq!(counters.get(1, &first), None);
        counters.see(1, Filter::default());
        assert_eq!((counters.get(1, &first), counters.get(2, &first)), (Some(0), None));
        counters.count(1, first, 0);
        counters.count(1, first, 1);
        assert_eq!((counters.get(1, &first), counters.get(1, &other)), (Some(2), Some(0)));
        assert!(counters.may_have(1, &first) && !counters.may_have(1, &other) && counters.may_have(2, &other));
        counters.count(1, other, 0);
        for at in 0..MAX as u64 {
            counters.known.insert(std::array::from_fn(|n| (at >> (8 * n.min(7))) as u8), 1);
        }
        counters.trim();
        assert_eq!((counters.get(1, &first), counters.known.len()), (Some(2), 1), "it was written twice");
        assert_eq!(counters.get(1, &other), None, "it was seen: the store knows how often");
        assert!(counters.may_have(1, &[5; 16]), "of the keywords that were forgotten not all labels were seen");
        for at in 0..MAX as u64 {
            counters.known.insert(std::array::from_fn(|n| (at >> (8 * n.min(7))) as u8), 2);
        }
        counters.trim();
        assert!(counters.known.is_empty(), "too many were written twice");
        counters.clear();
        assert_eq!(counters.get(1, &other), None);
        counters.see(1, Filter::default());
        assert!(!counters.may_have(1, &other));
    }
}
