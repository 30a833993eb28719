//! Group keys: an age key pair for each group and epoch, its private half wrapped to each member.

use std::sync::Arc;

use data_encoding::BASE64;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use super::{Card, CharterError, card::whole_seconds, charter::MAX_TEXT};
use crate::{
    crypto::{
        age_wrap::{self, DecryptionKey, KeyKind, Recipient, Silent},
        note::Note,
        random::Random,
        sign::SigningKey,
    },
    id::body_of,
};

const HEAD: &str = "amanah group-key/1\n";

/// A group's key of one epoch.
///
/// ```text
/// amanah group-key/1
/// group = "handayani/registry"
/// epoch = 1
/// recipient = "age1..."
/// created = "2026-11-24T10:00:00Z"
///
/// [[wrap]]
/// member = "handayani/siti"
/// recipient = "age1..."
/// key = "YWdlLWVuY3J5cHRpb24..."
///
/// — handayani/siti ...
/// ```
#[derive(Debug, Clone)]
pub struct GroupKey {
    /// The group, `body/name`.
    pub group: String,
    /// Counts from 1.
    pub epoch: u64,
    /// Whom to wrap to.
    pub recipient: Recipient,
    wraps: Vec<Wrap>,
    note: Note,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    group: String,
    epoch: u64,
    recipient: Recipient,
    created: jiff::Timestamp,
    wrap: Vec<Wrap>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrap {
    member: String,
    recipient: Recipient,
    key: String,
}

impl GroupKey {
    /// Makes a new key for a group of these members, signed by `maker`.
    pub fn make(
        group: &str,
        epoch: u64,
        members: &[&Card],
        maker: (&str, &SigningKey),
        created: jiff::Timestamp,
        random: &mut dyn Random,
    ) -> Result<(GroupKey, DecryptionKey), CharterError> {
        let key = DecryptionKey::generate_kind(KeyKind::default(), random)?;
        Self::make_of(key, group, epoch, members, maker, created, random)
    }

    /// Makes a group's key of a given age key, as [`GroupKey::make`] does of a new one.
    pub fn make_of(
        key: DecryptionKey,
        group: &str,
        epoch: u64,
        members: &[&Card],
        maker: (&str, &SigningKey),
        created: jiff::Timestamp,
        random: &mut dyn Random,
    ) -> Result<(GroupKey, DecryptionKey), CharterError> {
        let bad = |why: &str| CharterError::BadGroupKey { why: why.to_owned() };
        let recipient = key.recipient().ok_or_else(|| bad("it has no recipient"))?;
        let secret = key.expose();
        let wrap = members
            .iter()
            .map(|card| {
                let file = random.wrap(&card.recipient, secret.expose_secret().as_bytes())?;
                Ok(Wrap { member: card.member.clone(), recipient: card.recipient.clone(), key: BASE64.encode(&file) })
            })
            .collect::<Result<_, CharterError>>()?;
        let text = Text { group: group.to_owned(), epoch, recipient, created: whole_seconds(created), wrap };
        let text = toml::to_string(&text).map_err(|e| bad(&e.to_string()))?;
        if HEAD.len() + text.len() > MAX_TEXT {
            return Err(CharterError::GroupKeyTooLong { group: group.to_owned(), most: MAX_TEXT });
        }
        let note = Note::sign(&format!("{HEAD}{text}"), maker.0, maker.1)?;
        Ok((GroupKey::parse(&note.to_bytes())?, key))
    }

    /// Reads a group key. Who signed it is checked by [`GroupKey::verify`].
    pub fn parse(bytes: &[u8]) -> Result<GroupKey, CharterError> {
        let bad = |why: &str| CharterError::BadGroupKey { why: why.to_owned() };
        let note = Note::parse(bytes)?;
        let body = note.text().strip_prefix(HEAD).ok_or_else(|| bad("its first line is another"))?;
        let text: Text = toml::from_str(body).map_err(|e| bad(e.message()))?;
        if toml::to_string(&text).ok().as_deref() != Some(body) || text.created != whole_seconds(text.created) {
            return Err(bad("it is not written in the one way group keys are written"));
        }
        body_of(&text.group).ok_or_else(|| CharterError::BadName { name: text.group.clone() })?;
        if text.wrap.is_empty() {
            return Err(CharterError::EmptyGroup { group: text.group });
        }
        let twice =
            text.wrap.iter().enumerate().find(|(at, wrap)| text.wrap[..*at].iter().any(|w| w.member == wrap.member));
        if let Some((_, wrap)) = twice {
            return Err(CharterError::Twice { what: format!("{}: {}", text.group, wrap.member) });
        }
        Ok(GroupKey { group: text.group, epoch: text.epoch, recipient: text.recipient, wraps: text.wrap, note })
    }

    /// The signed note.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.note.to_bytes()
    }

    /// The members it is wrapped to, in order.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.wraps.iter().map(|wrap| wrap.member.as_str())
    }

    /// Whether it and every member's wrapping of it withstand a quantum computer: one classic key
    /// among them is enough to open what is wrapped to the group. `None` if only a plugin knows.
    pub fn is_post_quantum(&self) -> Option<bool> {
        let mut all = Some(true);
        for recipient in self.wraps.iter().map(|wrap| &wrap.recipient).chain([&self.recipient]) {
            match recipient.is_post_quantum() {
                Some(false) => return Some(false),
                None => all = None,
                Some(true) => {}
            }
        }
        all
    }

    /// Checks that a member of the group's body has signed it, and that it is wrapped to the
    /// recipients on the members' cards.
    pub fn verify<'a>(&self, card_of: impl Fn(&str) -> Option<&'a Card>) -> Result<(), CharterError> {
        let body = body_of(&self.group);
        let signed = self.note.names().any(|name| {
            body_of(name) == body && card_of(name).is_some_and(|card| self.note.verify(name, &card.signing).is_ok())
        });
        if !signed {
            return Err(CharterError::GroupKeyUnsigned { group: self.group.clone() });
        }
        let fits = |wrap: &Wrap| card_of(&wrap.member).is_some_and(|card| card.recipient == wrap.recipient);
        if self.wraps.iter().all(fits) {
            Ok(())
        } else {
            Err(CharterError::OtherGroupKey { group: self.group.clone() })
        }
    }

    /// The private half, with a member's key.
    pub fn unwrap(&self, member: &str, key: &DecryptionKey) -> Result<DecryptionKey, CharterError> {
        let wrap = self.wraps.iter().find(|wrap| wrap.member == member);
        let wrap =
            wrap.ok_or_else(|| CharterError::NotInGroup { group: self.group.clone(), member: member.to_owned() })?;
        let wrong = || CharterError::WrongGroupKey { group: self.group.clone() };
        let file = BASE64.decode(wrap.key.as_bytes()).map_err(|_| wrong())?;
        let secret = age_wrap::unwrap(key, &file)?;
        let text = std::str::from_utf8(&secret).map_err(|_| wrong())?;
        let key = DecryptionKey::parse(text, Arc::new(Silent)).map_err(|_| wrong())?;
        if key.recipient().as_ref() == Some(&self.recipient) { Ok(key) } else { Err(wrong()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{identity::Identity, random::SystemRandom};

    fn member(name: &str) -> (Identity, Card) {
        let identity = Identity::generate(name, &mut SystemRandom::new()).unwrap();
        let card = Card::make(name, identity.recipient().unwrap(), &identity.signing, jiff::Timestamp::now()).unwrap();
        (identity, card)
    }

    #[test]
    fn each_member_unwraps_it_and_nobody_else() {
        let ((ani, ani_card), (budi, budi_card), (eve, _)) =
            (member("kpai/ani"), member("kpai/budi"), member("kpai/eve"));
        let made = GroupKey::make(
            "kpai/reviewers",
            1,
            &[&ani_card, &budi_card],
            ("kpai/ani", &ani.signing),
            jiff::Timestamp::now(),
            &mut SystemRandom::new(),
        );
        let (group, key) = made.unwrap();
        let read = GroupKey::parse(&group.to_bytes()).unwrap();
        for identity in [&ani, &budi] {
            let unwrapped = read.unwrap(&identity.member, &identity.decryption).unwrap();
            assert_eq!(unwrapped.recipient(), key.recipient());
        }
        assert!(matches!(read.unwrap("kpai/eve", &eve.decryption), Err(CharterError::NotInGroup { .. })));
        assert!(read.unwrap("kpai/ani", &eve.decryption).is_err());
    }

    #[test]
    fn signed_by_its_own_body_and_wrapped_to_the_cards() {
        let ((ani, ani_card), (eve, eve_card)) = (member("kpai/ani"), member("centre/eve"));
        let cards = |name: &str| [&ani_card, &eve_card].into_iter().find(|card| card.member == name);
        let make = |maker: (&str, &SigningKey)| {
            GroupKey::make("kpai/reviewers", 1, &[&ani_card], maker, jiff::Timestamp::now(), &mut SystemRandom::new())
                .unwrap()
                .0
        };
        make(("kpai/ani", &ani.signing)).verify(cards).unwrap();
        for maker in [("centre/eve", &eve.signing), ("kpai/ani", &eve.signing), ("kpai/nobody", &ani.signing)] {
            assert!(matches!(make(maker).verify(cards), Err(CharterError::GroupKeyUnsigned { .. })), "{}", maker.0);
        }
        let (_, other) = member("kpai/ani");
        let swapped = |name: &str| [&other].into_iter().find(|card| card.member == name);
        assert!(make(("kpai/ani", &ani.signing)).verify(swapped).is_err());
    }

    #[test]
    fn another_layout_is_refused_though_it_is_signed() {
        let (ani, card) = member("kpai/ani");
        let maker = ("kpai/ani", &ani.signing);
        let made =
            GroupKey::make("kpai/reviewers", 1, &[&card], maker, jiff::Timestamp::now(), &mut SystemRandom::new())
                .unwrap()
                .0;
        let text = made.note.text().to_owned();
        let signed = |text: &str| Note::sign(text, maker.0, maker.1).unwrap().to_bytes();
        GroupKey::parse(&signed(&text)).unwrap();
        for (from, to) in [("epoch = 1", "epoch = 01"), ("Z\"\n", ".5Z\"\n"), ("\n[[wrap]]", "[[wrap]]")] {
            let changed = text.replace(from, to);
            assert_ne!(changed, text, "{from}");
            assert!(GroupKey::parse(&signed(&changed)).is_err(), "{from}");
        }
    }
}
