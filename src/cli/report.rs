//! How a problem is told: a sentence, a hint that says what to do next, and an exit code.

use std::{error::Error, io};

use serde_json::json;

use crate::{
    cli::{
        i18n::{Language, TextArg, language},
        printable::printable,
        terminal::Terminal,
    },
    custody::CharterError,
    problem::Problem,
    store::StoreError,
};

/// Tells a problem on the standard error output, and gives the exit code.
///
/// For people `error: ...`, `hint: ...`. With `--json` one object on one line:
///
/// ```json
/// {"error":{"code":"cli-no-vault","hint":"give --vault DIR, ...","message":"it is not said which vault"}}
/// ```
pub fn report(problem: &dyn Problem, terminal: &Terminal) -> u8 {
    let language = language();
    let message = sentence(problem, language);
    let hint = hint(problem, language);
    if terminal.is_json() {
        terminal.error_json(&json!({ "error": { "code": problem.code(), "message": message, "hint": hint } }));
    } else {
        terminal.error(&format!("{}: {message}", language.text("label-error", &[])));
        if let Some(hint) = hint {
            terminal.error(&format!("{}: {hint}", language.text("label-hint", &[])));
        }
    }
    problem.kind().exit_code()
}

/// The sentence of a problem, followed by what caused it. One line, safe to show.
pub fn sentence(problem: &dyn Problem, language: Language) -> String {
    let args = problem.args();
    let mut sentence = match language {
        // The English sentence is written beside the error.
        Language::En => None,
        Language::Id => language.find(&format!("err-{}", problem.code()), &text_args(&args, language)),
    }
    .unwrap_or_else(|| printable(&problem.to_string()).into_owned());

    let mut cause = problem.source();
    while let Some(error) = cause {
        let text = printable(&describe(error, language)).into_owned();
        let english = printable(&error.to_string()).into_owned();
        if sentence.contains(&english) {
            // It stands in the sentence as `{source}` gives it: in English, in the system's words.
            sentence = sentence.replace(&english, &text);
        } else if !sentence.contains(&text) {
            sentence.push_str(": ");
            sentence.push_str(&text);
        }
        cause = error.source();
    }
    sentence
}

/// What to do next, if something is known. One line, safe to show.
pub fn hint(problem: &dyn Problem, language: Language) -> Option<String> {
    let args = problem.args();
    language.find(&format!("hint-{}", problem.code()), &text_args(&args, language)).filter(|hint| !hint.is_empty())
}

/// An empty value becomes `none`, which a text can select on. What is wrong, where the code says it
/// in words of its own, is said in the user's.
fn text_args<'a>(args: &'a [(&'static str, String)], language: Language) -> Vec<(&'static str, TextArg<'a>)> {
    let text = |name: &str, value: &'a String| {
        if value.is_empty() {
            return "none".into();
        }
        let words = ["what", "why", "reason"].contains(&name).then(|| language.find(&detail_key(value), &[]));
        words.flatten().map_or_else(|| value.into(), TextArg::from)
    };
    args.iter().map(|(name, value)| (*name, text(name, value))).collect()
}

/// The key of the translation of a detail: `its first line is another` is under
/// `detail-its-first-line-is-another`. English has none: it stands in the code.
pub fn detail_key(english: &str) -> String {
    let words = english.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.fold("detail".to_owned(), |key, word| key + "-" + word)
}

/// A cause, in the user's words where it is one of our own or one of the system's usual ones.
fn describe(error: &(dyn Error + 'static), language: Language) -> String {
    if let Some(own) = error.downcast_ref::<CharterError>() {
        return sentence(own, language);
    }
    if let Some(own) = error.downcast_ref::<StoreError>() {
        return sentence(own, language);
    }
    let key = error.downcast_ref::<io::Error>().and_then(|error| match error.kind() {
        io::ErrorKind::NotFound => Some("io-not-found"),
        io::ErrorKind::PermissionDenied => Some("io-permission-denied"),
        io::ErrorKind::AlreadyExists => Some("io-already-exists"),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some("io-storage-full"),
        io::ErrorKind::ReadOnlyFilesystem => Some("io-read-only"),
        io::ErrorKind::IsADirectory => Some("io-is-a-folder"),
        io::ErrorKind::NotADirectory => Some("io-not-a-folder"),
        _ => None,
    });
    key.and_then(|key| language.find(key, &[])).unwrap_or_else(|| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::error::CliError, custody::draft::DraftError, vault::VaultError};

    #[test]
    fn sentences_in_both_languages() {
        let problem = CliError::UnknownArgument {
            argument: "--foo\u{1b}".into(),
            suggestion: String::new(),
            command: "amanah".into(),
        };
        assert_eq!(sentence(&problem, Language::En), "there is no argument --foo<U+001B>");
        assert_eq!(sentence(&problem, Language::Id), "argumen --foo<U+001B> tidak dikenal");
        assert_eq!(hint(&problem, Language::En).unwrap(), "see `amanah --help`");
        let problem = CliError::UnknownArgument {
            argument: "--foo".into(),
            suggestion: "--for".into(),
            command: "amanah".into(),
        };
        assert_eq!(hint(&problem, Language::En).unwrap(), "did you mean --for? See `amanah --help`");
        assert_eq!(hint(&problem, Language::Id).unwrap(), "mungkin maksud Anda --for? Lihat `amanah --help`");
    }

    #[test]
    fn details_are_said_in_the_words_of_the_user() {
        let problem = VaultError::BadEntry { sequence: 7, why: "its signature is not its actor's" };
        assert_eq!(sentence(&problem, Language::En), "entry 7: its signature is not its actor's");
        assert_eq!(sentence(&problem, Language::Id), "entri 7: \"tanda tangannya bukan tanda tangan pelakunya\"");
        // What others say is told as they say it.
        let problem = CharterError::Malformed { why: "expected `=`".into() };
        assert_eq!(sentence(&problem, Language::Id), "ini bukan piagam: \"expected `=`\"");
    }

    #[test]
    fn the_cause_is_told_once_and_translated() {
        let source = || io::Error::from(io::ErrorKind::NotFound);
        let problem = CliError::PassphraseSource { from: "pass.txt".into(), source: source() };
        assert_eq!(
            sentence(&problem, Language::En),
            "the passphrase could not be read from pass.txt: there is no such file or folder"
        );
        assert_eq!(
            sentence(&problem, Language::Id),
            "kata sandi tidak dapat dibaca dari pass.txt: berkas atau folder tidak ditemukan"
        );
        let problem =
            DraftError::Unreadable { path: "a.card".into(), source: std::fs::File::open("/none").unwrap_err() };
        assert_eq!(sentence(&problem, Language::Id), "a.card tidak dapat dibaca: berkas atau folder tidak ditemukan");
        let source = CharterError::NoPurpose;
        let told = sentence(&source, Language::Id);
        let problem = DraftError::BadFile { path: "a.card".into(), source };
        assert_eq!(sentence(&problem, Language::Id), format!("a.card: {told}"));
        let problem = CliError::Output { source: io::Error::other("tape\u{9b} torn") };
        assert_eq!(sentence(&problem, Language::En), "the answer could not be written: tape<U+009B> torn");
    }
}
