//! Identifiers: 16 random bytes, written as 26 characters that survive a telephone call.

use std::{fmt, str::FromStr, sync::LazyLock};

use data_encoding::{Encoding, Specification};

use crate::texts;

/// Crockford's alphabet in lower case: no `i`, `l`, `o`, `u`.
static ALPHABET: LazyLock<Encoding> = LazyLock::new(|| {
    let mut spec = Specification::new();
    spec.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    #[expect(clippy::expect_used, reason = "a constant specification, covered by the tests below")]
    spec.encoding().expect("32 distinct symbols")
});

/// Length of an id's text.
pub const ID_TEXT: usize = 26;

/// Writes bytes in the alphabet of ids.
pub fn encode(bytes: &[u8]) -> String {
    ALPHABET.encode(bytes)
}

/// An identifier of a vault, a record, an envelope or a sealing session: 16 random bytes.
///
/// As text: `4wvtm1p8c2dx7r0k9ze5hq3n6a`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub [u8; 16]);

impl Id {
    /// The id of nothing: stands where a format wants an id and there is no record.
    pub const ZERO: Id = Id([0; 16]);

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; ID_TEXT];
        ALPHABET.encode_mut(&self.0, &mut text);
        f.pad(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({self})")
    }
}

/// The text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 26 characters of 0-9 and a-z without i, l, o and u")]
pub struct InvalidId;

impl FromStr for Id {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let mut bytes = [0; 16];
        if text.len() != ID_TEXT || ALPHABET.decode_mut(text.as_bytes(), &mut bytes).is_err() {
            return Err(InvalidId);
        }
        Ok(Id(bytes))
    }
}

impl serde::Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        texts::read(deserializer, "an id", |text| text.parse().ok())
    }
}

/// Whether `name` has the form of a body, or of the part after the slash of a member or group:
/// `[a-z][a-z0-9-]{0,31}`.
pub fn is_body_name(name: &str) -> bool {
    is_name(name, 32, |c| c == b'-')
}

/// Whether `name` has the form of a class, purpose, record kind or field:
/// `[a-z][a-z0-9_-]{0,39}`.
pub fn is_plain_name(name: &str) -> bool {
    is_name(name, 40, |c| c == b'-' || c == b'_')
}

/// Whether `name` has the form of a member or group, `body/name`; gives the body.
pub fn body_of(name: &str) -> Option<&str> {
    let (body, rest) = name.split_once('/')?;
    (is_body_name(body) && is_body_name(rest)).then_some(body)
}

fn is_name(name: &str, longest: usize, also: impl Fn(u8) -> bool) -> bool {
    let bytes = name.as_bytes();
    bytes.len() <= longest
        && bytes.first().is_some_and(u8::is_ascii_lowercase)
        && bytes.iter().all(|&c| c.is_ascii_lowercase() || c.is_ascii_digit() || also(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let id = Id(*b"0123456789abcdef");
        let text = id.to_string();
        assert_eq!(text.len(), ID_TEXT);
        assert_eq!(text.parse(), Ok(id));
    }

    #[test]
    fn only_the_canonical_text_is_read() {
        let text = Id([0xff; 16]).to_string();
        assert_eq!(text, "zzzzzzzzzzzzzzzzzzzzzzzzzw");
        for bad in ["", "zzzzzzzzzzzzzzzzzzzzzzzzzz", &text.to_uppercase(), &text[1..], "izzzzzzzzzzzzzzzzzzzzzzzzw"] {
            assert_eq!(bad.parse::<Id>(), Err(InvalidId), "{bad}");
        }
    }

    #[test]
    fn names() {
        assert_eq!(body_of("kpai/reviewers"), Some("kpai"));
        for bad in ["kpai", "kpai/", "/x", "kpai/a/b", "Kpai/x", "kpai/a b", "1a/b"] {
            assert_eq!(body_of(bad), None, "{bad}");
        }
        assert!(is_plain_name("best_interest") && !is_plain_name("_x") && !is_plain_name(""));
    }
}
