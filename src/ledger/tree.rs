//! The ledger's Merkle tree (RFC 6962, section 2.1), on `tlog_tiles`.

use tlog_tiles::{Hash, node_hash, record_hash, stored_hash_index};

use super::LedgerError;
use crate::crypto::digest::{Digest, sha256};

/// Where the stored nodes of a tree are read from, by their index in storage order (that of
/// `tlog_tiles::stored_hash_index`).
pub trait Nodes {
    /// The node, or an error if it is not there.
    fn node(&self, index: u64) -> Result<Digest, LedgerError>;
}

/// The right edge of a growing tree: all that is needed to append and to know the root.
///
/// Holds at most 64 hashes, whatever the size of the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Roots of the full subtrees that make up the tree, largest first: one for each bit of `size`.
    peaks: Vec<Digest>,
}

impl Frontier {
    /// The tree of nothing.
    pub fn new() -> Frontier {
        Frontier::default()
    }

    /// The right edge of a tree whose nodes are stored.
    pub fn load(size: u64, nodes: &dyn Nodes) -> Result<Frontier, LedgerError> {
        let mut peaks = Vec::new();
        let mut before = 0;
        for level in (0..64u8).rev().filter(|level| size >> level & 1 == 1) {
            peaks.push(nodes.node(stored_hash_index(level, before >> level))?);
            before += 1 << level;
        }
        Ok(Frontier { size, peaks })
    }

    /// The right edge whose full subtrees have these roots, as [`Frontier::peaks`] gives them.
    /// `None` if they are not as many as a tree of that size has.
    pub fn from_peaks(size: u64, peaks: Vec<Digest>) -> Option<Frontier> {
        (peaks.len() == size.count_ones() as usize).then_some(Frontier { size, peaks })
    }

    /// Roots of the full subtrees that make up the tree, largest first.
    pub fn peaks(&self) -> &[Digest] {
        &self.peaks
    }

    /// How many leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root.
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => sha256(&[]),
            Some(last) => peaks.fold(*last, |right, left| node_hash(Hash(*left), Hash(right)).0),
        }
    }

    /// Appends a leaf; gives the nodes that are now complete, with their indices.
    pub fn push(&mut self, leaf: &[u8]) -> Vec<(u64, Digest)> {
        self.push_hash(leaf_hash(leaf))
    }

    /// As [`Frontier::push`], of a leaf of which the hash is known.
    pub fn push_hash(&mut self, leaf: Digest) -> Vec<(u64, Digest)> {
        let mut hash = leaf;
        let mut stored = vec![(leaf_index(self.size), hash)];
        for level in 0..self.size.trailing_ones() as u8 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(Hash(left), Hash(hash)).0;
            stored.push((stored_hash_index(level + 1, self.size >> (level + 1)), hash));
        }
        self.peaks.push(hash);
        self.size += 1;
        stored
    }
}

/// The hash of a leaf.
pub fn leaf_hash(leaf: &[u8]) -> Digest {
    record_hash(leaf).0
}

/// Where the hash of a leaf is stored, by its number from 0.
pub fn leaf_index(leaf: u64) -> u64 {
    stored_hash_index(0, leaf)
}

/// The root that a stored tree had when it had `size` leaves.
pub fn root_at(size: u64, nodes: &dyn Nodes) -> Result<Digest, LedgerError> {
    Ok(Frontier::load(size, nodes)?.root())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    impl Nodes for BTreeMap<u64, Digest> {
        fn node(&self, index: u64) -> Result<Digest, LedgerError> {
            self.get(&index).copied().ok_or(LedgerError::NoHash { index })
        }
    }

    struct Reader<'a>(&'a BTreeMap<u64, Digest>);

    impl tlog_tiles::HashReader for Reader<'_> {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
            Ok(indexes.iter().map(|index| Hash(self.0[index])).collect())
        }
    }

    #[test]
    fn the_roots_of_the_certificate_transparency_vectors() {
        // The eight leaves and roots that the reference implementation of RFC 6962 tests with.
        let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
        let leaves =
            ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut tree = Frontier::new();
        assert_eq!(tree.root().to_vec(), hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        for (leaf, root) in leaves.iter().zip(roots) {
            tree.push(&hex(leaf));
            assert_eq!(tree.root().to_vec(), hex(root));
        }
    }

    #[test]
    fn the_same_as_the_crate_at_every_size() {
        let mut tree = Frontier::new();
        let mut stored = BTreeMap::new();
        for size in 0..300u64 {
            assert_eq!(stored.len() as u64, tlog_tiles::stored_hash_count(size));
            assert_eq!(Frontier::load(size, &stored).unwrap(), tree);
            if size > 0 {
                assert_eq!(tree.root(), tlog_tiles::tree_hash(size, &Reader(&stored)).unwrap().0);
                assert_eq!(
                    root_at(size / 2 + 1, &stored).unwrap(),
                    tlog_tiles::tree_hash(size / 2 + 1, &Reader(&stored)).unwrap().0
                );
            }
            stored.extend(tree.push(&size.to_be_bytes()));
        }
        assert!(matches!(Frontier::load(1 << 40, &stored), Err(LedgerError::NoHash { .. })));
    }
}
