//! Quorums: which groups together open a class.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::crypto::sharing::{MAX_DEPTH, MAX_LEAVES};

/// A quorum, or a part of one.
///
/// ```toml
/// { any = 2, of = ["handayani/head", "kpai/reviewers"] }
/// { any = 2, of = ["handayani/head", { any = 1, of = ["kpai/reviewers", "ombudsman/reviewers"] }] }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Node {
    /// A group, `body/name`.
    Group(String),
    /// Met when `any` of `of` are.
    Quorum(Quorum),
}

/// So many of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    /// How many are wanted.
    pub any: u8,
    /// Of which groups, or further quorums.
    pub of: Vec<Node>,
}

/// A set of groups that suffices.
pub type Coalition = BTreeSet<String>;

/// Most coalitions that are ever listed; a charter with more is refused, as nobody could read it.
pub const MAX_COALITIONS: usize = 1_000;

impl Node {
    /// The groups at the leaves, in the order written.
    pub fn leaves<'a>(&'a self, out: &mut Vec<&'a str>) {
        match self {
            Node::Group(group) => out.push(group),
            Node::Quorum(quorum) => quorum.of.iter().for_each(|node| node.leaves(out)),
        }
    }

    fn is_met(&self, held: &impl Fn(&str) -> bool) -> bool {
        match self {
            Node::Group(group) => held(group),
            Node::Quorum(quorum) => quorum.is_met(held),
        }
    }

    fn coalitions(&self) -> Vec<Coalition> {
        match self {
            Node::Group(group) => vec![Coalition::from([group.clone()])],
            Node::Quorum(quorum) => quorum.coalitions(),
        }
    }
}

impl Quorum {
    /// The groups at the leaves, in the order written.
    pub fn leaves(&self) -> Vec<&str> {
        let mut out = Vec::new();
        self.of.iter().for_each(|node| node.leaves(&mut out));
        out
    }

    /// Whether these groups suffice.
    pub fn is_met(&self, held: &impl Fn(&str) -> bool) -> bool {
        self.of.iter().filter(|node| node.is_met(held)).count() >= usize::from(self.any)
    }

    /// Whether it can be met at all, and is no larger than is dealt: what is wrong, or nothing.
    pub fn fault(&self) -> Option<QuorumFault> {
        if self.leaves().len() > MAX_LEAVES {
            return Some(QuorumFault::TooLarge);
        }
        self.fault_below(MAX_DEPTH)
    }

    fn fault_below(&self, depth: usize) -> Option<QuorumFault> {
        let Some(deeper) = depth.checked_sub(1) else { return Some(QuorumFault::TooLarge) };
        if self.any == 0 || usize::from(self.any) > self.of.len() {
            return Some(QuorumFault::Unmeetable { any: self.any, of: self.of.len() });
        }
        // A group that stands twice at one level would count twice.
        let names: Vec<_> =
            self.of.iter().filter_map(|node| if let Node::Group(g) = node { Some(g) } else { None }).collect();
        if let Some((_, twice)) = names.iter().enumerate().find(|(i, name)| names[..*i].contains(name)) {
            return Some(QuorumFault::Twice { group: (*twice).clone() });
        }
        self.of.iter().find_map(|node| if let Node::Quorum(q) = node { q.fault_below(deeper) } else { None })
    }

    /// The smallest sets of groups that meet it: none contains another. Sorted; at most
    /// [`MAX_COALITIONS`] and some.
    pub fn coalitions(&self) -> Vec<Coalition> {
        // chosen[n]: the coalitions that meet n of the nodes looked at so far.
        let wanted = usize::from(self.any);
        let mut chosen: Vec<Vec<Coalition>> = vec![Vec::new(); wanted + 1];
        chosen[0].push(Coalition::new());
        for node in &self.of {
            let own = node.coalitions();
            for met in (0..wanted).rev() {
                let joined: Vec<Coalition> =
                    chosen[met].iter().flat_map(|set| own.iter().map(move |more| set | more)).collect();
                chosen[met + 1] = smallest([std::mem::take(&mut chosen[met + 1]), joined].concat());
                chosen[met + 1].truncate(MAX_COALITIONS + 1);
            }
        }
        chosen.pop().unwrap_or_default()
    }
}

/// What is wrong with a quorum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuorumFault {
    /// It wants no one, or more than it names.
    Unmeetable {
        /// How many it wants.
        any: u8,
        /// How many it names.
        of: usize,
    },
    /// A group stands twice at one level.
    Twice {
        /// The group.
        group: String,
    },
    /// Too deep or too wide.
    TooLarge,
}

/// Of several sets, those that contain no other.
pub fn smallest(mut sets: Vec<Coalition>) -> Vec<Coalition> {
    sets.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    let mut kept: Vec<Coalition> = Vec::new();
    for set in sets {
        if !kept.iter().any(|small| small.is_subset(&set)) {
            kept.push(set);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GROUPS: [&str; 5] = ["a/a", "b/b", "c/c", "d/d", "e/e"];

    fn nodes() -> impl Strategy<Value = Node> {
        let leaf = (0..GROUPS.len()).prop_map(|i| Node::Group(GROUPS[i].to_owned())).boxed();
        leaf.prop_recursive(3, 12, 3, |inner| {
            proptest::collection::vec(inner, 1..4).prop_flat_map(|of| {
                (1..=of.len() as u8, Just(of)).prop_map(|(any, of)| Node::Quorum(Quorum { any, of }))
            })
        })
    }

    proptest! {
        #[test]
        fn coalitions_are_those_of_brute_force(node in nodes()) {
            let quorum = Quorum { any: 1, of: vec![node] };
            let all = (0u32..32).map(|bits| {
                let set: Coalition = (0..5).filter(|i| bits >> i & 1 == 1).map(|i| GROUPS[i].to_owned()).collect();
                set
            });
            let sufficient = all.filter(|set| quorum.is_met(&|group: &str| set.contains(group))).collect();
            prop_assert_eq!(quorum.coalitions(), smallest(sufficient));
        }
    }

    #[test]
    fn faults() {
        let group = |name: &str| Node::Group(name.to_owned());
        let quorum = |any, of| Quorum { any, of };
        assert_eq!(quorum(1, vec![group("a/a")]).fault(), None);
        assert_eq!(quorum(0, vec![group("a/a")]).fault(), Some(QuorumFault::Unmeetable { any: 0, of: 1 }));
        assert_eq!(quorum(2, vec![group("a/a")]).fault(), Some(QuorumFault::Unmeetable { any: 2, of: 1 }));
        let twice = quorum(2, vec![group("a/a"), group("a/a")]);
        assert_eq!(twice.fault(), Some(QuorumFault::Twice { group: "a/a".into() }));
        let deep = (0..5).fold(quorum(1, vec![group("a/a")]), |inner, _| quorum(1, vec![Node::Quorum(inner)]));
        assert_eq!(deep.fault(), Some(QuorumFault::TooLarge));
        let wide = quorum(1, (0..33).map(|i| group(&format!("a/g{i}"))).collect());
        assert_eq!(wide.fault(), Some(QuorumFault::TooLarge));
    }
}
