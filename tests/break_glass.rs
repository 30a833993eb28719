//! Break-glass: an emergency quorum of its own, used with a reason, first in every report until an
//! overseer has acknowledged it.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::fs;

use cmd::{by, entries, run};
use common::{CLINICAL, HEAD, KPAI, REGISTRY, World};

/// A world whose charter has an emergency group in which the clinician is.
fn world() -> World {
    let world = World::new();
    let path = world.path().join("charter.toml");
    let charter = fs::read_to_string(&path).unwrap();
    let group =
        "[[group]]\nid = \"handayani/emergency\"\nmembers = [\"handayani/budi\"]\n\n[[group]]\nid = \"kpai/reviewers\"";
    let charter = charter.replacen("[[group]]\nid = \"kpai/reviewers\"", group, 1);
    let quorum = "reason = true\nbreak_glass = { any = 1, of = [\"handayani/emergency\"] }\n";
    let charter = charter.replacen("id = \"sealed\"\nreason = true\n", &format!("id = \"sealed\"\n{quorum}"), 1);
    assert!(charter.contains("break_glass"));
    fs::write(path, charter).unwrap();
    run(&mut by(&world, REGISTRY), "init vault --charter charter.toml").ok();
    run(&mut by(&world, REGISTRY), "record add child child_code=A-1 full_name=Contoh -p registration").ok();
    world
}

fn intake(world: &World) -> String {
    let add = "--json record add intake --of A-1 intake_date=2026-01-05 referrer=Rahasia -p registration";
    run(&mut by(world, REGISTRY), add).json()["record"].as_str().unwrap().to_owned()
}

#[test]
fn opened_in_an_emergency_and_first_until_an_overseer_has_seen_it() {
    let world = world();
    let record = intake(&world);
    let budi = |line: &str| run(&mut by(&world, CLINICAL), line);
    // It is no other way to open anything.
    budi(&format!("--json record show {record} -f referrer -p care -r Gawat")).refused(5, "vault-sealed");
    let made = format!("--json request new {record} -c sealed --until 2099-01-01 -p care -r Gawat");
    budi(&made).refused(3, "release-bad-day");
    budi(&format!("--json record show {record} --break-glass -p emergency")).refused(2, "vault-no-reason");
    let ratna = format!("--json record show {record} --break-glass -p emergency -r Gawat");
    run(&mut by(&world, HEAD), &ratna).refused(5, "release-no-glass");
    let shown = budi(&format!("--json record show {record} --break-glass -p emergency -r Anak+hilang")).json();
    assert_eq!(shown["fields"]["referrer"], "Rahasia");
    assert!(shown["fields"].get("intake_date").is_none(), "only what was sealed against him: {shown}");
    run(&mut by(&world, REGISTRY), "record list child -p care").ok();
    let log = run(&mut by(&world, REGISTRY), "--json audit log -n 2").json();
    assert_eq!((&log[0]["action"], &log[0]["outcome"]), (&"glass.break".into(), &"ok".into()));
    let entry = log[0]["seq"].as_u64().unwrap();
    budi(&format!("record show {record} --break-glass -p emergency -r Lagi")).ok();
    let told = run(&mut by(&world, REGISTRY), "audit log -n 1").ok();
    assert!(told.err.contains("glass acknowledge"), "{}", told.err);
    assert!(!fs::read_to_string(world.path().join("vault/ledger/000001.jsonl")).unwrap().contains("hilang"));
    run(&mut by(&world, HEAD), &format!("--json glass acknowledge {entry}")).refused(5, "vault-only-overseers");
    run(&mut by(&world, KPAI), "--json glass acknowledge 1").refused(4, "release-not-glass");
    run(&mut by(&world, KPAI), &format!("glass acknowledge {entry}")).ok();
    run(&mut by(&world, KPAI), &format!("--json glass acknowledge {entry}")).refused(3, "release-acknowledged");
    // One does not count for the other, neither here nor for those who read the ledger alone.
    let left = run(&mut by(&world, KPAI), "--json glass list").json();
    assert_eq!(left.as_array().unwrap().len(), 1);
    let second = left[0]["seq"].as_u64().unwrap();
    let first = run(&mut by(&world, REGISTRY), "--json audit log -n 1").json();
    assert_eq!((&first[0]["seq"], first.as_array().unwrap().len()), (&second.into(), 2));
    run(&mut by(&world, KPAI), &format!("glass acknowledge {second}")).ok();
    // Glass is no way around a restriction, but for what the charter names: danger to life is.
    run(&mut by(&world, REGISTRY), &format!("record restrict {record} --ground disputed")).ok();
    budi(&format!("--json record show {record} --break-glass -p care -r Lagi")).refused(5, "vault-restricted");
    let last = entries(&world).pop().unwrap();
    assert_eq!((&last["action"], &last["detail"]), (&"glass.break".into(), &"restricted".into()));
    let shown = budi(&format!("--json record show {record} --break-glass -p emergency -r Bahaya")).json();
    assert_eq!(shown["fields"]["referrer"], "Rahasia");
    let third = run(&mut by(&world, KPAI), "--json glass list").json()[0]["seq"].as_u64().unwrap();
    run(&mut by(&world, KPAI), &format!("glass acknowledge {third}")).ok();
    let log = run(&mut by(&world, REGISTRY), "--json audit log -n 1").json();
    assert_eq!(log.as_array().unwrap().len(), 1);
    assert!(entries(&world).iter().any(|entry| entry["action"] == "glass.acknowledge"));
    run(&mut by(&world, REGISTRY), "audit verify").ok();
}

/// A thief does not wait for an emergency.
#[test]
fn what_an_emergency_opens_lies_open_to_who_has_the_keys() {
    let world = world();
    let record = intake(&world);
    let exposure = |member: &str, options: &str| {
        run(&mut by(&world, REGISTRY), &format!("--json audit exposure --member {member} {options}")).json()
    };
    let budi = exposure(CLINICAL, "");
    let sealed = budi["could_open"]["classes"]["sealed"]["fields"].as_array().unwrap();
    assert!(sealed.contains(&"intake.referrer".into()), "{budi}");
    assert_eq!(budi["did_open"]["records"], serde_json::json!([]));
    assert!(exposure(REGISTRY, "")["could_open"]["classes"].get("sealed").is_none());
    assert!(exposure(HEAD, "")["could_open"]["classes"].get("sealed").is_none());
    // What was opened once stays open, also when it is asked about a time in which nothing was.
    run(&mut by(&world, CLINICAL), &format!("record show {record} --break-glass -p emergency -r Anak+hilang")).ok();
    let later = exposure(CLINICAL, "--since 2100-01-01");
    assert_eq!(later["did_open"]["records"], serde_json::json!([]));
    assert_eq!(later["could_open"]["classes"]["sealed"]["records"], 1);
}

#[test]
fn an_emergency_group_stands_in_no_other_quorum() {
    let world = World::new();
    let path = world.path().join("charter.toml");
    let charter = fs::read_to_string(&path).unwrap();
    let quorum = "reason = true\nbreak_glass = { any = 1, of = [\"handayani/head\"] }\n";
    fs::write(path, charter.replacen("reason = true\n", quorum, 1)).unwrap();
    run(&mut by(&world, REGISTRY), "--json charter check charter.toml").refused(3, "charter-emergency-group");
}

/// Who reads a draft before it is signed must see that a class opens in an emergency too.
#[test]
fn the_check_of_a_draft_says_who_opens_in_an_emergency() {
    let world = World::new();
    let path = world.path().join("charter.toml");
    let charter = fs::read_to_string(&path).unwrap();
    let group = "[[group]]\nid = \"handayani/emergency\"\nmembers = [\"handayani/budi\"]\n\n[[class]]\n";
    let quorum = "reason = true\nbreak_glass = { any = 1, of = [\"handayani/emergency\"] }\n";
    let with = charter.replacen("reason = true\n", quorum, 1).replacen("[[class]]\n", group, 1);
    fs::write(path, with).unwrap();
    let told = run(&mut by(&world, REGISTRY), "charter check charter.toml").ok();
    assert!(told.out.contains("in an emergency") && told.out.contains("handayani/emergency"), "{}", told.out);
    let told = run(&mut by(&world, REGISTRY), "charter check charter.toml --json").json();
    assert_eq!(told["break_glass"][0]["coalitions"][0][0], "handayani/emergency");
}
