//! What the next charter changes: what people must know before they sign it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{
    Charter, Role,
    charter::{Purpose, Witnesses},
    quorum::Coalition,
};

/// The role of a body that watches, as a charter names it.
pub const OVERSIGHT: &str = "oversight";

/// One thing that would be different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the members are names and lists of names")]
pub enum Change {
    /// A body joins.
    BodyIn { body: String, name: String, role: String },
    /// A body leaves.
    BodyOut { body: String },
    /// A body's name or role.
    BodyOther { body: String, name: String, role: String },
    /// A member joins.
    MemberIn { member: String, fingerprint: String },
    /// A member leaves.
    MemberOut { member: String },
    /// A member has another card.
    MemberCard { member: String, fingerprint: String },
    /// A group is new.
    GroupIn { group: String, members: Vec<String>, may: Vec<String> },
    /// A group is no more.
    GroupOut { group: String },
    /// Who is in a group.
    GroupMembers { group: String, joins: Vec<String>, leaves: Vec<String> },
    /// A group has a new key.
    GroupKey { group: String, epoch: u64 },
    /// What a group may do.
    GroupRights { group: String, before: Vec<String>, after: Vec<String> },
    /// Who can open a class. `easier` are the sets of groups that suffice now and did not before.
    Class { class: String, before: Vec<Coalition>, after: Vec<Coalition>, easier: Vec<Coalition> },
    /// Who can open a class in an emergency.
    BreakGlass { class: String, before: Vec<Coalition>, after: Vec<Coalition>, easier: Vec<Coalition> },
    /// Whether opening a class wants a reason.
    ClassReason { class: String, reason: bool },
    /// Who can amend the charter.
    Amendment { before: Vec<Coalition>, after: Vec<Coalition>, easier: Vec<Coalition> },
    /// A purpose is new.
    PurposeIn { purpose: Purpose },
    /// A purpose is no more.
    PurposeOut { purpose: String },
    /// A purpose has other words, or another say on reasons or on what is restricted.
    PurposeOther { before: Purpose, after: Purpose },
    /// The log has a new key.
    Log,
    /// Another part of the charter, by the name it has in the file; as it is written there before and
    /// after. `easier`: erasing wants no second member any more, or other witnesses suffice.
    Section { section: String, before: String, after: String, easier: bool },
}

impl Change {
    /// Whether fewer must agree than before, or others can, or less has to be said: what a signer must
    /// not miss.
    pub fn lowers(&self, present: &Charter) -> bool {
        let watches = |body: &str| present.body(body).is_some_and(|body| body.role == Role::Oversight);
        match self {
            // Whatever wants an overseer can have this one.
            Change::BodyIn { body, role, .. } | Change::BodyOther { body, role, .. } => {
                role == OVERSIGHT && !watches(body)
            }
            // A class that is new has nothing to be compared with.
            Change::Class { before, easier, .. } => !before.is_empty() && !easier.is_empty(),
            Change::BreakGlass { easier, .. } | Change::Amendment { easier, .. } => !easier.is_empty(),
            Change::ClassReason { reason, .. } => !reason,
            Change::PurposeIn { purpose } => purpose.restricted,
            Change::PurposeOther { before, after } => {
                (before.reason && !after.reason) || (!before.restricted && after.restricted)
            }
            Change::Section { easier, .. } => *easier,
            _ => false,
        }
    }
}

/// All that would be different, in the order of the charter's sections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes(pub Vec<Change>);

/// The sections that [`Changes::between`] looks into; of others it says only that they differ.
const KNOWN: [&str; 10] =
    ["version", "vault", "log", "replaces", "brings", "body", "member", "group", "class", "purpose"];

impl Changes {
    /// Between two charters.
    pub fn between(present: &Charter, next: &Charter) -> Changes {
        let mut out = Vec::new();
        bodies(present, next, &mut out);
        members(present, next, &mut out);
        groups(present, next, &mut out);
        classes(present, next, &mut out);
        let (before, after) = (present.amendment().coalitions(), next.amendment().coalitions());
        if before != after {
            let easier = easier(&before, &after);
            out.push(Change::Amendment { before, after, easier });
        }
        purposes(present, next, &mut out);
        if present.log() != next.log() {
            out.push(Change::Log);
        }
        let table = |charter: &Charter| charter.toml().parse::<toml::Table>().unwrap_or_default();
        let (before, after) = (table(present), table(next));
        let sections: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for section in sections {
            let known = KNOWN.contains(&section.as_str()) || section == "amendment";
            if !known && before.get(section) != after.get(section) {
                let (before, after) = (written(section, &before), written(section, &after));
                let easier = match section.as_str() {
                    "erasure" => present.confirms_erasure() && !next.confirms_erasure(),
                    "witness" => other_witnesses_suffice(present.witnesses(), next.witnesses()),
                    _ => false,
                };
                out.push(Change::Section { section: section.clone(), before, after, easier });
            }
        }
        Changes(out)
    }

    /// Whether nothing would be different.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A section as it is written in the file; nothing if it is not there.
fn written(section: &str, charter: &toml::Table) -> String {
    let Some(value) = charter.get(section) else { return String::new() };
    let alone = toml::Table::from_iter([(section.to_owned(), value.clone())]);
    toml::to_string(&alone).unwrap_or_default().trim_end().to_owned()
}

/// Whether cosignatures count that did not before, or fewer or older ones are wanted.
fn other_witnesses_suffice(before: Option<&Witnesses>, after: Option<&Witnesses>) -> bool {
    let Some(before) = before else { return false };
    after.is_none_or(|after| {
        after.any < before.any
            || after.max_age_hours > before.max_age_hours
            || after.keys.iter().any(|key| !before.keys.contains(key))
    })
}

/// The sets that suffice after and did not before.
fn easier(before: &[Coalition], after: &[Coalition]) -> Vec<Coalition> {
    after.iter().filter(|set| !before.iter().any(|old| old.is_subset(set))).cloned().collect()
}

fn bodies(present: &Charter, next: &Charter, out: &mut Vec<Change>) {
    for body in next.bodies() {
        let (id, name) = (body.id.clone(), body.name.clone());
        let role = if body.role == Role::Oversight { OVERSIGHT } else { "centre" }.to_owned();
        match present.body(&body.id) {
            None => out.push(Change::BodyIn { body: id, name, role }),
            Some(old) if old.name != body.name || old.role != body.role => {
                out.push(Change::BodyOther { body: id, name, role });
            }
            Some(_) => {}
        }
    }
    let gone = present.bodies().iter().filter(|body| next.body(&body.id).is_none());
    out.extend(gone.map(|body| Change::BodyOut { body: body.id.clone() }));
}

fn members(present: &Charter, next: &Charter, out: &mut Vec<Change>) {
    for card in next.members() {
        let (member, fingerprint) = (card.member.clone(), card.fingerprint());
        match present.member(&card.member) {
            None => out.push(Change::MemberIn { member, fingerprint }),
            Some(old) if old.to_bytes() != card.to_bytes() => out.push(Change::MemberCard { member, fingerprint }),
            Some(_) => {}
        }
    }
    let gone = present.members().iter().filter(|card| next.member(&card.member).is_none());
    out.extend(gone.map(|card| Change::MemberOut { member: card.member.clone() }));
}

fn groups(present: &Charter, next: &Charter, out: &mut Vec<Change>) {
    for group in next.groups() {
        let id = || group.id.clone();
        let Some(old) = present.group(&group.id) else {
            out.push(Change::GroupIn { group: id(), members: group.members.clone(), may: group.may.clone() });
            continue;
        };
        let only = |one: &[String], other: &[String]| -> Vec<String> {
            one.iter().filter(|name| !other.contains(name)).cloned().collect()
        };
        let (joins, leaves) = (only(&group.members, &old.members), only(&old.members, &group.members));
        if !joins.is_empty() || !leaves.is_empty() {
            out.push(Change::GroupMembers { group: id(), joins, leaves });
        }
        if old.epoch != group.epoch {
            out.push(Change::GroupKey { group: id(), epoch: group.epoch });
        }
        if old.may != group.may {
            out.push(Change::GroupRights { group: id(), before: old.may.clone(), after: group.may.clone() });
        }
    }
    let gone = present.groups().iter().filter(|group| next.group(&group.id).is_none());
    out.extend(gone.map(|group| Change::GroupOut { group: group.id.clone() }));
}

fn classes(present: &Charter, next: &Charter, out: &mut Vec<Change>) {
    let names: Vec<&str> = present.classes().iter().chain(next.classes()).map(|class| class.id.as_str()).collect();
    for (index, class) in names.iter().enumerate() {
        if names[..index].contains(class) {
            continue;
        }
        let (before, after) = (present.coalitions(class), next.coalitions(class));
        if before != after {
            let easier = easier(&before, &after);
            out.push(Change::Class { class: (*class).to_owned(), before, after, easier });
        }
        let (before, after) = (present.emergency_coalitions(class), next.emergency_coalitions(class));
        if before != after {
            let easier = easier(&before, &after);
            out.push(Change::BreakGlass { class: (*class).to_owned(), before, after, easier });
        }
        if let (Some(old), Some(new)) = (present.class(class), next.class(class))
            && old.reason != new.reason
        {
            out.push(Change::ClassReason { class: (*class).to_owned(), reason: new.reason });
        }
    }
}

fn purposes(present: &Charter, next: &Charter, out: &mut Vec<Change>) {
    for purpose in next.purposes() {
        match present.purpose(&purpose.code) {
            None => out.push(Change::PurposeIn { purpose: purpose.clone() }),
            Some(old) if old != purpose => {
                out.push(Change::PurposeOther { before: old.clone(), after: purpose.clone() });
            }
            Some(_) => {}
        }
    }
    let gone = present.purposes().iter().filter(|purpose| next.purpose(&purpose.code).is_none());
    out.extend(gone.map(|purpose| Change::PurposeOut { purpose: purpose.code.clone() }));
}
