//! What somebody does without the vault: with their key, a file, and a small folder that holds the
//! charters they have been shown and the last checkpoint they have seen.
//!
//! ```text
//! STATE/<vault id>/charters     the charters, oldest first
//! STATE/<vault id>/checkpoint   the newest checkpoint
//! STATE/<vault id>/lock         held while that is replaced
//! ```

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::{Timestamp, civil::Date};

use super::{
    Shown,
    authors::{Author, Authors},
    commit::MAX_REASON,
    error::VaultError,
    lock::{PATIENCE, hold},
    may::{check_why, known_purpose, wanted_reason},
    policy,
    release::{Sealed, item_of, lacking, released, show, take},
    request::{add_once, missing, says},
};
use crate::{
    crypto::{
        age_wrap::{self, DecryptionKey},
        digest::sha256,
        envelope::{Envelope, Policy, ShareAt, open_sealed_share},
        identity::Identity,
        random::SystemRandom,
        session::SessionSecret,
    },
    custody::{
        Chain, Charter, Ending, GroupKey, Release, ReleaseError, Request, Role, chain,
        ending::seal,
        exchange::{Answer, AnswerFile, Bytes, Kit, RequestFile, from_bytes},
        release::{Given, OpenShare, check_until},
        request::{Asked, Named},
    },
    disk,
    id::{Id, body_of},
    ledger::{
        Action, LedgerError, Line, Outcome,
        checkpoint::{self, SignedHead},
        entry::TreeHead,
        memory::Memory,
        proof,
        proof_file::ProofFile,
    },
    records::schema::Schema,
    store::journal,
    vault::item::Item,
};

/// The file with the charters of a vault.
const CHARTERS: &str = "charters";

/// The lock on what is remembered of a vault.
const LOCK: &str = "lock";

/// What is asked for by somebody without the vault.
#[derive(Debug, Clone)]
pub struct Wish<'a> {
    /// The purpose.
    pub purpose: &'a str,
    /// The reason in words.
    pub reason: Option<&'a str>,
    /// The last day.
    pub until: Date,
    /// The records.
    pub records: &'a [Id],
    /// The classes.
    pub classes: &'a [String],
    /// Fields by name.
    pub fields: &'a [String],
}

/// What was opened without the vault.
#[derive(Debug)]
pub struct Opened {
    /// The records.
    pub shown: Vec<Shown>,
    /// The schema that their fields are read by.
    pub schema: Arc<Schema>,
    /// Who wrote what is shown.
    pub authors: Vec<Author>,
}

/// A vault as it is known from outside.
#[derive(Debug)]
pub struct Outside {
    chain: Chain,
    memory: Memory,
    seen: Option<TreeHead>,
}

impl Outside {
    /// What this machine knows of a vault.
    ///
    /// # Errors
    /// [`ReleaseError::Unknown`] if it was shown no charter of it.
    pub fn load(state: &Path, vault: &Id) -> Result<Outside, VaultError> {
        let chain = known(state, vault)?.ok_or_else(|| ReleaseError::Unknown { vault: vault.to_string() })?;
        let memory = Memory::new(state, vault);
        let mut seen = None;
        if let Some(bytes) = memory.load()? {
            let head = SignedHead::parse(&bytes)?;
            verify_log(&chain, &head, memory.path())?;
            seen = Some(*head.tree());
        }
        Ok(Outside { chain, memory, seen })
    }

    /// The one vault that this machine was shown the charters of.
    ///
    /// # Errors
    /// [`ReleaseError::WhichVault`] if there is none, or more than one.
    pub fn only(state: &Path) -> Result<Id, VaultError> {
        let folders = std::fs::read_dir(state).into_iter().flatten().flatten();
        let known = folders.filter(|folder| folder.path().join(CHARTERS).is_file());
        let known: Vec<Id> = known.filter_map(|folder| folder.file_name().to_str()?.parse().ok()).collect();
        match known[..] {
            [vault] => Ok(vault),
            _ => {
                let known = known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                Err(ReleaseError::WhichVault { known }.into())
            }
        }
    }

    /// Takes in the charters of a vault. The caller has asked a person to compare the fingerprint,
    /// if [`Outside::is_first`] says so.
    ///
    /// # Errors
    /// [`ReleaseError::OtherCharter`] if they do not continue those that are known.
    pub fn trust(state: &Path, chain: &Chain) -> Result<(), VaultError> {
        if let Some(known) = known(state, chain.vault()?)?
            && !chain.continues(&known)
        {
            let (made, present) = (chain.newest()?.version(), known.newest()?.version());
            return Err(ReleaseError::OtherCharter { made, present }.into());
        }
        let path = path(state, chain.vault()?);
        let folder = path.parent().unwrap_or(Path::new("."));
        disk::make_folders(folder).map_err(LedgerError::io(folder))?;
        Ok(disk::replace(&path, &chain.to_bytes(), true).map_err(LedgerError::io(&path))?)
    }

    /// Whether this machine was shown no charter of a vault yet.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn is_first(state: &Path, vault: &Id) -> Result<bool, VaultError> {
        Ok(known(state, vault)?.is_none())
    }

    /// The charters.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// How many entries of the ledger this machine has seen.
    pub fn seen(&self) -> u64 {
        self.seen.map_or(0, |head| head.size)
    }

    /// Asks for records by their ids, and for classes or fields of them. Those of the vault find out
    /// which envelopes that are.
    ///
    /// # Errors
    /// A purpose, class or day that cannot be.
    pub fn ask(&self, asker: &Identity, wish: &Wish<'_>, now: Timestamp) -> Result<Request, VaultError> {
        let charter = self.chain.newest()?;
        check_until(charter, wish.until, now)?;
        let purpose = known_purpose(charter, wish.purpose)?;
        let mut reason = Vec::new();
        match wish.reason.map(str::trim).filter(|text| !text.is_empty()) {
            None => {
                let classes = wish.classes.iter().map(String::as_str);
                if let Some(wanted) = wanted_reason(charter, Some(purpose), classes) {
                    return Err(wanted);
                }
            }
            Some(text) if text.chars().count() > MAX_REASON => {
                return Err(VaultError::LongReason { most: MAX_REASON });
            }
            Some(text) => {
                let holders = self.holders(wish.classes);
                for group in charter.session_groups().filter(|group| holders.contains(&group.id)) {
                    reason.push((group.id.clone(), seal(&group.recipient, text, &mut SystemRandom::new())?));
                }
            }
        }
        let sorted = |all: Vec<String>| all.into_iter().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
        let records = wish.records.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let asked = Asked {
            purpose: wish.purpose.to_owned(),
            until: wish.until,
            seen: self.seen(),
            records,
            classes: sorted(wish.classes.to_vec()),
            fields: wish.fields.to_vec(),
            envelopes: Vec::new(),
            reason,
        };
        Ok(Request::make(charter, (&asker.member, &asker.signing), asked, now)?)
    }

    /// The groups that hold shares of these classes: by which charter what is asked for was sealed
    /// is not known here.
    fn holders(&self, classes: &[String]) -> BTreeSet<String> {
        let of = |charter| classes.iter().filter_map(move |class| policy::ordinary(charter, class));
        self.chain.all().into_iter().flat_map(of).flat_map(|policy| policy.leaves).collect()
    }

    /// Checks a request that came as a file: good by the charters, and standing in a ledger that
    /// continues what this machine has seen. One by an overseer, made from a copy, need not stand
    /// there: nobody outside the centre can write into its ledger.
    ///
    /// # Errors
    /// What is wrong, each in its own words.
    pub fn check_request(&self, file: &RequestFile, now: Timestamp) -> Result<Request, VaultError> {
        self.checked(file, now).map(|checked| checked.request)
    }

    /// What a request asks for, so far as its entry says it: fields by class. Without an entry, the
    /// classes, and the fields that were named.
    ///
    /// # Errors
    /// As [`Outside::check_request`].
    pub fn asked_fields(
        &self,
        file: &RequestFile,
        now: Timestamp,
    ) -> Result<BTreeMap<String, Vec<String>>, VaultError> {
        let Checked { request, fields, .. } = self.checked(file, now)?;
        let named = request.classes().iter().map(|class| (class.clone(), request.fields().to_vec()));
        Ok(fields.unwrap_or_else(|| named.collect()))
    }

    /// Who can release what a request asks for, by class: by the charter in force, since what the
    /// envelopes were sealed under is not in every file.
    ///
    /// # Errors
    /// Charters that cannot be read.
    pub fn missing_groups(&self, request: &Request) -> Result<BTreeMap<String, Vec<Vec<String>>>, VaultError> {
        let charter = self.chain.newest()?;
        let own: BTreeSet<&str> = charter.groups_of(request.asker()).collect();
        let of = |class: &String| (class.clone(), missing(charter, class, &own));
        Ok(request.classes().iter().map(of).collect())
    }

    /// Why a request was made, in the words for one of the reader's groups; as
    /// [`Vault::reason_given`](super::Vault::reason_given).
    ///
    /// # Errors
    /// A group key that does not open, or is another than the charter's.
    pub fn reason_given(&self, reader: &Identity, file: &RequestFile) -> Result<Option<String>, VaultError> {
        let request = file.request()?;
        let charter = self.chain.newest()?;
        self.check_own(reader)?;
        for kit in file.kits.iter().filter(|kit| charter.groups_of(&reader.member).any(|own| own == kit.group)) {
            if let Some(words) = self.reason_to(&request, kit, &self.kit_keys(reader, kit)?) {
                return Ok(Some(words));
            }
        }
        Ok(None)
    }

    fn reason_to(&self, request: &Request, kit: &Kit, keys: &HashMap<u64, DecryptionKey>) -> Option<String> {
        let epoch = self.chain.of(request.charter())?.group(&kit.group)?.epoch;
        request.reason_for(&kit.group, keys.get(&epoch)?)
    }

    /// A request that is good, and what it came with.
    fn checked(&self, file: &RequestFile, now: Timestamp) -> Result<Checked, VaultError> {
        let mut fields = None;
        let request = file.request()?;
        request.check(&self.chain.all(), now)?;
        let charter = self.chain.newest()?;
        let role = body_of(request.asker()).and_then(|body| charter.body(body)).map(|body| body.role);
        let head = match (&file.entry, &file.head) {
            (Some(entry), _) => {
                let proof = ProofFile::parse(entry.as_bytes())?;
                let line = self.check_entry(&proof, charter, request.asker(), Action::RequestMake)?;
                let entry = line.entry();
                // Not just any request of theirs: the entry brought this one, and says what it asks for.
                let items = file.items.as_ref().map_or(&[][..], |items| &items.0);
                let (items, rest) = items.as_chunks::<32>();
                let own = sha256(&[&Item::Request(request.to_bytes()).encode()]);
                let digest = journal::digest(request.vault(), entry.seq, items.iter().copied());
                let fits = rest.is_empty()
                    && entry.payload == Some(digest)
                    && items.contains(&own)
                    && entry.purpose.as_deref() == Some(request.purpose())
                    && says(entry, request.envelopes());
                if !fits {
                    return Err(ReleaseError::NotEntered.into());
                }
                let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
                for (class, names) in entry.subjects.iter().flat_map(|subject| &subject.fields) {
                    add_once(&mut told, class, names.iter().map(String::as_str));
                }
                fields = Some(told);
                proof.head
            }
            (None, Some(head)) if role == Some(Role::Oversight) => {
                let head = SignedHead::parse(head.as_bytes())?;
                verify_newest(&self.chain, &head)?;
                head
            }
            _ => return Err(ReleaseError::NotEntered.into()),
        };
        self.check_continues(&head, file.old, &file.consistency)?;
        Ok(Checked { request, head, fields })
    }

    /// Releases the shares of one of the releaser's groups, of exactly the envelopes that a request
    /// names.
    ///
    /// # Errors
    /// What is wrong with the request; a file that does not hold what the group needs.
    pub fn approve(
        &self,
        releaser: &Identity,
        file: &RequestFile,
        group: Option<&str>,
        now: Timestamp,
    ) -> Result<AnswerFile, VaultError> {
        let Checked { request, head, .. } = self.checked(file, now)?;
        let charter = self.chain.newest()?;
        self.check_own(releaser)?;
        let own: Vec<&str> = charter.groups_of(&releaser.member).collect();
        if let Some(group) = group.filter(|group| !own.contains(group)) {
            let (member, group) = (releaser.member.clone(), group.to_owned());
            return Err(ReleaseError::NotOfGroup { member, group }.into());
        }
        let fits = |kit: &&Kit| own.contains(&kit.group.as_str()) && group.is_none_or(|group| group == kit.group);
        let kit = file.kits.iter().find(fits);
        let kit = kit.ok_or_else(|| ReleaseError::NoShare { member: releaser.member.clone() })?;
        let keys = self.kit_keys(releaser, kit)?;
        check_why(charter, &request, &kit.group, self.reason_to(&request, kit, &keys).as_deref())?;
        let secrets = secrets(kit, &keys)?;
        let mut shares = Vec::with_capacity(kit.shares.len());
        let mut envelopes = BTreeSet::new();
        for (index, session, version, leaf, sealed) in &kit.shares {
            let altered = || ReleaseError::Altered { name: request.asker().to_owned() };
            let named = usize::try_from(*index).ok().and_then(|at| request.envelopes().get(at)).ok_or_else(altered)?;
            let leaf = usize::try_from(*leaf).map_err(|_| altered())?;
            let policy = self.policy(*version, &named.class)?;
            let secret = secrets.get(session).ok_or_else(altered)?;
            if policy.leaves.get(leaf) != Some(&kit.group) {
                return Err(altered().into());
            }
            let at = ShareAt {
                place: named.place(request.vault()),
                envelope: &named.envelope,
                class: &named.class,
                charter: *version,
                leaf,
                group: &kit.group,
            };
            // What was changed on the way does not open, nor what is of another record than is said.
            let share = open_sealed_share(&at, secret, &sealed.0).map_err(|_| altered())?;
            shares.push(OpenShare { envelope: named.envelope, leaf, share });
            envelopes.insert(named.clone());
        }
        if envelopes.is_empty() {
            return Err(ReleaseError::NoShare { member: releaser.member.clone() }.into());
        }
        let envelopes = envelopes.into_iter().collect();
        let seen = head.tree().size.max(self.seen());
        let given = Given { group: &kit.group, seen, envelopes, shares: &shares, carries: None };
        let release = Release::make(
            charter,
            &request,
            (&releaser.member, &releaser.signing),
            given,
            now,
            &mut SystemRandom::new(),
        )?;
        self.remember(vec![head])?;
        Ok(AnswerFile::new(&request, &Answer::Release(Box::new(release))))
    }

    /// Denies a request that came as a file.
    ///
    /// # Errors
    /// What is wrong with the request.
    pub fn deny(
        &self,
        by: &Identity,
        file: &RequestFile,
        because: &str,
        now: Timestamp,
    ) -> Result<AnswerFile, VaultError> {
        let Checked { request, head, .. } = self.checked(file, now)?;
        self.check_own(by)?;
        let ending = Ending::deny(&request, (&by.member, &by.signing), because, now, &mut SystemRandom::new())?;
        self.remember(vec![head])?;
        Ok(AnswerFile::new(&request, &Answer::Denial(ending)))
    }

    /// Opens what was released to somebody without the vault, from one or more answers to one
    /// request.
    ///
    /// The centre's answers must stand in its ledger, and so must the entries of those who wrote
    /// what is opened, signed by them: nothing is shown before that is checked.
    ///
    /// # Errors
    /// What is wrong with an answer, each in its own words; too few shares.
    pub fn open(&self, asker: &Identity, files: &[AnswerFile], now: Timestamp) -> Result<Opened, VaultError> {
        let first = files.first().ok_or(ReleaseError::Nothing)?;
        let request = first.request()?;
        if request.asker() != asker.member {
            return Err(ReleaseError::NotForYou { asker: request.asker().to_owned() }.into());
        }
        self.check_own(asker)?;
        request.check(&self.chain.all(), now)?;
        let (mut releases, mut heads) = (Vec::new(), Vec::new());
        let mut carried: BTreeMap<Named, (Option<Id>, Envelope)> = BTreeMap::new();
        let mut schema = None;
        let mut authors = Authors::default();
        for file in files {
            let release = match file.answer()? {
                Answer::Release(release) => *release,
                Answer::Denial(ending) => {
                    ending.check(&request, &self.chain.all())?;
                    return Err(ReleaseError::Denied { by: ending.by().to_owned() }.into());
                }
            };
            release.check(&request, &self.chain.all(), now)?;
            let head = self.check_answer(file, &request, &release)?;
            if let Some(more) = &file.carried {
                let found = more.opened()?;
                if found.len() != release.envelopes().len() {
                    return Err(ReleaseError::Altered { name: release.releaser().to_owned() }.into());
                }
                for (named, (of, envelope)) in release.envelopes().iter().zip(found) {
                    if envelope.id != named.envelope || envelope.class != named.class {
                        return Err(ReleaseError::Altered { name: release.releaser().to_owned() }.into());
                    }
                    carried.entry(named.clone()).or_insert((of, envelope));
                }
                let head = head.as_ref().ok_or(ReleaseError::NotEntered)?;
                authors.check(&file.written, head.tree(), &self.chain)?;
                authors.check_schema(&more.schema)?;
                schema = Some(more.schema.clone());
            }
            heads.extend(head);
            releases.push(release);
        }
        let schema = schema.ok_or(ReleaseError::NothingCarried)?;
        let schema = Arc::new(Schema::parse(&schema)?);
        let own: Vec<String> = self.chain.newest()?.groups_of(&asker.member).map(ToOwned::to_owned).collect();
        let mut sealed = Vec::new();
        let mut policies: HashMap<(u64, String), Policy> = HashMap::new();
        for (named, (_, envelope)) in &carried {
            let key = (envelope.charter, named.class.clone());
            if !policies.contains_key(&key) {
                policies.insert(key.clone(), self.policy(key.0, &key.1)?);
            }
            let Some(policy) = policies.get(&key) else { continue };
            let mut held: BTreeSet<&str> = own.iter().map(String::as_str).collect();
            let covers = |release: &&Release| release.envelopes().binary_search(named).is_ok();
            held.extend(releases.iter().filter(covers).map(Release::group));
            let charter = self.chain.of(envelope.charter).ok_or(ReleaseError::OtherVault)?;
            if let Some(lack) = lacking(charter, policy, &held) {
                return Err(lack.into());
            }
        }
        let of_envelope = |(named, (_, envelope)): (&Named, &(Option<Id>, Envelope))| {
            Some((named.envelope, policies.get(&(envelope.charter, named.class.clone()))?))
        };
        let (mut shares, useless) =
            released(&releases, &asker.decryption, &carried.iter().filter_map(of_envelope).collect());
        for kit in files.iter().filter_map(|file| file.carried.as_ref()).flat_map(|carried| &carried.kits) {
            if !own.contains(&kit.group) {
                continue;
            }
            let secrets = secrets(kit, &self.kit_keys(asker, kit)?)?;
            for (named, (_, envelope)) in &carried {
                let Some(policy) = policies.get(&(envelope.charter, named.class.clone())) else { continue };
                let Some(secret) = secrets.get(&envelope.session) else { continue };
                for (leaf, _) in policy.leaves.iter().enumerate().filter(|(_, group)| **group == kit.group) {
                    let key = secret.share_key(&envelope.class, leaf, &kit.group)?;
                    let share = envelope.at(&named.place(request.vault())).open_share(leaf, &key)?;
                    take(&mut shares, vec![OpenShare { envelope: envelope.id, leaf, share }]);
                }
            }
        }
        for (named, (of, envelope)) in &carried {
            let Some(policy) = policies.get(&(envelope.charter, named.class.clone())) else { continue };
            let (record, kind, version, of) = (named.record, named.kind.as_str(), named.version, *of);
            let one = Sealed { record, kind, version, of, envelope, policy };
            authors.take(&one, &schema)?;
            sealed.push(one);
        }
        let shown = show(request.vault(), &sealed, &shares, &schema).map_err(|error| useless.unwrap_or(error))?;
        self.remember(heads)?;
        Ok(Opened { shown, schema, authors: authors.into_authors() })
    }

    /// Checks that an answer by the centre stands in its ledger, in an entry that commits to this
    /// very release; gives the head of the ledger that it came with.
    fn check_answer(
        &self,
        file: &AnswerFile,
        request: &Request,
        release: &Release,
    ) -> Result<Option<SignedHead>, VaultError> {
        let charter = self.chain.newest()?;
        let role = body_of(release.releaser()).and_then(|body| charter.body(body)).map(|body| body.role);
        let Some(entry) = &file.entry else {
            // An overseer without the vault has no ledger to write it in.
            return match role {
                Some(Role::Oversight) => Ok(None),
                _ => Err(ReleaseError::NotEntered.into()),
            };
        };
        let proof = ProofFile::parse(entry.as_bytes())?;
        let line = self.check_entry(&proof, charter, release.releaser(), Action::ReleaseApprove)?;
        let (item, asked) = (item_of(release).encode(), Item::Request(request.to_bytes()).encode());
        let payload = |items: Vec<Vec<u8>>| {
            let items = items.into_iter().map(|item| journal::Item::Live(item.into())).collect();
            Some(journal::Payload { seq: line.entry().seq, items }.digest(request.vault()))
        };
        let digest = line.entry().payload;
        if digest != payload(vec![item.clone()]) && digest != payload(vec![asked, item]) {
            return Err(ReleaseError::NotEntered.into());
        }
        self.check_continues(&proof.head, file.old, &file.consistency)?;
        Ok(Some(proof.head))
    }

    /// Checks that a proof is one of an entry with this action by this member, under a checkpoint
    /// of the log.
    fn check_entry(
        &self,
        proof: &ProofFile,
        charter: &Charter,
        actor: &str,
        action: Action,
    ) -> Result<Line, VaultError> {
        verify_newest(&self.chain, &proof.head)?;
        let bytes = proof.extra.as_deref().ok_or(ReleaseError::NotEntered)?;
        proof.verify(bytes)?;
        let line = Line::parse(bytes)?;
        let entry = line.entry();
        let card = charter.member(actor).ok_or_else(|| ReleaseError::Stranger { name: actor.to_owned() })?;
        let fits = entry.seq == proof.index
            && entry.actor == actor
            && entry.action == action
            && entry.outcome == Outcome::Ok
            && line.is_signed_by(&card.signing, charter.vault());
        if fits { Ok(line) } else { Err(ReleaseError::NotEntered.into()) }
    }

    /// Checks that a checkpoint continues the last one that this machine has seen.
    fn check_continues(&self, head: &SignedHead, old: u64, hashes: &[Bytes]) -> Result<(), VaultError> {
        let Some(seen) = self.seen else { return Ok(()) };
        let (size, new) = (seen.size, head.tree());
        if seen == *new {
            return Ok(());
        }
        if old != size || new.size < size {
            return Err(ReleaseError::Seen { size }.into());
        }
        proof::check_consistency(&seen, new, &from_bytes(hashes)?).map_err(|_| VaultError::Forked { size })
    }

    /// Remembers the newest of these checkpoints, if it is newer than the last one: that may be another
    /// by now, which a command saw that was begun later.
    fn remember(&self, mut heads: Vec<SignedHead>) -> Result<(), VaultError> {
        heads.sort_by_key(|head| head.tree().size);
        let Some(newest) = heads.last() else { return Ok(()) };
        let folder = self.memory.path().parent().unwrap_or(Path::new("."));
        disk::make_folders(folder).map_err(LedgerError::io(folder))?;
        let _lock = hold(folder, LOCK, PATIENCE, &|_| {})?;
        let known = self.memory.load()?.map(|bytes| SignedHead::parse(&bytes)).transpose()?;
        let trees: Vec<&TreeHead> = heads.iter().chain(&known).map(SignedHead::tree).collect();
        let forked = |(at, one): (usize, &&TreeHead)| {
            trees[..at].iter().any(|other| other.size == one.size && other != one).then_some(one.size)
        };
        if let Some(size) = trees.iter().enumerate().find_map(forked) {
            return Err(VaultError::Forked { size });
        }
        if known.is_none_or(|known| known.tree().size < newest.tree().size) {
            self.memory.save(&newest.note().to_bytes())?;
        }
        Ok(())
    }

    /// Checks that an identity is that of a member, with the keys on their card.
    fn check_own(&self, identity: &Identity) -> Result<(), VaultError> {
        let member = identity.member.clone();
        let charter = self.chain.newest()?;
        let card = charter.member(&member).ok_or_else(|| VaultError::NotAMember { member: member.clone() })?;
        let same = identity.recipient().is_none_or(|recipient| *recipient == card.recipient);
        if card.signing == identity.signing.public() && same { Ok(()) } else { Err(VaultError::OtherKeys { member }) }
    }

    fn policy(&self, version: u64, class: &str) -> Result<Policy, VaultError> {
        let missing = || VaultError::NoKey { class: class.to_owned() };
        policy::ordinary(self.chain.of(version).ok_or_else(missing)?, class).ok_or_else(missing)
    }

    /// The keys of a group that a file brings, by their epochs.
    fn kit_keys(&self, member: &Identity, kit: &Kit) -> Result<HashMap<u64, DecryptionKey>, VaultError> {
        let mut keys = HashMap::new();
        for note in &kit.keys {
            let key = GroupKey::parse(note.as_bytes())?;
            let of = |charter: &&Charter| {
                charter.group(&key.group).is_some_and(|g| g.recipient == key.recipient && g.epoch == key.epoch)
            };
            let all = self.chain.all();
            let charter = all.iter().copied().find(of).filter(|_| key.group == kit.group);
            let charter = charter.ok_or_else(|| ReleaseError::Altered { name: kit.group.clone() })?;
            key.verify(|name| charter.member(name))?;
            keys.insert(key.epoch, key.unwrap(&member.member, &member.decryption)?);
        }
        Ok(keys)
    }
}

/// A request that is good.
struct Checked {
    request: Request,
    /// The head of the ledger that it came with.
    head: SignedHead,
    /// The fields that its entry names, by class, if it has one.
    fields: Option<BTreeMap<String, Vec<String>>>,
}

/// A group's secrets of sessions: one operation with the group's key for each.
fn secrets(kit: &Kit, keys: &HashMap<u64, DecryptionKey>) -> Result<HashMap<Id, SessionSecret>, VaultError> {
    let mut out = HashMap::new();
    for (session, epoch, file) in &kit.sessions {
        let missing = || VaultError::NoSession { session: session.to_string() };
        let secret = age_wrap::unwrap(keys.get(epoch).ok_or_else(missing)?, &file.0)?;
        out.insert(*session, SessionSecret::new(session, &secret)?);
    }
    Ok(out)
}

/// The one in the memory, by the log's key of any charter.
fn verify_log(chain: &Chain, head: &SignedHead, path: &Path) -> Result<(), VaultError> {
    let vault = *chain.vault()?;
    let keys = chain.all().into_iter().map(|charter| checkpoint::log_key(&vault, charter.log()));
    let bad = |_| VaultError::BadCheckpoint { path: path.display().to_string() };
    head.verify_log(&keys.collect::<Result<Vec<_>, _>>()?).map_err(bad)
}

/// By the log's key of the charter in force: who was taken out of an earlier one knows an earlier
/// key, and signs no checkpoint that is believed.
fn verify_newest(chain: &Chain, head: &SignedHead) -> Result<(), VaultError> {
    let charter = chain.newest()?;
    let key = checkpoint::log_key(charter.vault(), charter.log())?;
    head.verify_log(&[key]).map_err(|_| VaultError::BadCheckpoint { path: head.origin().to_owned() })
}

fn known(state: &Path, vault: &Id) -> Result<Option<Chain>, VaultError> {
    let path = path(state, vault);
    match disk::read(&path, chain::MAX_FILE) {
        Ok(bytes) => Ok(Some(Chain::parse(&bytes)?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LedgerError::io(&path)(error).into()),
    }
}

fn path(state: &Path, vault: &Id) -> PathBuf {
    state.join(vault.to_string()).join(CHARTERS)
}
