//! What is wrong with a command line: `clap`'s errors as problems of our own, which have a
//! sentence and a hint in both languages.

use std::{error::Error, ffi::OsString};

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::error::CliError;

/// The problem that `clap` found in a command line. `command` is the command it stands under, as
/// in `amanah record show`.
pub(crate) fn problem(error: &clap::Error, command: String) -> CliError {
    let get = |kind| error.get(kind).map(text).unwrap_or_default();
    let argument = get(ContextKind::InvalidArg);
    let value = get(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::UnknownArgument => {
            CliError::UnknownArgument { argument, suggestion: get(ContextKind::SuggestedArg), command }
        }
        ErrorKind::InvalidSubcommand => {
            let name = get(ContextKind::InvalidSubcommand);
            CliError::UnknownCommand { name, suggestion: get(ContextKind::SuggestedSubcommand), command }
        }
        ErrorKind::MissingSubcommand => CliError::MissingCommand { command },
        ErrorKind::MissingRequiredArgument => CliError::MissingArgument { arguments: argument, command },
        ErrorKind::InvalidValue if !value.is_empty() => {
            CliError::InvalidChoice { argument, value, allowed: get(ContextKind::ValidValue), command }
        }
        ErrorKind::InvalidValue | ErrorKind::NoEquals | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            CliError::MissingValue { argument, allowed: get(ContextKind::ValidValue), command }
        }
        ErrorKind::ValueValidation => own(error).unwrap_or(CliError::InvalidValue { argument, value, command }),
        ErrorKind::ArgumentConflict => {
            let other = get(ContextKind::PriorArg);
            if other.is_empty() || other == argument {
                CliError::Repeated { argument, command }
            } else {
                CliError::Conflict { argument, other, command }
            }
        }
        ErrorKind::TooManyValues => CliError::TooMany { argument, value, command },
        ErrorKind::InvalidUtf8 => CliError::NotText { command },
        _ => CliError::Misread { command },
    }
}

/// The command that the words lead to: `amanah record show`.
pub(crate) fn path(program: &clap::Command, words: &[OsString]) -> String {
    let mut path = program.get_name().to_owned();
    let mut command = program;
    for word in words.iter().skip(1).take_while(|&word| word != "--") {
        if let Some(sub) = command.find_subcommand(word) {
            path = format!("{path} {}", sub.get_name());
            command = sub;
        }
    }
    path
}

/// The problem, where one of our own types refused the value.
fn own(error: &clap::Error) -> Option<CliError> {
    match error.source()?.downcast_ref()? {
        CliError::RecordReference => Some(CliError::RecordReference),
        CliError::Assignment { value } => Some(CliError::Assignment { value: value.clone() }),
        CliError::UnlockTime { value } => Some(CliError::UnlockTime { value: value.clone() }),
        CliError::Moment { value } => Some(CliError::Moment { value: value.clone() }),
        _ => None,
    }
}

fn text(value: &ContextValue) -> String {
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cli::{i18n::Language, parse::parse},
        problem::{Kind, Problem},
    };

    fn problem(line: &str) -> CliError {
        let words: Vec<OsString> = format!("amanah {line}").split_whitespace().map(OsString::from).collect();
        match parse(&words, Language::En) {
            Err(problem) => problem,
            Ok(parsed) => panic!("{parsed:?}"),
        }
    }

    #[test]
    fn each_mistake_has_its_problem() {
        for (line, code, sentence) in [
            ("init x --scheme y", "usage-unknown-argument", "there is no argument --scheme"),
            ("recrd", "usage-unknown-command", "there is no command recrd"),
            ("record show", "usage-missing-argument", "this must be given: <RECORD>"),
            ("--lang fr audit verify", "usage-invalid-choice", "fr is not a choice for --lang <LANGUAGE>"),
            ("audit verify --vault", "usage-missing-value", "--vault <DIR> wants a value"),
            (
                "audit verify --lock-timeout soon",
                "usage-invalid-value",
                "soon is not a value for --lock-timeout <SECONDS>",
            ),
            ("audit verify --json --json", "usage-repeated", "--json can be given only once"),
            (
                "audit verify --passphrase-fd 3 --passphrase-file f",
                "usage-conflict",
                "--passphrase-fd <NUMBER> cannot be given together with --passphrase-file <FILE>",
            ),
            ("record edit 4wvtm1 alias", "usage-assignment", "alias does not have the form FIELD=VALUE"),
            ("audit log --since noon", "usage-moment", "noon is not a date or a time"),
            ("audit verify x", "usage-unknown-argument", "there is no argument x"),
        ] {
            let problem = problem(line);
            assert_eq!((problem.code(), problem.to_string().as_str()), (code, sentence), "{line}");
            assert_eq!(problem.kind(), Kind::Usage);
        }
    }

    #[test]
    fn suggestions_and_the_command_for_the_hint() {
        let problem = problem("record show --purpos x");
        let CliError::UnknownArgument { suggestion, command, .. } = problem else { panic!("{problem}") };
        assert_eq!((suggestion.as_str(), command.as_str()), ("--purpose", "amanah record show"));
    }
}
