//! Checkpoints: the signed head of the ledger's tree (C2SP `tlog-checkpoint.md`).

use data_encoding::BASE64;

use super::LedgerError;
use crate::{
    crypto::{
        digest::Digest,
        note::Note,
        sign::{PublicKey, SigningKey},
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
