//! Identity files. No passphrase is given: scrypt is not what is fuzzed.
#![no_main]
use amanah::crypto::{age_wrap::Silent, identity::Identity};
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // A plugin's line would start a program: not here.
    if !data.starts_with(b"# amanah") {
        assert!(Identity::from_file(data, &mut || None, std::sync::Arc::new(Silent)).is_err());
    }
});
