//! Drafts of charters, and all that can be wrong with them.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &str| {
    if let Ok(draft) = amanah::custody::Draft::read(data, "draft", std::path::Path::new("/nonexistent")) {
        draft.faults();
    }
});
