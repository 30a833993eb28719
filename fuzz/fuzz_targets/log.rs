//! A file of the ledger, read to its end or refused.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| amanah_fuzz::log_segment(data));
