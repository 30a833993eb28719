//! What commands that work on a vault have in common: unlock, open, do, close.

use std::{
    cell::RefCell,
    env,
    io::Read as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::{
    cli::{
        agent,
        args::Why,
        context::Context,
        error::{CliError, CliResult},
        i18n::{Language, tr},
        record::draft,
        report, runs,
        terminal::{self, Terminal},
    },
    crypto::{
        age_wrap::{MAX_FILE, PluginUi, WrapError},
        identity::{Identity, IdentityError},
    },
    problem::{Kind, Problem as _},
    records::label::Lang,
    vault::{self, Access, Actor, Options, Progress, Task, Vault},
};

/// How often a typed passphrase may be wrong.
const ATTEMPTS: usize = 3;

impl Why {
    /// As the vault takes it.
    pub fn access(&self) -> Access<'_> {
        Access { purpose: self.purpose.as_deref(), reason: self.reason.as_deref() }
    }
}

impl From<Language> for Lang {
    fn from(language: Language) -> Lang {
        match language {
            Language::En => Lang::En,
            Language::Id => Lang::Id,
        }
    }
}

/// The folder where this client remembers the vaults that it has seen.
pub fn state_folder() -> PathBuf {
    let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("AMANAH_STATE")
        .or_else(|| variable("XDG_STATE_HOME").map(|folder| folder.join("amanah")))
        .or_else(|| variable("HOME").map(|folder| folder.join(".local/state/amanah")))
        .unwrap_or_else(|| PathBuf::from(".amanah-state"))
}

/// Opens the vault, does `work` as the person whose identity was given, and closes it. It is also
/// closed after an error: a refusal is in the ledger, and belongs under a checkpoint.
pub fn with_vault<T>(context: &Context, work: impl FnOnce(&mut Vault, &mut Actor) -> CliResult<T>) -> CliResult<T> {
    let (mut vault, mut actor) = enter(context)?;
    finish(context, work(&mut vault, &mut actor), vault, &mut actor)
}

/// Opens the vault and admits the person whose identity was given. Somebody who is not let in
/// leaves it as it was.
pub fn enter(context: &Context) -> CliResult<(Vault, Actor)> {
    let dir = context.vault()?;
    vault::identify(dir)?;
    let identity = unlock(context)?;
    let vault = open(context, dir)?;
    match vault.admit(identity) {
        Ok(actor) => Ok((vault, actor)),
        Err(error) => {
            vault.leave()?;
            Err(error.into())
        }
    }
}

/// Opens the vault again for somebody who is admitted already, does `work`, and closes it.
pub fn again<T>(
    context: &Context,
    actor: &mut Actor,
    work: impl FnOnce(&mut Vault, &mut Actor) -> CliResult<T>,
) -> CliResult<T> {
    let mut vault = open(context, context.vault()?)?;
    finish(context, work(&mut vault, actor), vault, actor)
}

fn finish<T>(context: &Context, done: CliResult<T>, vault: Vault, actor: &mut Actor) -> CliResult<T> {
    let closed = vault.close(actor);
    let value = done?;
    match closed {
        // What was done stands in the ledger. Whoever is told that it failed does it a second time.
        Err(error) if error.kind() == Kind::Storage => {
            let why = report::sentence(&error, context.language);
            context.terminal.warn(&tr!("not-closed", why = why));
        }
        closed => closed?,
    }
    Ok(value)
}

/// Opens a vault to look at what needs no key.
pub fn open(context: &Context, dir: &Path) -> CliResult<Vault> {
    let watcher = Watcher::new(&context.terminal);
    let options = Options { state: state_folder(), patience: context.lock_timeout, progress: &watcher };
    let vault = Vault::open(dir, &options)?;
    if vault.was_rebuilt() {
        context.terminal.note(&tr!("store-rebuilt"));
        // So it is after an erasure that was interrupted, too.
        let (erased, missed) = vault.note_erasures(&state_folder())?;
        for record in &erased {
            draft::remove_all_of(vault.id(), record)?;
        }
        for folder in missed {
            context.terminal.warn(&tr!("erased-not-told", folder = folder.as_str()));
        }
    }
    runs::warn(context, dir);
    // What is sealed is not released then; everything else goes on.
    if let Err(error) = vault.require_witnessed(jiff::Timestamp::now()) {
        context.terminal.warn(&report::sentence(&error, context.language));
    }
    Ok(vault)
}

/// Opens the identity file that was given, asking for its passphrase.
pub fn unlock(context: &Context) -> CliResult<Identity> {
    unlock_file(context, context.identity()?)
}

/// Opens an identity file: with what an agent keeps of it, else asking for its passphrase.
pub fn unlock_file(context: &Context, path: &Path) -> CliResult<Identity> {
    let file = read_file(path, MAX_FILE as u64)?;
    if let Some(kept) = agent::ask(&file)
        && let Ok(identity) = Identity::from_plaintext(&kept, Arc::new(TerminalUi))
    {
        return Ok(identity);
    }
    unlock_bytes(context, path, &file)
}

/// Opens the content of an identity file, asking for its passphrase.
pub fn unlock_bytes(context: &Context, path: &Path, file: &[u8]) -> CliResult<Identity> {
    with_passphrase(context, path, &|ask| Identity::from_file(file, ask, Arc::new(TerminalUi)))
}

/// Asks for a passphrase.
type Ask<'a> = &'a mut dyn FnMut() -> Option<SecretString>;

/// Opens a file for which a passphrase may be asked; again after a wrong one was typed.
pub fn with_passphrase<T>(
    context: &Context,
    path: &Path,
    open: &dyn Fn(Ask<'_>) -> Result<T, IdentityError>,
) -> CliResult<T> {
    let question = tr!("passphrase-of", file = path.display().to_string());
    let mut attempt = 1;
    loop {
        let failed = RefCell::new(None);
        let mut ask = || match context.passphrases.present(&context.terminal, &question) {
            Ok(passphrase) => Some(passphrase),
            Err(error) => {
                failed.replace(Some(error));
                None
            }
        };
        let opened = open(&mut ask);
        if let Some(error) = failed.take() {
            return Err(error.into());
        }
        match opened {
            Err(error @ IdentityError::Wrap(WrapError::WrongPassphrase))
                if context.passphrases.is_typed() && attempt < ATTEMPTS =>
            {
                context.terminal.warn(&report::sentence(&error, context.language));
                attempt += 1;
            }
            other => return Ok(other?),
        }
    }
}

/// Reads a file that a person named, up to a size.
pub fn read_file(path: &Path, most: u64) -> Result<Vec<u8>, CliError> {
    let name = || path.display().to_string();
    let failed = |source| CliError::FileUnreadable { path: name(), source };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        std::fs::File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(failed)?;
    }
    if bytes.len() as u64 > most {
        return Err(CliError::FileTooLarge { path: name(), most });
    }
    Ok(bytes)
}

/// Reads a text file that a person named, without a byte-order mark.
pub fn read_text(path: &Path, most: u64) -> Result<String, CliError> {
    let text = String::from_utf8(read_file(path, most)?);
    let text = text.map_err(|_| CliError::FileNotText { path: path.display().to_string() })?;
    Ok(text.strip_prefix('\u{feff}').map(ToOwned::to_owned).unwrap_or(text))
}

/// Writes a new file that only its owner can read; one that exists is left alone.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let failed = |source| unwritable(path, source);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half of it would stand in the way of the next try.
        let _ = std::fs::remove_file(path);
    }
    written.map_err(failed)
}

/// That a new file cannot be written; one that is there already wants other advice than a full disk.
pub fn unwritable(path: &Path, source: std::io::Error) -> CliError {
    let path = path.display().to_string();
    match source.kind() {
        std::io::ErrorKind::AlreadyExists => CliError::FileExists { path },
        _ => CliError::FileUnwritable { path, source },
    }
}

/// Shows long work at the terminal.
pub struct Watcher<'t> {
    terminal: &'t Terminal,
    bar: RefCell<Option<terminal::Progress>>,
}

impl<'t> Watcher<'t> {
    /// For this terminal.
    pub fn new(terminal: &'t Terminal) -> Self {
        Watcher { terminal, bar: RefCell::new(None) }
    }
}

impl Progress for Watcher<'_> {
    fn begin(&self, task: Task, total: u64) {
        let label = match task {
            Task::Rebuild => tr!("task-rebuild"),
            Task::Write => tr!("task-write"),
            Task::Read => tr!("task-read"),
            Task::Verify => tr!("task-verify"),
            Task::Rotate => tr!("task-rotate"),
            Task::Index => tr!("task-index"),
            Task::Publish => tr!("task-publish"),
            Task::Compact => tr!("task-compact"),
            Task::Erase => tr!("task-erase"),
            Task::Backup => tr!("task-backup"),
        };
        self.bar.replace(Some(self.terminal.progress(&label, Some(total))));
    }

    fn at(&self, done: u64) {
        if let Some(bar) = &mut *self.bar.borrow_mut() {
            bar.set(done);
        }
    }

    fn end(&self) {
        self.bar.replace(None);
    }

    fn waiting(&self, holder: Option<u32>) {
        let holder = holder.map_or_else(|| "?".to_owned(), |pid| pid.to_string());
        self.terminal.note(&tr!("lock-waiting", holder = holder));
    }
}

/// How an age plugin, or an SSH key, reaches the person at the terminal.
pub struct TerminalUi;

/// The SSH private key that is used: the one named in the environment, else OpenSSH's own.
fn ssh_key_file() -> Option<PathBuf> {
    match env::var_os("AMANAH_SSH_KEY") {
        Some(path) => Some(path.into()),
        None => env::var_os("HOME").map(|home| Path::new(&home).join(".ssh/id_ed25519")),
    }
}

impl PluginUi for TerminalUi {
    fn ssh_key(&self, _: &str) -> Option<Zeroizing<Vec<u8>>> {
        // Whether it is the right one, its public half tells.
        read_file(&ssh_key_file()?, MAX_FILE as u64).ok().map(Zeroizing::new)
    }

    fn ssh_passphrase(&self, _: &str) -> Option<SecretString> {
        let file = ssh_key_file()?.display().to_string();
        self.ask(&tr!("passphrase-of", file = file), true)
    }

    fn message(&self, text: &str) {
        Terminal::new(false, false).note(text);
    }

    fn confirm(&self, text: &str, yes: &str, no: Option<&str>) -> Option<bool> {
        let question = match no {
            Some(no) => format!("{text} ({yes} / {no})"),
            None => format!("{text} ({yes})"),
        };
        Terminal::new(false, false).confirm(&question, false).ok()
    }

    fn ask(&self, text: &str, secret: bool) -> Option<SecretString> {
        let terminal = Terminal::new(false, false);
        if secret { terminal.secret(text).ok() } else { terminal.ask_line(text, "").ok().map(SecretString::from) }
    }
}
