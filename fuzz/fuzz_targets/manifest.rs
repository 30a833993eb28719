//! Manifests of exports: what is read is what would be written, and nothing of it panics.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(manifest) = amanah::audit::export::Manifest::parse(data) {
        assert_eq!(manifest.to_bytes(), data);
        assert!(manifest.head().is_ok() && manifest.range_proof().is_ok());
    }
    let _ = amanah::audit::export::Disclosed::parse(data);
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = amanah::audit::unusual::rules::Rules::parse(text);
    }
});
