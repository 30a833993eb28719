//! Signed notes (C2SP `signed-note.md`): the one form of every signed file that people exchange.

use signed_note::{NoteError as Malformed, Signature};

use super::{
    sign::{PublicKey, SigningKey},
    vkey::{Use, VerifierKey},
};
use crate::problem::problems;

/// The signature type byte of Ed25519 in a C2SP key.
const ED25519: u8 = 0x01;

problems! {
    /// What can be wrong with a signed note.
    pub enum NoteError {
        /// Not in the form of a note.
        NotANote = Input, "note-malformed", "this is not a signed note, or it was cut or changed";
        /// Text that a note cannot carry.
        BadText = Input, "note-text", "a note's text ends in a newline and has no control characters, and is at most a million bytes";
        /// Not a key as other software writes it.
        BadKey = Input, "note-bad-key", "this is not a key of a log or witness: NAME+ID+KEY";
        /// No signature under that name and key.
        NotSigned { name: String } = Integrity, "note-not-signed", "{name} has not signed this";
        /// A signature under that name and key which is not one.
        BadSignature { name: String } = Integrity, "note-bad-signature", "the signature of {name} does not fit the text: it was changed, or signed with another key";
    }
}

/// A text and signatures over its exact bytes.
///
/// ```text
/// amanah card/1
/// member = "handayani/siti"
/// ...
///
/// — handayani/siti 9LFkXDEnTd0A6x...
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

impl Note {
    /// A note with `text` (which must end in a newline), signed by `key` under `name`.
    pub fn sign(text: &str, name: &str, key: &SigningKey) -> Result<Note, NoteError> {
        let mut note = Note { text: text.to_owned(), signatures: Vec::new() };
        note.add_signature(name, key)?;
        // A text with an empty line at its end would be split elsewhere when read again.
        if Note::parse(&note.to_bytes())? != note { Err(NoteError::BadText) } else { Ok(note) }
    }

    /// Reads a note; only the bytes that [`Note::to_bytes`] would write are accepted.
    pub fn parse(bytes: &[u8]) -> Result<Note, NoteError> {
        let note = signed_note::Note::from_bytes(bytes).map_err(|_: Malformed| NoteError::NotANote)?;
        if note.to_bytes() != bytes {
            return Err(NoteError::NotANote);
        }
        let text = std::str::from_utf8(note.text()).map_err(|_| NoteError::NotANote)?.to_owned();
        // The crate keeps the signatures to itself; they are the lines after the text.
        let signatures = bytes[text.len() + 1..]
            .split_inclusive(|&b| b == b'\n')
            .map(|line| Signature::from_bytes(line.strip_suffix(b"\n").unwrap_or(line)))
            .collect::<Result<_, _>>()
            .map_err(|_| NoteError::NotANote)?;
        Ok(Note { text, signatures })
    }

    /// The signed text, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole note.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.text.clone().into_bytes();
        out.push(b'\n');
        for signature in &self.signatures {
            out.extend(signature.to_bytes());
        }
        out
    }

    /// Adds a signature, in place of an older one by the same key.
    pub fn add_signature(&mut self, name: &str, key: &SigningKey) -> Result<(), NoteError> {
        let id = key_id(name, &key.public());
        let signature = Signature::new(name.to_owned(), id, key.sign(self.text.as_bytes()).to_vec())
            .map_err(|_| NoteError::BadText)?;
        signed_note::Note::new(self.text.as_bytes(), &[]).map_err(|_| NoteError::BadText)?;
        self.signatures.retain(|old| old.name() != name || old.id() != id);
        self.signatures.push(signature);
        Ok(())
    }

    /// Takes over the signatures that another copy of the note has and this one has not; whether
    /// the texts are the same. Nothing is verified.
    pub fn merge(&mut self, other: &Note) -> bool {
        if self.text != other.text {
            return false;
        }
        for signature in &other.signatures {
            if !self.signatures.contains(signature) {
                self.signatures.push(signature.clone());
            }
        }
        true
    }

    /// Checks that `name` has signed with `key`. Other signatures are not looked at.
    pub fn verify(&self, name: &str, key: &PublicKey) -> Result<(), NoteError> {
        let id = key_id(name, key);
        let mut mine = self.signatures.iter().filter(|s| s.name() == name && s.id() == id).peekable();
        if mine.peek().is_none() {
            return Err(NoteError::NotSigned { name: name.to_owned() });
        }
        if mine.all(|s| key.verify(self.text.as_bytes(), s.signature())) {
            Ok(())
        } else {
            Err(NoteError::BadSignature { name: name.to_owned() })
        }
    }

    /// Checks that the owner of a log's key has signed.
    ///
    /// # Errors
    /// As [`Note::verify`]; a witness's key signs no note.
    pub fn verify_key(&self, key: &VerifierKey) -> Result<(), NoteError> {
        match key.usage() {
            Use::Note => self.verify(key.name(), key.key()),
            Use::Cosignature => Err(NoteError::NotSigned { name: key.name().to_owned() }),
        }
    }

    /// The signatures under a key's name and id, valid or not: what follows the key id.
    pub fn signatures_of<'a>(&'a self, key: &'a VerifierKey) -> impl Iterator<Item = &'a [u8]> {
        let id = key.id();
        self.signatures.iter().filter(move |s| s.name() == key.name() && s.id() == id).map(Signature::signature)
    }

    /// Adds signature bytes made elsewhere, in place of older ones under the same name and id.
    ///
    /// # Errors
    /// [`NoteError::BadText`] if a note cannot carry them.
    pub fn put_signature(&mut self, key: &VerifierKey, signature: &[u8]) -> Result<(), NoteError> {
        let id = key.id();
        let made = Signature::new(key.name().to_owned(), id, signature.to_vec()).map_err(|_| NoteError::BadText)?;
        self.signatures.retain(|old| old.name() != key.name() || old.id() != id);
        self.signatures.push(made);
        Ok(())
    }

    /// The signature lines under a key's name and id, as they stand in the note.
    pub fn lines_of(&self, key: &VerifierKey) -> Vec<u8> {
        let id = key.id();
        let mine = self.signatures.iter().filter(|s| s.name() == key.name() && s.id() == id);
        mine.flat_map(Signature::to_bytes).collect()
    }

    /// The same text with only the signatures under these keys.
    pub fn keeping(&self, keys: &[&VerifierKey]) -> Note {
        let known = |s: &&Signature| keys.iter().any(|key| key.name() == s.name() && key.id() == s.id());
        Note { text: self.text.clone(), signatures: self.signatures.iter().filter(known).cloned().collect() }
    }

    /// The names under which there are signatures, valid or not.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.signatures.iter().map(Signature::name)
    }
}

/// The key id of a C2SP Ed25519 key: the first four bytes of
/// `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)`.
pub fn key_id(name: &str, key: &PublicKey) -> u32 {
    signed_note::key_id(name, &typed(key))
}

/// The key in the form that other software takes: `name+hex(key id)+base64(0x01 ‖ public key)`.
pub fn vkey(name: &str, key: &PublicKey) -> String {
    format!("{name}+{:08x}+{}", key_id(name, key), data_encoding::BASE64.encode(&typed(key)))
}

fn typed(key: &PublicKey) -> [u8; 33] {
    let mut out = [ED25519; 33];
    out[1..].copy_from_slice(&key.0);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32]).unwrap()
    }

    #[test]
    fn signed_and_read_again() {
        let mut note = Note::sign("hello\nthere\n", "kpai/ani", &key(1)).unwrap();
        note.add_signature("centre/b", &key(2)).unwrap();
        note.add_signature("kpai/ani", &key(1)).unwrap();
        let read = Note::parse(&note.to_bytes()).unwrap();
        assert_eq!(read, note);
        assert_eq!(read.names().collect::<Vec<_>>(), ["centre/b", "kpai/ani"]);
        read.verify("kpai/ani", &key(1).public()).unwrap();
        assert!(matches!(read.verify("kpai/ani", &key(2).public()), Err(NoteError::NotSigned { .. })));
        assert!(matches!(read.verify("kpai/eve", &key(1).public()), Err(NoteError::NotSigned { .. })));
    }

    #[test]
    fn a_verifier_of_others_accepts_it() {
        let note = Note::sign("hello\n", "kpai/ani", &key(1)).unwrap();
        let verifier = signed_note::StandardVerifier::new(&vkey("kpai/ani", &key(1).public())).unwrap();
        let list = signed_note::VerifierList::new(vec![Box::new(verifier)]);
        signed_note::Note::from_bytes(&note.to_bytes()).unwrap().verify(&list).unwrap();
    }

    #[test]
    fn changed_text_does_not_verify() {
        let bytes = Note::sign("pay 10\n", "kpai/ani", &key(1)).unwrap().to_bytes();
        let changed = String::from_utf8(bytes).unwrap().replace("10", "90");
        let note = Note::parse(changed.as_bytes()).unwrap();
        assert!(matches!(note.verify("kpai/ani", &key(1).public()), Err(NoteError::BadSignature { .. })));
    }

    #[test]
    fn signatures_of_two_copies_come_together_once() {
        let text = "hello\n";
        let mut note = Note::sign(text, "kpai/ani", &key(1)).unwrap();
        let mut other = note.clone();
        other.add_signature("centre/b", &key(2)).unwrap();
        assert!(note.merge(&other) && note.merge(&other));
        assert_eq!(note, other);
        assert!(!note.merge(&Note::sign("hullo\n", "centre/b", &key(2)).unwrap()));
        assert_eq!(note.names().count(), 2);
    }

    #[test]
    fn refused_texts_and_notes() {
        for bad in ["", "no newline", "tab\there\n", "esc \u{1b}\n"] {
            assert!(Note::sign(bad, "kpai/ani", &key(1)).is_err(), "{bad:?}");
        }
        let good = Note::sign("x\n", "kpai/ani", &key(1)).unwrap().to_bytes();
        for bad in [&good[..good.len() - 1], &good[2..], b"", b"x\n\n", &[good.clone(), b"\n".to_vec()].concat()] {
            assert!(Note::parse(bad).is_err(), "{:?}", String::from_utf8_lossy(bad));
        }
    }
}
