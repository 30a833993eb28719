//! Larger age files, to several recipients: what leaves the vault as a backup. Stock age opens them.

use std::{io::Write as _, sync::Arc};

use age::{NoCallbacks, plugin};
use secrecy::SecretString;

use super::{
    CryptoError,
    age_wrap::{self, DecryptionKey, PluginUi, Recipient, WrapError, encrypt_error},
};

/// Encrypts to all of these; each of them opens it. Post-quantum recipients and others do not mix.
pub fn seal(to: &[Recipient], plaintext: &[u8]) -> Result<Vec<u8>, WrapError> {
    let mut recipients: Vec<Box<dyn age::Recipient>> = Vec::new();
    for one in to {
        recipients.push(match one {
            Recipient::Hybrid(one) => Box::new(one.clone()),
            Recipient::X25519(one) => Box::new(one.clone()),
            Recipient::Tag(one) => Box::new(one.clone()),
            Recipient::TagPq(one) => one.clone(),
            Recipient::Ssh(one) => one.clone(),
            Recipient::Plugin(one) => {
                let missing = |_| WrapError::PluginMissing { plugin: one.plugin().to_owned() };
                let made = plugin::RecipientPluginV1::new(one.plugin(), std::slice::from_ref(one), &[], NoCallbacks);
                Box::new(made.map_err(missing)?)
            }
        });
    }
    let all = recipients.iter().map(|one| &**one);
    let encryptor = age::Encryptor::with_recipients(all).map_err(encrypt_error)?;
    let mut out = Vec::with_capacity(plaintext.len() + plaintext.len() / 4096 + 4096);
    let failed = |_| match recipients.len() {
        // Memory does not refuse: what fails is the wrapping.
        0 => WrapError::from(CryptoError::TooLarge { what: "a piece" }),
        _ => WrapError::BadRecipient,
    };
    let mut writer = encryptor.wrap_output(&mut out).map_err(failed)?;
    writer.write_all(plaintext).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(out)
}

/// The key of a recipient, from the file in which it is kept: an SSH private key, or an age identity
/// file as `age-keygen` or a plugin writes it, of which the first line counts that is a key. The latter
/// may be encrypted with a passphrase (`age -p`); an identity of a member is such a file.
///
/// # Errors
/// [`WrapError::BadIdentity`] for any other file; what opening it gives.
pub fn read_key(
    file: &[u8],
    passphrase: &mut dyn FnMut() -> Option<SecretString>,
    ui: Arc<dyn PluginUi>,
) -> Result<DecryptionKey, WrapError> {
    if file.starts_with(b"-----BEGIN OPENSSH PRIVATE KEY-----") {
        return DecryptionKey::from_ssh(file, passphrase);
    }
    let opened = match is_age(file) {
        true => age_wrap::open_with_passphrase(&age_wrap::dearmor(file)?, passphrase)?,
        false => None,
    };
    let text =
        std::str::from_utf8(opened.as_ref().map_or(file, |opened| opened)).map_err(|_| WrapError::BadIdentity)?;
    let is_key = |line: &&str| ["AGE-SECRET-KEY-", "AGE-PLUGIN-", "ssh-ed25519 "].iter().any(|is| line.starts_with(is));
    DecryptionKey::parse(text.lines().map(str::trim).find(is_key).ok_or(WrapError::BadIdentity)?, ui)
}

fn is_age(file: &[u8]) -> bool {
    ["age-encryption.org/", "-----BEGIN AGE ENCRYPTED FILE-----"].iter().any(|is| file.starts_with(is.as_bytes()))
}

/// Opens a file of at most so many bytes.
pub fn open(key: &DecryptionKey, file: &[u8], most: usize) -> Result<zeroize::Zeroizing<Vec<u8>>, WrapError> {
    age_wrap::unwrap_up_to(key, file, most)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::crypto::{
        age_wrap::{KeyKind, Silent},
        random::SystemRandom,
    };

    #[test]
    fn each_recipient_opens_it_and_nobody_else() {
        let keys: Vec<DecryptionKey> = (0..3).map(|_| DecryptionKey::generate().unwrap()).collect();
        let to: Vec<Recipient> = keys[..2].iter().map(|key| key.recipient().unwrap()).collect();
        let text = vec![7; 200_000];
        let file = seal(&to, &text).unwrap();
        for key in &keys[..2] {
            assert_eq!(*open(key, &file, 300_000).unwrap(), text);
            assert!(open(key, &file[..file.len() - 1], 300_000).is_err());
        }
        assert!(matches!(open(&keys[2], &file, 300_000), Err(WrapError::NotForThisKey)));
        let classic = DecryptionKey::generate_kind(KeyKind::Classic, &mut SystemRandom::new()).unwrap();
        let mixed = [to[0].clone(), classic.recipient().unwrap()];
        assert!(matches!(seal(&mixed, &text), Err(WrapError::MixedRecipients)));
        let read = |file: &[u8], passphrase: Option<&str>| {
            read_key(file, &mut || passphrase.map(SecretString::from), Arc::new(Silent))
        };
        let written = format!("# created: today\n{}\n", keys[0].expose().expose_secret()).into_bytes();
        let mut scrypt = age::scrypt::Recipient::new("open".into());
        scrypt.set_work_factor(4);
        let locked = age::encrypt(&scrypt, &written).unwrap();
        for (key, passphrase) in [(&written, None), (&locked, Some("open"))] {
            assert_eq!(*open(&read(key, passphrase).unwrap(), &file, 300_000).unwrap(), text);
        }
        assert!(matches!(read(&locked, None), Err(WrapError::NoPassphrase)));
        assert!(matches!(read(&locked, Some("shut")), Err(WrapError::WrongPassphrase)));
        // A file for a key, and what holds none.
        assert!(matches!(read(&file[..100_000], Some("open")), Err(WrapError::BadIdentity)));
        for none in
            [&b""[..], b"# nothing\n", b"\xff", b"age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"]
        {
            assert!(matches!(read(none, Some("open")), Err(WrapError::BadIdentity)));
        }
    }
}
