//! Checkpoints: nothing that a stranger writes is taken for one of a log.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| amanah_fuzz::checkpoint(data));
