//! Dense rows: values of one length under consecutive numbers, many in a row.
//!
//! sled keeps no more than sixteen rows in a page, however short they are, and something in memory
//! for every page: a row for each entry of a long ledger took more of it than what is in them.
//!
//! | key | value |
//! |---|---|
//! | space, number of the row (u64) | its values, all full but in the last row |

use super::{
    StoreError,
    kv::{Batch, Kv},
};

/// Bytes of a full row. A value more is a whole row written again: not too many.
const ROW: usize = 512;

/// The values of `N` bytes in one space of the store.
#[derive(Debug, Clone, Copy)]
pub struct Dense<const N: usize>(pub u8);

impl<const N: usize> Dense<N> {
    /// How many values a full row has.
    pub const EACH: u64 = (ROW / N) as u64;

    /// The key of the row that has a value.
    pub fn key(self, number: u64) -> [u8; 9] {
        let mut key = [self.0; 9];
        key[1..].copy_from_slice(&(number / Self::EACH).to_be_bytes());
        key
    }

    /// A value; `None` if there is none under this number.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn get(self, number: u64, store: &dyn Kv) -> Result<Option<[u8; N]>, StoreError> {
        let Some(row) = store.get(&self.key(number))? else { return Ok(None) };
        let (values, _) = row.as_chunks();
        Ok(values.get((number % Self::EACH) as usize).copied())
    }

    /// Adds the values that come next, the first of them under the number `first`.
    ///
    /// # Errors
    /// A store that cannot be read, or that does not end where they begin.
    pub fn append(self, first: u64, values: &[[u8; N]], store: &dyn Kv, batch: &mut Batch) -> Result<(), StoreError> {
        let before = (first % Self::EACH) as usize;
        let mut row = match before {
            0 => Vec::new(),
            _ => store.get(&self.key(first))?.unwrap_or_default(),
        };
        if row.len() != before * N {
            return Err(StoreError::Engine { reason: "its rows do not end where they should".to_owned() });
        }
        for (number, value) in (first..).zip(values) {
            row.extend_from_slice(value);
            if (number + 1).is_multiple_of(Self::EACH) {
                batch.insert(self.key(number), std::mem::take(&mut row));
            }
        }
        if !row.is_empty() {
            batch.insert(self.key(first + values.len() as u64 - 1), row);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::memory::MemoryRows;

    const SPACE: Dense<32> = Dense(b'h');

    fn value(number: u64) -> [u8; 32] {
        [number as u8; 32]
    }

    fn append(store: &MemoryRows, first: u64, count: u64) -> Result<(), StoreError> {
        let values: Vec<_> = (first..first + count).map(value).collect();
        let mut batch = Batch::default();
        SPACE.append(first, &values, store, &mut batch)?;
        store.apply(batch);
        Ok(())
    }

    #[test]
    fn what_was_added_is_there_however_it_came() {
        let (single, parts) = (MemoryRows::default(), MemoryRows::default());
        for number in 0..100 {
            append(&single, number, 1).unwrap();
        }
        for (first, count) in [(0, 0), (0, 15), (15, 1), (16, 16), (32, 1), (33, 66), (99, 1), (100, 0)] {
            append(&parts, first, count).unwrap();
        }
        assert_eq!(single.scan(b""), parts.scan(b""));
        assert_eq!(single.scan(b"").len(), 7);
        for number in 0..100 {
            assert_eq!(SPACE.get(number, &single).unwrap(), Some(value(number)));
        }
        assert_eq!(SPACE.get(100, &single).unwrap(), None);
        assert_eq!(SPACE.get(112, &single).unwrap(), None);
    }

    #[test]
    fn values_that_do_not_follow_are_refused() {
        let store = MemoryRows::default();
        append(&store, 0, 20).unwrap();
        for first in [19, 21, 37] {
            assert!(append(&store, first, 1).is_err(), "{first}");
        }
        append(&store, 20, 1).unwrap();
    }
}
