//! `amanah audit`: the ledger is asked and verified, and one waits for the other.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::{fs, path::Path};

use amanah::vault::Vault;
use cmd::{amanah, by, copy, run, tree};
use common::{CLINICAL, REGISTRY, World};

fn world() -> World {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    for line in ["record add child child_code=A-1 full_name=Contoh", "record add child child_code=A-2 full_name=Dua"] {
        run(&mut by(&world, REGISTRY), &format!("{line} -p registration")).ok();
    }
    run(&mut by(&world, CLINICAL), "record list child -p care").ok();
    world
}

#[test]
fn the_ledger_is_asked() {
    let world = world();
    let child = run(&mut by(&world, REGISTRY), "record show A-1 -p care --json").json()["record"].clone();
    let child = child.as_str().unwrap();
    let log = |options: &str| {
        let log = run(&mut amanah(&world), &format!("audit log --vault vault {options} --json")).json();
        log.as_array().unwrap().clone()
    };
    let all = log("");
    for (at, entry) in all.iter().enumerate() {
        assert_eq!(entry["seq"], at);
        for member in ["v", "time", "actor", "group", "action", "outcome", "charter", "tree"] {
            assert!(!entry[member].is_null(), "{member}: {entry}");
        }
    }
    assert_eq!(log("-n 2"), all[all.len() - 2..]);
    let of = |member: &str| all.iter().filter(|entry| entry["actor"] == member).count();
    assert!(of(CLINICAL) == 1 && of(REGISTRY) > 3);
    assert_eq!(log(&format!("--member {CLINICAL}")).len(), 1);
    assert_eq!(log("--action record.create").len(), 2);
    assert_eq!(log("--action record.create -n 1").len(), 1);
    let records = log(&format!("--record {}", &child[..8]));
    assert!(records.iter().all(|entry| entry.to_string().contains(child)) && records.len() >= 3, "{records:?}");
    let time = all[2]["time"].as_str().unwrap();
    assert_eq!(log(&format!("--since {time}")), all[2..]);
    assert_eq!(log(&format!("--until {time}")), all[..2]);
    assert_eq!(log("--since 2020-01-01").len(), all.len());
    assert_eq!(log("--until 2020-01-01").len(), 0);
    // A typing mistake must not look like innocence.
    let asked = |what: &str| run(&mut amanah(&world), &format!("audit log --vault vault --json {what}"));
    asked("--member nobody/else").refused(4, "audit-unknown-member");
    asked(&format!("--record {}", "0".repeat(26))).refused(4, "vault-no-record");
    let today = jiff::Timestamp::now().in_tz("Asia/Jakarta").unwrap().date();
    assert_eq!(log(&format!("--since {today} --until {today}")).len(), all.len());

    let text = run(&mut amanah(&world), "audit log --vault vault").ok().out;
    assert!(text.contains("record.create") && text.contains("registration") && !text.contains("Contoh"), "{text}");
    for (options, exit, code) in [
        ("--action dance", 2, "usage-invalid-choice"),
        ("--since noon", 2, "usage-moment"),
        ("--since 2026-11-02 --until 2026-11-01", 2, "cli-no-time"),
        ("--record 000000", 4, "vault-no-record"),
        ("--record A-1", 3, "vault-bad-reference"),
        ("-n many", 2, "usage-invalid-value"),
    ] {
        run(&mut amanah(&world), &format!("audit log --vault vault {options} --json")).refused(exit, code);
    }
}

#[test]
fn a_sound_vault() {
    let world = world();
    let before = tree(&world.vault_dir());
    let found = run(&mut amanah(&world), "audit verify --vault vault --json").json();
    let entries = cmd::entries(&world).len() as u64;
    assert_eq!((&found["entries"], &found["checkpoint"]), (&entries.into(), &entries.into()));
    assert_eq!(
        (&found["versions"], &found["torn_lines"], &found["remembered"]),
        (&2.into(), &0.into(), &entries.into())
    );
    let text = run(&mut amanah(&world), "audit verify --vault vault").ok();
    assert!(text.err.contains("everything fits"), "{}", text.err);
    let contents = |files: &[(String, Vec<u8>)]| -> Vec<_> {
        files.iter().filter(|(name, _)| !name.contains("/store/") && !name.ends_with("/lock")).cloned().collect()
    };
    assert_eq!(contents(&tree(&world.vault_dir())), contents(&before), "verifying changed something");
    // On a machine that has never seen the vault.
    let found = run(amanah(&world).env("AMANAH_STATE", "elsewhere"), "audit verify --vault vault --json").json();
    assert!(found["remembered"].is_null());
}

/// Changes a copy of the vault, and verifies it.
fn tampered(world: &World, change: impl FnOnce(&Path)) -> cmd::Ran {
    let dir = world.path().join("copy");
    let _ = fs::remove_dir_all(&dir);
    copy(&world.vault_dir(), &dir);
    change(&dir);
    run(&mut amanah(world), "audit verify --vault copy --json")
}

fn edit(path: &Path, change: impl FnOnce(&mut Vec<String>)) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    change(&mut lines);
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

#[test]
fn each_tampering_is_found_at_its_first_line() {
    let world = world();
    let ledger = "ledger/000001.jsonl";
    tampered(&world, |_| {}).json();
    let last = cmd::entries(&world).len() - 1;
    let said = |ran: cmd::Ran| -> String {
        assert_eq!((ran.code, ran.out.as_str()), (7, ""), "{}", ran.err);
        let told: serde_json::Value = serde_json::from_str(ran.err.lines().last().unwrap()).unwrap();
        assert!(told["error"]["hint"].is_string(), "{told}");
        told["error"]["message"].as_str().unwrap().to_owned()
    };
    // The first line that is wrong is named.
    let named = |told: &str, at: usize| {
        let place = told.contains(&format!("entry {at}:")) || told.contains(&format!("line {}:", at + 1));
        assert!(
            place || told.contains(&format!("entry {at} ")) || told.contains(&format!("line {} ", at + 1)),
            "{at}: {told}"
        );
    };
    let lines: Vec<String> =
        fs::read_to_string(world.vault_dir().join(ledger)).unwrap().lines().map(ToOwned::to_owned).collect();
    for (from, to) in [(CLINICAL, REGISTRY), ("registration", "care"), ("\"time\":\"2", "\"time\":\"1")] {
        let at = lines.iter().position(|line| line.contains(from)).unwrap();
        let change = |lines: &mut Vec<String>| lines[at] = lines[at].replacen(from, to, 1);
        named(&said(tampered(&world, |dir| edit(&dir.join(ledger), change))), at);
    }
    for change in [
        (|lines: &mut Vec<String>| drop(lines.remove(2))) as fn(&mut Vec<String>),
        |lines| lines.swap(2, 3),
        |lines| lines[2] = lines[2].replacen("\"sig\":\"", "\"sig\":\"AAAA", 1),
    ] {
        named(&said(tampered(&world, |dir| edit(&dir.join(ledger), change))), 2);
    }
    named(&said(tampered(&world, |dir| edit(&dir.join(ledger), |lines| lines.insert(3, lines[2].clone())))), 3);
    // The end is cut off: checkpoint and memory know better.
    said(tampered(&world, |dir| edit(&dir.join(ledger), |lines| lines.truncate(last))));
    // A payload is changed, a checkpoint forged.
    said(tampered(&world, |dir| {
        let mut files = tree(&dir.join("journal"));
        let (name, bytes) = files.last_mut().unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(name, bytes).unwrap();
    }));
    said(tampered(&world, |dir| edit(&dir.join("checkpoint"), |lines| lines[1] = "1".to_owned())));
}

#[test]
fn one_at_a_time() {
    let world = world();
    let vault = Vault::open(&world.vault_dir(), &world.options()).unwrap();
    let before = tree(&world.vault_dir().join("ledger"));
    let ran = run(&mut by(&world, REGISTRY), "record list child -p care --lock-timeout 1 --json");
    let holder = std::process::id().to_string();
    let waiting = format!("waiting: another process ({holder}) has the vault open");
    assert!(ran.err.contains(&waiting), "{}", ran.err);
    let told = ran.refused(8, "vault-locked");
    assert!(told.contains(&holder) && told.contains("1 second"), "{told}");
    run(&mut by(&world, REGISTRY), "audit verify --lock-timeout 0 --json").refused(8, "vault-locked");
    assert_eq!(tree(&world.vault_dir().join("ledger")), before);
    // Who waits long enough comes in.
    let path = world.path().to_owned();
    let opener = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(700));
        vault.leave().unwrap();
        path
    });
    let ran = run(&mut by(&world, REGISTRY), "record list child -p care").ok();
    assert!(ran.err.contains(&waiting), "{}", ran.err);
    opener.join().unwrap();
}
