//! Exports: complete, checked without the vault, going on from each other across crashes, and with
//! pseudonyms.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::{collections::BTreeSet, fs, path::Path};

use cmd::{amanah, by, copy, entries, run};
use common::{CLINICAL, REGISTRY, World};
use serde_json::Value as Json;

const FORMATS: [&str; 6] = ["jsonl", "csv", "ocsf", "fhir", "ecs", "cef"];

fn world() -> World {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    run(&mut by(&world, REGISTRY), "record add child child_code=A-1 full_name=Contoh -p registration").ok();
    run(&mut by(&world, REGISTRY), "record show A-1 -f full_name -p care").ok();
    run(&mut by(&world, CLINICAL), "record list child -p care").ok();
    world
}

fn export(world: &World, options: &str) -> Json {
    run(&mut amanah(world), &format!("audit export --vault vault {options} --json")).json()
}

fn check(world: &World, dir: &str, key: &str) -> cmd::Ran {
    // A key has `+` in it, which `run` would take for a blank.
    cmd::run_words(&mut amanah(world), &["audit", "check-export", dir, "--key", key, "--json"])
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(ToOwned::to_owned).collect()
}

#[test]
fn each_format_is_complete_and_checked_without_the_vault() {
    let world = world();
    let size = entries(&world).len() as u64;
    for format in FORMATS {
        let dir = format!("out-{format}");
        let answer = export(&world, &format!("--format {format} -o {dir}"));
        let key = answer["key"].as_str().unwrap();
        let found = check(&world, &dir, key).json();
        assert_eq!((&found["range"]["first"], &found["range"]["next"]), (&0.into(), &size.into()));
        assert_eq!(found["format"], format);
        // The lines are the ledger's own.
        let own = fs::read(world.vault_dir().join("ledger/000001.jsonl")).unwrap();
        assert_eq!(fs::read(world.path().join(&dir).join("ledger.jsonl")).unwrap(), own);
        assert!(!world.path().join(format!(".{dir}.partial")).exists());
        run(&mut amanah(&world), &format!("audit export --vault vault --format {format} -o {dir} --json"))
            .refused(3, "export-exists");
    }
    // Whoever changes the events can say that another version made them: nobody has compared them then.
    let manifest = world.path().join("out-csv/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"mapping\": 1,", "\"mapping\": 2,")).unwrap();
    let key = export(&world, "--format jsonl -o key")["key"].as_str().unwrap().to_owned();
    let told = check(&world, "out-csv", &key);
    told.refused(10, "export-not-compared");
    // A stretch of time, out of the middle.
    let time = |at: usize| entries(&world)[at]["time"].as_str().unwrap().to_owned();
    let answer = export(&world, &format!("--format ecs --since {} --until {} -o middle", time(1), time(3)));
    assert_eq!(
        (&answer["exports"][0]["range"]["first"], &answer["exports"][0]["range"]["next"]),
        (&1.into(), &3.into())
    );
    check(&world, "middle", answer["key"].as_str().unwrap()).ok();
    run(&mut amanah(&world), "audit export --vault vault --format ecs --until 2020-01-01 -o none --json")
        .refused(4, "export-nothing");
    assert!(!world.path().join("none").exists());
}

#[test]
fn what_was_changed_is_found() {
    let world = world();
    let key = export(&world, "--format ocsf --since 2020-01-01 -o good")["key"].as_str().unwrap().to_owned();
    let tampered = |change: &dyn Fn(&Path), code: &str| {
        let dir = world.path().join("bad");
        let _ = fs::remove_dir_all(&dir);
        copy(&world.path().join("good"), &dir);
        change(&dir);
        let exit = if code == "export-bad-manifest" { 3 } else { 7 };
        check(&world, "bad", &key).refused(exit, code);
    };
    let manifest =
        |dir: &Path| -> Json { serde_json::from_slice(&fs::read(dir.join("manifest.json")).unwrap()).unwrap() };
    let replace = |path: &Path, from: &str, to: &str| {
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    };
    // Puts a file in the place of another, and its digest and length into the manifest: as one would
    // who can change everything but the log's signature.
    let forge = |dir: &Path, name: &str, text: &str| {
        let old = manifest(dir);
        let file = old["files"].as_array().unwrap().iter().find(|file| file["name"] == name).unwrap().clone();
        fs::write(dir.join(name), text).unwrap();
        let digest = ring_sha256(text.as_bytes());
        let path = dir.join("manifest.json");
        replace(&path, file["sha256"].as_str().unwrap(), &digest);
        replace(&path, &format!("\"bytes\": {}", file["bytes"]), &format!("\"bytes\": {}", text.len()));
    };
    let text = |dir: &Path, name: &str| fs::read_to_string(dir.join(name)).unwrap();
    tampered(&|dir| replace(&dir.join("events.ocsf.jsonl"), "siti", "budi"), "export-file-changed");
    tampered(&|dir| fs::write(dir.join("more.txt"), "x").unwrap(), "export-file-changed");
    // The same bytes, which can be others by the time they are read again.
    let linked = |dir: &Path| {
        let (file, aside) = (dir.join("events.ocsf.jsonl"), dir.with_extension("aside"));
        fs::rename(&file, &aside).unwrap();
        std::os::unix::fs::symlink(&aside, &file).unwrap();
    };
    tampered(&linked, "export-file-changed");
    tampered(&|dir| replace(&dir.join("manifest.json"), "\"next\"", "\"nexd\""), "export-bad-manifest");
    tampered(&|dir| replace(&dir.join("manifest.json"), "  \"vault\"", " \"vault\""), "export-bad-manifest");
    tampered(
        &|dir| forge(dir, "events.ocsf.jsonl", &text(dir, "events.ocsf.jsonl").replacen("Read", "Rest", 1)),
        "export-events-differ",
    );
    // An entry left out, changed, moved; even if the manifest says so too.
    let own = |dir: &Path| text(dir, "ledger.jsonl");
    tampered(
        &|dir| {
            let all = own(dir);
            let rows: Vec<&str> = all.lines().collect();
            forge(dir, "ledger.jsonl", &format!("{}\n", rows[..rows.len() - 1].join("\n")));
        },
        "export-incomplete",
    );
    tampered(&|dir| forge(dir, "ledger.jsonl", &own(dir).replacen("registration", "care", 1)), "export-incomplete");
    tampered(
        &|dir| {
            let all = own(dir);
            let mut rows: Vec<&str> = all.lines().collect();
            rows.swap(1, 2);
            forge(dir, "ledger.jsonl", &format!("{}\n", rows.join("\n")));
        },
        "export-incomplete",
    );
    tampered(&|dir| forge(dir, "ledger.jsonl", own(dir).trim_end()), "export-incomplete");
    // Another log's word.
    let other = World::new();
    run(&mut by(&other, REGISTRY), "init vault").ok();
    let foreign = export(&other, "--format ocsf -o good")["key"].as_str().unwrap().to_owned();
    check(&world, "good", &foreign).refused(7, "export-other-log");
    check(&world, "good", &key).ok();
}

fn ring_sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&amanah::crypto::digest::sha256(&[bytes]))
}

#[test]
fn exports_go_on_and_a_crash_skips_and_repeats_nothing() {
    let world = world();
    let more = || {
        run(&mut by(&world, CLINICAL), "record list child -p care").ok();
    };
    let exports = world.path().join("exports");
    let size = entries(&world).len() as u64;
    let next = |world: &World| {
        let answer = export(world, "--format cef --incremental how-far -o exports");
        let ranges = answer["exports"].as_array().unwrap().iter();
        ranges
            .map(|one| (one["range"]["first"].as_u64().unwrap(), one["range"]["next"].as_u64().unwrap()))
            .collect::<Vec<_>>()
    };
    let how_far = world.path().join("how-far");
    assert_eq!(next(&world), [(0, size)]);
    assert_eq!(next(&world), []);
    let before = fs::read(&how_far).unwrap();
    more();
    // Killed before the folder was whole.
    let partial = exports.join(format!(".{size:012}.partial"));
    fs::create_dir(&partial).unwrap();
    fs::write(partial.join("ledger.jsonl"), "half of it").unwrap();
    assert_eq!(next(&world), [(size, size + 1)]);
    assert!(!partial.exists());
    // Killed after the folder was whole, before the state was written; then more happens.
    fs::write(&how_far, &before).unwrap();
    let found = cmd::tree(&exports);
    assert_eq!(next(&world), [(size, size + 1)]);
    assert_eq!(cmd::tree(&exports), found);
    fs::write(&how_far, &before).unwrap();
    more();
    assert_eq!(next(&world), [(size, size + 1), (size + 1, size + 2)]);
    // Killed while the state was being written.
    fs::write(world.path().join("how-far.new"), "{").unwrap();
    more();
    assert_eq!(next(&world), [(size + 2, size + 3)]);
    // Together they are the ledger, each entry once.
    let mut folders: Vec<_> = fs::read_dir(&exports).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let all: Vec<String> = folders.iter().flat_map(|folder| lines(&folder.join("ledger.jsonl"))).collect();
    assert_eq!(all, lines(&world.vault_dir().join("ledger/000001.jsonl")));
    // With the state gone, all are found again; what is of another format or past is refused.
    fs::remove_file(&how_far).unwrap();
    assert_eq!(next(&world).len(), 4);
    run(&mut amanah(&world), "audit export --vault vault --format ecs --incremental how-far -o exports --json")
        .refused(3, "export-other-state");
    fs::remove_file(&how_far).unwrap();
    run(&mut amanah(&world), "audit export --vault vault --format ecs --incremental how-far -o exports --json")
        .refused(3, "export-other-state");
    fs::write(&how_far, "{}").unwrap();
    run(&mut amanah(&world), "audit export --vault vault --format cef --incremental how-far -o exports --json")
        .refused(3, "export-bad-state");
    let text = String::from_utf8(before).unwrap();
    let root = serde_json::from_str::<Json>(&text).unwrap()["root"].as_str().unwrap().to_owned();
    let other = data_encoding::BASE64.encode(&[9; 32]);
    fs::write(&how_far, text.replace(&root, &other)).unwrap();
    run(&mut amanah(&world), "audit export --vault vault --format cef --incremental how-far -o exports --json")
        .refused(7, "export-other-past");
}

#[test]
fn two_recipients_see_different_pseudonyms_and_the_centre_finds_the_record() {
    let world = world();
    run(&mut amanah(&world), "audit pseudonym-key names.key").ok();
    let shown = run(&mut by(&world, REGISTRY), "record show A-1 -p care --json").json();
    let record = shown["record"].as_str().unwrap();
    let key = export(&world, "--format jsonl --recipient bssn --pseudonym-key names.key -o one")["key"]
        .as_str()
        .unwrap()
        .to_owned();
    for format in FORMATS {
        let dir = format!("for-{format}");
        export(&world, &format!("--format {format} --recipient kpai --pseudonym-key names.key -o {dir}"));
        check(&world, &dir, &key).ok();
        for (name, bytes) in cmd::tree(&world.path().join(dir)) {
            assert!(!String::from_utf8(bytes).unwrap().contains(record), "{name}");
        }
    }
    let pseudonyms = |dir: &str| -> BTreeSet<String> {
        let entries = lines(&world.path().join(dir).join("entries.jsonl"));
        let entries = entries.iter().map(|line| serde_json::from_str::<Json>(line).unwrap());
        let named = entries.flat_map(|entry| entry["subjects"].as_array().cloned().unwrap_or_default());
        named
            .flat_map(|subject| subject["records"].as_array().unwrap().clone())
            .map(|id| id.as_str().unwrap().to_owned())
            .collect()
    };
    let (one, other) = (pseudonyms("one"), pseudonyms("for-jsonl"));
    assert!(one.len() == 1 && other.len() == 1 && one.is_disjoint(&other));
    let pseudonym = one.first().unwrap();
    let resolve = |recipient: &str| {
        let line =
            format!("audit resolve {pseudonym} --recipient {recipient} --pseudonym-key names.key --vault vault --json");
        run(&mut amanah(&world), &line)
    };
    assert_eq!(resolve("bssn").json()["record"], record);
    resolve("kpai").refused(4, "export-no-pseudonym");
    resolve("K").refused(2, "export-bad-recipient");
    // An entry left out shows, though what the others say cannot be proved.
    let path = world.path().join("one/entries.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.split_once('\n').unwrap().1).unwrap();
    check(&world, "one", &key).refused(7, "export-file-changed");
}
