//! Items of the journal: what is read is what would be written.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(item) = amanah::vault::item::Item::decode(data) {
        assert_eq!(item.encode(), data);
    }
});
