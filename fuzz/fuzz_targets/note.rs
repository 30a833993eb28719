//! Signed notes.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| amanah_fuzz::note(data));
