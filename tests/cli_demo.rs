//! `amanah demo`: what a person runs first.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use assert_cmd::Command;
use cmd::{Ran, run};
use serde_json::{Value as Json, json};

fn demo(folder: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_amanah"));
    command.env_clear().env("HOME", folder.path()).current_dir(folder.path());
    command
}

#[test]
fn everything_is_shown_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let shown = run(&mut demo(&folder), "demo").ok();
    assert_eq!(shown.err, "");
    let tampering = "its actor is not in the group it names";
    for part in ["1. ", "handayani/head + kpai/reviewers", "sealed; who can open it", "record.read", tampering] {
        assert!(shown.out.contains(part), "{part}: {}", shown.out);
    }
    // What was erased says so, and the vault is sound before and after the copy that is not.
    let erased = shown.out.lines().find(|line| line.contains(" was erased on ")).unwrap();
    assert!(erased.contains("by handayani/ratna (ground: request, entry "), "{erased}");
    assert_eq!(shown.out.matches("the vault is sound").count(), 2, "{}", shown.out);
    // The commands that it names at its end work as they stand there.
    let lines: Vec<&str> = shown.out.lines().map(str::trim).collect();
    let export = lines.iter().find_map(|line| line.strip_prefix("export ")).unwrap();
    let commands: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("amanah ")).collect();
    assert_eq!(commands.len(), 6);
    let child = {
        let list = in_the_demo(&folder, export, &format!("{} --json", commands[0])).json();
        assert!(list.as_array().unwrap().len() > 100);
        list[0]["record"].as_str().unwrap().to_owned()
    };
    for command in commands {
        in_the_demo(&folder, export, &command.replace("RECORD", &child)).ok();
    }
    let indonesian = run(&mut demo(&folder), "demo kedua --lang id").ok().out;
    assert!(indonesian.contains("itjen/dewi") && !indonesian.contains("What to try next"), "{indonesian}");
}

fn in_the_demo(folder: &tempfile::TempDir, export: &str, line: &str) -> Ran {
    let mut command = demo(folder);
    for (name, value) in export.split_whitespace().filter_map(|word| word.split_once('=')) {
        command.env(name, value);
    }
    run(&mut command, line)
}

/// All children of a demonstration, by their code.
fn children(folder: &tempfile::TempDir, dir: &str) -> Vec<Json> {
    let export = format!("AMANAH_VAULT={dir}/vault AMANAH_IDENTITY={dir}/keys/handayani-siti.key");
    let line = format!(
        "record list child -p care -f full_name -f nik -f birth_date --passphrase-file {dir}/passphrase --json"
    );
    let list = in_the_demo(folder, &export, &line).json();
    let mut fields: Vec<_> = list.as_array().unwrap().iter().map(|one| one["fields"].clone()).collect();
    fields.sort_by_key(|fields| fields["child_code"].to_string());
    fields
}

#[test]
fn the_same_number_invents_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let first = run(&mut demo(&folder), "demo a --seed 7 --json").json();
    assert_eq!((&first["dir"], &first["refused"], &first["tampering_found"]), (&"a".into(), &3.into(), &json!(true)));
    assert_eq!(first["released"], 1);
    assert!(first["erased"].as_u64().unwrap() >= 1);
    assert!(first["records"].as_u64().unwrap() > 263);
    run(&mut demo(&folder), "demo a --seed 7 --json").refused(3, "demo-exists");
    run(&mut demo(&folder), "demo b --seed 7 --quiet").ok();
    run(&mut demo(&folder), "demo c --seed 8 --quiet").ok();
    let [a, b, c] = ["a", "b", "c"].map(|dir| children(&folder, dir));
    assert_eq!(a, b);
    assert!(a != c && !a.is_empty());
    run(&mut demo(&folder), "demo d --seed many --json").refused(2, "usage-invalid-value");
    assert!(!folder.path().join("d").exists());
}
