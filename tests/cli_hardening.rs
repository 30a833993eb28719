//! What the program makes is for its user alone, whatever the umask; what lies in a vault must be
//! the vault's own; what data says of paths and of the terminal is not done.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::{Path, PathBuf},
};

use cmd::{by, copy, key, run};
use common::{REGISTRY, World};

/// Runs a line by a member in a shell with this umask.
fn with_umask(world: &World, umask: &str, line: &str) {
    let script = format!("umask {umask}; exec {} --passphrase-file passphrase {line}", env!("CARGO_BIN_EXE_amanah"));
    let mut command = assert_cmd::Command::new("sh");
    command.env_clear().env("AMANAH_STATE", world.path().join("new-state")).current_dir(world.path());
    command.env("AMANAH_VAULT", "vault").env("AMANAH_IDENTITY", key(REGISTRY));
    command.args(["-c", &script]).assert().success();
}

fn everything_below(folder: &Path, out: &mut Vec<PathBuf>) {
    out.push(folder.to_owned());
    if folder.is_dir() {
        fs::read_dir(folder).unwrap().for_each(|entry| everything_below(&entry.unwrap().path(), out));
    }
}

#[test]
fn files_are_private_whatever_the_umask() {
    for umask in ["0000", "0777"] {
        let world = World::new();
        // The first that makes the folder of what this machine remembers.
        with_umask(&world, umask, "unlock --for 1m");
        with_umask(&world, umask, "lock");
        with_umask(&world, umask, "init vault");
        with_umask(&world, umask, "record add child child_code=A-1 full_name=Contoh -p care");
        with_umask(&world, umask, "record find A-1 -p care");
        with_umask(&world, umask, "audit verify");
        fs::write(world.path().join("passphrase"), "a new passphrase\na new passphrase\n").unwrap();
        with_umask(&world, umask, "keys new handayani/wati --output wati.key");
        let mut made = Vec::new();
        everything_below(&world.vault_dir(), &mut made);
        everything_below(&world.path().join("new-state"), &mut made);
        made.push(world.path().join("wati.key"));
        assert!(made.len() > 12, "{made:?}");
        for path in made {
            let metadata = fs::symlink_metadata(&path).unwrap();
            let wanted = if metadata.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(metadata.permissions().mode() & 0o7777, wanted, "{} with umask {umask}", path.display());
        }
    }
}

#[test]
fn links_inside_a_vault_are_refused_and_what_they_lead_to_is_untouched() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    run(&mut by(&world, REGISTRY), "record add child child_code=A-1 full_name=Contoh -p care").ok();
    let (dir, whole) = (world.vault_dir(), world.path().join("whole"));
    copy(&dir, &whole);
    let parts = [
        "ledger",
        "journal",
        "store",
        "ledger/000001.jsonl",
        "journal/000001.amj",
        "vault.json",
        "checkpoint",
        "lock",
        "store/db",
    ];
    for part in parts {
        for hard in [false, true] {
            fs::remove_dir_all(&dir).unwrap();
            copy(&whole, &dir);
            let (inside, outside) = (dir.join(part), world.path().join("outside"));
            let _ = fs::remove_file(&outside);
            let _ = fs::remove_dir_all(&outside);
            match hard {
                true if inside.is_dir() => continue,
                true => fs::hard_link(&inside, &outside).unwrap(),
                false => {
                    fs::rename(&inside, &outside).unwrap();
                    symlink(&outside, &inside).unwrap();
                }
            }
            let before = outside.is_file().then(|| fs::read(&outside).unwrap());
            for line in ["audit verify --json", "record list child -p care --json"] {
                let told = run(&mut by(&world, REGISTRY), line).refused(7, "vault-link");
                assert!(told.contains(part), "{told}");
            }
            assert_eq!(before, outside.is_file().then(|| fs::read(&outside).unwrap()), "{part}");
        }
    }
    // A link to the whole vault is its owner's way of naming it.
    fs::remove_dir_all(&dir).unwrap();
    symlink(&whole, &dir).unwrap();
    run(&mut by(&world, REGISTRY), "record list child -p care").ok();
    assert_eq!(fs::metadata(whole.join("vault.json")).unwrap().nlink(), 1);
}

/// Whoever can write into the folder could make every command wait for ever.
#[test]
fn a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    run(&mut by(&world, REGISTRY), "backup create backups --to cards/handayani-siti.card").ok();
    run(&mut by(&world, REGISTRY), "audit publish published").ok();
    let named = |folder: &str, end: &str| {
        let files = fs::read_dir(world.path().join(folder)).unwrap().map(|file| file.unwrap().path());
        files.filter(|path| path.to_str().unwrap().ends_with(end)).collect::<Vec<_>>().remove(0)
    };
    let (manifest, piece) = (named("backups", ".backup"), named("backups/pieces", ".age"));
    for (path, line, exit, code) in [
        (piece, "backup verify backups", 7, "vault-bad-backup"),
        (manifest, "backup verify backups", 9, "ledger-io"),
        (world.path().join("published/checkpoint"), "audit publish published", 9, "ledger-io"),
        (world.vault_dir().join("vault.json"), "audit verify", 7, "vault-link"),
    ] {
        fs::remove_file(&path).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        run(by(&world, REGISTRY).timeout(std::time::Duration::from_secs(60)), &format!("--json {line}"))
            .refused(exit, code);
    }
}

/// Spreadsheets take a cell that begins like this for a formula; terminals act on escapes.
#[test]
fn what_data_says_is_shown_and_not_done() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    let table = "child_code,full_name,birth_date\nA-1,=HYPERLINK(\"http://x\"),2010-03-12\nA-2,\u{1b}[2Jx,2010-03-12\n\
                 A-3,a\u{202e}b,2010-03-12\nA-4,Contoh,\u{1b}]0;x\u{7}\n";
    fs::write(world.path().join("table.csv"), table).unwrap();
    for options in ["", "--dry-run", "--skip-invalid", "--skip-invalid --json"] {
        let ran = run(&mut by(&world, REGISTRY), &format!("import table.csv --kind child {options}"));
        for text in [&ran.out, &ran.err] {
            assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{text:?}");
        }
        assert_ne!(ran.code, 101);
    }
    let list = run(&mut by(&world, REGISTRY), "record list child -p care").ok();
    assert!(!list.out.contains(['\u{1b}', '\u{202e}']), "{}", list.out);
}
