//! Amendments, as they go from body to body.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| amanah_fuzz::amendment(data));
