//! `amanah demo`: makes a vault with invented records and shows what it does, step by step.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use secrecy::SecretString;
use serde_json::json;

use crate::{
    cli::{
        audit::log,
        charter::show as charter_show,
        context::Context,
        error::{CliError, CliResult},
        help::value_key,
        i18n::tr,
        record::view,
        report,
        work::{self, Watcher},
    },
    crypto::{
        age_wrap::Silent,
        identity::{Identity, Protection},
        random::SystemRandom,
    },
    custody::{Card, Draft as CharterDraft, GroupKey, draft::READY, exchange::Answer},
    id::{Id, body_of},
    problem::Problem,
    records::{input::parse_text, synthetic, template},
    vault::{self, Access, Actor, Ask, Draft, Founding, Ground, Options, Outside, Shown, Unwatched, Vault, VaultError},
};

/// The passphrase of the invented people. It is printed, so that everything can be tried.
const PASSPHRASE: &str = "demonstration only, no secret";

/// scrypt's work factor for it: stretching a printed passphrase protects nothing.
const WORK_FACTOR: u8 = 10;

/// The invented people of the ready charter, and the groups that the overseers make themselves.
const PEOPLE: [&str; 6] =
    ["handayani/siti", "handayani/budi", "handayani/ratna", "kpai/ani", "ombudsman/yusuf", "itjen/dewi"];
const REGISTRY: &str = PEOPLE[0];
const CLINICIAN: &str = PEOPLE[1];
const HEAD: &str = PEOPLE[2];
const OVERSEER: &str = PEOPLE[3];

const CARE: Access<'static> = Access { purpose: Some("care"), reason: None };

/// How many entries of the ledger are shown at the end.
const LAST_ENTRIES: usize = 12;

/// The arguments of `amanah demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The folder to make it in; otherwise a new one, amanah-demo
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Invent other records: the same number gives the same ones
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &DemoArgs, context: &Context) -> CliResult {
    let dir = match &args.dir {
        Some(dir) if dir.exists() => return Err(CliError::DemoExists { path: dir.display().to_string() }.into()),
        Some(dir) => dir.clone(),
        None => fresh_folder(),
    };
    let demo = Demo { dir, context, step: 0.into() };
    let summary = demo.play(args.seed)?;
    if context.is_json() {
        context.terminal.json(&summary)?;
    }
    Ok(())
}

/// `amanah-demo`, or the first free one of `amanah-demo-2` and so on.
fn fresh_folder() -> PathBuf {
    let name = |number: u32| if number == 1 { "amanah-demo".to_owned() } else { format!("amanah-demo-{number}") };
    (1..).map(|number| PathBuf::from(name(number))).find(|path| !path.exists()).unwrap_or_default()
}

struct Demo<'c> {
    dir: PathBuf,
    context: &'c Context,
    step: std::cell::Cell<u32>,
}

impl Demo<'_> {
    fn play(&self, seed: u64) -> CliResult<serde_json::Value> {
        self.say(&tr!("demo-begin", dir = self.path("")))?;
        self.people()?;
        let (mut vault, mut siti) = self.found()?;
        let (records, first) = self.import(&mut vault, &mut siti, seed)?;
        let child = self.case(&mut vault, &mut siti)?;
        vault.close(&mut siti)?;
        let refusals = self.refusals(&child)?;
        let released = self.two_institutions(&child)?;
        let erased = self.erasure(&first)?;
        self.ledger()?;
        let found = self.tamper()?;
        self.next()?;
        Ok(json!({
            "dir": self.path(""), "records": records, "refused": refusals, "released": released, "erased": erased, "tampering_found": found,
        }))
    }

    /// Keys and cards, each made by its owner.
    fn people(&self) -> CliResult {
        self.heading(&tr!("demo-people"), &tr!("demo-people-how"))?;
        for folder in ["", "keys", "cards"] {
            let path = self.dir.join(folder);
            crate::disk::make_folders(&path).map_err(|source| self.unwritable(&path, source))?;
        }
        work::write_new(&self.dir.join("charter.toml"), READY.as_bytes())?;
        work::write_new(&self.dir.join("passphrase"), PASSPHRASE.as_bytes())?;
        let now = jiff::Timestamp::now();
        let mut rows = Vec::new();
        for member in PEOPLE {
            let identity = Identity::generate(member, &mut SystemRandom::new())?;
            let recipient = identity.recipient().ok_or_else(|| went("no recipient"))?;
            let card = Card::make(member, recipient, &identity.signing, now)?;
            let passphrase = SecretString::from(PASSPHRASE.to_owned());
            let file = identity.to_file(&Protection::Passphrase(&passphrase, WORK_FACTOR))?;
            work::write_new(&self.key(member), &file)?;
            let name = member.replace('/', "-");
            work::write_new(&self.dir.join(format!("cards/{name}.card")), &card.to_bytes())?;
            let body = body_of(member).unwrap_or_default();
            if body != "handayani" {
                let group = format!("{body}/reviewers");
                let (key, _) =
                    GroupKey::make(&group, 1, &[&card], (member, &identity.signing), now, &mut SystemRandom::new())?;
                work::write_new(&self.dir.join(format!("cards/{body}-reviewers.group")), &key.to_bytes())?;
            }
            rows.push(vec![member.to_owned(), card.fingerprint()]);
        }
        self.table(&[tr!("field-member"), tr!("field-fingerprint")], rows)
    }

    fn found(&self) -> CliResult<(Vault, Actor)> {
        self.heading(&tr!("demo-vault"), &tr!("demo-vault-how"))?;
        let charter = CharterDraft::read(READY, "charter.toml", &self.dir)?;
        let founding = Founding { charter, schema: template::sentra() };
        let created =
            vault::create(&self.dir.join("vault"), founding, self.identity(REGISTRY)?, &self.options(&Unwatched));
        let (vault, actor) = created.map_err(|mut faults| match faults.pop() {
            Some(fault) => fault.into(),
            None => Box::new(went("no vault")) as Box<dyn Problem>,
        })?;
        if !self.context.is_json() {
            charter_show::classes(&vault.charter().clone(), self.context)?;
        }
        Ok((vault, actor))
    }

    /// How many records there are, and the first child among them: always the same one.
    fn import(&self, vault: &mut Vault, siti: &mut Actor, seed: u64) -> CliResult<(usize, Id)> {
        self.heading(&tr!("demo-import"), &tr!("demo-import-how"))?;
        let register = synthetic::register(seed);
        let schema = vault.schema().clone();
        let watcher = Watcher::new(&self.context.terminal);
        let mut ids: Vec<Option<Id>> = vec![None; register.len()];
        let mut rows = Vec::new();
        let purpose = Access { purpose: Some("registration"), reason: None };
        for kind in order(&register) {
            let of_kind = schema.kind(kind).ok_or_else(|| went("a kind that the schema has not"))?;
            let mut drafts = Vec::new();
            let mut places = Vec::new();
            for (place, record) in register.iter().enumerate().filter(|(_, record)| record.kind == kind) {
                let mut draft = Draft { of: record.parent.and_then(|parent| ids[parent]), ..Draft::default() };
                for (name, text) in &record.fields {
                    let field = of_kind.field(name).ok_or_else(|| went("a field that the schema has not"))?;
                    draft.values.push(((*name).to_owned(), parse_text(field, text)?));
                }
                drafts.push(draft);
                places.push(place);
            }
            let written = vault.import_records(siti, purpose, kind, &drafts, &watcher)?;
            rows.push(vec![of_kind.label.get(self.context.language.into()).to_owned(), written.len().to_string()]);
            for (place, one) in places.into_iter().zip(written) {
                ids[place] = Some(one.record);
            }
        }
        self.table(&[tr!("field-kind"), tr!("field-count")], rows)?;
        let first = register.iter().zip(ids).find(|(record, _)| record.kind == "child").and_then(|(_, id)| id);
        Ok((register.len(), first.ok_or_else(|| went("no child"))?))
    }

    /// An officer reads a case and corrects it.
    fn case(&self, vault: &mut Vault, siti: &mut Actor) -> CliResult<Id> {
        self.heading(&tr!("demo-case"), &tr!("demo-case-how"))?;
        let mut children = vault.records_of_kind("child")?;
        children.sort();
        let child = *children.first().ok_or_else(|| went("no child"))?;
        let case = vault.read_case(siti, CARE, &child)?;
        let shown = case.iter().find(|one| one.record == child).ok_or_else(|| went("a case without its child"))?;
        self.show(shown, vault)?;
        self.say(&tr!("demo-case-more", count = case.len() - 1))?;
        let schema = vault.schema().clone();
        let field = schema.kind("child").and_then(|kind| kind.field("alias")).ok_or_else(|| went("no alias"))?;
        let draft = Draft { values: vec![("alias".to_owned(), parse_text(field, "Adik")?)], of: None };
        vault.update_record(siti, CARE, &child, &draft)?;
        let history = vault.history(siti, CARE, &child)?;
        let rows = history.iter().map(|v| {
            let fields = if v.fields.len() > 3 { tr!("demo-all-fields") } else { v.fields.join(", ") };
            vec![v.version.to_string(), v.entry.actor.clone(), v.entry.action.name().to_owned(), fields]
        });
        let header = [tr!("field-version"), tr!("field-actor"), tr!("field-action"), tr!("field-fields")];
        self.table(&header, rows.collect())?;
        Ok(child)
    }

    /// Each is refused what is not theirs.
    fn refusals(&self, child: &Id) -> CliResult<usize> {
        self.heading(&tr!("demo-refused"), &tr!("demo-refused-how"))?;
        let mut refused = 0;
        for (member, field) in [(CLINICIAN, "full_name"), (REGISTRY, "disability")] {
            refused += self.refused(member, child, field)?;
        }
        self.heading(&tr!("demo-sealed"), &tr!("demo-sealed-how"))?;
        let (vault, actor) = self.open(HEAD)?;
        let owned = vault.owned_by(child)?;
        self.close(vault, actor)?;
        let intake =
            owned.into_iter().find(|(kind, _)| kind == "intake").ok_or_else(|| went("a child without intake"))?;
        refused += self.refused(HEAD, &intake.1, "category")?;
        Ok(refused)
    }

    /// The head asks KPAI, whose machine has no vault, and opens with the answer.
    fn two_institutions(&self, child: &Id) -> CliResult<usize> {
        self.heading(&tr!("demo-release"), &tr!("demo-release-how"))?;
        let now = jiff::Timestamp::now();
        let (mut vault, mut head) = self.open(HEAD)?;
        let intake = vault.owned_by(child)?.into_iter().find(|(kind, _)| kind == "intake");
        let (_, intake) = intake.ok_or_else(|| went("a child without intake"))?;
        let access = Access { purpose: Some("case_conference"), reason: Some("demonstration") };
        let zone = jiff::tz::TimeZone::get(vault.charter().time_zone()).unwrap_or(jiff::tz::TimeZone::UTC);
        let until = zone.to_datetime(now).date().checked_add(jiff::Span::new().days(7));
        let until = until.map_err(|_| went("no next week"))?;
        let classes = ["sealed".to_owned()];
        let ask = Ask { records: &[intake], classes: &classes, fields: &[], until };
        let request = vault.make_request(&mut head, access, &ask)?;
        let sent = vault.send_request(&mut head, &request.id(), &["kpai/reviewers".to_owned()], None)?;
        let chain = vault.chain();
        self.close(vault, head)?;
        work::write_new(&self.dir.join("request"), &sent.to_bytes())?;
        self.say(&format!("  {}", tr!("demo-release-asked", file = self.path("request"))))?;
        // What KPAI's machine has: its key, the file, and what it remembers.
        let state = self.dir.join("kpai-state");
        Outside::trust(&state, &chain)?;
        let answer = Outside::load(&state, chain.vault()?)?.approve(&self.identity(OVERSEER)?, &sent, None, now)?;
        work::write_new(&self.dir.join("release"), &answer.to_bytes())?;
        self.say(&format!("  {}\n", tr!("demo-release-given", member = OVERSEER, file = self.path("release"))))?;
        let Answer::Release(release) = answer.answer()? else { return Err(went("no release").into()) };
        let (mut vault, mut head) = self.open(HEAD)?;
        let shown = vault.open_released(&mut head, &request.id(), &[*release])?;
        for one in &shown {
            self.show(one, &vault)?;
        }
        self.close(vault, head)?;
        Ok(shown.len())
    }

    /// One member asks for it, another confirms; what is left is the proof.
    fn erasure(&self, record: &Id) -> CliResult<usize> {
        self.heading(&tr!("demo-erase"), &tr!("demo-erase-how"))?;
        let access = Access { purpose: Some("legal_duty"), reason: Some("demonstration") };
        let (mut vault, mut siti) = self.open(REGISTRY)?;
        let records = vault.with_related(&[*record])?;
        let asked = vault.ask_erasure(&mut siti, access, &records, Ground::Request)?;
        self.close(vault, siti)?;
        let (mut vault, mut head) = self.open(HEAD)?;
        let erased = vault.confirm_erasure(&mut head, access, &asked, &Unwatched)?;
        let read = vault.read_record(&mut head, CARE, record, None, None);
        self.close(vault, head)?;
        self.say(&format!("  {}", tr!("demo-erase-asked", member = REGISTRY, count = records.len())))?;
        self.say(&format!("  {}", tr!("demo-erase-done", member = HEAD, count = erased.items)))?;
        match read {
            Err(error @ VaultError::WasErased { .. }) => {
                self.say(&format!("\n  {}", report::sentence(&error, self.context.language)))?;
            }
            Err(error) => return Err(error.into()),
            Ok(_) => return Err(went("an erased record was shown").into()),
        }
        let sound = vault::verify(&self.dir.join("vault"), &self.options(&Unwatched))?;
        self.say(&format!("  {}", tr!("demo-sound", entries = sound.entries)))?;
        Ok(erased.records.len())
    }

    fn refused(&self, member: &str, record: &Id, field: &str) -> CliResult<usize> {
        let (mut vault, mut actor) = self.open(member)?;
        let access = Access { purpose: Some("care"), reason: Some("demonstration") };
        let read = vault.read_record(&mut actor, access, record, Some(&[field.to_owned()]), None);
        self.close(vault, actor)?;
        match read {
            Err(error @ VaultError::Sealed { .. }) => {
                self.say(&format!("  {member}: {}", report::sentence(&error, self.context.language)))?;
                Ok(1)
            }
            Err(error) => Err(error.into()),
            Ok(_) => Err(went("a field was shown that should be sealed").into()),
        }
    }

    fn ledger(&self) -> CliResult {
        self.heading(&tr!("demo-ledger"), &tr!("demo-ledger-how"))?;
        let (vault, actor) = self.open(REGISTRY)?;
        let entries: Vec<_> = vault.entries()?.collect::<Result<_, _>>()?;
        let zone = vault.charter().time_zone().to_owned();
        self.close(vault, actor)?;
        let skipped = entries.len().saturating_sub(LAST_ENTRIES);
        let rows = entries[skipped..].iter().map(|entry| log::row(entry, &zone)).collect();
        self.table(&log::header(), rows)
    }

    /// A copy is changed, and the change is found.
    fn tamper(&self) -> CliResult<bool> {
        self.heading(&tr!("demo-tamper"), &tr!("demo-tamper-how"))?;
        let sound = vault::verify(&self.dir.join("vault"), &self.options(&Unwatched))?;
        self.say(&format!("  {}", tr!("demo-sound", entries = sound.entries)))?;
        let copy = self.dir.join("tampered");
        copy_folder(&self.dir.join("vault"), &copy).map_err(|source| self.unwritable(&copy, source))?;
        let file = copy.join("ledger/000001.jsonl");
        let failed = |source| self.unwritable(&file, source);
        let text = fs::read_to_string(&file).map_err(failed)?;
        // A clinician's refused look is made to look like somebody else's.
        let changed = text.replacen(&format!("\"actor\":\"{CLINICIAN}\""), &format!("\"actor\":\"{HEAD}\""), 1);
        fs::write(&file, changed).map_err(failed)?;
        match vault::verify(&copy, &self.options(&Unwatched)) {
            Err(error) => {
                self.say(&format!("  {}", report::sentence(&error, self.context.language)))?;
                Ok(true)
            }
            Ok(_) => Err(went("a changed ledger was taken for sound").into()),
        }
    }

    fn next(&self) -> CliResult {
        self.heading(&tr!("demo-next"), &tr!("demo-next-how"))?;
        let dir = self.path("");
        self.say(&format!(
            "  export AMANAH_VAULT={dir}/vault AMANAH_IDENTITY={dir}/keys/handayani-siti.key AMANAH_STATE={dir}/state"
        ))?;
        let secret = format!("--passphrase-file {dir}/passphrase");
        let record = self.context.language.find(&value_key("RECORD"), &[]).unwrap_or_else(|| "RECORD".to_owned());
        for command in [
            format!("amanah record list child --purpose care {secret}"),
            format!("amanah case show {record} --purpose care {secret}"),
            format!("amanah record edit {record} alias=Kakak --purpose care {secret}"),
            "amanah audit log --limit 20".to_owned(),
            "amanah audit verify".to_owned(),
            "amanah charter show".to_owned(),
        ] {
            self.say(&format!("  {command}"))?;
        }
        Ok(())
    }

    fn say(&self, text: &str) -> CliResult {
        if self.context.is_json() { Ok(()) } else { Ok(self.context.terminal.answer(text)?) }
    }

    fn table(&self, header: &[String], rows: Vec<Vec<String>>) -> CliResult {
        if self.context.is_json() { Ok(()) } else { Ok(self.context.terminal.table(header, rows)?) }
    }

    fn show(&self, shown: &Shown, vault: &Vault) -> CliResult {
        if self.context.is_json() {
            return Ok(());
        }
        view::record(shown, vault.schema(), vault.charter(), self.context)
    }

    fn heading(&self, title: &str, how: &str) -> CliResult {
        self.step.set(self.step.get() + 1);
        self.say(&format!("\n{}. {title}\n   {how}\n", self.step.get()))
    }

    fn options<'p>(&self, progress: &'p dyn vault::Progress) -> Options<'p> {
        Options { state: self.dir.join("state"), patience: self.context.lock_timeout, progress }
    }

    fn open(&self, member: &str) -> CliResult<(Vault, Actor)> {
        let vault = Vault::open(&self.dir.join("vault"), &self.options(&Unwatched))?;
        let actor = vault.admit(self.identity(member)?)?;
        Ok((vault, actor))
    }

    fn close(&self, vault: Vault, mut actor: Actor) -> CliResult {
        Ok(vault.close(&mut actor)?)
    }

    fn identity(&self, member: &str) -> CliResult<Identity> {
        let path = self.key(member);
        let file = work::read_file(&path, 64 * 1024)?;
        let mut passphrase = || Some(SecretString::from(PASSPHRASE.to_owned()));
        Ok(Identity::from_file(&file, &mut passphrase, Arc::new(Silent))?)
    }

    fn key(&self, member: &str) -> PathBuf {
        self.dir.join(format!("keys/{}.key", member.replace('/', "-")))
    }

    fn path(&self, below: &str) -> String {
        let path = if below.is_empty() { self.dir.clone() } else { self.dir.join(below) };
        path.display().to_string()
    }

    fn unwritable(&self, path: &Path, source: std::io::Error) -> CliError {
        CliError::FileUnwritable { path: path.display().to_string(), source }
    }
}

/// The kinds of the register, owners before what belongs to them.
fn order(register: &[synthetic::Record]) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    for record in register {
        if !kinds.contains(&record.kind) {
            kinds.push(record.kind);
        }
    }
    // A record stands after its owner in the register, so its kind is met after the owner's.
    kinds
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    crate::disk::make_folder(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

fn went(what: &str) -> CliError {
    CliError::DemoWent { what: what.to_owned() }
}
