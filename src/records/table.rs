//! Tables to import: comma-, semicolon- or tab-separated files, as spreadsheets write them.
//!
//! The first row holds the headings. A heading is the key of a field or its label in either
//! language, whatever the case and the spaces; a [`ColumnMap`] names the others. Rows are read one
//! by one, each bounded, so that a file may be of any length.

use std::{
    collections::BTreeMap,
    io::{self, Chain, Cursor, Read},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use zeroize::Zeroizing;

pub use super::row::{CellError, Column, Row};
use super::{
    label::fold,
    schema::{Field, Kind, place},
};
use crate::problem::problems;

/// Bytes of a row. Far more than a row of any schema needs; a quote that is never closed would
/// otherwise read the rest of the file into one cell.
pub const MAX_ROW: usize = 1024 * 1024;
/// Columns of a table: twice the fields that a kind may have.
pub const MAX_COLUMNS: usize = 400;

/// Bytes at the beginning that are looked at to find the separator. Holds any row of headings.
const HEAD: usize = 64 * 1024;
/// Bytes that the reader of rows asks for at once, and may therefore read beyond a row.
const BUFFER: usize = 8 * 1024;
/// A last row of our own, after the end of the last of the file: if it is not read as one, a quote
/// before it was never closed.
const END: &[u8] = b"\n\x1e\n";
/// The same where lines end as on Windows: the lines are counted, so it must not mix.
const END_WINDOWS: &[u8] = b"\r\n\x1e\r\n";

/// Which fields columns hold whose headings do not name one.
///
/// A TOML document, headings to fields; an empty field leaves the column out:
///
/// ```toml
/// "Tgl. lahir" = "birth_date"
/// "No." = ""
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnMap(BTreeMap<String, Option<String>>);

impl ColumnMap {
    /// Reads a map for tables of `kind`.
    ///
    /// # Errors
    /// If it is not such a document, or names a field that the kind does not have, or a heading
    /// twice.
    pub fn parse(text: &str, kind: &Kind) -> Result<ColumnMap, TableError> {
        let raw: BTreeMap<String, String> = toml::from_str(text)
            .map_err(|error: toml::de::Error| TableError::Map { reason: error.message().replace('\n', ", ") })?;
        let mut map = BTreeMap::new();
        for (heading, field) in raw {
            let target = match field.as_str() {
                "" => None,
                id if kind.field(id).is_some() => Some(field),
                _ => return Err(TableError::MapField { heading, kind: kind.id.clone() }),
            };
            if map.insert(fold(&heading), target).is_some() {
                return Err(TableError::MapTwice { heading });
            }
        }
        Ok(ColumnMap(map))
    }
}

/// A table that is being read.
///
/// Its iterator gives the rows that are not empty. After an error there are no more.
pub struct Table<'s, R: Read> {
    columns: Vec<Column<'s>>,
    reader: csv::Reader<Bounded<Source<R>>>,
    budget: Arc<AtomicUsize>,
    record: csv::ByteRecord,
    row: u64,
    finished: bool,
}

type Source<R> = Chain<Chain<Cursor<Vec<u8>>, R>, &'static [u8]>;

impl<'s, R: Read> Table<'s, R> {
    /// Reads the headings.
    ///
    /// # Errors
    /// If the file is not a table of text; if a heading names no field, or two the same; if a
    /// required field has no column. The parent field may be missing even where it is required: it
    /// may be given for the whole table.
    pub fn open(mut source: R, kind: &'s Kind, map: &ColumnMap) -> Result<Table<'s, R>, TableError> {
        let mut head = Vec::new();
        source.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(|source| TableError::Read { source })?;
        let (start, separator) = sniff(&head)?;
        head.drain(..start);
        let windows = head.iter().position(|&byte| byte == b'\n').is_some_and(|at| head[..at].ends_with(b"\r"));
        let end = if windows { END_WINDOWS } else { END };

        let budget = Arc::new(AtomicUsize::new(0));
        let source = Bounded { source: Cursor::new(head).chain(source).chain(end), budget: Arc::clone(&budget) };
        let reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(source);
        let mut table =
            Table { columns: Vec::new(), reader, budget, record: csv::ByteRecord::new(), row: 0, finished: false };
        if !table.read_record()? {
            return Err(TableError::Empty);
        }
        let headings = table.cells()?;
        table.columns = columns(&headings, kind, map)?;
        Ok(table)
    }

    /// The columns, in the order of the file.
    pub fn columns(&self) -> &[Column<'s>] {
        &self.columns
    }

    fn next_row(&mut self) -> Result<Option<Row>, TableError> {
        while self.read_record()? {
            let mut cells = self.cells()?;
            if cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            // A line break or a separator that should have been quoted shows as a row of another width.
            if cells.len() < self.columns.len() {
                return Err(TableError::ShortRow { row: self.row, cells: cells.len(), columns: self.columns.len() });
            }
            let beside = |at: usize| self.columns.get(at).is_none_or(|column| column.heading.is_empty());
            if let Some(at) =
                (0..cells.len()).find(|&at| beside(at) && cells.get(at).is_some_and(|cell| !cell.trim().is_empty()))
            {
                return Err(TableError::NoHeading { row: self.row, column: letters(at) });
            }
            cells.truncate(self.columns.len());
            return Ok(Some(Row { number: self.row, cells }));
        }
        Ok(None)
    }

    /// Reads one record and counts its row; false at the end.
    fn read_record(&mut self) -> Result<bool, TableError> {
        self.budget.store(MAX_ROW + BUFFER, Ordering::Relaxed);
        let before = self.reader.position().line();
        let read = self.reader.read_byte_record(&mut self.record);
        if self.budget.load(Ordering::Relaxed) == 0 {
            return Err(TableError::LongRow { row: self.row + 1, limit: MAX_ROW });
        }
        let read = read.map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(source) => TableError::Read { source },
            // The reader is told to take rows of any width and bytes of any kind.
            other => TableError::Read { source: io::Error::other(format!("{other:?}")) },
        })?;
        let swallowed =
            self.record.iter().next_back().is_some_and(|cell| cell.ends_with(END) || cell.ends_with(END_WINDOWS));
        if !read || swallowed {
            return Err(TableError::OpenQuote { row: self.row });
        }
        if self.record.len() == 1 && self.record.get(0) == Some(b"\x1e") {
            // Only behind the last row is it ours: what comes after another one is not passed over.
            return match self.reader.read_byte_record(&mut self.record) {
                Ok(false) => Ok(false),
                _ => Err(TableError::ShortRow { row: self.row + 1, cells: 0, columns: self.columns.len() }),
            };
        }
        // The reader passes over empty lines; a spreadsheet counts them. A row takes one line, and
        // one more for each line break in its cells.
        let lines = self.reader.position().line() - before;
        let inside = self.record.iter().flatten().filter(|&&byte| byte == b'\n').count() as u64;
        self.row += 1 + lines.saturating_sub(1 + inside);
        if self.record.len() > MAX_COLUMNS {
            return Err(TableError::Columns { row: self.row, limit: MAX_COLUMNS });
        }
        Ok(true)
    }

    fn cells(&self) -> Result<Vec<Zeroizing<String>>, TableError> {
        let text = |cell: &[u8]| std::str::from_utf8(cell).map(|text| Zeroizing::new(text.to_owned()));
        self.record.iter().map(text).collect::<Result<_, _>>().map_err(|_| TableError::Utf8 { row: self.row })
    }
}

impl<R: Read> Iterator for Table<'_, R> {
    type Item = Result<Row, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        let row = self.next_row().transpose();
        self.finished = !matches!(row, Some(Ok(_)));
        row
    }
}

/// A reader that stops when its budget is spent.
struct Bounded<R> {
    source: R,
    budget: Arc<AtomicUsize>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.budget.load(Ordering::Relaxed);
        let most = out.len().min(left);
        if most == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let read = self.source.read(out.get_mut(..most).unwrap_or_default())?;
        self.budget.store(left - read.min(left), Ordering::Relaxed);
        Ok(read)
    }
}

/// Where the rows begin, and what separates cells.
fn sniff(head: &[u8]) -> Result<(usize, u8), TableError> {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(TableError::Workbook);
    }
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return Err(TableError::Utf8 { row: 1 });
    }
    let start = if head.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
    let text = head.get(start..).unwrap_or_default();
    // A line by which a spreadsheet states the separator, and which it does not show.
    if let Some(&separator) = text.strip_prefix(b"sep=").and_then(|rest| rest.first())
        && let Some(line) = text.iter().position(|&byte| byte == b'\n')
        && matches!(text.get(5..line), Some(b"" | b"\r"))
        && matches!(separator, b',' | b';' | b'\t')
    {
        return Ok((start + line + 1, separator));
    }
    let mut counts = [(b',', 0usize), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    let mut heading = false;
    for &byte in text {
        match byte {
            b'"' => quoted = !quoted,
            // Empty lines may stand before the headings.
            b'\n' | b'\r' if !quoted && heading => break,
            b'\n' | b'\r' => {}
            _ => heading = true,
        }
        if let Some((_, count)) = counts.iter_mut().find(|(separator, _)| *separator == byte && !quoted) {
            *count += 1;
        }
    }
    let mut best = (b',', 0);
    for candidate in counts {
        if candidate.1 > best.1 {
            best = candidate;
        }
    }
    Ok((start, best.0))
}

fn columns<'s>(headings: &[Zeroizing<String>], kind: &'s Kind, map: &ColumnMap) -> Result<Vec<Column<'s>>, TableError> {
    let mut columns: Vec<Column<'s>> = Vec::with_capacity(headings.len());
    for (at, heading) in headings.iter().enumerate() {
        let heading = heading.trim();
        let field: Option<&Field> = match map.0.get(&fold(heading)) {
            _ if heading.is_empty() => None,
            Some(None) => None,
            Some(Some(id)) => kind.field(id),
            // A file without headings has data here: what stands there is not repeated.
            None => Some(
                kind.find_field(heading)
                    .ok_or_else(|| TableError::Heading { column: letters(at), kind: kind.id.clone() })?,
            ),
        };
        if let Some(field) = field
            && let Some(first) =
                columns.iter().position(|column| column.field.is_some_and(|other| other.id == field.id))
        {
            return Err(TableError::ColumnTwice {
                field: place(kind, field),
                first: letters(first),
                second: letters(at),
            });
        }
        columns.push(Column { heading: heading.to_owned(), field });
    }
    let has = |field: &Field| columns.iter().any(|column| column.field.is_some_and(|own| own.id == field.id));
    match kind.first_missing(|field| field.parent || has(field)) {
        Some(field) => Err(TableError::MissingColumn { field: place(kind, field) }),
        None => Ok(columns),
    }
}

/// The letters that a spreadsheet shows above a column, from 0: `A`, `Z`, `AA`.
fn letters(mut column: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.insert(0, char::from(b'A' + (column % 26) as u8));
        if column < 26 {
            return letters.into_iter().collect();
        }
        column = column / 26 - 1;
    }
}

problems! {
    /// What can be wrong with a table. Says where, never what stands there.
    pub enum TableError {
        /// The file could not be read.
        Read { source: io::Error } = Storage, "table-read",
            "the table cannot be read: {source}";
        /// No rows.
        Empty = Input, "table-empty",
            "the table is empty";
        /// A workbook, not a text file.
        Workbook = Input, "table-workbook",
            "the file is a workbook, not a table in a text file";
        /// Bytes that are not UTF-8.
        Utf8 { row: u64 } = Input, "table-utf8",
            "row {row} is not in UTF-8";
        /// A row beyond the limit.
        LongRow { row: u64, limit: usize } = Input, "table-long-row",
            "row {row} is longer than {limit} bytes";
        /// More columns than the limit.
        Columns { row: u64, limit: usize } = Input, "table-columns",
            "row {row} has more than {limit} columns";
        /// A quote that is not closed before the end of the file.
        OpenQuote { row: u64 } = Input, "table-open-quote",
            "after row {row}, a quotation mark is opened and never closed";
        /// Fewer cells than headings.
        ShortRow { row: u64, cells: usize, columns: usize } = Input, "table-short-row",
            "row {row} has {cells} of {columns} cells";
        /// Something stands in a column that has no heading.
        NoHeading { row: u64, column: String } = Input, "table-no-heading",
            "row {row} has something in column {column}, which has no heading";
        /// A heading that names no field.
        Heading { column: String, kind: String } = Input, "table-heading",
            "the heading of column {column} names no field of {kind}";
        /// Two headings for one field.
        ColumnTwice { field: String, first: String, second: String } = Input, "table-column-twice",
            "columns {first} and {second} are both for {field}";
        /// A required field without a column.
        MissingColumn { field: String } = Input, "table-missing-column",
            "no column is for {field}, which is required";
        /// The map is not one.
        Map { reason: String } = Input, "table-map",
            "the map of columns cannot be read: {reason}";
        /// The map names a field that the kind does not have.
        MapField { heading: String, kind: String } = Input, "table-map-field",
            "the map of columns gives {heading} to a field that {kind} does not have";
        /// The map names a heading twice.
        MapTwice { heading: String } = Input, "table-map-twice",
            "the map of columns names the heading {heading} twice";
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        id::Id,
        problem::Problem,
        records::{schema::Schema, template, value::Value},
    };

    const FAMILY: &str = "Kode keluarga,Nama kepala keluarga,Alamat\n";

    fn family() -> Schema {
        template::sentra()
    }

    /// Row numbers, with the text of their first cells.
    fn rows(file: &[u8]) -> Result<Vec<(u64, String)>, TableError> {
        let schema = family();
        let table = Table::open(file, schema.kind("family").unwrap(), &ColumnMap::default())?;
        table.map(|row| row.map(|row| (row.number, row.cells[0].to_string()))).collect()
    }

    fn code(file: &[u8]) -> Option<&'static str> {
        rows(file).err().map(|error| error.code())
    }

    #[test]
    fn separators_quotes_and_marks() {
        let bodies = [
            "Kode keluarga,Alamat\nK-1,Jalan Melati\nK-2,\"Jalan\nMawar, 2\"\n",
            "Kode keluarga;Alamat\r\nK-1;Jalan Melati\r\nK-2;\"Jalan\r\nMawar; 2\"\r\n",
            "family_code\taddress\nK-1\tJalan Melati\nK-2\t\"Jalan\nMawar \"\"2\"\"\"",
            "\u{feff}FAMILY  CODE,\"Address\"\nK-1,a\nK-2,b",
            "sep=;\r\nKode keluarga;Alamat, lengkap\r\nK-1;a\r\nK-2;b",
        ];
        let map = ColumnMap::parse("\"alamat, lengkap\" = \"address\"", family().kind("family").unwrap()).unwrap();
        for body in bodies {
            let schema = family();
            let table = Table::open(body.as_bytes(), schema.kind("family").unwrap(), &map).expect(body);
            let fields: Vec<_> =
                table.columns().iter().filter_map(|column| column.field).map(|field| field.id.as_str()).collect();
            assert_eq!(fields, ["family_code", "address"], "{body}");
            let rows: Vec<_> = table.map(|row| row.map(|row| row.number).unwrap()).collect();
            assert_eq!(rows, [2, 3], "{body}");
        }
    }

    /// The number is the one that a spreadsheet shows, whatever the line breaks within cells and
    /// the empty lines between rows.
    #[test]
    fn row_numbers() {
        for end in ["\n", "\r\n"] {
            for last in ["", end] {
                let lines = ["Kode keluarga,Alamat", "K-2,\"a\nb\nc\"", "", "", "K-5,x", ",", "K-7,y", "", "K-9,z"];
                let file = format!("{}{last}", lines.join(end));
                let rows = rows(file.as_bytes()).unwrap();
                let expected: Vec<_> = [2, 5, 7, 9].map(|n| (n, format!("K-{n}"))).into();
                assert_eq!(rows, expected, "{file:?}");
            }
        }
    }

    #[test]
    fn bad_files_are_refused() {
        let head = FAMILY.as_bytes();
        let with = |rest: &[u8]| code(&[head, rest].concat());
        assert_eq!(code(b""), Some("table-empty"));
        assert_eq!(code(b"\n\r\n"), Some("table-empty"));
        assert_eq!(code(b"PK\x03\x04\x14\x00"), Some("table-workbook"));
        assert_eq!(code(b"\xff\xfeK\x00o\x00"), Some("table-utf8"));
        assert_eq!(with(b"K-1,Jos\xe9,x\n"), Some("table-utf8"));
        assert_eq!(with(b"K-1,a,b\nK-2,a\n"), Some("table-short-row"));
        // Our own mark of the end, before the end.
        assert_eq!(with(b"K-1,a,b\n\x1e\nK-2,a,b\n"), Some("table-short-row"));
        assert_eq!(with(b"K-1,a,b\n\x1e"), Some("table-short-row"));
        assert_eq!(with(b"K-1,a,b,c\n"), Some("table-no-heading"));
        assert_eq!(with(b"K-1,a,b,,\n"), None);
        assert_eq!(with(b"K-1,\"a,b\nK-2,a,b\n"), Some("table-open-quote"));
        assert_eq!(with(b"K-1,a,\"b"), Some("table-open-quote"));
        assert_eq!(with(format!("K-1,a,{}\n", "x".repeat(MAX_ROW + 2 * BUFFER)).as_bytes()), Some("table-long-row"));
        assert_eq!(with(format!("K-1,a,{}\n", "x".repeat(MAX_ROW - 100)).as_bytes()), None);
        assert_eq!(code("a,".repeat(MAX_COLUMNS + 1).as_bytes()), Some("table-columns"));
        assert_eq!(code(b"Kode keluarga,family_code\n"), Some("table-column-twice"));
        assert_eq!(code(b"Alamat\n"), Some("table-missing-column"));
        // An empty heading is no column, as long as nothing stands under it.
        assert_eq!(code(b"Kode keluarga,,Alamat\nK-1,,x\n"), None);
        assert_eq!(code(b"Kode keluarga,,Alamat\nK-1,y,x\n"), Some("table-no-heading"));
    }

    /// A file without headings has a child's data in its first row.
    #[test]
    fn an_unknown_heading_is_not_repeated() {
        let error = rows(b"Kode keluarga,Siti Aminah\nK-1,x\n").unwrap_err();
        assert_eq!(error.to_string(), "the heading of column B names no field of family");
    }

    #[test]
    fn maps() {
        let schema = family();
        let kind = schema.kind("family").unwrap();
        let map = ColumnMap::parse("\"No.\" = \"\"\n\"KK\" = \"family_code\"", kind).unwrap();
        let table = Table::open(&b"No,kk,Alamat\n1,K-1,x\n"[..], kind, &map).unwrap();
        assert_eq!(table.columns().iter().filter(|column| column.field.is_some()).count(), 2);
        let code = |text: &str| ColumnMap::parse(text, kind).unwrap_err().code();
        assert_eq!(code("a = 1"), "table-map");
        assert_eq!(code("a = \"nik\""), "table-map-field");
        assert_eq!(code("\"No.\" = \"\"\nno = \"\""), "table-map-twice");
    }

    #[test]
    fn every_wrong_cell_is_named() {
        let schema = family();
        let kind = schema.kind("intake").unwrap();
        let file = "Anak,Tanggal penerimaan,Persetujuan anak\nA-1,2016-13-01,mungkin\nA-2,01/02/2016,ditolak\n";
        let mut table = Table::open(file.as_bytes(), kind, &ColumnMap::default()).unwrap();
        let columns = table.columns().to_vec();
        let row = table.next().unwrap().unwrap();
        assert_eq!(row.text(&columns, "child"), Some("A-1"));
        let errors = row.values(&columns, |_, _| Some(Id::ZERO)).unwrap_err();
        let said: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 2);
        assert!(said[0].starts_with("row 2, column Tanggal penerimaan: intake_date must be a date"), "{}", said[0]);
        assert!(said[1].starts_with("row 2, column Persetujuan anak: child_assent must be one of: "), "{}", said[1]);
        let row = table.next().unwrap().unwrap();
        let values = row.values(&columns, |_, code| (code == "A-2").then_some(Id::ZERO)).unwrap();
        assert_eq!(values[0].1, Value::Reference(Id::ZERO));
        assert_eq!(values[2].1, Value::Text("refused".into()));
        let errors = row.values(&columns, |_, _| None).unwrap_err();
        assert_eq!(errors[0].error.code(), "value-reference");
    }

    #[test]
    fn column_letters() {
        let shown = [0, 25, 26, 51, 52, 701, 702].map(letters);
        assert_eq!(shown, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }

    proptest! {
        /// What a writer of CSV writes is read back, with the rows where a spreadsheet has them.
        #[test]
        fn written_and_read(
            cells in proptest::collection::vec(("[a-z]{1,6}", "(\\PC|[\n;,\"\t]){0,12}"), 1..20),
            separator in prop_oneof![Just(b','), Just(b';'), Just(b'\t')],
        ) {
            let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
            writer.write_record(["Kode keluarga", "Alamat"]).unwrap();
            for (code, address) in &cells {
                writer.write_record([code, address]).unwrap();
            }
            let file = writer.into_inner().unwrap();
            let schema = family();
            let table = Table::open(&file[..], schema.kind("family").unwrap(), &ColumnMap::default()).unwrap();
            let columns = table.columns().to_vec();
            for (at, row) in table.enumerate() {
                let row = row.unwrap();
                prop_assert_eq!(row.number, at as u64 + 2);
                prop_assert_eq!(row.text(&columns, "address").unwrap(), &cells[at].1);
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>()) {
            let _ = rows(&[FAMILY.as_bytes(), &bytes].concat());
        }
    }
}
