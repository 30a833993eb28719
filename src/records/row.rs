//! One row of a table that is imported: its cells, and the values they make.

use std::fmt;

use zeroize::Zeroizing;

use super::{
    input::parse_text,
    schema::{Field, FieldType},
    value::{Value, ValueError},
};
use crate::{
    id::Id,
    problem::{Kind as ProblemKind, Problem},
};

/// A row of a table, as it was read.
pub struct Row {
    /// The number that a spreadsheet shows beside it: the heading is row 1.
    pub number: u64,
    /// As many as the table has columns.
    pub(super) cells: Vec<Zeroizing<String>>,
}

/// What a column of a table holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column<'s> {
    /// The heading, as it stands in the file.
    pub heading: String,
    /// The field; `None` if the column is left out.
    pub field: Option<&'s Field>,
}

impl Row {
    /// The text in the column of a field; `None` if the table has no such column.
    pub fn text(&self, columns: &[Column<'_>], field: &str) -> Option<&str> {
        let at = columns.iter().position(|column| column.field.is_some_and(|own| own.id == field))?;
        self.cells.get(at).map(|cell| cell.as_str())
    }

    /// The values of the row, in the order of the columns, empty cells as [`Value::Null`].
    ///
    /// `find` is asked for the record that is meant where the cell of a reference is not an id: a
    /// spreadsheet names a child by its code.
    ///
    /// # Errors
    /// Every cell that is wrong, so that all can be put right at once.
    pub fn values<'s>(
        &self,
        columns: &[Column<'s>],
        mut find: impl FnMut(&Field, &str) -> Option<Id>,
    ) -> Result<Vec<(&'s Field, Value)>, Vec<CellError>> {
        let mut values = Vec::with_capacity(columns.len());
        let mut errors = Vec::new();
        for (column, cell) in columns.iter().zip(&self.cells) {
            let Some(field) = column.field else { continue };
            let value = match parse_text(field, cell) {
                Err(ValueError::Reference { .. }) if field.field_type == FieldType::Reference => {
                    find(field, cell.trim())
                        .map(Value::Reference)
                        .ok_or_else(|| ValueError::Reference { field: field.id.clone() })
                }
                other => other,
            };
            match value {
                Ok(value) => values.push((field, value)),
                Err(error) => {
                    errors.push(CellError { row: self.number, column: column.heading.clone(), error });
                }
            }
        }
        if errors.is_empty() { Ok(values) } else { Err(errors) }
    }
}

/// A cell that is wrong: `row 7, column Tanggal lahir: birth_date must be a date: ...`. The
/// heading is shown because it names a field, or stands in the map of columns; the content of the
/// cell is not.
#[derive(Debug)]
pub struct CellError {
    /// The number that a spreadsheet shows beside the row.
    pub row: u64,
    /// The heading of the column.
    pub column: String,
    /// What is wrong. Its own sentence, in the reader's language, belongs where the placeholder
    /// `problem` stands, and its own hint after it.
    pub error: ValueError,
}

impl CellError {
    /// The code of the sentence around the value's own.
    pub const CODE: &'static str = "table-cell";
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}, column {}: {}", self.row, self.column, self.error)
    }
}

impl std::error::Error for CellError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl Problem for CellError {
    fn code(&self) -> &'static str {
        Self::CODE
    }

    fn kind(&self) -> ProblemKind {
        ProblemKind::Input
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        vec![("row", self.row.to_string()), ("column", self.column.clone()), ("problem", self.error.to_string())]
    }
}
