//! Backups: written beside others, restored as they were, and taught what was erased since.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::fs;

use amanah::{
    crypto::{age_wrap::DecryptionKey, digest::sha256, identity::Identity, note::Note, random::SystemRandom},
    custody::{Card, Proposal},
    id::Id,
    problem::Problem as _,
    vault::{Ground, Unwatched, Vault, verify},
};
use cmd::{amanah, by, entries, run};
use common::{CARE, HEAD, KPAI, PASSPHRASE, REGISTRY, World, faults::options};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;

fn world() -> (World, String) {
    let world = World::new();
    // Two people have to type theirs where two members erase.
    fs::write(world.path().join("passphrase"), format!("{PASSPHRASE}\n{PASSPHRASE}\n")).unwrap();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    let add = "record add child child_code=A-1 full_name=Contoh+Anak -p registration --json";
    let record = run(&mut by(&world, REGISTRY), add).json()["record"].as_str().unwrap().to_owned();
    for name in ["backup.key", "other.key"] {
        let key = DecryptionKey::generate().unwrap();
        let text = format!("# public key: {}\n{}\n", key.recipient().unwrap(), key.expose().expose_secret());
        fs::write(world.path().join(name), text).unwrap();
    }
    (world, record)
}

#[test]
fn written_beside_others_checked_drilled_and_restored_as_it_was() {
    let (world, record) = world();
    let first = run(&mut by(&world, REGISTRY), "backup create copies --to backup.key --json").json();
    assert_eq!(first["written_pieces"], first["pieces"]);
    run(&mut by(&world, REGISTRY), &format!("record show {record} -p care")).ok();
    let second = run(&mut by(&world, REGISTRY), "backup create copies --to backup.key --json").json();
    assert!(second["written_pieces"].as_u64() < second["pieces"].as_u64(), "{second}");
    run(&mut amanah(&world), "backup verify copies").ok();
    run(&mut amanah(&world), "backup verify copies --key other.key --json").refused(6, "age-not-for-this-key");
    run(&mut amanah(&world), "backup verify copies --key backup.key").ok();
    run(&mut by(&world, REGISTRY), "backup drill copies --key backup.key").ok();
    let restored = run(&mut amanah(&world), "backup restore copies new --key backup.key --json").json();
    assert_eq!(restored["backup"], second["backup"]);
    // The drill came after the backup, and this computer has seen its entry.
    assert_eq!(restored["lost_entries"]["first"], second["entries"]);
    let elsewhere = tempfile::tempdir().unwrap();
    let found = verify(&world.path().join("new"), &options(elsewhere.path())).unwrap();
    assert_eq!(found.entries, second["entries"].as_u64().unwrap());
    assert!(
        !fs::read_dir(world.path()).unwrap().any(|file| file
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with(".amanah"))
    );
    // A piece that was changed is found, with and without a key.
    for file in fs::read_dir(world.path().join("copies/pieces")).unwrap() {
        let path = file.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(path, bytes).unwrap();
    }
    run(&mut amanah(&world), "backup verify copies --json").refused(7, "vault-bad-backup");
    run(&mut amanah(&world), "backup restore copies again --key backup.key --json").refused(7, "vault-bad-backup");
    assert!(!world.path().join("again").exists());
}

#[test]
fn a_backup_without_all_files_is_none_and_the_ledger_says_so() {
    let (world, _) = world();
    let (mut vault, mut siti) = world.open(REGISTRY);
    // Lost under an open vault: what is appended still reaches the old files.
    fs::rename(world.vault_dir().join("journal"), world.path().join("lost")).unwrap();
    let refused = vault.begin_backup(&mut siti, 90).map(drop).unwrap_err();
    assert_eq!(refused.code(), "ledger-io");
    fs::rename(world.path().join("lost"), world.vault_dir().join("journal")).unwrap();
    vault.close(&mut siti).unwrap();
}

/// A backup from before was restored and worked on; the one that was made in between has the longer ledger,
/// and is of another.
#[test]
fn a_backup_of_a_ledger_that_went_another_way_is_not_taken_for_a_newer_one() {
    let (world, record) = world();
    let first = run(&mut by(&world, REGISTRY), "backup create copies --to backup.key --json").json();
    for _ in 0..4 {
        run(&mut by(&world, REGISTRY), &format!("record show {record} -p care")).ok();
    }
    let left = run(&mut by(&world, REGISTRY), "backup create copies --to backup.key --json").json();
    fs::rename(world.vault_dir(), world.path().join("lost")).unwrap();
    let restore = format!("backup restore copies vault --key backup.key --accept-loss --backup {}", first["backup"]);
    run(&mut amanah(&world), &restore.replace('"', "")).ok();
    run(&mut by(&world, REGISTRY), &format!("record edit {record} alias=Ani -p care")).ok();

    let restored = run(&mut amanah(&world), "backup restore copies new --key backup.key --json").json();
    assert_eq!((&restored["backup"], &restored["lost_entries"]), (&left["backup"], &serde_json::Value::Null));
    assert!(restored["other_ledger"]["entries"].as_u64() < left["entries"].as_u64(), "{restored}");
    let ran = run(&mut amanah(&world), "backup restore copies other --key backup.key").ok();
    assert!(ran.err.contains("this computer has seen another ledger"), "{}", ran.err);
    run(&mut by(&world, REGISTRY), "backup drill copies --key backup.key --json").refused(7, "vault-parted-backup");
    // What this computer knows is still the vault that was worked on.
    run(&mut by(&world, REGISTRY), &format!("record show {record} -p care")).ok();
    let mut other = by(&world, REGISTRY);
    run(other.env("AMANAH_VAULT", "new"), &format!("record show {record} -p care --json")).refused(7, "vault-forked");
    let accepted = "backup restore copies third --key backup.key --accept-loss";
    run(&mut amanah(&world), accepted).ok();
    let mut third = by(&world, REGISTRY);
    run(third.env("AMANAH_VAULT", "third"), &format!("record show {record} -p care")).ok();
}

#[test]
fn a_damaged_backup_and_files_of_others_keep_no_sound_one_from_being_restored() {
    let (world, _) = world();
    let create = "backup create copies --to backup.key --json";
    let made = [0, 1].map(|_| run(&mut by(&world, REGISTRY), create).json());
    let [bad, good] = made.map(|made| made["backup"].as_str().unwrap().to_owned());
    let copies = world.path().join("copies");
    // As some systems leave them.
    fs::write(copies.join(format!("._{good}.backup")), b"\0\x05\x16\x07").unwrap();
    fs::create_dir(copies.join("pieces/@eaDir")).unwrap();
    run(&mut amanah(&world), "backup verify copies").ok();
    run(&mut by(&world, REGISTRY), create).ok();
    assert!(copies.join("pieces/@eaDir").is_dir());

    fs::write(copies.join(format!("{bad}.backup")), "amanah backup/1\n").unwrap();
    run(&mut amanah(&world), "backup verify copies --json").refused(7, "vault-bad-backup");
    run(&mut amanah(&world), &format!("backup verify copies --json --backup {bad}")).refused(7, "vault-bad-backup");
    run(&mut amanah(&world), &format!("backup restore copies new --key backup.key --backup {good}")).ok();
    let none = Id([7; 16]);
    run(&mut amanah(&world), &format!("backup verify copies --json --backup {none}")).refused(4, "vault-no-backup");
    fs::rename(copies.join(format!("{good}.backup")), copies.join(format!("{none}.backup"))).unwrap();
    run(&mut amanah(&world), &format!("backup verify copies --json --backup {none}")).refused(7, "vault-bad-backup");
}

#[test]
fn of_two_at_once_one_waits_for_the_other_and_both_are_sound() {
    let (world, _) = world();
    for inside in ["vault", "vault/journal", "vault/one/below"] {
        let line = format!("backup create {inside} --to backup.key --json");
        run(&mut by(&world, REGISTRY), &line).refused(3, "vault-backup-in-vault");
    }
    fs::create_dir(world.vault_dir().join("journal/@eaDir")).unwrap();
    run(&mut by(&world, REGISTRY), "backup create copies --to backup.key").ok();
    let lock = fs::File::open(world.path().join("copies/lock")).unwrap();
    lock.lock().unwrap();
    let create = "backup create copies --to backup.key --json --lock-timeout";
    run(&mut by(&world, REGISTRY), &format!("{create} 0")).refused(8, "vault-backup-locked");
    let last = entries(&world).pop().unwrap();
    assert_eq!((&last["action"], &last["outcome"]), (&"backup.create".into(), &"failed".into()));
    lock.unlock().unwrap();
    let made: Vec<String> = std::thread::scope(|scope| {
        let one =
            || run(&mut by(&world, REGISTRY), &format!("{create} 30")).json()["backup"].as_str().unwrap().to_owned();
        let both = [scope.spawn(one), scope.spawn(one)];
        both.map(|one| one.join().unwrap()).into()
    });
    for backup in made {
        run(&mut amanah(&world), &format!("backup verify copies --key backup.key --backup {backup}")).ok();
    }
}

#[test]
fn an_erasure_is_noted_beside_those_that_were_and_never_in_their_place() {
    let (world, record) = world();
    let (vault, mut siti) = world.open(REGISTRY);
    let state = world.path().join("state");
    let notes = state.join(vault.id().to_string()).join("erasures");
    vault.note_erasure(&state, 0).unwrap();
    vault.note_erasure(&state, 1).unwrap();
    vault.note_erasure(&state, 1).unwrap();
    assert_eq!(fs::read_to_string(&notes).unwrap().lines().count(), 2);
    // What cannot be read is not taken for nothing, and replaced.
    fs::rename(&notes, world.path().join("aside")).unwrap();
    fs::create_dir(&notes).unwrap();
    assert_eq!(vault.note_erasure(&state, 1).unwrap(), [notes.parent().unwrap().display().to_string()]);
    assert_eq!(vault.to_be_erased_again(&[notes.parent().unwrap()], None).unwrap_err().code(), "ledger-io");
    assert!(notes.is_dir() && vault.resolve(&record).is_ok());
    vault.close(&mut siti).unwrap();
}

/// The library notes nothing: as if the program had been killed between the entry and the notes.
#[test]
fn an_erasure_that_was_interrupted_before_it_was_noted_is_noted_by_the_next_command() {
    let (world, record) = world();
    run(&mut by(&world, REGISTRY), "backup create copies --to backup.key --json").json();
    run(&mut by(&world, REGISTRY), &format!("record erase {record} --ground request --json")).json();
    let (mut vault, mut ratna) = world.open(HEAD);
    let asked = vault.size() - 1;
    vault.confirm_erasure(&mut ratna, CARE, &[asked], &Unwatched).unwrap();
    drop(vault);
    let notes = world.path().join("copies/erasures");
    assert!(!notes.exists());
    run(&mut by(&world, REGISTRY), "record list child -p care").ok();
    assert!(fs::read_to_string(&notes).unwrap().contains(&record));
    let restore = "backup restore copies new --key backup.key --second handayani-ratna.key --json";
    assert_eq!(run(&mut by(&world, REGISTRY), restore).json()["erased_again"][0], record.as_str());
}

#[test]
fn what_was_erased_since_is_erased_again_before_the_vault_is_there() {
    let (world, record) = world();
    let made = run(&mut by(&world, REGISTRY), "backup create copies --to backup.key --json").json();
    let ask = format!("record erase {record} --ground request --json");
    let asked = run(&mut by(&world, REGISTRY), &ask).json()["entries"][0].as_u64().unwrap();
    let erased = run(&mut by(&world, HEAD), &format!("record erase --confirm {asked} --yes --json")).json();
    assert_eq!(erased["backups"][0]["backup"], made["backup"]);
    assert_eq!(erased["not_told"].as_array().unwrap().len(), 0);
    // Another computer, which never saw the vault: it learns of it from the folder.
    let elsewhere = |line: &str, member: &str| {
        let mut command = by(&world, member);
        command.env("AMANAH_STATE", world.path().join("elsewhere"));
        run(&mut command, line)
    };
    let alone = "backup restore copies new --key backup.key --json";
    elsewhere(alone, REGISTRY).refused(5, "vault-wants-second");
    assert!(!world.path().join("new").exists(), "nothing to read before it is erased");
    let both = format!("{alone} --second handayani-ratna.key");
    // Notes that were named and are not there, and notes that cannot be read, are not passed over.
    elsewhere(&format!("{both} --erasures nowhere"), REGISTRY).refused(9, "ledger-io");
    let notes = world.path().join("copies/erasures");
    let aside = world.path().join("aside");
    fs::rename(&notes, &aside).unwrap();
    fs::create_dir(&notes).unwrap();
    elsewhere(&both, REGISTRY).refused(9, "ledger-io");
    assert!(!world.path().join("new").exists());
    fs::remove_dir(&notes).unwrap();
    fs::rename(&aside, &notes).unwrap();
    let restored = elsewhere(&both, REGISTRY).json();
    assert_eq!(restored["erased_again"][0], record.as_str());
    let show = format!("record show {record} -p care --json --vault new");
    elsewhere(&show, REGISTRY).refused(4, "vault-was-erased");
}

/// Who has come since the backup erases too: their charter is noted beside the erasure, and proves itself.
#[test]
fn what_was_erased_under_a_later_charter_is_erased_again() {
    let (world, record) = world();
    let made = run(&mut by(&world, REGISTRY), "backup create copies --to backup.key --json").json();
    let tono = Identity::generate("handayani/tono", &mut SystemRandom::new()).unwrap();
    let card = Card::make("handayani/tono", tono.recipient().unwrap(), &tono.signing, Timestamp::now()).unwrap();
    let (mut vault, mut siti) = world.open(REGISTRY);
    let charter = vault.charter().clone();
    let mut proposal = Proposal::new(&charter);
    proposal.enroll(&card, &["handayani/registry".to_owned()]).unwrap();
    let signing = world.identity(HEAD).signing;
    let mut amendment = proposal.build((HEAD, &signing), &mut SystemRandom::new(), Timestamp::now()).unwrap();
    amendment.sign(KPAI, &world.identity(KPAI).signing).unwrap();
    vault.amend_charter(&mut siti, &amendment).unwrap();
    let records = [record.parse().unwrap()];
    let asked = vault.ask_erasure(&mut siti, CARE, &records, Ground::Unlawful).unwrap();
    let mut tono = vault.admit(tono).unwrap();
    let erased = vault.confirm_erasure(&mut tono, CARE, &asked, &Unwatched).unwrap();
    assert!(vault.note_erasure(&world.path().join("state"), erased.entries[0]).unwrap().is_empty());
    vault.close(&mut tono).unwrap();
    let restore = |line: &str| {
        let mut command = by(&world, REGISTRY);
        command.env("AMANAH_STATE", world.path().join("elsewhere"));
        run(&mut command, &format!("backup restore copies new --key backup.key --second handayani-ratna.key {line}"))
    };
    // Without it nobody can tell whether the erasure was by a member.
    let (charters, aside) = (world.path().join("copies/erasures.charters"), world.path().join("aside"));
    fs::create_dir(&aside).unwrap();
    fs::rename(&charters, aside.join("erasures.charters")).unwrap();
    fs::copy(world.path().join("copies/erasures"), aside.join("erasures")).unwrap();
    restore("--json").refused(4, "vault-erasure-charter");
    assert!(!world.path().join("new").exists());
    let restored = restore("--json --erasures aside").json();
    assert_eq!((&restored["backup"], &restored["erased_again"][0]), (&made["backup"], &record.as_str().into()));
    let elsewhere = tempfile::tempdir().unwrap();
    let vault = Vault::open(&world.path().join("new"), &options(elsewhere.path())).unwrap();
    let entry = vault.erasure_of(&records[0]).unwrap().unwrap();
    assert_eq!(entry.detail.as_deref(), Some("unlawful"), "on the ground that it was");
    vault.leave().unwrap();
}

/// Somebody who can write to the folder of backups and has no key, and a disk that rots: what the next
/// backup takes over of earlier ones is what it says.
#[test]
fn a_backup_takes_nothing_over_that_is_not_sound() {
    let (world, _) = world();
    let copies = world.path().join("copies");
    let create = |to: &str| {
        let made = run(&mut by(&world, REGISTRY), &format!("backup create copies --to {to} --json")).json();
        made["backup"].as_str().unwrap().to_owned()
    };
    let sound = |backup: &str, key: &str| {
        run(&mut amanah(&world), &format!("backup verify copies --key {key} --backup {backup}")).ok();
    };
    let first = create("backup.key");
    let manifest = fs::read(copies.join(format!("{first}.backup"))).unwrap();
    // Another manifest, as if it were newer, that names other age files for the same content.
    let text = Note::parse(&manifest).unwrap().text().to_owned();
    let forged = Id([7; 16]).to_string();
    let mut lines = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        lines.push(match words[..] {
            ["backup", _] => format!("backup {forged}"),
            ["entries", _] => "entries 9999".to_owned(),
            ["piece", length, content, _] => {
                let name = HEXLOWER.encode(&sha256(&[content.as_bytes()]));
                fs::write(copies.join(format!("pieces/{name}.age")), content).unwrap();
                format!("piece {length} {content} {name}")
            }
            _ => line.to_owned(),
        });
    }
    let stranger = Identity::generate(REGISTRY, &mut SystemRandom::new()).unwrap();
    let note = Note::sign(&format!("{}\n", lines.join("\n")), REGISTRY, &stranger.signing).unwrap();
    fs::write(copies.join(format!("{forged}.backup")), note.to_bytes()).unwrap();
    run(&mut amanah(&world), "backup verify copies").ok();
    run(&mut amanah(&world), "backup verify copies --key backup.key --json").refused(7, "age-malformed");
    let second = create("backup.key");
    sound(&second, "backup.key");
    fs::remove_file(copies.join(format!("{forged}.backup"))).unwrap();
    // All that is there rots.
    for file in fs::read_dir(copies.join("pieces")).unwrap() {
        fs::write(file.unwrap().path(), b"rotten").unwrap();
    }
    sound(&create("backup.key"), "backup.key");
    // Others than before get all of it.
    sound(&create("other.key"), "other.key");
    sound(&create("backup.key"), "backup.key");
}

/// Nobody is to find out after a fire that what the backups are for opens none of them.
#[test]
fn whomever_a_backup_can_be_for_can_open_it() {
    let (world, _) = world();
    let plugins = std::path::Path::new(env!("CARGO_BIN_EXE_amanah")).parent().unwrap().join("examples");
    let token = std::process::Command::new(plugins.join("age-plugin-amanahtest")).output().unwrap().stdout;
    fs::write(world.path().join("token"), token).unwrap();
    let ssh = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/id_ed25519");
    let public = format!("{ssh}.pub");
    for (number, (to, key)) in
        [("cards/handayani-ratna.card", "handayani-ratna.key"), (&public, ssh), ("token", "token")].iter().enumerate()
    {
        let on = |command: &str| {
            let mut program = by(&world, REGISTRY);
            program.env("PATH", &plugins);
            run(&mut program, command)
        };
        on(&format!("backup create copies{number} --to {to}")).ok();
        on(&format!("backup verify copies{number} --key {key}")).ok();
        on(&format!("backup restore copies{number} new{number} --key {key}")).ok();
        on(&format!("backup verify copies{number} --key backup.key --json")).refused(6, "age-not-for-this-key");
    }
    // With a passphrase of its own, which comes first.
    run(&mut by(&world, REGISTRY), &format!("backup create locked --to {ssh}_locked.pub")).ok();
    let verify = |passphrase: &str| {
        fs::write(world.path().join("typed"), format!("{passphrase}\n")).unwrap();
        let verify = format!("backup verify locked --json --key {ssh}_locked --passphrase-file typed");
        run(&mut amanah(&world), &verify)
    };
    verify("correct horse").ok();
    verify("wrong horse").refused(6, "age-wrong-passphrase");
    let create = "backup create copies --json --to";
    run(&mut by(&world, REGISTRY), &format!("{create} handayani-ratna.key")).refused(3, "export-recipient");
    let before = entries(&world).len();
    let mixed = format!("{create} backup.key --to {public}");
    run(&mut by(&world, REGISTRY), &mixed).refused(3, "age-mixed-recipients");
    assert!(entries(&world).len() == before && !world.path().join("copies").exists());
    run(&mut by(&world, REGISTRY), "backup verify copies0 --json --key charter.toml").refused(6, "age-bad-identity");
}

/// What belonged to a child was erased first, and on another ground.
#[test]
fn what_was_erased_on_several_grounds_is_erased_again_together() {
    let (world, record) = world();
    let add = "record add intake --of A-1 intake_date=2026-01-05 -p registration --json";
    let intake = run(&mut by(&world, REGISTRY), add).json()["record"].as_str().unwrap().to_owned();
    run(&mut by(&world, REGISTRY), "backup create copies --to backup.key").ok();
    for (one, ground) in [(&intake, "mistake"), (&record, "request")] {
        let ask = format!("record erase {one} --ground {ground} --json");
        let asked = run(&mut by(&world, REGISTRY), &ask).json()["entries"][0].as_u64().unwrap();
        run(&mut by(&world, HEAD), &format!("record erase --confirm {asked} --yes")).ok();
    }
    let mut command = by(&world, REGISTRY);
    command.env("AMANAH_STATE", world.path().join("elsewhere"));
    let restore = "backup restore copies new --key backup.key --second handayani-ratna.key --json";
    let restored = run(&mut command, restore).json();
    let erased = restored["erased_again"].as_array().unwrap();
    assert!(erased.len() == 2 && [&record, &intake].iter().all(|one| erased.contains(&one.as_str().into())));
}
