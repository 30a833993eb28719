//! Questions at the terminal. `inquire` draws them on the standard error output, and reads keys
//! from the terminal even where the standard input is a file; `rpassword` uses the terminal itself.

use std::{cell::RefCell, env, io, rc::Rc};

use inquire::{
    CustomUserError, InquireError, MultiSelect, Select, Text,
    autocompletion::{Autocomplete, Replacement},
    ui::{Color, RenderConfig, Styled},
    validator::{ErrorMessage, Validation},
};
use secrecy::SecretString;
use zeroize::Zeroize;

use crate::cli::{
    error::CliError,
    form::{Ask, Asked, Line},
    i18n::tr,
    printable::printable,
    terminal::Terminal,
};

/// Rows of a list of choices that are shown at once.
const PAGE: usize = 12;

impl Terminal {
    /// Asks a question that is answered with yes or no.
    ///
    /// # Errors
    /// [`CliError::NoTerminal`] where nobody can be asked, [`CliError::Stopped`] on Esc or Ctrl-C.
    pub fn confirm(&self, question: &str, default: bool) -> Result<bool, CliError> {
        let mut terminal = self;
        let options = [tr!("form-no"), tr!("form-yes")];
        match terminal.choose(question, &tr!("form-help-choice"), &options, usize::from(default))? {
            Asked::Answer(index) => Ok(index == 1),
            Asked::Stopped(_) => Err(CliError::Stopped),
        }
    }

    /// Asks for one line of text that is not empty.
    ///
    /// # Errors
    /// As [`Terminal::confirm`].
    pub fn ask_line(&self, question: &str, help: &str) -> Result<String, CliError> {
        let mut terminal = self;
        let check = |text: &str| if text.trim().is_empty() { Err(tr!("form-required")) } else { Ok(()) };
        match terminal.line(Line { label: question, help, initial: "", check: &check })? {
            Asked::Answer(text) => Ok(text.trim().to_owned()),
            Asked::Stopped(_) => Err(CliError::Stopped),
        }
    }

    /// Waits until the Enter key is pressed.
    ///
    /// # Errors
    /// As [`Terminal::confirm`].
    pub fn pause(&self, text: &str) -> Result<(), CliError> {
        let mut terminal = self;
        // As a question: Ctrl-C is an answer then, and the page can be taken away.
        match terminal.line(Line { label: text, help: "", initial: "", check: &|_| Ok(()) })? {
            Asked::Answer(_) => Ok(()),
            Asked::Stopped(_) => Err(CliError::Stopped),
        }
    }

    /// Asks for a passphrase; nothing of it is shown.
    pub(crate) fn secret(&self, question: &str) -> Result<SecretString, CliError> {
        let question = format!("{}: ", printable(question));
        let mut typed = rpassword::prompt_password(question).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof => CliError::Stopped,
            // ENXIO, where the process has no controlling terminal, has no kind of its own.
            _ if !self.is_interactive() => CliError::NoTerminal,
            _ => CliError::Prompt { source: error },
        })?;
        // A box of the exact size: shrinking the string would leave a copy behind.
        let secret = SecretString::from(Box::<str>::from(typed.as_str()));
        typed.zeroize();
        Ok(secret)
    }
}

impl Ask for &Terminal {
    fn line(&mut self, line: Line<'_>) -> Result<Asked<String>, CliError> {
        let label = printable(line.label);
        let help = printable(line.help);
        let typed = Typed::new(line.initial);
        let check = |text: &str| {
            Ok(match (line.check)(text) {
                Ok(()) => Validation::Valid,
                Err(message) => Validation::Invalid(ErrorMessage::Custom(printable(&message).into_owned())),
            })
        };
        let initial = printable(line.initial);
        let mut prompt =
            Text::new(&label).with_initial_value(&initial).with_validator(check).with_autocomplete(typed.clone());
        if !help.is_empty() {
            prompt = prompt.with_help_message(&help);
        }
        let stopped = tr!("form-stopped");
        finish(prompt.with_render_config(look(&stopped)).prompt(), || typed.take())
    }

    fn choose(&mut self, label: &str, help: &str, options: &[String], start: usize) -> Result<Asked<usize>, CliError> {
        let label = printable(label);
        let help = printable(help);
        let options: Vec<String> = options.iter().map(|option| printable(option).into_owned()).collect();
        let start = start.min(options.len().saturating_sub(1));
        let mut prompt = Select::new(&label, options).with_starting_cursor(start).with_page_size(PAGE);
        prompt = if help.is_empty() { prompt.without_help_message() } else { prompt.with_help_message(&help) };
        let stopped = tr!("form-stopped");
        finish(prompt.with_render_config(look(&stopped)).raw_prompt().map(|option| option.index), String::new)
    }

    fn choose_many(
        &mut self,
        label: &str,
        help: &str,
        options: &[String],
        chosen: &[usize],
    ) -> Result<Asked<Vec<usize>>, CliError> {
        let label = printable(label);
        let help = printable(help);
        let options: Vec<String> = options.iter().map(|option| printable(option).into_owned()).collect();
        let mut prompt = MultiSelect::new(&label, options).with_default(chosen).with_page_size(PAGE);
        prompt = if help.is_empty() { prompt.without_help_message() } else { prompt.with_help_message(&help) };
        let stopped = tr!("form-stopped");
        let chosen = prompt.with_render_config(look(&stopped)).raw_prompt();
        finish(chosen.map(|options| options.iter().map(|option| option.index).collect()), String::new)
    }

    fn say(&mut self, text: &str) {
        self.error(text);
    }
}

/// How questions look: as `inquire` draws them, but for the word behind one that was stopped, which
/// it has in English only.
fn look(stopped: &str) -> RenderConfig<'_> {
    match env::var_os("NO_COLOR") {
        None => {
            RenderConfig::default_colored().with_canceled_prompt_indicator(Styled::new(stopped).with_fg(Color::DarkRed))
        }
        Some(_) => RenderConfig::empty().with_canceled_prompt_indicator(Styled::new(stopped)),
    }
}

fn finish<T>(result: Result<T, InquireError>, typed: impl FnOnce() -> String) -> Result<Asked<T>, CliError> {
    match result {
        Ok(answer) => Ok(Asked::Answer(answer)),
        Err(InquireError::OperationCanceled | InquireError::OperationInterrupted) => Ok(Asked::Stopped(typed())),
        Err(InquireError::NotTTY) => Err(CliError::NoTerminal),
        Err(InquireError::IO(error)) if no_terminal(&error) => Err(CliError::NoTerminal),
        Err(InquireError::IO(source)) => Err(CliError::Prompt { source }),
        Err(other) => Err(CliError::Prompt { source: io::Error::other(other) }),
    }
}

/// Opening `/dev/tty` without a controlling terminal: ENXIO; asking a file for its mode: ENOTTY.
fn no_terminal(error: &io::Error) -> bool {
    let errno = rustix::io::Errno::from_io_error(error);
    matches!(errno, Some(rustix::io::Errno::NXIO | rustix::io::Errno::NOTTY)) || error.kind() == io::ErrorKind::NotFound
}

/// Remembers the line as it is typed, so that what was typed is not lost when the person stops.
/// It stands where suggestions would be made, because that is what is told of each change.
#[derive(Clone)]
struct Typed(Rc<RefCell<String>>);

impl Typed {
    fn new(initial: &str) -> Typed {
        Typed(Rc::new(RefCell::new(initial.to_owned())))
    }

    fn take(&self) -> String {
        self.0.take()
    }
}

impl Autocomplete for Typed {
    fn get_suggestions(&mut self, input: &str) -> Result<Vec<String>, CustomUserError> {
        let mut typed = self.0.borrow_mut();
        typed.zeroize();
        typed.push_str(input);
        Ok(Vec::new())
    }

    fn get_completion(&mut self, _: &str, _: Option<String>) -> Result<Replacement, CustomUserError> {
        Ok(None)
    }
}
