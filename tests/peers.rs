//! age as others wrote it reads what we wrap, and we read what it wraps: npm's `age-encryption` for
//! both kinds of keys, and the program `age` of Debian for classic ones.
//!
//! Installs the package into a folder that is thrown away. Where there is no `node`, no network or
//! no `age`, the test says so and passes.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use amanah::crypto::{
    age_wrap::{self, DecryptionKey, KeyKind, Recipient, Silent},
    random::SystemRandom,
};
use secrecy::ExposeSecret as _;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/age.mjs");
const TEXT: &[u8] = b"what was written \x00\xff";

/// What a program answers, or `None` if it cannot be run or fails.
fn answer(program: &str, args: &[&str], folder: &Path, input: &[u8]) -> Option<Vec<u8>> {
    let mut command = Command::new(program);
    command.args(args).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let mut stdin = child.stdin.take().unwrap();
    // It may end without having read everything.
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    output.status.success().then_some(output.stdout)
}

fn key(kind: KeyKind) -> (DecryptionKey, Recipient) {
    let key = DecryptionKey::generate_kind(kind, &mut SystemRandom::new()).unwrap();
    let recipient = key.recipient().unwrap();
    (key, recipient)
}

#[test]
fn the_age_of_npm() {
    let folder = tempfile::tempdir().unwrap();
    let install = ["install", "--silent", "--no-audit", "--no-fund", "--prefix", ".", "age-encryption@0.3.1"];
    if answer("node", &["--version"], folder.path(), b"").is_none()
        || answer("npm", &install, folder.path(), b"").is_none()
    {
        eprintln!("skipped: node and npm with a network are wanted, to install age-encryption");
        return;
    }
    let run = |args: &[&str], input: &[u8]| answer("node", &[&[SCRIPT], args].concat(), folder.path(), input);
    let theirs: Vec<(String, String)> = serde_json::from_slice(&run(&["keys"], b"").unwrap()).unwrap();
    for (kind, (identity, recipient)) in [KeyKind::Hybrid, KeyKind::Classic].into_iter().zip(&theirs) {
        let (ours, to) = key(kind);
        let file = run(&["encrypt", &to.to_string()], TEXT).unwrap();
        assert_eq!(&age_wrap::unwrap(&ours, &file).unwrap()[..], TEXT, "{kind:?}: theirs to ours");
        let file = age_wrap::wrap(&to, TEXT).unwrap();
        assert_eq!(run(&["decrypt", ours.expose().expose_secret()], &file).unwrap(), TEXT, "{kind:?}: our key there");
        let read = DecryptionKey::parse(identity, Arc::new(Silent)).unwrap();
        assert_eq!(read.recipient().unwrap().to_string(), *recipient, "{kind:?}: one public key");
        let file = age_wrap::wrap(&recipient.parse().unwrap(), TEXT).unwrap();
        assert_eq!(run(&["decrypt", identity], &file).unwrap(), TEXT, "{kind:?}: ours to theirs");
        assert!(run(&["decrypt", identity], &age_wrap::wrap(&to, TEXT).unwrap()).is_none(), "{kind:?}: another's");
        let file = run(&["encrypt", recipient], TEXT).unwrap();
        assert_eq!(&age_wrap::unwrap(&read, &file).unwrap()[..], TEXT, "{kind:?}: their key here");
    }
}

#[test]
fn the_age_of_debian() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str], input: &[u8]| answer("age", args, folder.path(), input);
    if run(&["--version"], b"").is_none() {
        eprintln!("skipped: the program age is wanted");
        return;
    }
    let (ours, to) = key(KeyKind::Classic);
    fs::write(folder.path().join("key"), ours.expose().expose_secret()).unwrap();
    let file = age_wrap::wrap(&to, TEXT).unwrap();
    assert_eq!(run(&["--decrypt", "-i", "key"], &file).unwrap(), TEXT);
    let file = run(&["-r", &to.to_string()], TEXT).unwrap();
    assert_eq!(&age_wrap::unwrap(&ours, &file).unwrap()[..], TEXT);
    let (_, others) = key(KeyKind::Classic);
    assert!(run(&["--decrypt", "-i", "key"], &age_wrap::wrap(&others, TEXT).unwrap()).is_none());
}
