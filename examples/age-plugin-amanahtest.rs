//! A little age plugin for the tests: its identity is the key itself. It protects nothing.
//!
//! Run without arguments it writes a new identity file, as real plugins do.

#![allow(clippy::print_stdout, reason = "this is what the program is for")]

use std::{
    collections::{HashMap, HashSet},
    env, io,
};

use age_core::{
    format::{FILE_KEY_BYTES, FileKey, Stanza},
    primitives::{aead_decrypt, aead_encrypt, hkdf},
    secrecy::ExposeSecret,
};
use age_plugin::{
    Callbacks, PluginHandler,
    identity::{self, IdentityPluginV1},
    print_new_identity,
    recipient::{self, RecipientPluginV1},
    run_state_machine,
};
use amanah::crypto::random::{Random as _, SystemRandom};

const NAME: &str = "amanahtest";

/// Recipient and identity are the same 32 bytes.
type Key = [u8; 32];

fn main() -> io::Result<()> {
    if let Some(machine) = env::args().find_map(|word| word.strip_prefix("--age-plugin=").map(ToOwned::to_owned)) {
        return run_state_machine(&machine, Handler);
    }
    let mut key = Key::default();
    SystemRandom::new().fill(&mut key).map_err(io::Error::other)?;
    print_new_identity(NAME, &key, &key);
    Ok(())
}

struct Handler;

impl PluginHandler for Handler {
    type RecipientV1 = Keys;
    type IdentityV1 = Keys;

    fn recipient_v1(self) -> io::Result<Keys> {
        Ok(Keys(Vec::new()))
    }

    fn identity_v1(self) -> io::Result<Keys> {
        Ok(Keys(Vec::new()))
    }
}

struct Keys(Vec<Key>);

impl Keys {
    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), String> {
        match bytes.try_into() {
            Ok(key) if name == NAME => {
                self.0.push(key);
                Ok(())
            }
            _ => Err("not a key of this plugin".to_owned()),
        }
    }
}

/// Which key a stanza is for, without saying the key.
fn mark(key: &Key) -> String {
    hkdf(&[], b"mark", key)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

impl RecipientPluginV1 for Keys {
    fn add_recipient(&mut self, index: usize, name: &str, bytes: &[u8]) -> Result<(), recipient::Error> {
        self.add(name, bytes).map_err(|message| recipient::Error::Recipient { index, message })
    }

    fn add_identity(&mut self, index: usize, name: &str, bytes: &[u8]) -> Result<(), recipient::Error> {
        self.add(name, bytes).map_err(|message| recipient::Error::Identity { index, message })
    }

    fn labels(&mut self) -> HashSet<String> {
        HashSet::new()
    }

    fn wrap_file_keys(
        &mut self,
        file_keys: Vec<FileKey>,
        _: impl Callbacks<recipient::Error>,
    ) -> io::Result<Result<Vec<Vec<Stanza>>, Vec<recipient::Error>>> {
        let stanza = |key: &Key, file_key: &FileKey| Stanza {
            tag: NAME.to_owned(),
            args: vec![mark(key)],
            body: aead_encrypt(key, file_key.expose_secret()),
        };
        Ok(Ok(file_keys.iter().map(|file_key| self.0.iter().map(|key| stanza(key, file_key)).collect()).collect()))
    }
}

impl IdentityPluginV1 for Keys {
    fn add_identity(&mut self, index: usize, name: &str, bytes: &[u8]) -> Result<(), identity::Error> {
        self.add(name, bytes).map_err(|message| identity::Error::Identity { index, message })
    }

    fn unwrap_file_keys(
        &mut self,
        files: Vec<Vec<Stanza>>,
        mut callbacks: impl Callbacks<identity::Error>,
    ) -> io::Result<HashMap<usize, Result<FileKey, Vec<identity::Error>>>> {
        let mut out = HashMap::new();
        for (file, stanzas) in files.iter().enumerate() {
            for (key, stanza) in self.0.iter().flat_map(|key| stanzas.iter().map(move |stanza| (key, stanza))) {
                if stanza.tag != NAME || stanza.args != [mark(key)] {
                    continue;
                }
                // As a security token asks to be touched.
                let _ = callbacks.message("the test plugin opens a key")?;
                let opened = aead_decrypt(key, FILE_KEY_BYTES, &stanza.body).ok();
                if let Some(opened) = opened.and_then(|opened| <[u8; FILE_KEY_BYTES]>::try_from(opened).ok()) {
                    out.insert(file, Ok(FileKey::new(Box::new(opened))));
                }
            }
        }
        Ok(out)
    }
}
