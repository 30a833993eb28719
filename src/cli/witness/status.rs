//! `amanah witness status`: shows what was cosigned last.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use crate::{
    cli::{audit::when::local_time, context::Context, error::CliResult, i18n::tr, work},
    vault::Cosigned,
};

/// The arguments of `amanah witness status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// The folder of a witness, to see what it has cosigned; otherwise the witnesses of the vault are shown
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &StatusArgs, context: &Context) -> CliResult {
    if let Some(dir) = &args.dir {
        return of_witness(dir, context);
    }
    let now = Timestamp::now();
    let vault = work::open(context, context.vault()?)?;
    let found = vault.cosigned(now);
    let enough = vault.require_witnessed(now);
    let zone = vault.charter().time_zone().to_owned();
    vault.leave()?;
    show(&found?, &zone, context)?;
    Ok(enough?)
}

/// Shows what witnesses have cosigned.
pub fn show(cosigned: &[Cosigned], zone: &str, context: &Context) -> CliResult {
    if context.is_json() {
        let one = |one: &Cosigned| {
            let last = one.last.as_ref();
            json!({
                "witness": one.witness.name(), "fresh": one.fresh,
                "size": last.map(|(head, _)| head.tree().size), "time": last.map(|(_, time)| time),
            })
        };
        return Ok(context.terminal.json(&cosigned.iter().map(one).collect::<Vec<_>>())?);
    }
    let row = |one: &Cosigned| {
        let (size, time) = match &one.last {
            Some((head, time)) => (head.tree().size.to_string(), local_time(*time, zone)),
            None => (String::new(), tr!("witness-never")),
        };
        let fresh = if one.fresh { tr!("form-yes") } else { tr!("form-no") };
        vec![one.witness.name().to_owned(), size, time, fresh]
    };
    let header = [tr!("field-witness"), tr!("field-cosigned"), tr!("field-time"), tr!("field-fresh")];
    Ok(context.terminal.table(&header, cosigned.iter().map(row))?)
}

fn of_witness(dir: &std::path::Path, context: &Context) -> CliResult {
    let watched = super::open(context, dir)?.watched()?;
    if context.is_json() {
        let rows: Vec<_> = watched
            .iter()
            .map(|one| {
                let last = one.last.as_ref();
                json!({ "log": one.key, "size": last.map(|(tree, _)| tree.size), "time": last.map(|(_, time)| time) })
            })
            .collect();
        return Ok(context.terminal.json(&rows)?);
    }
    let rows = watched.iter().map(|one| {
        let (size, time) = match &one.last {
            Some((tree, time)) => (tree.size.to_string(), local_time(*time, "UTC")),
            None => (String::new(), tr!("witness-never")),
        };
        vec![one.key.name().to_owned(), size, time]
    });
    Ok(context.terminal.table(&[tr!("field-log"), tr!("field-cosigned"), tr!("field-time")], rows)?)
}
