//! Both languages say the same things, and say everything.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use amanah::cli::{
    help::{argument_keys, command, command_key, path_below, value_key},
    i18n::Language,
    report::detail_key,
};

type Texts = BTreeMap<String, BTreeSet<String>>;

/// Keys whose English stands in the code.
const INDONESIAN_ONLY: [&str; 4] = ["err-", "help-", "value-", "detail-"];

/// The keys of a language, each with its placeholders.
fn texts(language: &str) -> Texts {
    let mut texts = Texts::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("i18n").join(language);
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let mut key = None;
        for line in fs::read_to_string(&path).unwrap().lines() {
            let starts = line.starts_with(|c: char| c.is_ascii_alphabetic());
            if starts {
                let (name, _) = line.split_once(" = ").unwrap_or_else(|| panic!("{}: {line}", path.display()));
                assert!(texts.insert(name.to_owned(), BTreeSet::new()).is_none(), "{name} is there twice");
                key = Some(name.to_owned());
            } else {
                let continues = line.is_empty() || line.starts_with([' ', '#', '}']);
                assert!(continues, "{}: {line}", path.display());
            }
            if let Some(key) = &key {
                texts.get_mut(key).unwrap().extend(placeholders(line));
            }
        }
    }
    texts
}

/// The names after `{ $`.
fn placeholders(line: &str) -> impl Iterator<Item = String> {
    line.split("{ $").skip(1).map(|rest| rest.chars().take_while(|&c| c.is_ascii_alphanumeric() || c == '_').collect())
}

/// All source files.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn source_files() -> Vec<(PathBuf, String)> {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    files.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// An error as it is defined in the code.
struct Defined {
    code: String,
    fields: BTreeSet<String>,
    file: PathBuf,
}

/// All errors made with `problems!`.
fn problems() -> Vec<Defined> {
    let mut problems = Vec::new();
    for (file, source) in source_files() {
        for block in source.split("\nproblems! {").skip(1) {
            let block = block.split("\n}").next().unwrap();
            let code: String = block.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            for statement in statements(&code) {
                let Some((head, tail)) = statement.split_once(" = ") else { continue };
                let Some(code) = tail.split('"').nth(1) else { continue };
                problems.push(Defined { code: code.to_owned(), fields: field_names(head), file: file.clone() });
            }
        }
    }
    problems
}

/// Splits at `;` outside of strings.
fn statements(code: &str) -> Vec<String> {
    let (mut statements, mut in_string, mut escaped) = (vec![String::new()], false, false);
    for c in code.chars() {
        match c {
            '"' if !escaped => in_string = !in_string,
            ';' if !in_string => {
                statements.push(String::new());
                continue;
            }
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        statements.last_mut().unwrap().push(c);
    }
    statements
}

/// `Variant { a: A, b: b::B }` has `a` and `b`.
fn field_names(head: &str) -> BTreeSet<String> {
    let Some((_, fields)) = head.rsplit_once('{') else { return BTreeSet::new() };
    let fields = fields.replace("::", "..");
    let names = fields.split(':').map(|part| part.rsplit([',', ' ']).find(|word| !word.is_empty()).unwrap_or_default());
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.pop();
    names.into_iter().collect()
}

#[test]
fn both_languages_have_the_same_keys_and_placeholders() {
    let (english, indonesian) = (texts("en"), texts("id"));
    for (key, placeholders) in &english {
        assert_eq!(Some(placeholders), indonesian.get(key), "{key}");
        assert!(!INDONESIAN_ONLY.iter().any(|prefix| key.starts_with(prefix)), "{key} belongs into the code");
    }
    for key in indonesian.keys() {
        let only = INDONESIAN_ONLY.iter().any(|prefix| key.starts_with(prefix));
        assert!(only || english.contains_key(key), "{key} is not in English");
    }
}

#[test]
fn every_text_can_be_read() {
    for language in Language::ALL {
        for (key, placeholders) in texts(language.code()) {
            let args: Vec<_> = placeholders.iter().map(|name| (name.as_str(), "VALUE".into())).collect();
            let text = language.find(&key, &args).unwrap_or_else(|| panic!("{key}"));
            assert!(!text.contains("{$"), "{key}: {text}");
            assert!(placeholders.is_empty() || text.contains("VALUE"), "{key}: {text}");
        }
    }
}

#[test]
fn every_error_has_its_texts() {
    let (english, indonesian) = (texts("en"), texts("id"));
    let problems = problems();
    assert!(problems.len() >= 20, "only {} errors were found in the code", problems.len());
    let (mut missing, mut wrong) = (Vec::new(), Vec::new());
    for Defined { code, fields, file } in &problems {
        for (texts, key) in [
            (&english, format!("hint-{code}")),
            (&indonesian, format!("hint-{code}")),
            (&indonesian, format!("err-{code}")),
        ] {
            match texts.get(&key) {
                None => missing.push(format!("{key} ({})", file.display())),
                Some(used) if used.is_subset(fields) => {}
                Some(used) => wrong.push(format!("{key} uses {used:?}, the error has {fields:?}")),
            }
        }
    }
    assert!(missing.is_empty(), "missing in i18n/:\n{}", missing.join("\n"));
    assert!(wrong.is_empty(), "placeholders without a value:\n{}", wrong.join("\n"));

    let mut codes: BTreeSet<&str> = problems.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes.len(), problems.len(), "two errors share a code");
    // The one problem that is not made with the macro.
    codes.insert(amanah::records::row::CellError::CODE);
    for key in english.keys().chain(indonesian.keys()) {
        if let Some(code) = key.strip_prefix("err-").or_else(|| key.strip_prefix("hint-")) {
            assert!(codes.contains(code), "{key} is of no error");
        }
    }
}

#[test]
fn every_text_in_the_code_exists_and_every_text_is_used() {
    let english = texts("en");
    let mut code = String::new();
    for (file, source) in source_files() {
        if !file.starts_with(concat!(env!("CARGO_MANIFEST_DIR"), "/src/cli")) {
            continue;
        }
        let source = source.split("#[cfg(test)]").next().unwrap();
        let source: String = source.split_inclusive('\n').filter(|line| !line.trim_start().starts_with("//")).collect();
        let source = source.replace("include_str!(", "");
        for call in ["tr!(", "tr_args(", ".text("] {
            for rest in source.split(call).skip(1) {
                if let Some(key) = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                    assert!(english.contains_key(key), "{}: no text for {key}", file.display());
                }
            }
        }
        code.push_str(&source);
    }
    for key in english.keys().filter(|key| !key.starts_with("hint-")) {
        assert!(code.contains(&format!("\"{key}\"")), "{key} is used nowhere");
    }
}

/// What follows each `mark` up to the end of the first string literal after it, if that is near.
fn literals<'s>(source: &'s str, mark: &'s str) -> impl Iterator<Item = &'s str> {
    source.split(mark).skip(1).filter_map(|rest| {
        let (before, rest) = rest.split_once('"')?;
        let near = before.chars().all(|c| c.is_alphanumeric() || " \n.,&_".contains(c));
        near.then(|| rest.split('"').next().unwrap())
    })
}

/// The words in which the code itself says what is wrong stand in the sentences of its errors.
#[test]
fn every_detail_of_an_error_has_its_text() {
    let indonesian = texts("id");
    let (mut missing, mut found, mut spoken) = (BTreeSet::new(), 0, BTreeSet::new());
    for (file, source) in source_files() {
        let source = source.split("#[cfg(test)]\nmod").next().unwrap();
        spoken.extend(source.split('"').map(detail_key));
        // What is made of other things than errors, and `bad` of decoders, whose words nobody sees.
        if !source.contains("Error") || file.ends_with("vault/item/mod.rs") {
            continue;
        }
        for mark in [
            "bad(",
            "damaged(",
            "why: ",
            "StoreDiffers { what: ",
            "Malformed { what: ",
            "TooLarge { what: ",
            "Engine { reason: ",
        ] {
            for detail in literals(source, mark) {
                found += 1;
                if !indonesian.contains_key(&detail_key(detail)) {
                    missing.insert(format!("{} = {detail} ({})", detail_key(detail), file.display()));
                }
            }
        }
    }
    assert!(found > 150, "only {found} details were found in the code");
    assert!(missing.is_empty(), "missing in i18n/id/details.ftl:\n{}", Vec::from_iter(missing).join("\n"));
    for key in indonesian.keys().filter(|key| key.starts_with("detail-")) {
        assert!(spoken.contains(key), "{key} is said nowhere");
    }
}

#[test]
fn every_command_and_argument_has_help_in_both_languages() {
    fn walk(english: &clap::Command, path: &str, used: &mut BTreeSet<String>, missing: &mut Vec<String>) {
        let mut check = |keys: &[String], english: bool| {
            match keys.iter().find(|key| Language::Id.find(key, &[]).is_some()) {
                Some(key) => {
                    used.insert(key.clone());
                }
                None => missing.push(keys.join(" or ")),
            }
            if !english {
                missing.push(format!("English of {}", keys.join(" or ")));
            }
        };
        check(&[command_key(path)], english.get_about().is_some());
        for argument in english.get_arguments() {
            check(&argument_keys(path, argument), argument.get_help().is_some_and(|help| !help.to_string().is_empty()));
            for name in argument.get_value_names().unwrap_or_default() {
                if argument.get_action().takes_values() {
                    check(&[value_key(name)], true);
                }
            }
        }
        for sub in english.get_subcommands() {
            walk(sub, &path_below(path, sub.get_name()), used, missing);
        }
    }
    let (mut used, mut missing) = (BTreeSet::new(), Vec::new());
    walk(&command(Language::En), "", &mut used, &mut missing);
    assert!(missing.is_empty(), "missing in i18n/id/help.ftl:\n{}", missing.join("\n"));
    for key in texts("id").keys().filter(|key| key.starts_with("help-") || key.starts_with("value-")) {
        assert!(used.contains(key), "{key} is of no command or argument");
    }
}

#[test]
fn the_commands_page_is_complete() {
    fn walk(command: &clap::Command, path: &str, page: &str) {
        for sub in command.get_subcommands() {
            let path = format!("{path} {}", sub.get_name());
            if sub.has_subcommands() {
                walk(sub, &path, page);
                continue;
            }
            let line = page
                .lines()
                .find(|line| line.starts_with(&format!("| `{path}`")) || line.starts_with(&format!("| `{path} ")));
            let line = line.unwrap_or_else(|| panic!("docs/COMMANDS.md does not tell of `{path}`"));
            for argument in sub.get_arguments().filter_map(clap::Arg::get_long) {
                let told = line.contains(&format!("--{argument}")) || page.contains(&format!("| `--{argument}"));
                assert!(told, "docs/COMMANDS.md: `{path}` does not tell of --{argument}");
            }
        }
    }
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/COMMANDS.md")).unwrap();
    walk(&command(Language::En), "amanah", &page);

    use amanah::problem::Kind::*;
    for kind in
        [Usage, Input, NotFound, Refused, Key, Integrity, Busy, Storage, Newer, Unattended, Internal, Interrupted]
    {
        assert!(page.contains(&format!("\n| {} |", kind.exit_code())), "exit code of {kind:?}");
    }
}

fn amanah(words: &[&str], locale: &str) -> Output {
    let mut command = assert_cmd::Command::cargo_bin("amanah").unwrap();
    command.env_clear().env("LANG", locale).args(words).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn mistakes_on_the_command_line_in_indonesian() {
    for (words, expected) in [
        (
            &["--lang", "id", "record", "show"][..],
            "kesalahan: yang berikut ini harus disebutkan: <CATATAN>\npetunjuk: lihat `amanah record show --help`\n",
        ),
        (
            &["--lang=id", "recrd"],
            "kesalahan: perintah recrd tidak dikenal\npetunjuk: mungkin maksud Anda recovery, record? Lihat `amanah --help`\n",
        ),
        (
            &["audit", "verify", "--lock-timeout", "nanti", "--lang", "id"],
            "kesalahan: nanti tidak dapat dipakai sebagai nilai --lock-timeout <DETIK>\n\
             petunjuk: lihat `amanah audit verify --help`\n",
        ),
        (
            &["--lang", "id", "completions", "cmd"],
            "kesalahan: cmd bukan pilihan untuk <SHELL>\n\
             petunjuk: gunakan salah satu dari: bash, elvish, fish, powershell, zsh\n",
        ),
        (
            &["--lang", "id", "record", "show", " "],
            "kesalahan: catatan belum disebutkan: nilainya kosong\n\
             petunjuk: tulis ID seperti yang ditampilkan `amanah record list`, sedikitnya 6 karakter pertamanya, atau \
             kode catatan itu\n",
        ),
        (
            &["--lang", "id", "record", "edit", "A-2019-053", "\u{1b}[31mx\u{202e}"],
            "kesalahan: <U+001B>[31mx<U+202E> tidak berbentuk ISIAN=NILAI\n\
             petunjuk: tulis nama isian, tanda =, lalu nilainya: alias=Ani\n",
        ),
    ] {
        let output = amanah(words, "C");
        assert_eq!(text(&output.stderr), expected);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn mistakes_in_english_and_in_json() {
    let output = amanah(&["recrd"], "en_GB.UTF-8");
    assert_eq!(
        text(&output.stderr),
        "error: there is no command recrd\nhint: did you mean recovery, record? See `amanah --help`\n"
    );
    assert_eq!(output.status.code(), Some(2));

    let output = amanah(&["--json", "record", "show"], "id_ID.UTF-8");
    let error: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error["error"]["code"], "usage-missing-argument");
    assert_eq!(error["error"]["message"], "yang berikut ini harus disebutkan: <CATATAN>");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn help_in_both_languages() {
    let output = amanah(&["record", "show", "-h"], "C");
    let help = text(&output.stdout);
    let start = "\
Read a record

Usage: amanah record show [OPTIONS] <RECORD>

Arguments:
  <RECORD>  The record: its id, the first 6 or more characters of it, or its code

Options:
  -f, --field <FIELD>   Only this field; may be repeated
";
    assert!(help.starts_with(start), "{help}");
    assert!(help.contains("\nOptions of all commands:\n      --vault <DIR>             The folder of the vault"));
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));

    let output = amanah(&["record", "show", "-h"], "id_ID.UTF-8");
    let help = text(&output.stdout);
    let start = "\
Baca sebuah catatan

Penggunaan: amanah record show [OPSI] <CATATAN>

Argumen:
  <CATATAN>  Catatan: ID-nya, sedikitnya 6 karakter pertamanya, atau kodenya

Opsi:
  -f, --field <ISIAN>   Hanya isian ini; boleh diulang
";
    assert!(help.starts_with(start), "{help}");
    assert!(help.contains("\nOpsi untuk semua perintah:\n      --vault <FOLDER>            Folder brankas"), "{help}");
    assert_eq!(output.status.code(), Some(0));

    // The value of the environment is not shown: a help text gets pasted into letters.
    let mut command = assert_cmd::Command::cargo_bin("amanah").unwrap();
    let output = command.env("AMANAH_VAULT", "/secret/place").arg("--help").output().unwrap();
    assert!(text(&output.stdout).contains("AMANAH_VAULT") && !text(&output.stdout).contains("/secret/place"));
}

#[test]
fn no_command_is_a_mistake_that_shows_the_help() {
    let output = amanah(&["record"], "id");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(text(&output.stderr).contains("Penggunaan: amanah record [OPSI] <PERINTAH>"));
    let output = amanah(&["--json"], "C");
    assert!(text(&output.stderr).starts_with(r#"{"error":{"code":"usage-missing-command","#));
    assert_eq!(output.status.code(), Some(2));
}
