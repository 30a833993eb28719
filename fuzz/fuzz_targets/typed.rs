//! What people type into a field: what is stored is shown and taken again.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| amanah_fuzz::typed(data));
