//! The record of destruction: written by who erases, in both languages, and it names nobody.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::{fs, os::unix::fs::PermissionsExt as _};

use cmd::{amanah, by, run};
use common::{HEAD, REGISTRY, World};

const NAME: &str = "Melati";

/// A vault with so many children.
fn world(confirm: bool, children: usize) -> (World, Vec<String>) {
    let world = World::new();
    if !confirm {
        let path = world.path().join("charter.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("confirm = true"));
        fs::write(path, text.replace("confirm = true", "confirm = false")).unwrap();
    }
    run(&mut by(&world, REGISTRY), "init vault --charter charter.toml").ok();
    let add = |at| {
        let line = format!("record add child child_code=A-{at} full_name={NAME}{at} -p registration --json");
        run(&mut by(&world, REGISTRY), &line).json()["record"].as_str().unwrap().to_owned()
    };
    let children = (1..=children).map(add).collect();
    (world, children)
}

fn ask(world: &World, record: &str, ground: &str) -> u64 {
    let line = format!("record erase {record} --ground {ground} --certificate early --json");
    let asked = run(&mut by(world, REGISTRY), &line).json()["entries"][0].as_u64().unwrap();
    assert!(!world.path().join("early").exists(), "nothing is erased, so nothing is certified");
    asked
}

fn size(world: &World) -> usize {
    run(&mut amanah(world), "audit log --vault vault --json --limit 1000").json().as_array().unwrap().len()
}

#[test]
fn who_confirms_writes_it_in_their_language() {
    let (world, children) = world(true, 2);
    run(&mut by(&world, REGISTRY), &format!("record edit {} alias=Adik -p care", children[0])).ok();
    let asked = [ask(&world, &children[0], "request"), ask(&world, &children[1], "mistake")];
    let before = size(&world);
    // One that is there, or has no place, stops it before anything is erased.
    fs::write(world.path().join("there.html"), "kept").unwrap();
    for (file, exit, code) in [("there.html", 3, "file-exists"), ("nowhere/a.html", 9, "file-unwritable")] {
        let line = format!("record erase --confirm {} --yes --certificate {file} --json", asked[0]);
        run(&mut by(&world, HEAD), &line).refused(exit, code);
    }
    assert_eq!(fs::read_to_string(world.path().join("there.html")).unwrap(), "kept");
    let line = "record erase --confirm 0 --yes --certificate refused.txt --json";
    run(&mut by(&world, HEAD), line).refused(4, "vault-no-erasure-asked");
    assert!(!world.path().join("refused.txt").exists());
    assert_eq!(size(&world), before);

    let line = format!(
        "record erase --confirm {} --confirm {} --confirm {} --yes --certificate acara.html --lang id --json",
        asked[1], asked[0], asked[1]
    );
    let done = run(&mut by(&world, HEAD), &line).json();
    assert_eq!(done["certificate"], "acara.html");
    let path = world.path().join("acara.html");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let page = fs::read_to_string(path).unwrap();
    for part in [
        "<html lang=\"id\">",
        "Berita Acara Pemusnahan Data",
        "Asia/Jakarta",
        "Diminta oleh",
        "Disahkan dan dihapus oleh",
        "diminta oleh anak, atau oleh yang mewakili anak (request)",
        "dimasukkan karena keliru (mistake)",
        &format!("{REGISTRY} (kelompok handayani/registry), entri {}", asked[0]),
        &format!("{HEAD} (kelompok handayani/head), entri {}", done["entries"][1]),
        &format!("<td>{}</td><td>Anak</td><td>2</td>", children[0]),
        &format!("<td>{}</td><td>Anak</td><td>1</td>", children[1]),
        &format!("<td>{}</td>", done["items"]),
        "Buku besar tidak mencatat cadangan",
        "Saksi",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    // However they were typed, each stands with what asked for it.
    let acts: Vec<&str> = page.split("Diminta oleh</th>").skip(1).collect();
    for (at, ground) in ["(request)", "(mistake)"].into_iter().enumerate() {
        let entries = [asked[at], done["entries"][at].as_u64().unwrap()].map(|entry| format!("entri {entry},"));
        assert!(entries.iter().all(|entry| acts[at].contains(entry)) && acts[at].contains(ground), "{}", acts[at]);
    }
    assert!(!page.contains(NAME) && !page.contains("A-1") && !page.contains("<script"), "{page}");
    for outside in ["http:", "https:", "src=", "href="] {
        assert!(!page.contains(outside), "{outside}");
    }
    run(&mut amanah(&world), "audit verify --vault vault").ok();
}

#[test]
fn plain_text_names_the_backups_and_the_root() {
    let (world, children) = world(false, 1);
    let key = amanah::crypto::age_wrap::DecryptionKey::generate().unwrap();
    fs::write(world.path().join("to"), format!("{}\n", key.recipient().unwrap())).unwrap();
    let made = run(&mut by(&world, REGISTRY), "backup create copies --to to --json").json();
    let line = format!("record erase {} --ground order --yes --certificate record.txt --lang en", children[0]);
    let said = run(&mut by(&world, REGISTRY), &line).ok();
    assert!(said.err.contains("to be printed and signed: record.txt"), "{}", said.err);
    let text = fs::read_to_string(world.path().join("record.txt")).unwrap();
    let last = size(&world) - 1;
    let backup = format!("backup {} still holds it, until {}", made["backup"], made["until"]).replace('"', "");
    for part in [
        "Record of destruction of data\n",
        "a court or another authority ordered it (order)",
        &format!("Erased by: {REGISTRY} (group handayani/registry), entry {last}, "),
        &format!("Entries of the ledger: {last}\n"),
        &format!("  {}  {:<24}  1\n", children[0], "Child"),
        &backup,
        "\nWitness\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("Asked for by") && !text.contains(NAME), "{text}");
    // The root is the one that everybody else gets from the ledger.
    let root =
        text.lines().find_map(|line| line.strip_prefix(&*format!("Root of the ledger with {} entries: ", last + 1)));
    let checkpoint = fs::read_to_string(world.path().join("vault/checkpoint")).unwrap();
    assert_eq!(checkpoint.lines().nth(1), Some(&*(last + 1).to_string()));
    assert!(root.is_some() && root == checkpoint.lines().nth(2), "{root:?} {checkpoint}");
}
