//! Every error has its sentence in Indonesian and its hint in both languages, and no text is left
//! over that no error has.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use amanah::{
    crypto::{CryptoError, age_wrap::WrapError, identity::IdentityError, note::NoteError, slip39::Slip39Error},
    custody::{AmendmentError, CharterError, draft::DraftError},
    ledger::{LedgerError, witness::WitnessError},
    records::{
        nik::NumberWarning, row::CellError, schema::SchemaError, succession::SuccessionError, table::TableError,
        value::ValueError,
    },
    store::StoreError,
    vault::VaultError,
};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

type Names = BTreeSet<String>;

/// What the source says of one error.
#[derive(Debug)]
struct Declared {
    fields: Names,
    /// The fields that its English sentence shows.
    shown: Names,
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(files(&path, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            out.push(path);
        }
    }
    out.sort();
    out
}

/// What stands between `open` and `close` in `text`, each time.
fn between(text: &str, open: char, close: char) -> Vec<&str> {
    text.split(open).skip(1).filter_map(|rest| rest.split_once(close)).map(|(inner, _)| inner).collect()
}

/// The errors of every `problems!` block of the source, by the name of their enum and their code.
fn declared() -> BTreeMap<String, BTreeMap<String, Declared>> {
    let mut out = BTreeMap::new();
    for path in files(Path::new("src"), "rs") {
        let source = fs::read_to_string(&path).unwrap();
        for block in source.split("\nproblems! {\n").skip(1) {
            let block = block.split_once("\n}\n").unwrap().0;
            let code_only = |line: &&str| !line.trim_start().starts_with("///");
            let block = block.lines().filter(code_only).collect::<Vec<_>>().join("\n");
            let (name, variants) = block.split_once("pub enum ").unwrap().1.split_once(" {").unwrap();
            let variants = variants.split_once("\n    }").unwrap().0;
            let variants = variants.replace("\\\"", "'");
            // Odd pieces are inside quotes: a code, a sentence, a code, a sentence ...
            let pieces: Vec<&str> = variants.split('"').collect();
            let mut errors = BTreeMap::new();
            for error in pieces.chunks_exact(4) {
                let (head, code, sentence) = (error[0], error[1], error[3]);
                let fields = between(head, '{', '}').into_iter().flat_map(|fields| fields.split(','));
                let fields = fields.filter_map(|field| Some(field.split_once(':')?.0.trim().to_owned())).collect();
                let shown = between(sentence, '{', '}').into_iter().map(ToOwned::to_owned).collect();
                assert!(errors.insert(code.to_owned(), Declared { fields, shown }).is_none(), "{code} twice in {name}");
            }
            assert!(out.insert(name.to_owned(), errors).is_none(), "two enums are called {name}");
        }
    }
    out
}

/// All errors of the source by their code.
fn by_code() -> BTreeMap<String, Declared> {
    let mut out = BTreeMap::new();
    for (name, errors) in declared() {
        for (code, error) in errors {
            assert!(out.insert(code.clone(), error).is_none(), "{code}, of {name}, is the code of another error too");
        }
    }
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Names>();
    let cell = ["row", "column", "problem"];
    out.insert(CellError::CODE.to_owned(), Declared { fields: names(&cell), shown: names(&cell) });
    out
}

/// The texts of a language that belong to errors: key, and the names of the placeholders.
fn texts(language: &str) -> BTreeMap<String, Names> {
    let mut out = BTreeMap::new();
    for path in files(&Path::new("i18n").join(language), "ftl") {
        let text = fs::read_to_string(&path).unwrap();
        let resource = fluent_syntax::parser::parse(text.as_str())
            .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", path.display()));
        for entry in resource.body {
            let Entry::Message(message) = entry else { continue };
            let mut names = Names::new();
            placeholders(message.value.as_ref().unwrap(), &mut names);
            let key = message.id.name.to_owned();
            assert!(out.insert(key.clone(), names).is_none(), "{}: {key} is there twice", path.display());
        }
    }
    out.retain(|key, _| key.starts_with("err-") || key.starts_with("hint-"));
    out
}

fn placeholders(pattern: &Pattern<&str>, out: &mut Names) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        let inline = match expression {
            Expression::Inline(inline) => inline,
            Expression::Select { selector, variants } => {
                variants.iter().for_each(|variant| placeholders(&variant.value, out));
                selector
            }
        };
        match inline {
            InlineExpression::VariableReference { id } => drop(out.insert(id.name.to_owned())),
            InlineExpression::StringLiteral { .. } => {}
            other => panic!("errors use variables and literals only: {other:?}"),
        }
    }
}

#[test]
fn the_source_is_read_rightly() {
    let declared = declared();
    for (name, codes) in [
        ("CryptoError", CryptoError::CODES),
        ("WrapError", WrapError::CODES),
        ("IdentityError", IdentityError::CODES),
        ("NoteError", NoteError::CODES),
        ("Slip39Error", Slip39Error::CODES),
        ("CharterError", CharterError::CODES),
        ("AmendmentError", AmendmentError::CODES),
        ("DraftError", DraftError::CODES),
        ("LedgerError", LedgerError::CODES),
        ("WitnessError", WitnessError::CODES),
        ("StoreError", StoreError::CODES),
        ("VaultError", VaultError::CODES),
        ("NumberWarning", NumberWarning::CODES),
        ("SchemaError", SchemaError::CODES),
        ("SuccessionError", SuccessionError::CODES),
        ("TableError", TableError::CODES),
        ("ValueError", ValueError::CODES),
    ] {
        let read: Vec<&str> = declared[name].keys().map(String::as_str).collect();
        let mut codes = codes.to_vec();
        codes.sort_unstable();
        assert_eq!(read, codes, "{name}");
    }
    let sealed = &declared["CharterError"]["charter-sealed-alone"];
    assert_eq!(sealed.fields, ["body", "groups"].map(str::to_owned).into());
    assert_eq!(sealed.shown, sealed.fields);
}

#[test]
fn every_error_has_its_texts_and_no_text_is_left_over() {
    let (english, indonesian) = (texts("en"), texts("id"));
    let errors = by_code();
    let mut wrong = Vec::new();
    for (code, error) in &errors {
        match indonesian.get(&format!("err-{code}")) {
            Some(names) if *names == error.shown => {}
            other => wrong.push(format!("id err-{code}: the sentence shows {:?}, the text {other:?}", error.shown)),
        }
        for (language, texts) in [("en", &english), ("id", &indonesian)] {
            match texts.get(&format!("hint-{code}")) {
                Some(names) if names.is_subset(&error.fields) => {}
                other => wrong.push(format!("{language} hint-{code}: {other:?}")),
            }
        }
    }
    for (language, texts) in [("en", &english), ("id", &indonesian)] {
        for key in texts.keys() {
            let code = key.strip_prefix("hint-").or_else(|| key.strip_prefix("err-")).unwrap();
            if !errors.contains_key(code) || (language == "en" && key.starts_with("err-")) {
                wrong.push(format!("{language} {key}: no error has this text"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sentences_and_hints_are_written_alike() {
    for language in ["en", "id"] {
        for path in files(&Path::new("i18n").join(language), "ftl") {
            for line in fs::read_to_string(&path).unwrap().lines() {
                let Some((key, text)) = line.split_once(" = ") else { continue };
                if !key.starts_with("err-") && !key.starts_with("hint-") {
                    continue;
                }
                let place = format!("{}: {key}", path.display());
                assert!(!text.trim_end().ends_with('.') || text.ends_with("..."), "{place} ends in a full stop");
                assert!(!text.contains('’') && !text.contains("  "), "{place}");
                assert_eq!(text.matches('`').count() % 2, 0, "{place} has a ` too many or too few");
            }
        }
    }
}
