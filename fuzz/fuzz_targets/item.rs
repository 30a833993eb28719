//! Items of the journal, envelopes among them.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| amanah_fuzz::item(data));
