//! The command line: one file per command, with its arguments and one function that does it.
//!
//! `parse` reads the command line, `context` holds what all commands share, `terminal` and
//! `prompt` are the only places that write and ask, `report` tells what went wrong.

pub mod agent;
pub mod args;
pub mod audit;
pub mod backup;
pub mod case;
pub mod charter;
pub mod completions;
pub mod context;
pub mod demo;
pub mod doctor;
pub mod error;
pub mod form;
pub mod glass;
pub mod group;
pub mod hardening;
pub mod help;
pub mod i18n;
pub mod import;
pub mod index;
pub mod init;
pub mod keys;
pub mod ledger;
pub mod member;
pub mod parse;
pub mod passphrase;
pub mod printable;
mod prompt;
pub mod rebuild;
pub mod recipient;
pub mod record;
pub mod recovery;
pub mod release;
pub mod report;
pub mod request;
pub mod retention;
pub mod runs;
pub mod schema;
pub mod terminal;
mod usage;
pub mod witness;
pub mod work;

use std::{
    env,
    ffi::OsString,
    panic::{self, AssertUnwindSafe},
    process::ExitCode,
    sync::{Mutex, PoisonError},
};

use crate::{
    cli::{
        context::Context,
        error::{CliError, CliResult},
        i18n::{Language, set_language, tr},
        parse::Parsed,
        terminal::Terminal,
    },
    problem::Kind,
};

/// Runs the program with the arguments and the environment of this process.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = env::args_os().collect();
    set_language(Language::choose(&words, |name| env::var_os(name)));
    // Errors of parsing have a form too, so this cannot wait until the words are parsed.
    let json = words.iter().take_while(|&word| word != "--").any(|word| word == "--json");
    let terminal = Terminal::new(json, false);

    hide_panics();
    for refused in hardening::harden() {
        terminal.warn(&tr!("not-hardened", what = refused));
    }
    // Everything of a run is dropped by the unwinding, and nothing of it is used afterwards.
    let code = match panic::catch_unwind(AssertUnwindSafe(|| run(&words, &terminal))) {
        Ok(Ok(code)) => code,
        Ok(Err(problem)) => report::report(problem.as_ref(), &terminal),
        Err(_) => report::report(&CliError::Defect { place: panic_place() }, &terminal),
    };
    ExitCode::from(code)
}

fn run(words: &[OsString], terminal: &Terminal) -> CliResult<u8> {
    match parse::parse(words, i18n::language())? {
        Parsed::Run(cli) => {
            let context = Context::new(&cli.globals);
            cli.command.run(&context)?;
            Ok(0)
        }
        Parsed::Answer(text) => {
            terminal.answer(text.trim_end())?;
            Ok(0)
        }
        Parsed::Nothing { command, .. } if terminal.is_json() => Err(CliError::MissingCommand { command }.into()),
        Parsed::Nothing { help, .. } => {
            terminal.error(help.trim_end());
            Ok(Kind::Usage.exit_code())
        }
    }
}

/// Where the last panic happened.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Keeps the message of a panic from the terminal: it can hold anything. Who looks for a defect
/// sets `RUST_BACKTRACE`, and sees everything.
fn hide_panics() {
    let in_full = env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0").then(panic::take_hook);
    panic::set_hook(Box::new(move |info| {
        *PLACE.lock().unwrap_or_else(PoisonError::into_inner) = info.location().map(ToString::to_string);
        if let Some(in_full) = &in_full {
            in_full(info);
        }
    }));
}

fn panic_place() -> String {
    PLACE.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_else(|| "?".to_owned())
}
