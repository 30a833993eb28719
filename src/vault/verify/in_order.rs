//! Values of the store that follow each other as the ledger does, compared without looking each up.

use crate::store::{Kv as _, dense::Dense, kv::Rows, sled::SledStore};

/// The dense rows of one space of the store, in order.
pub(super) struct InOrder<'a, const N: usize> {
    dense: Dense<N>,
    rows: Option<Rows<'a>>,
    /// The number of the next value.
    next: u64,
    /// What the row must hold that the next value is in.
    row: Vec<u8>,
    met: u64,
    more: u64,
}

/// How a row compares with what it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    Same,
    Another,
    Missing,
    /// The store itself is damaged there.
    Unreadable,
}

impl<'a, const N: usize> InOrder<'a, N> {
    /// From the first row of a space on; all is well without a store.
    pub(super) fn new(store: Option<&'a SledStore>, dense: Dense<N>) -> InOrder<'a, N> {
        InOrder { dense, rows: store.map(|store| store.scan(&[dense.0])), next: 0, row: Vec::new(), met: 0, more: 0 }
    }

    /// Takes the value that comes next, and compares a row when all of it has come. After one that is
    /// another, the rows that come are not looked at: what they would be compared with is not theirs.
    pub(super) fn next_is(&mut self, value: &[u8; N]) -> Compared {
        if self.rows.is_none() {
            return Compared::Same;
        }
        self.row.extend_from_slice(value);
        self.next += 1;
        if self.next.is_multiple_of(Dense::<N>::EACH) { self.compare() } else { Compared::Same }
    }

    fn compare(&mut self) -> Compared {
        let Some(rows) = &mut self.rows else { return Compared::Same };
        let key = self.dense.key(self.next - 1);
        let compared = loop {
            match rows.next().transpose() {
                // One that stands before it is one too many.
                Ok(Some((own, _))) if own.as_slice() < &key[..] => self.more += 1,
                Ok(Some((own, found))) if own == key && found == self.row => {
                    self.met += 1;
                    self.row.clear();
                    return Compared::Same;
                }
                Ok(Some((own, _))) if own == key => break Compared::Another,
                Ok(_) => break Compared::Missing,
                Err(_) => break Compared::Unreadable,
            }
        };
        self.rows = None;
        compared
    }

    /// Compares the last row; gives also how many rows were as they must be, and how many more there
    /// are.
    pub(super) fn finish(&mut self) -> (Compared, u64, u64) {
        let compared = if self.row.is_empty() { Compared::Same } else { self.compare() };
        let mut more = self.more;
        for row in self.rows.take().into_iter().flatten() {
            if row.is_err() {
                return (Compared::Unreadable, self.met, more);
            }
            more += 1;
        }
        (compared, self.met, more)
    }
}
