//! Old vaults open for ever, and newer ones are left alone.
//!
//! `tests/compat/` has a folder for each version of the format, with a vault as it was written
//! then, its members' key files and what they read. A folder is never written again once the
//! version is released; `tests/compat/README.md` says how one is made.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use assert_cmd::Command;
use cmd::{amanah, by, copy, key, run, run_words, tree};
use common::{CLINICAL, HEAD, KPAI, PASSPHRASE, REGISTRY, World};
use serde_json::{Value as Json, json};

const FOLDER: &str = "tests/compat";

/// What is asked of an old vault, and by whom. Nothing in the answers changes from run to run.
const QUESTIONS: [(&str, &str); 8] = [
    (REGISTRY, "record show A-1 -p care --json"),
    (REGISTRY, "record show A-2 -p care --at 1 --json"),
    (REGISTRY, "record list child -p care -f full_name -f birth_date --json"),
    (REGISTRY, "record find Sari -p care --json"),
    (REGISTRY, "record find -p care -f birth_date=2012..2012 --json"),
    (CLINICAL, "case show A-1 -p care --json"),
    (HEAD, "record show A-1 -p case_conference -r old+vault --json"),
    (KPAI, "recovery status --json"),
];

fn private(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let folder = path.is_dir();
        fs::set_permissions(&path, fs::Permissions::from_mode(if folder { 0o700 } else { 0o600 })).unwrap();
        if folder {
            private(&path);
        }
    }
}

/// The program in a folder, as a member of an old vault.
fn member(folder: &Path, member: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_amanah"));
    command.env_clear().env("AMANAH_STATE", folder.join("state")).current_dir(folder);
    command.env("AMANAH_VAULT", "vault").env("AMANAH_IDENTITY", key(member));
    command.args(["--passphrase-file", "passphrase"]);
    command
}

fn answers(folder: &Path) -> Json {
    let ask = |(who, line): &(&str, &str)| run(&mut member(folder, who), line).json();
    QUESTIONS.iter().map(ask).collect()
}

/// Whether an answer says all that it said then; it may say more.
fn holds(answer: &Json, wanted: &Json) -> bool {
    match (answer, wanted) {
        (Json::Object(answer), Json::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| answer.get(name).is_some_and(|own| holds(own, wanted)))
        }
        (Json::Array(answer), Json::Array(wanted)) => {
            answer.len() == wanted.len() && answer.iter().zip(wanted).all(|(own, wanted)| holds(own, wanted))
        }
        _ => answer == wanted,
    }
}

/// A reader written from `docs/FORMAT.md` alone takes it as well.
fn decoded(vault: &Path) {
    if std::env::var_os("AMANAH_SKIP_PYTHON").is_some() {
        return;
    }
    let decoder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/decoder/decode.py");
    let mut command = std::process::Command::new("python3");
    let output = command.args(["-B", decoder]).arg(vault).stdin(std::process::Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_version_of_the_format_opens() {
    let mut seen = 0;
    for entry in fs::read_dir(FOLDER).unwrap() {
        let old = entry.unwrap().path();
        if !old.is_dir() {
            continue;
        }
        let name = old.display().to_string();
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("old");
        copy(&old, &folder);
        fs::write(folder.join("passphrase"), PASSPHRASE).unwrap();
        private(&folder);
        let ledger = fs::read(folder.join("vault/ledger/000001.jsonl")).unwrap();
        let expected: Json = serde_json::from_slice(&fs::read(folder.join("expected.json")).unwrap()).unwrap();
        let verified = run(&mut member(&folder, KPAI), "audit verify --json").json();
        assert_eq!(verified["entries"], expected["entries"], "{name}");
        assert_eq!(verified["versions"], expected["versions"], "{name}");
        for ((answer, wanted), question) in
            answers(&folder).as_array().unwrap().iter().zip(expected["answers"].as_array().unwrap()).zip(QUESTIONS)
        {
            assert!(holds(answer, wanted), "{name}: {question:?}: {answer}, not {wanted}");
        }
        decoded(&folder.join("vault"));
        // It is worked on as any other, and what it said before is not touched.
        run(&mut member(&folder, REGISTRY), "record edit A-2 full_name=Rini+Baru -p care").ok();
        run(&mut member(&folder, KPAI), "audit verify").ok();
        let now = fs::read(folder.join("vault/ledger/000001.jsonl")).unwrap();
        assert!(now.len() > ledger.len() && now.starts_with(&ledger), "{name}");
        seen += 1;
    }
    assert!(seen > 0);
}

#[test]
fn a_newer_vault_is_refused_and_left_alone() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    run(&mut by(&world, REGISTRY), "record add child child_code=A-1 full_name=Sari").ok();
    let marker = world.path().join("vault/vault.json");
    let text = fs::read_to_string(&marker).unwrap();
    for newer in ["vault/2", "vault/117"] {
        fs::write(&marker, text.replace("vault/1", newer)).unwrap();
        let before = tree(&world.path().join("vault"));
        let (state, empty) = (tree(&world.path().join("state")), Vec::<&str>::new());
        for line in [
            "record show A-1 -p care",
            "record list child -p care",
            "record add child child_code=A-2",
            "record find Sari -p care",
            "charter show",
            "audit log",
            "audit verify",
            "audit publish out",
            "recovery status",
            "recovery split handayani/registry --threshold 2 --of 3 -o words",
            "group rotate handayani/registry -o next",
            "witness status",
            "rebuild",
            "compact",
        ] {
            let told = run(&mut by(&world, REGISTRY), &format!("{line} --json")).refused(10, "vault-newer");
            assert!(told.contains("newer version") && told.contains(newer), "{line}: {told}");
        }
        assert!(run(&mut amanah(&world), "doctor --vault vault --json").code != 0);
        run_words(&mut by(&world, REGISTRY), &empty);
        assert!(tree(&world.path().join("vault")) == before, "{newer}: the vault was touched");
        assert!(tree(&world.path().join("state")) == state, "{newer}: the memory of it was touched");
    }
    fs::write(&marker, text).unwrap();
    run(&mut by(&world, REGISTRY), "record show A-1 -p care").ok();
}

/// Writes a vault in the present format, with what a vault can hold, into the folder that
/// `AMANAH_COMPAT` names.
#[test]
#[ignore = "run once for each version of the format"]
fn write_the_present_format() {
    let folder = std::path::PathBuf::from(std::env::var_os("AMANAH_COMPAT").unwrap());
    let world = World::new();
    let by = |who: &str, line: &str| run(&mut by(&world, who), line).ok();
    by(REGISTRY, "init vault");
    by(REGISTRY, "record add family family_code=K-1");
    by(REGISTRY, "record add child child_code=A-1 full_name=Sari+Dewi birth_date=2012-03-04 sex=female --of K-1");
    by(HEAD, "record add child child_code=A-2 full_name=Rini birth_date=2011-01-01");
    by(REGISTRY, "record edit A-2 full_name=Rini+Amalia -p care -r corrected");
    by(REGISTRY, "record add child child_code=A-3 full_name=Sari+Dewi birth_date=2012-03-04");
    by(REGISTRY, "record merge A-3 A-1 -p care");
    fs::write(world.path().join("table.csv"), "child_code,full_name\nA-4,Budi\nA-5,Joko\n").unwrap();
    by(REGISTRY, "import table.csv --kind child");
    by(HEAD, "index rebuild -p care");
    by(CLINICAL, "recovery split handayani/clinical --threshold 2 --of 3 -o words");
    by(CLINICAL, "recovery drill handayani/clinical --from words");
    by(HEAD, "group rotate handayani/registry -o next");
    by(KPAI, "charter amend sign next -o signed --yes");
    by(REGISTRY, "charter amend apply signed");
    by(CLINICAL, "record list child -p care");
    by(REGISTRY, "record link A-4 K-1 -p care");
    let verified = by(KPAI, "audit verify --json").json();
    fs::create_dir_all(&folder).unwrap();
    copy(&world.path().join("vault"), &folder.join("vault"));
    // Not of the format: the store, and the lock.
    fs::remove_dir_all(folder.join("vault/store")).unwrap();
    fs::remove_file(folder.join("vault/lock")).unwrap();
    for who in [REGISTRY, CLINICAL, HEAD, KPAI] {
        fs::copy(world.path().join(key(who)), folder.join(key(who))).unwrap();
    }
    let expected = json!({
        "entries": verified["entries"], "versions": verified["versions"], "answers": answers(world.path()),
    });
    fs::write(folder.join("expected.json"), format!("{expected:#}\n")).unwrap();
}
