//! Tables to import.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| amanah_fuzz::table(data));
