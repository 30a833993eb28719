//! A secret dealt along a tree of thresholds, and put together again.
//!
//! A leaf stands for one holder. A node that wants one of its children gives each of them what it
//! was given; a node that wants more deals it by Shamir's scheme over GF(2^8) (`vsss-rs`), child
//! `i` getting the share at `x = i`. Shares are not authenticated: whoever puts a secret together
//! checks it against a commitment.

use std::{collections::BTreeMap, convert::Infallible};

use vsss_rs::Gf256;
use zeroize::Zeroizing;

use super::{CryptoError, random::Random};

/// Deepest tree that is dealt: "any of A and any two of B" needs two levels.
pub const MAX_DEPTH: usize = 4;

/// Most leaves of one tree: each costs a sealed share in every envelope.
pub const MAX_LEAVES: usize = 32;

/// Most sets of leaves that [`Tree::ways`] gives: as many as the ways in which a charter's quorum can be
/// met.
const MAX_WAYS: usize = 1_000;

/// A tree of thresholds over numbered leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree {
    /// One holder, by its index among the leaves.
    Leaf(usize),
    /// Met when `any` of `of` are.
    Threshold {
        /// How many are wanted.
        any: u8,
        /// Of these.
        of: Vec<Tree>,
    },
}

/// Takes the share of a leaf.
pub type Give<'a> = dyn FnMut(usize, &[u8]) -> Result<(), CryptoError> + 'a;

/// What a leaf holds: the secret, or a share of it.
pub type Share = Zeroizing<Vec<u8>>;

impl Tree {
    /// Whether the leaves in `held` meet the tree.
    pub fn is_met(&self, held: &impl Fn(usize) -> bool) -> bool {
        match self {
            Tree::Leaf(index) => held(*index),
            Tree::Threshold { any, of } => of.iter().filter(|child| child.is_met(held)).count() >= usize::from(*any),
        }
    }

    /// Adds the indices of the tree's leaves to `out`, in order.
    pub fn leaves(&self, out: &mut Vec<usize>) {
        match self {
            Tree::Leaf(index) => out.push(*index),
            Tree::Threshold { of, .. } => of.iter().for_each(|child| child.leaves(out)),
        }
    }

    /// Gives every leaf its share of `secret`.
    pub fn deal(&self, secret: &[u8], random: &mut dyn Random, give: &mut Give<'_>) -> Result<(), CryptoError> {
        self.deal_below(secret, random, give, MAX_DEPTH)
    }

    fn deal_below(
        &self,
        secret: &[u8],
        random: &mut dyn Random,
        give: &mut Give<'_>,
        depth: usize,
    ) -> Result<(), CryptoError> {
        match self {
            Tree::Leaf(index) => give(*index, secret),
            Tree::Threshold { any, of } => {
                let deeper = depth.checked_sub(1).ok_or(CryptoError::BadTree)?;
                if *any == 0 || usize::from(*any) > of.len() || of.len() > MAX_LEAVES {
                    return Err(CryptoError::BadTree);
                }
                if *any == 1 {
                    return of.iter().try_for_each(|child| child.deal_below(secret, random, give, deeper));
                }
                let shares = split(usize::from(*any), of.len(), secret, random)?;
                of.iter().zip(&shares).try_for_each(|(child, share)| child.deal_below(share, random, give, deeper))
            }
        }
    }

    /// The smallest sets of these leaves that meet the tree, at most 1,000 of them: where one of
    /// the shares may be wrong, some of these sets do without it.
    pub fn ways(&self, held: &impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
        match self {
            Tree::Leaf(index) if held(*index) => vec![vec![*index]],
            Tree::Leaf(_) => Vec::new(),
            Tree::Threshold { any, of } => {
                // chosen[n]: the sets that meet n of the children looked at so far.
                let wanted = usize::from(*any);
                let mut chosen: Vec<Vec<Vec<usize>>> = vec![Vec::new(); wanted + 1];
                chosen[0].push(Vec::new());
                for child in of {
                    let own = child.ways(held);
                    for met in (0..wanted).rev() {
                        let joined =
                            chosen[met].iter().flat_map(|set| own.iter().map(|more| [&set[..], more].concat()));
                        let joined: Vec<_> = joined.take(MAX_WAYS - chosen[met + 1].len()).collect();
                        chosen[met + 1].extend(joined);
                    }
                }
                chosen.pop().unwrap_or_default()
            }
        }
    }

    /// Puts the secret together from the leaves' shares, or says that they do not suffice.
    pub fn combine(&self, shares: &BTreeMap<usize, Share>) -> Result<Share, CryptoError> {
        match self {
            Tree::Leaf(index) => shares.get(index).cloned().ok_or(CryptoError::QuorumNotMet),
            Tree::Threshold { any, of } => {
                let wanted = usize::from(*any);
                let mut parts = Vec::with_capacity(wanted);
                for child in of.iter().filter(|child| child.is_met(&|leaf| shares.contains_key(&leaf))).take(wanted) {
                    parts.push(child.combine(shares)?);
                }
                if parts.len() < wanted || wanted == 0 {
                    return Err(CryptoError::QuorumNotMet);
                }
                if wanted == 1 {
                    return parts.pop().ok_or(CryptoError::QuorumNotMet);
                }
                // The crate wants bare vectors: they are wiped again right below.
                let bare: Zeroizing<Vec<Vec<u8>>> = Zeroizing::new(parts.iter().map(|p| p.to_vec()).collect());
                let secret = Gf256::combine_bytes(&*bare).map_err(|_| CryptoError::Malformed { what: "share" })?;
                Ok(Zeroizing::new(secret))
            }
        }
    }
}

fn split(wanted: usize, dealt: usize, secret: &[u8], random: &mut dyn Random) -> Result<Vec<Share>, CryptoError> {
    let mut source = Source { random, failed: false };
    let shares: Vec<Share> = Gf256::split_bytes(wanted, dealt, secret, &mut source)
        .map_err(|_| CryptoError::BadTree)?
        .into_iter()
        .map(Zeroizing::new)
        .collect();
    if source.failed { Err(CryptoError::NoRandomness) } else { Ok(shares) }
}

/// Our randomness in the shape that `vsss-rs` takes, which cannot report a failure: it is
/// remembered here, and the shares are thrown away.
struct Source<'a> {
    random: &'a mut dyn Random,
    failed: bool,
}

impl rand_core::TryRng for Source<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.failed |= self.random.fill(out).is_err();
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Source<'_> {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::random::SystemRandom;

    fn dealt(tree: &Tree, secret: &[u8]) -> BTreeMap<usize, Share> {
        let mut out = BTreeMap::new();
        tree.deal(secret, &mut SystemRandom::new(), &mut |leaf, share| {
            out.insert(leaf, Zeroizing::new(share.to_vec()));
            Ok(())
        })
        .unwrap();
        out
    }

    fn node(any: u8, of: Vec<Tree>) -> Tree {
        Tree::Threshold { any, of }
    }

    #[test]
    fn shares_are_numbered_from_one_in_order() {
        let shares = dealt(&node(2, vec![Tree::Leaf(0), Tree::Leaf(1), Tree::Leaf(2)]), &[9; 32]);
        assert_eq!(shares.values().map(|s| (s[0], s.len())).collect::<Vec<_>>(), [(1, 33), (2, 33), (3, 33)]);
    }

    #[test]
    fn a_tree_that_wants_nobody_or_too_many_is_not_dealt() {
        let none = &mut |_, _: &[u8]| Ok(());
        for bad in [node(0, vec![Tree::Leaf(0)]), node(3, vec![Tree::Leaf(0), Tree::Leaf(1)]), node(1, vec![])] {
            assert!(matches!(bad.deal(&[1; 32], &mut SystemRandom::new(), none), Err(CryptoError::BadTree)));
        }
        let deep = (0..5).fold(Tree::Leaf(0), |inner, _| node(1, vec![inner]));
        assert!(matches!(deep.deal(&[1; 32], &mut SystemRandom::new(), none), Err(CryptoError::BadTree)));
    }

    #[test]
    fn a_failing_source_gives_no_shares() {
        struct Broken;
        impl Random for Broken {
            fn fill(&mut self, _: &mut [u8]) -> Result<(), CryptoError> {
                Err(CryptoError::NoRandomness)
            }
        }
        let tree = node(2, vec![Tree::Leaf(0), Tree::Leaf(1)]);
        assert!(matches!(tree.deal(&[1; 32], &mut Broken, &mut |_, _| Ok(())), Err(CryptoError::NoRandomness)));
    }

    fn trees() -> impl Strategy<Value = Tree> {
        let leaf = Just(Tree::Leaf(0)).boxed();
        leaf.prop_recursive(3, 10, 3, |inner| {
            proptest::collection::vec(inner, 1..4)
                .prop_flat_map(|of| (1..=of.len() as u8, Just(of)).prop_map(|(any, of)| Tree::Threshold { any, of }))
        })
        .prop_map(|mut tree| {
            number(&mut tree, &mut 0);
            tree
        })
    }

    fn number(tree: &mut Tree, next: &mut usize) {
        match tree {
            Tree::Leaf(index) => {
                *index = *next;
                *next += 1;
            }
            Tree::Threshold { of, .. } => of.iter_mut().for_each(|child| number(child, next)),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn opens_if_and_only_if_met(tree in trees(), secret: [u8; 32], held: u32) {
            let all = dealt(&tree, &secret);
            let some: BTreeMap<_, _> = all.into_iter().filter(|(leaf, _)| held >> (leaf % 32) & 1 == 1).collect();
            let met = tree.is_met(&|leaf| some.contains_key(&leaf));
            match tree.combine(&some) {
                Ok(found) => prop_assert!(met && *found == secret),
                Err(error) => prop_assert!(!met && matches!(error, CryptoError::QuorumNotMet)),
            }
            let ways = tree.ways(&|leaf| some.contains_key(&leaf));
            prop_assert_eq!(!ways.is_empty(), met);
            for way in ways {
                let enough = way.iter().map(|leaf| (*leaf, some[leaf].clone())).collect();
                prop_assert_eq!(&**tree.combine(&enough).unwrap(), &secret[..]);
            }
        }
    }
}
