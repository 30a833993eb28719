//! What a record is: the schema and its kinds and fields, the values they take, how people type
//! them, and how a spreadsheet of them is read.
//!
//! Nothing here knows of keys, files or vaults. A [`schema::Schema`] says which fields a kind of
//! record has and of which class each is; a [`value::Value`] is what stands in one field;
//! [`template::sentra`] is the schema that comes with the software; [`table::Table`] reads rows to
//! import; [`synthetic`] makes registers of invented people for demonstrations and measurements.

pub mod input;
pub mod label;
pub mod names;
pub mod nik;
pub mod row;
pub mod schema;
mod schema_file;
pub mod search;
pub mod succession;
pub mod synthetic;
pub mod table;
pub mod template;
pub mod text;
pub mod value;
pub mod wide;
