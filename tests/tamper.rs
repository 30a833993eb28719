//! Somebody with a hand in the vault's folder, and perhaps a key of their own, changes what is
//! there. Each test's name says who finds it, and when.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use amanah::{
    crypto::{note::Note, sign::SigningKey},
    id::Id,
    ledger::{Checkpoint, Entry, EntryDraft, Frontier, Line, LogPosition, Subject, checkpoint, entry::Owner, log},
    store::{
        Batch, Kv,
        journal::{self, Payload, Position},
        sled::SledStore,
    },
    vault::{
        Findings, Vault, VaultError, rows, verify,
        versions::{self, Version, Versions},
    },
};
use common::{
    CARE, HEAD, REGISTRY, World,
    faults::{child, copy, mark, options, renamed},
};

/// A vault with two children, the first of them edited once, closed.
struct Scene {
    world: World,
    id: Id,
    a: Id,
    b: Id,
}

impl Scene {
    fn new() -> Scene {
        let world = World::new();
        let (mut vault, mut siti) = world.found();
        let draft = child(&vault, "A", "a-old");
        let a = vault.create_record(&mut siti, CARE, "child", &draft).unwrap().record;
        let draft = child(&vault, "B", "b");
        let b = vault.create_record(&mut siti, CARE, "child", &draft).unwrap().record;
        let draft = renamed(&vault, "a-new");
        vault.update_record(&mut siti, CARE, &a, &draft).unwrap();
        let id = *vault.id();
        vault.close(&mut siti).unwrap();
        let scene = Scene { world, id, a, b };
        assert_eq!(scene.open_error(), None);
        scene
    }

    fn dir(&self) -> PathBuf {
        self.world.vault_dir()
    }

    fn ledger(&self) -> PathBuf {
        self.dir().join("ledger/000001.jsonl")
    }

    fn lines(&self) -> Vec<String> {
        fs::read_to_string(self.ledger()).unwrap().lines().map(str::to_owned).collect()
    }

    fn write_lines(&self, lines: &[String]) {
        fs::write(self.ledger(), lines.join("\n") + "\n").unwrap();
    }

    /// One more read, so that the ledger grows.
    fn read_on(&self) {
        let (mut vault, mut siti) = self.world.open(REGISTRY);
        vault.read_record(&mut siti, CARE, &self.a, None, None).unwrap();
        vault.close(&mut siti).unwrap();
    }

    /// What opening says, in the code of its error. What opens is left closed.
    fn open_error(&self) -> Option<&'static str> {
        let opened = Vault::open(&self.dir(), &self.world.options());
        match opened {
            Ok(vault) => {
                vault.leave().unwrap();
                None
            }
            Err(error) => Some(code(&error)),
        }
    }

    /// What opening says to a machine that has never seen the vault.
    fn open_error_elsewhere(&self) -> Option<&'static str> {
        let elsewhere = tempfile::tempdir().unwrap();
        match Vault::open(&self.dir(), &options(elsewhere.path())) {
            Ok(vault) => {
                vault.leave().unwrap();
                None
            }
            Err(error) => Some(code(&error)),
        }
    }

    /// What verifying says, on a copy: what it does to the store must not help the next one.
    fn verify(&self) -> Result<Findings, VaultError> {
        let copied = self.world.path().join("verified");
        copy(&self.dir(), &copied);
        verify(&copied, &self.world.options())
    }

    fn verify_error(&self) -> Option<&'static str> {
        self.verify().err().map(|error| code(&error))
    }

    /// Changes rows of the closed store, and closes it again, so that it looks untouched.
    fn in_store(&self, change: impl FnOnce(&SledStore)) {
        let store = SledStore::open(&self.dir().join("store")).unwrap();
        change(&store);
        store.close().unwrap();
    }

    fn read(&self, record: &Id, version: Option<u64>) -> Result<String, VaultError> {
        let mut vault = Vault::open(&self.dir(), &self.world.options())?;
        assert!(!vault.was_rebuilt(), "the attack must meet the store as it was left");
        let mut siti = vault.admit(self.world.identity(REGISTRY))?;
        let shown = vault.read_record(&mut siti, CARE, record, None, version);
        vault.close(&mut siti).unwrap();
        Ok(mark(&shown?))
    }
}

fn code(error: &VaultError) -> &'static str {
    amanah::problem::Problem::code(error)
}

fn put(store: &SledStore, rows: &[(&[u8], Option<&[u8]>)]) {
    let mut batch = Batch::default();
    for (key, value) in rows {
        match value {
            Some(value) => batch.insert(*key, *value),
            None => batch.remove(*key),
        }
    }
    store.apply(batch).unwrap();
}

/// Changes what the store knows of versions, in good order otherwise.
fn change_versions(store: &SledStore, change: impl FnOnce(&mut Vec<Version>)) {
    let mut versions = Vec::new();
    Versions::check(store, |entry| versions.push(Version::decode(entry))).unwrap().unwrap();
    let mut batch = Batch::default();
    store.scan(&[versions::SPACE]).for_each(|row| batch.remove(row.unwrap().0));
    store.apply(batch).unwrap();
    change(&mut versions);
    let mut batch = Batch::default();
    let get = &|key: &[u8]| Ok(store.get(key)?);
    let entries = versions.iter().map(|version| version.encode().unwrap()).collect();
    Versions::load(get).unwrap().add(&[entries], get, &mut batch).unwrap();
    store.apply(batch).unwrap();
}

fn find(versions: &[Version], record: Id, number: u64) -> Version {
    *versions.iter().find(|version| (version.record, version.version) == (record, number)).unwrap()
}

fn find_mut(versions: &mut [Version], record: Id, number: u64) -> &mut Version {
    versions.iter_mut().find(|version| (version.record, version.version) == (record, number)).unwrap()
}

fn lose(store: &SledStore, record: Id, number: u64) {
    change_versions(store, |versions| versions.retain(|own| (own.record, own.version) != (record, number)));
}

/// Lets two versions stand where the other does.
fn swap(store: &SledStore, one: (Id, u64), other: (Id, u64)) {
    change_versions(store, |versions| {
        let (first, second) = (find(versions, one.0, one.1), find(versions, other.0, other.1));
        *find_mut(versions, one.0, one.1) = Version { record: one.0, version: one.1, ..second };
        *find_mut(versions, other.0, other.1) = Version { record: other.0, version: other.1, ..first };
    });
}

/// An entry as it is, to be changed and signed by somebody.
fn draft_of(entry: &Entry) -> EntryDraft {
    let Entry { seq, time, actor, group, action, purpose, subjects, payload, outcome, detail, charter, tree, .. } =
        entry.clone();
    EntryDraft {
        seq,
        time,
        actor,
        group,
        action,
        purpose,
        subjects,
        payload,
        outcome,
        detail,
        charter,
        root: tree.root,
    }
}

fn parse(line: &str) -> Entry {
    Line::parse(line.as_bytes()).unwrap().entry().clone()
}

fn text(line: &Line) -> String {
    String::from_utf8(line.bytes().to_vec()).unwrap()
}

// --- the ledger ---------------------------------------------------------------------------------

#[test]
fn last_lines_cut_is_found_by_opening_and_by_verify_on_any_machine() {
    for cut in 1..3 {
        let scene = Scene::new();
        let lines = scene.lines();
        scene.write_lines(&lines[..lines.len() - cut]);
        // The checkpoint in the vault is enough: no memory is needed.
        assert_eq!(scene.verify_error(), Some("vault-rolled-back"));
        assert_eq!(scene.open_error_elsewhere(), Some("vault-rolled-back"));
        assert_eq!(scene.open_error(), Some("vault-rolled-back"));
        // It is refused again and again, not once.
        assert_eq!(scene.open_error(), Some("vault-rolled-back"));
    }
}

#[test]
fn last_lines_cut_and_checkpoint_deleted_is_found_by_opening_and_by_verify_where_the_vault_was_seen() {
    let scene = Scene::new();
    let lines = scene.lines();
    scene.write_lines(&lines[..lines.len() - 1]);
    fs::remove_file(scene.dir().join("checkpoint")).unwrap();
    assert_eq!(scene.verify_error(), Some("vault-rolled-back"));
    assert_eq!(scene.open_error(), Some("vault-rolled-back"));
}

#[test]
fn a_part_of_the_last_line_cut_is_found_by_opening_and_by_verify() {
    let scene = Scene::new();
    let bytes = fs::read(scene.ledger()).unwrap();
    fs::write(scene.ledger(), &bytes[..bytes.len() - 20]).unwrap();
    assert_eq!(scene.verify_error(), Some("vault-rolled-back"));
    assert_eq!(scene.open_error(), Some("vault-rolled-back"));
}

#[test]
fn two_lines_swapped_is_found_by_verify() {
    let scene = Scene::new();
    let mut lines = scene.lines();
    lines.swap(1, 2);
    scene.write_lines(&lines);
    assert_eq!(scene.verify_error(), Some("ledger-damaged"));
}

#[test]
fn a_line_removed_is_found_by_verify_and_by_opening() {
    for which in [0, 1, 2] {
        let scene = Scene::new();
        let mut lines = scene.lines();
        lines.remove(which);
        scene.write_lines(&lines);
        assert_eq!(scene.verify_error(), Some("ledger-damaged"));
        assert_eq!(scene.open_error(), Some("ledger-damaged"), "the ledger is shorter than what was applied");
    }
}

#[test]
fn a_line_doubled_is_found_by_verify() {
    let scene = Scene::new();
    let mut lines = scene.lines();
    lines.insert(2, lines[1].clone());
    scene.write_lines(&lines);
    assert_eq!(scene.verify_error(), Some("ledger-damaged"));
}

#[test]
fn a_line_edited_without_a_key_is_found_by_verify() {
    let scene = Scene::new();
    let mut lines = scene.lines();
    lines[1] = lines[1].replace("\"purpose\":\"care\"", "\"purpose\":\"aftercare\"");
    scene.write_lines(&lines);
    assert!(scene.verify_error().is_some());
}

/// An officer rewrites an entry of their own, and signs it with their own key.
fn resign(scene: &Scene, lines: &mut [String], which: usize) {
    let siti = scene.world.identity(REGISTRY);
    let mut draft = draft_of(&parse(&lines[which]));
    assert_eq!(draft.actor, REGISTRY);
    draft.purpose = Some("aftercare".into());
    lines[which] = text(&Line::sign(draft, &siti.signing, &scene.id).unwrap());
}

#[test]
fn a_line_edited_and_signed_again_by_its_officer_is_found_by_verify() {
    let scene = Scene::new();
    let mut lines = scene.lines();
    resign(&scene, &mut lines, 1);
    scene.write_lines(&lines);
    assert_eq!(scene.verify_error(), Some("vault-bad-entry"), "the next entry names another tree");
}

#[test]
fn an_entry_that_names_other_fields_or_owners_than_were_written_is_found_by_verify() {
    let scene = Scene::new();
    let whole = scene.lines();
    let siti = scene.world.identity(REGISTRY);
    let changes: [fn(&mut Subject, Id); 3] = [
        |subject, _| drop(subject.fields.pop_first()),
        |subject, _| subject.fields.values_mut().for_each(|fields| fields.push("nik".into())),
        |subject, b| subject.of = vec![Owner(Some(b))],
    ];
    for change in changes {
        let mut lines = whole.clone();
        let mut draft = draft_of(&parse(&lines[lines.len() - 1]));
        change(&mut draft.subjects[0], scene.b);
        *lines.last_mut().unwrap() = text(&Line::sign(draft, &siti.signing, &scene.id).unwrap());
        scene.write_lines(&lines);
        // Said before the checkpoint is looked at: another log key would not hide it.
        assert_eq!(scene.verify_error(), Some("vault-bad-entry"));
    }
    scene.write_lines(&whole);
    assert_eq!(scene.verify_error(), None);
}

#[test]
fn the_last_line_edited_and_signed_again_by_its_officer_is_found_by_opening_and_by_verify() {
    let scene = Scene::new();
    let mut lines = scene.lines();
    let last = lines.len() - 1;
    resign(&scene, &mut lines, last);
    scene.write_lines(&lines);
    assert_eq!(scene.verify_error(), Some("vault-forked"));
    assert_eq!(scene.open_error(), Some("vault-forked"));
}

/// Signs everything from `from` on again, each line by the same officer, in an unbroken tree.
fn rewrite(scene: &Scene, from: usize) -> Frontier {
    let mut lines = scene.lines();
    resign(scene, &mut lines, from);
    let siti = scene.world.identity(REGISTRY);
    let mut tree = Frontier::new();
    for (at, line) in lines.iter_mut().enumerate() {
        if at > from {
            let draft = EntryDraft { root: tree.root(), ..draft_of(&parse(line)) };
            *line = text(&Line::sign(draft, &siti.signing, &scene.id).unwrap());
        }
        tree.push(line.as_bytes());
    }
    scene.write_lines(&lines);
    tree
}

#[test]
fn a_whole_end_rewritten_by_its_officer_is_found_by_verify_and_by_opening() {
    let scene = Scene::new();
    rewrite(&scene, 1);
    assert_eq!(scene.verify_error(), Some("vault-forked"));
    assert_eq!(scene.open_error(), Some("vault-forked"));
    assert_eq!(scene.open_error_elsewhere(), Some("vault-forked"), "the checkpoint in the vault is enough");
}

#[test]
fn a_whole_end_rewritten_with_a_new_checkpoint_is_found_by_verify_and_by_opening_where_it_was_seen() {
    let scene = Scene::new();
    let tree = rewrite(&scene, 1);
    // Every group holds the log key, so an officer who breaks their client open can sign this.
    let head = Checkpoint { size: tree.size(), root: tree.root() };
    let note = head.sign(&scene.id, &log_key(&scene)).unwrap().to_bytes();
    fs::write(scene.dir().join("checkpoint"), note).unwrap();
    assert_eq!(scene.verify_error(), Some("vault-forked"));
    assert_eq!(scene.open_error(), Some("vault-forked"));
    // Where the vault was never seen, this is a ledger like any other: the witnesses of the
    // checkpoint are other machines.
}

/// The log's key, taken out of the vault with an officer's key as the format says.
fn log_key(scene: &Scene) -> SigningKey {
    use amanah::{
        crypto::age_wrap,
        custody::GroupKey,
        vault::item::{Item, find_wrapped},
    };
    let siti = scene.world.identity(REGISTRY);
    let mut reader = journal::Reader::new(&scene.dir().join("journal"), Position::START).unwrap();
    let (mut group, mut wrapped) = (None, None);
    for item in reader.next_payload().unwrap().unwrap().items {
        let journal::Item::Live(bytes) = item else { continue };
        match Item::decode(&bytes).unwrap() {
            Item::GroupKey(note) => {
                let key = GroupKey::parse(&note).unwrap();
                if key.group == "handayani/registry" {
                    group = Some(key.unwrap(REGISTRY, &siti.decryption).unwrap());
                }
            }
            Item::LogKey(files) => wrapped = find_wrapped(&files, "handayani/registry").map(<[u8]>::to_vec),
            _ => {}
        }
    }
    SigningKey::from_seed(&age_wrap::unwrap(&group.unwrap(), &wrapped.unwrap()).unwrap()).unwrap()
}

#[test]
fn an_entry_in_the_name_of_another_is_found_by_opening_and_by_verify() {
    let scene = Scene::new();
    let mut lines = scene.lines();
    let mut tree = Frontier::new();
    lines.iter().for_each(|line| drop(tree.push(line.as_bytes())));
    // Siti reads, and writes down that it was Ratna.
    let draft = EntryDraft {
        seq: tree.size(),
        root: tree.root(),
        actor: HEAD.into(),
        group: "handayani/head".into(),
        payload: None,
        ..draft_of(&parse(&lines[1]))
    };
    lines.push(text(&Line::sign(draft, &scene.world.identity(REGISTRY).signing, &scene.id).unwrap()));
    scene.write_lines(&lines);
    assert_eq!(scene.verify_error(), Some("vault-bad-entry"));
    assert_eq!(scene.open_error(), Some("vault-bad-entry"));
}

#[test]
fn the_ledger_file_deleted_is_found_by_opening_and_by_verify() {
    let scene = Scene::new();
    fs::remove_file(scene.ledger()).unwrap();
    assert_eq!((scene.verify_error(), scene.open_error()), (Some("ledger-io"), Some("ledger-io")));
    fs::write(scene.ledger(), "").unwrap();
    assert!(scene.verify_error().is_some() && scene.open_error().is_some(), "an empty one is no better");
}

// --- the journal --------------------------------------------------------------------------------

fn rewrite_journal(dir: &Path, change: impl FnOnce(&mut Vec<Payload>)) {
    let folder = dir.join("journal");
    let mut reader = journal::Reader::new(&folder, Position::START).unwrap();
    let mut payloads = Vec::new();
    while let Some(payload) = reader.next_payload().unwrap() {
        payloads.push(payload);
    }
    change(&mut payloads);
    fs::remove_dir_all(&folder).unwrap();
    journal::Journal::create(&folder).unwrap().append(&payloads).unwrap();
}

#[test]
fn a_frame_of_the_journal_replaced_by_anothers_is_found_by_verify() {
    type Change = fn(&mut Vec<Payload>);
    let changes: [Change; 4] = [
        |all| all.swap(1, 2),
        // The same content under the right number.
        |all| all[1] = Payload { seq: all[1].seq, items: all[2].items.clone() },
        |all| drop(all.remove(1)),
        // One item of another payload.
        |all| all[3].items = vec![all[2].items[0].clone()],
    ];
    for change in changes {
        let scene = Scene::new();
        rewrite_journal(&scene.dir(), change);
        assert_eq!(scene.verify_error(), Some("vault-payload"));
        // A store that has to be made anew meets it too.
        fs::remove_dir_all(scene.dir().join("store")).unwrap();
        assert_eq!(scene.open_error(), Some("vault-payload"));
    }
}

#[test]
fn the_journal_cut_short_is_found_by_opening_and_by_verify() {
    let scene = Scene::new();
    rewrite_journal(&scene.dir(), |all| drop(all.pop()));
    assert_eq!(scene.verify_error(), Some("vault-payload"));
    assert_eq!(scene.open_error(), Some("journal-damaged"));
}

#[test]
fn a_frame_that_no_entry_commits_to_is_not_taken_for_a_record() {
    let scene = Scene::new();
    let before = scene.verify().unwrap();
    rewrite_journal(&scene.dir(), |all| {
        let stray = Payload { seq: before.entries, items: all[2].items.clone() };
        all.push(stray);
    });
    fs::remove_dir_all(scene.dir().join("store")).unwrap();
    let (mut vault, mut siti) = scene.world.open(REGISTRY);
    assert_eq!(vault.records_of_kind("child").unwrap().len(), 2);
    vault.read_record(&mut siti, CARE, &scene.b, None, None).unwrap();
    vault.close(&mut siti).unwrap();
    assert_eq!(scene.verify().unwrap().versions, before.versions);
}

// --- checkpoint and copies ----------------------------------------------------------------------

#[test]
fn an_older_checkpoint_is_told_by_verify_beside_what_this_machine_remembers() {
    let scene = Scene::new();
    let path = scene.dir().join("checkpoint");
    let older = fs::read(&path).unwrap();
    scene.read_on();
    fs::write(&path, &older).unwrap();
    let found = scene.verify().unwrap();
    assert!(found.checkpoint < found.remembered && found.remembered == Some(found.entries), "{found:?}");
}

#[test]
fn a_checkpoint_of_another_log_is_found_by_opening_and_by_verify() {
    let scene = Scene::new();
    let path = scene.dir().join("checkpoint");
    let other = SigningKey::from_seed(&[7; 32]).unwrap();
    let good = fs::read(&path).unwrap();
    let text = Note::parse(&good).unwrap().text().to_owned();
    let note = Note::sign(&text, &checkpoint::origin(&scene.id), &other).unwrap();
    fs::write(&path, note.to_bytes()).unwrap();
    assert_eq!(scene.verify_error(), Some("vault-bad-checkpoint"));
    assert_eq!(scene.open_error(), Some("vault-bad-checkpoint"));
}

#[test]
fn a_damaged_checkpoint_is_named_and_the_vault_opens_without_it() {
    let scene = Scene::new();
    let (own, witness) = (scene.dir().join("checkpoint"), scene.dir().join("witness/1a2b3c4d"));
    let memory = scene.world.path().join("state").join(scene.id.to_string()).join("checkpoint");
    fs::create_dir(scene.dir().join("witness")).unwrap();
    let good = fs::read(&own).unwrap();
    let said = |path: &Path| {
        // In the copy that is verified it stands elsewhere.
        let name = path.strip_prefix(scene.dir()).unwrap_or(path).display().to_string();
        let told = scene.verify().unwrap_err();
        assert_eq!(code(&told), "vault-bad-checkpoint");
        assert!(told.to_string().contains(&format!("{name}: ")), "{told}");
    };
    let mut signature = good.clone();
    let end = signature.len();
    signature[end - 30..end - 20].fill(b'A');
    for damaged in [signature, b"x".to_vec()] {
        for path in [&own, &memory, &witness] {
            fs::write(path, &damaged).unwrap();
            said(path);
            if path != &witness {
                let told = Vault::open(&scene.dir(), &scene.world.options()).unwrap_err().to_string();
                assert!(told.contains(&format!("{}: ", path.display())), "{told}");
            }
            fs::remove_file(path).unwrap();
            assert!(scene.verify_error().is_none() && scene.open_error().is_none());
        }
    }
}

#[test]
fn a_machine_that_has_never_seen_the_vault_is_not_told_that_it_has() {
    let scene = Scene::new();
    let lines = scene.lines();
    scene.write_lines(&lines[..lines.len() - 1]);
    let elsewhere = tempfile::tempdir().unwrap();
    let told = Vault::open(&scene.dir(), &options(elsewhere.path())).unwrap_err().to_string();
    assert!(told.contains("checkpoint") && !told.contains("this machine"), "{told}");
}

#[test]
fn an_older_copy_of_the_whole_vault_is_found_by_opening_and_by_verify_where_the_newer_was_seen() {
    let scene = Scene::new();
    let older = scene.world.path().join("older");
    copy(&scene.dir(), &older);
    scene.read_on();
    copy(&older, &scene.dir());
    assert_eq!(scene.verify_error(), Some("vault-rolled-back"));
    assert_eq!(scene.open_error(), Some("vault-rolled-back"));
    // A machine that never saw the newer one goes on from the older one; the first finds the fork.
    let elsewhere = tempfile::tempdir().unwrap();
    let mut vault = Vault::open(&scene.dir(), &options(elsewhere.path())).unwrap();
    let mut siti = vault.admit(scene.world.identity(REGISTRY)).unwrap();
    vault.history(&mut siti, CARE, &scene.b).unwrap();
    vault.close(&mut siti).unwrap();
    assert_eq!(scene.verify_error(), Some("vault-forked"));
    assert_eq!(scene.open_error(), Some("vault-forked"));
}

#[test]
fn a_vault_under_another_id_is_found_by_opening_and_by_verify() {
    let scene = Scene::new();
    // Under another id this machine remembers nothing.
    let marker = scene.dir().join("vault.json");
    let text = fs::read_to_string(&marker).unwrap();
    fs::write(&marker, text.replace(&scene.id.to_string(), &Id([9; 16]).to_string())).unwrap();
    fs::remove_file(scene.dir().join("checkpoint")).unwrap();
    assert!(scene.verify_error().is_some());
    assert!(scene.open_error().is_some());
}

// --- the store: closed cleanly, every check of its own in order, and yet not what it was --------

#[test]
fn rows_of_two_records_swapped_are_not_shown_and_found_by_reading_and_by_verify() {
    type Which = fn(&Scene) -> Id;
    let both: [Which; 2] = [|scene| scene.a, |scene| scene.b];
    for which in both {
        let scene = Scene::new();
        scene.in_store(|store| swap(store, (scene.a, 1), (scene.b, 1)));
        assert_eq!(scene.verify_error(), Some("vault-store-differs"));
        assert!(scene.read(&which(&scene), Some(1)).is_err());
    }
}

#[test]
fn a_row_of_one_record_under_anothers_key_does_not_show_its_values() {
    let scene = Scene::new();
    let as_anothers = |versions: &mut Vec<Version>| {
        let own = find(versions, scene.a, 1);
        let other = find_mut(versions, scene.b, 1);
        *other = Version { record: other.record, ..own };
    };
    scene.in_store(|store| change_versions(store, as_anothers));
    assert!(scene.read(&scene.b, None).is_err());
    // And with the record's id in the journal replaced, as an attacker would.
    let scene = Scene::new();
    scene.in_store(|store| {
        let mut at = Position::START;
        change_versions(store, |versions| {
            let own = find(versions, scene.a, 1);
            let other = find_mut(versions, scene.b, 1);
            *other = Version { record: other.record, ..own };
            at = own.at;
        });
        let path = scene.dir().join(format!("journal/{:06}.amj", at.segment));
        let mut journal = fs::read(&path).unwrap();
        let at = at.offset as usize;
        let at = at + journal[at..].windows(16).position(|bytes| bytes == scene.a.0).unwrap();
        journal[at..at + 16].copy_from_slice(&scene.b.0);
        fs::write(&path, journal).unwrap();
    });
    assert_eq!(scene.verify_error(), Some("vault-payload"));
    let error = scene.read(&scene.b, None).unwrap_err();
    assert_eq!(code(&error), "vault-store-differs");
}

#[test]
fn rows_of_two_versions_swapped_are_not_shown_and_found_by_reading_and_by_verify() {
    let scene = Scene::new();
    scene.in_store(|store| swap(store, (scene.a, 1), (scene.a, 2)));
    assert_eq!(scene.verify_error(), Some("vault-store-differs"));
    assert!(scene.read(&scene.a, None).is_err());
}

#[test]
fn an_older_version_under_the_newest_key_is_not_shown_and_found_by_reading_and_by_verify() {
    let scene = Scene::new();
    scene.in_store(|store| {
        change_versions(store, |versions| {
            let old = find(versions, scene.a, 1);
            *find_mut(versions, scene.a, 2) = Version { version: 2, ..old };
        });
    });
    assert_eq!(scene.verify_error(), Some("vault-store-differs"));
    assert!(scene.read(&scene.a, None).is_err());
}

#[test]
fn a_version_of_another_kind_owner_or_schema_in_the_store_is_not_shown_and_found_by_reading_and_by_verify() {
    type Change = fn(&mut Version);
    let changes: [Change; 3] =
        [|version| version.kind ^= 1, |version| version.of = Some(Id([5; 16])), |version| version.schema += 1];
    for change in changes {
        let scene = Scene::new();
        scene.in_store(|store| change_versions(store, |versions| change(find_mut(versions, scene.a, 2))));
        assert!(scene.read(&scene.a, None).is_err());
        let scene = Scene::new();
        scene.in_store(|store| change_versions(store, |versions| change(find_mut(versions, scene.a, 2))));
        assert_eq!(scene.verify_error(), Some("vault-store-differs"));
    }
}

#[test]
fn a_lost_version_row_is_not_passed_over_and_found_by_reading_and_by_verify() {
    for lost in [1, 2] {
        let scene = Scene::new();
        scene.in_store(|store| lose(store, scene.a, lost));
        assert_eq!(scene.verify_error(), Some("vault-store-differs"));
        assert!(scene.read(&scene.a, None).is_err(), "version {lost}");
    }
}

#[test]
fn a_store_that_reading_found_wrong_is_made_anew_by_the_next_opening() {
    type Change = fn(&Scene, &SledStore);
    let changes: [Change; 2] = [
        |scene, store| lose(store, scene.a, 1),
        |scene, store| {
            change_versions(store, |versions| find_mut(versions, scene.a, 2).digest[7] ^= 1);
        },
    ];
    for change in changes {
        let scene = Scene::new();
        scene.in_store(|store| change(&scene, store));
        assert!(scene.read(&scene.a, None).is_err());
        let (mut vault, mut siti) = scene.world.open(REGISTRY);
        assert!(vault.was_rebuilt());
        assert_eq!(mark(&vault.read_record(&mut siti, CARE, &scene.a, None, None).unwrap()), "a-new");
        vault.close(&mut siti).unwrap();
    }
}

#[test]
fn a_lost_version_between_two_is_not_passed_over_and_found_by_reading() {
    let scene = Scene::new();
    let (mut vault, mut siti) = scene.world.open(REGISTRY);
    let only = common::draft(vault.schema(), "child", &[("alias", "x")]);
    vault.update_record(&mut siti, CARE, &scene.a, &only).unwrap();
    vault.close(&mut siti).unwrap();
    assert_eq!(scene.read(&scene.a, None).unwrap(), "a-new");
    // Without the second version the name would be the one before the correction.
    scene.in_store(|store| lose(store, scene.a, 2));
    assert!(scene.read(&scene.a, None).is_err());
}

#[test]
fn a_record_set_back_in_the_store_is_found_by_verify() {
    let scene = Scene::new();
    scene.in_store(|store| {
        lose(store, scene.a, 2);
        put(store, &[(&rows::newest(&scene.a), None)]);
    });
    assert_eq!(scene.verify_error(), Some("vault-store-differs"));
}

#[test]
fn a_record_hidden_in_the_store_is_found_by_verify() {
    let scene = Scene::new();
    scene.in_store(|store| {
        for row in store.scan(&rows::kind("child")).map(Result::unwrap).collect::<Vec<_>>() {
            let others: Vec<_> = row.1.as_chunks::<16>().0.iter().filter(|id| **id != scene.a.0).copied().collect();
            put(store, &[(&row.0, Some(others.as_flattened()))]);
        }
    });
    assert_eq!(scene.verify_error(), Some("vault-store-differs"));
    let scene = Scene::new();
    scene.in_store(|store| {
        lose(store, scene.a, 1);
        lose(store, scene.a, 2);
        put(store, &[(&rows::newest(&scene.a), None)]);
    });
    assert_eq!(scene.verify_error(), Some("vault-store-differs"));
}

#[test]
fn a_record_that_was_never_written_is_found_by_verify() {
    let scene = Scene::new();
    let ghost = Id([5; 16]);
    scene.in_store(|store| {
        change_versions(store, |versions| versions.push(Version { record: ghost, ..find(versions, scene.b, 1) }));
    });
    assert_eq!(scene.verify_error(), Some("vault-store-differs"));
}

/// Where the lines of the ledger stand, and the nodes of its tree: opening compares only the newest.
#[test]
fn a_place_of_a_line_or_a_node_of_the_tree_changed_in_the_store_is_found_by_verify() {
    type Row = (Vec<u8>, Vec<u8>);
    type Change = fn(&Row) -> Vec<(Vec<u8>, Option<Vec<u8>>)>;
    let changes: [(&str, Change); 4] = [
        ("another", |(key, value)| {
            let mut value = value.clone();
            value[7] ^= 1;
            vec![(key.clone(), Some(value))]
        }),
        ("shorter", |(key, value)| vec![(key.clone(), Some(value[..value.len() - 16].to_vec()))]),
        ("gone", |(key, _)| vec![(key.clone(), None)]),
        ("one more", |(key, value)| {
            let mut next = key.clone();
            *next.last_mut().unwrap() += 1;
            vec![(next, Some(value.clone()))]
        }),
    ];
    for space in [rows::LINES.0, rows::NODES.0] {
        for (how, change) in changes {
            let scene = Scene::new();
            scene.in_store(|store| {
                let row = store.scan(&[space]).next().unwrap().unwrap();
                for (key, value) in change(&row) {
                    put(store, &[(&key, value.as_deref())]);
                }
            });
            assert_eq!(scene.verify_error(), Some("vault-store-differs"), "{how}, {}", char::from(space));
        }
    }
}

#[test]
fn a_charter_replaced_in_the_store_is_not_written_under_and_found_by_opening_and_by_verify() {
    let scene = Scene::new();
    // The attacker may write: Budi gets a right that the charter does not give his group. With the
    // same hand they could put a key of their own in the place of a group's, and read what is
    // written from then on.
    scene.in_store(|store| {
        let note = store.get(&rows::charter(1)).unwrap().unwrap();
        let text = Note::parse(&note).unwrap().text().to_owned();
        let forged = text.replacen("name = \"Sentra Handayani\"", "name = \"Sentra Lain\"", 1);
        assert_ne!(text, forged);
        // Signed with the attacker's key, in the name of the one who signed the first.
        let key = SigningKey::from_seed(&[7; 32]).unwrap();
        let forged = Note::sign(&forged, REGISTRY, &key).unwrap().to_bytes();
        put(store, &[(&rows::charter(1), Some(&forged))]);
    });
    assert_eq!(scene.verify_error(), Some("vault-store-differs"));
    if let Ok(vault) = Vault::open(&scene.dir(), &scene.world.options()) {
        assert!(vault.was_rebuilt() && vault.charter().name() == "Sentra Handayani");
    }
}

#[test]
fn a_schema_replaced_in_the_store_is_not_written_under_and_found_by_opening_and_by_verify() {
    let scene = Scene::new();
    scene.in_store(|store| {
        let toml = String::from_utf8(store.get(&rows::schema(1)).unwrap().unwrap()).unwrap();
        // Everybody in the centre may open what is sealed from now on.
        let forged = toml.replace("class = \"sealed\"", "class = \"administrative\"");
        assert_ne!(toml, forged);
        put(store, &[(&rows::schema(1), Some(forged.as_bytes()))]);
    });
    assert_eq!(scene.verify_error(), Some("vault-store-differs"));
    if let Ok(vault) = Vault::open(&scene.dir(), &scene.world.options()) {
        assert!(vault.was_rebuilt());
        let field = vault.schema().kind("intake").unwrap().field("repatriation").unwrap();
        assert_eq!(field.class.as_deref(), Some("sealed"));
    }
}

#[test]
fn verify_does_not_make_the_next_opening_rebuild() {
    let scene = Scene::new();
    verify(&scene.dir(), &scene.world.options()).unwrap();
    let vault = Vault::open(&scene.dir(), &scene.world.options()).unwrap();
    assert!(!vault.was_rebuilt());
    vault.leave().unwrap();
    assert!(verify(&scene.dir(), &scene.world.options()).unwrap().rows.is_some());
}

#[test]
fn a_store_that_verify_found_wrong_is_made_anew_by_the_next_opening() {
    let scene = Scene::new();
    scene.in_store(|store| lose(store, scene.a, 2));
    assert!(verify(&scene.dir(), &scene.world.options()).is_err());
    let vault = Vault::open(&scene.dir(), &scene.world.options()).unwrap();
    assert!(vault.was_rebuilt());
    vault.leave().unwrap();
    assert_eq!(scene.read(&scene.a, None).unwrap(), "a-new");
}

// --- at once ------------------------------------------------------------------------------------

#[test]
fn twenty_writers_at_once_and_all_that_was_acknowledged_is_there() {
    let world = World::new();
    let (vault, mut siti) = world.found();
    vault.close(&mut siti).unwrap();
    let written: Vec<(Id, String)> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..20)
            .map(|writer| {
                let world = &world;
                scope.spawn(move || {
                    let mut out = Vec::new();
                    for round in 0..2 {
                        let mut vault = Vault::open(&world.vault_dir(), &options(&world.path().join("state"))).unwrap();
                        let mut actor = vault.admit(world.identity(REGISTRY)).unwrap();
                        let mark = format!("{writer}-{round}");
                        let draft = child(&vault, &mark, &mark);
                        out.push((vault.create_record(&mut actor, CARE, "child", &draft).unwrap().record, mark));
                        vault.close(&mut actor).unwrap();
                    }
                    out
                })
            })
            .collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(written.len(), 40);
    let (mut vault, mut siti) = world.open(REGISTRY);
    assert_eq!(vault.records_of_kind("child").unwrap().len(), 40);
    for (record, wrote) in &written {
        assert_eq!(mark(&vault.read_record(&mut siti, CARE, record, None, None).unwrap()), *wrote);
    }
    vault.close(&mut siti).unwrap();
    let found = verify(&world.vault_dir(), &world.options()).unwrap();
    assert_eq!((found.entries, found.versions, found.torn_lines), (81, 40, 0));
    let mut reader = log::Reader::new(&world.vault_dir().join("ledger"), LogPosition::START, 0).unwrap();
    while reader.next_line().unwrap().is_some() {}
    assert_eq!(reader.torn_lines(), 0);
}
