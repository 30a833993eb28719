//! What a charter must not say.

use std::collections::BTreeSet;

use super::{
    Card, CharterError as E,
    charter::{LEDGER, Role, Text, bodies_of},
    quorum::{MAX_COALITIONS, Quorum, QuorumFault, smallest},
};
use crate::crypto::vkey::Use;
use crate::id::{body_of, is_body_name, is_plain_name};

/// Most bodies: each is an institution with an office and a telephone.
pub const MAX_BODIES: usize = 32;
/// Most groups: a session secret is wrapped to each, in every session.
pub const MAX_GROUPS: usize = 64;
/// Most members. With post-quantum keys fewer fit into the million bytes of a note.
pub const MAX_MEMBERS: usize = 500;
/// Most classes: a record has one envelope for each.
pub const MAX_CLASSES: usize = 32;
/// Most witnesses: a note carries at most 100 signatures, and the log's own is one.
pub const MAX_WITNESSES: usize = 32;
/// The longest time that a cosignature may be allowed to be old, in hours: a year.
pub const MAX_WITNESS_AGE: u64 = 366 * 24;
/// Most purposes: people choose from them.
pub const MAX_PURPOSES: usize = 64;

/// Most rules of retention: one for each kind of record.
pub const MAX_RETENTION: usize = 64;

/// The class that must never be one body's alone.
const SEALED: &str = "sealed";

/// Names that formats use for themselves.
const RESERVED: [&str; 1] = ["reason"];

/// The rights a group can have.
pub const RIGHTS: [&str; 4] = ["write", "schema", "erase", LEDGER];

/// All that is wrong with a charter; empty if it is sound. Places are named as the file names them,
/// so that the sentences around them can be in any language.
pub(super) fn faults(text: &Text, cards: &[Card]) -> Vec<E> {
    let mut out = Vec::new();
    limits(text, &mut out);
    bodies(text, &mut out);
    members(text, cards, &mut out);
    groups(text, cards, &mut out);
    ledger_groups(text, &mut out);
    classes(text, &mut out);
    amendment(text, &mut out);
    purposes(text, &mut out);
    witnesses(text, &mut out);
    retention(text, &mut out);
    if jiff::tz::TimeZone::get(&text.time_zone).is_err() {
        out.push(E::UnknownTimeZone { name: text.time_zone.clone() });
    }
    out
}

fn limits(text: &Text, out: &mut Vec<E>) {
    for (count, most, what) in [
        (text.body.len(), MAX_BODIES, "[[body]]"),
        (text.group.len(), MAX_GROUPS, "[[group]]"),
        (text.member.len(), MAX_MEMBERS, "[[member]]"),
        (text.class.len(), MAX_CLASSES, "[[class]]"),
        (text.purpose.len(), MAX_PURPOSES, "[[purpose]]"),
    ] {
        if count > most {
            out.push(E::TooMany { what: what.to_owned(), most });
        }
    }
}

fn witnesses(text: &Text, out: &mut Vec<E>) {
    let Some(witnesses) = &text.witness else { return };
    let keys = &witnesses.keys;
    if keys.len() > MAX_WITNESSES {
        out.push(E::TooMany { what: "[witness]".to_owned(), most: MAX_WITNESSES });
    }
    let distinct = keys.iter().map(|key| key.key()).collect::<BTreeSet<_>>().len() == keys.len()
        && keys.iter().map(|key| (key.name(), key.id())).collect::<BTreeSet<_>>().len() == keys.len();
    let usable = keys.iter().all(|key| key.usage() == Use::Cosignature);
    let countable = (1..=keys.len() as u64).contains(&witnesses.any);
    if !distinct || !usable || !countable || !(1..=MAX_WITNESS_AGE).contains(&witnesses.max_age_hours) {
        out.push(E::BadWitnesses);
    }
}

fn retention(text: &Text, out: &mut Vec<E>) {
    if text.retention.len() > MAX_RETENTION {
        out.push(E::TooMany { what: "[[retention]]".to_owned(), most: MAX_RETENTION });
    }
    names(text.retention.iter().map(|rule| rule.kind.as_str()), "[[retention]]", is_plain_name, out);
    let unsound = text.retention.iter().filter(|rule| !rule.is_sound());
    out.extend(unsound.map(|rule| E::BadRetention { kind: rule.kind.clone() }));
}

fn bodies(text: &Text, out: &mut Vec<E>) {
    names(text.body.iter().map(|body| body.id.as_str()), "[[body]]", is_body_name, out);
    for (role, word) in [(Role::Centre, "centre"), (Role::Oversight, "oversight")] {
        if !text.body.iter().any(|body| body.role == role) {
            out.push(E::NoBody { role: word.to_owned() });
        }
    }
}

fn members(text: &Text, cards: &[Card], out: &mut Vec<E>) {
    names(cards.iter().map(|card| card.member.as_str()), "[[member]]", |name| body_of(name).is_some(), out);
    out.extend(
        cards
            .iter()
            .filter(|card| !has_body(text, &card.member))
            .map(|card| E::UnknownBody { name: card.member.clone() }),
    );
    // One key under two names would let one person be two. One card named twice is told above.
    for (index, card) in cards.iter().enumerate() {
        let same = |c: &&Card| c.signing == card.signing || c.recipient == card.recipient;
        if let Some(other) = cards[..index].iter().filter(same).find(|c| c.member != card.member) {
            out.push(E::SameKey { first: other.member.clone(), second: card.member.clone() });
        }
    }
}

fn groups(text: &Text, cards: &[Card], out: &mut Vec<E>) {
    names(text.group.iter().map(|group| group.id.as_str()), "[[group]]", |name| body_of(name).is_some(), out);
    for (index, group) in text.group.iter().enumerate() {
        let name = || group.id.clone();
        if !has_body(text, &group.id) {
            out.push(E::UnknownBody { name: name() });
        }
        if group.members.is_empty() {
            out.push(E::EmptyGroup { group: name() });
        }
        if !group.recipient.is_age_key() || cards.iter().any(|card| card.recipient == group.recipient) {
            out.push(E::NotAGroupKey { group: name() });
        }
        if let Some(other) = text.group[..index].iter().find(|other| other.recipient == group.recipient) {
            out.push(E::SameKey { first: other.id.clone(), second: group.id.clone() });
        }
        names(group.members.iter().map(String::as_str), &format!("[[group]] {}:", group.id), |_| true, out);
        for member in &group.members {
            if !cards.iter().any(|card| card.member == *member) {
                out.push(E::UnknownMember { group: name(), member: member.clone() });
            } else if body_of(member) != body_of(&group.id) {
                out.push(E::ForeignMember { group: name(), member: member.clone() });
            }
        }
        for right in group.may.iter().filter(|right| !RIGHTS.contains(&right.as_str())) {
            out.push(E::UnknownRight { group: name(), right: right.clone() });
        }
    }
    if !text.group.iter().any(|group| group.may.iter().any(|may| may == "write")) {
        out.push(E::NobodyWrites);
    }
}

/// A group that keeps the ledger is for services, whose keys lie about unattended: it has no other
/// right, stands in no quorum, and its members are in no other group.
fn ledger_groups(text: &Text, out: &mut Vec<E>) {
    let ordinary = text.class.iter().flat_map(|class| &class.quorums);
    let emergency = text.class.iter().filter_map(|class| class.break_glass.as_ref());
    let quorums = ordinary.chain(emergency).chain([&text.amendment]);
    let named: BTreeSet<&str> = quorums.flat_map(Quorum::leaves).collect();
    for group in text.group.iter().filter(|group| group.may.iter().any(|may| may == LEDGER)) {
        let elsewhere = |member: &String| text.group.iter().any(|g| g.id != group.id && g.members.contains(member));
        if group.may.len() > 1 || named.contains(group.id.as_str()) || group.members.iter().any(elsewhere) {
            out.push(E::LedgerOnly { group: group.id.clone() });
        }
    }
}

fn classes(text: &Text, out: &mut Vec<E>) {
    names(text.class.iter().map(|class| class.id.as_str()), "[[class]]", is_plain_name, out);
    for class in &text.class {
        if RESERVED.contains(&class.id.as_str()) {
            out.push(E::Reserved { name: class.id.clone() });
        }
        if class.quorums.is_empty() {
            out.push(E::NobodyOpens { class: class.id.clone() });
        }
        let place = format!("[[class]] {}", class.id);
        if let Some(emergency) = &class.break_glass
            && quorum(text, emergency, &place, out)
        {
            // A group that opens something anyway would not have to say that it is an emergency.
            let ordinary = text.class.iter().flat_map(|class| &class.quorums).chain([&text.amendment]);
            let ordinary: BTreeSet<&str> = ordinary.flat_map(Quorum::leaves).collect();
            for group in emergency.leaves().into_iter().filter(|group| ordinary.contains(group)) {
                out.push(E::EmergencyGroup { place: place.clone(), group: group.to_owned() });
            }
        }
        let sound = class.quorums.iter().all(|one| quorum(text, one, &place, out));
        if !sound || class.id != SEALED {
            continue;
        }
        for coalition in smallest(class.quorums.iter().flat_map(Quorum::coalitions).collect()) {
            if let [body] = bodies_of(&coalition).into_iter().collect::<Vec<_>>()[..] {
                let groups = coalition.iter().cloned().collect::<Vec<_>>().join(", ");
                out.push(E::SealedAlone { body: body.to_owned(), groups });
            }
        }
    }
}

fn amendment(text: &Text, out: &mut Vec<E>) {
    if !quorum(text, &text.amendment, "[amendment]", out) {
        return;
    }
    for coalition in text.amendment.coalitions() {
        if let [body] = bodies_of(&coalition).into_iter().collect::<Vec<_>>()[..] {
            out.push(E::AmendedAlone { body: body.to_owned() });
        }
    }
}

/// Checks one quorum; whether it is sound enough to look at its coalitions.
fn quorum(text: &Text, quorum: &Quorum, place: &str, out: &mut Vec<E>) -> bool {
    let before = out.len();
    let place = place.to_owned();
    for group in quorum.leaves().into_iter().collect::<BTreeSet<_>>() {
        if !text.group.iter().any(|known| known.id == group) {
            out.push(E::UnknownGroup { place: place.clone(), group: group.to_owned() });
        }
    }
    match quorum.fault() {
        Some(QuorumFault::Unmeetable { any, of }) => out.push(E::Unmeetable { place, any, of }),
        Some(QuorumFault::Twice { group }) => out.push(E::GroupTwice { place, group }),
        Some(QuorumFault::TooLarge) => out.push(E::QuorumTooLarge { place }),
        None if quorum.coalitions().len() > MAX_COALITIONS => out.push(E::QuorumTooLarge { place }),
        None => {}
    }
    out.len() == before
}

fn purposes(text: &Text, out: &mut Vec<E>) {
    names(text.purpose.iter().map(|purpose| purpose.code.as_str()), "[[purpose]]", is_plain_name, out);
    if text.purpose.is_empty() {
        out.push(E::NoPurpose);
    }
}

/// Every name well formed, and none twice.
fn names<'a>(names: impl Iterator<Item = &'a str>, what: &str, good: impl Fn(&str) -> bool, out: &mut Vec<E>) {
    let mut seen = BTreeSet::new();
    for name in names {
        if !good(name) {
            out.push(E::BadName { name: name.to_owned() });
        }
        if !seen.insert(name) {
            out.push(E::Twice { what: format!("{what} {name}") });
        }
    }
}

fn has_body(text: &Text, name: &str) -> bool {
    body_of(name).is_some_and(|of| text.body.iter().any(|body| body.id == of))
}
