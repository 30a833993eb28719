//! Everything that members can do, in any order and with arguments that make little sense. Whatever is
//! refused is refused with a reason, and whatever is done leaves a vault that verifies, is the same
//! when it is made anew from journal and ledger, and opens. Whatever anybody was shown, the ledger tells
//! of them, field by field, and it lay open to their keys.
//!
//! `AMANAH_WALKS=1000` is how many walks are taken, `AMANAH_WALK=17` tells one of them step by step.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::print_stderr, clippy::print_stdout)]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
};

use amanah::{
    audit::{self, Nature, Span},
    crypto::{age_wrap::Silent, identity::Identity, random::SystemRandom, slip39::Share},
    custody::{Amendment, Card, Charter, Proposal, Release, Request, exchange::Answer, statement::StatementFile},
    id::Id,
    ledger::{Action, Entry, Outcome},
    problem::{Kind, Problem as _},
    records::{schema::Schema, value::Value},
    vault::{
        Access, Actor, Ask, By, Condition, Ground, Options, Outside, Question, Revealed, Shown, Unwatched, Vault,
        VaultError, Wish, verify,
    },
};
use common::{CLINICAL, HEAD, ITJEN, KPAI, OMBUDSMAN, REGISTRY, World, draft, faults::Dice};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use zeroize::Zeroizing;

const TONO: &str = "handayani/tono";
const MEMBERS: [&str; 7] = [REGISTRY, CLINICAL, HEAD, KPAI, OMBUDSMAN, ITJEN, TONO];
const CLASSES: [&str; 5] = ["administrative", "identity", "personal", "sealed", "sensitive"];
const GROUPS: [&str; 4] = ["handayani/registry", "handayani/clinical", "handayani/head", "kpai/reviewers"];
const PURPOSES: [&str; 5] = ["care", "reporting", "oversight", "emergency", "nonsense"];
const KINDS: [&str; 4] = ["child", "family", "intake", "aftercare"];

type Done = Result<(), VaultError>;

/// People with a vault that lets glass be broken.
struct Base {
    world: World,
    keys: BTreeMap<&'static str, Zeroizing<String>>,
    card: Card,
}

impl Base {
    fn new() -> Base {
        let world = World::new();
        let path = world.path().join("charter.toml");
        let charter = fs::read_to_string(&path).unwrap();
        let kpai = "[[group]]\nid = \"kpai/reviewers\"";
        let group = format!("[[group]]\nid = \"handayani/emergency\"\nmembers = [\"{CLINICAL}\"]\n\n{kpai}");
        let sealed = "id = \"sealed\"\nreason = true\n";
        let glass = format!("{sealed}break_glass = {{ any = 1, of = [\"handayani/emergency\"] }}\n");
        let charter = charter.replacen(kpai, &group, 1).replacen(sealed, &glass, 1);
        assert!(charter.contains("break_glass"));
        fs::write(path, charter).unwrap();
        let (vault, mut siti) = world.found();
        vault.close(&mut siti).unwrap();
        let tono = Identity::generate(TONO, &mut SystemRandom::new()).unwrap();
        let card = Card::make(TONO, tono.recipient().unwrap(), &tono.signing, Timestamp::now()).unwrap();
        let mut keys: BTreeMap<_, _> = BTreeMap::from([(TONO, tono.plaintext())]);
        keys.extend(MEMBERS[..6].iter().map(|member| (*member, world.identity(member).plaintext())));
        Base { world, keys, card }
    }

    fn identity(&self, member: &str) -> Identity {
        Identity::from_plaintext(self.keys[member].as_bytes(), std::sync::Arc::new(Silent)).unwrap()
    }
}

/// One walk, and what it has met.
struct Walk<'b> {
    base: &'b Base,
    folder: tempfile::TempDir,
    dice: Dice,
    loud: bool,
    vault: Option<Vault>,
    records: Vec<Id>,
    requests: Vec<Request>,
    releases: Vec<Release>,
    statements: Vec<(StatementFile, Seen)>,
    shares: Vec<(&'static str, Vec<Share>)>,
    backups: Vec<Id>,
    /// What each member was shown.
    seen: BTreeMap<String, Seen>,
    /// What was shown without the ledger, and admitted.
    admitted: BTreeMap<String, Seen>,
    done: Counts,
}

/// How often something was done, and not refused.
type Counts = BTreeMap<&'static str, u64>;

/// Fields of records.
type Seen = BTreeMap<Id, BTreeSet<String>>;

/// Adds the fields whose values were shown.
fn see<'s>(seen: &mut Seen, shown: impl IntoIterator<Item = &'s Shown>) {
    for one in shown {
        let values = one.cells.iter().filter(|cell| matches!(cell.content, Revealed::Value(_)));
        seen.entry(one.record).or_default().extend(values.map(|cell| cell.field.to_string()));
    }
}

impl Walk<'_> {
    fn options(&self) -> Options<'static> {
        Options { state: self.folder.path().join("state"), ..self.base.world.options() }
    }

    fn dir(&self) -> std::path::PathBuf {
        self.folder.path().join("vault")
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        let at = self.dice.below(of.len().max(1) as u64) as usize;
        of.get(at).cloned()
    }

    /// Some records, one or the other of them twice.
    fn some(&mut self) -> Vec<Id> {
        let all = self.records.clone();
        (0..1 + self.dice.below(3)).filter_map(|_| self.one(&all)).collect()
    }

    fn access(&mut self) -> Access<'static> {
        let purpose = if self.dice.below(3) > 0 { Some("oversight") } else { self.one(&PURPOSES) };
        let purpose = purpose.filter(|_| self.dice.below(16) > 0);
        Access { purpose, reason: Some("sebab").filter(|_| self.dice.below(6) > 0) }
    }

    /// Mostly somebody who may.
    fn or(&mut self, vault: &Vault, actor: &Actor, other: &str) -> Actor {
        let by = self.one(&[actor.member(), other, other]).unwrap().to_owned();
        vault.admit(self.base.identity(&by)).unwrap()
    }

    /// A record of a kind, or now and then of another.
    fn of_kind(&mut self, vault: &Vault, kind: &str) -> Option<Id> {
        let all = self.records.clone();
        let fits: Vec<Id> =
            all.iter().copied().filter(|record| vault.head_of(record).is_ok_and(|head| head.kind == kind)).collect();
        if self.dice.below(8) == 0 { self.one(&all) } else { self.one(&fits) }
    }

    fn ground(&mut self) -> Ground {
        self.one(Ground::ALL).unwrap()
    }

    fn until(&mut self) -> jiff::civil::Date {
        let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
        let far = if self.dice.below(8) == 0 { 500 } else { 10 };
        today.checked_add(far.days()).unwrap()
    }

    /// Entries of an action, as the ledger has them.
    fn entries(&self, vault: &Vault, action: Action) -> Vec<u64> {
        let entries = vault.entries().unwrap().map(Result::unwrap);
        entries.filter(|entry| entry.action == action && entry.outcome == Outcome::Ok).map(|entry| entry.seq).collect()
    }

    fn step(&mut self) {
        let mut vault = self.vault.take().unwrap_or_else(|| Vault::open(&self.dir(), &self.options()).unwrap());
        let member = match self.dice.below(8) {
            0..3 => REGISTRY,
            3 => HEAD,
            _ => self.one(&MEMBERS).unwrap(),
        };
        let Ok(mut actor) = vault.admit(self.base.identity(member)) else {
            // Not a member, now or any more.
            self.vault = Some(vault);
            return;
        };
        let (what, done) = self.act(&mut vault, &mut actor);
        if self.loud {
            eprintln!("{} {member} {what}: {done:?}", vault.size());
        }
        match done {
            Ok(()) => *self.done.entry(what).or_default() += 1,
            Err(error) => {
                let fits = !matches!(error.kind(), Kind::Integrity | Kind::Storage | Kind::Internal);
                // Of what was typed in it is said that it is not what it should be.
                assert!(fits || what == "paper", "{member} {what}: {} {error}", error.code());
            }
        }
        if self.dice.below(5) > 0 {
            self.vault = Some(vault);
            return;
        }
        if self.dice.below(2) == 0 {
            // Who was taken out makes no checkpoint.
            vault.close(&mut actor).unwrap_or_else(|error| assert_eq!(error.kind(), Kind::Refused, "{error}"));
        } else {
            vault.leave().unwrap();
        }
        self.look();
    }

    /// Everything is verified, also against a store that is made anew.
    fn look(&mut self) {
        let found = verify(&self.dir(), &self.options()).unwrap_or_else(|error| panic!("does not verify: {error}"));
        if self.dice.below(2) == 0 {
            fs::remove_dir_all(self.dir().join("store")).unwrap();
            let vault = Vault::open(&self.dir(), &self.options()).unwrap_or_else(|error| panic!("no opening: {error}"));
            assert!(vault.was_rebuilt() && vault.size() == found.entries);
            vault.leave().unwrap();
            verify(&self.dir(), &self.options()).unwrap_or_else(|error| panic!("another store: {error}"));
        }
    }

    /// Somebody was shown something, for a purpose.
    fn saw<'s>(
        &mut self,
        vault: &Vault,
        actor: &Actor,
        purpose: Option<&str>,
        shown: impl IntoIterator<Item = &'s Shown>,
    ) {
        let mut seen = Seen::new();
        see(&mut seen, shown);
        let exempt = purpose.and_then(|code| vault.charter().purpose(code)).is_some_and(|purpose| purpose.restricted);
        let overseer = !actor.member().starts_with("handayani/");
        for (record, fields) in seen {
            let restricted = !fields.is_empty() && vault.restriction_of(&record).unwrap().is_some();
            assert!(!restricted || exempt || overseer, "{} was shown what is restricted", actor.member());
            self.seen.entry(actor.member().to_owned()).or_default().entry(record).or_default().extend(fields);
        }
    }

    /// Whatever anybody was shown, the ledger tells of them, and it lay open to their keys.
    fn told(&self, vault: &Vault) {
        let charters: Vec<&Charter> = vault.charters().map(std::sync::Arc::as_ref).collect();
        let entries: Vec<_> = vault.entries().unwrap().map(Result::unwrap).collect();
        // What nobody opened by the ledger, and what was released with a record that is erased: what lay
        // open is told without looking at what was opened.
        let erased = entries.iter().any(|entry| entry.action == Action::RecordErase && entry.outcome == Outcome::Ok);
        let written = entries.iter().filter(|entry| Nature::of(entry.action) == Nature::Written);
        let written: Vec<_> = if erased { entries.clone() } else { written.cloned().collect() };
        let read = |entries: &[Entry]| entries.iter().cloned().map(Ok::<_, VaultError>).collect::<Vec<_>>();
        for member in self.seen.keys().chain(self.admitted.keys()).collect::<BTreeSet<_>>() {
            let released = vault.released_to(member).unwrap();
            let exposure = |entries: &[Entry]| {
                audit::exposure(read(entries), &charters, member, &released, Span::default()).unwrap()
            };
            let (did, could) = (exposure(&entries).did, exposure(&written).could);
            let seen = self.seen.get(member).into_iter().flatten();
            let admitted = self.admitted.get(member).into_iter().flatten();
            let wanted = seen.flat_map(|one| [(one, &did), (one, &could)]).chain(admitted.map(|one| (one, &did)));
            for ((record, fields), told) in wanted {
                let told = told.get(record).map(|one| one.fields.values().flatten().collect::<BTreeSet<_>>());
                let told = told.unwrap_or_default();
                let untold: Vec<_> = fields.iter().filter(|field| !told.contains(field)).collect();
                assert!(untold.is_empty(), "{member} was shown {untold:?} of {record}, which is not told");
            }
        }
    }

    fn act(&mut self, vault: &mut Vault, actor: &mut Actor) -> (&'static str, Done) {
        let (access, some) = (self.access(), self.some());
        let first = some.first().copied().unwrap_or(Id([7; 16]));
        let dice = if self.records.len() < 6 { self.dice.below(12) } else { self.dice.below(40) };
        match dice {
            0..6 => ("create", self.create(vault, actor, access)),
            6 => ("update", self.update(vault, actor, access, first, None)),
            7 => {
                let owner = self.of_kind(vault, "family");
                ("link", self.update(vault, actor, access, first, owner))
            }
            8 => {
                let kind = vault.head_of(&first).map(|head| head.kind).unwrap_or_default();
                let other = self.of_kind(vault, &kind).unwrap_or(first);
                ("merge", vault.merge_records(actor, access, &first, &other))
            }
            9 => {
                let ground = self.ground();
                ("restrict", vault.restrict_records(actor, access, &some, ground))
            }
            10 => ("unrestrict", vault.release_restriction(actor, access, &some)),
            11 | 12 => {
                let (ground, all) = (self.ground(), self.dice.below(2) == 0);
                let related = if all { vault.with_related(&some) } else { Ok(some) };
                ("ask erasure", related.and_then(|some| vault.ask_erasure(actor, access, &some, ground).map(drop)))
            }
            13 | 14 => {
                let all = self.entries(vault, Action::RecordEraseAsk);
                let asked: Vec<u64> = (0..1 + self.dice.below(3)).filter_map(|_| self.one(&all)).collect();
                // Mostly by somebody who may: two do.
                let by = self.one(&[actor.member(), HEAD, REGISTRY]).unwrap().to_owned();
                let mut by = vault.admit(self.base.identity(&by)).unwrap();
                ("confirm erasure", vault.confirm_erasure(&mut by, access, &asked, &Unwatched).map(drop))
            }
            15 => {
                let ground = self.ground();
                let related = vault.with_related(&some);
                let erased = related.and_then(|some| vault.erase_records(actor, access, &some, ground, &Unwatched));
                ("erase", erased.map(drop))
            }
            16..19 => ("request", self.request(vault, actor, access, &some)),
            19 => ("request from outside", self.request_outside(vault, actor, access, &some)),
            20 | 21 => {
                let by = self.one(&[actor.member(), KPAI, HEAD, REGISTRY]).unwrap().to_owned();
                let mut by = vault.admit(self.base.identity(&by)).unwrap();
                ("approve", self.approve(vault, &mut by))
            }
            22 => {
                let Some(request) = self.a_request() else { return ("deny nothing", Ok(())) };
                ("deny", vault.deny(actor, &request, "tidak perlu").map(drop))
            }
            23 => {
                let Some(request) = self.a_request() else { return ("withdraw nothing", Ok(())) };
                ("withdraw", vault.withdraw_request(actor, &request.id()))
            }
            24..26 => ("open released", self.open_released(vault, actor)),
            26 => {
                let mut by = self.or(vault, actor, KPAI);
                ("work aside", self.aside(vault, &mut by, access, &some))
            }
            27 => {
                let all = self.statements.clone();
                let Some((file, seen)) = self.one(&all) else { return ("admit nothing", Ok(())) };
                let admitted = vault.admit_statement(actor, &file).map(drop);
                if admitted.is_ok() {
                    let opener = file.parts().unwrap().0.opener().to_owned();
                    let told = self.admitted.entry(opener).or_default();
                    seen.into_iter().for_each(|(record, fields)| told.entry(record).or_default().extend(fields));
                }
                ("admit", admitted)
            }
            28 => {
                let mut by = self.or(vault, actor, CLINICAL);
                let record = self.of_kind(vault, "intake").unwrap_or(first);
                let shown = vault.break_glass(&mut by, access, &record, None);
                ("break glass", shown.map(|shown| self.saw(vault, &by, access.purpose, &[shown])))
            }
            29 => {
                let all = self.entries(vault, Action::GlassBreak);
                let Some(entry) = self.one(&all) else { return ("acknowledge nothing", Ok(())) };
                let mut by = self.or(vault, actor, ITJEN);
                ("acknowledge", vault.acknowledge_glass(&mut by, entry))
            }
            30 | 31 => ("amend", self.amend(vault, actor)),
            32 => {
                let group = self.one(&GROUPS).unwrap();
                ("hand on", vault.hand_on(actor, group, &Unwatched).map(drop))
            }
            33 => ("index rebuild", vault.rebuild_index(actor, access, &Unwatched).map(drop)),
            34 => ("look at", self.look_at(vault, actor, access, first)),
            35 => ("paper", self.paper(vault, actor)),
            36 => {
                let made = vault.begin_backup(actor, 30).map(|frozen| self.backups.push(frozen.backup()));
                ("backup", made)
            }
            37 => {
                let all = self.backups.clone();
                let (backup, sound) = (self.one(&all).unwrap_or(first), self.dice.below(2) == 0);
                ("backup tried", vault.backup_tried(actor, backup, sound))
            }
            38 => {
                let version = vault.schema().version();
                let next = format!("\nversion = {}\n", version + self.dice.below(2));
                let text = vault.schema().text().replacen(&format!("\nversion = {version}\n"), &next, 1);
                ("schema", vault.amend_schema(actor, &Schema::parse(&text).unwrap()))
            }
            _ => ("checkpoint", vault.checkpoint(actor)),
        }
    }

    fn create(&mut self, vault: &mut Vault, actor: &mut Actor, access: Access<'_>) -> Done {
        let (kind, number) = (self.one(&KINDS).unwrap(), self.dice.below(1_000_000).to_string());
        let fields = match kind {
            "child" => vec![("child_code", &*number), ("full_name", "Nama Contoh"), ("birth_date", "2012-03-04")],
            "family" => vec![("family_code", &*number)],
            "intake" => vec![("intake_date", "2026-01-05"), ("referrer", "Rahasia")],
            _ => vec![("visit_date", "2024-05-06")],
        };
        let mut new = draft(vault.schema(), kind, &fields);
        new.of = match kind {
            "family" => None,
            "child" if self.dice.below(3) == 0 => None,
            "child" => self.of_kind(vault, "family"),
            _ => self.of_kind(vault, "child"),
        };
        let written = match self.dice.below(4) {
            0 => vault.import_records(actor, access, kind, &[new.clone(), new], &Unwatched)?,
            _ => vec![vault.create_record(actor, access, kind, &new)?],
        };
        self.records.extend(written.into_iter().map(|one| one.record));
        Ok(())
    }

    fn update(&mut self, vault: &mut Vault, actor: &mut Actor, access: Access<'_>, record: Id, of: Option<Id>) -> Done {
        let mut new = match (vault.head_of(&record)?.kind.as_str(), of) {
            ("child", None) => draft(vault.schema(), "child", &[("full_name", "Nama Lain")]),
            ("intake", None) => draft(vault.schema(), "intake", &[("referrer", "Lain")]),
            _ => Default::default(),
        };
        new.of = of;
        vault.update_record(actor, access, &record, &new).map(drop)
    }

    fn request(&mut self, vault: &mut Vault, actor: &mut Actor, access: Access<'_>, records: &[Id]) -> Done {
        let classes: Vec<String> = (0..self.dice.below(3)).filter_map(|_| self.one(&CLASSES)).map(Into::into).collect();
        let ask = Ask { records, classes: &classes, fields: &[], until: self.until() };
        self.requests.push(vault.make_request(actor, access, &ask)?);
        Ok(())
    }

    fn request_outside(&mut self, vault: &mut Vault, actor: &Actor, access: Access<'_>, records: &[Id]) -> Done {
        let state = self.folder.path().join(format!("outside-{}", self.dice.below(1 << 40)));
        Outside::trust(&state, &vault.chain())?;
        let outside = Outside::load(&state, vault.id())?;
        let classes = [self.one(&CLASSES).unwrap().to_owned()];
        let (purpose, reason, until) = (access.purpose.unwrap_or("care"), access.reason, self.until());
        let wish = Wish { purpose, reason, until, records, classes: &classes, fields: &[] };
        let request = outside.ask(&self.base.identity(actor.member()), &wish, Timestamp::now())?;
        self.requests.push(request);
        Ok(())
    }

    fn a_request(&mut self) -> Option<Request> {
        // Mostly one of the last: the others are answered, or void.
        let from = self.requests.len().saturating_sub(if self.dice.below(3) == 0 { 1000 } else { 3 });
        let last = self.requests[from..].to_vec();
        self.one(&last)
    }

    fn approve(&mut self, vault: &mut Vault, actor: &mut Actor) -> Done {
        let Some(request) = self.a_request() else { return Ok(()) };
        let group = self.one(&GROUPS).filter(|_| self.dice.below(4) == 0);
        let (entry, release) = vault.approve(actor, &request, group)?;
        // It goes out as a file where the asker has no vault.
        vault.send_answer(actor, &request, entry, &Answer::Release(Box::new(release.clone())), None)?;
        self.releases.push(release);
        Ok(())
    }

    fn open_released(&mut self, vault: &mut Vault, actor: &mut Actor) -> Done {
        let Some(request) = self.a_request() else { return Ok(()) };
        let all = self.releases.clone();
        let outside: Vec<Release> = (0..self.dice.below(4)).filter_map(|_| self.one(&all)).collect();
        let by = self.one(&[actor.member(), request.asker()]).unwrap().to_owned();
        let Ok(mut by) = vault.admit(self.base.identity(&by)) else { return Ok(()) };
        let shown = vault.open_released(&mut by, &request.id(), &outside)?;
        self.saw(vault, &by, Some(request.purpose()), &shown);
        Ok(())
    }

    /// Overseers work without the ledger; what they say of it is admitted later, or never.
    fn aside(&mut self, vault: &mut Vault, actor: &mut Actor, access: Access<'_>, records: &[Id]) -> Done {
        let ask = Ask { records, classes: &[], fields: &[], until: self.until() };
        let to = ["ombudsman/reviewers".to_owned()];
        let (request, file) = vault.request_aside(actor, access, &ask, &to, None)?;
        let state = self.folder.path().join(format!("aside-{}", self.dice.below(1 << 40)));
        Outside::trust(&state, &vault.chain())?;
        let outside = Outside::load(&state, vault.id())?;
        let answer = outside.approve(&self.base.identity(OMBUDSMAN), &file, None, Timestamp::now())?;
        let Answer::Release(release) = answer.answer()? else { return Ok(()) };
        let mut kept = None;
        let shown = vault.open_aside(actor, &request, &[*release], &mut |file| {
            kept = Some(file.clone());
            Ok(())
        })?;
        let mut seen = Seen::new();
        see(&mut seen, &shown);
        self.statements.push((kept.unwrap(), seen));
        Ok(())
    }

    /// Somebody comes or goes, a key is changed, a purpose or a rule.
    fn amend(&mut self, vault: &mut Vault, actor: &mut Actor) -> Done {
        let present = vault.charter().clone();
        let maker = self.one(&[HEAD, KPAI, OMBUDSMAN]).unwrap();
        let Some(amendment) = self.amendment(&present, maker) else { return Ok(()) };
        vault.amend_charter(actor, &amendment).map(drop)
    }

    fn amendment(&mut self, present: &Charter, maker: &str) -> Option<Amendment> {
        let text = present.toml();
        let purpose =
            "[[purpose]]\ncode = \"reporting\"\nen = \"Figures\"\nid = \"Angka\"\n\n[[purpose]]\ncode = \"care\"";
        let confirm = [("confirm = true", "confirm = false"), ("confirm = false", "confirm = true")];
        let edited = |from: &str, to: &str| text.contains(from).then(|| text.replacen(from, to, 1));
        let proposal = match self.dice.below(6) {
            0 => {
                let (from, to) = confirm.into_iter().find(|(from, _)| text.contains(from))?;
                Proposal::from_toml(present, &edited(from, to)?, "charter", self.folder.path()).ok()?
            }
            1 => {
                let edited = match text.find("[[purpose]]\ncode = \"reporting\"") {
                    Some(begin) => {
                        let end = begin + 2 + text[begin + 2..].find("[[").unwrap();
                        format!("{}{}", &text[..begin], &text[end..])
                    }
                    None => edited("[[purpose]]\ncode = \"care\"", purpose)?,
                };
                Proposal::from_toml(present, &edited, "charter", self.folder.path()).ok()?
            }
            2 | 3 => {
                let mut proposal = Proposal::new(present);
                match present.member(TONO) {
                    Some(_) => proposal.revoke(TONO).ok()?,
                    None => proposal.enroll(&self.base.card, &["handayani/registry".to_owned()]).ok()?,
                }
                proposal
            }
            _ => {
                let mut proposal = Proposal::new(present);
                proposal.rotate(self.one(&GROUPS).unwrap()).ok()?;
                proposal
            }
        };
        let identity = self.base.identity(maker);
        let mut amendment =
            proposal.build((maker, &identity.signing), &mut SystemRandom::new(), Timestamp::now()).ok()?;
        for member in [HEAD, KPAI].into_iter().filter(|member| *member != maker) {
            amendment.sign(member, &self.base.identity(member).signing).ok()?;
        }
        Some(amendment)
    }

    fn look_at(&mut self, vault: &mut Vault, actor: &mut Actor, access: Access<'_>, record: Id) -> Done {
        match self.dice.below(7) {
            0 => {
                let shown = vault.read_record(actor, access, &record, None, None)?;
                self.saw(vault, actor, access.purpose, &[shown]);
            }
            1 => {
                let shown = vault.read_case(actor, access, &record)?;
                self.saw(vault, actor, access.purpose, &shown);
            }
            2 => drop(vault.history(actor, access, &record)?),
            3 => {
                let found = vault.find_duplicates(actor, access, "child", &Unwatched)?;
                self.saw(vault, actor, access.purpose, found.pairs.iter().flat_map(|pair| [&pair.one, &pair.other]));
            }
            4 => {
                let by = match self.dice.below(2) {
                    0 => By::Code(Value::Text("17".to_owned())),
                    _ => By::Name("contoh".to_owned()),
                };
                let conditions = vec![Condition { field: None, by }];
                let question = Question { kind: None, conditions, limit: 9 };
                let answer = vault.find_records(actor, access, &question, &Unwatched)?;
                self.saw(vault, actor, access.purpose, answer.found.iter().map(|one| &one.shown));
            }
            5 => drop(vault.retention_due(actor, access, vault.today(), &Unwatched)?),
            _ => {
                let class = self.one(&CLASSES).unwrap();
                let out = vault.export_records(actor, access, &[record], class, "somebody", &Unwatched)?;
                self.saw(vault, actor, access.purpose, &out.records);
            }
        }
        Ok(())
    }

    fn paper(&mut self, vault: &mut Vault, actor: &mut Actor) -> Done {
        let group = self.one(&GROUPS).unwrap();
        let all = self.shares.clone();
        let (of, shares) = match self.one(&all) {
            Some(dealt) if self.dice.below(3) > 0 => dealt,
            _ => {
                let dealt = vault.split_group_key(actor, group, 2, 3)?;
                self.shares.push((group, dealt.shares));
                return Ok(());
            }
        };
        let of = if self.dice.below(4) == 0 { group } else { of };
        let count = self.dice.below(4) as usize;
        match self.dice.below(2) {
            0 => vault.drill(actor, of, &shares[..count]).map(drop),
            _ => vault.combine(actor, of, &shares[..count], &Unwatched).map(drop),
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// Takes a walk; what of its steps was done, and not refused.
fn walk(base: &Base, seed: u64, loud: bool) -> Counts {
    let folder = tempfile::tempdir().unwrap();
    common::faults::copy(&base.world.vault_dir(), &folder.path().join("vault"));
    let mut walk = Walk {
        base,
        folder,
        dice: Dice((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
        loud,
        vault: None,
        records: Vec::new(),
        requests: Vec::new(),
        releases: Vec::new(),
        statements: Vec::new(),
        shares: Vec::new(),
        backups: Vec::new(),
        seen: BTreeMap::new(),
        admitted: BTreeMap::new(),
        done: Counts::new(),
    };
    (0..60).for_each(|_| walk.step());
    let vault = walk.vault.take().unwrap_or_else(|| Vault::open(&walk.dir(), &walk.options()).unwrap());
    walk.told(&vault);
    vault.leave().unwrap();
    walk.look();
    walk.done
}

#[test]
fn whatever_is_done_leaves_a_vault_that_verifies() {
    let base = Base::new();
    if let Some(seed) = number("AMANAH_WALK") {
        walk(&base, seed, true);
        return;
    }
    let (mut done, first) = (Counts::new(), number("AMANAH_FIRST").unwrap_or(0));
    for seed in first..first + number("AMANAH_WALKS").unwrap_or(8) {
        match catch_unwind(AssertUnwindSafe(|| walk(&base, seed, false))) {
            Ok(counts) => counts.into_iter().for_each(|(what, count)| *done.entry(what).or_default() += count),
            Err(_) => panic!("to see it: AMANAH_WALK={seed} cargo test --test any_order -- --nocapture"),
        }
    }
    let all: u64 = done.values().sum();
    println!("{all} steps were done: {done:?}");
    assert!(all > 50);
}
