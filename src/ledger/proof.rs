//! Proofs over the ledger's tree: that an entry is in it, and that one tree is the beginning of
//! another (RFC 6962, sections 2.1.1 and 2.1.2; checked as RFC 9162, sections 2.1.3.2 and 2.1.4.2).
//! Made and checked by `tlog_tiles`.

use std::cell::RefCell;

use tlog_tiles::{Hash, HashReader};

use super::{LedgerError, entry::TreeHead, tree::Nodes};
use crate::crypto::digest::{Digest, sha256};

/// The most hashes of one proof: a tree of 2^63 leaves needs no more, and C2SP `tlog-witness`
/// allows no more.
pub const MAX_HASHES: usize = 63;

/// The largest tree that is spoken of: sizes are signed 64-bit numbers in much other software.
pub const MAX_SIZE: u64 = i64::MAX as u64;

/// Proves that leaf `index` is in the tree of the first `size` leaves: the hashes beside its path,
/// its sibling first.
///
/// # Errors
/// If the leaf is not in that tree, or one of the stored nodes is missing.
pub fn inclusion(index: u64, size: u64, nodes: &dyn Nodes) -> Result<Vec<Digest>, LedgerError> {
    if index >= size || size > MAX_SIZE {
        return Err(LedgerError::NotInTree { index, size });
    }
    made(nodes, |reader| tlog_tiles::prove_record(size, index, reader))
}

/// Proves that the tree of the first `old` leaves is the beginning of that of the first `new`.
/// Nothing is to be proved of the empty tree, nor of a tree and itself: the proof is empty.
///
/// # Errors
/// If `old` is larger than `new`, or one of the stored nodes is missing.
pub fn consistency(old: u64, new: u64, nodes: &dyn Nodes) -> Result<Vec<Digest>, LedgerError> {
    if old > new || new > MAX_SIZE {
        return Err(LedgerError::NotInTree { index: old, size: new });
    }
    if old == 0 {
        return Ok(Vec::new());
    }
    made(nodes, |reader| tlog_tiles::prove_tree(new, old, reader))
}

/// Checks that the leaf with hash `leaf` ([`super::tree::leaf_hash`] of a line) is the one with
/// number `index` in `tree`.
///
/// # Errors
/// [`LedgerError::BadProof`] if the proof does not show it.
pub fn check_inclusion(leaf: &Digest, index: u64, tree: &TreeHead, proof: &[Digest]) -> Result<(), LedgerError> {
    if index >= tree.size || tree.size > MAX_SIZE || proof.len() > MAX_HASHES {
        return Err(LedgerError::BadProof);
    }
    tlog_tiles::check_record(&hashes(proof), tree.size, Hash(tree.root), index, Hash(*leaf))
        .map_err(|_| LedgerError::BadProof)
}

/// Checks that `old` is the beginning of `new`.
///
/// # Errors
/// [`LedgerError::BadProof`] if the proof does not show it: also if a tree of no leaves has
/// another root than that, or two trees of one size have two roots.
pub fn check_consistency(old: &TreeHead, new: &TreeHead, proof: &[Digest]) -> Result<(), LedgerError> {
    let empty = |tree: &TreeHead| tree.size > 0 || tree.root == sha256(&[]);
    if old.size > new.size || new.size > MAX_SIZE || proof.len() > MAX_HASHES || !empty(old) || !empty(new) {
        return Err(LedgerError::BadProof);
    }
    if old.size == 0 {
        return if proof.is_empty() { Ok(()) } else { Err(LedgerError::BadProof) };
    }
    tlog_tiles::check_tree(&hashes(proof), new.size, Hash(new.root), old.size, Hash(old.root))
        .map_err(|_| LedgerError::BadProof)
}

fn hashes(proof: &[Digest]) -> Vec<Hash> {
    proof.iter().copied().map(Hash).collect()
}

/// Lets the crate read stored nodes, and keeps what went wrong when one could not be read.
struct Reader<'a> {
    nodes: &'a dyn Nodes,
    failed: RefCell<Option<LedgerError>>,
}

impl HashReader for Reader<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        let read = |index: &u64| self.nodes.node(*index).map(Hash);
        indexes.iter().map(read).collect::<Result<_, _>>().map_err(|error| {
            self.failed.replace(Some(error));
            tlog_tiles::Error::IndexesNotInTree
        })
    }
}

fn made(
    nodes: &dyn Nodes,
    prove: impl FnOnce(&Reader<'_>) -> Result<Vec<Hash>, tlog_tiles::Error>,
) -> Result<Vec<Digest>, LedgerError> {
    let reader = Reader { nodes, failed: RefCell::new(None) };
    match prove(&reader) {
        Ok(proof) => Ok(proof.into_iter().map(|hash| hash.0).collect()),
        Err(_) => Err(reader.failed.take().unwrap_or(LedgerError::BadProof)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::ledger::tree::{Frontier, leaf_hash};

    /// Nodes and heads of a tree of leaves `salt, number`, at every size up to `size`.
    fn tree(size: u64, salt: u8) -> (BTreeMap<u64, Digest>, Vec<TreeHead>) {
        let (mut frontier, mut nodes) = (Frontier::new(), BTreeMap::new());
        let mut heads = vec![TreeHead { size: 0, root: frontier.root() }];
        for number in 0..size {
            nodes.extend(frontier.push(&leaf(number, salt)));
            heads.push(TreeHead { size: number + 1, root: frontier.root() });
        }
        (nodes, heads)
    }

    fn leaf(number: u64, salt: u8) -> Vec<u8> {
        [&[salt][..], &number.to_be_bytes()].concat()
    }

    #[test]
    fn every_leaf_of_every_size_and_no_other() {
        let (nodes, heads) = tree(200, 0);
        for head in &heads[1..] {
            for index in 0..head.size {
                let proof = inclusion(index, head.size, &nodes).unwrap();
                let hash = leaf_hash(&leaf(index, 0));
                check_inclusion(&hash, index, head, &proof).unwrap();
                assert!(check_inclusion(&leaf_hash(&leaf(index, 1)), index, head, &proof).is_err());
                assert!(check_inclusion(&hash, index + 1, head, &proof).is_err());
                if let Some(shorter) = proof.len().checked_sub(1) {
                    assert!(check_inclusion(&hash, index, head, &proof[..shorter]).is_err());
                }
                let longer = [&proof[..], &[head.root]].concat();
                assert!(check_inclusion(&hash, index, head, &longer).is_err());
            }
            assert!(inclusion(head.size, head.size, &nodes).is_err());
        }
    }

    #[test]
    fn every_pair_of_sizes_and_no_fork() {
        let (nodes, heads) = tree(130, 0);
        let (_, forked) = tree(130, 1);
        for new in &heads {
            for old in &heads[..=new.size as usize] {
                let proof = consistency(old.size, new.size, &nodes).unwrap();
                check_consistency(old, new, &proof).unwrap();
                assert!(proof.len() <= MAX_HASHES);
                if new.size > old.size {
                    assert!(check_consistency(new, old, &proof).is_err());
                    assert!(consistency(new.size, old.size, &nodes).is_err());
                }
                if old.size > 0 {
                    assert!(check_consistency(&forked[old.size as usize], new, &proof).is_err());
                    assert!(check_consistency(old, &forked[new.size as usize], &proof).is_err());
                }
                let longer = [&proof[..], &[new.root]].concat();
                assert!(check_consistency(old, new, &longer).is_err());
            }
        }
    }

    #[test]
    fn a_missing_node_is_named() {
        let (mut nodes, _) = tree(9, 0);
        nodes.remove(&1);
        assert!(matches!(inclusion(0, 9, &nodes), Err(LedgerError::NoHash { index: 1 })));
        assert!(matches!(consistency(1, 9, &nodes), Err(LedgerError::NoHash { index: 1 })));
    }

    #[test]
    fn nonsense_sizes_do_not_panic() {
        let huge = TreeHead { size: u64::MAX, root: [0; 32] };
        let large = TreeHead { size: MAX_SIZE, root: [0; 32] };
        for proof in [vec![], vec![[1; 32]; 63], vec![[1; 32]; 64], vec![[1; 32]; 1000]] {
            for tree in [&huge, &large] {
                for index in [0, 1, MAX_SIZE - 1, MAX_SIZE, u64::MAX] {
                    assert!(check_inclusion(&[0; 32], index, tree, &proof).is_err());
                    assert!(check_consistency(&TreeHead { size: index, root: [1; 32] }, tree, &proof).is_err());
                }
            }
        }
        assert!(inclusion(0, u64::MAX, &BTreeMap::new()).is_err());
        assert!(consistency(1, u64::MAX, &BTreeMap::new()).is_err());
    }

    proptest! {
        #[test]
        fn a_changed_proof_shows_nothing(size in 2u64..200, at in any::<prop::sample::Index>(),
                                         which in any::<prop::sample::Index>(), bit in 0usize..256) {
            let (nodes, heads) = tree(size, 0);
            let number = at.index(size as usize) as u64;
            let flip = |mut proof: Vec<Digest>| {
                let hash = which.index(proof.len());
                proof[hash][bit / 8] ^= 1 << (bit % 8);
                proof
            };
            let proof = flip(inclusion(number, size, &nodes).unwrap());
            prop_assert!(check_inclusion(&leaf_hash(&leaf(number, 0)), number, &heads[size as usize], &proof).is_err());
            if number > 0 {
                let proof = flip(consistency(number, size, &nodes).unwrap());
                prop_assert!(check_consistency(&heads[number as usize], &heads[size as usize], &proof).is_err());
            }
        }
    }
}
