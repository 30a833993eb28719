//! What all commands share.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::cli::{
    error::CliError,
    i18n::{self, Language},
    parse::Globals,
    passphrase::{Passphrases, Source},
    terminal::Terminal,
};

/// What all commands share: the global options, and the terminal.
pub struct Context {
    vault: Option<PathBuf>,
    identity: Option<PathBuf>,
    /// The language of the terminal.
    pub language: Language,
    /// How long to wait for a vault that somebody else has open.
    pub lock_timeout: Duration,
    /// Where passphrases come from.
    pub passphrases: Passphrases,
    /// Where answers go, and who is asked: `form::fill(&mut &context.terminal, ...)`.
    pub terminal: Terminal,
}

impl Context {
    /// From the global options.
    pub fn new(globals: &Globals) -> Context {
        let source = match (globals.passphrase_fd, &globals.passphrase_file) {
            (Some(number), _) => Source::Descriptor(number),
            (None, Some(path)) => Source::File(path.clone()),
            (None, None) => Source::Terminal,
        };
        Context {
            vault: globals.vault.clone(),
            identity: globals.identity.clone(),
            language: i18n::language(),
            lock_timeout: Duration::from_secs(globals.lock_timeout),
            passphrases: Passphrases::new(source),
            terminal: Terminal::new(globals.json, globals.quiet),
        }
    }

    /// Whether answers are wanted as JSON.
    pub fn is_json(&self) -> bool {
        self.terminal.is_json()
    }

    /// The folder of the vault.
    ///
    /// # Errors
    /// [`CliError::NoVault`] if neither `--vault` nor `AMANAH_VAULT` says.
    pub fn vault(&self) -> Result<&Path, CliError> {
        self.vault.as_deref().ok_or(CliError::NoVault)
    }

    /// The identity file of the person.
    ///
    /// # Errors
    /// [`CliError::NoIdentity`] if neither `--identity` nor `AMANAH_IDENTITY` says.
    pub fn identity(&self) -> Result<&Path, CliError> {
        self.identity.as_deref().ok_or(CliError::NoIdentity)
    }
}
