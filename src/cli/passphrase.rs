//! Where passphrases come from: the terminal, a file descriptor, or a file. Never an argument or
//! the environment, which other processes can read.

use std::{
    cell::RefCell,
    fs::File,
    io::{self, ErrorKind, Read},
    path::PathBuf,
};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::cli::{error::CliError, i18n::tr, terminal::Terminal};

/// The shortest passphrase for a new identity, in characters. The file may be copied and guessed
/// at elsewhere, where only scrypt slows the guesser down.
pub const SHORTEST: usize = 12;

/// The longest passphrase, in bytes. A file that is not a passphrase file is noticed early.
pub const LONGEST: usize = 1024;

/// How often a new passphrase is asked for before giving up.
const ATTEMPTS: usize = 3;

/// Where passphrases come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Asked at the terminal.
    Terminal,
    /// Lines of an open file descriptor of this process.
    Descriptor(u32),
    /// Lines of a file.
    File(PathBuf),
}

/// Gives the passphrases of one run of the program.
///
/// From a file or a descriptor each passphrase is the next line: a command that wants the present
/// and a new one takes the first and the second line.
pub struct Passphrases {
    source: Source,
    open: RefCell<Option<File>>,
}

impl Passphrases {
    /// Passphrases from there. Nothing is opened yet.
    pub fn new(source: Source) -> Passphrases {
        Passphrases { source, open: RefCell::new(None) }
    }

    /// Whether a person types them, who can be asked again after a mistake.
    pub fn is_typed(&self) -> bool {
        self.source == Source::Terminal
    }

    /// A passphrase that exists. `question` says which, without a colon.
    ///
    /// # Errors
    /// There is no terminal, the source cannot be read, or it has no line left.
    pub fn present(&self, terminal: &Terminal, question: &str) -> Result<SecretString, CliError> {
        match &self.source {
            Source::Terminal => terminal.secret(question),
            Source::Descriptor(_) | Source::File(_) => self.next_line(),
        }
    }

    /// A passphrase for something new: asked for twice at the terminal, and not too short.
    ///
    /// # Errors
    /// As [`Passphrases::present`]; [`CliError::PassphraseShort`], [`CliError::PassphraseMismatch`].
    pub fn fresh(&self, terminal: &Terminal, question: &str) -> Result<SecretString, CliError> {
        if !self.is_typed() {
            let passphrase = self.next_line()?;
            check_length(&passphrase)?;
            return Ok(passphrase);
        }
        let mut attempt = 1;
        loop {
            let error = match ask_twice(terminal, question) {
                Err(error @ (CliError::PassphraseShort { .. } | CliError::PassphraseMismatch)) => error,
                other => return other,
            };
            if attempt == ATTEMPTS {
                return Err(error);
            }
            attempt += 1;
            terminal.warn(&crate::cli::report::sentence(&error, crate::cli::i18n::language()));
        }
    }

    fn next_line(&self) -> Result<SecretString, CliError> {
        // A path to the descriptor, because taking the number itself cannot be done safely in Rust.
        let path = match &self.source {
            Source::Terminal => return Err(CliError::NoTerminal),
            Source::Descriptor(number) => PathBuf::from(format!("/dev/fd/{number}")),
            Source::File(path) => path.clone(),
        };
        let from = path.display().to_string();
        let failed = |source| CliError::PassphraseSource { from: from.clone(), source };
        let mut open = self.open.borrow_mut();
        let file = match &mut *open {
            Some(file) => file,
            None => open.insert(File::open(&path).map_err(failed)?),
        };
        let line = read_line(file).map_err(failed)?.ok_or(CliError::PassphraseLong { most: LONGEST })?;
        if line.is_empty() {
            return Err(CliError::PassphraseMissing { from });
        }
        match std::str::from_utf8(&line) {
            Ok(text) => Ok(SecretString::from(Box::<str>::from(text))),
            Err(_) => Err(CliError::PassphraseNotText { from }),
        }
    }
}

fn ask_twice(terminal: &Terminal, question: &str) -> Result<SecretString, CliError> {
    let first = terminal.secret(question)?;
    check_length(&first)?;
    let second = terminal.secret(&tr!("passphrase-again"))?;
    if first.expose_secret() != second.expose_secret() {
        return Err(CliError::PassphraseMismatch);
    }
    Ok(first)
}

fn check_length(passphrase: &SecretString) -> Result<(), CliError> {
    let text = passphrase.expose_secret();
    if text.len() > LONGEST {
        return Err(CliError::PassphraseLong { most: LONGEST });
    }
    if text.chars().count() < SHORTEST {
        return Err(CliError::PassphraseShort { least: SHORTEST });
    }
    Ok(())
}

/// Reads up to a line break, which is not part of the line; `None` if it is longer than
/// [`LONGEST`]. Byte by byte: a buffer would keep a copy, and take what a later reader of the
/// same descriptor should get.
fn read_line(from: &mut impl Read) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    // Room for a carriage return before the line break. It never grows, which would leave copies.
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
    let mut byte = Zeroizing::new([0]);
    loop {
        match from.read(&mut *byte) {
            Ok(0) => break,
            Ok(_) if byte[0] == b'\n' => break,
            Ok(_) if line.len() > LONGEST => return Ok(None),
            Ok(_) => line.push(byte[0]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok((line.len() <= LONGEST).then_some(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problem;

    fn passphrases(content: &[u8]) -> (Passphrases, tempfile::NamedTempFile) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        (Passphrases::new(Source::File(file.path().to_owned())), file)
    }

    #[test]
    fn each_line_is_a_passphrase() {
        let (passphrases, _file) = passphrases("the old one, señor\r\nthe new one, longer\n".as_bytes());
        let terminal = Terminal::new(false, false);
        assert_eq!(passphrases.present(&terminal, "").unwrap().expose_secret(), "the old one, señor");
        assert_eq!(passphrases.fresh(&terminal, "").unwrap().expose_secret(), "the new one, longer");
        assert_eq!(passphrases.present(&terminal, "").unwrap_err().code(), "passphrase-missing");
    }

    #[test]
    fn bad_sources() {
        let terminal = Terminal::new(false, false);
        let code = |content: &[u8]| passphrases(content).0.fresh(&terminal, "").unwrap_err().code();
        assert_eq!(code(b""), "passphrase-missing");
        assert_eq!(code(b"\nsecond line"), "passphrase-missing");
        assert_eq!(code(b"short"), "passphrase-short");
        assert_eq!(code(b"not \xff utf-8 text"), "passphrase-not-text");
        assert_eq!(code(&[b'x'; LONGEST + 1]), "passphrase-long");
        assert_eq!(code(&[b'x'; LONGEST + 2]), "passphrase-long");
        let (longest, _file) = passphrases(&[b'x'; LONGEST]);
        assert!(longest.fresh(&terminal, "").is_ok());
        let nowhere = Passphrases::new(Source::File("/no/such/file".into()));
        assert_eq!(nowhere.present(&terminal, "").unwrap_err().code(), "passphrase-source");
    }

    #[test]
    fn a_descriptor_is_read_where_it_stands() {
        use std::os::fd::AsRawFd;
        let (reader, mut writer) = io::pipe().unwrap();
        io::Write::write_all(&mut writer, b"correct horse battery\nmore").unwrap();
        let number = u32::try_from(reader.as_raw_fd()).unwrap();
        let passphrases = Passphrases::new(Source::Descriptor(number));
        let terminal = Terminal::new(false, false);
        assert_eq!(passphrases.present(&terminal, "").unwrap().expose_secret(), "correct horse battery");
        drop(writer);
        assert_eq!(passphrases.present(&terminal, "").unwrap().expose_secret(), "more");
    }
}
