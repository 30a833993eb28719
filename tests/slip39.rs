//! SLIP-39 against an implementation of others, both ways: PyPI's `shamir-mnemonic`.
//!
//! `AMANAH_SLIP39_PYTHON` names a Python that has it; without that the test says that it is
//! skipped. `.ci/run` sets it.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

use std::process::Command;

use amanah::crypto::{
    random::SystemRandom,
    slip39::{Share, combine, split},
};

const SECRET: &str = "bb54aac4b89dc868ba37d9cc21b2cece0f1e2d3c4b5a69788796a5b4c3d2e1f0";

fn python(program: &str, words: &[&str]) -> Option<String> {
    let Some(python) = std::env::var_os("AMANAH_SLIP39_PYTHON") else {
        eprintln!("skipped: AMANAH_SLIP39_PYTHON names no Python with the package shamir-mnemonic");
        return None;
    };
    let output = Command::new(python).args(["-c", program]).args(words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn what_we_split_others_combine() {
    let secret = data_encoding::HEXLOWER.decode(SECRET.as_bytes()).unwrap();
    for (threshold, count) in [(2, 2), (2, 3), (3, 5), (16, 16)] {
        let shares = split(&secret, threshold, count, &mut SystemRandom::new()).unwrap();
        // The last ones: their points are computed, not random.
        let words: Vec<_> = shares.iter().rev().take(threshold.into()).map(Share::words).collect();
        let words: Vec<&str> = words.iter().map(|words| words.as_str()).collect();
        let program = "import sys, shamir_mnemonic as s; print(s.combine_mnemonics(sys.argv[1:]).hex())";
        let Some(found) = python(program, &words) else { return };
        assert_eq!(found.trim(), SECRET, "{threshold} of {count}");
    }
}

#[test]
fn what_others_split_we_combine() {
    let program = "import sys, shamir_mnemonic as s
for extendable in (True, False):
    groups = s.generate_mnemonics(1, [(3, 5)], bytes.fromhex(sys.argv[1]), extendable=extendable)
    print('\\n'.join(groups[0][2:]))";
    let Some(words) = python(program, &[SECRET]) else { return };
    let shares: Vec<Share> = words.lines().map(|words| Share::parse(words).unwrap()).collect();
    assert_eq!(shares.len(), 6);
    for three in shares.chunks(3) {
        assert_eq!(data_encoding::HEXLOWER.encode(&combine(three, b"").unwrap()), SECRET);
    }
}
