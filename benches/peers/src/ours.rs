//! The vault.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use amanah::{
    crypto::identity::Identity,
    id::Id,
    vault::{self, Actor, By, Condition, Question, Revealed, Shown, Unwatched, Vault},
};

use crate::{
    child, common,
    peer::{Cold, Factory, Peer, Record, SCANNED, bytes_below, code, median, timed},
    scene::{self, WHY},
};

/// As many as an import from a file would hold at a time.
pub const CHUNK: usize = 5_000;

/// What is searched by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// Nothing.
    None,
    /// What the other peers have an index of: the child's code and the identity number.
    Numbers,
    /// All that the schema names: also family card, region, name and date of birth.
    Full,
}

impl Factory for Index {
    fn name(&self) -> &'static str {
        match self {
            Index::None => "amanah-unsearched",
            Index::Numbers => "amanah",
            Index::Full => "amanah-full",
        }
    }

    fn make(&self, folder: &Path) -> Result<Box<dyn Peer>, String> {
        Ok(Box::new(Open::found(folder, *self)))
    }
}

/// A vault, open. The people's keys lie beside it.
pub struct Open {
    /// Taken out only to be closed.
    open: Option<(Vault, Actor)>,
    folder: PathBuf,
    index: Index,
    /// All records, by whose ids is read, in their order.
    records: Vec<Id>,
    /// Keeps the people's folder.
    _world: Option<common::World>,
}

impl Open {
    /// A new vault in a folder.
    pub fn found(folder: &Path, index: Index) -> Open {
        let world = common::World::new();
        let people = folder.join("people");
        std::fs::create_dir(&people).unwrap();
        std::fs::copy(world.path().join("handayani-siti.key"), people.join("handayani-siti.key")).unwrap();
        let schema = scene::searched_by(|field| match index {
            Index::None => false,
            Index::Numbers => ["child_code", "nik"].contains(&field),
            Index::Full => true,
        });
        let founding = vault::Founding { charter: scene::charter(world.path()), schema };
        let made =
            vault::create(&folder.join("vault"), founding, scene::identity(world.path()), &scene::options(folder));
        Open { open: Some(made.unwrap()), folder: folder.to_owned(), index, records: Vec::new(), _world: Some(world) }
    }

    /// One that is there.
    pub fn at(folder: &Path) -> Open {
        Open::open_as(folder, Open::identity(folder))
    }

    /// Whose passphrase opens it: scrypt takes longer than all that follows.
    pub fn identity(folder: &Path) -> Identity {
        scene::identity(&folder.join("people"))
    }

    /// One that is there, for a member whose key file is open already.
    pub fn open_as(folder: &Path, identity: Identity) -> Open {
        let vault = Vault::open(&folder.join("vault"), &scene::options(folder)).unwrap();
        assert!(!vault.was_rebuilt());
        let actor = vault.admit(identity).unwrap();
        let (open, folder) = (Some((vault, actor)), folder.to_owned());
        Open { open, folder, index: Index::Full, records: Vec::new(), _world: None }
    }

    pub fn both(&mut self) -> (&mut Vault, &mut Actor) {
        let (vault, actor) = self.open.as_mut().unwrap();
        (vault, actor)
    }

    pub fn close(&mut self) {
        let (vault, mut actor) = self.open.take().unwrap();
        vault.close(&mut actor).unwrap();
    }

    pub fn import_records(&mut self, records: impl Iterator<Item = Record>) -> Duration {
        let schema = scene::schema();
        let mut records = records.peekable();
        let mut took = Duration::ZERO;
        while records.peek().is_some() {
            let drafts: Vec<_> = records.by_ref().take(CHUNK).map(|record| scene::draft(&schema, &record)).collect();
            let (vault, actor) = self.both();
            let begun = Instant::now();
            vault.import_records(actor, WHY, "child", &drafts, &Unwatched).unwrap();
            took += begun.elapsed();
        }
        took
    }

    /// The record with a code, and one entry that says that it was asked for.
    pub fn find(&mut self, field: &str, by: By) -> usize {
        let conditions = vec![Condition { field: Some(field.to_owned()), by }];
        let question = Question { kind: Some("child".to_owned()), conditions, limit: 10 };
        let (vault, actor) = self.both();
        vault.find_records(actor, WHY, &question, &Unwatched).unwrap().found.len()
    }

    /// The ids of so many records, from all over the vault.
    pub fn ids(&mut self, count: usize) -> Vec<Id> {
        let ids = self.both().0.records_of_kind("child").unwrap();
        (0..count).map(|at| ids[(at * 7_919) % ids.len()]).collect()
    }

    /// All fields of these records, under one entry.
    pub fn read_all(&mut self, records: &[Id]) -> usize {
        let fields = self.fields();
        self.list(records, &fields)
    }

    fn list(&mut self, records: &[Id], fields: &[String]) -> usize {
        let (vault, actor) = self.both();
        opened(&vault.list_records(actor, WHY, records, fields, &Unwatched).unwrap())
    }

    fn fields(&mut self) -> Vec<String> {
        let schema = self.both().0.schema().clone();
        schema.kind("child").unwrap().sealed_fields().map(|(field, _)| field.id.clone()).collect()
    }
}

fn opened(shown: &[Shown]) -> usize {
    shown.iter().flat_map(|one| &one.cells).filter(|cell| matches!(cell.content, Revealed::Value(_))).count()
}

/// What is looked for: a number.
pub fn number(schema: &amanah::records::schema::Schema, nik: &str) -> By {
    let field = schema.kind("child").unwrap().field("nik").unwrap();
    By::Code(amanah::records::input::parse_text(field, nik).unwrap())
}

impl Peer for Open {
    fn name(&self) -> &'static str {
        self.index.name()
    }

    /// Values are read from text before the clock starts: the others are given text as it is.
    fn import(&mut self, records: &[Record]) -> Duration {
        self.import_records(records.iter().cloned())
    }

    fn insert(&mut self, record: &Record) {
        // The schema that is open: reading one from its text is no part of an insert.
        let schema = self.both().0.schema().clone();
        let draft = scene::draft(&schema, record);
        let (vault, actor) = self.both();
        vault.create_record(actor, WHY, "child", &draft).unwrap();
    }

    /// One entry for all of them, which is part of the time.
    fn read(&mut self, records: &[&Record]) -> usize {
        // As many, all over the vault: which ids they have is not asked of the others either.
        if self.records.is_empty() {
            self.records = self.both().0.records_of_kind("child").unwrap();
        }
        let number = |record: &Record| {
            code(record).bytes().fold(0, |number, byte| match byte {
                b'0'..=b'9' => number * 10 + usize::from(byte - b'0'),
                _ => number,
            })
        };
        let wanted: Vec<Id> = records.iter().map(|record| self.records[number(record) % self.records.len()]).collect();
        self.read_all(&wanted)
    }

    fn read_alone(&mut self) -> Option<Duration> {
        Some(median(self.ids(200).into_iter().map(|id| {
            let (vault, actor) = self.both();
            let begun = Instant::now();
            let shown = vault.read_record(actor, WHY, &id, None, None).unwrap();
            let took = begun.elapsed();
            assert_eq!(shown.cells.len(), 20);
            took
        })))
    }

    fn entry_alone(&mut self) -> Option<Duration> {
        // A list of nothing is an entry too, and nothing else.
        Some(median((0..200).map(|_| timed(|| self.read_all(&[])).0)))
    }

    fn search(&mut self, nik: &str) -> bool {
        // The schema that is open: reading one from its text takes as long as a search.
        let schema = self.both().0.schema().clone();
        self.find("nik", number(&schema, nik)) == 1
    }

    fn scan(&mut self) -> usize {
        let ids = self.both().0.records_of_kind("child").unwrap();
        self.list(&ids, &SCANNED.map(str::to_owned))
    }

    fn bytes(&self) -> u64 {
        bytes_below(&self.folder.join("vault"))
    }

    fn weaker(&self) -> &'static str {
        "keys divided between institutions, each access in a log before it is shown, lengths padded, versions kept"
    }

    fn cold(&mut self, record: &Record) -> Option<Cold> {
        self.close();
        Some(child::cold(self.name(), &self.folder, code(record)))
    }
}

/// Reads one record by its code, as `record show` does: two entries.
pub fn read_cold(folder: &Path, code: &str) {
    let mut open = Open::at(folder);
    let schema = open.both().0.schema().clone();
    let field = schema.kind("child").unwrap().field("child_code").unwrap();
    let value = amanah::records::input::parse_text(field, code).unwrap();
    assert_eq!(open.find("child_code", By::Code(value)), 1);
    open.close();
}
