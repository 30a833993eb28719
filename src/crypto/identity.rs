//! A member's secret: an age identity and an Ed25519 signing key in one encrypted file.

use std::{io::Write as _, sync::Arc};

use age::armor::{ArmoredWriter, Format};
use data_encoding::BASE64;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::{
    age_wrap::{self, DecryptionKey, KeyKind, MAX_FILE, PluginUi, Recipient, WrapError, encrypt_error},
    random::Random,
    sign::SigningKey,
};
use crate::{id::body_of, problem::problems};

/// scrypt's work factor for new files: N = 2^18, about 0.7 seconds and 256 MiB. Pinned, because
/// age would otherwise measure this machine and leave a file that a weaker one cannot open.
pub const WORK_FACTOR: u8 = 18;

const HEAD: &str = "# amanah identity/1";

problems! {
    /// What can be wrong with an identity file.
    pub enum IdentityError {
        /// The plaintext is not an identity of ours.
        Malformed = Key, "identity-malformed", "this file opens, but it is not an amanah identity";
        /// Not the name of a member.
        BadName { member: String } = Input, "identity-bad-name", "{member} is not a member's name: body/name, in lower case letters, digits and hyphens";
    }
    transparent {
        /// From age.
        Wrap(WrapError);
    }
}

/// A member's identity, unlocked. Not cloned and not printed.
#[derive(Debug)]
pub struct Identity {
    /// The member it belongs to, `body/name`.
    pub member: String,
    /// What opens what is wrapped to the member.
    pub decryption: DecryptionKey,
    /// What signs in the member's name.
    pub signing: SigningKey,
    /// The public side of `decryption`, where it is known from the key itself.
    recipient: Option<Recipient>,
}

/// How an identity file is protected.
pub enum Protection<'a> {
    /// By a passphrase, with scrypt's work factor as a power of two.
    Passphrase(&'a SecretString, u8),
    /// By the age plugin, or the SSH key, that also keeps the member's age identity.
    Elsewhere(&'a Recipient),
}

impl Identity {
    /// A new identity with keys of its own.
    pub fn generate(member: &str, random: &mut dyn Random) -> Result<Self, IdentityError> {
        Self::generate_kind(member, KeyKind::default(), random)
    }

    /// A new identity whose age key is of this kind.
    pub fn generate_kind(member: &str, kind: KeyKind, random: &mut dyn Random) -> Result<Self, IdentityError> {
        let key = DecryptionKey::generate_kind(kind, random).map_err(WrapError::from)?;
        Self::with_decryption(member, key, random)
    }

    /// A new identity around an age identity that exists already, such as a plugin's.
    pub fn with_decryption(
        member: &str,
        decryption: DecryptionKey,
        random: &mut dyn Random,
    ) -> Result<Self, IdentityError> {
        check_name(member)?;
        let signing = SigningKey::generate(random).map_err(WrapError::from)?;
        let recipient = decryption.recipient();
        Ok(Identity { member: member.to_owned(), decryption, signing, recipient })
    }

    /// The recipient to wrap to; `None` for a plugin, whose recipient stands on the member's card.
    pub fn recipient(&self) -> Option<&Recipient> {
        self.recipient.as_ref()
    }

    /// What stands inside the encrypted file: for an agent that keeps it in memory.
    pub fn plaintext(&self) -> Zeroizing<String> {
        let secret = self.decryption.expose();
        let seed = Zeroizing::new(BASE64.encode(self.signing.seed()));
        // Sized beforehand: a growing string would leave copies of the secrets behind.
        let mut plaintext = Zeroizing::new(String::with_capacity(4096));
        for part in [HEAD, "\n# member: ", &self.member, "\n# signing: ", &seed, "\n", secret.expose_secret(), "\n"] {
            plaintext.push_str(part);
        }
        plaintext
    }

    /// The encrypted file.
    pub fn to_file(&self, protection: &Protection<'_>) -> Result<Vec<u8>, IdentityError> {
        let plaintext = self.plaintext();
        match protection {
            Protection::Passphrase(passphrase, log_n) => {
                let mut recipient = age::scrypt::Recipient::new((*passphrase).clone());
                recipient.set_work_factor(*log_n);
                armor(&age::encrypt(&recipient, plaintext.as_bytes()).map_err(encrypt_error)?)
            }
            Protection::Elsewhere(recipient) => {
                let file = age_wrap::wrap(recipient, plaintext.as_bytes())?;
                Ok([format!("{HEAD}\n{}\n", self.decryption.expose().expose_secret()).into_bytes(), armor(&file)?]
                    .concat())
            }
        }
    }

    /// Opens an identity file. `passphrase` is asked only if the file wants one.
    pub fn from_file(
        file: &[u8],
        passphrase: &mut dyn FnMut() -> Option<SecretString>,
        ui: Arc<dyn PluginUi>,
    ) -> Result<Self, IdentityError> {
        if file.len() > MAX_FILE {
            return Err(WrapError::NotAnAgeFile.into());
        }
        let plaintext = match kept_elsewhere(file) {
            Some((line, rest)) => {
                let key = DecryptionKey::parse(line, ui)?;
                let plaintext = age_wrap::unwrap(&key, &age_wrap::dearmor(rest)?)?;
                // The key that has just opened the file, and not once more: it may ask its owner.
                return Self::read(&plaintext, |line| {
                    if *key.expose().expose_secret() == *line { Ok(key) } else { Err(WrapError::BadIdentity) }
                });
            }
            None => {
                let file = age_wrap::dearmor(file)?;
                age_wrap::open_with_passphrase(&file, passphrase)?.ok_or(IdentityError::Malformed)?
            }
        };
        Self::from_plaintext(&plaintext, ui)
    }

    /// From what stands inside the file.
    ///
    /// # Errors
    /// [`IdentityError::Malformed`].
    pub fn from_plaintext(plaintext: &[u8], ui: Arc<dyn PluginUi>) -> Result<Self, IdentityError> {
        Self::read(plaintext, |line| DecryptionKey::parse(line, ui))
    }

    fn read(
        plaintext: &[u8],
        key: impl FnOnce(&str) -> Result<DecryptionKey, WrapError>,
    ) -> Result<Self, IdentityError> {
        let text = std::str::from_utf8(plaintext).map_err(|_| IdentityError::Malformed)?;
        let mut lines = text.strip_suffix('\n').ok_or(IdentityError::Malformed)?.split('\n');
        let mut line = |prefix: &str| lines.next().and_then(|l| l.strip_prefix(prefix)).ok_or(IdentityError::Malformed);
        line(HEAD).and_then(|rest| if rest.is_empty() { Ok(()) } else { Err(IdentityError::Malformed) })?;
        let member = line("# member: ")?.to_owned();
        let seed =
            Zeroizing::new(BASE64.decode(line("# signing: ")?.as_bytes()).map_err(|_| IdentityError::Malformed)?);
        let decryption = key(line("")?)?;
        if lines.next().is_some() {
            return Err(IdentityError::Malformed);
        }
        check_name(&member)?;
        let signing = SigningKey::from_seed(&seed).map_err(|_| IdentityError::Malformed)?;
        let recipient = decryption.recipient();
        Ok(Identity { member, decryption, signing, recipient })
    }
}

fn check_name(member: &str) -> Result<(), IdentityError> {
    match body_of(member) {
        Some(_) => Ok(()),
        None => Err(IdentityError::BadName { member: member.to_owned() }),
    }
}

/// The line of the plugin or the SSH key and the age file after it, where the file has that form.
fn kept_elsewhere(file: &[u8]) -> Option<(&str, &[u8])> {
    let rest = file.strip_prefix(HEAD.as_bytes())?.strip_prefix(b"\n")?;
    let end = rest.iter().position(|&b| b == b'\n')?;
    Some((std::str::from_utf8(&rest[..end]).ok()?, &rest[end + 1..]))
}

fn armor(file: &[u8]) -> Result<Vec<u8>, IdentityError> {
    let malformed = |_| IdentityError::Malformed;
    let mut writer = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor).map_err(malformed)?;
    writer.write_all(file).map_err(malformed)?;
    writer.finish().map_err(malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{age_wrap::Silent, random::SystemRandom};

    const FAST: u8 = 2;

    fn open(file: &[u8], passphrase: &str) -> Result<Identity, IdentityError> {
        Identity::from_file(file, &mut || Some(SecretString::from(passphrase.to_owned())), Arc::new(Silent))
    }

    fn made(log_n: u8) -> (Identity, Vec<u8>) {
        let identity = Identity::generate("kpai/ani", &mut SystemRandom::new()).unwrap();
        let file = identity.to_file(&Protection::Passphrase(&SecretString::from("open".to_owned()), log_n)).unwrap();
        (identity, file)
    }

    #[test]
    fn there_and_back() {
        let (identity, file) = made(FAST);
        assert!(file.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----\n"));
        let read = open(&file, "open").unwrap();
        assert_eq!(read.member, "kpai/ani");
        assert_eq!(read.signing.public(), identity.signing.public());
        assert_eq!(read.recipient(), identity.recipient());
    }

    #[test]
    fn stock_age_reads_it_as_an_identity_file() {
        let identity = Identity::generate_kind("kpai/ani", KeyKind::Classic, &mut SystemRandom::new()).unwrap();
        let file = identity.to_file(&Protection::Passphrase(&SecretString::from("open".to_owned()), FAST)).unwrap();
        let mut key = age::scrypt::Identity::new(SecretString::from("open".to_owned()));
        key.set_max_work_factor(age_wrap::MAX_WORK_FACTOR);
        let plaintext = age::decrypt(&key, &age_wrap::dearmor(&file).unwrap()).unwrap();
        // The crate `age` knows classic keys only; those of the other kind are tried with the
        // programs of others in `tests/peers`.
        let identities = age::IdentityFile::from_buffer(&plaintext[..]).unwrap().into_identities().unwrap();
        let wrapped = age_wrap::wrap(identity.recipient().unwrap(), b"hello").unwrap();
        assert_eq!(&age_wrap::decrypt(&*identities[0], &wrapped).unwrap()[..], b"hello");
    }

    #[test]
    fn refusals_have_their_own_names() {
        let (_, file) = made(FAST);
        assert!(matches!(open(&file, "shut"), Err(IdentityError::Wrap(WrapError::WrongPassphrase))));
        let none = Identity::from_file(&file, &mut || None, Arc::new(Silent));
        assert!(matches!(none, Err(IdentityError::Wrap(WrapError::NoPassphrase))));
        assert!(matches!(open(b"nonsense", "x"), Err(IdentityError::Wrap(WrapError::NotAnAgeFile))));
        assert!(matches!(open(&file[..file.len() / 2], "open"), Err(IdentityError::Wrap(WrapError::NotAnAgeFile))));
        for name in ["ani", "KPAI/ani", "kpai/", "../x"] {
            assert!(Identity::generate(name, &mut SystemRandom::new()).is_err(), "{name}");
        }
    }

    #[test]
    fn a_work_factor_beyond_the_maximum_is_refused_before_it_is_spent() {
        let (_, file) = made(FAST);
        let bytes = age_wrap::dearmor(&file).unwrap();
        let line = bytes.split(|&b| b == b'\n').nth(1).unwrap();
        let costly = [&line[..line.len() - 1], b"21"].concat();
        let at = bytes.windows(line.len()).position(|w| w == line).unwrap();
        let changed = [&bytes[..at], &costly, &bytes[at + line.len()..]].concat();
        assert!(matches!(open(&changed, "open"), Err(IdentityError::Wrap(WrapError::TooMuchWork { log_n: 21 }))));
    }
}
