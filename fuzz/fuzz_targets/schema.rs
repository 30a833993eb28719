//! Schemas.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &str| {
    if let Ok(schema) = amanah::records::schema::Schema::parse(data) {
        assert_eq!(schema.text(), data);
    }
});
