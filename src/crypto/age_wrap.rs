//! Wrapping small secrets with age, to an X25519 recipient or to an age plugin.

use std::{fmt, io::Read as _, iter, str::FromStr, sync::Arc};

use age::{DecryptError, EncryptError, NoCallbacks, plugin, x25519};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::CryptoError;
use crate::problem::problems;

/// Largest plaintext that is ever unwrapped: an identity file.
const MAX_PLAINTEXT: u64 = 64 * 1024;

/// Largest age file that is read here: a plugin may put much into its stanza.
pub const MAX_FILE: usize = 128 * 1024;

problems! {
    /// What can go wrong with age.
    pub enum WrapError {
        /// Not an age recipient.
        BadRecipient = Input, "age-bad-recipient", "this is not an age recipient (age1...)";
        /// Not an age identity.
        BadIdentity = Key, "age-bad-identity", "this is not an age identity (AGE-SECRET-KEY-1... or AGE-PLUGIN-...)";
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

/// Whom something is wrapped to.
#[derive(Clone)]
pub enum Recipient {
    /// `age1...`
    X25519(x25519::Recipient),
    /// `age1PLUGIN1...`
    Plugin(plugin::Recipient),
}

impl Recipient {
    /// Whether its private side is kept by an age plugin.
    pub fn is_plugin(&self) -> bool {
        matches!(self, Recipient::Plugin(_))
    }
}

impl FromStr for Recipient {
    type Err = WrapError;

    fn from_str(text: &str) -> Result<Self, WrapError> {
        let recipient = text
            .parse()
            .map(Recipient::X25519)
            .or_else(|_: &str| text.parse().map(Recipient::Plugin))
            .map_err(|_: &str| WrapError::BadRecipient)?;
        if recipient.to_string() == text { Ok(recipient) } else { Err(WrapError::BadRecipient) }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Recipient::X25519(recipient) => recipient.fmt(f),
            Recipient::Plugin(recipient) => recipient.fmt(f),
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
    X25519(x25519::Identity),
    Plugin { identity: plugin::Identity, ui: Arc<dyn PluginUi> },
}

impl DecryptionKey {
    /// A new X25519 key.
    pub fn generate() -> Self {
        DecryptionKey(Inner::X25519(x25519::Identity::generate()))
    }

    /// From `AGE-SECRET-KEY-1...`, or `AGE-PLUGIN-...` with the way to talk to its owner.
    pub fn parse(text: &str, ui: Arc<dyn PluginUi>) -> Result<Self, WrapError> {
        if let Ok(identity) = text.parse::<x25519::Identity>() {
            return Ok(DecryptionKey(Inner::X25519(identity)));
        }
        let identity = text.parse::<plugin::Identity>().map_err(|_| WrapError::BadIdentity)?;
        Ok(DecryptionKey(Inner::Plugin { identity, ui }))
    }

    /// Its public side; a plugin does not tell.
    pub fn recipient(&self) -> Option<Recipient> {
        match &self.0 {
            Inner::X25519(identity) => Some(Recipient::X25519(identity.to_public())),
            Inner::Plugin { .. } => None,
        }
    }

    /// The key as age writes it. For a key file or a wrapping only.
    pub fn expose(&self) -> SecretString {
        match &self.0 {
            Inner::X25519(identity) => identity.to_string(),
            Inner::Plugin { identity, .. } => SecretString::from(identity.to_string()),
        }
    }

    /// Whether the key is kept behind a plugin.
    pub fn is_plugin(&self) -> bool {
        matches!(self.0, Inner::Plugin { .. })
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DecryptionKey(..)")
    }
}

/// Encrypts `plaintext` to one recipient, as a whole age file.
pub fn wrap(to: &Recipient, plaintext: &[u8]) -> Result<Vec<u8>, WrapError> {
    match to {
        Recipient::X25519(recipient) => age::encrypt(recipient, plaintext).map_err(encrypt_error),
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
    match &key.0 {
        Inner::X25519(identity) => decrypt(identity, file),
        Inner::Plugin { identity, ui } => {
            let plugin =
                plugin::IdentityPluginV1::new(identity.plugin(), std::slice::from_ref(identity), Callbacks(ui.clone()))
                    .map_err(resolve_error)?;
            decrypt(&plugin, file)
        }
    }
}

/// Decrypts an age file with any of age's identities, into memory that is wiped.
pub(super) fn decrypt(identity: &dyn age::Identity, file: &[u8]) -> Result<Zeroizing<Vec<u8>>, WrapError> {
    if file.len() > MAX_FILE {
        return Err(CryptoError::TooLarge { what: "an age file" }.into());
    }
    let decryptor = age::Decryptor::new_buffered(file).map_err(decrypt_error)?;
    let reader = decryptor.decrypt(iter::once(identity)).map_err(decrypt_error)?;
    // Reserved at once: growing would leave copies behind in freed memory.
    let mut plaintext = Zeroizing::new(Vec::with_capacity(file.len()));
    reader.take(MAX_PLAINTEXT).read_to_end(&mut plaintext).map_err(|_| WrapError::NotAnAgeFile)?;
    Ok(plaintext)
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
