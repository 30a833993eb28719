//! Signed charters.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(charter) = amanah::custody::Charter::parse(data) {
        for class in charter.classes() {
            charter.coalitions(&class.id);
        }
    }
});
