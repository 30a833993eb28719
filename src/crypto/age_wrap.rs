//! Wrapping small secrets with age: to a post-quantum or a classic key, a security token or an age
//! plugin.
//!
//! | recipient | private side | |
//! |---|---|---|
//! | `age1pq1...` | `AGE-SECRET-KEY-PQ-1...` | the hybrid of ML-KEM-768 and X25519: what is made here by default |
//! | `age1...` | `AGE-SECRET-KEY-1...` | classic X25519 |
//! | `age1tag1...`, `age1tagpq1...` | a plugin's | security tokens; wrapping needs no plugin |
//! | `age1NAME1...` | `AGE-PLUGIN-NAME-1...` | whatever the plugin NAME is for |
//! | `ssh-ed25519 AAAA...` | the SSH private key | classic. RSA is refused: age decrypts it with a crate that leaks timing |
//!
//! Each thing is wrapped to one recipient, as a file of its own: age refuses to mix post-quantum
//! recipients with others in one file, and rightly.

use std::{fmt, io::Read as _, iter, str::FromStr, sync::Arc};

use age::{DecryptError, EncryptError, NoCallbacks, armor::ArmoredReader, plugin, ssh, tag, tagpq, x25519};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::{
    CryptoError, hybrid,
    random::{Random, SystemRandom},
};
use crate::problem::problems;

/// Largest age file that is read here: a plugin may put much into its stanza.
pub const MAX_FILE: usize = 128 * 1024;

/// The largest work factor of scrypt that is accepted: 2^20, about a gigabyte. More would let a
/// crafted file take the machine's memory.
pub const MAX_WORK_FACTOR: u8 = 20;

problems! {
    /// What can go wrong with age.
    pub enum WrapError {
        /// Not an age recipient.
        BadRecipient = Input, "age-bad-recipient", "this is not an age recipient (age1...)";
        /// Recipients of which some withstand a quantum computer and some do not: the file would not.
        MixedRecipients = Input, "age-mixed-recipients", "what withstands a quantum computer and what does not cannot be recipients of one file: it would be as weak as the weaker one";
        /// Not an age identity.
        BadIdentity = Key, "age-bad-identity", "this is not an age identity (AGE-SECRET-KEY-... or AGE-PLUGIN-...)";
        /// Not an SSH key that is of use.
        BadSshKey = Key, "age-bad-ssh-key", "this is not an ssh-ed25519 private key";
        /// No SSH private key for a public one.
        NoSshKey { public: String } = Key, "age-no-ssh-key", "the SSH private key of {public} was not found";
        /// The plugin's program is not installed.
        PluginMissing { plugin: String } = Key, "age-plugin-missing", "the program age-plugin-{plugin} is not installed or not in the search path";
        /// The plugin gave up.
        PluginFailed { reason: String } = Key, "age-plugin-failed", "the age plugin failed: {reason}";
        /// The key is not among the recipients.
        NotForThisKey = Key, "age-not-for-this-key", "this was not encrypted to the key at hand";
        /// A wrong passphrase.
        WrongPassphrase = Key, "age-wrong-passphrase", "the passphrase is wrong";
        /// A work factor beyond the pinned maximum.
        TooMuchWork { log_n: u8 } = Key, "age-too-much-work", "the key file asks for a scrypt work factor of 2^{log_n}, more than is accepted";
        /// Damaged, or not an age file.
        NotAnAgeFile = Integrity, "age-malformed", "this is not an age file, or it was cut or changed";
        /// Nobody could be asked.
        NoPassphrase = Key, "age-no-passphrase", "a passphrase is needed and none was given";
    }
    transparent {
        /// Below age.
        Crypto(CryptoError);
    }
}

/// How a plugin talks to the person whose key it keeps.
pub trait PluginUi: Send + Sync {
    /// Shows a message, such as "touch the key".
    fn message(&self, text: &str);
    /// Asks yes or no; `None` if nobody can be asked.
    fn confirm(&self, text: &str, yes: &str, no: Option<&str>) -> Option<bool>;
    /// The SSH private key file that belongs to a public key, if there is one.
    fn ssh_key(&self, _public: &str) -> Option<Zeroizing<Vec<u8>>> {
        None
    }
    /// The passphrase of that file.
    fn ssh_passphrase(&self, public: &str) -> Option<SecretString> {
        self.ask(public, true)
    }
    /// Asks for something that may be seen, or for a PIN.
    fn ask(&self, text: &str, secret: bool) -> Option<SecretString>;
}

/// The user interface of a plugin that has none.
#[derive(Debug)]
pub struct Silent;

impl PluginUi for Silent {
    fn message(&self, _: &str) {}
    fn confirm(&self, _: &str, _: &str, _: Option<&str>) -> Option<bool> {
        None
    }
    fn ask(&self, _: &str, _: bool) -> Option<SecretString> {
        None
    }
}

#[derive(Clone)]
struct Callbacks(Arc<dyn PluginUi>);

impl age::Callbacks for Callbacks {
    fn display_message(&self, message: &str) {
        self.0.message(message);
    }
    fn confirm(&self, message: &str, yes: &str, no: Option<&str>) -> Option<bool> {
        self.0.confirm(message, yes, no)
    }
    fn request_public_string(&self, description: &str) -> Option<String> {
        self.0.ask(description, false).map(|text| text.expose_secret().to_owned())
    }
    fn request_passphrase(&self, description: &str) -> Option<SecretString> {
        self.0.ask(description, true)
    }
}

/// What keys are made of. Whatever kind a key is, it opens and is wrapped to all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyKind {
    /// ML-KEM-768 together with X25519: secret as long as one of them holds.
    #[default]
    Hybrid,
    /// X25519 alone: short, and known to every age program. A large quantum computer breaks it.
    Classic,
}

/// Whom something is wrapped to.
#[derive(Clone)]
pub enum Recipient {
    /// `age1pq1...`
    Hybrid(hybrid::Recipient),
    /// `age1...`
    X25519(x25519::Recipient),
    /// `age1tag1...`
    Tag(tag::Recipient),
    /// `age1tagpq1...`
    TagPq(Box<tagpq::Recipient>),
    /// `age1PLUGIN1...`
    Plugin(plugin::Recipient),
    /// `ssh-ed25519 AAAA...`
    Ssh(Box<ssh::Recipient>),
}

impl Recipient {
    /// A recipient of nobody's, to stand where a real one is made later.
    pub fn nobody() -> Self {
        Recipient::X25519(x25519::Identity::generate().to_public())
    }

    /// Whether its private side is an age key and nothing more: no plugin, no token. The key of a
    /// group must be, or it could not be wrapped to its members.
    pub fn is_age_key(&self) -> bool {
        matches!(self, Recipient::Hybrid(_) | Recipient::X25519(_))
    }

    /// Whether what is wrapped to it withstands a quantum computer; `None` if only its plugin
    /// knows.
    pub fn is_post_quantum(&self) -> Option<bool> {
        match self {
            Recipient::Hybrid(_) | Recipient::TagPq(_) => Some(true),
            Recipient::X25519(_) | Recipient::Tag(_) | Recipient::Ssh(_) => Some(false),
            Recipient::Plugin(_) => None,
        }
    }

    fn read(text: &str) -> Option<Self> {
        if text.starts_with("ssh-") {
            let recipient = text.parse().ok().map(Box::new).map(Recipient::Ssh);
            return recipient.filter(|r| matches!(r, Recipient::Ssh(key) if is_ed25519(key)));
        }
        // Native prefixes first: to age they are also the names of plugins.
        match text.split_once('1')?.1.rsplit_once('1').map(|(prefix, _)| prefix) {
            Some("pq") => text.parse().ok().map(Recipient::Hybrid),
            Some("tag") => text.parse().ok().map(Recipient::Tag),
            Some("tagpq") => text.parse().ok().map(Box::new).map(Recipient::TagPq),
            Some(_) => text.parse().ok().map(Recipient::Plugin),
            None => text.parse().ok().map(Recipient::X25519),
        }
    }
}

impl FromStr for Recipient {
    type Err = WrapError;

    fn from_str(text: &str) -> Result<Self, WrapError> {
        let recipient = Recipient::read(text).ok_or(WrapError::BadRecipient)?;
        if recipient.to_string() == text { Ok(recipient) } else { Err(WrapError::BadRecipient) }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Recipient::Hybrid(recipient) => recipient.fmt(f),
            Recipient::X25519(recipient) => recipient.fmt(f),
            Recipient::Tag(recipient) => recipient.fmt(f),
            Recipient::TagPq(recipient) => recipient.fmt(f),
            Recipient::Plugin(recipient) => recipient.fmt(f),
            Recipient::Ssh(recipient) => recipient.fmt(f),
        }
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({self})")
    }
}

impl PartialEq for Recipient {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Recipient {}

impl serde::Serialize for Recipient {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Recipient {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("not an age recipient"))
    }
}

/// The private side: what unwraps.
pub struct DecryptionKey(Inner);

enum Inner {
    Hybrid(hybrid::Identity),
    X25519(x25519::Identity),
    Plugin { identity: plugin::Identity, ui: Arc<dyn PluginUi> },
    Ssh { identity: Box<ssh::Identity>, recipient: Recipient },
}

impl DecryptionKey {
    /// A new key of the kind that is made by default.
    pub fn generate() -> Result<Self, CryptoError> {
        Self::generate_kind(KeyKind::default(), &mut SystemRandom::new())
    }

    /// A new key of this kind.
    pub fn generate_kind(kind: KeyKind, random: &mut dyn Random) -> Result<Self, CryptoError> {
        Ok(DecryptionKey(match kind {
            KeyKind::Hybrid => Inner::Hybrid(hybrid::Identity::filled(|seed| random.fill(seed))?),
            KeyKind::Classic => Inner::X25519(x25519::Identity::generate()),
        }))
    }

    /// From `AGE-SECRET-KEY-PQ-1...`, `AGE-SECRET-KEY-1...`, or `AGE-PLUGIN-...` with the way to
    /// talk to its owner, who also says where the private key of an `ssh-ed25519 AAAA...` is.
    pub fn parse(text: &str, ui: Arc<dyn PluginUi>) -> Result<Self, WrapError> {
        if text.starts_with("ssh-") {
            let file = ui.ssh_key(text).ok_or_else(|| WrapError::NoSshKey { public: text.to_owned() })?;
            let key = Self::from_ssh(&file, &mut || ui.ssh_passphrase(text))?;
            let same = key.recipient().is_some_and(|recipient| recipient.to_string() == text);
            return if same { Ok(key) } else { Err(WrapError::NoSshKey { public: text.to_owned() }) };
        }
        if let Ok(identity) = text.parse::<hybrid::Identity>() {
            return Ok(DecryptionKey(Inner::Hybrid(identity)));
        }
        if let Ok(identity) = text.parse::<x25519::Identity>() {
            return Ok(DecryptionKey(Inner::X25519(identity)));
        }
        let identity = text.parse::<plugin::Identity>().map_err(|_| WrapError::BadIdentity)?;
        Ok(DecryptionKey(Inner::Plugin { identity, ui }))
    }

    /// From an SSH private key file, asking for its passphrase if it has one.
    pub fn from_ssh(file: &[u8], passphrase: &mut dyn FnMut() -> Option<SecretString>) -> Result<Self, WrapError> {
        let identity = ssh::Identity::from_buffer(file, None).map_err(|_| WrapError::BadSshKey)?;
        let recipient = ssh::Recipient::try_from(identity.clone()).map_err(|_| WrapError::BadSshKey)?;
        if !is_ed25519(&recipient) {
            return Err(WrapError::BadSshKey);
        }
        let recipient = Recipient::Ssh(Box::new(recipient));
        // Opened once and kept open: it would be asked for at every wrapping otherwise.
        let identity = match identity {
            ssh::Identity::Encrypted(key) => {
                let passphrase = passphrase().ok_or(WrapError::NoPassphrase)?;
                ssh::Identity::Unencrypted(key.decrypt(passphrase).map_err(|_| WrapError::WrongPassphrase)?)
            }
            identity => identity,
        };
        Ok(DecryptionKey(Inner::Ssh { identity: Box::new(identity), recipient }))
    }

    /// Its public side; a plugin does not tell.
    pub fn recipient(&self) -> Option<Recipient> {
        match &self.0 {
            Inner::Hybrid(identity) => Some(Recipient::Hybrid(identity.to_public())),
            Inner::X25519(identity) => Some(Recipient::X25519(identity.to_public())),
            Inner::Ssh { recipient, .. } => Some(recipient.clone()),
            Inner::Plugin { .. } => None,
        }
    }

    /// The key as age writes it; of an SSH key its public half, by which it is found again. For a
    /// key file or a wrapping only.
    pub fn expose(&self) -> SecretString {
        match &self.0 {
            Inner::Hybrid(identity) => identity.expose(),
            Inner::X25519(identity) => identity.to_string(),
            Inner::Plugin { identity, .. } => SecretString::from(identity.to_string()),
            Inner::Ssh { recipient, .. } => SecretString::from(recipient.to_string()),
        }
    }

    /// Whether the key is kept elsewhere, behind a plugin or in an SSH key file.
    pub fn is_elsewhere(&self) -> bool {
        matches!(self.0, Inner::Plugin { .. } | Inner::Ssh { .. })
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DecryptionKey(..)")
    }
}

/// Encrypts `plaintext` to one recipient, as a whole age file.
///
/// # Errors
/// What the plugin says, and [`WrapError::BadRecipient`] for a key to which nothing can be sent.
pub fn wrap(to: &Recipient, plaintext: &[u8]) -> Result<Vec<u8>, WrapError> {
    match to {
        Recipient::Hybrid(recipient) => age::encrypt(recipient, plaintext).map_err(encrypt_error),
        Recipient::X25519(recipient) => age::encrypt(recipient, plaintext).map_err(encrypt_error),
        Recipient::Tag(recipient) => age::encrypt(recipient, plaintext).map_err(encrypt_error),
        Recipient::TagPq(recipient) => age::encrypt(&**recipient, plaintext).map_err(encrypt_error),
        Recipient::Ssh(recipient) => age::encrypt(&**recipient, plaintext).map_err(encrypt_error),
        Recipient::Plugin(recipient) => {
            let plugin =
                plugin::RecipientPluginV1::new(recipient.plugin(), std::slice::from_ref(recipient), &[], NoCallbacks)
                    .map_err(resolve_error)?;
            age::encrypt(&plugin, plaintext).map_err(encrypt_error)
        }
    }
}

/// Decrypts an age file.
pub fn unwrap(key: &DecryptionKey, file: &[u8]) -> Result<Zeroizing<Vec<u8>>, WrapError> {
    unwrap_up_to(key, file, MAX_FILE)
}

/// Decrypts an age file of at most so many bytes, where more than a key may be in it.
pub fn unwrap_up_to(key: &DecryptionKey, file: &[u8], most: usize) -> Result<Zeroizing<Vec<u8>>, WrapError> {
    match &key.0 {
        Inner::Hybrid(identity) => decrypt_up_to(identity, file, most),
        Inner::X25519(identity) => decrypt_up_to(identity, file, most),
        Inner::Ssh { identity, .. } => decrypt_up_to(&**identity, file, most),
        Inner::Plugin { identity, ui } => {
            let plugin =
                plugin::IdentityPluginV1::new(identity.plugin(), std::slice::from_ref(identity), Callbacks(ui.clone()))
                    .map_err(resolve_error)?;
            decrypt_up_to(&plugin, file, most)
        }
    }
}

/// The age file itself, where it may be armored.
pub(super) fn dearmor(file: &[u8]) -> Result<Vec<u8>, WrapError> {
    let mut out = Vec::new();
    ArmoredReader::new(file).take(MAX_FILE as u64).read_to_end(&mut out).map_err(|_| WrapError::NotAnAgeFile)?;
    Ok(out)
}

/// Decrypts an age file that was encrypted with a passphrase, which is asked for only then; `None`
/// for one that was encrypted to keys.
pub(super) fn open_with_passphrase(
    file: &[u8],
    passphrase: &mut dyn FnMut() -> Option<SecretString>,
) -> Result<Option<Zeroizing<Vec<u8>>>, WrapError> {
    let decryptor = age::Decryptor::new_buffered(file).map_err(|_| WrapError::NotAnAgeFile)?;
    if !decryptor.is_scrypt() {
        return Ok(None);
    }
    let mut identity = age::scrypt::Identity::new(passphrase().ok_or(WrapError::NoPassphrase)?);
    identity.set_max_work_factor(MAX_WORK_FACTOR);
    match decrypt(&identity, file) {
        // A scrypt file has one recipient only: if it does not match, the words are wrong.
        Err(WrapError::NotForThisKey) => Err(WrapError::WrongPassphrase),
        other => other.map(Some),
    }
}

/// Decrypts an age file with any of age's identities, into memory that is wiped.
pub(super) fn decrypt(identity: &dyn age::Identity, file: &[u8]) -> Result<Zeroizing<Vec<u8>>, WrapError> {
    decrypt_up_to(identity, file, MAX_FILE)
}

fn decrypt_up_to(identity: &dyn age::Identity, file: &[u8], most: usize) -> Result<Zeroizing<Vec<u8>>, WrapError> {
    if file.len() > most {
        return Err(CryptoError::TooLarge { what: "an age file" }.into());
    }
    let decryptor = age::Decryptor::new_buffered(file).map_err(decrypt_error)?;
    let reader = decryptor.decrypt(iter::once(identity)).map_err(decrypt_error)?;
    // Reserved at once: growing would leave copies behind in freed memory.
    let mut plaintext = Zeroizing::new(Vec::with_capacity(file.len()));
    reader.take(most as u64).read_to_end(&mut plaintext).map_err(|_| WrapError::NotAnAgeFile)?;
    Ok(plaintext)
}

fn is_ed25519(recipient: &ssh::Recipient) -> bool {
    matches!(recipient, ssh::Recipient::SshEd25519(..))
}

fn decrypt_error(error: DecryptError) -> WrapError {
    match error {
        DecryptError::NoMatchingKeys => WrapError::NotForThisKey,
        DecryptError::KeyDecryptionFailed | DecryptError::DecryptionFailed => WrapError::WrongPassphrase,
        DecryptError::ExcessiveWork { required, .. } => WrapError::TooMuchWork { log_n: required },
        DecryptError::PluginResolve(error) => resolve_error(error),
        DecryptError::Plugin(errors) => WrapError::PluginFailed { reason: plugin_reasons(&errors) },
        _ => WrapError::NotAnAgeFile,
    }
}

pub(super) fn encrypt_error(error: EncryptError) -> WrapError {
    match error {
        EncryptError::PluginResolve(error) => resolve_error(error),
        EncryptError::Plugin(errors) => WrapError::PluginFailed { reason: plugin_reasons(&errors) },
        // Ours: a key that nothing can be sent to.
        EncryptError::Io(_) => WrapError::BadRecipient,
        EncryptError::IncompatibleRecipients { .. } => WrapError::MixedRecipients,
        other => WrapError::PluginFailed { reason: other.to_string() },
    }
}

fn resolve_error(error: plugin::ResolveError) -> WrapError {
    let plugin = match error {
        plugin::ResolveError::MissingPlugin { binary_name } => binary_name.trim_start_matches("age-plugin-").to_owned(),
        plugin::ResolveError::InvalidPluginName { name } => name,
        _ => "?".to_owned(),
    };
    WrapError::PluginMissing { plugin }
}

fn plugin_reasons(errors: &[impl fmt::Display]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_key_wraps_and_unwraps() {
        let mut random = SystemRandom::new();
        assert!(matches!(DecryptionKey::generate().unwrap().recipient(), Some(Recipient::Hybrid(_))));
        let mut keys = Vec::new();
        for (kind, pq) in [(KeyKind::Hybrid, true), (KeyKind::Classic, false)] {
            let key = DecryptionKey::generate_kind(kind, &mut random).unwrap();
            let recipient = key.recipient().unwrap();
            assert_eq!((recipient.is_post_quantum(), recipient.is_age_key()), (Some(pq), true));
            let read: Recipient = recipient.to_string().parse().unwrap();
            let file = wrap(&read, b"secret").unwrap();
            let key = DecryptionKey::parse(key.expose().expose_secret(), Arc::new(Silent)).unwrap();
            assert_eq!(&unwrap(&key, &file).unwrap()[..], b"secret");
            keys.push((key, file));
        }
        for (key, file) in [(&keys[0].0, &keys[1].1), (&keys[1].0, &keys[0].1)] {
            assert!(matches!(unwrap(key, file), Err(WrapError::NotForThisKey)));
        }
    }

    #[test]
    fn recipients_of_others_are_known_by_their_prefix() {
        // A token's, from the test vectors of C2SP and of the crate `age`.
        let tag = "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e";
        let known: Recipient = tag.parse().unwrap();
        assert!(matches!(known, Recipient::Tag(_)) && !known.is_age_key());
        wrap(&known, b"no plugin is needed").unwrap();
        let plugin: Recipient = "age1example1qqqsyqcyq5rqwzqf35cz56".parse().unwrap_or(known);
        assert!(!plugin.is_age_key());
        // A broken key of ours is not handed to a plugin called `pq`.
        let key = DecryptionKey::generate().unwrap().recipient().unwrap().to_string();
        let broken = key.replace("age1pq1", "age1pq1q");
        for text in [&broken[..], "age1pq1", "age1", "", "AGE1PQ1", &key.to_uppercase(), &key[..key.len() - 1]] {
            assert!(matches!(text.parse::<Recipient>(), Err(WrapError::BadRecipient)), "{text}");
        }
    }

    const OPEN: &str = include_str!("../../tests/peers/id_ed25519");
    const PUBLIC: &str = include_str!("../../tests/peers/id_ed25519.pub");
    const LOCKED: &str = include_str!("../../tests/peers/id_ed25519_locked");

    /// Has one SSH key file, and one passphrase.
    struct Has(&'static str, &'static str);

    impl PluginUi for Has {
        fn message(&self, _: &str) {}
        fn confirm(&self, _: &str, _: &str, _: Option<&str>) -> Option<bool> {
            None
        }
        fn ask(&self, _: &str, secret: bool) -> Option<SecretString> {
            secret.then(|| SecretString::from(self.1.to_owned()))
        }
        fn ssh_key(&self, _: &str) -> Option<Zeroizing<Vec<u8>>> {
            Some(Zeroizing::new(self.0.as_bytes().to_vec()))
        }
    }

    #[test]
    fn ssh_keys_with_and_without_a_passphrase() {
        for file in [OPEN, LOCKED] {
            let key = DecryptionKey::from_ssh(file.as_bytes(), &mut || Some("correct horse".into())).unwrap();
            let recipient: Recipient = key.recipient().unwrap().to_string().parse().unwrap();
            assert_eq!((recipient.is_post_quantum(), recipient.is_age_key()), (Some(false), false));
            let wrapped = wrap(&recipient, b"secret").unwrap();
            let found = DecryptionKey::parse(key.expose().expose_secret(), Arc::new(Has(file, "correct horse")));
            assert_eq!(&unwrap(&found.unwrap(), &wrapped).unwrap()[..], b"secret");
            // The key file of somebody else, and none at all.
            let other = if file == OPEN { LOCKED } else { OPEN };
            for ui in [Arc::new(Has(other, "correct horse")) as Arc<dyn PluginUi>, Arc::new(Silent)] {
                let found = DecryptionKey::parse(key.expose().expose_secret(), ui);
                assert!(matches!(found, Err(WrapError::NoSshKey { .. })));
            }
        }
        let public = PUBLIC.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        assert!(public.parse::<Recipient>().is_ok() && PUBLIC.parse::<Recipient>().is_err(), "without the comment");
        let wrong = DecryptionKey::from_ssh(LOCKED.as_bytes(), &mut || Some("wrong horse".into()));
        assert!(matches!(wrong, Err(WrapError::WrongPassphrase)));
        let none = DecryptionKey::from_ssh(LOCKED.as_bytes(), &mut || None);
        assert!(matches!(none, Err(WrapError::NoPassphrase)));
        for bad in ["", "hello", PUBLIC, &OPEN[..OPEN.len() / 2]] {
            let read = DecryptionKey::from_ssh(bad.as_bytes(), &mut || None);
            assert!(matches!(read, Err(WrapError::BadSshKey)), "{bad}");
        }
    }

    #[test]
    fn rsa_is_refused() {
        // From the tests of the crate `age`.
        let rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDE7nIXTGNuaRBN9toI/wNALuQec8mvlt0iJ7o3OaD2UvoKHJ7S8rmIn4FiQDUed/Vac3OhUibei1k+TBmm16u2Rj3klgWZOIDgi8d4vXKI5N3YBhxr3jsQ+kz1c+iZ4z/tTtz306+4K46XViVMWwyyg9j82Jn41mOAy9vdeDIfQ5fLeaGqn5KwlT61GNkZ+ozWK/ZNlQIlNCcoXxhJULIs9XrtczWyVBAea1nlDo0WHODePxoJjmsNHrpQXn5mf9O83xs10qfTUjnRUt48jRmedFy4tcra3QGmSTQ3KZne+wXXSb0cIpXLGvZjQSPHgG1hc4r3uBpiSzvesGLv79XL";
        assert!(rsa.parse::<ssh::Recipient>().is_ok());
        assert!(matches!(rsa.parse::<Recipient>(), Err(WrapError::BadRecipient)));
    }
}
