//! Manifests of exports, what they disclose, and rules of what is unusual.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| amanah_fuzz::manifest(data));
