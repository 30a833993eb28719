//! Charters as people write them, and all that can be wrong with them.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| amanah_fuzz::draft(data));
