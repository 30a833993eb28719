//! One byte of one file is another than it was, at many places of every file. What follows is
//! never a wrong value, and never silence about a damaged ledger or journal.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Mutex,
};

use amanah::{
    id::Id,
    problem::Problem as _,
    vault::{Shown, Vault, VaultError, verify},
};
use common::{
    CARE, HEAD, REGISTRY, World,
    faults::{Dice, child, children, copy, everything, files, identity, options, renamed},
};

type Everything = BTreeMap<(Id, u64), Shown>;

/// So many places of a file larger than this are tried, spread over it.
const PLACES: u64 = 100;

/// What a flip led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Verifying said so.
    Verify,
    /// Verifying was content, opening or reading was refused.
    Refused,
    /// The store was made anew, and all is as it was.
    Rebuilt,
    /// All is as it was.
    Harmless,
}

struct Scene {
    world: World,
    before: Everything,
}

fn scene() -> Scene {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let draft = child(&vault, "A", "a-old");
    let a = vault.create_record(&mut siti, CARE, "child", &draft).unwrap().record;
    let draft = child(&vault, "B", "b");
    vault.create_record(&mut siti, CARE, "child", &draft).unwrap();
    let draft = renamed(&vault, "a-new");
    vault.update_record(&mut siti, CARE, &a, &draft).unwrap();
    let before = everything(&mut vault, &mut siti).unwrap();
    assert_eq!(before.len(), 5);
    vault.close(&mut siti).unwrap();
    // What the files hold is what is read again, and not only what this process had in memory.
    let (vault, siti) = world.open(REGISTRY);
    let mut siti = siti;
    vault.close(&mut siti).unwrap();
    Scene { world, before }
}

/// A place to play one flip after the other.
struct Bench<'a> {
    scene: &'a Scene,
    dir: PathBuf,
    state: PathBuf,
}

impl Bench<'_> {
    fn reset(&self) {
        copy(&self.scene.world.vault_dir(), &self.dir);
        copy(&self.scene.world.path().join("state"), &self.state);
    }

    fn flip(&self, file: &Path, at: u64, mask: u8) -> Outcome {
        let damage = |base: &Path| {
            let path = base.join(file);
            let mut bytes = fs::read(&path).unwrap();
            bytes[at as usize] ^= mask;
            fs::write(&path, bytes).unwrap();
        };
        let base = self.dir.parent().unwrap();
        self.reset();
        damage(base);
        let verified = verify(&self.dir, &options(&self.state));

        // Opened as it is after the flip, not as verifying left it.
        self.reset();
        damage(base);
        let mut rebuilt = false;
        let read = self.read(&mut rebuilt);
        if let Ok(now) = &read {
            for (key, shown) in now {
                assert_eq!(self.scene.before.get(key), Some(shown), "a wrong value: {} byte {at}", file.display());
            }
        }
        let same = read.as_ref().is_ok_and(|now| *now == self.scene.before);
        match (verified, read) {
            (Err(_), _) => Outcome::Verify,
            (Ok(_), Err(_)) => Outcome::Refused,
            (Ok(found), Ok(_)) => {
                assert!(same, "something is missing, and nobody said so: {} byte {at}: {found:?}", file.display());
                if rebuilt { Outcome::Rebuilt } else { Outcome::Harmless }
            }
        }
    }

    fn read(&self, rebuilt: &mut bool) -> Result<Everything, VaultError> {
        let mut vault = Vault::open(&self.dir, &options(&self.state))?;
        *rebuilt = vault.was_rebuilt();
        let mut siti = vault.admit(identity(self.scene.world.path(), REGISTRY))?;
        everything(&mut vault, &mut siti)
    }
}

/// Which bytes of a file are flipped: all of a small one, else some that are spread over it.
fn places(length: u64, dice: &mut Dice) -> Vec<u64> {
    if length <= PLACES {
        return (0..length).collect();
    }
    let step = length / PLACES;
    (0..PLACES).map(|place| place * step + dice.below(step)).collect()
}

#[test]
fn a_flipped_byte_in_any_file_never_shows_a_wrong_value() {
    let scene = scene();
    let base = scene.world.path();
    let mut work = Vec::new();
    let mut dice = Dice(2);
    for top in ["vault", "state"] {
        for file in files(&base.join(top)) {
            let file = Path::new(top).join(file);
            let length = fs::metadata(base.join(&file)).unwrap().len();
            // sled's file is mostly zeros that it has set aside: those of no use are left out.
            let content = fs::read(base.join(&file)).unwrap();
            let used = content.iter().rposition(|&byte| byte != 0).map_or(0, |last| last as u64 + 1);
            for at in places(used.min(length), &mut dice) {
                let mask = [0xff, 0x01, 0x20][dice.below(3) as usize];
                work.push((file.clone(), at, mask));
            }
        }
    }
    let told = Mutex::new(BTreeMap::<PathBuf, BTreeMap<Outcome, u64>>::new());
    let next = Mutex::new(work.into_iter());
    let room = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for worker in 0..2 {
            let folder = room.path().join(worker.to_string());
            let (scene, told, next) = (&scene, &told, &next);
            scope.spawn(move || {
                let bench = Bench { scene, dir: folder.join("vault"), state: folder.join("state") };
                loop {
                    let Some((file, at, mask)) = next.lock().unwrap().next() else { return };
                    let outcome = catch_unwind(AssertUnwindSafe(|| bench.flip(&file, at, mask)));
                    let outcome = outcome.unwrap_or_else(|_| panic!("{} byte {at} ^ {mask:#x}", file.display()));
                    *told.lock().unwrap().entry(file).or_default().entry(outcome).or_default() += 1;
                }
            });
        }
    });
    let told = told.into_inner().unwrap();
    for (file, outcomes) in &told {
        println!("{}: {outcomes:?}", file.display());
    }
    let all = |name: &str| -> BTreeMap<Outcome, u64> {
        let found = told.iter().filter(|(file, _)| file.to_string_lossy().contains(name));
        found.flat_map(|(_, outcomes)| outcomes.clone()).collect()
    };
    for name in ["ledger/", "journal/"] {
        let outcomes = all(name);
        assert!(outcomes[&Outcome::Verify] >= PLACES - 1, "{name}: {outcomes:?}");
        // The one byte that says nothing is the newline after the last entry: the entry counts.
        assert!(outcomes.values().sum::<u64>() - outcomes[&Outcome::Verify] <= 1, "{name}: {outcomes:?}");
    }
    for name in ["vault.json", "vault/checkpoint"] {
        let outcomes = all(name);
        assert!(!outcomes.contains_key(&Outcome::Harmless), "{name}: {outcomes:?}");
    }
    assert!(all("store/").values().sum::<u64>() >= PLACES);
}

#[test]
fn every_byte_of_the_first_and_the_last_line_counts() {
    let scene = scene();
    let ledger = scene.world.vault_dir().join("ledger/000001.jsonl");
    let good = fs::read(&ledger).unwrap();
    let room = tempfile::tempdir().unwrap();
    let dir = room.path().join("vault");
    copy(&scene.world.vault_dir(), &dir);
    // The store is not asked: the ledger must be enough.
    fs::remove_dir_all(dir.join("store")).unwrap();
    let first = 0..good.iter().position(|&byte| byte == b'\n').unwrap();
    let last = good[..good.len() - 1].iter().rposition(|&byte| byte == b'\n').unwrap() + 1..good.len() - 1;
    let mut codes = BTreeMap::<&str, u64>::new();
    for at in first.chain(last) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(dir.join("ledger/000001.jsonl"), bad).unwrap();
        match verify(&dir, &scene.world.options()) {
            Ok(found) => panic!("byte {at}: {found:?}"),
            Err(error) => *codes.entry(error.code()).or_default() += 1,
        }
    }
    println!("{codes:?}");
    fs::write(dir.join("ledger/000001.jsonl"), good).unwrap();
    verify(&dir, &scene.world.options()).unwrap();
    let mut vault = Vault::open(&dir, &scene.world.options()).unwrap();
    let mut ratna = vault.admit(scene.world.identity(HEAD)).unwrap();
    assert_eq!(everything(&mut vault, &mut ratna).unwrap().len(), scene.before.len());
}

/// A store of many pages, of which opening reads only some: damage in the others is met when a
/// record is read, or not at all.
#[test]
fn a_flipped_byte_in_a_store_of_many_pages_never_shows_a_wrong_value() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    // Over several sessions, so that sled has moved pages and kept a snapshot.
    for session in 0..4 {
        let drafts: Vec<_> = (0..30)
            .map(|n| format!("{session}-{n}"))
            .map(|code| child(&vault, &format!("K{code}"), &format!("m{code}")))
            .collect();
        let written = vault.import_records(&mut siti, CARE, "child", &drafts, &amanah::vault::Unwatched).unwrap();
        for (n, record) in written.iter().enumerate().step_by(5) {
            let draft = renamed(&vault, &format!("r{session}-{n}"));
            vault.update_record(&mut siti, CARE, &record.record, &draft).unwrap();
        }
        vault.close(&mut siti).unwrap();
        (vault, siti) = world.open(REGISTRY);
        assert!(!vault.was_rebuilt());
    }
    let before = children(&mut vault, &mut siti).unwrap();
    assert_eq!(before.len(), 120);
    let records = vault.records_of_kind("child").unwrap();
    vault.close(&mut siti).unwrap();
    let db = Path::new("store/db");
    let content = fs::read(world.vault_dir().join(db)).unwrap();
    let used = content.iter().rposition(|&byte| byte != 0).unwrap() as u64;
    let mut dice = Dice(3);
    let mut outcomes = BTreeMap::<(bool, &str), u64>::new();
    let room = tempfile::tempdir().unwrap();
    let (dir, state) = (room.path().join("vault"), room.path().join("state"));
    // Without a flip nothing is found, or what follows would show nothing.
    copy(&world.vault_dir(), &dir);
    assert!(verify(&dir, &world.options()).unwrap().rows.is_some());
    // Most of the file is what sled has let go: every second flip is where a record is named.
    let named: BTreeSet<[u8; 8]> = records.iter().map(|record| *record.0.first_chunk().unwrap()).collect();
    let windows = content.windows(8).enumerate();
    let places: Vec<usize> = windows.filter(|(_, w)| named.contains(*w)).map(|(at, _)| at).collect();
    for n in 0..80 {
        let at = if n % 2 == 0 { dice.below(used) as usize } else { places[dice.below(places.len() as u64) as usize] };
        let reset = || {
            copy(&world.vault_dir(), &dir);
            copy(&world.path().join("state"), &state);
            let mut bad = content.clone();
            bad[at] ^= 0x10;
            fs::write(dir.join(db), bad).unwrap();
        };
        reset();
        let verified = verify(&dir, &options(&state));
        reset();
        let mut rebuilt = false;
        let read = Vault::open(&dir, &options(&state)).and_then(|mut vault| {
            rebuilt = vault.was_rebuilt();
            let mut siti = vault.admit(world.identity(REGISTRY))?;
            children(&mut vault, &mut siti)
        });
        let how = match &read {
            Ok(now) => {
                assert!(now.iter().all(|(code, mark)| before[code] == *mark), "byte {at}: a wrong value");
                assert_eq!(now.len(), before.len(), "byte {at}: records are missing, and opening said nothing");
                if rebuilt { "opening made the store anew" } else { "all was read" }
            }
            Err(_) => "refused",
        };
        // A store that does not open is not compared, and made anew by the next opening. One that does is
        // not told of in the words of its engine, which say nothing of what to do.
        let found = match verified {
            Ok(found) => found.rows.is_none(),
            Err(error) => {
                assert_eq!(error.code(), "vault-store-differs", "byte {at}: {error}");
                true
            }
        };
        *outcomes.entry((found, how)).or_default() += 1;
    }
    println!("store/db of {used} bytes, (verify found it, what opening led to): {outcomes:?}");
    assert!(outcomes.keys().any(|(found, _)| *found));
}
