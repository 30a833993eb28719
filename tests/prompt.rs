//! Questions on a real terminal. Each test runs one of the `asks_*` functions below in a
//! pseudo-terminal, and types.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may fail")]
#![cfg(unix)]

use std::{env, process::Command, time::Duration};

use amanah::cli::{
    error::CliError,
    form::{Answers, Choice, Filled, Question, QuestionKind, fill},
    i18n::{Language, set_language},
    passphrase::{Passphrases, Source},
    terminal::Terminal,
};
use expectrl::{Expect, Session, session::OsSession};
use secrecy::ExposeSecret;

const ESCAPE: &str = "\u{1b}";
const INTERRUPT: &str = "\u{3}";

fn run(child: &str) -> OsSession {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([child, "--ignored", "--exact", "--nocapture", "--test-threads=1"]).env("NO_COLOR", "1");
    let mut session = Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(Duration::from_secs(20)));
    session
}

fn question(key: &str, label: &str, kind: QuestionKind, required: bool) -> Question<'static> {
    let check = Box::new(|_: &str| Ok(()));
    Question { key: key.to_owned(), label: label.to_owned(), help: String::new(), kind, required, check }
}

#[test]
#[ignore = "run by the other tests, in a pseudo-terminal"]
fn asks_a_form() {
    set_language(Language::Id);
    let options = [("m", "Laki-laki"), ("f", "Perempuan\u{202e}")]
        .map(|(key, label)| Choice { key: key.to_owned(), label: label.to_owned() });
    let questions = [
        question("name", "Nama lengkap", QuestionKind::Text, true),
        question("sex", "Jenis kelamin", QuestionKind::Choice(options.to_vec()), false),
        question("born", "Tanggal lahir", QuestionKind::Date, false),
    ];
    let terminal = Terminal::new(false, false);
    let (word, answers) = match fill(&mut &terminal, &questions, Answers::new()).unwrap() {
        Filled::Complete(answers) => ("complete", answers),
        Filled::Stopped(answers) => ("stopped", answers),
    };
    let answers: Vec<_> = answers.iter().map(|(key, answer)| format!("{key}={}", answer.items().join("|"))).collect();
    println!("RESULT {word} {}", answers.join(" "));
}

#[test]
#[ignore = "run by the other tests, in a pseudo-terminal"]
fn asks_for_a_new_passphrase() {
    match Passphrases::new(Source::Terminal).fresh(&Terminal::new(false, false), "passphrase for siti") {
        Ok(passphrase) => println!("RESULT {} characters", passphrase.expose_secret().len()),
        Err(error) => println!("RESULT {error}"),
    }
}

#[test]
#[ignore = "run by the other tests, in a pseudo-terminal"]
fn asks_yes_or_no() {
    match Terminal::new(false, false).confirm("go on?", false) {
        Ok(answer) => println!("RESULT {answer}"),
        Err(CliError::Stopped) => println!("RESULT stopped"),
        Err(error) => println!("RESULT {error}"),
    }
}

#[test]
fn a_form_in_indonesian() {
    let mut session = run("asks_a_form");
    session.expect("Enter menerima jawaban").unwrap();
    session.expect("(1/3) Nama lengkap *").unwrap();
    session.send("\r").unwrap();
    session.expect("isian ini wajib diisi").unwrap();
    session.send("Siti\r").unwrap();
    session.expect("(2/3) Jenis kelamin").unwrap();
    session.expect("Perempuan<U+202E>").unwrap();
    session.send("perem\r").unwrap();
    session.expect("(3/3) Tanggal lahir").unwrap();
    session.send("31/02/2015\r").unwrap();
    session.expect("isilah dengan tanggal").unwrap();
    for _ in 0..10 {
        session.send("\u{7f}").unwrap();
    }
    session.send("28/02/2015\r").unwrap();
    session.expect("RESULT complete born=2015-02-28 name=Siti sex=f").unwrap();
}

#[test]
fn what_was_typed_survives_escape_and_interrupt() {
    for stop in [ESCAPE, INTERRUPT] {
        let mut session = run("asks_a_form");
        session.expect("(1/3)").unwrap();
        session.send("Siti Nur").unwrap();
        session.expect("Siti Nur").unwrap();
        session.send(stop).unwrap();
        // In the language of the terminal, as all of it.
        if stop == ESCAPE {
            session.expect("<dihentikan>").unwrap();
        }
        session.expect("RESULT stopped name=Siti Nur").unwrap();
    }
}

#[test]
fn a_new_passphrase_is_typed_twice_and_not_shown() {
    let mut session = run("asks_for_a_new_passphrase");
    session.expect("passphrase for siti: ").unwrap();
    session.send("short\r").unwrap();
    session.expect("warning: the passphrase is shorter than 12 characters").unwrap();
    session.expect("passphrase for siti: ").unwrap();
    session.send("correct horse battery\r").unwrap();
    session.expect("the same passphrase again: ").unwrap();
    session.send("correct horse batterx\r").unwrap();
    session.expect("warning: the two passphrases are not the same").unwrap();
    session.expect("passphrase for siti: ").unwrap();
    session.send("correct horse battery\r").unwrap();
    session.expect("the same passphrase again: ").unwrap();
    session.send("correct horse battery\r").unwrap();
    let found = session.expect("RESULT 21 characters").unwrap();
    assert!(!String::from_utf8_lossy(found.before()).contains("horse"));
}

#[test]
fn yes_no_and_neither() {
    for (keys, result) in [("\r", "false"), ("y\r", "true"), (ESCAPE, "stopped")] {
        let mut session = run("asks_yes_or_no");
        session.expect("go on?").unwrap();
        session.send(keys).unwrap();
        session.expect(format!("RESULT {result}")).unwrap();
    }
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    for child in ["asks_yes_or_no", "asks_for_a_new_passphrase"] {
        // A session of its own has no controlling terminal.
        let output = Command::new("setsid")
            .arg("--wait")
            .arg(env::current_exe().unwrap())
            .args([child, "--ignored", "--exact", "--nocapture"])
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(shown.contains("RESULT something has to be asked, and there is no terminal to ask on"), "{shown}");
    }
}
