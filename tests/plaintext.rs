//! No value of any field, and no word of a reason, stands readable in any file of the vault or of
//! the client's state.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod common;

use std::{fs, path::Path};

use amanah::{
    id::Id,
    records::{
        input::parse_text,
        schema::{Field, FieldType},
    },
    vault::{Access, Actor, Draft, Unwatched, Vault, verify},
};
use common::{
    CARE, HEAD, PASSPHRASE, REGISTRY, World,
    faults::{files, identity},
};
use data_encoding::{BASE32, BASE64, BASE64URL, HEXLOWER, HEXUPPER};

const NIK: &str = "9901015203100001";
const KK: &str = "9901011203100007";
const DATE: &str = "2010-03-12";

/// What is looked for, and all the disguises in which it is looked for.
#[derive(Default)]
struct Needles(Vec<(String, Vec<u8>)>);

impl Needles {
    fn add(&mut self, what: &str, text: &[u8]) {
        let mut add = |form: &str, bytes: Vec<u8>| self.0.push((format!("{what} ({form})"), bytes));
        let wide: Vec<u8> = text.iter().flat_map(|&byte| [byte, 0]).collect();
        for (form, text) in [("plain", text), ("16 bits wide", &wide[..])] {
            add(form, text.to_vec());
            add("backwards", text.iter().rev().copied().collect());
            add("hex", HEXLOWER.encode(text).into_bytes());
            add("hex", HEXUPPER.encode(text).into_bytes());
            // In the middle of an encoded file the text begins at any of its places: what is whole
            // of it reads the same wherever it stands.
            for encoding in [BASE64, BASE64URL] {
                for skip in 0..3 {
                    let whole = &text[skip..skip + (text.len() - skip) / 3 * 3];
                    add("base64", encoding.encode(whole).into_bytes());
                }
            }
            for skip in 0..5 {
                let whole = &text[skip..skip + (text.len() - skip) / 5 * 5];
                add("base32", BASE32.encode(whole).into_bytes());
            }
        }
    }

    /// Every needle that stands in these bytes.
    fn find<'a>(&'a self, bytes: &[u8]) -> Vec<&'a str> {
        // All needles are looked for at once: first by their first four bytes.
        let mut by_start = std::collections::HashMap::<&[u8], Vec<&(String, Vec<u8>)>>::new();
        for needle in &self.0 {
            by_start.entry(&needle.1[..4]).or_default().push(needle);
        }
        let mut found = Vec::new();
        for at in 0..bytes.len().saturating_sub(3) {
            for (what, needle) in by_start.get(&bytes[at..at + 4]).into_iter().flatten() {
                if bytes[at..].starts_with(needle) {
                    found.push(what.as_str());
                }
            }
        }
        found
    }

    fn in_no_file_below(&self, folders: &[&Path], when: &str) -> usize {
        let mut count = 0;
        for folder in folders {
            for file in files(folder) {
                let bytes = fs::read(folder.join(&file)).unwrap();
                let found = self.find(&bytes);
                assert!(found.is_empty(), "{when}: {} holds {found:?}", file.display());
                count += 1;
            }
        }
        count
    }
}

/// A value for a field that is found again wherever it stands, and what to look for. Choices and
/// truth values have none: their keys are words of the schema, which stands in the vault openly.
fn marked(kind: &str, field: &Field, round: &str) -> (String, Option<String>) {
    let marker = format!("rahasia.{round}.{kind}.{}.q7Xz", field.id);
    match field.field_type {
        FieldType::LongText => (format!("{marker}\n{}", "isi yang panjang sekali; ".repeat(100)), Some(marker)),
        FieldType::Text => {
            let most = field.max.min(200);
            let marker: String = marker.chars().rev().take(most).collect::<Vec<_>>().into_iter().rev().collect();
            (marker.clone(), Some(marker))
        }
        FieldType::List if field.choices.is_empty() => (format!("{marker}; kedua"), Some(marker)),
        FieldType::List | FieldType::Choice => (field.choices[0].key.clone(), None),
        FieldType::Boolean => ("ya".into(), None),
        FieldType::Integer => ("987654321".into(), Some("987654321".into())),
        FieldType::Date => (DATE.into(), Some(DATE.into())),
        FieldType::IdentityNumber if field.id == "no_kk" => (KK.into(), Some(KK.into())),
        FieldType::IdentityNumber => (NIK.into(), Some(NIK.into())),
        FieldType::Reference => unreachable!("a reference is not sealed here"),
    }
}

fn fill(vault: &Vault, kind: &str, round: &str, needles: &mut Needles) -> Draft {
    let kind = vault.schema().kind(kind).unwrap();
    let mut values = Vec::new();
    for (field, _) in kind.sealed_fields() {
        // The number says that it is a girl's.
        let (typed, needle) = match field.id.as_str() {
            "sex" => ("female".to_owned(), None),
            _ => marked(&kind.id, field, round),
        };
        if let Some(needle) = needle {
            needles.add(&format!("{}.{}", kind.id, field.id), needle.as_bytes());
        }
        values.push((field.id.clone(), parse_text(field, &typed).unwrap()));
    }
    Draft { values, of: None }
}

#[test]
fn the_search_finds_what_is_there() {
    let mut needles = Needles::default();
    needles.add("x", b"rahasia.satu");
    let wide: Vec<u8> = b"rahasia.satu".iter().flat_map(|&byte| [byte, 0]).collect();
    for lead in ["", "a", "ab", "abc", "abcd"] {
        for text in [&b"rahasia.satu"[..], &wide] {
            let text = [lead.as_bytes(), text, b"tail"].concat();
            let reversed: Vec<u8> = text.iter().rev().copied().collect();
            let disguises = [
                text.clone(),
                reversed,
                HEXLOWER.encode(&text).into_bytes(),
                HEXUPPER.encode(&text).into_bytes(),
                BASE64.encode(&text).into_bytes(),
                BASE64URL.encode(&text).into_bytes(),
                BASE32.encode(&text).into_bytes(),
            ];
            for disguise in disguises {
                assert!(!needles.find(&disguise).is_empty(), "{}", String::from_utf8_lossy(&disguise));
            }
        }
    }
    assert!(needles.find(b"rahasia.dua").is_empty());
}

#[test]
fn nothing_of_any_field_or_reason_is_readable_in_any_file() {
    let world = World::new();
    let mut needles = Needles::default();
    let (mut vault, mut siti) = world.found();
    let folders = [world.vault_dir(), world.path().join("state")];
    let folders = [folders[0].as_path(), folders[1].as_path()];

    // The secrets of the people, in every form that they have in memory.
    for member in [REGISTRY, HEAD] {
        let identity = identity(world.path(), member);
        needles.add("signing seed", identity.signing.seed());
    }
    needles.add("passphrase", PASSPHRASE.as_bytes());
    needles.add("age key", b"AGE-SECRET-KEY-1");

    // A record of every kind of the schema, with every field filled.
    let kinds: Vec<String> = vault.schema().kinds().iter().map(|kind| kind.id.clone()).collect();
    let mut records: Vec<(String, Id)> = Vec::new();
    let mut fields = 0;
    while records.len() < kinds.len() {
        let before = records.len();
        for kind in &kinds {
            if records.iter().any(|(done, _)| done == kind) {
                continue;
            }
            let parent = vault.schema().kind(kind).unwrap().parent().and_then(|field| field.to.clone());
            let owner = parent.as_ref().map(|to| records.iter().find(|(done, _)| done == to).map(|(_, id)| *id));
            if owner == Some(None) {
                continue;
            }
            let draft = Draft { of: owner.flatten(), ..fill(&vault, kind, "satu", &mut needles) };
            fields += draft.values.len();
            let written = vault.create_record(&mut siti, CARE, kind, &draft).unwrap();
            records.push((kind.clone(), written.record));
        }
        assert!(records.len() > before, "a kind whose owner cannot be written");
    }
    assert!(records.len() >= 8 && fields >= 60, "{} kinds, {fields} fields", records.len());
    needles.in_no_file_below(&folders, "written, the vault still open");

    // Edited, with a reason.
    let reason = "alasan.tertulis.yang.tidak.boleh.terbaca";
    needles.add("reason of a write", reason.as_bytes());
    for (kind, record) in &records {
        let draft = fill(&vault, kind, "dua", &mut needles);
        vault
            .update_record(&mut siti, Access { purpose: Some("correction"), reason: Some(reason) }, record, &draft)
            .unwrap();
    }
    vault.close(&mut siti).unwrap();
    needles.in_no_file_below(&folders, "edited and closed");

    // Read with a reason, listed, searched, refused, and left without closing, as a crash would.
    let (mut vault, mut ratna) = world.open(HEAD);
    let reason = "sebab.membaca.yang.rahasia.juga";
    needles.add("reason of a read", reason.as_bytes());
    let access = Access { purpose: Some("oversight"), reason: Some(reason) };
    let mut seen = 0;
    for (kind, record) in &records {
        let shown = vault.read_record(&mut ratna, access, record, None, None).unwrap();
        seen += shown.cells.iter().filter(|cell| matches!(cell.content, amanah::vault::Revealed::Value(_))).count();
        let sealed = ["violence_history".to_owned()];
        if kind == "assessment" {
            vault.read_record(&mut ratna, access, record, Some(&sealed), None).unwrap_err();
        }
    }
    assert!(seen > fields / 2, "{seen} of {fields} fields were opened");
    let children = vault.records_of_kind("child").unwrap();
    vault.list_records(&mut ratna, access, &children, &["full_name".to_owned()], &Unwatched).unwrap();
    vault.check_unique(&mut ratna, CARE, "child", &draft_with_nik(&vault), None, &Unwatched).unwrap_err();
    search(&mut vault, &mut ratna, &records[0].1);
    needles.in_no_file_below(&folders, "read, the vault still open");
    drop(vault);
    needles.in_no_file_below(&folders, "left without closing");
    verify(&world.vault_dir(), &world.options()).unwrap();

    // Made anew.
    fs::remove_dir_all(world.vault_dir().join("store")).unwrap();
    let (vault, mut ratna) = world.open(HEAD);
    assert!(vault.was_rebuilt());
    vault.close(&mut ratna).unwrap();
    let count = needles.in_no_file_below(&folders, "rebuilt and closed");
    println!("{fields} fields of {} kinds, {} needles, {count} files: nothing found", records.len(), needles.0.len());
}

fn draft_with_nik(vault: &Vault) -> Draft {
    common::draft(vault.schema(), "child", &[("nik", NIK)])
}

fn search(vault: &mut Vault, actor: &mut Actor, record: &Id) {
    let text = record.to_string();
    assert_eq!(vault.resolve(&text[..10]).unwrap(), *record);
    vault.read_case(actor, CARE, record).unwrap();
}
