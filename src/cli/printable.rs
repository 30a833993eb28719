//! Text from records, files and arguments, made safe to show on a terminal.
//!
//! Such text can hold escape sequences that repaint the screen, marks that turn the direction of
//! writing so that one thing reads as another, and characters that nobody sees. None of them may
//! reach the terminal.

use std::borrow::Cow;

/// Makes one line of text safe to show: every character that acts on the terminal or is invisible
/// is replaced by its number, as in `<U+001B>`. Line breaks and tabs too.
pub fn printable(text: &str) -> Cow<'_, str> {
    replace(text, is_unprintable)
}

/// Like [`printable`], but keeps line breaks.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    replace(text, |c| c != '\n' && is_unprintable(c))
}

/// Whether a character acts on the terminal, or changes or hides the text around it.
///
/// Control characters (C0, DEL, C1), and what Unicode calls format characters, line and paragraph
/// separators, and default ignorable code points (UAX 44, `Default_Ignorable_Code_Point`):
/// among them the bidirectional marks, overrides and isolates, and everything of zero width.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}'                        // soft hyphen
            | '\u{34f}'                     // combining grapheme joiner
            | '\u{600}'..='\u{605}'         // Arabic number signs
            | '\u{61c}'                     // Arabic letter mark
            | '\u{6dd}' | '\u{70f}'
            | '\u{115f}' | '\u{1160}'       // Hangul fillers
            | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'       // Mongolian selectors and vowel separator
            | '\u{200b}'..='\u{200f}'       // zero width space and joiners, direction marks
            | '\u{2028}'..='\u{202e}'       // line and paragraph separators, direction overrides
            | '\u{2060}'..='\u{206f}'       // word joiner, invisible operators, isolates
            | '\u{3164}' | '\u{ffa0}'       // Hangul fillers
            | '\u{fe00}'..='\u{fe0f}'       // variation selectors
            | '\u{feff}'                    // byte order mark
            | '\u{fff0}'..='\u{fffb}'       // annotations
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'     // tags, more variation selectors
        )
}

fn replace(text: &str, unprintable: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&unprintable) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if unprintable(c) {
            out.push_str(&format!("<U+{:04X}>", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_shown_by_number() {
        for (text, shown) in [
            ("\u{1b}[2J", "<U+001B>[2J"),
            ("a\rb", "a<U+000D>b"),
            ("a\u{7}\u{8}\u{7f}", "a<U+0007><U+0008><U+007F>"),
            ("\u{9b}31m", "<U+009B>31m"),
            ("\u{85}", "<U+0085>"),
            ("nama\u{202e}gnp.exe", "nama<U+202E>gnp.exe"),
            ("\u{2066}x\u{2069}", "<U+2066>x<U+2069>"),
            ("\u{200e}\u{200f}\u{61c}", "<U+200E><U+200F><U+061C>"),
            ("si\u{200b}ti\u{feff}", "si<U+200B>ti<U+FEFF>"),
            ("\u{2028}\u{2029}", "<U+2028><U+2029>"),
            ("\u{e0041}", "<U+E0041>"),
            ("a\nb\tc", "a<U+000A>b<U+0009>c"),
        ] {
            assert_eq!(printable(text), shown);
        }
        assert_eq!(printable_lines("a\nb\r\u{1b}"), "a\nb<U+000D><U+001B>");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in ["Siti Nurhaliza", "Jl. Melati No. 3, RT 02/RW 05", "عبد الله", "José–“ok”", "漢字", ""]
        {
            assert!(matches!(printable(text), Cow::Borrowed(same) if same == text));
        }
    }

    proptest! {
        #[test]
        fn nothing_unprintable_is_left(text in any::<String>()) {
            let shown = printable(&text);
            prop_assert!(!shown.contains(is_unprintable));
            prop_assert!(matches!(printable(&shown), Cow::Borrowed(_)));
            prop_assert!(!printable_lines(&text).contains(|c| c != '\n' && is_unprintable(c)));
        }
    }
}
