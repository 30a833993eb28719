//! `amanah record export`: what it writes opens with the key it is for, and with the stock `age`;
//! the ledger has it first, and refuses what the exporter cannot open.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

mod cmd;
mod common;

use std::{fs, process::Command, sync::Arc};

use amanah::{
    crypto::{
        age_wrap::{self, DecryptionKey, KeyKind, Silent},
        random::SystemRandom,
    },
    custody::GroupKey,
};
use cmd::{amanah, by, entries, run};
use common::{CLINICAL, KPAI, REGISTRY, World};
use secrecy::ExposeSecret as _;
use serde_json::Value as Json;

fn world_with_child() -> World {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    let add = "record add child child_code=A-1 full_name=Contoh+Anak birth_date=2010-03-12 sex=female disability=none";
    run(&mut by(&world, REGISTRY), &format!("{add} -p registration --json")).ok();
    world
}

const EXPORT: &str = "record export A-1 --class identity -p care --reason minta+data";

fn opened(world: &World, key: &DecryptionKey, file: &str) -> Json {
    let file = fs::read(world.path().join(file)).unwrap();
    serde_json::from_slice(&age_wrap::unwrap(key, &file).unwrap()).unwrap()
}

#[test]
fn opens_with_the_key_it_is_for() {
    let world = world_with_child();
    let line = format!("{EXPORT} --to cards/kpai-ani.card -o for-ani.age --json");
    let told = run(&mut by(&world, REGISTRY), &line).json();
    assert_eq!((&told["records"], &told["file"]), (&1.into(), &"for-ani.age".into()));
    let content = opened(&world, &world.identity(KPAI).decryption, "for-ani.age");
    assert_eq!(content["amanah"], "export/1");
    assert_eq!(content["records"][0]["fields"]["full_name"], "Contoh Anak");
    assert!(content["records"][0]["fields"].get("sex").is_none(), "another class: {content}");
    // Nobody else's key opens it.
    let file = fs::read(world.path().join("for-ani.age")).unwrap();
    assert!(age_wrap::unwrap(&world.identity(REGISTRY).decryption, &file).is_err());

    // One entry, with the fields of that class only, and nothing of the child in the ledger.
    let entry = entries(&world).pop().unwrap();
    assert_eq!((&entry["action"], &entry["outcome"]), (&"record.export".into(), &"ok".into()));
    assert_eq!((&entry["seq"], &entry["seq"]), (&told["entry"], &content["entry"]));
    let classes: Vec<_> = entry["subjects"][0]["fields"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(classes, ["identity"]);
    assert!(!entry.to_string().contains("Contoh") && !entry.to_string().contains("kpai/ani"));
    // To whom it went is in the sealed reason, which oversight can read.
    let (mut vault, mut ani) = world.open(KPAI);
    let entry = told["entry"].as_u64().unwrap();
    let why = amanah::vault::Access { purpose: Some("oversight"), reason: Some("pengaduan") };
    let reasons = vault.read_reasons(&mut ani, why, &[entry].into()).unwrap();
    let amanah::vault::Reason::Told(reason) = &reasons[&entry] else { panic!("sealed") };
    assert!(reason.starts_with("minta data\n-> kpai/ani ("), "{reason}");
}

#[test]
fn a_key_of_ones_own_of_either_kind() {
    let world = world_with_child();
    for (kind, name) in [(KeyKind::Hybrid, "hybrid"), (KeyKind::Classic, "classic")] {
        let key = DecryptionKey::generate_kind(kind, &mut SystemRandom::new()).unwrap();
        let recipient = key.recipient().unwrap().to_string();
        fs::write(world.path().join("recipients"), format!("# a reviewer\n{recipient}\n")).unwrap();
        run(&mut by(&world, REGISTRY), &format!("{EXPORT} --to recipients -o {name}.age")).ok();
        assert_eq!(opened(&world, &key, &format!("{name}.age"))["records"][0]["fields"]["full_name"], "Contoh Anak");
        let read = DecryptionKey::parse(key.expose().expose_secret(), Arc::new(Silent)).unwrap();
        run(&mut by(&world, REGISTRY), &format!("{EXPORT} --to {recipient} -o {name}-2.age")).ok();
        opened(&world, &read, &format!("{name}-2.age"));
    }
}

#[test]
fn the_stock_age_opens_it() {
    if Command::new("age-keygen").arg("--version").output().is_err() {
        eprintln!("skipped: the programs age and age-keygen are wanted");
        return;
    }
    let world = world_with_child();
    let here =
        |program: &str, args: &[&str]| Command::new(program).args(args).current_dir(world.path()).output().unwrap();
    assert!(here("age-keygen", &["-o", "own.key"]).status.success());
    fs::write(world.path().join("own.pub"), here("age-keygen", &["-y", "own.key"]).stdout).unwrap();
    run(&mut by(&world, REGISTRY), &format!("{EXPORT} --to own.pub -o own.age")).ok();
    let content: Json = serde_json::from_slice(&here("age", &["-d", "-i", "own.key", "own.age"]).stdout).unwrap();
    assert_eq!(content["records"][0]["fields"]["full_name"], "Contoh Anak");
}

#[test]
fn what_is_refused_leaves_no_file() {
    let world = world_with_child();
    let before = entries(&world).len();
    // A class that the clinic cannot open: refused, and the refusal is an entry.
    let line = "record export 0 --class personal -p care --to cards/kpai-ani.card -o x.age --json";
    run(&mut by(&world, REGISTRY), line).refused(3, "vault-bad-reference");
    let record = run(&mut by(&world, REGISTRY), "record show A-1 -p care --json").json()["record"].clone();
    let sealed = format!(
        "record export {} --class identity -p care --to cards/kpai-ani.card -o x.age --json",
        record.as_str().unwrap()
    );
    run(&mut by(&world, CLINICAL), &sealed).refused(5, "vault-sealed");
    let entry = entries(&world).pop().unwrap();
    assert_eq!((&entry["action"], &entry["outcome"]), (&"record.export".into(), &"refused".into()));
    assert!(entries(&world).len() > before);

    let before = entries(&world).len();
    fs::write(world.path().join("two"), "age1\nage1\n").unwrap();
    fs::write(world.path().join("rsa.pub"), "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDF somebody\n").unwrap();
    for (line, exit, code) in [
        ("--class personal -p care --to two", 3, "export-recipient"),
        ("--class personal -p care --to rsa.pub", 3, "export-recipient"),
        ("--class personal -p care --to nowhere", 3, "file-unreadable"),
        ("--class personal -p care --to charter.toml", 3, "export-recipient"),
        ("--class nothing -p care --to cards/kpai-ani.card", 3, "values-unknown-class"),
        ("--class personal --to cards/kpai-ani.card", 2, "vault-no-purpose"),
        ("--class personal -p care", 2, "usage-missing-argument"),
    ] {
        run(&mut by(&world, REGISTRY), &format!("record export A-1 {line} -o x.age --json")).refused(exit, code);
    }
    assert_eq!(entries(&world).len(), before, "nothing was opened");
    assert!(!world.path().join("x.age").exists());
    fs::write(world.path().join("x.age"), "mine").unwrap();
    run(&mut by(&world, REGISTRY), &format!("{EXPORT} --to cards/kpai-ani.card -o x.age --json"))
        .refused(3, "file-exists");
    assert_eq!(fs::read(world.path().join("x.age")).unwrap(), b"mine");
}

const SSH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/id_ed25519");

#[test]
fn a_reviewer_with_an_ssh_key() {
    let world = world_with_child();
    let made = format!("keys new kpai/cici --ssh {SSH} --json");
    run(&mut amanah(&world), &made).json();
    let check = "keys check kpai-cici.key --json";
    let checked = run(amanah(&world).env("AMANAH_SSH_KEY", SSH), check).json();
    assert_eq!((&checked[0]["of"], &checked[0]["post_quantum"]), (&"kpai/cici".into(), &false.into()));
    run(&mut amanah(&world), check).refused(6, "age-no-ssh-key");
    run(amanah(&world).env("AMANAH_SSH_KEY", format!("{SSH}_locked")), check).refused(6, "age-no-passphrase");
    let rekey = "keys passphrase -i kpai-cici.key --json";
    run(amanah(&world).env("AMANAH_SSH_KEY", SSH), rekey).refused(6, "keys-no-passphrase");
    run(&mut amanah(&world), "keys new kpai/dodi --ssh charter.toml --json").refused(6, "age-bad-ssh-key");

    // To the card, and to the public key file.
    let key = DecryptionKey::from_ssh(&fs::read(SSH).unwrap(), &mut || None).unwrap();
    for (to, name) in [("kpai-cici.card".to_owned(), "card"), (format!("{SSH}.pub"), "pub")] {
        run(&mut by(&world, REGISTRY), &format!("{EXPORT} --to {to} -o {name}.age")).ok();
        assert_eq!(opened(&world, &key, &format!("{name}.age"))["records"][0]["fields"]["full_name"], "Contoh Anak");
    }
    let stock = Command::new("age").args(["-d", "-i", SSH, "card.age"]).current_dir(world.path()).output();
    match stock {
        Ok(output) => assert!(String::from_utf8(output.stdout).unwrap().contains("Contoh Anak")),
        Err(_) => eprintln!("skipped: the program age is wanted"),
    }

    // A group has such a member as any other.
    let group = "keys group kpai/readers cards/kpai-ani.card kpai-cici.card -o readers.group --json";
    run(by(&world, KPAI).env_remove("AMANAH_VAULT"), group).json();
    let group = GroupKey::parse(&fs::read(world.path().join("readers.group")).unwrap()).unwrap();
    assert_eq!(group.is_post_quantum(), Some(false));
    group.unwrap("kpai/cici", &key).unwrap();
}
