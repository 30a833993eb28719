//! What must hold for whatever is sealed, shared and entered, tried on what nobody thought of.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use amanah::{
    crypto::{
        CryptoError,
        digest::{Digest, sha256},
        envelope::{ContentKey, Envelope, Place, Policy, Sealer},
        random::SystemRandom,
        session::Session,
        sharing::Tree,
    },
    id::Id,
    ledger::{
        Frontier, LedgerError, TreeHead,
        proof::{check_consistency, check_inclusion, consistency, inclusion},
        tree::{Nodes, leaf_hash, root_at},
    },
};
use proptest::{prelude::*, sample::subsequence};

const GROUPS: [&str; 5] = ["a/a", "b/b", "c/c", "d/d", "e/e"];
const CLASSES: [&str; 2] = ["personal", "sealed"];
const KINDS: [&str; 2] = ["child", "family"];

/// Where something is sealed. There are few places, so that two drawn ones are often the same.
#[derive(Debug, Clone, PartialEq, Eq)]
struct At {
    vault: Id,
    record: Id,
    kind: &'static str,
    version: u64,
}

impl At {
    fn place(&self) -> Place<'_> {
        Place { vault: &self.vault, record: &self.record, kind: self.kind, version: self.version }
    }
}

fn places() -> impl Strategy<Value = At> {
    (0..2u8, 0..2u8, 0..2usize, 1..3u64).prop_map(|(vault, record, kind, version)| At {
        vault: Id([vault; 16]),
        record: Id([record; 16]),
        kind: KINDS[kind],
        version,
    })
}

/// A tree whose leaves are still numbers of groups.
fn trees() -> impl Strategy<Value = Tree> {
    let leaf = (0..GROUPS.len()).prop_map(Tree::Leaf).boxed();
    let threshold = |of: Vec<Tree>| (1..=of.len() as u8, Just(of)).prop_map(|(any, of)| Tree::Threshold { any, of });
    leaf.prop_recursive(3, 12, 3, move |inner| proptest::collection::vec(inner, 1..4).prop_flat_map(threshold))
        .prop_map(|tree| match tree {
            Tree::Leaf(_) => Tree::Threshold { any: 1, of: vec![tree] },
            tree => tree,
        })
}

/// Numbers the leaves through and puts their groups into a list.
fn numbered(tree: &mut Tree, leaves: &mut Vec<String>) {
    match tree {
        Tree::Leaf(at) => {
            leaves.push(GROUPS[*at].to_owned());
            *at = leaves.len() - 1;
        }
        Tree::Threshold { of, .. } => of.iter_mut().for_each(|child| numbered(child, leaves)),
    }
}

/// Several quorums of which each suffices.
fn policies() -> impl Strategy<Value = Policy> {
    (proptest::collection::vec(trees(), 1..4), 0..CLASSES.len()).prop_map(|(mut quorums, class)| {
        let mut leaves = Vec::new();
        quorums.iter_mut().for_each(|tree| numbered(tree, &mut leaves));
        Policy { class: CLASSES[class].to_owned(), charter: 1, quorums, leaves }
    })
}

/// Whether these groups are enough, said once more and by itself.
fn enough(tree: &Tree, policy: &Policy, held: &[&str]) -> bool {
    match tree {
        Tree::Leaf(at) => held.contains(&policy.leaves[*at].as_str()),
        Tree::Threshold { any, of } => {
            of.iter().filter(|child| enough(child, policy, held)).count() >= usize::from(*any)
        }
    }
}

fn session() -> Session {
    let secrets: Vec<_> = GROUPS.iter().zip(1u8..).map(|(group, byte)| (*group, [byte; 32])).collect();
    Session::from_secrets(Id([9; 16]), &secrets).unwrap()
}

/// The content key with the shares of these groups.
fn key(envelope: &Envelope, at: &At, policy: &Policy, held: &[&str]) -> Result<ContentKey, CryptoError> {
    let session = session();
    let own = policy.leaves.iter().enumerate().filter(|(_, group)| held.contains(&group.as_str()));
    let shares: BTreeMap<_, _> = own
        .map(|(leaf, group)| {
            let key = session.secret(group).unwrap().share_key(&policy.class, leaf, group).unwrap();
            (leaf, envelope.at(&at.place()).open_share(leaf, &key).unwrap())
        })
        .collect();
    envelope.content_key(policy, &shares)
}

fn seal(at: &At, policy: &Policy, fields: &[(String, Vec<u8>)]) -> Envelope {
    let fields: Vec<(&str, &[u8])> = fields.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
    let sealer = Sealer::new(policy.clone(), &session()).unwrap();
    Envelope::seal(&at.place(), &sealer, &fields, &mut SystemRandom::new()).unwrap()
}

fn values() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    proptest::collection::btree_map("[a-c]", proptest::collection::vec(any::<u8>(), 0..200), 1..4)
        .prop_map(|fields| fields.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever the alternatives, however nested, and whoever holds what.
    #[test]
    fn an_envelope_opens_if_and_only_if_a_quorum_is_met(
        at in places(), policy in policies(), fields in values(),
        held in subsequence(GROUPS.to_vec(), 0..=GROUPS.len()),
    ) {
        let envelope = seal(&at, &policy, &fields);
        let met = policy.quorums.iter().any(|tree| enough(tree, &policy, &held));
        match key(&envelope, &at, &policy, &held) {
            Ok(key) => {
                prop_assert!(met);
                let opened = envelope.at(&at.place()).open(&key).unwrap();
                let found: Vec<_> =
                    opened.all().map(|(name, value)| (name.to_owned(), value.unwrap().to_vec())).collect();
                prop_assert_eq!(found, fields);
            }
            Err(error) => prop_assert!(!met && matches!(error, CryptoError::QuorumNotMet)),
        }
    }

    /// With the right key too.
    #[test]
    fn what_is_sealed_opens_if_and_only_if_the_place_is_the_same(
        at in places(), there in places(), policy in policies(), class in 0..CLASSES.len(), fields in values(),
    ) {
        let mut envelope = seal(&at, &policy, &fields);
        let key = key(&envelope, &at, &policy, &GROUPS).unwrap();
        envelope.class = CLASSES[class].to_owned();
        let same = at == there && envelope.class == policy.class;
        let place = there.place();
        let opened = envelope.at(&place).open(&key).unwrap();
        for (name, value) in &fields {
            match opened.field(name).unwrap() {
                Ok(found) => prop_assert!(same && *found == *value),
                Err(error) => prop_assert!(!same && matches!(error, CryptoError::DoesNotOpen)),
            }
        }
    }

    /// The tree is RFC 6962's, whether it was grown at once or taken up again on the way; each leaf
    /// is proved to be where it is and nowhere else, and each beginning to be one.
    #[test]
    fn trees_and_proofs(
        leaves in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..4), 1..80),
        break_at in any::<prop::sample::Index>(), one in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
    ) {
        let (mut frontier, mut nodes) = (Frontier::new(), Stored::default());
        let mut heads = vec![TreeHead { size: 0, root: frontier.root() }];
        let broken = break_at.index(leaves.len());
        for (at, leaf) in leaves.iter().enumerate() {
            if at == broken {
                frontier = Frontier::load(at as u64, &nodes).unwrap();
            }
            nodes.0.extend(frontier.push(leaf));
            heads.push(TreeHead { size: frontier.size(), root: frontier.root() });
        }
        for head in &heads {
            prop_assert_eq!(head.root, root(&leaves[..head.size as usize]));
            prop_assert_eq!(head.root, root_at(head.size, &nodes).unwrap());
        }
        let (one, other) = (one.index(leaves.len()), other.index(leaves.len()));
        let (size, head) = (leaves.len() as u64, &heads[leaves.len()]);
        let proof = inclusion(one as u64, size, &nodes).unwrap();
        let shown = check_inclusion(&leaf_hash(&leaves[other]), one as u64, head, &proof).is_ok();
        prop_assert_eq!(shown, leaves[one] == leaves[other]);
        let old = &heads[one];
        let proof = consistency(old.size, size, &nodes).unwrap();
        prop_assert!(check_consistency(old, head, &proof).is_ok());
        let lied = TreeHead { size: old.size, root: heads[other].root };
        prop_assert_eq!(check_consistency(&lied, head, &proof).is_ok(), lied.root == old.root);
    }
}

/// The nodes of a tree, by their number.
#[derive(Default)]
struct Stored(BTreeMap<u64, Digest>);

impl Nodes for Stored {
    fn node(&self, index: u64) -> Result<Digest, LedgerError> {
        self.0.get(&index).copied().ok_or(LedgerError::NoHash { index })
    }
}

/// The root as RFC 6962, section 2.1, has it.
fn root(leaves: &[Vec<u8>]) -> Digest {
    match leaves {
        [] => sha256(&[]),
        [leaf] => sha256(&[&[0], leaf]),
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(split);
            sha256(&[&[1], &root(left), &root(right)])
        }
    }
}
