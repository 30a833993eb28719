//! Identity files. No passphrase is given: scrypt is not what is fuzzed.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| amanah_fuzz::identity(data));
