//! Rows of the store that follow each other as the ledger does, compared without looking each up.

use crate::store::{Kv as _, StoreError, kv::Rows, sled::SledStore};

/// The rows of one space of the store, in order.
pub(super) struct InOrder<'a> {
    rows: Option<Rows<'a>>,
    met: u64,
    more: u64,
}

/// How a row compares with what it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    Same,
    Another,
    Missing,
}

impl<'a> InOrder<'a> {
    /// From the first row of a space on; all is well without a store.
    pub(super) fn new(store: Option<&'a SledStore>, space: u8) -> InOrder<'a> {
        InOrder { rows: store.map(|store| store.scan(&[space])), met: 0, more: 0 }
    }

    /// Compares the next row. After one that is another, the rows that come are not looked at: what
    /// they would be compared with is not theirs.
    pub(super) fn next_is(&mut self, key: &[u8], value: &[u8]) -> Result<Compared, StoreError> {
        let Some(rows) = &mut self.rows else { return Ok(Compared::Same) };
        let compared = loop {
            match rows.next().transpose()? {
                // One that stands before it is one too many.
                Some((own, _)) if own.as_slice() < key => self.more += 1,
                Some((own, found)) if own == key && found == value => {
                    self.met += 1;
                    return Ok(Compared::Same);
                }
                Some((own, _)) if own == key => break Compared::Another,
                _ => break Compared::Missing,
            }
        };
        self.rows = None;
        Ok(compared)
    }

    /// How many rows were as they must be, and how many more there are.
    pub(super) fn finish(&mut self) -> Result<(u64, u64), StoreError> {
        let mut more = self.more;
        for row in self.rows.take().into_iter().flatten() {
            row?;
            more += 1;
        }
        Ok((self.met, more))
    }
}
