//! Signed notes: what is read is what would be written.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(note) = amanah::crypto::note::Note::parse(data) {
        assert_eq!(note.to_bytes(), data);
    }
});
