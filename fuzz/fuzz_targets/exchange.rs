//! What goes between institutions in one file: charters, requests, answers, statements.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| amanah_fuzz::exchange(data));
