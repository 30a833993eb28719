//! Checkpoints: the signed head of the ledger's tree (C2SP `tlog-checkpoint.md`).

use data_encoding::BASE64;

use super::{LedgerError, entry::TreeHead};
use crate::{
    crypto::{
        digest::Digest,
        note::{Note, NoteError},
        sign::{PublicKey, SigningKey},
        vkey::{Use, VerifierKey},
    },
    id::Id,
};

/// Longest checkpoint that is read, in bytes: three lines and the signatures of many witnesses.
pub const MAX_BYTES: u64 = 64 * 1024;

/// The head of a ledger's tree.
///
/// ```text
/// amanah/4wvtm1p8c2dx7r0k9ze5hq3n6a
/// 7
/// 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
///
/// — amanah/4wvtm1p8c2dx7r0k9ze5hq3n6a ...
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many entries.
    pub size: u64,
    /// The root of their tree.
    pub root: Digest,
}

/// The name under which a vault's log signs.
pub fn origin(vault: &Id) -> String {
    format!("amanah/{vault}")
}

/// What a checkpoint says, nothing of it verified: for one that was when it was kept.
pub fn unverified(bytes: &[u8]) -> Option<Checkpoint> {
    let root = std::str::from_utf8(bytes).ok()?.lines().nth(2)?;
    let root = BASE64.decode(root.as_bytes()).ok()?.try_into().ok()?;
    Some(Checkpoint { size: size_of(bytes)?, root })
}

/// How many entries a checkpoint says it is of, before anything of it is verified: it decides by
/// which charter's log key it is to be.
pub fn size_of(bytes: &[u8]) -> Option<u64> {
    std::str::from_utf8(bytes).ok()?.lines().nth(1)?.parse().ok()
}

impl Checkpoint {
    /// Signs it with the log's key.
    pub fn sign(&self, vault: &Id, key: &SigningKey) -> Result<Note, LedgerError> {
        Ok(Note::sign(&self.text(vault), &origin(vault), key)?)
    }

    /// Reads a checkpoint of this vault, signed by its log.
    pub fn parse(bytes: &[u8], vault: &Id, key: &PublicKey) -> Result<Checkpoint, LedgerError> {
        let note = Note::parse(bytes)?;
        note.verify(&origin(vault), key)?;
        let mut lines = note.text().lines();
        let mut line = || lines.next().ok_or(LedgerError::BadCheckpoint);
        let (_, size, root) = (line()?, line()?, line()?);
        let size = size.parse().map_err(|_| LedgerError::BadCheckpoint)?;
        let root = BASE64.decode(root.as_bytes()).ok().and_then(|root| root.try_into().ok());
        let checkpoint = Checkpoint { size, root: root.ok_or(LedgerError::BadCheckpoint)? };
        if checkpoint.text(vault) == note.text() { Ok(checkpoint) } else { Err(LedgerError::BadCheckpoint) }
    }

    fn text(&self, vault: &Id) -> String {
        format!("{}\n{}\n{}\n", origin(vault), self.size, BASE64.encode(&self.root))
    }
}

/// A checkpoint of any log: its origin, its tree, and signatures that are not checked yet.
///
/// The text may go on with extension lines of the log's own; they are kept and not looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedHead {
    origin: String,
    tree: TreeHead,
    note: Note,
}

impl SignedHead {
    /// Reads a checkpoint: only what C2SP `tlog-checkpoint.md` lets be written.
    ///
    /// # Errors
    /// Not a note, or not a checkpoint.
    pub fn parse(bytes: &[u8]) -> Result<SignedHead, LedgerError> {
        if bytes.len() as u64 > MAX_BYTES {
            return Err(LedgerError::BadCheckpoint);
        }
        let note = Note::parse(bytes)?;
        let mut lines = note.text().strip_suffix('\n').unwrap_or_default().split('\n');
        let mut line = || lines.next().filter(|line| !line.is_empty()).ok_or(LedgerError::BadCheckpoint);
        let (origin, size, root) = (line()?.to_owned(), line()?, line()?);
        let size = decimal(size).ok_or(LedgerError::BadCheckpoint)?;
        let root = BASE64.decode(root.as_bytes()).ok().and_then(|root| root.try_into().ok());
        let tree = TreeHead { size, root: root.ok_or(LedgerError::BadCheckpoint)? };
        if lines.any(str::is_empty) {
            return Err(LedgerError::BadCheckpoint);
        }
        Ok(SignedHead { origin, tree, note })
    }

    /// The name of the log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The vault whose log it is, by the origin.
    pub fn vault(&self) -> Option<Id> {
        self.origin.strip_prefix("amanah/")?.parse().ok()
    }

    /// Its tree.
    pub fn tree(&self) -> &TreeHead {
        &self.tree
    }

    /// The note.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// The note, to add signatures to.
    pub fn note_mut(&mut self) -> &mut Note {
        &mut self.note
    }

    /// Checks that the log has signed, with one of these keys: those that bear its origin's name
    /// are tried, and none of their signatures may be wrong.
    ///
    /// # Errors
    /// [`NoteError::NotSigned`], [`NoteError::BadSignature`].
    pub fn verify_log(&self, keys: &[VerifierKey]) -> Result<(), NoteError> {
        let mut signed = false;
        for key in keys.iter().filter(|key| key.name() == self.origin && key.usage() == Use::Note) {
            if self.note.signatures_of(key).next().is_some() {
                self.note.verify_key(key)?;
                signed = true;
            }
        }
        if signed { Ok(()) } else { Err(NoteError::NotSigned { name: self.origin.clone() }) }
    }
}

/// A number as these formats write it: decimal digits, no leading zero, at most
/// [`super::proof::MAX_SIZE`].
pub(super) fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number <= super::proof::MAX_SIZE && number.to_string() == text).then_some(number)
}

/// The key of a vault's log, as other software takes it.
pub fn log_key(vault: &Id, key: &PublicKey) -> Result<VerifierKey, NoteError> {
    VerifierKey::new(&origin(vault), Use::Note, *key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VAULT: Id = Id([1; 16]);

    #[test]
    fn signed_read_and_refused() {
        let key = SigningKey::from_seed(&[1; 32]).unwrap();
        let checkpoint = Checkpoint { size: 7, root: [3; 32] };
        let bytes = checkpoint.sign(&VAULT, &key).unwrap().to_bytes();
        assert_eq!(Checkpoint::parse(&bytes, &VAULT, &key.public()).unwrap(), checkpoint);
        assert!(Checkpoint::parse(&bytes, &Id([2; 16]), &key.public()).is_err());
        let text = String::from_utf8(bytes).unwrap();
        for (from, to) in [("\n7\n", "\n8\n"), ("\n7\n", "\n07\n"), ("\n7\n", "\n+7\n"), ("\n\n", "\nmore\n\n")] {
            assert!(Checkpoint::parse(text.replacen(from, to, 1).as_bytes(), &VAULT, &key.public()).is_err());
        }
        for text in ["amanah/x\n7\n", &format!("{}\n07\nAAAA\n", origin(&VAULT)), &format!("{}\n7\n", origin(&VAULT))] {
            let note = Note::sign(text, &origin(&VAULT), &key).unwrap();
            let read = Checkpoint::parse(&note.to_bytes(), &VAULT, &key.public());
            assert!(matches!(read, Err(LedgerError::BadCheckpoint)), "{text}");
        }
    }

    #[test]
    fn readers_of_others_accept_it() {
        let key = SigningKey::from_seed(&[1; 32]).unwrap();
        let note = Checkpoint { size: 7, root: [3; 32] }.sign(&VAULT, &key).unwrap();
        let read = tlog_tiles::Checkpoint::from_bytes(note.text().as_bytes()).unwrap();
        assert_eq!((read.origin(), read.size(), read.hash().0), (origin(&VAULT).as_str(), 7, [3; 32]));
    }
}
