//! `amanah charter amend propose`: proposes the next charter.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::{
    cli::{
        charter::amend::show,
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        work,
    },
    crypto::random::SystemRandom,
    custody::{Charter, GroupKey, Proposal},
    vault,
};

/// Largest text that is read, in bytes: a charter.
const MAX_TEXT: u64 = 1_000_000;

/// The arguments of `amanah charter amend propose`.
#[derive(Debug, Args)]
pub struct ProposeArgs {
    /// The next charter: what `amanah charter show --toml` writes, edited
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where the amendment goes, and the keys it needs.
    #[command(flatten)]
    pub output: Output,
}

/// Where an amendment goes, and the keys that it needs and the proposer cannot make.
#[derive(Debug, Args)]
pub struct Output {
    /// Where to write the amendment
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// The new key of a group of another body, made there with `amanah keys group`; can be repeated
    #[arg(long = "key", value_name = "FILE")]
    pub keys: Vec<PathBuf>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ProposeArgs, context: &Context) -> CliResult {
    let name = args.file.display().to_string();
    let text = work::read_text(&args.file, MAX_TEXT)?;
    let folder = args.file.parent().unwrap_or(Path::new("."));
    propose(&args.output, context, |charter| Ok(Proposal::from_toml(charter, &unsigned(&text), &name, folder)?))
}

/// Makes an amendment of what `fill` proposes, signs it as the person whose identity was given,
/// writes it and shows what it changes.
pub fn propose(
    output: &Output,
    context: &Context,
    fill: impl for<'c> FnOnce(&'c Charter) -> CliResult<Proposal<'c>>,
) -> CliResult {
    if output.output.exists() {
        return Err(CliError::FileExists { path: output.output.display().to_string() }.into());
    }
    let dir = context.vault()?;
    vault::identify(dir)?;
    let vault = work::open(context, dir)?;
    let charter = vault.charter().clone();
    vault.leave()?;
    let mut proposal = fill(&charter)?;
    for path in &output.keys {
        proposal.give_key(GroupKey::parse(&work::read_file(path, MAX_TEXT)?)?);
    }
    let identity = work::unlock(context)?;
    let maker = (identity.member.as_str(), &identity.signing);
    let amendment = proposal.build(maker, &mut SystemRandom::new(), jiff::Timestamp::now())?;
    work::write_new(&output.output, &amendment.to_bytes())?;
    show::show(&amendment, context)?;
    context.terminal.note(&tr!("amend-proposed", file = output.output.display().to_string()));
    Ok(())
}

/// The TOML of a text that may be a whole note, as `amanah charter show --toml` writes it. Its first
/// line becomes a comment, so that the others keep their numbers.
fn unsigned(text: &str) -> String {
    let text = if text.starts_with("amanah charter/1\n") { format!("# {text}") } else { text.to_owned() };
    // The cards in it are notes as well: only at the end of all stand the signatures of the charter.
    let signatures = |rest: &str| rest.lines().skip(1).all(|line| line.starts_with("\u{2014} "));
    match text.rsplit_once("\n\n\u{2014} ") {
        Some((toml, rest)) if signatures(rest) => format!("{toml}\n"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::unsigned;

    #[test]
    fn only_the_signatures_of_the_charter_are_taken_off() {
        let card = "[[member]]\ncard = \"\"\"\namanah card/1\n\n\u{2014} kpai/ani x\n\"\"\"\n";
        let note = format!("amanah charter/1\n{card}\n\u{2014} handayani/siti x\n\u{2014} kpai/ani y\n");
        assert_eq!(unsigned(&note), format!("# amanah charter/1\n{card}"));
        assert_eq!(unsigned(card), card);
    }
}
