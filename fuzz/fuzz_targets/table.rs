//! Tables to import.
#![no_main]
use amanah::records::{table::{ColumnMap, Table}, template};
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let schema = template::sentra();
    let Some(kind) = schema.kind("child") else { return };
    let Ok(table) = Table::open(data, kind, &ColumnMap::default()) else { return };
    let columns = table.columns().to_vec();
    for row in table.flatten() {
        let _ = row.values(&columns, |_, _| None);
    }
});
