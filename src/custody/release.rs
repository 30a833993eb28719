//! Releases: a group's shares of the envelopes that a request names, sealed to who asked.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    AmendmentError, Card, Charter, CharterError, Request,
    card::whole_seconds,
    charter::Hash,
    request::{MAX_DAYS, MAX_ENVELOPES, Named, id_of},
};
use crate::{
    crypto::{
        CryptoError,
        age_wrap::{self, DecryptionKey, Recipient, WrapError},
        cbor,
        digest::{Digest, sha256},
        envelope::MAX_SHARES,
        note::{Note, NoteError},
        random::Random,
        sharing::Share,
        sign::SigningKey,
    },
    id::Id,
    problem::problems,
};

const HEAD: &str = "amanah release/1\n";
const SHARES: &str = "amanah shares/1";

/// Longest plaintext of a release's shares, in bytes: as many envelopes as a request can name, of
/// which a group holds a few shares of some 60 bytes each.
const MAX_SHARES_BYTES: usize = 16 * 1024 * 1024;

problems! {
    /// What can be wrong with requests, releases and what is opened with them.
    pub enum ReleaseError {
        /// Not a request or a release.
        Malformed { why: String } = Input, "release-malformed", "this is not a file as bodies exchange them, or not the one that is wanted here: {why}";
        /// For another vault.
        OtherVault = Refused, "release-other-vault", "this is for another vault";
        /// Its day is over.
        Expired { until: String } = Refused, "release-expired", "this was asked and answered until {until}, and that day is over";
        /// A day that one cannot ask for.
        BadDay { until: String, most: i32 } = Input, "release-bad-day", "{until} is over, or more than {most} days away: ask until a nearer day";
        /// The asker has taken the request back.
        Withdrawn { request: String } = Refused, "release-withdrawn", "the request {request} was withdrawn by who made it";
        /// The release answers another request.
        Replayed = Refused, "release-replayed", "this answers another request than the one it was given for";
        /// Sealed to somebody else.
        NotForYou { asker: String } = Refused, "release-not-for-you", "this is for {asker}, and for nobody else";
        /// Somebody else's request.
        NotYours { asker: String } = Refused, "release-not-yours", "this request was made by {asker}, and nobody else can withdraw it";
        /// By somebody whom the charter does not know.
        Stranger { name: String } = Refused, "release-stranger", "{name} is not a member in the charter, and asks for nothing and releases nothing";
        /// By somebody who was taken out, or has another card.
        Revoked { member: String } = Refused, "release-revoked", "{member} was taken out of the charter, or has another key by now";
        /// Not what was signed.
        Altered { name: String } = Integrity, "release-altered", "this is not what {name} has signed: it was changed on the way";
        /// Made under another charter.
        OtherCharter { made: u64, present: u64 } = Refused, "release-other-charter", "this was made under version {made} of the charter, or another charter of that version, and version {present} is in force";
        /// Made under a charter that came later than those that are known.
        NewerCharter { made: u64, present: u64 } = Refused, "release-newer-charter", "this was made under version {made} of the charter, and no version after {present} is known here";
        /// The releaser is not in the group whose shares they release.
        NotOfGroup { member: String, group: String } = Refused, "release-not-of-group", "{member} is not in {group} and cannot release its shares";
        /// Nothing to release.
        NoShare { member: String } = Refused, "release-no-share", "no group of {member} holds a share of what is asked for";
        /// An envelope that is not asked for, or not there.
        NotCovered { record: String, class: String } = Refused, "release-not-covered", "what record {record} holds of the class {class} is not covered by this, or was written later";
        /// The shares at hand do not suffice.
        Quorum { class: String, held: String, missing: String } = Refused, "release-quorum", "the class {class} is not opened by {held} alone: {missing} must release too";
        /// Denied, and nobody else has answered.
        Denied { by: String } = Refused, "release-denied", "the request was denied by {by}";
        /// The asker can open it anyway.
        OpensAlone { class: String } = Input, "release-opens-alone", "your groups open the class {class} by themselves: nobody has to release it";
        /// A request that does not say why.
        NoReason { asker: String, group: String } = Refused, "release-no-reason", "the charter wants a reason for what {asker} asks for, and the request gives {group} none";
        /// Asked for too much at once.
        TooMany { records: usize, envelopes: usize } = Input, "release-too-many", "a request names at most {records} records and {envelopes} envelopes, and its entry must fit one line of the ledger";
        /// Nothing sealed is there.
        Nothing = Input, "release-nothing", "the records hold nothing of these classes";
        /// No such request.
        NoRequest { reference: String } = NotFound, "release-no-request", "there is no request {reference}";
        /// The beginning of several ids.
        Ambiguous { reference: String, count: usize } = Input, "release-ambiguous", "{reference} is the beginning of {count} ids of requests";
        /// Already there.
        There { request: String } = Input, "release-there", "an answer by this member to the request {request} is in the vault already";
        /// A text that is too long.
        LongBecause { most: usize } = Input, "release-long-because", "a text of why has at most {most} characters";
        /// A vault that this machine was told nothing of.
        Unknown { vault: String } = NotFound, "release-unknown", "nobody has vouched for the charter of the vault {vault} here";
        /// Several vaults are known, and it is not said which is meant.
        WhichVault { known: String } = Usage, "release-which-vault", "it is not said which vault is meant; known here: {known}";
        /// No proof that it stands in the ledger.
        NotEntered = Integrity, "release-not-entered", "nothing proves that this stands in the ledger of the vault: it is not used";
        /// Nothing shows that a member wrote what an envelope holds.
        NotWritten = Integrity, "release-not-written", "nothing proves that a member has written what was released: it is not shown";
        /// The answer brings no envelopes, and there is no vault.
        NothingCarried = Input, "release-nothing-carried", "these answers hold shares only: what they open is in the vault";
        /// The proof begins elsewhere than where this machine has stopped.
        Seen { size: u64 } = Refused, "release-seen", "this machine has seen {size} entries of the ledger, and the file does not show that it continues them";
        /// A file for several bodies.
        ForWhom { groups: String } = Usage, "release-for-whom", "a file goes to one body; these could release: {groups}";
        /// A group that holds no share.
        NoShareOf { group: String } = Input, "release-no-share-of", "{group} holds no share of what is asked for";
        /// Only overseers work without the centre.
        NotAnOverseer { member: String } = Refused, "release-not-an-overseer", "{member} is not of an oversight body: only overseers may work from a copy, without the ledger";
        /// No emergency quorum that one is in.
        NoGlass { member: String } = Refused, "release-no-glass", "the charter lets no group of {member} open more of this in an emergency";
        /// Not an opening in an emergency.
        NotGlass { entry: u64 } = NotFound, "release-not-glass", "entry {entry} opened nothing in an emergency";
        /// Acknowledged already.
        Acknowledged { entry: u64 } = Input, "release-acknowledged", "entry {entry} was acknowledged already";
        /// A statement that is in the ledger.
        Admitted { statement: String } = Input, "statement-admitted", "the statement {statement} is in the ledger already";
        /// A statement of what was erased since: the ledger has an entry that names the records.
        StatementErased { statement: String, entry: u64 } = NotFound, "statement-erased", "a record that the statement {statement} names was erased since; entry {entry} says that it was opened";
    }
    transparent {
        /// From an amendment.
        Amendment(AmendmentError);
        /// From the charter.
        Charter(CharterError);
        /// From a note.
        Note(NoteError);
        /// From age.
        Wrap(WrapError);
        /// From below.
        Crypto(CryptoError);
    }
}

/// One group's answer to a request.
///
/// ```text
/// amanah release/1
/// vault = "4wvtm1p8c2dx7r0k9ze5hq3n6a"
/// charter = 1
/// charter_digest = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
/// request = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ="
/// releaser = "kpai/ani"
/// group = "kpai/reviewers"
/// asker = "handayani/ratna"
/// recipient = "age1..."
/// until = "2026-12-24"
/// made = "2026-11-24T10:00:00Z"
/// seen = 9
/// shares = "B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA="
/// envelopes = [["6j3d...", "child", 1, "sealed", "0f9k..."]]
///
/// — kpai/ani ...
/// ```
///
/// `shares` is the SHA-256 of the age file that goes with it. In a release to somebody without the
/// vault `carries` is that of what else does.
#[derive(Debug, Clone)]
pub struct Release {
    text: Text,
    note: Note,
    shares: Vec<u8>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    vault: Id,
    charter: u64,
    charter_digest: Hash,
    request: Hash,
    releaser: String,
    group: String,
    asker: String,
    recipient: Recipient,
    until: jiff::civil::Date,
    made: jiff::Timestamp,
    seen: u64,
    shares: Hash,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    carries: Option<Hash>,
    envelopes: Vec<Named>,
}

/// The groups that have released an envelope to somebody, by its record, version and class.
pub type Released = BTreeMap<(Id, u64, String), BTreeSet<String>>;

/// A group's share at one leaf of one envelope, opened.
pub struct OpenShare {
    /// The envelope.
    pub envelope: Id,
    /// The leaf of its class.
    pub leaf: usize,
    /// The share.
    pub share: Share,
}

/// What a release gives, besides the request that it answers and who gives it.
pub struct Given<'a> {
    /// The group whose shares they are.
    pub group: &'a str,
    /// How many entries of the ledger the releaser has seen.
    pub seen: u64,
    /// The envelopes.
    pub envelopes: Vec<Named>,
    /// The shares.
    pub shares: &'a [OpenShare],
    /// Digest of what else goes with it.
    pub carries: Option<Digest>,
}

impl Release {
    /// Seals shares to the asker's recipient, in one age file, and signs for them.
    ///
    /// # Errors
    /// [`ReleaseError::NotOfGroup`]; what age says.
    pub fn make(
        charter: &Charter,
        request: &Request,
        releaser: (&str, &SigningKey),
        given: Given<'_>,
        now: jiff::Timestamp,
        random: &mut dyn Random,
    ) -> Result<Release, ReleaseError> {
        let Given { group, seen, envelopes, shares, carries } = given;
        if !charter.groups_of(releaser.0).any(|own| own == group) {
            return Err(ReleaseError::NotOfGroup { member: releaser.0.to_owned(), group: group.to_owned() });
        }
        let digest = request.digest();
        let sealed = {
            let mut plain = Zeroizing::new(Vec::with_capacity(64 + 96 * shares.len()));
            write_shares(&mut plain, &digest, group, shares)?;
            random.wrap(request.recipient(), &plain)?
        };
        let text = Text {
            vault: *request.vault(),
            charter: charter.version(),
            charter_digest: Hash(charter.digest()),
            request: Hash(digest),
            releaser: releaser.0.to_owned(),
            group: group.to_owned(),
            asker: request.asker().to_owned(),
            recipient: request.recipient().clone(),
            until: request.until(),
            made: whole_seconds(now),
            seen,
            shares: Hash(sha256(&[&sealed])),
            carries: carries.map(Hash),
            envelopes,
        };
        let text = toml::to_string(&text).map_err(|e| bad(&e.to_string()))?;
        let note = Note::sign(&format!("{HEAD}{text}"), releaser.0, releaser.1)?;
        Release::parse(&note.to_bytes(), &sealed)
    }

    /// Reads a release and the age file that goes with it. Who signed it, and for what, is checked
    /// by [`Release::check`].
    ///
    /// # Errors
    /// [`ReleaseError::Malformed`], or [`ReleaseError::Altered`] if the file is another.
    pub fn parse(bytes: &[u8], shares: &[u8]) -> Result<Release, ReleaseError> {
        let read = Release::parse_note(bytes)?;
        if sha256(&[shares]) != read.text.shares.0 {
            return Err(ReleaseError::Altered { name: read.text.releaser });
        }
        Ok(Release { shares: shares.to_vec(), ..read })
    }

    /// Reads a release without the age file that goes with it: what it says, and nothing to open.
    ///
    /// # Errors
    /// [`ReleaseError::Malformed`].
    pub fn parse_note(bytes: &[u8]) -> Result<Release, ReleaseError> {
        let note = Note::parse(bytes)?;
        let body = note.text().strip_prefix(HEAD).ok_or_else(|| bad("its first line is another"))?;
        let text: Text = toml::from_str(body).map_err(|e| bad(e.message()))?;
        if toml::to_string(&text).ok().as_deref() != Some(body) || text.made != whole_seconds(text.made) {
            return Err(bad("it is not written in the one way releases are written"));
        }
        if text.envelopes.len() > MAX_ENVELOPES || !text.envelopes.is_sorted_by(|a, b| a < b) {
            return Err(bad("its envelopes are too many, or not in order"));
        }
        Ok(Release { text, note, shares: Vec::new() })
    }

    /// Checks that it answers `request`, which is checked by itself, by the charter in force (the last of
    /// `charters`, all so far, oldest first).
    ///
    /// # Errors
    /// What is wrong, each in its own words.
    pub fn check(&self, request: &Request, charters: &[&Charter], now: jiff::Timestamp) -> Result<(), ReleaseError> {
        self.check_signed(request, charters)?;
        let present = charters.last().ok_or(ReleaseError::OtherVault)?;
        check_charter(present, self.text.charter, &self.text.charter_digest.0)?;
        check_day(present, self.text.until, now)
    }

    /// As [`Release::check`], but for the day and for the charter that it was made under.
    ///
    /// # Errors
    /// What is wrong, each in its own words.
    pub fn check_signed(&self, request: &Request, charters: &[&Charter]) -> Result<(), ReleaseError> {
        let present = charters.last().ok_or(ReleaseError::OtherVault)?;
        let Text { vault, releaser, group, asker, recipient, until, .. } = &self.text;
        if vault != present.vault() {
            return Err(ReleaseError::OtherVault);
        }
        signed_by(&self.note, releaser, charters)?;
        if asker != request.asker() || recipient != request.recipient() {
            return Err(ReleaseError::NotForYou { asker: asker.clone() });
        }
        if self.text.request.0 != request.digest() || *until != request.until() {
            return Err(ReleaseError::Replayed);
        }
        if !present.groups_of(releaser).any(|own| own == group) {
            return Err(ReleaseError::NotOfGroup { member: releaser.clone(), group: group.clone() });
        }
        let asked = request.envelopes();
        let beyond = |named: &&Named| match asked.is_empty() {
            true => !request.records().contains(&named.record) || !request.classes().contains(&named.class),
            false => asked.binary_search(named).is_err(),
        };
        match self.text.envelopes.iter().find(beyond) {
            None => Ok(()),
            Some(named) => Err(not_covered(named)),
        }
    }

    /// Checks only who has signed it, and for which vault: of an answer whose request was erased.
    ///
    /// # Errors
    /// For another vault, by a stranger, by somebody who was taken out or not of the group, or
    /// changed since.
    pub fn check_signer(&self, charters: &[&Charter]) -> Result<(), ReleaseError> {
        let present = charters.last().ok_or(ReleaseError::OtherVault)?;
        let Text { vault, releaser, group, .. } = &self.text;
        if vault != present.vault() {
            return Err(ReleaseError::OtherVault);
        }
        signed_by(&self.note, releaser, charters)?;
        if !present.groups_of(releaser).any(|own| own == group) {
            return Err(ReleaseError::NotOfGroup { member: releaser.clone(), group: group.clone() });
        }
        Ok(())
    }

    /// Opens the shares with the key of who asked: one operation with it, however many there are.
    ///
    /// # Errors
    /// With another key; [`ReleaseError::Replayed`] if the shares inside are for another request or
    /// group than the text says.
    pub fn open(&self, key: &DecryptionKey) -> Result<Vec<OpenShare>, ReleaseError> {
        let plain = age_wrap::unwrap_up_to(key, &self.shares, MAX_SHARES_BYTES)?;
        let (digest, group, shares) = read_shares(&plain)?;
        if digest != self.text.request.0 || group != self.text.group {
            return Err(ReleaseError::Replayed);
        }
        let covers = |share: &OpenShare| self.text.envelopes.iter().any(|named| named.envelope == share.envelope);
        // Looked up once for each envelope, whose shares stand together.
        let mut last: Option<(Id, bool)> = None;
        for share in &shares {
            let covered = match last {
                Some((id, covered)) if id == share.envelope => covered,
                _ => covers(share),
            };
            last = Some((share.envelope, covered));
            if !covered {
                return Err(bad("it holds shares that it does not name"));
            }
        }
        Ok(shares)
    }

    /// The signed note.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.note.to_bytes()
    }

    /// The age file with the shares.
    pub fn shares(&self) -> &[u8] {
        &self.shares
    }

    /// SHA-256 of the signed text.
    pub fn digest(&self) -> Digest {
        sha256(&[self.note.text().as_bytes()])
    }

    /// What people call it: the first 16 bytes of the digest of its text.
    pub fn id(&self) -> Id {
        id_of(&self.digest())
    }

    /// The digest of the request that it answers.
    pub fn request(&self) -> &Digest {
        &self.text.request.0
    }

    /// The version of the charter that it was made under.
    pub fn charter(&self) -> u64 {
        self.text.charter
    }

    /// Who released.
    pub fn releaser(&self) -> &str {
        &self.text.releaser
    }

    /// The group whose shares they are.
    pub fn group(&self) -> &str {
        &self.text.group
    }

    /// For whom.
    pub fn asker(&self) -> &str {
        &self.text.asker
    }

    /// When it was made, by the releaser's clock.
    pub fn made(&self) -> jiff::Timestamp {
        self.text.made
    }

    /// How many entries of the ledger the releaser had seen.
    pub fn seen(&self) -> u64 {
        self.text.seen
    }

    /// Digest of what else goes with it.
    pub fn carries(&self) -> Option<&Digest> {
        self.text.carries.as_ref().map(|hash| &hash.0)
    }

    /// The envelopes whose shares it gives, sorted.
    pub fn envelopes(&self) -> &[Named] {
        &self.text.envelopes
    }
}

/// The card of who signed a note, by the last of the charters.
///
/// # Errors
/// [`ReleaseError::Revoked`] if only an earlier one knows them with the key that signed,
/// [`ReleaseError::Stranger`] if none does, [`ReleaseError::Altered`] if the signature is wrong.
pub(super) fn signed_by<'a>(note: &Note, name: &str, charters: &[&'a Charter]) -> Result<&'a Card, ReleaseError> {
    let cards: Vec<&Card> = charters.iter().rev().filter_map(|charter| charter.member(name)).collect();
    if cards.is_empty() {
        return Err(ReleaseError::Stranger { name: name.to_owned() });
    }
    let present = charters.last().and_then(|charter| charter.member(name));
    match present.map(|card| (card, note.verify(name, &card.signing))) {
        Some((card, Ok(()))) => Ok(card),
        Some((_, Err(NoteError::BadSignature { .. }))) => Err(ReleaseError::Altered { name: name.to_owned() }),
        _ if cards.iter().any(|card| note.verify(name, &card.signing).is_ok()) => {
            Err(ReleaseError::Revoked { member: name.to_owned() })
        }
        _ => Err(ReleaseError::Altered { name: name.to_owned() }),
    }
}

/// Whether something was made under this charter.
pub(super) fn check_charter(present: &Charter, version: u64, digest: &Digest) -> Result<(), ReleaseError> {
    if version == present.version() && *digest == present.digest() {
        return Ok(());
    }
    let (made, present) = (version, present.version());
    Err(if made > present {
        ReleaseError::NewerCharter { made, present }
    } else {
        ReleaseError::OtherCharter { made, present }
    })
}

/// Whether a day is not over yet, where the vault is.
pub(super) fn check_day(present: &Charter, until: jiff::civil::Date, now: jiff::Timestamp) -> Result<(), ReleaseError> {
    if today(present, now) <= until { Ok(()) } else { Err(ReleaseError::Expired { until: until.to_string() }) }
}

/// Whether one can ask until a day.
///
/// # Errors
/// [`ReleaseError::BadDay`].
pub fn check_until(present: &Charter, until: jiff::civil::Date, now: jiff::Timestamp) -> Result<(), ReleaseError> {
    let today = today(present, now);
    let last = today.checked_add(jiff::Span::new().days(MAX_DAYS)).unwrap_or(jiff::civil::Date::MAX);
    match today <= until && until <= last {
        true => Ok(()),
        false => Err(ReleaseError::BadDay { until: until.to_string(), most: MAX_DAYS }),
    }
}

fn today(charter: &Charter, now: jiff::Timestamp) -> jiff::civil::Date {
    // Every charter that was read has a known time zone.
    let zone = jiff::tz::TimeZone::get(charter.time_zone()).unwrap_or(jiff::tz::TimeZone::UTC);
    zone.to_datetime(now).date()
}

/// That an envelope is not covered.
pub fn not_covered(named: &Named) -> ReleaseError {
    ReleaseError::NotCovered { record: named.record.to_string(), class: named.class.clone() }
}

fn bad(why: &str) -> ReleaseError {
    ReleaseError::Malformed { why: why.to_owned() }
}

fn write_shares(
    out: &mut Zeroizing<Vec<u8>>,
    request: &Digest,
    group: &str,
    shares: &[OpenShare],
) -> Result<(), CryptoError> {
    let mut w = minicbor::Encoder::new(&mut **out);
    let mut write = || {
        w.array(4)?.str(SHARES)?.bytes(request)?.str(group)?.array(shares.len() as u64)?;
        for OpenShare { envelope, leaf, share } in shares {
            w.array(3)?.bytes(&envelope.0)?.u64(*leaf as u64)?.bytes(share)?;
        }
        Ok::<_, minicbor::encode::Error<std::convert::Infallible>>(())
    };
    write().map_err(|_| CryptoError::Malformed { what: "shares" })
}

fn read_shares(plain: &[u8]) -> Result<(Digest, String, Vec<OpenShare>), CryptoError> {
    let mut d = minicbor::Decoder::new(plain);
    let mut read = || {
        cbor::array(&mut d, 4)?;
        if d.str()? != SHARES {
            return Err(minicbor::decode::Error::message("not shares"));
        }
        let (digest, group) = (cbor::fixed(&mut d)?, d.str()?.to_owned());
        let mut shares = Vec::new();
        for _ in 0..cbor::array_up_to(&mut d, MAX_ENVELOPES as u64 * MAX_SHARES)? {
            cbor::array(&mut d, 3)?;
            let envelope = cbor::id(&mut d)?;
            let leaf = usize::try_from(d.u64()?).unwrap_or(usize::MAX);
            shares.push(OpenShare { envelope, leaf, share: Zeroizing::new(d.bytes()?.to_vec()) });
        }
        if d.position() != plain.len() {
            return Err(minicbor::decode::Error::message("bytes left over"));
        }
        Ok((digest, group, shares))
    };
    read().map_err(|_: minicbor::decode::Error| CryptoError::Malformed { what: "shares" })
}
