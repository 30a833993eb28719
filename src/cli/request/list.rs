//! `amanah request list`: the requests, and what became of them.

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use crate::{
    cli::{context::Context, error::CliResult, i18n::tr, work},
    vault::{Exchange, State},
};

/// The arguments of `amanah request list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Those too that can no longer be answered
    #[arg(short, long)]
    pub all: bool,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ListArgs, context: &Context) -> CliResult {
    let vault = work::open(context, context.vault()?)?;
    let now = Timestamp::now();
    let listed = vault.exchanges().map(|exchanges| {
        let with_state = exchanges.into_iter().map(|exchange| (vault.state_of(&exchange, now), exchange));
        with_state.filter(|(state, _)| args.all || *state == State::Open).collect::<Vec<_>>()
    });
    vault.leave()?;
    let listed = listed?;
    if context.is_json() {
        let rows: Vec<_> = listed
            .iter()
            .map(|(state, exchange)| {
                let request = &exchange.request;
                json!({
                    "request": request.id(), "entry": exchange.sequence, "asker": request.asker(),
                    "purpose": request.purpose(), "until": request.until(), "records": request.records(),
                    "classes": request.classes(), "state": code(*state), "released": released(exchange),
                    "denied": exchange.deniers().collect::<Vec<_>>(),
                })
            })
            .collect();
        return Ok(context.terminal.json(&rows)?);
    }
    let header = [
        tr!("field-request"),
        tr!("field-actor"),
        tr!("field-purpose"),
        tr!("field-classes"),
        tr!("field-until"),
        tr!("field-state"),
        tr!("field-released"),
    ];
    let rows = listed.iter().map(|(state, exchange)| {
        let request = &exchange.request;
        vec![
            request.id().to_string(),
            request.asker().to_owned(),
            request.purpose().to_owned(),
            request.classes().join(", "),
            request.until().to_string(),
            words(*state),
            released(exchange).join(", "),
        ]
    });
    Ok(context.terminal.table(&header, rows)?)
}

/// The groups that have released.
pub fn released(exchange: &Exchange) -> Vec<&str> {
    exchange.releases.iter().map(|(_, release)| release.group()).collect()
}

/// A state, for programs.
pub fn code(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::Expired => "expired",
        State::Withdrawn => "withdrawn",
        State::Void => "void",
    }
}

/// A state in words.
pub fn words(state: State) -> String {
    match state {
        State::Open => tr!("request-open"),
        State::Expired => tr!("request-expired"),
        State::Withdrawn => tr!("request-withdrawn"),
        State::Void => tr!("request-void"),
    }
}
