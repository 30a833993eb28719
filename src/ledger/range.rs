//! Proof that a row of leaves is everything between two numbers of a tree: nothing left out, nothing
//! put in, nothing in another order.
//!
//! ```text
//! leaves 0 .. first        known by the roots of their full subtrees (`before`)
//! leaves first .. next     the row itself
//! the tree of `next`       follows from both; a consistency proof (`after`) leads to the signed head
//! ```

use super::{
    LedgerError,
    entry::TreeHead,
    proof,
    tree::{Frontier, Nodes},
};
use crate::crypto::digest::Digest;

/// The hashes that a row of leaves is checked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeProof {
    /// Roots of the full subtrees of the tree before the row, largest first.
    pub before: Vec<Digest>,
    /// That the tree which ends with the row is the beginning of the signed one.
    pub after: Vec<Digest>,
}

/// Proves that the leaves from `first` until before `next` are all of the tree of `size` leaves that
/// lie between.
///
/// # Errors
/// If the tree does not reach so far, or one of the stored nodes is missing.
pub fn prove(first: u64, next: u64, size: u64, nodes: &dyn Nodes) -> Result<RangeProof, LedgerError> {
    if first > next || next > size {
        return Err(LedgerError::NotInTree { index: next, size });
    }
    let before = Frontier::load(first, nodes)?.peaks().to_vec();
    Ok(RangeProof { before, after: proof::consistency(next, size, nodes)? })
}

/// A row of leaves that is being checked.
pub struct Row {
    tree: Frontier,
    next: u64,
    after: Vec<Digest>,
}

impl Row {
    /// Begins with the leaf numbered `first`, and is to end before `next`.
    ///
    /// # Errors
    /// [`LedgerError::BadProof`] if the proof cannot be of a row that begins there.
    pub fn begin(first: u64, next: u64, proof: RangeProof) -> Result<Row, LedgerError> {
        if first > next || next > proof::MAX_SIZE {
            return Err(LedgerError::BadProof);
        }
        let tree = Frontier::from_peaks(first, proof.before).ok_or(LedgerError::BadProof)?;
        Ok(Row { tree, next, after: proof.after })
    }

    /// The tree so far.
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.tree.size(), root: self.tree.root() }
    }

    /// The next leaf, by its hash.
    pub fn push(&mut self, leaf: Digest) {
        self.tree.push_hash(leaf);
    }

    /// Checks that the row leads to a signed tree.
    ///
    /// # Errors
    /// [`LedgerError::BadProof`] if it does not.
    pub fn finish(self, head: &TreeHead) -> Result<(), LedgerError> {
        // Nothing has to be proved of a tree of no leaves: a row that is missing must not look so.
        if self.tree.size() != self.next {
            return Err(LedgerError::BadProof);
        }
        proof::check_consistency(&self.head(), head, &self.after)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ledger::tree::leaf_hash;

    fn check(first: u64, next: u64, leaves: &[Digest], proof: &RangeProof, head: &TreeHead) -> Result<(), LedgerError> {
        let mut row = Row::begin(first, next, proof.clone())?;
        leaves.iter().for_each(|leaf| row.push(*leaf));
        row.finish(head)
    }

    #[test]
    fn every_row_of_every_tree_and_no_other() {
        let leaf = |number: u64| leaf_hash(&number.to_be_bytes());
        let (mut tree, mut nodes) = (Frontier::new(), BTreeMap::new());
        for size in 1..40u64 {
            nodes.extend(tree.push(&(size - 1).to_be_bytes()));
            let head = TreeHead { size, root: tree.root() };
            for first in 0..size {
                for next in first + 1..=size {
                    let proof = prove(first, next, size, &nodes).unwrap();
                    let row: Vec<Digest> = (first..next).map(leaf).collect();
                    check(first, next, &row, &proof, &head).unwrap();
                    // One left out, one too many, one changed, two in another order, another place.
                    assert!(check(first, next, &row[1..], &proof, &head).is_err());
                    assert!(check(first, next, &[&row[..], &row[..1]].concat(), &proof, &head).is_err());
                    let mut other = row.clone();
                    other[(next - first) as usize / 2][0] ^= 1;
                    assert!(check(first, next, &other, &proof, &head).is_err());
                    let mut other = row.clone();
                    other.reverse();
                    assert!(next - first == 1 || check(first, next, &other, &proof, &head).is_err());
                    assert!(check(first + 1, next + 1, &row, &proof, &head).is_err());
                }
            }
        }
        assert!(prove(3, 2, 9, &nodes).is_err() && prove(3, 99, 39, &nodes).is_err());
        assert!(Row::begin(u64::MAX, u64::MAX, RangeProof { before: vec![[0; 32]; 64], after: Vec::new() }).is_err());
    }
}
