//! From the charter's quorums to the trees that shares are dealt along.

use crate::{
    crypto::{envelope::Policy, sharing::Tree},
    custody::{
        Charter,
        quorum::{Node, Quorum},
    },
    id::body_of,
};

/// The class under which reasons are sealed. Not one that a charter can define.
pub const REASON: &str = "reason";

/// Who can open a class, by this charter. `None` if it has no such class.
pub fn of_class(charter: &Charter, class: &str) -> Option<Policy> {
    let quorums = &charter.class(class)?.quorums;
    let mut leaves = Vec::new();
    let mut trees: Vec<Tree> = quorums.iter().map(|quorum| tree(quorum, &mut leaves)).collect();
    let emergency = charter.class(class).and_then(|class| class.break_glass.as_ref());
    trees.extend(emergency.map(|quorum| tree(quorum, &mut leaves)));
    Some(Policy { class: class.to_owned(), charter: charter.version(), quorums: trees, leaves })
}

/// By whom an envelope of a class that this member seals can be opened: one of a reason too.
pub fn to_seal(charter: &Charter, class: &str, member: &str) -> Option<Policy> {
    if class == REASON { body_of(member).map(|body| of_reason(charter, body)) } else { of_class(charter, class) }
}

/// Who can open a class other than in an emergency. Its leaves are numbered as in [`of_class`].
pub fn ordinary(charter: &Charter, class: &str) -> Option<Policy> {
    let quorums = &charter.class(class)?.quorums;
    let mut leaves = Vec::new();
    let trees = quorums.iter().map(|quorum| tree(quorum, &mut leaves)).collect();
    Some(Policy { class: class.to_owned(), charter: charter.version(), quorums: trees, leaves })
}

/// Who can read the reason of an entry: any group of the actor's body, or of an oversight body.
pub fn of_reason(charter: &Charter, body: &str) -> Policy {
    let leaves: Vec<String> = charter.reason_leaves(body);
    let of = (0..leaves.len()).map(Tree::Leaf).collect();
    let quorums = vec![Tree::Threshold { any: 1, of }];
    Policy { class: REASON.to_owned(), charter: charter.version(), quorums, leaves }
}

fn tree(quorum: &Quorum, leaves: &mut Vec<String>) -> Tree {
    let child = |node: &Node, leaves: &mut Vec<String>| match node {
        Node::Group(group) => {
            leaves.push(group.clone());
            Tree::Leaf(leaves.len() - 1)
        }
        Node::Quorum(inner) => tree(inner, leaves),
    };
    let of = quorum.of.iter().map(|node| child(node, leaves)).collect();
    Tree::Threshold { any: quorum.any, of }
}
