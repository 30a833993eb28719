//! Which pseudorandom labels may have been seen before: a Bloom filter that grows.
//!
//! In a bulk of records most labels are new, and to look each of them up in every run of a large
//! store took longer than sealing the records. Two bytes for each label spare almost all of that.

/// Labels that the first layer takes whose number was not known before; each later one takes twice as
/// many.
const FIRST: usize = 1 << 15;

/// Bits for each label.
const BITS: usize = 12;

/// Bits that a label sets: with these, about one label in 200 is taken for one that was seen.
const SET: u32 = 6;

/// A set of labels that forgets none, and sometimes knows one that it was not given.
#[derive(Debug, Default)]
pub struct Filter(Vec<Layer>);

#[derive(Debug)]
struct Layer {
    bits: Vec<u64>,
    /// How many more labels it takes.
    room: usize,
}

impl Layer {
    fn new(room: usize) -> Layer {
        Layer { bits: vec![0; (room * BITS).div_ceil(64)], room }
    }
}

impl Filter {
    /// A set that is given so many labels at once, and takes no more memory for them than it needs.
    pub fn with_room(labels: usize) -> Filter {
        Filter(Vec::from_iter((labels > 0).then(|| Layer::new(labels))))
    }

    /// Adds a label.
    pub fn insert(&mut self, label: u64) {
        if self.0.last().is_none_or(|layer| layer.room == 0) {
            self.0.push(Layer::new(FIRST << self.0.len().min(24)));
        }
        if let Some(layer) = self.0.last_mut() {
            layer.room -= 1;
            for at in places(label, layer.bits.len()) {
                layer.bits[at / 64] |= 1 << (at % 64);
            }
        }
    }

    /// Whether a label may have been added; `false` is certain.
    pub fn may_have(&self, label: u64) -> bool {
        self.0.iter().any(|layer| places(label, layer.bits.len()).all(|at| (layer.bits[at / 64] >> (at % 64)) & 1 == 1))
    }
}

/// The bits of a label in so many words. It is a hash already: its halves are enough.
fn places(label: u64, words: usize) -> impl Iterator<Item = usize> {
    let (first, step) = ((label >> 32) as u32, label as u32 | 1);
    (0..SET).map(move |n| {
        let hash = first.wrapping_add(n.wrapping_mul(step));
        ((u64::from(hash) * words as u64 * 64) >> 32) as usize
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_forgotten_and_few_are_made_up() {
        let label =
            |n: u64| u64::from_be_bytes(*crate::crypto::digest::sha256(&[&n.to_be_bytes()]).first_chunk().unwrap());
        // Known before, a tenth more than was known, and not known: bytes for each that was added.
        for (mut filter, bytes) in [
            (Filter::with_room(200_000), 1.6),
            (Filter::with_room(180_000), 2.0),
            (Filter::with_room(0), 4.0),
            (Filter::default(), 4.0),
        ] {
            assert!(!filter.may_have(label(0)));
            for n in 0..200_000 {
                filter.insert(label(n));
            }
            assert!((0..200_000).all(|n| filter.may_have(label(n))));
            let made_up = (200_000..300_000).filter(|n| filter.may_have(label(*n))).count();
            assert!(made_up < 3_000, "{made_up}");
            let words: usize = filter.0.iter().map(|layer| layer.bits.len()).sum();
            assert!((words * 8) as f64 / 200_000.0 < bytes, "{words}");
        }
    }
}
