//! Keys of logs and witnesses: what is read is what would be written.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(key) = text.parse::<amanah::crypto::vkey::VerifierKey>()
    {
        assert_eq!(key.to_string(), text);
    }
});
