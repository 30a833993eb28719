//! What a witness is asked with.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| amanah_fuzz::witness_request(data));
