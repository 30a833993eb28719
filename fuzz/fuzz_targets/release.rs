//! Releases, with the shares that go with them.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| amanah_fuzz::release(data));
