//! `amanah charter amend apply`: puts a signed amendment into force.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::cli::{
    charter::amend::read,
    context::Context,
    error::CliResult,
    group::rotate::{as_json, tell},
    i18n::tr,
    work::{self, Watcher},
};

/// The arguments of `amanah charter amend apply`.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// The amendment; several copies of it, signed by different people, count together
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ApplyArgs, context: &Context) -> CliResult {
    let mut amendments = args.files.iter().map(|path| read(path)).collect::<CliResult<Vec<_>>>()?.into_iter();
    let Some(mut amendment) = amendments.next() else { return Ok(()) };
    for other in amendments {
        amendment.merge(&other)?;
    }
    let watcher = Watcher::new(&context.terminal);
    let (sequence, rotated, waiting, stale) = work::with_vault(context, |vault, actor| {
        let sequence = vault.amend_charter(actor, &amendment)?;
        let (mut rotated, mut waiting) = (Vec::new(), Vec::new());
        for key in amendment.keys() {
            if vault.not_handed_on(&key.group)?.is_empty() {
                continue;
            }
            if actor.groups().contains(&key.group) {
                rotated.push((key.group.clone(), vault.hand_on(actor, &key.group, &watcher)?));
            } else {
                waiting.push(key.group.clone());
            }
        }
        let mut stale = vault.paper()?;
        stale.retain(|paper| amendment.keys().iter().any(|key| key.group == paper.group) && paper.split.is_some());
        Ok((sequence, rotated, waiting, stale))
    })?;
    let version = amendment.next().version();
    if context.is_json() {
        let groups: Vec<_> = stale.iter().map(|paper| &paper.group).collect();
        let rotated: Vec<_> = rotated.iter().map(|(group, rotated)| as_json(group, rotated)).collect();
        let answer = json!({ "version": version, "entry": sequence, "handed_on": rotated, "waiting": waiting, "paper_stale": groups });
        return Ok(context.terminal.json(&answer)?);
    }
    context.terminal.note(&tr!("amend-applied", version = version));
    for (group, rotated) in &rotated {
        tell(group, rotated, context);
    }
    for group in &waiting {
        context.terminal.warn(&tr!("rotate-waiting", group = group));
    }
    for paper in &stale {
        context.terminal.warn(&tr!("recovery-is-stale", group = &paper.group));
    }
    Ok(())
}
