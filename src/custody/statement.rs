//! Statements: what overseers say of an opening that the centre's ledger does not know of, because
//! they worked from a copy of the vault.

use serde::{Deserialize, Serialize};

use super::{
    Charter, Release, ReleaseError, Request,
    card::whole_seconds,
    charter::Hash,
    release::{check_charter, signed_by},
    request::{MAX_ENVELOPES, Named, id_of},
};
use crate::{
    crypto::{
        digest::{Digest, sha256},
        note::Note,
        sign::SigningKey,
    },
    id::Id,
};

const HEAD: &str = "amanah statement/1\n";
const FORMAT: &str = "statement/1";

/// Largest file of a statement that is read, in bytes: three notes and more.
pub const MAX_FILE: u64 = 64_000_000;

/// What was opened, by whom, with whose releases, and from which state of the ledger.
///
/// ```text
/// amanah statement/1
/// vault = "4wvtm1p8c2dx7r0k9ze5hq3n6a"
/// charter = 1
/// charter_digest = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
/// opener = "kpai/ani"
/// group = "kpai/reviewers"
/// purpose = "oversight"
/// made = "2026-11-24T10:00:00Z"
/// size = 9
/// root = "B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA="
/// request = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ="
/// releases = ["x7Qo..."]
/// envelopes = [["6j3d...", "child", 1, "sealed", "0f9k..."]]
///
/// — kpai/ani ...
/// ```
#[derive(Debug, Clone)]
pub struct Statement {
    text: Text,
    note: Note,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    vault: Id,
    charter: u64,
    charter_digest: Hash,
    opener: String,
    group: String,
    purpose: String,
    made: jiff::Timestamp,
    size: u64,
    root: Hash,
    request: Hash,
    releases: Vec<Hash>,
    envelopes: Vec<Named>,
}

impl Statement {
    /// Says what is about to be opened.
    ///
    /// # Errors
    /// None in practice: the text is one that a note can carry.
    pub fn make(
        charter: &Charter,
        opener: (&str, &str, &SigningKey),
        tree: (u64, Digest),
        request: &Request,
        releases: &[Release],
        envelopes: Vec<Named>,
        now: jiff::Timestamp,
    ) -> Result<Statement, ReleaseError> {
        let text = Text {
            vault: *charter.vault(),
            charter: charter.version(),
            charter_digest: Hash(charter.digest()),
            opener: opener.0.to_owned(),
            group: opener.1.to_owned(),
            purpose: request.purpose().to_owned(),
            made: whole_seconds(now),
            size: tree.0,
            root: Hash(tree.1),
            request: Hash(request.digest()),
            releases: releases.iter().map(|release| Hash(release.digest())).collect(),
            envelopes,
        };
        let text = toml::to_string(&text).map_err(|e| bad(&e.to_string()))?;
        Statement::parse(&Note::sign(&format!("{HEAD}{text}"), opener.0, opener.2)?.to_bytes())
    }

    /// Reads one: only the bytes that would be written.
    ///
    /// # Errors
    /// [`ReleaseError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Statement, ReleaseError> {
        let note = Note::parse(bytes)?;
        let body = note.text().strip_prefix(HEAD).ok_or_else(|| bad("its first line is another"))?;
        let text: Text = toml::from_str(body).map_err(|e| bad(e.message()))?;
        let usual = toml::to_string(&text).ok().as_deref() == Some(body) && text.made == whole_seconds(text.made);
        if !usual || text.envelopes.is_empty() || text.envelopes.len() > MAX_ENVELOPES {
            return Err(bad("it is not written in the one way statements are written"));
        }
        Ok(Statement { text, note })
    }

    /// Checks it with what it names, by the charter that it was made under (the last of
    /// `charters`): signed by a member of the group it names, for the request and the releases that
    /// go with it.
    ///
    /// # Errors
    /// What is wrong, each in its own words.
    pub fn check(&self, request: &Request, releases: &[Release], charters: &[&Charter]) -> Result<(), ReleaseError> {
        let present = charters.last().ok_or(ReleaseError::OtherVault)?;
        let Text { vault, opener, group, .. } = &self.text;
        if vault != present.vault() {
            return Err(ReleaseError::OtherVault);
        }
        check_charter(present, self.text.charter, &self.text.charter_digest.0)?;
        signed_by(&self.note, opener, charters)?;
        if !present.groups_of(opener).any(|own| own == group) {
            return Err(ReleaseError::NotOfGroup { member: opener.clone(), group: group.clone() });
        }
        request.check_signed(charters)?;
        let named = self.text.releases.iter().map(|hash| hash.0);
        if request.digest() != self.text.request.0 || !named.eq(releases.iter().map(Release::digest)) {
            return Err(ReleaseError::Replayed);
        }
        // What it opened is what was asked for: the entry that admits it names all of it.
        if self.text.envelopes.is_empty() || self.text.envelopes != request.envelopes() {
            return Err(ReleaseError::Replayed);
        }
        if request.asker() != opener || request.purpose() != self.text.purpose {
            return Err(ReleaseError::NotForYou { asker: request.asker().to_owned() });
        }
        releases.iter().try_for_each(|release| release.check_signed(request, charters))
    }

    /// The signed note.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.note.to_bytes()
    }

    /// What people call it: the first 16 bytes of the digest of its text.
    pub fn id(&self) -> Id {
        id_of(&sha256(&[self.note.text().as_bytes()]))
    }

    /// The vault.
    pub fn vault(&self) -> &Id {
        &self.text.vault
    }

    /// The version of the charter that it was made under.
    pub fn charter(&self) -> u64 {
        self.text.charter
    }

    /// Who opened.
    pub fn opener(&self) -> &str {
        &self.text.opener
    }

    /// The purpose.
    pub fn purpose(&self) -> &str {
        &self.text.purpose
    }

    /// When, by the opener's clock.
    pub fn made(&self) -> jiff::Timestamp {
        self.text.made
    }

    /// Size and root of the ledger in the copy.
    pub fn tree(&self) -> (u64, Digest) {
        (self.text.size, self.text.root.0)
    }

    /// The envelopes that were opened.
    pub fn envelopes(&self) -> &[Named] {
        &self.text.envelopes
    }
}

/// A statement on its way to the centre, with the request and the releases that it names.
///
/// ```text
/// {"amanah":"statement/1","statement":"amanah statement/1\n...","request":"amanah request/1\n...","releases":["amanah release/1\n..."]}
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementFile {
    amanah: String,
    statement: String,
    request: String,
    releases: Vec<String>,
}

impl StatementFile {
    /// Puts it together.
    pub fn new(statement: &Statement, request: &Request, releases: &[Release]) -> StatementFile {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        StatementFile {
            amanah: FORMAT.to_owned(),
            statement: text(statement.to_bytes()),
            request: text(request.to_bytes()),
            releases: releases.iter().map(|release| text(release.to_bytes())).collect(),
        }
    }

    /// Reads a file: only the bytes that would be written.
    ///
    /// # Errors
    /// [`ReleaseError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<StatementFile, ReleaseError> {
        let file: StatementFile = serde_json::from_slice(bytes).map_err(|e| bad(&e.to_string()))?;
        match file.amanah == FORMAT && file.to_bytes() == bytes {
            true => Ok(file),
            false => Err(bad("it is not written in the one way")),
        }
    }

    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Strings: it cannot fail.
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// The statement, the request and the releases.
    ///
    /// # Errors
    /// [`ReleaseError::Malformed`].
    pub fn parts(&self) -> Result<(Statement, Request, Vec<Release>), ReleaseError> {
        let releases = self.releases.iter().map(|note| Release::parse_note(note.as_bytes()));
        Ok((
            Statement::parse(self.statement.as_bytes())?,
            Request::parse(self.request.as_bytes())?,
            releases.collect::<Result<_, _>>()?,
        ))
    }
}

fn bad(why: &str) -> ReleaseError {
    ReleaseError::Malformed { why: why.to_owned() }
}
