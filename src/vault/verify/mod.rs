//! Everything checked from the first line on: needs no key, changes nothing.

mod checkpoints;
mod erased;
mod exchanged;
mod gathered;
mod in_order;
mod index;
mod payload;
mod records;
mod rules;
mod written;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use checkpoints::checkpoints;
use exchanged::Exchanged;
use gathered::Gathered;
use in_order::{Compared, InOrder};
use index::Epoch;
use records::Records;

use super::{
    JOURNAL, LEDGER, LOCK, Options, STORE, Task,
    amend::{Brought, check_brought},
    error::VaultError,
    lock::Lock,
    open::{Marker, ledger_bytes, next_payload},
    rows::{self, Applied},
    signatures::{Lines, ReadLine, Signatures},
    versions::Versions,
    witness,
};
use crate::{
    crypto::digest::Digest,
    custody::Charter,
    id::Id,
    ledger::{Action, Entry, Frontier, LogPosition, Outcome, log, memory::Memory},
    records::schema::Schema,
    store::{
        Kv,
        journal::{self, Position},
        runs::Runs,
        sled::SledStore,
    },
};

/// What is said of a store that is damaged itself. It is in the words of its engine, which help nobody: it is made
/// anew.
const UNREADABLE: &str = "a row cannot be read";

/// What was found sound.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Entries, each signed by its actor under the charter of its time, in an unbroken tree.
    pub entries: u64,
    /// Payloads that are what their entries say.
    pub payloads: u64,
    /// Versions of records in them.
    pub versions: u64,
    /// Postings that the index of some class still uses.
    pub postings: u64,
    /// Versions whose values of some class are in no index yet.
    pub unindexed: u64,
    /// Items that were erased; their digests are still what the entries say.
    pub erased: u64,
    /// Parts of lines that interrupted appends left behind; harmless.
    pub torn_lines: u64,
    /// Size of the checkpoint in the vault, if there is one.
    pub checkpoint: Option<u64>,
    /// Size of the checkpoint that this machine remembers, if it has seen the vault.
    pub remembered: Option<u64>,
    /// Sizes of the checkpoints that witnesses have cosigned.
    pub cosigned: Vec<u64>,
    /// Whether signatures were checked too.
    pub signatures: bool,
    /// Rows of the store, all of them as journal and ledger say. `None` if the store was not
    /// closed: it will be made anew, and says nothing.
    pub rows: Option<u64>,
    /// Sequences of entries whose time is before that of the entry before: the clock was set back.
    pub backwards: Vec<u64>,
}

/// What the walk over the ledger has gathered.
struct Walk<'a> {
    vault: &'a Id,
    charters: BTreeMap<u64, Charter>,
    /// The sequence of the entry that brought each charter.
    begins: BTreeMap<u64, u64>,
    /// The charter that each session began under.
    sessions: HashMap<Id, u64>,
    /// Sessions that were handed on to a group's key of an epoch.
    handed_on: HashSet<(Id, String, u64)>,
    schemas: BTreeMap<u64, Arc<Schema>>,
    records: Records,
    /// The records that the payload brings, by kind, one id after the other.
    begun: BTreeMap<String, Vec<u8>>,
    /// The versions, and where they stand.
    versions: Gathered,
    /// The index epochs in use.
    epochs: BTreeMap<u64, Epoch>,
    /// The newest number of an epoch.
    newest_epoch: u64,
    /// The epochs found complete, by class.
    complete: BTreeMap<String, u64>,
    unindexed: HashSet<(String, Id, u64)>,
    merged: BTreeMap<Id, Id>,
    exchanged: Exchanged,
    /// Items that were found erased and that no entry has explained yet: sequence and place.
    gone: BTreeSet<(u64, u64)>,
    /// Records of which versions are erased, how many of them and the entry of the last one; until
    /// an entry says so.
    ghosts: HashMap<Id, (u64, u64)>,
    /// Versions found erased, of all records.
    ghost_versions: u64,
    /// The entries that asked for an erasure.
    asks: BTreeMap<u64, Entry>,
    /// The entry that restricted the use of each record.
    restricted: BTreeMap<Id, u64>,
    /// The entry that erased each record.
    erasures: BTreeMap<Id, u64>,
    store: Option<&'a SledStore>,
    /// Rows of the store that were met and are right; the position apart.
    met: u64,
    /// Places of lines, and nodes of the tree, as the store has them.
    lines: InOrder<'a, 16>,
    nodes: InOrder<'a, 32>,
    /// What the store was first found to differ in. Told last: what is wrong with ledger or journal
    /// is worse, and the store is only made from them.
    differs: Option<VaultError>,
    findings: Findings,
}

/// Verifies a vault: form, order and signatures of the ledger's lines, membership and rights by
/// the charter in force at each entry, the tree, the digests of the payloads, the form of what is
/// in them, the checkpoint, this machine's memory, and that the store is what follows from it all.
pub fn verify(dir: &Path, options: &Options<'_>) -> Result<Findings, VaultError> {
    verify_to(dir, options, Depth::Whole)
}

/// How much is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Everything.
    Whole,
    /// Everything but the signatures of entries: several times as fast, and it says nothing of who
    /// wrote an entry. With the checkpoints it still tells whether the ledger was changed since.
    WithoutSignatures,
}

/// As [`verify`], and as deep.
///
/// # Errors
/// The first thing that is wrong: by sequence in ledger and journal, then the checkpoints, then the
/// store.
pub fn verify_to(dir: &Path, options: &Options<'_>, depth: Depth) -> Result<Findings, VaultError> {
    let vault = Marker::read_checked(dir)?;
    // On a medium that cannot be written there is no lock to take, and nobody to keep out.
    let _lock = match Lock::take(&dir.join(LOCK), options.patience, &|holder| options.progress.waiting(holder)) {
        Err(VaultError::Ledger(_)) => None,
        other => Some(other?),
    };
    let store = SledStore::open_to_walk(&dir.join(STORE));
    let mut walk = Walk {
        vault: &vault,
        charters: BTreeMap::new(),
        begins: BTreeMap::new(),
        sessions: HashMap::new(),
        handed_on: HashSet::new(),
        schemas: BTreeMap::new(),
        records: Records::default(),
        begun: BTreeMap::new(),
        versions: Gathered::new(&gathered::Key::fresh()?),
        epochs: BTreeMap::new(),
        newest_epoch: 0,
        complete: BTreeMap::new(),
        unindexed: HashSet::new(),
        merged: BTreeMap::new(),
        exchanged: Exchanged::default(),
        gone: BTreeSet::new(),
        ghosts: HashMap::new(),
        ghost_versions: 0,
        asks: BTreeMap::new(),
        restricted: BTreeMap::new(),
        erasures: BTreeMap::new(),
        store: store.as_ref(),
        met: 0,
        lines: InOrder::new(store.as_ref(), rows::LINES),
        nodes: InOrder::new(store.as_ref(), rows::NODES),
        differs: None,
        findings: Findings::default(),
    };
    let memory = Memory::new(&options.state, &vault);
    walk.findings.signatures = depth == Depth::Whole;
    let (heads, wrong) = checkpoints(dir, &memory)?;
    let reader = log::Reader::new(&dir.join(LEDGER), LogPosition::START, 0)?;
    let mut payloads = journal::Reader::new(&dir.join(JOURNAL), Position::START)?;
    let mut tree = Frontier::new();
    let mut roots: BTreeMap<u64, Digest> = heads.iter().map(|head| (head.size, [0; 32])).collect();
    options.progress.begin(Task::Verify, ledger_bytes(dir));
    let mut ends = Applied::NOTHING;
    std::thread::scope(|scope| {
        let mut lines = Lines::start(scope, reader);
        let mut signatures = (depth == Depth::Whole).then(|| Signatures::start(scope, &vault));
        let walked = walk.lines(&mut lines, &mut payloads, &mut tree, &mut roots, &mut signatures, options, &mut ends);
        // The reader stops when nobody listens.
        walk.findings.torn_lines = lines.torn_lines();
        drop(lines);
        // What was found wrong in an entry is told only if no signature before it is.
        match signatures.and_then(Signatures::finish) {
            Some(sequence) => Err(VaultError::BadEntry { sequence, why: "its signature is not its actor's" }),
            None => walked,
        }
    })?;
    if let Some(root) = roots.get_mut(&tree.size()) {
        *root = tree.root();
    }
    options.progress.end();
    if walk.charters.is_empty() {
        return Err(VaultError::BadEntry { sequence: 0, why: "it brings no charter and schema" });
    }
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    walk.check_heads(&heads, &tree, &roots)?;
    let newest = walk.charters.values().next_back();
    for key in newest.and_then(Charter::witnesses).map(|wanted| wanted.keys.as_slice()).unwrap_or_default() {
        witness::read(dir, key)?;
    }
    walk.finish(ends)?;
    let findings = std::mem::take(&mut walk.findings);
    drop(walk);
    // Only a store that was found right is marked as such again; any other is made anew.
    if let Some(store) = store {
        store.close()?;
    }
    Ok(findings)
}

impl Walk<'_> {
    /// Walks over all lines and what they commit to, in order.
    #[expect(clippy::too_many_arguments, reason = "what a walk goes along with")]
    fn lines(
        &mut self,
        lines: &mut Lines,
        payloads: &mut journal::Reader,
        tree: &mut Frontier,
        roots: &mut BTreeMap<u64, Digest>,
        signatures: &mut Option<Signatures<'_>>,
        options: &Options<'_>,
        ends: &mut Applied,
    ) -> Result<(), VaultError> {
        let (mut done, mut last_time) = (0, jiff::Timestamp::MIN);
        while let Some(ReadLine { placed, after }) = lines.next_line()? {
            if let Some(root) = roots.get_mut(&tree.size()) {
                *root = tree.root();
            }
            let entry = placed.line.entry();
            let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
            if entry.tree.root != tree.root() {
                return Err(bad("the tree before it is another"));
            }
            if entry.time < last_time {
                self.findings.backwards.push(entry.seq);
            }
            last_time = entry.time;
            let versions_before = self.findings.versions + self.ghost_versions;
            let erasures_before = self.erasures.len();
            let in_force = self.charters.keys().next_back().copied();
            if let Some(digest) = &entry.payload {
                let payload = next_payload(payloads, self.vault, entry.seq, digest)?;
                self.payload(entry, &payload, payloads.began())?;
            } else if entry.seq > 0 {
                check_brought(entry, || self.charters.values().collect(), &Brought::default())?;
            }
            // The first charter is in force for the entry that brings it, every other one after it.
            let versions = self.findings.versions + self.ghost_versions - versions_before;
            self.entry(entry, in_force.unwrap_or(1), versions)?;
            if entry.action == Action::RecordEraseAsk && entry.outcome == Outcome::Ok {
                self.asks.insert(entry.seq, entry.clone());
            }
            let erases = entry.action == Action::RecordErase && entry.outcome == Outcome::Ok;
            if erases && self.erasures.len() == erasures_before {
                return Err(bad("it erases records and does not say which items"));
            }
            let charter =
                self.charters.get(&entry.charter).ok_or_else(|| bad("it names a charter that is not there"))?;
            let card = charter.member(&entry.actor).ok_or_else(|| bad("its actor is not in the charter"))?;
            let key = card.signing;
            let compared = self.lines.next_is(&rows::place(placed.at, placed.line.bytes().len()));
            self.compared(compared);
            for (_, node) in tree.push(placed.line.bytes()) {
                let compared = self.nodes.next_is(&node);
                self.compared(compared);
            }
            self.findings.entries += 1;
            done += placed.line.bytes().len() as u64 + 1;
            if entry.seq % 256 == 0 {
                options.progress.at(done);
            }
            *ends = Applied { size: tree.size(), log: after, journal: payloads.position() };
            let go_on = signatures.as_mut().is_none_or(|signatures| signatures.check(placed.line, key));
            if !go_on {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Checks an entry by the charter of its time.
    fn entry(&self, entry: &Entry, in_force: u64, versions: u64) -> Result<(), VaultError> {
        let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
        if in_force != entry.charter {
            return Err(bad("it was made under a charter that was not in force"));
        }
        let charter = self.charters.get(&entry.charter).ok_or_else(|| bad("it names a charter that is not there"))?;
        if !charter.groups_of(&entry.actor).any(|group| group == entry.group) {
            return Err(bad("its actor is not in the group it names"));
        }
        if entry.purpose.as_ref().is_some_and(|code| charter.purpose(code).is_none()) {
            return Err(bad("it names a purpose that the charter does not know"));
        }
        if (entry.seq == 0) != (entry.action == Action::VaultCreate) {
            return Err(bad("a vault is created once, by its first entry"));
        }
        let right = match entry.action {
            action if action.writes() => Some("write"),
            Action::SchemaAmend => Some("schema"),
            Action::RecordErase | Action::RecordEraseAsk | Action::RecordRestrict | Action::RecordRelease => {
                Some("erase")
            }
            _ => None,
        };
        let done = entry.outcome == Outcome::Ok;
        if done && right.is_some_and(|right| !charter.may(&entry.group, right)) {
            return Err(bad("its group had no right to do this"));
        }
        if done && entry.action == Action::RecordMerge && !charter.may(&entry.group, "write") {
            return Err(bad("its group had no right to do this"));
        }
        if entry.outcome != Outcome::Refused && charter.keeps_ledger(&entry.group) && !entry.subjects.is_empty() {
            return Err(bad("its group keeps the ledger, and is not given any record"));
        }
        let named: usize = entry.subjects.iter().map(|subject| subject.records.len()).sum();
        if done && right == Some("write") && named as u64 != versions {
            return Err(bad("it names other records than its payload holds"));
        }
        if versions > 0 && !(done && right == Some("write")) {
            return Err(bad("its payload holds records that it does not speak of"));
        }
        Ok(())
    }

    /// Looks whether the store has a row.
    fn row(&mut self, key: &[u8], value: &[u8]) {
        let Some(store) = self.store else { return };
        let compared = match store.get(key) {
            Ok(Some(found)) if found == value => Compared::Same,
            Ok(Some(_)) => Compared::Another,
            Ok(None) => Compared::Missing,
            Err(_) => Compared::Unreadable,
        };
        self.met += u64::from(compared == Compared::Same);
        self.compared(compared);
    }

    fn compared(&mut self, compared: Compared) {
        let what = match compared {
            Compared::Same => return,
            Compared::Another => "a row is another",
            Compared::Missing => "a row is missing",
            Compared::Unreadable => UNREADABLE,
        };
        self.differs.get_or_insert(VaultError::StoreDiffers { what });
    }

    /// Checks the rows that only the end of the ledger decides, and that there are no others.
    fn finish(&mut self, ends: Applied) -> Result<(), VaultError> {
        self.explained()?;
        self.findings.postings = self.epochs.values().map(|epoch| epoch.postings.count()).sum();
        self.findings.unindexed = self.unindexed.len() as u64;
        let Some(store) = self.store else { return Ok(()) };
        for (number, epoch) in std::mem::take(&mut self.epochs) {
            self.row(&rows::epoch(number), &rows::stored_item(epoch.begun, &epoch.item));
            // All that should be there is there, and there is no more than that.
            let mut found = epoch.postings.none();
            match Runs::<16>::check(&rows::postings(number), store, |posting| found.add(posting)) {
                Ok(Some(rows)) if found == epoch.postings => self.met += rows,
                _ => drop(
                    self.differs.get_or_insert(VaultError::StoreDiffers { what: "a posting is another or missing" }),
                ),
            }
        }
        let mut found = self.versions.none();
        match Versions::check(store, |version| found.add(version)) {
            Ok(Some(rows)) if found == self.versions => self.met += rows,
            _ => drop(self.differs.get_or_insert(VaultError::StoreDiffers { what: "a version is another or missing" })),
        }
        for (class, number) in std::mem::take(&mut self.complete) {
            self.row(&rows::complete(&class), &number.to_be_bytes());
        }
        for (class, record, version) in std::mem::take(&mut self.unindexed) {
            self.row(&rows::unindexed_version(&class, &record, version), b"");
        }
        for (record, sequence) in std::mem::take(&mut self.erasures) {
            self.row(&rows::erasure(&record), &sequence.to_be_bytes());
        }
        for (record, sequence) in std::mem::take(&mut self.restricted) {
            self.row(&rows::restriction(&record), &sequence.to_be_bytes());
        }
        for (record, survivor) in std::mem::take(&mut self.merged) {
            self.row(&rows::survivor(&record), &survivor.0);
            self.row(&[&rows::merged(&survivor)[..], &record.0].concat(), b"");
        }
        for (record, head) in std::mem::take(&mut self.records).heads() {
            if head.version > 1 {
                self.row(&rows::newest(record), &head.version.to_be_bytes());
            }
            if let Some(owner) = &head.of {
                self.row(&rows::owned_by(owner, &head.kind, record), b"");
            }
        }
        let (lines, lines_met, lines_more) = self.lines.finish();
        let (nodes, nodes_met, nodes_more) = self.nodes.finish();
        self.compared(lines);
        self.compared(nodes);
        if let Some(differs) = self.differs.take() {
            return Err(differs);
        }
        // The position may be behind torn bytes at the end of the ledger; the size may not.
        let unreadable = |_| VaultError::StoreDiffers { what: UNREADABLE };
        let applied = store.get(rows::APPLIED).map_err(unreadable)?.and_then(|row| Applied::decode(&row));
        if applied.is_none_or(|applied| applied.size != ends.size || applied.journal != ends.journal) {
            return Err(VaultError::StoreDiffers { what: "another end" });
        }
        self.met += lines_met + nodes_met;
        let mut rows =
            u64::from(store.get(b"").map_err(unreadable)?.is_some()) + lines_met + lines_more + nodes_met + nodes_more;
        for space in (0..=u8::MAX).filter(|space| ![rows::LINES.0, rows::NODES.0].contains(space)) {
            for row in store.scan(&[space]) {
                row.map_err(unreadable)?;
                rows += 1;
            }
        }
        let what = match rows.checked_sub(self.met + 1) {
            Some(0) => None,
            Some(_) => Some("a row that nothing explains"),
            None => Some("a row that two items explain"),
        };
        if let Some(what) = what {
            return Err(VaultError::StoreDiffers { what });
        }
        self.findings.rows = Some(rows);
        Ok(())
    }
}
