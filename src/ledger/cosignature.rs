//! Cosignatures of witnesses under a checkpoint (C2SP `tlog-cosignature.md`, the Ed25519 form).

use jiff::Timestamp;

use crate::crypto::{
    note::{Note, NoteError},
    sign::SigningKey,
    vkey::{Use, VerifierKey},
};

/// The time before the signature: a 64-bit number of seconds since 1970, the first byte largest.
const TIME: usize = 8;

/// Cosigns a checkpoint: says that at this time it is the largest one of its log that the witness
/// has seen, and continues all before it. Replaces an older cosignature by the same key.
///
/// # Errors
/// A key that is not a witness's, or a time before 1970.
pub fn cosign(note: &mut Note, witness: &VerifierKey, key: &SigningKey, now: Timestamp) -> Result<(), NoteError> {
    if witness.usage() != Use::Cosignature || *witness.key() != key.public() {
        return Err(NoteError::BadKey);
    }
    let time = u64::try_from(now.as_second()).map_err(|_| NoteError::BadText)?;
    let signature = key.sign(&message(time, note.text()));
    note.put_signature(witness, &[&time.to_be_bytes()[..], &signature[..]].concat())
}

/// Checks that a witness has cosigned, and gives when. Other signatures are not looked at.
///
/// # Errors
/// [`NoteError::NotSigned`]; [`NoteError::BadSignature`] if a line under the witness's name and key
/// id is not a cosignature of this text.
pub fn verify(note: &Note, witness: &VerifierKey) -> Result<Timestamp, NoteError> {
    Ok(newest(note, witness)?.0)
}

/// Leaves only the newest of a witness's cosignatures, and gives when it was made: a witness who is
/// asked about the same checkpoint again makes another one, and nothing needs the one before.
///
/// # Errors
/// As [`verify`].
pub fn keep_newest(note: &mut Note, witness: &VerifierKey) -> Result<Timestamp, NoteError> {
    let (time, bytes) = newest(note, witness)?;
    let bytes = bytes.to_vec();
    note.put_signature(witness, &bytes)?;
    Ok(time)
}

/// The newest cosignature and when it was made; all are checked.
fn newest<'a>(note: &'a Note, witness: &'a VerifierKey) -> Result<(Timestamp, &'a [u8]), NoteError> {
    let bad = || NoteError::BadSignature { name: witness.name().to_owned() };
    let mut found = None;
    if witness.usage() == Use::Cosignature {
        for bytes in note.signatures_of(witness) {
            let (time, signature) = bytes.split_at_checked(TIME).ok_or_else(bad)?;
            let time = u64::from_be_bytes(time.try_into().map_err(|_| bad())?);
            if !witness.key().verify(&message(time, note.text()), signature) {
                return Err(bad());
            }
            let time = i64::try_from(time).ok().and_then(|time| Timestamp::from_second(time).ok()).ok_or_else(bad)?;
            found = found.max(Some((time, bytes)));
        }
    }
    found.ok_or_else(|| NoteError::NotSigned { name: witness.name().to_owned() })
}

fn message(time: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{text}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::Id, ledger::Checkpoint};

    #[test]
    fn cosigned_and_checked() {
        let (log, key) = (SigningKey::from_seed(&[1; 32]).unwrap(), SigningKey::from_seed(&[2; 32]).unwrap());
        let witness = VerifierKey::new("kpai/witness", Use::Cosignature, key.public()).unwrap();
        let mut note = Checkpoint { size: 7, root: [3; 32] }.sign(&Id([1; 16]), &log).unwrap();
        assert!(matches!(verify(&note, &witness), Err(NoteError::NotSigned { .. })));
        let at = |second| Timestamp::from_second(second).unwrap();
        cosign(&mut note, &witness, &key, at(5)).unwrap();
        cosign(&mut note, &witness, &key, at(9)).unwrap();
        let read = Note::parse(&note.to_bytes()).unwrap();
        assert_eq!(verify(&read, &witness).unwrap(), at(9));
        assert_eq!(read.signatures_of(&witness).count(), 1);
        // Two answers about the same checkpoint, one after the other in a file.
        let twice = [note.to_bytes(), {
            let mut older = note.clone();
            cosign(&mut older, &witness, &key, at(3)).unwrap();
            older.lines_of(&witness)
        }];
        let mut twice = Note::parse(&twice.concat()).unwrap();
        assert_eq!(twice.signatures_of(&witness).count(), 2);
        assert_eq!(keep_newest(&mut twice, &witness).unwrap(), at(9));
        assert_eq!(twice.to_bytes(), note.to_bytes());
        // The log's own reader does not mind.
        assert_eq!(Checkpoint::parse(&note.to_bytes(), &Id([1; 16]), &log.public()).unwrap().size, 7);
        // Another text, another time, another type of key.
        let line = note.signatures_of(&witness).next().unwrap().to_vec();
        let mut other = Checkpoint { size: 8, root: [3; 32] }.sign(&Id([1; 16]), &log).unwrap();
        other.put_signature(&witness, &line).unwrap();
        assert!(matches!(verify(&other, &witness), Err(NoteError::BadSignature { .. })));
        for at in [0, 7, 8, 71] {
            let mut line = line.clone();
            line[at] ^= 1;
            let mut note = note.clone();
            note.put_signature(&witness, &line).unwrap();
            assert!(matches!(verify(&note, &witness), Err(NoteError::BadSignature { .. })), "{at}");
        }
        let plain = VerifierKey::new("kpai/witness", Use::Note, key.public()).unwrap();
        assert!(verify(&note, &plain).is_err() && cosign(&mut note, &plain, &key, at(1)).is_err());
        assert!(note.verify_key(&witness).is_err());
    }
}
