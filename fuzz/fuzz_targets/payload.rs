//! A segment of the journal: read to its end or refused, never a panic.
#![no_main]
use amanah::store::journal::{Position, Reader};
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let folder = std::env::temp_dir().join(format!("amanah-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("000001.amj"), data).unwrap();
    let mut reader = Reader::new(&folder, Position::START).unwrap();
    while let Ok(Some(_)) = reader.next_payload() {}
});
