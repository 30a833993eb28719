//! The command line's help, in the language of the terminal.
//!
//! English help is written beside the commands and arguments. Other languages have it under
//! `help-COMMAND` and `help-COMMAND--ARGUMENT` (as in `help-record-show--field`), arguments of
//! several commands and global options under `help--ARGUMENT`, placeholders of values under
//! `value-NAME`. The first paragraph is the short help, all paragraphs are the long one.

use clap::{
    Arg, CommandFactory,
    builder::{Resettable, StyledStr, Styles},
};

use crate::cli::{
    i18n::{Language, TextArg},
    parse::Cli,
};

/// Wider lines than this are hard to read.
const WIDEST: usize = 100;

/// The command line as `clap` parses it, with help in this language.
pub fn command(language: Language) -> clap::Command {
    let command = translate(Cli::command(), "", language).styles(Styles::plain()).max_term_width(WIDEST);
    // The usage line is known once all is in place.
    let mut built = command.clone();
    built.build();
    with_usage(command, &mut built, language)
}

/// The key of a command's help; `path` is its names with `-` between them, empty for the program.
pub fn command_key(path: &str) -> String {
    format!("help-{}", if path.is_empty() { "amanah" } else { path })
}

/// The keys under which an argument's help is looked for, in this order.
pub fn argument_keys(path: &str, argument: &Arg) -> [String; 2] {
    let name = argument.get_long().unwrap_or(argument.get_id().as_str());
    [format!("help-{path}--{name}"), format!("help--{name}")]
}

/// The key of the placeholder of a value. `FIELD=VALUE` is no name for Fluent: `value-FIELD-VALUE`.
pub fn value_key(name: &str) -> String {
    format!("value-{}", name.replace('=', "-"))
}

/// The path of a command below another.
pub fn path_below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}-{name}") }
}

fn translate(command: clap::Command, path: &str, language: Language) -> clap::Command {
    let mut command = command.subcommand_value_name(language.text("usage-command", &[]));
    command = command.subcommand_help_heading(language.text("heading-commands", &[]));
    if let Some(text) = language.find(&command_key(path), &[]) {
        let (short, long) = paragraphs(&text);
        command = command.about(short).long_about(Resettable::from(long.map(StyledStr::from)));
    }
    // Arguments that stand in their place are told in the order of their places, not of their names.
    let mut place = 0;
    command = command.mut_args(|argument| {
        place += 1;
        let argument = translate_argument(argument, path, language);
        if argument.is_positional() { argument.display_order(place) } else { argument }
    });
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        let path = path_below(path, &name);
        command = command.mut_subcommand(name, |sub| translate(sub, &path, language));
    }
    command
}

fn translate_argument(argument: Arg, path: &str, language: Language) -> Arg {
    let heading = if argument.is_positional() {
        "heading-arguments"
    } else if argument.is_global_set() {
        "heading-globals"
    } else {
        "heading-options"
    };
    let translated = argument_keys(path, &argument).iter().find_map(|key| language.find(key, &[]));
    let (short, long) = match translated {
        Some(text) => paragraphs(&text),
        None => {
            let short = argument.get_help().map(ToString::to_string).unwrap_or_default();
            (short, argument.get_long_help().map(ToString::to_string))
        }
    };
    // `clap` writes these in English, and the values of the environment into the help.
    let extras = extras(&argument, language);
    let values: Vec<String> = argument
        .get_value_names()
        .unwrap_or_default()
        .iter()
        .map(|name| language.find(&value_key(name), &[]).unwrap_or_else(|| name.to_string()))
        .collect();
    let takes_values = argument.get_action().takes_values();
    let argument = argument
        .help_heading(language.text(heading, &[]))
        .help(format!("{short}{extras}"))
        .long_help(Resettable::from(long.map(|long| StyledStr::from(format!("{long}{extras}")))));
    if !takes_values {
        return argument;
    }
    let argument = argument.hide_default_value(true).hide_possible_values(true).hide_env(true);
    if values.is_empty() { argument } else { argument.value_names(values) }
}

/// What else is known of an argument: ` [default: 30]`.
fn extras(argument: &Arg, language: Language) -> String {
    let mut extras = String::new();
    let mut add = |key: &str, value: String| {
        extras.push(' ');
        extras.push_str(&language.text(key, &[("value", TextArg::from(value))]));
    };
    let possible = argument.get_possible_values();
    if argument.get_action().takes_values() && !possible.is_empty() {
        add("argument-one-of", possible.iter().map(|value| value.get_name()).collect::<Vec<_>>().join(", "));
    }
    let defaults = argument.get_default_values();
    if argument.get_action().takes_values() && !defaults.is_empty() {
        add("argument-default", defaults.iter().map(|value| value.to_string_lossy()).collect::<Vec<_>>().join(" "));
    }
    if let Some(name) = argument.get_env() {
        add("argument-environment", name.to_string_lossy().into_owned());
    }
    extras
}

fn with_usage(command: clap::Command, built: &mut clap::Command, language: Language) -> clap::Command {
    let usage = built.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim().replace("[OPTIONS]", &language.text("usage-options", &[]));
    let template = format!(
        "{{about-with-newline}}\n{}: {{usage}}\n\n{{all-args}}{{after-help}}",
        language.text("heading-usage", &[])
    );
    let mut command = command.override_usage(usage).help_template(template);
    for sub in built.get_subcommands_mut() {
        let name = sub.get_name().to_owned();
        command = command.mut_subcommand(name, |command| with_usage(command, sub, language));
    }
    command
}

/// The first paragraph, and all of them if there are more.
fn paragraphs(text: &str) -> (String, Option<String>) {
    let paragraphs: Vec<String> = text.split("\n\n").map(|paragraph| paragraph.trim().replace('\n', " ")).collect();
    let long = (paragraphs.len() > 1).then(|| paragraphs.join("\n\n"));
    (paragraphs.into_iter().next().unwrap_or_default(), long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound_in_both_languages() {
        for language in Language::ALL {
            command(language).debug_assert();
        }
    }

    #[test]
    fn no_english_is_left_in_indonesian_help() {
        fn walk(command: &mut clap::Command) {
            let help = command.render_long_help().to_string();
            for english in ["Usage", "[OPTIONS]", "Commands", "Options", "Arguments", "[default", "[env", "[possible"] {
                assert!(!help.contains(english), "{english} in {help}");
            }
            command.get_subcommands_mut().for_each(walk);
        }
        let mut command = command(Language::Id);
        command.build();
        walk(&mut command);
    }
}
