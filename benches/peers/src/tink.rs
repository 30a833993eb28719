//! Tink's AEAD (AES-256-GCM) for each field, one key set for all, in sled as the lower bound is.

use std::path::Path;

use crate::{
    bound::{Rows, Sealer},
    peer::{Factory, Peer},
};

pub struct Tink;

impl Factory for Tink {
    fn name(&self) -> &'static str {
        "tink"
    }

    fn make(&self, folder: &Path) -> Result<Box<dyn Peer>, String> {
        let rows = Rows::open(&folder.join("rows"), "tink", Keyset::new(folder)?);
        Ok(Box::new(rows))
    }
}

struct Keyset(Box<dyn tink_core::Aead>);

impl Keyset {
    /// The key set of a folder, made if there is none: in the clear, as Tink's samples keep it.
    fn new(folder: &Path) -> Result<Keyset, String> {
        tink_aead::init();
        let path = folder.join("keyset.json");
        let said = |error: tink_core::TinkError| error.to_string();
        let handle = match std::fs::read(&path) {
            Ok(bytes) => {
                let mut reader = tink_core::keyset::JsonReader::new(&bytes[..]);
                tink_core::keyset::insecure::read(&mut reader).map_err(said)?
            }
            Err(_) => {
                let made = tink_core::keyset::Handle::new(&tink_aead::aes256_gcm_key_template()).map_err(said)?;
                let mut bytes = Vec::new();
                tink_core::keyset::insecure::write(&made, &mut tink_core::keyset::JsonWriter::new(&mut bytes))
                    .map_err(said)?;
                std::fs::write(&path, bytes).map_err(|error| error.to_string())?;
                made
            }
        };
        Ok(Keyset(tink_aead::new(&handle).map_err(said)?))
    }
}

impl Sealer for Keyset {
    fn seal(&mut self, value: &[u8], place: &[u8], row: &mut Vec<u8>) {
        row.extend(self.0.encrypt(value, place).unwrap());
    }

    fn open(&self, sealed: &mut [u8], place: &[u8]) -> Vec<u8> {
        self.0.decrypt(sealed, place).unwrap()
    }
}

/// `folder` is a copy of the rows; the key set lies beside the rows it was made for.
pub fn read_cold(folder: &Path, code: &str) {
    let keyset = Keyset::new(folder.parent().unwrap()).unwrap();
    assert_eq!(Rows::open(folder, "tink", keyset).read_one(code), 20);
}
