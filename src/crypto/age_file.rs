//! Larger age files, to several recipients: what leaves the vault as a backup. Stock age opens them.

use std::{io::Write as _, sync::Arc};

use age::{NoCallbacks, plugin};

use super::{
    CryptoError,
    age_wrap::{self, DecryptionKey, Recipient, Silent, WrapError},
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
    let encryptor = age::Encryptor::with_recipients(all).map_err(|_| WrapError::BadRecipient)?;
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

/// The key in an age identity file, as `age-keygen` writes it: the first line that is one.
pub fn read_key(text: &str) -> Result<DecryptionKey, WrapError> {
    let line = text.lines().map(str::trim).find(|line| line.starts_with("AGE-SECRET-KEY-"));
    DecryptionKey::parse(line.ok_or(WrapError::BadIdentity)?, Arc::new(Silent))
}

/// Opens a file of at most so many bytes.
pub fn open(key: &DecryptionKey, file: &[u8], most: usize) -> Result<zeroize::Zeroizing<Vec<u8>>, WrapError> {
    age_wrap::unwrap_up_to(key, file, most)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

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
        let written = format!("# created: today\n{}\n", keys[0].expose().expose_secret());
        assert_eq!(*open(&read_key(&written).unwrap(), &file, 300_000).unwrap(), text);
        assert!(read_key("# nothing\n").is_err());
    }
}
