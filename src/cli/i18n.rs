//! The two languages of the terminal, and the texts in `i18n/`.
//!
//! All `.ftl` files in the folder of a language are read. What Indonesian lacks is taken from
//! English. Sentences of errors and help texts are written in English beside the code that has
//! them, and stand in `i18n/id` only.

use std::{
    borrow::Cow,
    collections::HashMap,
    ffi::OsString,
    sync::{
        LazyLock,
        atomic::{AtomicU8, Ordering},
    },
};

use i18n_embed::{I18nAssets, LanguageLoader, fluent::FluentLanguageLoader};
use rust_embed::RustEmbed;
use unic_langid::LanguageIdentifier;

use crate::cli::printable::printable;

/// A language of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// English.
    En,
    /// Indonesian.
    Id,
}

impl Language {
    /// All languages.
    pub const ALL: [Language; 2] = [Language::En, Language::Id];

    /// The code of the language: `en` or `id`. Also its folder in `i18n/`.
    pub fn code(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Id => "id",
        }
    }

    /// The language that a command line asks for with `--lang`, else that of the environment.
    ///
    /// Looks at the words before the command line is parsed, because errors of parsing have a
    /// language too. What `--lang` names is checked later.
    pub fn choose(words: &[OsString], environment: impl Fn(&str) -> Option<OsString>) -> Language {
        let mut words = words.iter().filter_map(|word| word.to_str()).take_while(|&word| word != "--");
        while let Some(word) = words.next() {
            let asked = if word == "--lang" { words.next() } else { word.strip_prefix("--lang=") };
            match asked {
                Some("en") => return Language::En,
                Some("id") => return Language::Id,
                _ => {}
            }
        }
        // The order of POSIX.1-2017, Base Definitions, section 8.2: the first that is not empty.
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| environment(name).filter(|value| !value.is_empty()))
            .map_or(Language::En, |value| Language::of_locale(&value.to_string_lossy()))
    }

    /// The language of a locale such as `id_ID.UTF-8`. `in` is the code that Indonesian had before 1989.
    fn of_locale(locale: &str) -> Language {
        match locale.split(['_', '-', '.', '@']).next() {
            Some("id" | "in") => Language::Id,
            _ => Language::En,
        }
    }

    fn identifier(self) -> LanguageIdentifier {
        // `en` and `id` are valid; the default is the language `und`, which has no texts.
        self.code().parse().unwrap_or_default()
    }

    fn loader(self) -> &'static FluentLanguageLoader {
        static ENGLISH: LazyLock<FluentLanguageLoader> = LazyLock::new(|| load(Language::En));
        static INDONESIAN: LazyLock<FluentLanguageLoader> = LazyLock::new(|| load(Language::Id));
        match self {
            Language::En => &ENGLISH,
            Language::Id => &INDONESIAN,
        }
    }

    /// The text under `key`, if the language (or English behind it) has one.
    pub fn find(self, key: &str, args: &[(&str, TextArg<'_>)]) -> Option<String> {
        let loader = self.loader();
        if !loader.has(key) {
            return None;
        }
        let mut values = HashMap::with_capacity(args.len());
        for (name, arg) in args {
            values.insert(
                *name,
                match arg {
                    TextArg::Text(text) => printable(text).into_owned().into(),
                    TextArg::Number(number) => (*number).into(),
                },
            );
        }
        Some(loader.get_args_concrete(key, values))
    }

    /// The text under `key`; the key itself if there is none, which a test makes sure of.
    pub fn text(self, key: &str, args: &[(&str, TextArg<'_>)]) -> String {
        self.find(key, args).unwrap_or_else(|| key.to_owned())
    }
}

/// What stands in the place of a placeholder of a text.
#[derive(Debug, Clone)]
pub enum TextArg<'a> {
    /// Shown as [`printable`] makes it.
    Text(Cow<'a, str>),
    /// A number: the text can depend on it (`{ $count -> [one] ... *[other] ... }`).
    Number(i64),
}

impl<'a> From<&'a str> for TextArg<'a> {
    fn from(text: &'a str) -> Self {
        TextArg::Text(text.into())
    }
}

impl<'a> From<&'a String> for TextArg<'a> {
    fn from(text: &'a String) -> Self {
        TextArg::Text(text.into())
    }
}

impl From<String> for TextArg<'_> {
    fn from(text: String) -> Self {
        TextArg::Text(text.into())
    }
}

macro_rules! numbers {
    ($($number:ty),*) => { $(
        impl From<$number> for TextArg<'_> {
            fn from(number: $number) -> Self {
                TextArg::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
    )* };
}
numbers!(i32, i64, u8, u16, u32, u64, usize);

static CURRENT: AtomicU8 = AtomicU8::new(0);

/// Sets the language of this process.
pub fn set_language(language: Language) {
    CURRENT.store(language as u8, Ordering::Relaxed);
}

/// The language of this process: English until [`set_language`].
pub fn language() -> Language {
    if CURRENT.load(Ordering::Relaxed) == Language::Id as u8 { Language::Id } else { Language::En }
}

/// The text under `key`, in the language of this process, with its placeholders filled.
pub fn tr_args(key: &str, args: &[(&str, TextArg<'_>)]) -> String {
    language().text(key, args)
}

/// The text under a key, with its placeholders: `tr!("records-found", count = 3)`.
macro_rules! tr {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::cli::i18n::tr_args($key, &[$((stringify!($name), $crate::cli::i18n::TextArg::from($value))),*])
    };
}
pub(crate) use tr;

#[derive(RustEmbed)]
#[folder = "i18n/"]
struct Files;

/// The files, as the loader asks for them: one name stands for all files of a language.
struct Assets;

impl I18nAssets for Assets {
    fn get_files(&self, path: &str) -> Vec<Cow<'_, [u8]>> {
        let Some((folder, _)) = path.split_once('/') else { return Vec::new() };
        let mut names: Vec<_> = Files::iter()
            .filter(|name| name.ends_with(".ftl") && name.split_once('/').is_some_and(|(of, _)| of == folder))
            .collect();
        names.sort();
        names.iter().filter_map(|name| Files::get(name)).map(|file| file.data).collect()
    }

    fn filenames_iter(&self) -> Box<dyn Iterator<Item = String> + '_> {
        Box::new(Files::iter().map(Cow::into_owned))
    }
}

fn load(language: Language) -> FluentLanguageLoader {
    let loader = FluentLanguageLoader::new("amanah", Language::En.identifier());
    // It fails only where English has no file at all; the tests would all fail then, and every
    // text would be its key.
    let _ = loader.load_languages(&Assets, &[language.identifier()]);
    // Marks of direction around placeholders are characters that `printable` takes out again.
    loader.set_use_isolating(false);
    loader
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(words: &[&str], environment: &[(&str, &str)]) -> Language {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        Language::choose(&words, |name| environment.iter().find(|(n, _)| *n == name).map(|(_, v)| v.into()))
    }

    #[test]
    fn the_command_line_goes_before_the_environment() {
        let indonesian = [("LANG", "id_ID.UTF-8")];
        assert_eq!(chosen(&[], &[]), Language::En);
        assert_eq!(chosen(&[], &indonesian), Language::Id);
        assert_eq!(chosen(&["amanah", "--lang", "en"], &indonesian), Language::En);
        assert_eq!(chosen(&["amanah", "--lang=id"], &[]), Language::Id);
        assert_eq!(chosen(&["amanah", "--", "--lang=id"], &[]), Language::En);
        assert_eq!(chosen(&["amanah", "--lang", "fr"], &indonesian), Language::Id);
    }

    #[test]
    fn the_environment_in_the_order_of_posix() {
        assert_eq!(chosen(&[], &[("LC_ALL", "C"), ("LANG", "id_ID")]), Language::En);
        assert_eq!(chosen(&[], &[("LC_ALL", ""), ("LC_MESSAGES", "in"), ("LANG", "en_GB")]), Language::Id);
        for (locale, language) in [("id", Language::Id), ("id-ID", Language::Id), ("ido", Language::En)] {
            assert_eq!(chosen(&[], &[("LANG", locale)]), language, "{locale}");
        }
    }

    #[test]
    fn texts_with_placeholders() {
        assert_eq!(Language::En.text("label-hint", &[]), "hint");
        assert_eq!(Language::Id.text("label-hint", &[]), "petunjuk");
        let args = [("number", TextArg::from(2)), ("count", TextArg::from(16_u32)), ("label", "a\u{202e}b".into())];
        assert_eq!(Language::En.text("form-label", &args), "(2/16) a<U+202E>b");
        assert_eq!(Language::Id.find("no-such-key", &[]), None);
    }
}
