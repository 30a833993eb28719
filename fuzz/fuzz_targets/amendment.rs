//! Amendments: what is read is what would be written, and none that a stranger writes passes.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(amendment) = amanah::custody::Amendment::parse(data) {
        assert_eq!(amendment.to_bytes(), data);
        let _ = amendment.check_content();
    }
});
