//! A witness: remembers the largest checkpoint of each log that it has cosigned, and cosigns only
//! what continues it (the rules of C2SP `tlog-witness.md`, over whatever way it is asked).
//!
//! ```text
//! witness/
//!   key                        the witness's identity file
//!   logs                       the keys of the logs that it watches, one a line
//!   lock                       one decision at a time, whatever the process
//!   <SHA-256 of origin, hex>   the last checkpoint of that log, with the cosignature
//! ```

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;
use jiff::Timestamp;

use super::{
    LedgerError,
    checkpoint::{self, SignedHead},
    cosignature,
    entry::TreeHead,
    proof,
    proof_file::WitnessRequest,
};
use crate::{
    crypto::{
        digest::sha256,
        note::NoteError,
        sign::SigningKey,
        vkey::{Use, VerifierKey},
    },
    disk,
    problem::problems,
};

/// Most logs of one witness: each is a vault of one centre.
pub const MAX_LOGS: usize = 10_000;

/// Longest file of log keys, in bytes.
const MAX_LOGS_FILE: u64 = 2_000_000;

problems! {
    /// Why a witness does not cosign.
    pub enum WitnessError {
        /// A log that the witness does not watch.
        UnknownLog { origin: String } = Refused, "witness-unknown-log", "this witness does not watch the log {origin}";
        /// No signature of the log, or a wrong one.
        NotTheLog { origin: String } = Integrity, "witness-not-the-log", "this is not signed by a key of the log {origin} that this witness knows";
        /// The request begins at another size than the witness cosigned last.
        OldSize { asked: u64, size: u64 } = Input, "witness-old-size", "the proof begins at {asked} entries, but this witness has cosigned {size}";
        /// The checkpoint is smaller than the size where its proof begins.
        Smaller { old: u64, size: u64 } = Input, "witness-smaller", "the checkpoint has {size} entries, fewer than the {old} where its proof begins";
        /// A smaller checkpoint than the one cosigned last.
        RolledBack { size: u64, seen: u64 } = Integrity, "witness-rolled-back", "the log shows {size} entries, but this witness has cosigned {seen}: the log was cut, or an older copy is shown";
        /// Not the continuation of what was cosigned last.
        Inconsistent { origin: String, seen: u64, size: u64 } = Integrity, "witness-inconsistent", "the {size} entries of {origin} do not continue the {seen} that this witness has cosigned: entries were changed, removed or reordered";
        /// The witness's own memory is not what it wrote.
        BadState { path: String } = Integrity, "witness-bad-state", "{path} is not what this witness wrote";
        /// More logs than a witness watches.
        TooManyLogs { most: usize } = Input, "witness-too-many-logs", "a witness watches at most {most} logs";
        /// A key that is not a log's.
        NotALogKey = Input, "witness-not-a-log-key", "this is the key of a witness, not of a log";
    }
    transparent {
        /// From the ledger.
        Ledger(LedgerError);
        /// From a note.
        Note(NoteError);
    }
}

/// A log as a witness knows it.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The log's key.
    pub key: VerifierKey,
    /// The last checkpoint that was cosigned, and when.
    pub last: Option<(TreeHead, Timestamp)>,
}

/// A witness with its folder and its key.
#[derive(Debug)]
pub struct Witness {
    folder: PathBuf,
    name: VerifierKey,
    key: SigningKey,
}

/// The public key of a witness.
///
/// # Errors
/// A name that a note cannot carry.
pub fn vkey(name: &str, key: &SigningKey) -> Result<VerifierKey, NoteError> {
    VerifierKey::new(name, Use::Cosignature, key.public())
}

/// The keys of the logs that the witness in a folder watches.
///
/// # Errors
/// A file that cannot be read, or is not what [`trust`] wrote.
pub fn logs(folder: &Path) -> Result<Vec<VerifierKey>, WitnessError> {
    let path = logs_path(folder);
    let bytes = match disk::read(&path, MAX_LOGS_FILE) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(LedgerError::io(&path)(error).into()),
    };
    let bad = || WitnessError::BadState { path: path.display().to_string() };
    let text = String::from_utf8(bytes).map_err(|_| bad())?;
    text.lines().map(|line| line.parse().map_err(|_| bad())).collect()
}

/// Lets the witness in a folder watch a log. A log can have several keys, as when it got a new one.
///
/// # Errors
/// A key that is not a log's, or a file that cannot be written.
pub fn trust(folder: &Path, log: &VerifierKey) -> Result<(), WitnessError> {
    if log.usage() != Use::Note {
        return Err(WitnessError::NotALogKey);
    }
    let _one = lock(folder)?;
    let mut known = logs(folder)?;
    if known.contains(log) {
        return Ok(());
    }
    if known.len() >= MAX_LOGS {
        return Err(WitnessError::TooManyLogs { most: MAX_LOGS });
    }
    known.push(log.clone());
    let text: String = known.iter().map(|key| format!("{key}\n")).collect();
    let path = logs_path(folder);
    disk::replace(&path, text.as_bytes(), true).map_err(|error| LedgerError::io(&path)(error).into())
}

impl Witness {
    /// A witness at work.
    ///
    /// # Errors
    /// A name that a note cannot carry.
    pub fn new(folder: &Path, name: &str, key: SigningKey) -> Result<Witness, WitnessError> {
        Ok(Witness { folder: folder.to_owned(), name: vkey(name, &key)?, key })
    }

    /// Its public key.
    pub fn vkey(&self) -> &VerifierKey {
        &self.name
    }

    /// Checks a checkpoint against the last one seen of its log and cosigns it. What is answered is
    /// durable before: no later request, of this or another process, can be answered with a
    /// checkpoint that this one does not lead to.
    ///
    /// Gives the signature line to add to the checkpoint.
    ///
    /// # Errors
    /// A [`WitnessError`]; nothing is cosigned then.
    pub fn add_checkpoint(&self, request: &WitnessRequest, now: Timestamp) -> Result<Vec<u8>, WitnessError> {
        let head = &request.head;
        let keys = self.keys_of(head)?;
        if request.old > head.tree().size {
            return Err(WitnessError::Smaller { old: request.old, size: head.tree().size });
        }
        // From here to the end of the writing nobody else decides.
        let _one = lock(&self.folder)?;
        let last = self.last(head.origin())?.map(|(last, _)| last);
        if let Some(last) = &last {
            self.check_newer_key(head, last, &keys)?;
        }
        let seen = last.map(|last| *last.tree());
        let size = seen.map_or(0, |seen| seen.size);
        if request.old != size {
            return Err(WitnessError::OldSize { asked: request.old, size });
        }
        let inconsistent =
            |_| WitnessError::Inconsistent { origin: head.origin().to_owned(), seen: size, size: head.tree().size };
        let before = seen.unwrap_or(TreeHead { size: 0, root: sha256(&[]) });
        proof::check_consistency(&before, head.tree(), &request.hashes).map_err(inconsistent)?;
        // What unknown keys have put there is not kept.
        let known: Vec<&VerifierKey> = keys.iter().collect();
        let mut note = head.note().keeping(&known);
        cosignature::cosign(&mut note, &self.name, &self.key, now)?;
        // Who asks can have filled the checkpoint to the limits, so that there is no room for one
        // signature more: what could not be read again would be the end of this witness.
        let bytes = note.to_bytes();
        SignedHead::parse(&bytes)?;
        let path = self.state_path(head.origin());
        disk::replace(&path, &bytes, true).map_err(LedgerError::io(&path))?;
        Ok(note.lines_of(&self.name))
    }

    /// Refuses what only an older key of the log has signed, once a newer one was seen: `keys` are in
    /// the order in which they were trusted. Whoever was taken out of the charter knows the old one,
    /// and would go on in the log's name.
    fn check_newer_key(&self, head: &SignedHead, last: &SignedHead, keys: &[VerifierKey]) -> Result<(), WitnessError> {
        let newest = |head: &SignedHead| keys.iter().rposition(|key| head.note().signatures_of(key).next().is_some());
        if newest(head) >= newest(last) {
            return Ok(());
        }
        Err(WitnessError::NotTheLog { origin: head.origin().to_owned() })
    }

    /// As [`Witness::add_checkpoint`], for a checkpoint with a way to prove that it continues an
    /// older one: asked for the size that this witness knows.
    ///
    /// # Errors
    /// As [`Witness::add_checkpoint`], and [`WitnessError::RolledBack`].
    pub fn follow(
        &self,
        head: SignedHead,
        prove: impl FnOnce(u64) -> Result<Vec<[u8; 32]>, LedgerError>,
        now: Timestamp,
    ) -> Result<Vec<u8>, WitnessError> {
        self.keys_of(&head)?;
        let seen = self.last(head.origin())?.map_or(0, |(head, _)| head.tree().size);
        if head.tree().size < seen {
            return Err(WitnessError::RolledBack { size: head.tree().size, seen });
        }
        let hashes = prove(seen)?;
        self.add_checkpoint(&WitnessRequest { old: seen, hashes, head }, now)
    }

    /// The last checkpoint of a log that was cosigned, and when.
    ///
    /// # Errors
    /// A file that cannot be read, or is not what this witness wrote.
    pub fn last(&self, origin: &str) -> Result<Option<(SignedHead, Timestamp)>, WitnessError> {
        let path = self.state_path(origin);
        let bytes = match disk::read(&path, checkpoint::MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(LedgerError::io(&path)(error).into()),
        };
        let bad = || WitnessError::BadState { path: path.display().to_string() };
        let head = SignedHead::parse(&bytes).map_err(|_| bad())?;
        let time = cosignature::verify(head.note(), &self.name).map_err(|_| bad())?;
        if head.origin() == origin { Ok(Some((head, time))) } else { Err(bad()) }
    }

    /// The logs that it watches.
    ///
    /// # Errors
    /// As [`logs`] and [`Witness::last`].
    pub fn watched(&self) -> Result<Vec<Watched>, WitnessError> {
        let with_last = |key: VerifierKey| {
            let last = self.last(key.name())?.map(|(head, time)| (*head.tree(), time));
            Ok(Watched { key, last })
        };
        logs(&self.folder)?.into_iter().map(with_last).collect()
    }

    /// The last checkpoint of the log whose origin has this SHA-256, in lower case hex: what
    /// monitors ask for.
    ///
    /// # Errors
    /// As [`logs`] and [`Witness::last`].
    pub fn by_hash(&self, hash: &str) -> Result<Option<SignedHead>, WitnessError> {
        for key in logs(&self.folder)? {
            if origin_hash(key.name()) == hash {
                return Ok(self.last(key.name())?.map(|(head, _)| head));
            }
        }
        Ok(None)
    }

    /// The keys of a checkpoint's log, one of which has signed it.
    fn keys_of(&self, head: &SignedHead) -> Result<Vec<VerifierKey>, WitnessError> {
        let origin = || head.origin().to_owned();
        let keys: Vec<_> = logs(&self.folder)?.into_iter().filter(|key| key.name() == head.origin()).collect();
        if keys.is_empty() {
            return Err(WitnessError::UnknownLog { origin: origin() });
        }
        head.verify_log(&keys).map_err(|_| WitnessError::NotTheLog { origin: origin() })?;
        Ok(keys)
    }

    fn state_path(&self, origin: &str) -> PathBuf {
        self.folder.join(origin_hash(origin))
    }
}

/// The SHA-256 of an origin in lower case hex: by it monitors ask for a log.
pub fn origin_hash(origin: &str) -> String {
    HEXLOWER.encode(&sha256(&[origin.as_bytes()]))
}

fn logs_path(folder: &Path) -> PathBuf {
    folder.join("logs")
}

/// Waits until nobody else decides. Released when it is dropped, also by a kill.
fn lock(folder: &Path) -> Result<File, LedgerError> {
    let path = folder.join("lock");
    let file = disk::lock_file(&path).map_err(LedgerError::io(&path))?;
    file.lock().map_err(LedgerError::io(&path))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{
        crypto::{digest::Digest, note::Note},
        id::Id,
        ledger::{Checkpoint, Frontier},
    };

    const VAULT: Id = Id([1; 16]);

    struct Scene {
        folder: tempfile::TempDir,
        log: SigningKey,
        nodes: BTreeMap<u64, Digest>,
        heads: Vec<TreeHead>,
    }

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32]).unwrap()
    }

    fn tree(size: u64, salt: u8) -> (BTreeMap<u64, Digest>, Vec<TreeHead>) {
        let (mut tree, mut nodes) = (Frontier::new(), BTreeMap::new());
        let mut heads = vec![TreeHead { size: 0, root: tree.root() }];
        for n in 0..size {
            nodes.extend(tree.push(&[&[salt][..], &n.to_be_bytes()].concat()));
            heads.push(TreeHead { size: n + 1, root: tree.root() });
        }
        (nodes, heads)
    }

    impl Scene {
        fn new() -> Scene {
            let folder = tempfile::tempdir().unwrap();
            let (nodes, heads) = tree(50, 0);
            let log = key(1);
            trust(folder.path(), &checkpoint::log_key(&VAULT, &log.public()).unwrap()).unwrap();
            Scene { folder, log, nodes, heads }
        }

        fn witness(&self) -> Witness {
            Witness::new(self.folder.path(), "kpai/witness", key(2)).unwrap()
        }

        fn signed(&self, head: &TreeHead, key: &SigningKey) -> SignedHead {
            let note = Checkpoint { size: head.size, root: head.root }.sign(&VAULT, key).unwrap();
            SignedHead::parse(&note.to_bytes()).unwrap()
        }

        fn request(&self, old: u64, new: u64) -> WitnessRequest {
            let hashes = proof::consistency(old, new, &self.nodes).unwrap();
            WitnessRequest { old, hashes, head: self.signed(&self.heads[new as usize], &self.log) }
        }

        fn ask(&self, request: &WitnessRequest) -> Result<Vec<u8>, WitnessError> {
            self.witness().add_checkpoint(request, Timestamp::from_second(1_000).unwrap())
        }
    }

    #[test]
    fn cosigns_what_continues() {
        let scene = Scene::new();
        for (old, new) in [(0, 3), (3, 3), (3, 20), (20, 50)] {
            let request = scene.request(old, new);
            let line = scene.ask(&request).unwrap();
            let signed = [request.head.note().to_bytes(), line].concat();
            let head = SignedHead::parse(&signed).unwrap();
            assert_eq!(
                cosignature::verify(head.note(), scene.witness().vkey()).unwrap(),
                Timestamp::from_second(1_000).unwrap()
            );
            assert_eq!(scene.witness().last(head.origin()).unwrap().unwrap().0.tree(), head.tree());
        }
        let watched = scene.witness().watched().unwrap();
        assert_eq!(watched[0].last.unwrap().0.size, 50);
        assert!(scene.witness().by_hash(&origin_hash(&checkpoint::origin(&VAULT))).unwrap().is_some());
        assert!(scene.witness().by_hash("nonsense").unwrap().is_none());
    }

    #[test]
    fn cosigns_nothing_else() {
        let scene = Scene::new();
        scene.ask(&scene.request(0, 20)).unwrap();
        let (forked_nodes, forked) = tree(50, 1);
        let refused = |request: WitnessRequest| scene.ask(&request).unwrap_err();
        // A fork: of the same size, and larger with a proof of its own.
        let mut fork = scene.request(20, 20);
        fork.head = scene.signed(&forked[20], &scene.log);
        assert!(matches!(refused(fork.clone()), WitnessError::Inconsistent { .. }));
        fork.head = scene.signed(&forked[30], &scene.log);
        fork.hashes = proof::consistency(20, 30, &forked_nodes).unwrap();
        assert!(matches!(refused(fork), WitnessError::Inconsistent { .. }));
        // A roll-back, and an old proof.
        assert!(matches!(refused(scene.request(10, 15)), WitnessError::OldSize { size: 20, asked: 10 }));
        assert!(matches!(refused(scene.request(0, 30)), WitnessError::OldSize { size: 20, asked: 0 }));
        let mut smaller = scene.request(15, 15);
        smaller.old = 20;
        assert!(matches!(refused(smaller), WitnessError::Smaller { .. }));
        let head = scene.signed(&scene.heads[10], &scene.log);
        let back = scene.witness().follow(head, |_| Ok(Vec::new()), Timestamp::now());
        assert!(matches!(back, Err(WitnessError::RolledBack { size: 10, seen: 20 })));
        // A proof with a hash too many.
        let mut longer = scene.request(20, 30);
        longer.hashes.push([0; 32]);
        assert!(matches!(refused(longer), WitnessError::Inconsistent { .. }));
        // Somebody else's key, and a log that is not watched.
        let mut stranger = scene.request(20, 30);
        stranger.head = scene.signed(&scene.heads[30], &key(9));
        assert!(matches!(refused(stranger), WitnessError::NotTheLog { .. }));
        let note = Checkpoint { size: 1, root: [0; 32] }.sign(&Id([7; 16]), &scene.log).unwrap();
        let unknown = WitnessRequest { old: 0, hashes: Vec::new(), head: SignedHead::parse(&note.to_bytes()).unwrap() };
        assert!(matches!(refused(unknown), WitnessError::UnknownLog { .. }));
        // An empty tree has one root.
        let scene = Scene::new();
        let empty = WitnessRequest {
            old: 0,
            hashes: Vec::new(),
            head: scene.signed(&TreeHead { size: 0, root: [1; 32] }, &scene.log),
        };
        assert!(matches!(scene.ask(&empty), Err(WitnessError::Inconsistent { .. })));
        assert!(scene.witness().last(empty.head.origin()).unwrap().is_none());
    }

    #[test]
    fn a_changed_memory_is_noticed() {
        let scene = Scene::new();
        let request = scene.request(0, 20);
        scene.ask(&request).unwrap();
        let path = scene.witness().state_path(request.head.origin());
        let text = std::fs::read_to_string(&path).unwrap();
        for changed in [text.replace("\n20\n", "\n10\n"), text[..text.len() / 2].to_owned(), String::new()] {
            std::fs::write(&path, changed).unwrap();
            assert!(matches!(scene.ask(&scene.request(20, 30)), Err(WitnessError::BadState { .. })));
        }
        std::fs::write(logs_path(scene.folder.path()), "nonsense\n").unwrap();
        assert!(matches!(scene.ask(&scene.request(20, 30)), Err(WitnessError::BadState { .. })));
    }

    #[test]
    fn a_checkpoint_filled_to_the_limits_does_not_end_the_witness() {
        let scene = Scene::new();
        scene.ask(&scene.request(0, 20)).unwrap();
        // The line of the log's signature, which everybody can read, as often as a note takes it.
        let mut full = scene.request(20, 30);
        let bytes = full.head.note().to_bytes();
        let line = &bytes[full.head.note().text().len() + 1..];
        let filled = [&bytes[..], &line.repeat(99)].concat();
        full.head = SignedHead::parse(&filled).unwrap();
        assert!(scene.ask(&full).is_err());
        // As long as a checkpoint may be, with lines of the log's own.
        let long = format!("{}{}\n", full.head.note().text(), "x".repeat(checkpoint::MAX_BYTES as usize - 400));
        let note = Note::sign(&long, full.head.origin(), &scene.log).unwrap();
        full.head = SignedHead::parse(&note.to_bytes()).unwrap();
        scene.ask(&full).unwrap();
        let longer = format!(
            "{}{}\n",
            scene.request(30, 40).head.note().text(),
            "x".repeat(checkpoint::MAX_BYTES as usize - 250)
        );
        let note = Note::sign(&longer, full.head.origin(), &scene.log).unwrap();
        let longer = WitnessRequest { head: SignedHead::parse(&note.to_bytes()).unwrap(), ..scene.request(30, 40) };
        assert!(scene.ask(&longer).is_err());
        scene.ask(&scene.request(30, 40)).unwrap();
    }

    #[test]
    fn who_knows_an_old_key_of_the_log_does_not_go_on_with_it() {
        let scene = Scene::new();
        scene.ask(&scene.request(0, 10)).unwrap();
        let (new, origin) = (key(3), checkpoint::origin(&VAULT));
        trust(scene.folder.path(), &VerifierKey::new(&origin, Use::Note, new.public()).unwrap()).unwrap();
        // Nobody has seen the new key yet.
        scene.ask(&scene.request(10, 15)).unwrap();
        let by_new = |old, size: u64| WitnessRequest {
            head: scene.signed(&scene.heads[size as usize], &new),
            ..scene.request(old, size)
        };
        scene.ask(&by_new(15, 20)).unwrap();
        assert!(matches!(scene.ask(&scene.request(20, 30)), Err(WitnessError::NotTheLog { .. })));
        scene.ask(&by_new(20, 30)).unwrap();
    }

    #[test]
    fn racing_clients_never_get_two_that_diverge() {
        let scene = Scene::new();
        scene.ask(&scene.request(0, 5)).unwrap();
        let (forked_nodes, forked) = {
            // The same first five, then others.
            let (mut tree, mut nodes) = (Frontier::new(), BTreeMap::new());
            let mut heads = vec![TreeHead { size: 0, root: tree.root() }];
            for n in 0..50u64 {
                nodes.extend(tree.push(&[&[u8::from(n >= 5)][..], &n.to_be_bytes()].concat()));
                heads.push(TreeHead { size: n + 1, root: tree.root() });
            }
            (nodes, heads)
        };
        let honest: Vec<_> = (6..14).map(|new| scene.request(5, new)).collect();
        let other: Vec<_> = (6..14)
            .map(|new| WitnessRequest {
                old: 5,
                hashes: proof::consistency(5, new, &forked_nodes).unwrap(),
                head: scene.signed(&forked[new as usize], &scene.log),
            })
            .collect();
        let answers: Vec<bool> = std::thread::scope(|scope| {
            let asked: Vec<_> =
                honest.iter().chain(&other).map(|request| scope.spawn(|| scene.ask(request).is_ok())).collect();
            asked.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(answers.iter().filter(|ok| **ok).count(), 1, "{answers:?}");
    }
}
