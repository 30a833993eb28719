//! Cards.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(card) = amanah::custody::Card::parse(data) {
        assert_eq!(card.to_bytes(), data);
    }
});
