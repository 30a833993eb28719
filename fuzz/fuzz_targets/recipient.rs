//! Recipients, age's and of plugins.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| amanah_fuzz::recipient(data));
