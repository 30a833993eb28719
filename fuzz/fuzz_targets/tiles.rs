//! A published log that somebody else serves.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| amanah_fuzz::tiles_folder(data));
