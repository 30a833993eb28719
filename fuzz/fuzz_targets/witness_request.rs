//! What a witness is asked with: what is read is what would be written.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(request) = amanah::ledger::proof_file::WitnessRequest::parse(data) {
        assert_eq!(request.to_bytes(), data);
    }
});
