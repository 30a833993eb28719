//! `amanah init`, `charter` and `schema`: a vault is made, and what is wrong is told before it is.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::fs;

use amanah::{
    crypto::{
        identity::{Identity, Protection},
        random::SystemRandom,
    },
    custody::{Card, draft::READY},
};
use cmd::{amanah, by, run, tree};
use common::{HEAD, ITJEN, KPAI, PASSPHRASE, REGISTRY, World};
use secrecy::SecretString;
use serde_json::json;

#[test]
fn with_a_charter_and_with_none() {
    let world = World::new();
    let made = run(&mut by(&world, REGISTRY), "init vault --charter charter.toml --json").json();
    assert_eq!((&made["dir"], &made["charter"]), (&"vault".into(), &1.into()));
    let shown = run(&mut amanah(&world), "charter show --vault vault --json").json();
    assert_eq!(shown["vault"], made["vault"]);
    let again = run(&mut by(&world, REGISTRY), "init vault --charter charter.toml --json");
    assert_eq!(again.refused(3, "vault-not-empty"), "vault exists already and is not an empty folder");
    run(&mut by(&world, REGISTRY), "audit verify").ok();

    // The ready charter, with the cards in ./cards.
    let made = run(&mut by(&world, HEAD), "init second").ok();
    assert!(made.err.contains("no charter was given: the ready one is used"), "{}", made.err);
    assert!(made.out.contains("handayani/head + kpai/reviewers"), "{}", made.out);
    run(&mut amanah(&world), "audit verify --vault second").ok();
    fs::remove_file(world.path().join("cards/itjen-dewi.card")).unwrap();
    let error = run(&mut by(&world, HEAD), "init third --json").refused(3, "draft-unreadable");
    assert!(error.contains("cards/itjen-dewi.card"), "{error}");
    assert!(!world.path().join("third").exists());
}

#[test]
fn bad_charters() {
    let world = World::new();
    run(&mut by(&world, KPAI), "keys group kpai/readers cards/kpai-ani.card -o cards/readers.group").ok();
    let centre = r#"{ any = 1, of = ["handayani/registry", "handayani/head"] }"#;
    let sealed = r#"{ any = 2, of = ["handayani/head", "kpai/reviewers"] }"#;
    for (from, to, code, sentence) in [
        (
            centre,
            r#"{ any = 1, of = ["handayani/registri"] }"#,
            "charter-unknown-group",
            "[[class]] identity names the group handayani/registri, which the charter does not define",
        ),
        (
            centre,
            r#"{ any = 3, of = ["handayani/registry", "handayani/head"] }"#,
            "charter-unmeetable",
            "a quorum of [[class]] identity wants 3 of 2, which nobody can meet",
        ),
        (
            sealed,
            r#"{ any = 1, of = ["handayani/head", "kpai/reviewers"] }"#,
            "charter-sealed-alone",
            "the class sealed could be opened by kpai alone (kpai/reviewers): it wants two bodies",
        ),
        (
            "# --- What for",
            "[[class]]\nid = \"lost\"\nquorums = []\n# --- What for",
            "charter-nobody-opens",
            "nobody can open the class lost: it has no quorum",
        ),
        (
            "[[member]]\ncard = \"cards/itjen-dewi.card\"",
            "[[member]]\ncard = \"cards/itjen-dewi.card\"\n[[member]]\ncard = \"cards/itjen-dewi.card\"",
            "charter-twice",
            "[[member]] itjen/dewi is there twice",
        ),
        (
            "members = [\"handayani/siti\"]",
            "members = [\"handayani/siti\", \"handayani/siti\"]",
            "charter-twice",
            "[[group]] handayani/registry: handayani/siti is there twice",
        ),
        (
            "key = \"cards/kpai-reviewers.group\"",
            "",
            "charter-overseer-key",
            "the oversight group kpai/reviewers has no key file: its own body makes it, so that the centre never holds it",
        ),
        (
            "key = \"cards/kpai-reviewers.group\"",
            "key = \"cards/readers.group\"",
            "charter-other-group-key",
            "the key file of kpai/reviewers is for another group, or for other members than the charter names",
        ),
        ("Asia/Jakarta", "Asia/Jakata", "charter-time-zone", ""),
        ("[amendment]\nany = 2", "[amendment]\nany = 1", "charter-amended-alone", ""),
        ("[amendment]", "[amendmend]", "draft-malformed", ""),
    ] {
        assert!(READY.contains(from), "{from}");
        fs::write(world.path().join("charter.toml"), READY.replacen(from, to, 1)).unwrap();
        for line in ["charter check charter.toml", "init vault --charter charter.toml"] {
            let ran = run(&mut by(&world, REGISTRY), &format!("{line} --json"));
            let told = ran.refused(3, code);
            assert!(told.contains(sentence), "{told}");
            assert!(!world.vault_dir().exists());
        }
    }
    fs::write(world.path().join("charter.toml"), READY).unwrap();
    let sound = run(&mut amanah(&world), "charter check charter.toml --json").json();
    let sealed = sound["classes"].as_array().unwrap().iter().find(|class| class["class"] == "sealed").unwrap();
    assert_eq!(sealed["coalitions"].as_array().unwrap().len(), 3);
    run(&mut amanah(&world), "charter check nowhere.toml --json").refused(3, "file-unreadable");
    // Who founds a vault is in its charter.
    fs::write(world.path().join("charter.toml"), READY.replace("\"handayani/siti\"", "\"handayani/ratna\"")).unwrap();
    run(&mut by(&world, REGISTRY), "init vault --charter charter.toml --json").refused(5, "vault-no-group");
    assert!(!world.vault_dir().exists());
}

/// The signed text has an end before the number of members has: that is told before anything is made.
#[test]
fn more_members_than_a_charter_or_a_group_holds_are_refused() {
    let world = World::new();
    let mut random = SystemRandom::new();
    let names: Vec<String> = (0..450).map(|n| format!("handayani/m{n}")).collect();
    let mut files = Vec::new();
    for name in &names {
        let identity = Identity::generate(name, &mut random).unwrap();
        let card = Card::make(name, identity.recipient().unwrap(), &identity.signing, amanah::clock::now()).unwrap();
        files.push(format!("cards/{}.card", name.replace('/', "-")));
        fs::write(world.path().join(files.last().unwrap()), card.to_bytes()).unwrap();
    }
    let write = |count: usize, group: &str| {
        let cards: String = files[..count].iter().map(|file| format!("[[member]]\ncard = \"{file}\"\n")).collect();
        let all = READY.replacen("[[group]]", &format!("{cards}{group}[[group]]"), 1);
        fs::write(world.path().join("charter.toml"), all).unwrap();
    };
    write(450, "");
    for line in ["charter check charter.toml --json", "init vault --charter charter.toml --json"] {
        run(&mut by(&world, REGISTRY), line).refused(3, "charter-too-long");
    }
    // One group of many, although the charter itself would hold them.
    write(230, &format!("[[group]]\nid = \"handayani/all\"\nmembers = {:?}\n", &names[..230]));
    let many = run(&mut by(&world, REGISTRY), "init vault --charter charter.toml --json");
    assert!(many.refused(3, "group-key-too-long").contains("handayani/all"));
    let line = format!("keys group handayani/all {} -o all.group --json", files[..230].join(" "));
    run(&mut by(&world, REGISTRY), &line).refused(3, "group-key-too-long");
    assert!(!world.vault_dir().exists() && !world.path().join("all.group").exists());
}

#[test]
fn charter_and_schema_are_shown() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    let shown = run(&mut by(&world, REGISTRY), "charter show").ok().out;
    for word in ["Sentra Handayani", "handayani/head + kpai/reviewers", "kpai/ani", "case_conference", "Asia/Jakarta"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    let shown = run(&mut by(&world, REGISTRY), "charter show --lang id").ok().out;
    assert!(shown.contains("Pengasuhan dan terapi"), "{shown}");
    let shown = run(&mut by(&world, REGISTRY), "charter show --json").json();
    for member in ["name", "vault", "version", "time_zone", "log", "digest", "bodies", "groups", "members", "classes"] {
        assert!(!shown[member].is_null(), "{member}");
    }
    // What each body notes when the vault is made, and compares when it takes the charters in.
    let fingerprint = shown["fingerprint"].as_str().unwrap();
    let exported = run(&mut by(&world, REGISTRY), "charter export -o charters --json").json();
    assert_eq!(exported["fingerprint"], fingerprint);
    assert!(run(&mut by(&world, REGISTRY), "charter show").ok().out.contains(fingerprint));
    let signed = run(&mut by(&world, REGISTRY), "charter show --toml").ok().out;
    assert!(signed.contains("\n\u{2014} handayani/siti "), "{signed}");
    assert_eq!(run(&mut amanah(&world), "charter template").ok().out, READY);

    let shown = run(&mut by(&world, REGISTRY), "schema show child").ok().out;
    assert!(shown.contains("Child (child)") && shown.contains("full_name") && shown.contains("required; unique"));
    let shown = run(&mut by(&world, REGISTRY), "schema show Anak --lang id").ok().out;
    assert!(shown.contains("Nama lengkap"), "{shown}");
    let shown = run(&mut by(&world, REGISTRY), "schema show child --json").json();
    assert_eq!(shown[0]["id"], "child");
    let error = run(&mut by(&world, REGISTRY), "schema show dog --json").refused(3, "vault-unknown-kind");
    assert!(error.contains("family, member, child"), "{error}");
    let template = run(&mut amanah(&world), "schema template").ok().out;
    assert_eq!(run(&mut by(&world, REGISTRY), "schema show --toml").ok().out, template);
    run(&mut amanah(&world), "schema template other --json").refused(4, "schema-no-template");
}

#[test]
fn the_schema_is_amended() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    run(&mut by(&world, REGISTRY), "record add child child_code=A-1 full_name=Contoh").ok();
    let old = run(&mut by(&world, REGISTRY), "schema show --toml").ok().out;
    let write = |text: &str| fs::write(world.path().join("schema.toml"), text).unwrap();
    let second = old.replace("version = 1", "version = 2");
    for (text, code) in [
        (old.clone(), "schema-next-version"),
        (second.replace("id = \"alias\"", "id = \"nickname\""), "schema-next-field-removed"),
        (second.replacen("class = \"identity\"", "class = \"personal\"", 1), "schema-next-class"),
        (second.replacen("id = \"alias\"", "id = \"alias\"\nrequired = true", 1), "schema-next-required"),
        (second.replace("schema = \"sentra\"", "schema = \"other\""), "schema-next-name"),
        (second.replacen("class = \"identity\"", "class = \"secret\"", 1), "schema-next-class"),
        ("schema = ".to_owned(), "schema-syntax"),
    ] {
        write(&text);
        let before = cmd::entries(&world).len();
        run(&mut by(&world, REGISTRY), "schema check schema.toml --json").refused(3, code);
        run(&mut by(&world, REGISTRY), "schema amend schema.toml --json").refused(3, code);
        assert_eq!(cmd::entries(&world).len(), before, "{code}");
    }
    let field = "\n[[kind.field]]\nid = \"shoe_size\"\nlabel = { en = \"Shoe size\", id = \"Ukuran sepatu\" }\ntype = \"integer\"\nclass = \"personal\"\n";
    write(&format!("{second}{field}"));
    let checked = run(&mut by(&world, REGISTRY), "schema check schema.toml --json").json();
    assert_eq!(checked, json!({ "sound": true, "schema": "sentra", "version": 2, "follows": true }));
    let checked = run(&mut amanah(&world), "schema check schema.toml --json").json();
    assert_eq!(checked["follows"], false);
    run(&mut by(&world, common::CLINICAL), "schema amend schema.toml --json").refused(5, "vault-may-not");
    let amended = run(&mut by(&world, REGISTRY), "schema amend schema.toml --json").json();
    assert_eq!(amended, json!({ "schema": "sentra", "version": 2 }));
    assert!(run(&mut by(&world, REGISTRY), "schema show closure").ok().out.contains("Shoe size"));
    let shown = run(&mut by(&world, REGISTRY), "record show A-1 -p care --json").json();
    assert_eq!(shown["fields"]["full_name"], "Contoh");
    run(&mut by(&world, REGISTRY), "audit verify").ok();
}

#[test]
fn a_vault_of_a_newer_format_is_left_as_it_is() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    let marker = world.path().join("vault/vault.json");
    let text = fs::read_to_string(&marker).unwrap();
    assert!(text.contains("\"vault/1\""), "{text}");
    fs::write(&marker, text.replace("vault/1", "vault/2")).unwrap();
    let before = tree(world.path());
    for line in
        ["record list child -p care", "record add child child_code=A-1 full_name=C", "audit verify", "audit log"]
    {
        run(&mut by(&world, REGISTRY), &format!("{line} --json")).refused(10, "vault-newer");
        assert!(tree(world.path()) == before, "{line} changed something");
    }
    fs::write(&marker, "hello").unwrap();
    run(&mut by(&world, REGISTRY), "audit verify --json").refused(7, "vault-bad-marker");
}

#[test]
fn no_vault_no_member_others_keys() {
    let world = World::new();
    for line in ["record list child -p care", "record add child x=y", "audit log", "audit verify", "charter show"] {
        run(&mut by(&world, REGISTRY), &format!("{line} --json")).refused(4, "vault-none");
        run(&mut amanah(&world), &format!("{line} --json")).refused(2, "cli-no-vault");
        assert!(!world.vault_dir().exists());
    }
    run(&mut by(&world, REGISTRY), "init vault").ok();
    run(by(&world, REGISTRY).env_remove("AMANAH_IDENTITY"), "record list child -p care --json")
        .refused(2, "cli-no-identity");
    run(&mut by(&world, "handayani/nobody"), "record list child -p care --json").refused(3, "file-unreadable");
    for (member, code) in [("handayani/tono", "vault-not-a-member"), (KPAI, "vault-other-keys")] {
        let identity = Identity::generate(member, &mut SystemRandom::new()).unwrap();
        let passphrase = SecretString::from(PASSPHRASE.to_owned());
        let file = identity.to_file(&Protection::Passphrase(&passphrase, 2)).unwrap();
        fs::write(world.path().join(cmd::key(member)), file).unwrap();
        for line in ["record list child -p care", "record add child child_code=A full_name=B"] {
            let error = run(&mut by(&world, member), &format!("{line} --json")).refused(5, code);
            assert!(error.contains(member), "{error}");
            // Nobody has to make the store anew because of them.
            assert!(!world.vault_dir().join("store/DIRTY").exists(), "{line}");
        }
    }
    // The Inspektorat Jenderal may look, and sees only seals; it may not write.
    run(&mut by(&world, ITJEN), "record add child child_code=A full_name=B --json").refused(5, "vault-may-not");
}
