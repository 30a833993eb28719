//! Names for people: the two languages of the schema, and how names are compared.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A language in which the schema has its labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    En,
    /// Indonesian.
    Id,
}

/// Neither `en` nor `id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a language of the schema: en or id")]
pub struct UnknownLang;

impl FromStr for Lang {
    type Err = UnknownLang;

    fn from_str(text: &str) -> Result<Self, UnknownLang> {
        match text {
            "en" => Ok(Lang::En),
            "id" => Ok(Lang::Id),
            _ => Err(UnknownLang),
        }
    }
}

/// A name in both languages: `{ en = "Full name", id = "Nama lengkap" }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// English.
    pub en: String,
    /// Indonesian.
    pub id: String,
}

impl Label {
    /// The name in that language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Id => &self.id,
        }
    }

    /// Both.
    pub fn both(&self) -> [&str; 2] {
        [&self.en, &self.id]
    }
}

/// What remains of a name when only its letters and digits count, in lower case: `Nama Lengkap`,
/// `nama_lengkap` and `NAMA  LENGKAP:` are the same name.
pub fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    }
    name.nfc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_letters_and_digits() {
        for name in ["Nama Lengkap", "nama_lengkap", " NAMA  LENGKAP: ", "nama-lengkap*"] {
            assert_eq!(fold(name), "namalengkap", "{name}");
        }
        assert_eq!(fold("SD/MI"), fold("sd / mi"));
        assert_ne!(fold("SD"), fold("SMP"));
        assert_eq!(fold(" -/- "), "");
        let ascii: String = (0..128).map(char::from).collect();
        let (digits, letters) = ("0123456789", "abcdefghijklmnopqrstuvwxyz");
        assert_eq!(fold(&ascii), [digits, letters, letters].concat());
        assert_eq!(fold(&format!("{ascii}É")), [digits, letters, letters, "é"].concat());
    }

    #[test]
    fn languages() {
        assert_eq!("id".parse(), Ok(Lang::Id));
        assert_eq!("ID".parse::<Lang>(), Err(UnknownLang));
    }
}
