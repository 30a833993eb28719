//! The folder `keys/` holds public material only, and what it says of itself is so.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use std::{fs, path::Path};

use amanah::custody::{Card, GroupKey, draft::READY};
use common::World;

const FOLDER: &str = "keys";

/// What begins or marks a secret: age's own keys and plugin identities, encrypted key files
/// (whose passphrase can be guessed at leisure), ours, and those of OpenSSL and OpenSSH.
const SECRETS: [&str; 6] = [
    "AGE-SECRET-KEY-",
    "AGE-PLUGIN-",
    "BEGIN AGE ENCRYPTED FILE",
    "age-encryption.org/v1",
    "amanah identity/",
    "PRIVATE KEY-----",
];

/// What in these bytes must not be published.
fn secret_in(bytes: &[u8]) -> Option<&'static str> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Some("not text") };
    let upper = text.to_uppercase();
    SECRETS.into_iter().find(|secret| upper.contains(&secret.to_uppercase()))
}

fn read(name: &str) -> Vec<u8> {
    fs::read(Path::new(FOLDER).join(name)).unwrap()
}

#[test]
fn nothing_secret_is_in_it() {
    let mut seen = Vec::new();
    for entry in fs::read_dir(FOLDER).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        assert!(entry.file_type().unwrap().is_file(), "{name} is a folder or a link");
        assert_eq!(secret_in(&read(&name)), None, "{name}");
        seen.push(name);
    }
    seen.sort();
    assert_eq!(seen, ["CEREMONY.md", "README.md", "charter.toml", "example.card", "example.group"]);
}

#[test]
fn secrets_would_be_found() {
    let world = World::new();
    let key_file = fs::read(world.path().join("handayani-siti.key")).unwrap();
    let plaintext = "# amanah identity/1\n# member: a/b\n";
    for secret in
        [&key_file[..], plaintext.as_bytes(), b"age-secret-key-1qq", b"x\n-----BEGIN PRIVATE KEY-----", &[0xff]]
    {
        assert!(secret_in(secret).is_some(), "{}", String::from_utf8_lossy(secret));
    }
}

#[test]
fn the_ready_charter_is_a_sound_draft() {
    assert_eq!(read("charter.toml"), READY.as_bytes());
    let world = World::new();
    let (vault, siti) = world.found();
    assert_eq!(vault.charter().name(), "Sentra Handayani");
    // As `docs/CHARTER.md` has it: nobody at the centre alone, and the Inspektorat nothing at all.
    let sealed = vault.charter().coalitions("sealed");
    assert!(sealed.iter().all(|groups| groups.len() == 2), "{sealed:?}");
    for class in vault.charter().classes() {
        assert!(vault.charter().coalitions(&class.id).iter().all(|groups| !groups.contains("itjen/reviewers")));
    }
    drop(siti);
}

#[test]
fn the_examples_are_what_the_folder_says() {
    let card = Card::parse(&read("example.card")).unwrap();
    assert_eq!(card.member, "example/somebody");
    let readme = String::from_utf8(read("README.md")).unwrap();
    assert!(readme.contains(std::str::from_utf8(&read("example.card")).unwrap()));
    assert!(readme.contains(&card.fingerprint()));
    assert!(String::from_utf8(read("CEREMONY.md")).unwrap().contains(&card.fingerprint()));

    let key = GroupKey::parse(&read("example.group")).unwrap();
    assert_eq!(key.group, "example/somegroup");
    key.verify(|name| (name == card.member).then_some(&card)).unwrap();
}
