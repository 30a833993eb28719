//! One history of a vault on a simulated disk, and what must hold after every failure in it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use amanah::{
    crypto::{age_wrap::Silent, digest::Digest, identity::Identity},
    custody::Proposal,
    disk::mounts::{self, Mounted},
    id::Id,
    problem::{Kind, Problem as _},
    records::{schema::Schema, value::Value},
    vault::{
        Access, Actor, Ask, By, Condition, Founding, Ground, Options, Question, Unwatched, Vault, VaultError,
        create_with, verify,
    },
};
use zeroize::Zeroizing;

use super::{
    counts::Counts,
    disk::{Fault, ROOT, SimDisk, State},
    seeded::Seeded,
};
use crate::common::{
    CARE, HEAD, KPAI, OMBUDSMAN, REGISTRY, World,
    faults::{Dice, child, children, mark, options, renamed},
};

const SCHEMA: &str = include_str!("schema.toml");

const CHARTER: &str = include_str!("charter.toml");

/// When everything happens, in seconds: 16 November 2026.
const NOW: i64 = 1_794_800_000;

const OVERSIGHT: Access<'static> = Access { purpose: Some("oversight"), reason: Some("Pengaduan 7") };

const GROUP: &str = "handayani/registry";

/// A segment of the simulated disks: small, so that histories see several.
const SEGMENT: u64 = 12_000;

/// People, and a disk with a new vault.
pub struct Base {
    /// What stands in the key files: opening them takes longer than most of a step.
    keys: BTreeMap<&'static str, Zeroizing<String>>,
    state: State,
}

impl Base {
    pub fn new() -> Base {
        // All at one moment, and of one making: what a seed does, it does in every process.
        amanah::clock::stop_at(NOW);
        let world = World::from(&mut Seeded::new(0));
        std::fs::write(world.path().join("charter.toml"), CHARTER).unwrap();
        let root = Path::new(ROOT).join(format!("base-{:?}", std::thread::current().id()));
        let disk = SimDisk::new(&root, SEGMENT);
        let _mounted = mounts::mount(&root, Arc::new(disk.clone()));
        found(&world, &root).unwrap();
        let state = disk.state().clone();
        let keys = [REGISTRY, HEAD, KPAI, OMBUDSMAN].map(|member| (member, world.identity(member).plaintext()));
        Base { keys: BTreeMap::from(keys), state }
    }

    fn identity(&self, member: &str) -> Identity {
        Identity::from_plaintext(self.keys[member].as_bytes(), Arc::new(Silent)).unwrap()
    }
}

/// Founds a vault and closes it.
fn found(world: &World, root: &Path) -> Result<(), VaultError> {
    let founding = Founding { charter: world.charter(), schema: Schema::parse(SCHEMA).unwrap() };
    let (vault, mut siti) = create_with(
        &root.join("vault"),
        founding,
        world.identity(REGISTRY),
        &options(&root.join("state")),
        Box::new(Seeded::new(1)),
    )
    .map_err(|errors| errors.into_iter().next().unwrap())?;
    vault.close(&mut siti)
}

/// What a step changes, if it is done.
#[derive(Debug, Clone)]
enum Effect {
    Nothing,
    Children(Vec<(String, (u64, String))>),
    Charter(u64),
    Erased(String),
}

/// What was promised to whoever worked with the vault.
#[derive(Debug, Clone)]
struct Promised {
    children: BTreeMap<String, (u64, String)>,
    charter: u64,
    size: u64,
    root: Digest,
}

pub struct History<'b> {
    base: &'b Base,
    disk: SimDisk,
    root: PathBuf,
    _mounted: Mounted,
    dice: Dice,
    open: Option<(Vault, Actor)>,
    promised: Promised,
    /// What was under way when something failed.
    begun: Option<Effect>,
    next_code: u64,
    loud: bool,
    counts: Counts,
}

/// What became of a history.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    pub counts: Counts,
    /// All that was asked of the disk, what it did, and what was acknowledged; empty if nobody asks.
    pub trace: Vec<String>,
}

/// How much a history tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    Nothing,
    Traced,
    Aloud,
}

/// Runs the history of a seed.
pub fn run(base: &Base, seed: u64, told: Told) -> Run {
    let mut history = History::begin(base, seed, told == Told::Aloud);
    history.disk.state().trace = (told == Told::Traced).then(Vec::new);
    let steps = 5 + history.dice.below(14);
    for _ in 0..steps {
        history.step();
    }
    history.finish();
    history.count("histories", 1);
    history.count("steps", steps);
    let mut state = history.disk.state();
    let mut counts = std::mem::take(&mut history.counts);
    counts.add_all(&state.counts);
    Run { counts, trace: state.trace.take().unwrap_or_default() }
}

impl History<'_> {
    fn begin(base: &Base, seed: u64, loud: bool) -> History<'_> {
        // Neighbouring seeds should have nothing in common.
        let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let root = Path::new(ROOT).join(format!("{seed}-{:?}", std::thread::current().id()));
        let disk = SimDisk::of(&root, &base.state);
        disk.state().seed(mixed ^ 0x5555);
        let mut history = History {
            base,
            root: root.clone(),
            _mounted: mounts::mount(&root, Arc::new(disk.clone())),
            disk,
            dice: Dice(mixed | 1),
            open: None,
            promised: Promised { children: BTreeMap::new(), charter: 1, size: 0, root: [0; 32] },
            begun: None,
            next_code: 0,
            loud,
            counts: Counts::default(),
        };
        history.open_again();
        history.acknowledge(Effect::Nothing);
        history
    }

    fn say(&self, what: impl Fn() -> String) {
        // Its own folder is another in every run.
        let what = || what().replace(&*self.root.to_string_lossy(), "");
        if self.loud {
            eprintln!("{}", what());
        }
        self.disk.state().note(what);
    }

    fn did(&mut self, what: &'static str, done: &Result<(), VaultError>) {
        self.count(what, u64::from(done.is_ok()));
    }

    fn count(&mut self, what: &'static str, times: u64) {
        self.counts.add(what, times);
    }

    fn dir(&self) -> PathBuf {
        self.root.join("vault")
    }

    fn options(&self) -> Options<'static> {
        options(&self.root.join("state"))
    }

    /// One step, perhaps with something that goes wrong in it.
    fn step(&mut self) {
        let faulty = self.dice.below(3) == 0;
        let full = self.disk.state().is_full();
        if faulty {
            let fault = [
                Fault::PowerCut,
                Fault::PowerCut,
                Fault::Kill,
                Fault::Write,
                Fault::Full,
                Fault::Sync,
                Fault::Sync,
                Fault::Read,
            ][self.dice.below(8) as usize];
            let after = self.dice.below(16);
            self.say(|| format!("  planned: {fault:?} after {after} operations"));
            self.disk.state().plan(fault, after);
        }
        let (name, effect, result) = self.act();
        let (struck, dead) = {
            let mut state = self.disk.state();
            (state.take_struck(), state.is_dead())
        };
        self.say(|| {
            format!(
                "{name}: {} {}",
                result.as_ref().map_or_else(ToString::to_string, |()| "done".to_owned()),
                struck.map_or_else(String::new, |fault| format!("({fault:?})"))
            )
        });
        match result {
            Ok(()) if dead => {
                // It was told that it is done, and so it must be.
                self.acknowledge(effect);
                self.end(struck);
            }
            Ok(()) => self.acknowledge(effect),
            Err(error) => {
                assert!(
                    struck.is_some() || full,
                    "{name} failed although nothing went wrong: {} {error}",
                    error.code()
                );
                let clear = matches!(error.kind(), Kind::Storage)
                    || matches!(error, VaultError::Stopped | VaultError::StoreBehind { .. });
                assert!(clear, "{name} failed with another word: {} {error}", error.code());
                self.begun = Some(effect);
                let goes_on = !dead && self.go_on_after_an_error();
                if !goes_on || self.dice.below(2) == 0 {
                    self.end(struck);
                }
            }
        }
    }

    /// The process does not end at once: whatever it still says must be right. Whether it says
    /// anything.
    fn go_on_after_an_error(&mut self) -> bool {
        self.disk.state().make_room();
        let Some((vault, siti)) = &mut self.open else { return false };
        let Ok(there) = children(vault, siti) else { return false };
        self.say(|| "it went on after the error".to_owned());
        self.resolve(there);
        self.acknowledge(Effect::Nothing);
        true
    }

    /// The process ends, and perhaps the machine with it; then what is there is looked at.
    fn end(&mut self, struck: Option<Fault>) {
        self.open = None;
        let cut = match struck {
            Some(Fault::PowerCut) => true,
            Some(Fault::Kill) => self.dice.below(4) == 0,
            _ => self.dice.below(2) == 0,
        };
        self.say(|| if cut { "power cut" } else { "started again" }.to_owned());
        {
            let mut state = self.disk.state();
            if cut {
                state.cut_power()
            } else {
                state.restart()
            }
            state.make_room();
        }
        if self.dice.below(2) == 0 {
            // Somebody looks at it before it is opened.
            match verify(&self.dir(), &self.options()) {
                // It says what is still to be done; the next opening does it.
                Err(VaultError::NotErased { .. }) if matches!(self.begun, Some(Effect::Erased(_))) => {}
                verified => drop(verified.unwrap_or_else(|error| panic!("does not verify: {} {error}", error.code()))),
            }
        }
        self.open_again();
        self.look();
    }

    fn open_again(&mut self) {
        let vault = Vault::open(&self.dir(), &self.options())
            .unwrap_or_else(|error| panic!("does not open: {} {error}", error.code()));
        self.take(vault);
    }

    fn take(&mut self, vault: Vault) {
        let siti = self.admit(&vault, REGISTRY).unwrap();
        self.open = Some((vault, siti));
    }

    fn admit(&mut self, vault: &Vault, member: &str) -> Result<Actor, VaultError> {
        let random = Box::new(Seeded::new(self.dice.below(u64::MAX)));
        vault.admit_with(self.base.identity(member), random)
    }

    /// Compares all that is there with what was promised.
    fn look(&mut self) {
        let promised = self.promised.clone();
        let (vault, siti) = self.open.as_mut().unwrap();
        assert!(vault.size() >= promised.size, "entries are lost: {} of {}", vault.size(), promised.size);
        assert_eq!(vault.root_at(promised.size).unwrap(), promised.root, "the entries are others");
        let there = children(vault, siti).unwrap_or_else(|error| panic!("cannot be read: {} {error}", error.code()));
        self.resolve(there);
        self.acknowledge(Effect::Nothing);
    }

    /// Takes what was under way as done, if it is there whole; nothing else may have changed.
    fn resolve(&mut self, there: BTreeMap<String, (u64, String)>) {
        let charter = self.open.as_ref().unwrap().0.charter().version();
        let before = (&self.promised.children, self.promised.charter);
        if (&there, charter) == before {
            self.begun = None;
            return;
        }
        let begun = self.begun.take();
        self.promise(begun.unwrap_or(Effect::Nothing));
        assert_eq!(
            (&there, charter),
            (&self.promised.children, self.promised.charter),
            "more or less than was promised"
        );
        self.count("survived", 1);
    }

    fn promise(&mut self, effect: Effect) {
        match effect {
            Effect::Nothing => {}
            Effect::Children(children) => self.promised.children.extend(children),
            Effect::Charter(version) => self.promised.charter = version,
            Effect::Erased(code) => drop(self.promised.children.remove(&code)),
        }
    }

    /// An action was acknowledged: its effect and its entries are promised from now on.
    fn acknowledge(&mut self, effect: Effect) {
        self.promise(effect);
        self.count("acknowledged", 1);
        if let Some((vault, _)) = &self.open {
            self.promised.size = vault.size();
            self.promised.root = vault.root_at(vault.size()).unwrap();
        }
    }

    fn code(&mut self) -> (String, String) {
        self.next_code += 1;
        (format!("K{}", self.next_code), format!("m{}", self.next_code))
    }

    fn some_child(&mut self) -> Option<(String, (u64, String))> {
        let count = self.promised.children.len() as u64;
        let at = self.dice.below(count.max(1)) as usize;
        self.promised.children.iter().nth(at).map(|(code, write)| (code.clone(), write.clone()))
    }

    /// Something is done: what, what it changes if it succeeds, and whether it did.
    fn act(&mut self) -> (String, Effect, Result<(), VaultError>) {
        let dice = self.dice.below(36);
        let Some((mut vault, mut siti)) = self.open.take() else {
            let result = Vault::open(&self.dir(), &self.options()).map(|vault| self.take(vault));
            return ("open".to_owned(), Effect::Nothing, result);
        };
        let (name, effect, result) = match dice {
            0..10 => self.create(&mut vault, &mut siti),
            10..12 => self.import(&mut vault, &mut siti),
            12..17 => self.update(&mut vault, &mut siti),
            17..20 => self.read(&mut vault, &mut siti),
            20..22 => self.find(&mut vault, &mut siti),
            22 => {
                let done = vault.rebuild_index(&mut siti, CARE, &Unwatched).map(drop);
                self.did("index rebuilt", &done);
                ("index rebuild".to_owned(), Effect::Nothing, done)
            }
            23 => self.rotate(&mut vault, &mut siti),
            24 => {
                let done = vault.hand_on(&mut siti, GROUP, &Unwatched).map(drop);
                self.did("handed on", &done);
                ("hand on".to_owned(), Effect::Nothing, done)
            }
            25 => {
                let done = vault.checkpoint(&mut siti);
                self.did("checkpoints", &done);
                ("checkpoint".to_owned(), Effect::Nothing, done)
            }
            26 => {
                drop(vault);
                let store = self.dir().join("store");
                // As an operator would, on a good day.
                let _ = self.disk.state().take_struck();
                let _ = amanah::disk::remove_folder(&store);
                let _ = amanah::disk::sync_folder(&self.dir());
                let opened = self.reopen();
                self.did("store removed", &opened);
                return ("the store removed".to_owned(), Effect::Nothing, opened);
            }
            32..34 => self.erase(&mut vault, &mut siti),
            34.. => self.release(&mut vault, &mut siti),
            27..29 => {
                drop(vault);
                let opened = self.reopen();
                self.did("left open", &opened);
                return ("left open, opened again".to_owned(), Effect::Nothing, opened);
            }
            _ => {
                let closed = vault.close(&mut siti);
                let opened = closed.and_then(|()| self.reopen());
                self.did("closed", &opened);
                return ("closed, opened again".to_owned(), Effect::Nothing, opened);
            }
        };
        self.open = Some((vault, siti));
        (name, effect, result)
    }

    fn reopen(&mut self) -> Result<(), VaultError> {
        Vault::open(&self.dir(), &self.options()).map(|vault| self.take(vault))
    }

    fn create(&mut self, vault: &mut Vault, siti: &mut Actor) -> (String, Effect, Result<(), VaultError>) {
        let (code, mark) = self.code();
        let draft = child(vault, &code, &mark);
        let done = vault.create_record(siti, CARE, "child", &draft).map(drop);
        self.did("created", &done);
        (format!("create {code}"), Effect::Children(vec![(code, (1, mark))]), done)
    }

    fn import(&mut self, vault: &mut Vault, siti: &mut Actor) -> (String, Effect, Result<(), VaultError>) {
        let new: Vec<_> = (0..2 + self.dice.below(4)).map(|_| self.code()).collect();
        let drafts: Vec<_> = new.iter().map(|(code, mark)| child(vault, code, mark)).collect();
        let done = vault.import_records(siti, CARE, "child", &drafts, &Unwatched).map(drop);
        self.did("imported", &done);
        let effect = new.into_iter().map(|(code, mark)| (code, (1, mark))).collect();
        (format!("import {}", drafts.len()), Effect::Children(effect), done)
    }

    fn update(&mut self, vault: &mut Vault, siti: &mut Actor) -> (String, Effect, Result<(), VaultError>) {
        let Some((code, (version, _))) = self.some_child() else { return self.create(vault, siti) };
        let (_, mark) = self.code();
        let record = match vault.resolve_code(siti, &code) {
            Ok(record) => record,
            Err(error) => return (format!("look for {code}"), Effect::Nothing, Err(error)),
        };
        let done = vault.update_record(siti, CARE, &record, &renamed(vault, &mark)).map(drop);
        self.did("updated", &done);
        (format!("update {code}"), Effect::Children(vec![(code, (version + 1, mark))]), done)
    }

    fn read(&mut self, vault: &mut Vault, siti: &mut Actor) -> (String, Effect, Result<(), VaultError>) {
        let Some((code, (version, wanted))) = self.some_child() else { return self.create(vault, siti) };
        let done = vault.resolve_code(siti, &code).and_then(|record| {
            let shown = vault.read_record(siti, CARE, &record, None, None)?;
            assert_eq!((shown.version, mark(&shown)), (version, wanted), "{code} reads otherwise");
            Ok(())
        });
        self.did("read", &done);
        (format!("read {code}"), Effect::Nothing, done)
    }

    fn erase(&mut self, vault: &mut Vault, siti: &mut Actor) -> (String, Effect, Result<(), VaultError>) {
        let Some((code, _)) = self.some_child() else { return self.create(vault, siti) };
        let record = match vault.resolve_code(siti, &code) {
            Ok(record) => record,
            Err(error) => return (format!("look for {code}"), Effect::Nothing, Err(error)),
        };
        let done = vault.erase_records(siti, CARE, &[record], Ground::Request, &Unwatched).map(drop);
        self.did("erased", &done);
        (format!("erase {code}"), Effect::Erased(code), done)
    }

    fn find(&mut self, vault: &mut Vault, siti: &mut Actor) -> (String, Effect, Result<(), VaultError>) {
        let Some((code, _)) = self.some_child() else { return self.create(vault, siti) };
        let done = vault.resolve_code(siti, &code).map(drop);
        self.did("found", &done);
        (format!("find {code}"), Effect::Nothing, done)
    }

    /// Two overseers open a child's record without the centre: one asks, the other releases.
    fn release(&mut self, vault: &mut Vault, siti: &mut Actor) -> (String, Effect, Result<(), VaultError>) {
        let Some((code, (_, wanted))) = self.some_child() else { return self.create(vault, siti) };
        let done = self.released(vault, siti, &code, &wanted);
        self.did("released", &done);
        (format!("release {code}"), Effect::Nothing, done)
    }

    fn released(&mut self, vault: &mut Vault, siti: &mut Actor, code: &str, wanted: &str) -> Result<(), VaultError> {
        let record = vault.resolve_code(siti, code)?;
        let (mut ani, mut yusuf) = (self.admit(vault, KPAI)?, self.admit(vault, OMBUDSMAN)?);
        let until =
            jiff::tz::TimeZone::UTC.to_datetime(amanah::clock::now() + jiff::SignedDuration::from_hours(48)).date();
        let ask = Ask { records: &[record], classes: &[], fields: &[], until };
        let request = vault.make_request(&mut ani, OVERSIGHT, &ask)?;
        self.promised_so_far(vault);
        vault.approve(&mut yusuf, &request, None)?;
        self.promised_so_far(vault);
        let shown = vault.open_released(&mut ani, &request.id(), &[])?;
        // An envelope of the first version holds what no correction has changed.
        let now = shown.iter().max_by_key(|shown| shown.version).unwrap();
        assert_eq!(mark(now), wanted, "{code} is released otherwise");
        Ok(())
    }

    /// The entries until here were acknowledged, in the middle of a step.
    fn promised_so_far(&mut self, vault: &Vault) {
        self.promised.size = vault.size();
        self.promised.root = vault.root_at(vault.size()).unwrap();
    }

    /// The registry gets a new key, signed for by two bodies.
    fn rotate(&mut self, vault: &mut Vault, siti: &mut Actor) -> (String, Effect, Result<(), VaultError>) {
        let charter = vault.charter().clone();
        let (head, kpai) = (self.base.identity(HEAD), self.base.identity(KPAI));
        let mut proposal = Proposal::new(&charter);
        proposal.rotate(GROUP).unwrap();
        let by = (head.member.as_str(), &head.signing);
        let mut amendment =
            proposal.build(by, &mut Seeded::new(self.dice.below(u64::MAX)), amanah::clock::now()).unwrap();
        amendment.sign(KPAI, &kpai.signing).unwrap();
        let done = vault.amend_charter(siti, &amendment).map(drop);
        self.did("key changed", &done);
        ("rotate".to_owned(), Effect::Charter(charter.version() + 1), done)
    }

    /// Everything is looked at once more; and in some histories a bit has rotted by then.
    fn finish(&mut self) {
        self.disk.state().make_room();
        if self.open.is_none() {
            self.open_again();
        }
        self.look();
        let (vault, mut siti) = self.open.take().unwrap();
        vault.close(&mut siti).unwrap();
        let findings = verify(&self.dir(), &self.options())
            .unwrap_or_else(|error| panic!("does not verify: {} {error}", error.code()));
        assert_eq!(findings.entries, self.promised.size);
        match self.dice.below(4) {
            0 => {
                amanah::disk::remove_folder(&self.dir().join("store")).unwrap();
                self.open_again();
                self.look();
                let (vault, mut siti) = self.open.take().unwrap();
                vault.close(&mut siti).unwrap();
                verify(&self.dir(), &self.options()).unwrap();
            }
            1 => self.rot(),
            _ => {}
        }
    }

    /// A bit flips. Whoever still gets an answer gets the right one.
    fn rot(&mut self) {
        let Some(what) = self.disk.state().rot() else { return };
        self.say(|| format!("rotted: {what}"));
        let verified = verify(&self.dir(), &self.options()).map(drop);
        self.count("bits named by verify", u64::from(verified.is_err()));
        let opened = Vault::open(&self.dir(), &self.options());
        self.say(|| format!("verify: {verified:?}, open: {:?}", opened.as_ref().err()));
        let Ok(vault) = opened else { return };
        let Ok(siti) = self.admit(&vault, REGISTRY) else { return };
        self.open = Some((vault, siti));
        let (vault, siti) = self.open.as_mut().unwrap();
        match children(vault, siti) {
            Ok(there) => assert_eq!(there, self.promised.children, "a wrong answer after {what}"),
            Err(error) => {
                assert!(verified.is_err(), "verified, and cannot be read after {what}: {} {error}", error.code())
            }
        }
        self.open = None;
    }
}

/// Looks a child up by its code, as people do.
trait ByCode {
    fn resolve_code(&mut self, actor: &mut Actor, code: &str) -> Result<Id, VaultError>;
}

impl ByCode for Vault {
    fn resolve_code(&mut self, actor: &mut Actor, code: &str) -> Result<Id, VaultError> {
        let by = By::Code(Value::Text(code.to_owned()));
        let conditions = vec![Condition { field: Some("child_code".to_owned()), by }];
        let question = Question { kind: Some("child".to_owned()), conditions, limit: 10 };
        let answer = self.find_records(actor, CARE, &question, &Unwatched)?;
        assert_eq!(answer.total, 1, "{code} is found {} times", answer.total);
        Ok(answer.found[0].shown.record)
    }
}
