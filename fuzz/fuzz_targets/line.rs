//! Lines of the ledger: what is read is what would be written.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(line) = amanah::ledger::Line::parse(data) {
        assert_eq!(line.bytes(), data);
    }
});
