//! Group keys.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(key) = amanah::custody::GroupKey::parse(data) {
        assert_eq!(key.to_bytes(), data);
    }
});
