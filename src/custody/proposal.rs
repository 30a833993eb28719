//! Making the next charter from the present one.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{
    Amendment, AmendmentError, Card, Charter, CharterError, Group, GroupKey,
    amendment::{brings, check_content, same_people},
    charter::{Hash, MemberText, Text},
    draft::{DraftError, read_as},
};
use crate::{
    crypto::{age_wrap::Recipient, random::Random, session::Wrapped, sign::SigningKey},
    id::body_of,
};

/// The next charter while it is being made.
#[derive(Debug, Clone)]
pub struct Proposal<'a> {
    present: &'a Charter,
    text: Text,
    /// Groups that get a new key though nothing else of them changes.
    rotate: BTreeSet<String>,
    given: BTreeMap<String, GroupKey>,
}

impl<'a> Proposal<'a> {
    /// Begins with the present charter.
    pub fn new(present: &'a Charter) -> Proposal<'a> {
        Proposal { present, text: present.text().clone(), rotate: BTreeSet::new(), given: BTreeMap::new() }
    }

    /// From the present charter's text as somebody has edited it (`amanah charter show --toml`).
    ///
    /// A `[[member]]` may have a path (from `folder`) in place of the card, a `[[group]]` a path
    /// `key`, and need not have `epoch` and `recipient`: these, like `version`, `vault`, `log` and
    /// the digests, are put in.
    pub fn from_toml(present: &'a Charter, toml: &str, name: &str, folder: &Path) -> Result<Proposal<'a>, DraftError> {
        let malformed = |e: &toml::de::Error| {
            let at = e.span().map_or(0, |span| span.start).min(toml.len());
            let line = toml.as_bytes()[..at].iter().filter(|&&b| b == b'\n').count() + 1;
            DraftError::Malformed { path: name.to_owned(), line, why: e.message().to_owned() }
        };
        let mut table: toml::Table = toml::from_str(toml).map_err(|e| malformed(&e))?;
        let mut given = BTreeMap::new();
        for member in tables(&mut table, "member") {
            if let Some(toml::Value::String(card)) = member.get_mut("card")
                && !card.contains('\n')
            {
                let read = read_as(folder, Path::new(card), Card::parse)?;
                *card = String::from_utf8_lossy(&read.to_bytes()).into_owned();
            }
        }
        for group in tables(&mut table, "group") {
            let id = group.get("id").and_then(toml::Value::as_str).unwrap_or_default().to_owned();
            if let Some(toml::Value::String(path)) = group.remove("key") {
                given.insert(id.clone(), read_as(folder, Path::new(&path), GroupKey::parse)?);
            }
            let old = present.group(&id);
            let (epoch, recipient) = match old {
                Some(old) => (old.epoch, old.recipient.to_string()),
                None => (0, nobody()),
            };
            group.insert("epoch".to_owned(), toml::Value::Integer(i64::try_from(epoch).unwrap_or(i64::MAX)));
            group.insert("recipient".to_owned(), toml::Value::String(recipient));
        }
        for (key, value) in head(present) {
            match value {
                Some(value) => drop(table.insert(key.to_owned(), value)),
                None => drop(table.remove(key)),
            }
        }
        let text: Text = toml::Value::Table(table).try_into().map_err(|e: toml::de::Error| malformed(&e))?;
        Ok(Proposal { present, text, rotate: BTreeSet::new(), given })
    }

    /// Takes a member in, or gives a member another card; and into these groups of their body.
    pub fn enroll(&mut self, card: &Card, groups: &[String]) -> Result<(), AmendmentError> {
        let text = MemberText { card: String::from_utf8_lossy(&card.to_bytes()).into_owned() };
        let at = self.cards()?.iter().position(|old| old.member == card.member);
        match at {
            Some(at) => self.text.member[at] = text,
            None => self.text.member.push(text),
        }
        for name in groups {
            let group = self.group_mut(name)?;
            if !group.members.contains(&card.member) {
                group.members.push(card.member.clone());
            }
        }
        Ok(())
    }

    /// Takes a member out, and out of every group.
    pub fn revoke(&mut self, member: &str) -> Result<(), AmendmentError> {
        let at = self.cards()?.iter().position(|card| card.member == member);
        let at = at.ok_or_else(|| AmendmentError::UnknownMember { member: member.to_owned() })?;
        self.text.member.remove(at);
        for group in &mut self.text.group {
            group.members.retain(|name| name != member);
        }
        Ok(())
    }

    /// Adds a group.
    pub fn add_group(&mut self, id: &str, members: &[String], may: &[String]) -> Result<(), AmendmentError> {
        if self.text.group.iter().any(|group| group.id == id) {
            return Err(AmendmentError::GroupExists { group: id.to_owned() });
        }
        let bad = || CharterError::BadName { name: id.to_owned() };
        body_of(id).ok_or_else(bad)?;
        self.text.group.push(Group {
            id: id.to_owned(),
            epoch: 0,
            recipient: nobody().parse().map_err(AmendmentError::Wrap)?,
            members: members.to_vec(),
            may: may.to_vec(),
        });
        Ok(())
    }

    /// Gives a group a new key.
    pub fn rotate(&mut self, group: &str) -> Result<(), AmendmentError> {
        self.group_mut(group)?;
        self.rotate.insert(group.to_owned());
        Ok(())
    }

    /// Gives the new key of a group, that a member of its body has made.
    pub fn give_key(&mut self, key: GroupKey) {
        self.given.insert(key.group.clone(), key);
    }

    /// Makes the amendment, and signs it: keys for the groups of the maker's own body that need
    /// one and were given none, and a new log key where any group's key is new.
    ///
    /// # Errors
    /// [`AmendmentError::OwnKey`] for a group of another body whose key must be given; what is
    /// wrong with the charter that would come of it.
    pub fn build(
        mut self,
        maker: (&str, &SigningKey),
        random: &mut dyn Random,
        now: jiff::Timestamp,
    ) -> Result<Amendment, AmendmentError> {
        let present = self.present;
        let cards = self.cards()?;
        let mut keys = Vec::new();
        for group in &mut self.text.group {
            let old = present.group(&group.id);
            if old.is_some_and(|old| unchanged(present, old, group, &cards)) && !self.rotate.contains(&group.id) {
                continue;
            }
            let epoch = old.map_or(1, |old| old.epoch + 1);
            let mut members = Vec::new();
            for name in &group.members {
                let missing = || CharterError::UnknownMember { group: group.id.clone(), member: name.clone() };
                members.push(cards.iter().find(|card| card.member == *name).ok_or_else(missing)?);
            }
            let key = match self.given.remove(&group.id) {
                Some(key) if key.epoch == epoch && key.members().eq(group.members.iter().map(String::as_str)) => key,
                Some(_) => {
                    let members = group.members.join(", ");
                    return Err(AmendmentError::NotThisKey { group: group.id.clone(), epoch, members });
                }
                None if members.is_empty() => return Err(CharterError::EmptyGroup { group: group.id.clone() }.into()),
                None if body_of(&group.id) == body_of(maker.0) => {
                    GroupKey::make(&group.id, epoch, &members, maker, now, random)?.0
                }
                None => return Err(AmendmentError::OwnKey { group: group.id.clone(), epoch }),
            };
            group.epoch = epoch;
            group.recipient = key.recipient.clone();
            keys.push(key);
        }
        if let Some(group) = self.given.into_keys().next() {
            return Err(AmendmentError::KeyNotWanted { group });
        }
        let log = match keys.is_empty() && self.text.group.len() == present.groups().len() {
            true => None,
            false => {
                let log = SigningKey::generate(random)?;
                self.text.log = log.public();
                let mut wrapped = Wrapped::new();
                for group in &self.text.group {
                    wrapped.push((group.id.clone(), random.wrap(&group.recipient, log.seed())?));
                }
                Some(wrapped)
            }
        };
        self.text.version = present.version() + 1;
        self.text.replaces = Some(Hash(present.digest()));
        self.text.brings = Some(Hash(brings(&keys, log.as_ref())));
        let next = Charter::sign(&self.text, maker.0, maker.1)?;
        check_content(&[present], &next, &keys, log.as_ref())?;
        if super::changes::Changes::between(present, &next).is_empty() {
            return Err(AmendmentError::NothingChanged);
        }
        let mut amendment = Amendment::new(present.clone(), next, keys, log);
        amendment.sign(maker.0, maker.1)?;
        Ok(amendment)
    }

    fn cards(&self) -> Result<Vec<Card>, CharterError> {
        self.text.member.iter().map(|member| Card::parse(member.card.as_bytes())).collect()
    }

    fn group_mut(&mut self, name: &str) -> Result<&mut Group, AmendmentError> {
        let unknown = || AmendmentError::UnknownGroup { group: name.to_owned() };
        self.text.group.iter_mut().find(|group| group.id == name).ok_or_else(unknown)
    }
}

/// Whether a group keeps its key.
fn unchanged(present: &Charter, old: &Group, new: &Group, cards: &[Card]) -> bool {
    let card = |name: &str| cards.iter().find(|card| card.member == name).map(Card::to_bytes);
    same_people(present, old, &new.members, card)
}

/// What stands in a charter and is not anybody's to edit.
fn head(present: &Charter) -> [(&'static str, Option<toml::Value>); 5] {
    let version = i64::try_from(present.version()).unwrap_or(i64::MAX);
    [
        ("version", Some(toml::Value::Integer(version))),
        ("vault", Some(toml::Value::String(present.vault().to_string()))),
        ("log", Some(toml::Value::String(present.log().to_string()))),
        ("replaces", None),
        ("brings", None),
    ]
}

/// The tables of an array of tables.
fn tables<'t>(table: &'t mut toml::Table, key: &str) -> impl Iterator<Item = &'t mut toml::Table> {
    let array = table.get_mut(key).and_then(toml::Value::as_array_mut);
    array.into_iter().flatten().filter_map(toml::Value::as_table_mut)
}

/// A recipient of nobody's, in the place of one that is made later.
fn nobody() -> String {
    Recipient::nobody().to_string()
}
