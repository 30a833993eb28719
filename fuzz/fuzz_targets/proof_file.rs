//! Proof files: what is read is what would be written, and checking never panics.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(proof) = amanah::ledger::proof_file::ProofFile::parse(data) {
        assert_eq!(proof.to_bytes(), data);
        let _ = proof.verify(proof.extra.as_deref().unwrap_or_default());
    }
});
