//! The one file that writes to the terminal. Its rules:
//!
//! - The answer goes to the standard output, everything else to the standard error output: a
//!   script can take the one and a person still sees the other.
//! - Nothing that could come from a record, a file or an argument reaches a terminal without
//!   [`printable`] or [`printable_lines`]. Bytes meant for a file go out as they are ([`Terminal::raw`]).
//! - A reader that has heard enough (`| head`) is no error: what follows is dropped silently.
//! - Questions and passphrases go to the terminal itself, see `prompt`.
//! - Messages are lower case and have no full stop.

use std::{
    cell::Cell,
    io::{self, ErrorKind, IsTerminal, Write},
    time::{Duration, Instant},
};

use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::ser::Formatter;

use crate::cli::{
    error::CliError,
    i18n::tr,
    printable::{is_unprintable, printable, printable_lines},
};

/// A progress bar appears when the work has taken this long: less is no wait.
const PROGRESS_AFTER: Duration = Duration::from_secs(1);

/// How wide a terminal is taken to be that does not know it itself.
const UNKNOWN_WIDTH: u16 = 80;

/// The terminal, or the pipes that stand in its place.
pub struct Terminal {
    json: bool,
    quiet: bool,
    output_closed: Cell<bool>,
}

impl Terminal {
    /// `json`: answers and errors are for programs. `quiet`: no notes and no progress.
    pub fn new(json: bool, quiet: bool) -> Terminal {
        Terminal { json, quiet, output_closed: Cell::new(false) }
    }

    /// Whether answers are wanted as JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether there is somebody to ask: input and error output are a terminal.
    pub fn is_interactive(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether the reader of the answer has gone. A long listing can stop then.
    pub fn output_closed(&self) -> bool {
        self.output_closed.get()
    }

    /// Writes text of the answer, and a line break. Line breaks in it are kept: put text of
    /// others through [`printable`] first where a second line could deceive.
    ///
    /// # Errors
    /// The output could not be written, as with a full disk. A closed pipe is no error.
    pub fn answer(&self, text: &str) -> Result<(), CliError> {
        self.raw(format!("{}\n", printable_lines(text)).as_bytes())
    }

    /// Writes names and values as two columns.
    ///
    /// # Errors
    /// As [`Terminal::answer`].
    pub fn fields(&self, fields: impl IntoIterator<Item = (impl AsRef<str>, String)>) -> Result<(), CliError> {
        let mut table = self.blank_table();
        table.load_style(presets::NOTHING);
        for (name, value) in fields {
            table.add_row([printable(name.as_ref()).into_owned(), printable_lines(&value).into_owned()]);
        }
        self.answer(&table.trim_fmt())
    }

    /// Writes a table.
    ///
    /// # Errors
    /// As [`Terminal::answer`].
    pub fn table<R>(&self, header: &[String], rows: R) -> Result<(), CliError>
    where
        R: IntoIterator<Item = Vec<String>>,
    {
        let mut table = self.blank_table();
        table.set_header(header.iter().map(|cell| printable(cell).into_owned()));
        for row in rows {
            table.add_row(row.iter().map(|cell| printable_lines(cell).into_owned()));
        }
        self.answer(&table.trim_fmt())
    }

    /// Writes one JSON value on one line. Invisible and acting characters are escaped in it as
    /// `\uXXXX`, which a program reads as the same text.
    ///
    /// # Errors
    /// As [`Terminal::answer`].
    pub fn json<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), CliError> {
        let mut bytes = json_line(value).map_err(|error| CliError::Output { source: error.into() })?;
        bytes.push(b'\n');
        self.raw(&bytes)
    }

    /// Writes bytes of the answer as they are: a file that happens to go to the standard output.
    ///
    /// # Errors
    /// As [`Terminal::answer`].
    pub fn raw(&self, bytes: &[u8]) -> Result<(), CliError> {
        if self.output_closed.get() {
            return Ok(());
        }
        let mut output = io::stdout().lock();
        match output.write_all(bytes).and_then(|()| output.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.output_closed.set(true);
                Ok(())
            }
            Err(source) => Err(CliError::Output { source }),
        }
    }

    /// Does something on a page of its own, which is gone afterwards, also after a mistake or Ctrl-C:
    /// neither the screen nor what it remembers keeps what was shown there.
    pub fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        let _page = io::stderr().is_terminal().then(Page::open);
        work()
    }

    /// Says something in passing. Not with `--quiet`.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.error(text);
        }
    }

    /// Says something that has to be seen, with `warning:` before it.
    pub fn warn(&self, text: &str) {
        self.error(&format!("{}: {text}", tr!("label-warning")));
    }

    /// A line on the standard error output.
    pub(crate) fn error(&self, text: &str) {
        // Nobody is left to be told when this cannot be written.
        let _ = writeln!(io::stderr().lock(), "{}", printable_lines(text));
    }

    pub(crate) fn error_json(&self, value: &serde_json::Value) {
        if let Ok(bytes) = json_line(value) {
            let _ = io::stderr().lock().write_all(&[&bytes[..], b"\n"].concat());
        }
    }

    /// Shows how far a piece of work has come, on a terminal and only if it takes long.
    /// `total` is the number of steps, where it is known.
    pub fn progress(&self, label: &str, total: Option<u64>) -> Progress {
        let wanted = !self.quiet && !self.json && io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        let template =
            if total.is_some() { "{msg} {bar:30} {percent:>3}% {eta}" } else { "{msg} {spinner} {human_pos}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(printable(label).into_owned());
        Progress { bar, show_at: wanted.then(|| Instant::now() + PROGRESS_AFTER) }
    }

    fn blank_table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        if io::stdout().is_terminal() {
            table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
            // A serial line or a container does not know its width, and says 0: a letter to a line.
            if table.width() == Some(0) {
                table.set_width(UNKNOWN_WIDTH);
            }
        }
        table
    }
}

/// A page of its own. A terminal that does not know such pages shows it where it stands.
struct Page;

impl Page {
    fn open() -> Page {
        Page::turn("\x1b[?1049h\x1b[2J\x1b[H");
        Page
    }

    fn turn(code: &str) {
        // Nobody is left to be told when this cannot be written.
        let _ = io::stderr().lock().write_all(code.as_bytes());
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        Page::turn("\x1b[2J\x1b[?1049l");
    }
}

/// How far a piece of work has come. The bar goes away when this is dropped.
pub struct Progress {
    bar: ProgressBar,
    show_at: Option<Instant>,
}

impl Progress {
    /// So many steps more are done.
    pub fn add(&mut self, steps: u64) {
        self.bar.inc(steps);
        self.show();
    }

    /// So many steps are done in all.
    pub fn set(&mut self, steps: u64) {
        self.bar.set_position(steps);
        self.show();
    }

    fn show(&mut self) {
        if self.show_at.is_some_and(|at| Instant::now() >= at) {
            self.show_at = None;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn json_line<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, Escaping))?;
    Ok(bytes)
}

/// Writes JSON in which unprintable characters are escaped, also those that JSON lets stand.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_unprintable) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let mut chars = rest[at..].chars();
            if let Some(c) = chars.next() {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_hides_nothing_and_loses_nothing() {
        let text = "a\u{202e}b\u{9b}\u{e0041}\u{1b}\n\"é";
        let line = String::from_utf8(json_line(text).unwrap()).unwrap();
        assert_eq!(line, r#""a\u202eb\u009b\udb40\udc41\u001b\n\"é""#);
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }

    #[test]
    fn progress_waits_before_it_shows() {
        let mut progress = Terminal::new(false, false).progress("x", Some(3));
        progress.show_at = Some(Instant::now() + PROGRESS_AFTER);
        progress.add(1);
        assert!(progress.show_at.is_some());
        progress.show_at = Some(Instant::now());
        progress.set(2);
        assert!(progress.show_at.is_none());
    }
}
