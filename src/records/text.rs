//! Which characters a value may have, and the one form in which a text is kept.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, char::is_public_assigned};

/// Whether a text is one line, or may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// No line breaks.
    One,
    /// Line breaks, kept as `\n`.
    Many,
}

/// The text has a character that no value may have: a control character, an invisible one, one
/// that reverses the direction of writing, or one that Unicode has not assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a character that cannot be seen")]
pub struct UnseenCharacter;

/// Brings a text into the form in which it is kept: NFC, no white space around it, line breaks as
/// `\n`. `clean(clean(x)) == clean(x)`.
///
/// # Errors
/// If it has a character that a reader cannot see, and which could therefore make two values that
/// look alike differ, or make one look like another.
pub fn clean(text: &str, lines: Lines) -> Result<String, UnseenCharacter> {
    let text = match lines {
        Lines::Many if text.contains('\r') => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        _ => Cow::Borrowed(text),
    };
    // ASCII is its own NFC, and most of what is written here is ASCII.
    let text = if text.is_ascii() { text } else { Cow::Owned(text.nfc().collect()) };
    let text = text.trim();
    if text.chars().all(|c| (lines == Lines::Many && c == '\n') || is_seen(c)) {
        Ok(text.to_owned())
    } else {
        Err(UnseenCharacter)
    }
}

/// Whether `text` is as [`clean`] leaves it.
pub fn is_clean(text: &str, lines: Lines) -> bool {
    clean(text, lines).is_ok_and(|cleaned| cleaned == text)
}

/// Whether `text` is one line of visible ASCII, with no space around it: then it is as [`clean`]
/// leaves it, and not empty.
pub fn is_plain(text: &str) -> bool {
    let visible = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    let bytes = text.as_bytes();
    // All are looked at, without a branch for each: long texts are looked at by many at a time.
    let all = bytes.iter().fold(true, |all, byte| all & matches!(byte, b' '..=b'~'));
    all && visible(bytes.first()) && visible(bytes.last())
}

fn is_seen(c: char) -> bool {
    let unseen = c.is_control()
        || matches!(c,
            '\u{2028}' | '\u{2029}'                          // line and paragraph separators
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' // bidirectional embeddings, overrides, isolates
            | '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{feff}' // no width
            | '\u{e0000}'..='\u{e007f}'                      // tags
        );
    // A character that is assigned later may then have another NFC; values must stay canonical.
    !unseen && (c.is_ascii() || is_public_assigned(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_plain_is_clean(text in "[ -~\\n\u{e9}\u{301}]{0,6}") {
            if is_plain(&text) {
                prop_assert!(!text.is_empty() && is_clean(&text, Lines::One) && is_clean(&text, Lines::Many));
            }
        }
    }

    #[test]
    fn one_form() {
        assert_eq!(clean("  Andre\u{301} \t", Lines::One).as_deref(), Ok("Andr\u{e9}"));
        assert_eq!(clean("a\r\nb\rc\n\n", Lines::Many).as_deref(), Ok("a\nb\nc"));
        assert_eq!(clean(" \u{a0}\n ", Lines::One).as_deref(), Ok(""));
    }

    #[test]
    fn what_cannot_be_seen_is_refused() {
        for bad in ["a\nb", "a\tb", "a\u{0}", "a\u{1b}[31m", "a\u{85}b", "a\u{202e}b", "a\u{2066}b", "a\u{200b}b"] {
            assert_eq!(clean(bad, Lines::One), Err(UnseenCharacter), "{bad:?}");
        }
        for bad in ["\u{feff}a", "a\u{2028}b", "a\u{e0041}", "a\u{378}", "a\u{e000}", "a\tb", "a\u{ad}b"] {
            assert_eq!(clean(bad, Lines::Many), Err(UnseenCharacter), "{bad:?}");
        }
    }

    #[test]
    fn writing_of_the_world_is_not() {
        for good in ["Nur'aini", "\u{645}\u{62d}\u{645}\u{62f}", "\u{1b83}\u{1b93}", "\u{9648}", "\u{a9b2}\u{a9bb}"] {
            assert_eq!(clean(good, Lines::One).as_deref(), Ok(good));
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in any::<String>(), many in any::<bool>()) {
            let lines = if many { Lines::Many } else { Lines::One };
            if let Ok(once) = clean(&text, lines) {
                prop_assert!(is_clean(&once, lines));
            }
        }
    }
}
