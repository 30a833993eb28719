//! Shares that somebody types, or that stand in a file.

use zeroize::Zeroizing;

use super::SharesArgs;
use crate::{
    cli::{
        context::Context,
        error::{CliError, CliResult},
        form::{Ask as _, Asked, Line},
        i18n::tr,
        report, work,
    },
    crypto::slip39::Share,
};

/// Largest file of shares, in bytes: 16 of the longest, with remarks.
const MAX_FILE: u64 = 64 * 1024;

/// The shares: from the file, or asked for one after the other until there are enough. Each is
/// checked as it is typed.
pub fn shares(args: &SharesArgs, context: &Context) -> CliResult<Vec<Share>> {
    match &args.from {
        Some(path) => {
            let text = Zeroizing::new(work::read_text(path, MAX_FILE)?);
            let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
            lines
                .map(|(at, line)| {
                    Share::parse(line).map_err(|error| {
                        let why = report::sentence(&error, context.language);
                        CliError::BadShare { line: at + 1, why }.into()
                    })
                })
                .collect()
        }
        None if context.terminal.is_interactive() => context.terminal.aside(|| ask(args, context)),
        None => Err(CliError::NoTerminal.into()),
    }
}

fn ask(args: &SharesArgs, context: &Context) -> CliResult<Vec<Share>> {
    let mut shares: Vec<Share> = Vec::new();
    loop {
        let wanted = shares.first().map(|share| usize::from(share.threshold));
        if wanted.is_some_and(|wanted| shares.len() >= wanted) {
            return Ok(shares);
        }
        let check = |text: &str| {
            let share = Share::parse(text).map_err(|error| report::sentence(&error, context.language))?;
            match shares.first() {
                Some(first) if first.identifier != share.identifier => Err(tr!("recovery-other-set")),
                Some(_) if shares.iter().any(|own| own.index == share.index) => Err(tr!("recovery-same-share")),
                _ => Ok(()),
            }
        };
        let label = match wanted {
            Some(wanted) => {
                tr!("recovery-ask-next", group = &args.group, number = shares.len() + 1, wanted = wanted)
            }
            None => tr!("recovery-ask-first", group = &args.group),
        };
        let line = Line { label: &label, help: &tr!("recovery-ask-help"), initial: "", check: &check };
        match (&mut &context.terminal).line(line)? {
            Asked::Answer(text) => shares.push(Share::parse(&Zeroizing::new(text))?),
            Asked::Stopped(text) => {
                drop(Zeroizing::new(text));
                return Err(CliError::Stopped.into());
            }
        }
    }
}
