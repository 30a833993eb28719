//! What the integration tests share: people, a charter, and vaults made from them.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod faults;
pub mod forge;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use amanah::{
    crypto::{
        age_wrap::Silent,
        identity::{Identity, Protection},
        random::{Random, SystemRandom},
    },
    custody::{self, Card, GroupKey, draft::READY},
    records::{schema::Schema, template},
    vault::{self, Access, Actor, Options, Unwatched, Vault},
};
use secrecy::SecretString;

/// The passphrase of all test identities.
pub const PASSPHRASE: &str = "correct horse";

/// Who is who in the ready charter.
pub const REGISTRY: &str = "handayani/siti";
pub const CLINICAL: &str = "handayani/budi";
pub const HEAD: &str = "handayani/ratna";
pub const KPAI: &str = "kpai/ani";
pub const OMBUDSMAN: &str = "ombudsman/yusuf";
pub const ITJEN: &str = "itjen/dewi";

/// The ordinary purpose.
pub const CARE: Access<'static> = Access { purpose: Some("care"), reason: None };

/// A folder with everybody's key files, cards and group keys, and room for vaults.
pub struct World {
    pub folder: tempfile::TempDir,
    keys: BTreeMap<String, Vec<u8>>,
}

impl World {
    pub fn new() -> World {
        World::from(&mut SystemRandom::new())
    }

    /// People whose keys are made of these random numbers.
    pub fn from(random: &mut dyn Random) -> World {
        let folder = tempfile::tempdir().unwrap();
        let cards = folder.path().join("cards");
        fs::create_dir(&cards).unwrap();
        fs::write(folder.path().join("charter.toml"), READY).unwrap();
        let mut keys = BTreeMap::new();
        let now = amanah::clock::now();
        for member in [REGISTRY, CLINICAL, HEAD, KPAI, OMBUDSMAN, ITJEN] {
            let identity = Identity::generate(member, random).unwrap();
            let card = Card::make(member, identity.recipient().unwrap(), &identity.signing, now).unwrap();
            fs::write(cards.join(format!("{}.card", member.replace('/', "-"))), card.to_bytes()).unwrap();
            let (body, _) = member.split_once('/').unwrap();
            if body != "handayani" {
                let group = format!("{body}/reviewers");
                let (key, _) = GroupKey::make(&group, 1, &[&card], (member, &identity.signing), now, random).unwrap();
                fs::write(cards.join(format!("{body}-reviewers.group")), key.to_bytes()).unwrap();
            }
            let passphrase = SecretString::from(PASSPHRASE.to_owned());
            let file = identity.to_file(&Protection::Passphrase(&passphrase, 2)).unwrap();
            fs::write(folder.path().join(format!("{}.key", member.replace('/', "-"))), &file).unwrap();
            keys.insert(member.to_owned(), file);
        }
        fs::write(folder.path().join("passphrase"), PASSPHRASE).unwrap();
        World { folder, keys }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn vault_dir(&self) -> PathBuf {
        self.path().join("vault")
    }

    /// The member's identity, opened from its file.
    pub fn identity(&self, member: &str) -> Identity {
        let passphrase = || Some(SecretString::from(PASSPHRASE.to_owned()));
        Identity::from_file(&self.keys[member], &mut { passphrase }, Arc::new(Silent)).unwrap()
    }

    pub fn options(&self) -> Options<'static> {
        Options { state: self.path().join("state"), patience: Duration::from_secs(20), progress: &Unwatched }
    }

    /// The ready charter.
    pub fn charter(&self) -> custody::Draft {
        let toml = fs::read_to_string(self.path().join("charter.toml")).unwrap();
        custody::Draft::read(&toml, "charter.toml", self.path()).unwrap()
    }

    /// A new vault with a schema, founded by the registry officer.
    pub fn found_with(&self, schema: Schema) -> (Vault, Actor) {
        let founding = vault::Founding { charter: self.charter(), schema };
        vault::create(&self.vault_dir(), founding, self.identity(REGISTRY), &self.options()).unwrap()
    }

    /// A new vault with the schema `sentra`.
    pub fn found(&self) -> (Vault, Actor) {
        self.found_with(template::sentra())
    }

    /// Opens the vault as a member.
    pub fn open(&self, member: &str) -> (Vault, Actor) {
        let vault = Vault::open(&self.vault_dir(), &self.options()).unwrap();
        let actor = vault.admit(self.identity(member)).unwrap();
        (vault, actor)
    }
}

/// A child with these fields, typed as a person would.
pub fn draft(schema: &Schema, kind: &str, fields: &[(&str, &str)]) -> vault::Draft {
    let kind = schema.kind(kind).unwrap();
    let value = |name: &str, text: &str| amanah::records::input::parse_text(kind.field(name).unwrap(), text).unwrap();
    let values = fields.iter().map(|(name, text)| ((*name).to_owned(), value(name, text))).collect();
    vault::Draft { values, of: None }
}

/// A service that keeps the ledger, and its group.
pub const SERVICE: &str = "handayani/otomasi";

impl World {
    /// A world whose charter has a group that keeps the ledger.
    pub fn with_service() -> World {
        let mut world = World::new();
        let identity = Identity::generate(SERVICE, &mut SystemRandom::new()).unwrap();
        let now = jiff::Timestamp::now();
        let card = Card::make(SERVICE, identity.recipient().unwrap(), &identity.signing, now).unwrap();
        fs::write(world.path().join("cards/handayani-otomasi.card"), card.to_bytes()).unwrap();
        let passphrase = SecretString::from(PASSPHRASE.to_owned());
        let file = identity.to_file(&Protection::Passphrase(&passphrase, 2)).unwrap();
        fs::write(world.path().join("handayani-otomasi.key"), &file).unwrap();
        world.keys.insert(SERVICE.to_owned(), file);
        let charter = fs::read_to_string(world.path().join("charter.toml")).unwrap();
        let member = "[[member]]\ncard = \"cards/handayani-otomasi.card\"";
        let group = format!("[[group]]\nid = \"handayani/ledger\"\nmembers = [\"{SERVICE}\"]\nmay = [\"ledger\"]");
        fs::write(world.path().join("charter.toml"), format!("{charter}\n{member}\n\n{group}\n")).unwrap();
        world
    }
}
