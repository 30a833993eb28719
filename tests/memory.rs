//! What a process that has worked with a vault still holds in its memory: it reads itself through
//! `/proc/self/mem`. Its own test binary with one test, so that nobody else's memory is in it.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::print_stdout)]
#![cfg(target_os = "linux")]

mod common;

use std::{
    fs::{self, File},
    os::unix::fs::FileExt as _,
    sync::Arc,
};

use amanah::{
    crypto::{
        age_wrap::Silent,
        identity::{Identity, Protection},
    },
    records::value::Value,
    vault,
};
use common::{CARE, PASSPHRASE, World};
use secrecy::SecretString;
use sha3::{
    Shake256,
    digest::{ExtendableOutputReset as _, Update as _, XofReader as _},
};
use zeroize::{Zeroize as _, Zeroizing};

/// Something to look for, kept so that the looking is not found.
struct Marker {
    name: &'static str,
    hidden: Vec<u8>,
}

const VEIL: u8 = 0xa5;

impl Marker {
    fn new(name: &'static str, secret: &[u8]) -> Marker {
        Marker { name, hidden: secret.iter().map(|byte| byte ^ VEIL).collect() }
    }

    fn is_at(&self, bytes: &[u8]) -> bool {
        bytes.len() >= self.hidden.len() && self.hidden.iter().zip(bytes).all(|(hidden, byte)| hidden ^ VEIL == *byte)
    }
}

/// Where in the memory that can be written each marker stands, buffer of the looking excepted.
fn find(markers: &[Marker]) -> Vec<(&'static str, String)> {
    let memory = File::open("/proc/self/mem").unwrap();
    let mut buffer = vec![0; 1 << 20];
    let own = buffer.as_ptr() as u64..buffer.as_ptr() as u64 + buffer.len() as u64;
    let mut found = Vec::new();
    for line in fs::read_to_string("/proc/self/maps").unwrap().lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if !words[1].starts_with("rw") {
            continue;
        }
        let (begin, end) = words[0].split_once('-').unwrap();
        let (mut at, end) = (u64::from_str_radix(begin, 16).unwrap(), u64::from_str_radix(end, 16).unwrap());
        while at < end {
            let length = buffer.len().min((end - at) as usize);
            let Ok(read) = memory.read_at(&mut buffer[..length], at) else { break };
            for marker in markers {
                let first = marker.hidden[0] ^ VEIL;
                let starts = (0..read).filter(|offset| buffer[*offset] == first);
                for offset in starts.filter(|offset| marker.is_at(&buffer[*offset..read])) {
                    let address = at + offset as u64;
                    if !own.contains(&address) {
                        let region = words.get(5).copied().unwrap_or("anonymous");
                        found.push((marker.name, format!("{region} {address:x}")));
                    }
                }
            }
            buffer[..read].zeroize();
            if at + read as u64 >= end {
                break;
            }
            // What crosses the end of the buffer is seen the next time.
            at += (read as u64).saturating_sub(64).max(1);
        }
    }
    found
}

/// The age identity as it is written, the seed in it, and what X-Wing makes of the seed: ML-KEM's
/// secret for what does not open, and the private key of X25519.
fn decryption_markers(identity: &Identity) -> [Marker; 4] {
    let text = identity.decryption.expose();
    let text = secrecy::ExposeSecret::expose_secret(&text);
    let seed = amanah::crypto::age_secret::to_bytes(&identity.decryption).unwrap();
    let mut keys = Zeroizing::new([0; 96]);
    // The hash keeps what it was given until something else takes its place.
    let mut hash = Box::new(Shake256::default());
    hash.update(&seed);
    hash.finalize_xof_reset().read(&mut keys[..]);
    hash.update(&[0; 32]);
    [
        Marker::new("age identity", text.as_bytes()),
        Marker::new("its seed", &seed),
        Marker::new("its key of ML-KEM", &keys[32..64]),
        Marker::new("its key of X25519", &keys[64..]),
    ]
}

#[test]
fn no_secret_stays_in_memory() {
    let world = World::new();
    let (vault, mut siti) = world.found();
    vault.close(&mut siti).unwrap();
    drop(siti);
    // What the world keeps of it in memory are the files.
    let file = fs::read(world.path().join("handayani-siti.key")).unwrap();

    // A passphrase and a value that stand nowhere else: not in this program's constants either.
    let value: String = b"Qnqmx Fhuz Pdwrorn Xqln".iter().map(|byte| (byte ^ 3) as char).collect();
    let words: String = b"Udkxwv#Wdmsdw#Lql#Vdod".iter().map(|byte| (byte ^ 3) as char).collect();
    let mut markers = vec![Marker::new("value", value.as_bytes()), Marker::new("passphrase", words.as_bytes())];
    let worked = std::thread::spawn(move || {
        let words = SecretString::from(words);
        let known = || Some(SecretString::from(PASSPHRASE.to_owned()));
        let identity = Identity::from_file(&file, &mut { known }, Arc::new(Silent)).unwrap();
        let file = identity.to_file(&Protection::Passphrase(&words, 2)).unwrap();
        drop(identity);
        let passphrase = || Some(words.clone());
        let identity = Identity::from_file(&file, &mut { passphrase }, Arc::new(Silent)).unwrap();
        drop(words);
        let hidden: Vec<u8> = identity.signing.seed().iter().map(|byte| byte ^ VEIL).collect();
        let seed = Marker { name: "signing key", hidden };
        let decryption = decryption_markers(&identity);
        let mut vault = vault::Vault::open(&world.vault_dir(), &world.options()).unwrap();
        let mut siti = vault.admit(identity).unwrap();
        let values = vec![
            ("child_code".to_owned(), Value::Text("A-1".to_owned())),
            ("full_name".to_owned(), Value::Text(value)),
        ];
        let draft = vault::Draft { values, of: None };
        let record = vault.create_record(&mut siti, CARE, "child", &draft).unwrap().record;
        drop(draft);
        let shown = vault.read_record(&mut siti, CARE, &record, None, None).unwrap();
        assert!(shown.value("full_name").is_some());
        let there = |marker: &Marker| Marker { name: marker.name, hidden: marker.hidden.clone() };
        let [_, raw, of_ml_kem, of_x25519] = &decryption;
        for marker in [&seed, raw, of_ml_kem, of_x25519].map(there) {
            assert!(!find(&[marker]).is_empty(), "the looking finds what is there");
        }
        drop(shown);
        vault.close(&mut siti).unwrap();
        drop(siti);
        drop(world);
        (seed, decryption)
    });
    let (seed, decryption) = worked.join().unwrap();
    markers.push(seed);
    markers.extend(decryption);
    let found = find(&markers);
    assert!(found.is_empty(), "still in memory: {found:?}");
}
