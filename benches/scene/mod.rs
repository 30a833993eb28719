//! Who measures, under which charter, with which records.
//!
//! The charter is the ready one with two changes. The member who measures is in all three groups of
//! the centre; and the class `sealed`, which one body alone must not open, is `guarded` here, with
//! the same three quorums of two, of which one is met by the centre's groups: so one member opens
//! all five classes, and puts a key together from two shares for one of them.

use std::{fs, path::Path, sync::Arc, time::Duration};

use amanah::{
    crypto::{age_wrap::Silent, identity::Identity},
    records::{input::parse_text, schema::Schema, wide},
    vault::{Access, Draft, Options, Unwatched},
};
use secrecy::SecretString;
use tikv_jemallocator::Jemalloc;
use zeroizing_alloc::ZeroAlloc;

use crate::common;

/// As the program has it; peers that are Rust in the same process have it as well.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<Jemalloc> = ZeroAlloc(Jemalloc);

pub const WHY: Access<'static> = Access { purpose: Some("care"), reason: None };

pub fn options(dir: &Path) -> Options<'static> {
    Options { state: dir.join("state"), patience: Duration::from_secs(20), progress: &Unwatched }
}

/// The identity of the one who measures, from its file.
pub fn identity(people: &Path) -> Identity {
    let file = fs::read(people.join(format!("{}.key", common::REGISTRY.replace('/', "-")))).unwrap();
    let passphrase = || Some(SecretString::from(common::PASSPHRASE.to_owned()));
    Identity::from_file(&file, &mut { passphrase }, Arc::new(Silent)).unwrap()
}

pub fn charter(people: &Path) -> amanah::custody::Draft {
    let mut text = amanah::custody::draft::READY.to_owned();
    for (from, to) in [
        (r#"["handayani/budi"]"#, r#"["handayani/budi", "handayani/siti"]"#),
        (r#"["handayani/ratna"]"#, r#"["handayani/ratna", "handayani/siti"]"#),
        ("id = \"sealed\"\nreason = true\n", "id = \"guarded\"\n"),
        (r#"["handayani/head", "kpai/reviewers"] },"#, r#"["handayani/head", "handayani/registry"] },"#),
    ] {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text = text.replace(from, to);
    }
    amanah::custody::Draft::read(&text, "charter.toml", people).unwrap()
}

pub fn schema() -> Schema {
    searched_by(|_| true)
}

/// The schema with only some of the fields that it is searched by.
pub fn searched_by(wanted: impl Fn(&str) -> bool) -> Schema {
    let mut field = "";
    let kept = wide::WIDE.lines().filter(|line| {
        field = line.strip_prefix("id = ").map_or(field, |id| id.trim_matches('"'));
        !line.starts_with("search = ") || wanted(field)
    });
    let kept: Vec<&str> = kept.collect();
    Schema::parse(&kept.join("\n").replace("class = \"sealed\"", "class = \"guarded\"")).unwrap()
}

pub fn draft(schema: &Schema, record: &amanah::records::synthetic::Record) -> Draft {
    let kind = schema.kind("child").unwrap();
    let value = |name: &str, text: &str| parse_text(kind.field(name).unwrap(), text).unwrap();
    let values = record.fields.iter().map(|(name, text)| ((*name).to_owned(), value(name, text))).collect();
    Draft { values, of: None }
}
