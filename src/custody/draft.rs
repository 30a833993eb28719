//! The charter as people write it: names of files in place of keys.

use std::{
    collections::BTreeMap,
    io::Read as _,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{
    Card, Charter, CharterError, GroupKey,
    charter::{Body, Class, Group, MemberText, Purpose, Role, Text, Witnesses, check_length, toml_of},
    check,
    quorum::{Coalition, Quorum, smallest},
    retention::{Erasure, Retention},
};
use crate::{
    crypto::{
        age_wrap::Recipient,
        random::Random,
        sign::{PublicKey, SigningKey},
    },
    id::{Id, body_of},
    problem::problems,
};

/// Largest file that a draft names: a group key with many members.
const MAX_FILE: u64 = 1_000_000;

/// By so many bytes a post-quantum key, which is made for a group that brings none, is longer than
/// what stands in its place until then.
const LONGER: usize = 1_897;

/// The charter that is proposed when none is given.
pub const READY: &str = include_str!("../../keys/charter.toml");

problems! {
    /// What can go wrong with reading a draft and the files that it names.
    pub enum DraftError {
        /// A file that cannot be read.
        Unreadable { path: String, source: std::io::Error } = Input, "draft-unreadable", "{path} cannot be read: {source}";
        /// A file that is not one, or is too large.
        NotAFile { path: String } = Input, "draft-not-a-file", "{path} is not a file of at most a million bytes";
        /// A file that does not hold what it should.
        BadFile { path: String, source: CharterError } = Input, "draft-bad-file", "{path}: {source}";
        /// Not TOML, or with other keys.
        Malformed { path: String, line: usize, why: String } = Input, "draft-malformed", "{path}, line {line}: {why}";
    }
}

/// A charter before keys are put in. See `docs/CHARTER.md`.
#[derive(Debug, Clone)]
pub struct Draft {
    text: DraftText,
    cards: Vec<Card>,
    keys: BTreeMap<String, GroupKey>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftText {
    name: String,
    time_zone: String,
    body: Vec<Body>,
    member: Vec<DraftMember>,
    group: Vec<DraftGroup>,
    class: Vec<Class>,
    purpose: Vec<Purpose>,
    amendment: Quorum,
    #[serde(default)]
    witness: Option<Witnesses>,
    #[serde(default)]
    erasure: Option<Erasure>,
    #[serde(default)]
    retention: Vec<Retention>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftMember {
    card: PathBuf,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftGroup {
    id: String,
    members: Vec<String>,
    #[serde(default)]
    may: Vec<String>,
    key: Option<PathBuf>,
}

impl Draft {
    /// Reads a draft and the cards and group keys that it names, relative to `folder`. `name` is
    /// what messages call it.
    pub fn read(toml: &str, name: &str, folder: &Path) -> Result<Draft, DraftError> {
        let text: DraftText = toml::from_str(toml).map_err(|e| {
            let at = e.span().map_or(0, |span| span.start).min(toml.len());
            let line = toml.as_bytes()[..at].iter().filter(|&&b| b == b'\n').count() + 1;
            DraftError::Malformed { path: name.to_owned(), line, why: e.message().to_owned() }
        })?;
        let cards =
            text.member.iter().map(|member| read_as(folder, &member.card, Card::parse)).collect::<Result<_, _>>()?;
        let mut keys = BTreeMap::new();
        for group in &text.group {
            if let Some(path) = &group.key {
                keys.insert(group.id.clone(), read_as(folder, path, GroupKey::parse)?);
            }
        }
        Ok(Draft { text, cards, keys })
    }

    /// The card of a member that the draft names.
    pub fn card(&self, member: &str) -> Option<&Card> {
        self.cards.iter().find(|card| card.member == member)
    }

    /// All that is wrong with it; empty if a vault can be made from it.
    pub fn faults(&self) -> Vec<CharterError> {
        let mut faults = self.key_faults();
        // Vault and log are made with the vault; nothing here depends on them.
        let text = self.text(Id::ZERO, PublicKey([0; 32]), None);
        faults.extend(check::faults(&text, &self.cards));
        let made = text.group.iter().filter(|group| !self.keys.contains_key(&group.id)).count();
        faults.extend(toml_of(&text).and_then(|toml| check_length(toml.len() + made * LONGER)).err());
        faults
    }

    /// For each class its name, whether opening it wants a reason, and the smallest sets of groups
    /// that open it.
    pub fn coalitions(&self) -> Vec<(String, bool, Vec<Coalition>)> {
        let of = |class: &Class| smallest(class.quorums.iter().flat_map(Quorum::coalitions).collect());
        self.text.class.iter().map(|class| (class.id.clone(), class.reason, of(class))).collect()
    }

    /// Who opens which class in an emergency: the classes that have such a quorum, and the smallest
    /// sets of groups.
    pub fn emergencies(&self) -> Vec<(String, Vec<Coalition>)> {
        let of = |class: &Class| Some((class.id.clone(), class.break_glass.as_ref()?.coalitions()));
        self.text.class.iter().filter_map(of).collect()
    }

    /// Makes the charter: group keys for the centre's groups that have none, everything checked,
    /// and signed by its founder. All that is wrong is told at once.
    pub fn into_charter(
        mut self,
        vault: Id,
        log: PublicKey,
        founder: (&str, &SigningKey),
        now: jiff::Timestamp,
        random: &mut dyn Random,
    ) -> Result<(Charter, Vec<GroupKey>), Vec<CharterError>> {
        let faults = self.faults();
        if !faults.is_empty() {
            return Err(faults);
        }
        for group in &self.text.group {
            if self.keys.contains_key(&group.id) {
                continue;
            }
            let members: Vec<&Card> = group.members.iter().filter_map(|name| self.card(name)).collect();
            let (key, _) = GroupKey::make(&group.id, 1, &members, founder, now, random).map_err(|e| vec![e])?;
            self.keys.insert(group.id.clone(), key);
        }
        let text = self.text(vault, log, Some(&self.keys));
        let charter = Charter::sign(&text, founder.0, founder.1).map_err(|e| vec![e])?;
        let order = |id: &String| self.text.group.iter().position(|group| group.id == *id);
        let mut keys: Vec<_> = self.keys.iter().collect();
        keys.sort_by_key(|(id, _)| order(id));
        Ok((charter, keys.into_iter().map(|(_, key)| key.clone()).collect()))
    }

    /// What is wrong with the group keys that the draft names, or should.
    fn key_faults(&self) -> Vec<CharterError> {
        let mut out = Vec::new();
        for group in &self.text.group {
            let Some(key) = self.keys.get(&group.id) else {
                let oversight =
                    |body: &&Body| body.role == Role::Oversight && Some(body.id.as_str()) == body_of(&group.id);
                if self.text.body.iter().any(|body| oversight(&body)) {
                    out.push(CharterError::OverseerKey { group: group.id.clone() });
                }
                continue;
            };
            if key.group != group.id || key.epoch != 1 || !key.members().eq(group.members.iter().map(String::as_str)) {
                out.push(CharterError::OtherGroupKey { group: group.id.clone() });
            } else if let Err(error) = key.verify(|name| self.card(name)) {
                out.push(error);
            }
        }
        out
    }

    fn text(&self, vault: Id, log: PublicKey, made: Option<&BTreeMap<String, GroupKey>>) -> Text {
        let recipient = |id: &str| match made.unwrap_or(&self.keys).get(id) {
            Some(key) => Some(key.recipient.clone()),
            // A recipient of nobody's, different for each group: only the check sees it.
            None => Some(Recipient::nobody()),
        };
        let group = |group: &DraftGroup| {
            Some(Group {
                id: group.id.clone(),
                epoch: 1,
                recipient: recipient(&group.id)?,
                members: group.members.clone(),
                may: group.may.clone(),
            })
        };
        Text {
            version: 1,
            vault,
            name: self.text.name.clone(),
            time_zone: self.text.time_zone.clone(),
            log,
            replaces: None,
            brings: None,
            body: self.text.body.clone(),
            member: self
                .cards
                .iter()
                .map(|card| MemberText { card: String::from_utf8_lossy(&card.to_bytes()).into_owned() })
                .collect(),
            group: self.text.group.iter().filter_map(group).collect(),
            class: self.text.class.clone(),
            purpose: self.text.purpose.clone(),
            amendment: self.text.amendment.clone(),
            witness: self.text.witness.clone(),
            erasure: self.text.erasure,
            retention: self.text.retention.clone(),
        }
    }
}

pub(super) fn read_as<T>(
    folder: &Path,
    path: &Path,
    parse: impl Fn(&[u8]) -> Result<T, CharterError>,
) -> Result<T, DraftError> {
    let path = folder.join(path);
    let name = path.display().to_string();
    let unreadable = |source| DraftError::Unreadable { path: name.clone(), source };
    // Looked at before it is opened: opening a pipe would wait for somebody to write into it.
    let metadata = std::fs::metadata(&path).map_err(unreadable)?;
    if !metadata.is_file() || metadata.len() > MAX_FILE {
        return Err(DraftError::NotAFile { path: name });
    }
    let mut bytes = Vec::new();
    std::fs::File::open(&path).map_err(unreadable)?.take(MAX_FILE).read_to_end(&mut bytes).map_err(unreadable)?;
    parse(&bytes).map_err(|source| DraftError::BadFile { path: name, source })
}
