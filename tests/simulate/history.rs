//! One history of a vault on a simulated disk, and what must hold after every failure in it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use amanah::{
    crypto::{digest::Digest, random::SystemRandom},
    custody::Proposal,
    disk::mounts::{self, Mounted},
    id::Id,
    problem::{Kind, Problem as _},
    records::{schema::Schema, value::Value},
    vault::{Actor, By, Condition, Founding, Ground, Options, Question, Unwatched, Vault, VaultError, create, verify},
};

use super::disk::{Fault, ROOT, SimDisk, State};
use crate::common::{
    CARE, HEAD, KPAI, REGISTRY, World,
    faults::{Dice, child, children, mark, options, renamed},
};

const SMALL: &str = include_str!("small.toml");

const GROUP: &str = "handayani/registry";

/// A segment of the simulated disks: small, so that histories see several.
const SEGMENT: u64 = 12_000;

/// People, and a disk with a new vault.
pub struct Base {
    world: World,
    state: State,
}

impl Base {
    pub fn new() -> Base {
        let world = World::new();
        // One member's word is enough here to erase: what is tried is the disk.
        let charter = world.path().join("charter.toml");
        let text = std::fs::read_to_string(&charter).unwrap().replace("confirm = true", "confirm = false");
        std::fs::write(&charter, text).unwrap();
        let root = Path::new(ROOT).join(format!("base-{:?}", std::thread::current().id()));
        let disk = SimDisk::new(&root, SEGMENT);
        let _mounted = mounts::mount(&root, std::sync::Arc::new(disk.clone()));
        found(&world, &root).unwrap();
        let state = disk.state().clone();
        Base { world, state }
    }
}

/// Founds a vault and closes it.
fn found(world: &World, root: &Path) -> Result<(), VaultError> {
    let founding = Founding { charter: world.charter(), schema: Schema::parse(SMALL).unwrap() };
    let (vault, mut siti) =
        create(&root.join("vault"), founding, world.identity(REGISTRY), &options(&root.join("state")))
            .map_err(|errors| errors.into_iter().next().unwrap())?;
    vault.close(&mut siti)
}

/// What happened in histories.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    pub histories: u64,
    pub steps: u64,
    pub acknowledged: u64,
    pub power_cuts: u64,
    pub kills: u64,
    pub write_errors: u64,
    pub full: u64,
    pub sync_errors: u64,
    pub read_errors: u64,
    /// Of what was under way, how much was there afterwards.
    pub survived: u64,
    pub rotted: u64,
    /// Of the flipped bits, how many `verify` named.
    pub named: u64,
    /// A digest of what was asked of the disk.
    pub trace: u64,
}

impl Tally {
    pub fn add(&mut self, other: &Tally) {
        self.histories += other.histories;
        self.steps += other.steps;
        self.acknowledged += other.acknowledged;
        self.power_cuts += other.power_cuts;
        self.kills += other.kills;
        self.write_errors += other.write_errors;
        self.full += other.full;
        self.sync_errors += other.sync_errors;
        self.read_errors += other.read_errors;
        self.survived += other.survived;
        self.rotted += other.rotted;
        self.named += other.named;
        self.trace = (self.trace ^ other.trace).rotate_left(7);
    }
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
    tally: Tally,
}

/// Runs the history of a seed.
pub fn run(base: &Base, seed: u64, loud: bool) -> Tally {
    let mut history = History::begin(base, seed, loud);
    let steps = 5 + history.dice.below(14);
    for _ in 0..steps {
        history.step();
    }
    history.finish();
    history.tally.histories = 1;
    history.tally.steps = steps;
    history.tally.trace = history.disk.state().trace;
    history.tally
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
            _mounted: mounts::mount(&root, std::sync::Arc::new(disk.clone())),
            disk,
            dice: Dice(mixed | 1),
            open: None,
            promised: Promised { children: BTreeMap::new(), charter: 1, size: 0, root: [0; 32] },
            begun: None,
            next_code: 0,
            loud,
            tally: Tally::default(),
        };
        history.open_again();
        history.acknowledge(Effect::Nothing);
        history
    }

    fn say(&self, what: impl FnOnce() -> String) {
        if self.loud {
            eprintln!("{}", what());
        }
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
        match struck {
            None => {}
            Some(Fault::PowerCut) => self.tally.power_cuts += 1,
            Some(Fault::Kill) => self.tally.kills += 1,
            Some(Fault::Write) => self.tally.write_errors += 1,
            Some(Fault::Full) => self.tally.full += 1,
            Some(Fault::Sync) => self.tally.sync_errors += 1,
            Some(Fault::Read) => self.tally.read_errors += 1,
        }
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
                if !dead {
                    self.go_on_after_an_error();
                }
                self.end(struck);
            }
        }
    }

    /// The process does not end at once: whatever it still says must be right.
    fn go_on_after_an_error(&mut self) {
        self.disk.state().make_room();
        let Some((vault, siti)) = &mut self.open else { return };
        let Ok(there) = children(vault, siti) else { return };
        self.say(|| "it went on after the error".to_owned());
        self.resolve(there);
        self.acknowledge(Effect::Nothing);
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
        let siti = vault.admit(self.base.world.identity(REGISTRY)).unwrap();
        self.open = Some((vault, siti));
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
        self.tally.survived += 1;
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
        self.tally.acknowledged += 1;
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
        let dice = self.dice.below(34);
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
                ("index rebuild".to_owned(), Effect::Nothing, done)
            }
            23 => self.rotate(&mut vault, &mut siti),
            24 => {
                let done = vault.hand_on(&mut siti, GROUP, &Unwatched).map(drop);
                ("hand on".to_owned(), Effect::Nothing, done)
            }
            25 => ("checkpoint".to_owned(), Effect::Nothing, vault.checkpoint(&mut siti)),
            26 => {
                drop(vault);
                let store = self.dir().join("store");
                // As an operator would, on a good day.
                let _ = self.disk.state().take_struck();
                let _ = amanah::disk::remove_folder(&store);
                let _ = amanah::disk::sync_folder(&self.dir());
                return ("the store removed".to_owned(), Effect::Nothing, self.reopen());
            }
            32..34 => self.erase(&mut vault, &mut siti),
            27..29 => {
                drop(vault);
                return ("left open, opened again".to_owned(), Effect::Nothing, self.reopen());
            }
            _ => {
                let closed = vault.close(&mut siti);
                let opened = closed.and_then(|()| self.reopen());
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
        (format!("create {code}"), Effect::Children(vec![(code, (1, mark))]), done)
    }

    fn import(&mut self, vault: &mut Vault, siti: &mut Actor) -> (String, Effect, Result<(), VaultError>) {
        let new: Vec<_> = (0..2 + self.dice.below(4)).map(|_| self.code()).collect();
        let drafts: Vec<_> = new.iter().map(|(code, mark)| child(vault, code, mark)).collect();
        let done = vault.import_records(siti, CARE, "child", &drafts, &Unwatched).map(drop);
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
        (format!("update {code}"), Effect::Children(vec![(code, (version + 1, mark))]), done)
    }

    fn read(&mut self, vault: &mut Vault, siti: &mut Actor) -> (String, Effect, Result<(), VaultError>) {
        let Some((code, (version, wanted))) = self.some_child() else { return self.create(vault, siti) };
        let done = vault.resolve_code(siti, &code).and_then(|record| {
            let shown = vault.read_record(siti, CARE, &record, None, None)?;
            assert_eq!((shown.version, mark(&shown)), (version, wanted), "{code} reads otherwise");
            Ok(())
        });
        (format!("read {code}"), Effect::Nothing, done)
    }

    fn erase(&mut self, vault: &mut Vault, siti: &mut Actor) -> (String, Effect, Result<(), VaultError>) {
        let Some((code, _)) = self.some_child() else { return self.create(vault, siti) };
        let record = match vault.resolve_code(siti, &code) {
            Ok(record) => record,
            Err(error) => return (format!("look for {code}"), Effect::Nothing, Err(error)),
        };
        let done = vault.erase_records(siti, CARE, &[record], Ground::Request, &Unwatched).map(drop);
        (format!("erase {code}"), Effect::Erased(code), done)
    }

    fn find(&mut self, vault: &mut Vault, siti: &mut Actor) -> (String, Effect, Result<(), VaultError>) {
        let Some((code, _)) = self.some_child() else { return self.create(vault, siti) };
        (format!("find {code}"), Effect::Nothing, vault.resolve_code(siti, &code).map(drop))
    }

    /// The registry gets a new key, signed for by two bodies.
    fn rotate(&mut self, vault: &mut Vault, siti: &mut Actor) -> (String, Effect, Result<(), VaultError>) {
        let charter = vault.charter().clone();
        let (head, kpai) = (self.base.world.identity(HEAD), self.base.world.identity(KPAI));
        let mut proposal = Proposal::new(&charter);
        proposal.rotate(GROUP).unwrap();
        let by = (head.member.as_str(), &head.signing);
        let mut amendment = proposal.build(by, &mut SystemRandom::new(), jiff::Timestamp::now()).unwrap();
        amendment.sign(KPAI, &kpai.signing).unwrap();
        let done = vault.amend_charter(siti, &amendment).map(drop);
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
        self.tally.rotted += 1;
        let verified = verify(&self.dir(), &self.options()).map(drop);
        self.tally.named += u64::from(verified.is_err());
        let opened = Vault::open(&self.dir(), &self.options());
        self.say(|| format!("verify: {verified:?}, open: {:?}", opened.as_ref().err()));
        let Ok(vault) = opened else { return };
        let Ok(siti) = vault.admit(self.base.world.identity(REGISTRY)) else { return };
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
