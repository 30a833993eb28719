//! What a record is: the schema and its kinds and fields, the values they take, how people type
//! them, and how a spreadsheet of them is read.
//!
//! Nothing here knows of keys, files or vaults. A [`schema::Schema`] says which fields a kind of
//! record has and of which class each is; a [`value::Value`] is what stands in one field;
//! [`template::sentra`] is the schema that comes with the software; [`table::Table`] reads rows to
//! import; [`synthetic`] makes registers of invented people for demonstrations and measurements.

pub mod input;
pub mod label;
pub mod nik;
pub mod row;
pub mod schema;
mod schema_file;
pub mod succession;
pub mod synthetic;
pub mod table;
pub mod template;
pub mod text;
pub mod value;
pub mod wide;

#[cfg(test)]
mod tests {
    use super::*;

    /// Every code has its hint in English, and its sentence and hint in Indonesian.
    #[test]
    fn every_error_is_translated() {
        let english = include_str!("../../i18n/en/errors-records.ftl");
        let indonesian = include_str!("../../i18n/id/errors-records.ftl");
        let codes = [
            schema::SchemaError::CODES,
            succession::SuccessionError::CODES,
            value::ValueError::CODES,
            nik::NumberWarning::CODES,
            table::TableError::CODES,
            &[row::CellError::CODE],
        ];
        for code in codes.concat() {
            let has = |text: &str, key: &str| text.lines().any(|line| line.starts_with(&format!("{key}-{code} = ")));
            assert!(has(english, "hint"), "no English hint for {code}");
            assert!(has(indonesian, "err"), "no Indonesian sentence for {code}");
            assert!(has(indonesian, "hint"), "no Indonesian hint for {code}");
        }
    }
}
