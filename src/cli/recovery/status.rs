//! `amanah recovery status`: which groups have their key on paper.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    cli::{audit::log::local_time, context::Context, error::CliResult, i18n::tr, work},
    vault::{PaperState, item::PaperItem},
};

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(context: &Context) -> CliResult {
    let vault = work::open(context, context.vault()?)?;
    let found = vault.paper();
    let zone = vault.charter().time_zone().to_owned();
    vault.leave()?;
    let found = found?;
    if context.is_json() {
        return Ok(context.terminal.json(&found.iter().map(as_json).collect::<Vec<_>>())?);
    }
    let row = |state: &PaperState| {
        let paper = match &state.split {
            None => tr!("recovery-none"),
            Some((paper, _)) if paper.epoch < state.epoch => tr!("recovery-stale", epoch = paper.epoch),
            Some((paper, _)) => tr!("recovery-of", threshold = paper.threshold, shares = paper.shares),
        };
        let time = |at: &Option<(PaperItem, Timestamp)>| match at {
            Some((_, time)) => local_time(*time, &zone),
            None => tr!("witness-never"),
        };
        let set = state.split.as_ref().map(|(paper, _)| paper.set.to_string()).unwrap_or_default();
        vec![state.group.clone(), state.epoch.to_string(), paper, set, time(&state.split), time(&state.drill)]
    };
    let header = [
        tr!("field-group"),
        tr!("field-epoch"),
        tr!("field-paper"),
        tr!("field-set"),
        tr!("field-split"),
        tr!("field-drill"),
    ];
    Ok(context.terminal.table(&header, found.iter().map(row))?)
}

fn as_json(state: &PaperState) -> Value {
    let one = |at: &Option<(PaperItem, Timestamp)>| {
        at.as_ref().map(|(paper, time)| {
            json!({
                "epoch": paper.epoch, "threshold": paper.threshold, "shares": paper.shares, "set": paper.set,
                "time": time,
            })
        })
    };
    json!({
        "group": state.group, "epoch": state.epoch, "current": state.is_current(),
        "split": one(&state.split), "drill": one(&state.drill),
    })
}
