//! Cards: the public half of a member's identity.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::CharterError;
use crate::{
    crypto::{
        age_wrap::Recipient,
        digest::sha256,
        note::Note,
        sign::{PublicKey, SigningKey},
    },
    id::{body_of, encode},
};

const HEAD: &str = "amanah card/1\n";

/// A member's card: a note signed by the key that it names.
///
/// ```text
/// amanah card/1
/// member = "handayani/siti"
/// recipient = "age1..."
/// signing = "ZXhhbXBsZS4uLg=="
/// created = "2026-11-24T10:00:00Z"
///
/// — handayani/siti ...
/// ```
#[derive(Debug, Clone)]
pub struct Card {
    /// The member, `body/name`.
    pub member: String,
    /// Whom to wrap to.
    pub recipient: Recipient,
    /// What the member signs with.
    pub signing: PublicKey,
    /// When it was made.
    pub created: jiff::Timestamp,
    note: Note,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    member: String,
    recipient: Recipient,
    signing: PublicKey,
    created: jiff::Timestamp,
}

impl Card {
    /// Makes and signs a card.
    pub fn make(
        member: &str,
        recipient: &Recipient,
        signing: &SigningKey,
        created: jiff::Timestamp,
    ) -> Result<Card, CharterError> {
        let created = whole_seconds(created);
        let text = Text { member: member.to_owned(), recipient: recipient.clone(), signing: signing.public(), created };
        let text = toml::to_string(&text).map_err(|e| CharterError::BadCard { why: e.to_string() })?;
        let note = Note::sign(&format!("{HEAD}{text}"), member, signing)?;
        Card::parse(&note.to_bytes())
    }

    /// Reads a card, and checks that it is signed by itself and written as it would be written.
    pub fn parse(bytes: &[u8]) -> Result<Card, CharterError> {
        let bad = |why: &str| CharterError::BadCard { why: why.to_owned() };
        let note = Note::parse(bytes)?;
        let body = note.text().strip_prefix(HEAD).ok_or_else(|| bad("its first line is another"))?;
        let text: Text = toml::from_str(body).map_err(|e| bad(e.message()))?;
        if toml::to_string(&text).ok().as_deref() != Some(body) || text.created != whole_seconds(text.created) {
            return Err(bad("it is not written in the one way cards are written"));
        }
        body_of(&text.member).ok_or_else(|| CharterError::BadName { name: text.member.clone() })?;
        note.verify(&text.member, &text.signing)?;
        let Text { member, recipient, signing, created } = text;
        Ok(Card { member, recipient, signing, created, note })
    }

    /// The signed note.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.note.to_bytes()
    }

    /// The body the member belongs to.
    pub fn body(&self) -> &str {
        body_of(&self.member).unwrap_or_default()
    }

    /// What two people compare by voice: 128 bits of the SHA-256 of the card's text, in groups.
    pub fn fingerprint(&self) -> String {
        let digest = sha256(&[self.note.text().as_bytes()]);
        let letters = encode(&digest[..16]);
        let mut out = String::with_capacity(32);
        for (index, letter) in letters.char_indices() {
            if index > 0 && index % 5 == 0 && index < 25 {
                out.push('-');
            }
            // Writing into a string does not fail.
            let _ = out.write_char(letter);
        }
        out
    }
}

/// A time without fractions, as files for people carry it.
pub(super) fn whole_seconds(time: jiff::Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_second(time.as_second()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{identity::Identity, random::SystemRandom};

    fn card() -> Card {
        let identity = Identity::generate("kpai/ani", &mut SystemRandom::new()).unwrap();
        Card::make("kpai/ani", identity.recipient().unwrap(), &identity.signing, jiff::Timestamp::now()).unwrap()
    }

    #[test]
    fn there_and_back() {
        let card = card();
        let read = Card::parse(&card.to_bytes()).unwrap();
        assert_eq!((read.member.as_str(), read.body(), read.signing), ("kpai/ani", "kpai", card.signing));
        let print = card.fingerprint();
        assert_eq!(print.split('-').map(str::len).collect::<Vec<_>>(), [5, 5, 5, 5, 6]);
    }

    #[test]
    fn a_changed_card_is_refused() {
        let text = String::from_utf8(card().to_bytes()).unwrap();
        for (from, to) in [
            ("kpai/ani", "kpai/eve"),
            ("age1", "age2"),
            ("amanah card/1", "amanah card/2"),
            ("member = ", "member  = "),
            ("created", "extra = 1\ncreated"),
        ] {
            assert!(Card::parse(text.replace(from, to).as_bytes()).is_err(), "{from}");
        }
    }

    #[test]
    fn another_layout_is_refused_though_it_is_signed() {
        let identity = Identity::generate("kpai/ani", &mut SystemRandom::new()).unwrap();
        let made = Card::make("kpai/ani", identity.recipient().unwrap(), &identity.signing, jiff::Timestamp::now());
        let text = made.unwrap().note.text().to_owned();
        let signed = |text: &str| Note::sign(text, "kpai/ani", &identity.signing).unwrap().to_bytes();
        Card::parse(&signed(&text)).unwrap();
        for (from, to) in [("member = ", "member  = "), ("Z\"\n", ".5Z\"\n"), ("created", "extra = 1\ncreated")] {
            let changed = text.replace(from, to);
            assert_ne!(changed, text, "{from}");
            assert!(Card::parse(&signed(&changed)).is_err(), "{from}");
        }
    }
}
