//! `amanah keys`, as people use it.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use assert_cmd::Command;
use cmd::{amanah, by, run};
use common::{HEAD, KPAI, PASSPHRASE, REGISTRY, World};

#[test]
fn new_for_real() {
    let world = World::new();
    fs::write(world.path().join("new"), "five words that do not belong\nanother passphrase\n").unwrap();
    let made = run(&mut amanah(&world), "keys new handayani/tono --passphrase-file new --json").json();
    assert_eq!((&made["member"], &made["identity"]), (&"handayani/tono".into(), &"handayani-tono.key".into()));
    let file = world.path().join("handayani-tono.key");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(&file).unwrap().starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));

    let shown = run(&mut amanah(&world), "keys show handayani-tono.card --json").json();
    assert_eq!(shown["fingerprint"], made["fingerprint"]);
    let checked = run(&mut amanah(&world), "keys check handayani-tono.key --passphrase-file new --json").json();
    assert_eq!(checked[0]["fingerprint"], made["fingerprint"]);
    assert_eq!((&checked[0]["is"], &checked[0]["of"]), (&"identity".into(), &"handayani/tono".into()));

    let before = fs::read(&file).unwrap();
    let again = run(&mut amanah(&world), "keys new handayani/tono --passphrase-file new --json");
    assert_eq!(again.refused(3, "file-exists"), "handayani-tono.key exists already");
    assert_eq!(fs::read(&file).unwrap(), before);

    // The new passphrase is the second line of the file.
    run(&mut amanah(&world), "keys passphrase -i handayani-tono.key --passphrase-file new").ok();
    let old = run(&mut amanah(&world), "keys check handayani-tono.key --passphrase-file new --json");
    old.refused(6, "age-wrong-passphrase");
    fs::write(world.path().join("new"), "another passphrase").unwrap();
    run(&mut amanah(&world), "keys check handayani-tono.key --passphrase-file new").ok();
}

#[test]
fn new_is_refused() {
    let world = World::new();
    fs::write(world.path().join("short"), "short").unwrap();
    for (line, exit, code) in [
        ("keys new handayani/tono --passphrase-file short", 6, "passphrase-short"),
        ("keys new handayani/tono --passphrase-file nowhere", 6, "passphrase-source"),
        ("keys new Tono --passphrase-file passphrase", 3, "identity-bad-name"),
        ("keys new handayani/tono --output nowhere/x.key --passphrase-file passphrase", 9, "file-unwritable"),
        ("keys new handayani/tono --card nowhere/x.card --passphrase-file passphrase", 9, "file-unwritable"),
        ("keys new handayani/tono --plugin charter.toml", 6, "keys-no-recipient"),
        ("keys new handayani/tono --passphrase secret", 2, "usage-unknown-argument"),
        ("keys new", 2, "usage-missing-argument"),
        ("keys new handayani/tono", 2, "cli-no-terminal"),
    ] {
        run(&mut amanah(&world), &format!("{line} --json")).refused(exit, code);
        assert!(
            !world.path().join("handayani-tono.key").exists() && !world.path().join("handayani-tono.card").exists()
        );
    }
}

#[test]
fn passphrases_come_from_files_and_descriptors_only() {
    let world = World::new();
    let check = "keys check handayani-siti.key --json";
    run(&mut amanah(&world), &format!("{check} --passphrase-fd 0")).refused(6, "passphrase-missing");
    run(amanah(&world).write_stdin(PASSPHRASE), &format!("{check} --passphrase-fd 0")).json();
    run(amanah(&world).write_stdin("wrong horse"), &format!("{check} --passphrase-fd 0"))
        .refused(6, "age-wrong-passphrase");
    run(&mut amanah(&world), &format!("{check} --passphrase-fd 77")).refused(6, "passphrase-source");
    run(&mut amanah(&world), &format!("{check} --passphrase-fd 0 --passphrase-file x")).refused(2, "usage-conflict");
    // The environment of a process can be read by others.
    for name in ["AMANAH_PASSPHRASE", "AMANAH_PASSPHRASE_FILE", "AMANAH_PASSPHRASE_FD"] {
        run(amanah(&world).env(name, "passphrase"), check).refused(2, "cli-no-terminal");
    }
}

#[test]
fn checked_and_shown() {
    let world = World::new();
    let files = "handayani-siti.key cards/kpai-ani.card cards/kpai-reviewers.group";
    let found = run(&mut by(&world, REGISTRY), &format!("keys check {files} --json")).json();
    let is: Vec<_> = found.as_array().unwrap().iter().map(|f| f["is"].as_str().unwrap()).collect();
    assert_eq!(is, ["identity", "card", "group-key"]);
    assert_eq!(found[2]["of"], "kpai/reviewers");
    // What is wrong with one is told of that one, and the others are told of all the same.
    let some = "keys check cards/kpai-ani.card charter.toml cards/itjen-dewi.card";
    let told = run(&mut by(&world, REGISTRY), some);
    assert!(told.code == 7 && told.err.contains("charter.toml: ") && told.out.contains("itjen/dewi"), "{}", told.err);
    let told = run(&mut by(&world, REGISTRY), &format!("{some} --json"));
    assert_eq!(serde_json::from_str::<Vec<serde_json::Value>>(&told.out).unwrap().len(), 2);
    let table = run(&mut by(&world, REGISTRY), "keys check cards/kpai-ani.card").ok().out;
    assert!(table.contains("a card") && table.contains(found[1]["fingerprint"].as_str().unwrap()), "{table}");

    // Somebody else's card beside the identity.
    fs::copy(world.path().join("cards/kpai-ani.card"), world.path().join("handayani-siti.card")).unwrap();
    run(&mut by(&world, REGISTRY), "keys check --json").refused(6, "keys-card-differs");

    let path = world.path().join("cards/kpai-ani.card");
    let card = fs::read_to_string(&path).unwrap();
    fs::write(&path, card.replace("kpai/ani", "kpai/ina")).unwrap();
    run(&mut amanah(&world), "keys show cards/kpai-ani.card --json").refused(7, "note-not-signed");
    fs::write(&path, "hello").unwrap();
    run(&mut amanah(&world), "keys show cards/kpai-ani.card --json").refused(3, "note-malformed");
    run(&mut amanah(&world), "keys show nowhere.card --json").refused(3, "file-unreadable");
    run(&mut amanah(&world), "keys show cards --json").refused(3, "file-unreadable");
    run(&mut amanah(&world), "keys show --json").refused(2, "cli-no-identity");
    fs::write(&path, vec![b'x'; 70_000]).unwrap();
    run(&mut amanah(&world), "keys show cards/kpai-ani.card --json").refused(3, "file-too-large");
}

#[test]
fn the_key_of_a_group() {
    let world = World::new();
    let make = "keys group kpai/readers cards/kpai-ani.card -o readers.group --json";
    let made = run(&mut by(&world, KPAI), make).json();
    assert_eq!(made["members"], serde_json::json!(["kpai/ani"]));
    run(&mut by(&world, KPAI), "keys check readers.group").ok();
    run(&mut by(&world, KPAI), make).refused(3, "file-exists");
    for (line, exit, code) in [
        ("keys group kpai/readers cards/itjen-dewi.card -o x", 3, "keys-not-of-the-body"),
        ("keys group itjen/readers cards/itjen-dewi.card -o x", 3, "keys-not-of-the-body"),
        ("keys group readers cards/kpai-ani.card -o x", 3, "keys-not-of-the-body"),
        ("keys group kpai/readers cards/kpai-ani.card cards/kpai-ani.card -o x", 3, "charter-twice"),
        ("keys group kpai/readers -o x", 2, "usage-missing-argument"),
    ] {
        run(&mut by(&world, KPAI), &format!("{line} --json")).refused(exit, code);
        assert!(!world.path().join("x").exists());
    }
}

/// The folder with the plugin, which Cargo builds with the tests.
fn plugins() -> std::path::PathBuf {
    Path::new(env!("CARGO_BIN_EXE_amanah")).parent().unwrap().join("examples")
}

fn with_plugin(world: &World) -> Command {
    let mut command = amanah(world);
    command.env("PATH", plugins()).env("AMANAH_VAULT", "vault").env("AMANAH_IDENTITY", "handayani-siti.key");
    command
}

#[test]
fn an_identity_behind_a_plugin() {
    let world = World::new();
    let token = Command::new(plugins().join("age-plugin-amanahtest")).output().unwrap().stdout;
    fs::write(world.path().join("token"), token).unwrap();
    fs::remove_file(world.path().join("handayani-siti.key")).unwrap();
    let made = "keys new handayani/siti --plugin token --json";
    run(&mut amanah(&world), made).refused(6, "age-plugin-missing");
    run(&mut with_plugin(&world), made).json();
    fs::rename(world.path().join("handayani-siti.card"), world.path().join("cards/handayani-siti.card")).unwrap();

    let checked = run(&mut with_plugin(&world), "keys check");
    assert!(checked.err.contains("the test plugin opens a key"), "{}", checked.err);
    checked.ok();
    run(&mut with_plugin(&world), "keys passphrase --json").refused(6, "keys-no-passphrase");
    run(with_plugin(&world).env("PATH", ""), "keys check --json").refused(6, "age-plugin-missing");

    run(&mut with_plugin(&world), "init vault --charter charter.toml --json").json();
    let add = "record add child child_code=A-1 full_name=Contoh -p registration --json";
    let added = run(&mut with_plugin(&world), add).json();
    let shown = run(&mut with_plugin(&world), "record show A-1 -p care --json").json();
    assert_eq!((&shown["record"], &shown["fields"]["full_name"]), (&added["record"], &"Contoh".into()));
    // Others read what was written from behind the plugin.
    let shown = run(&mut by(&world, HEAD), "record show A-1 -p care --json").json();
    assert_eq!(shown["fields"]["full_name"], "Contoh");
    run(&mut with_plugin(&world), "audit verify").ok();

    // Another token of the same kind does not open the identity.
    let other = Command::new(plugins().join("age-plugin-amanahtest")).output().unwrap().stdout;
    let line = String::from_utf8(other).unwrap().lines().last().unwrap().to_owned();
    let file = world.path().join("handayani-siti.key");
    let text = fs::read_to_string(&file).unwrap();
    let old = text.lines().nth(1).unwrap().to_owned();
    fs::write(&file, text.replace(&old, &line)).unwrap();
    run(&mut with_plugin(&world), "record show A-1 -p care --json").refused(6, "age-not-for-this-key");
}
