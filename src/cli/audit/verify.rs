//! `amanah audit verify`: verifies the ledger and everything that it commits to.

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        context::Context,
        error::CliResult,
        i18n::tr,
        work::{self, Watcher},
    },
    vault::{self, Depth, Options},
};

/// The arguments of `amanah audit verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Leave out the signatures of entries: several times as fast, but it does not say who wrote them
    #[arg(long)]
    pub no_signatures: bool,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &VerifyArgs, context: &Context) -> CliResult {
    let watcher = Watcher::new(&context.terminal);
    let options = Options { state: work::state_folder(), patience: context.lock_timeout, progress: &watcher };
    let depth = if args.no_signatures { Depth::WithoutSignatures } else { Depth::Whole };
    let found = vault::verify_to(context.vault()?, &options, depth)?;
    if context.is_json() {
        return Ok(context.terminal.json(&json!({
            "entries": found.entries, "payloads": found.payloads, "versions": found.versions,
            "erased": found.erased, "torn_lines": found.torn_lines, "checkpoint": found.checkpoint,
            "remembered": found.remembered, "cosigned": found.cosigned, "signatures": found.signatures, "store_rows": found.rows, "clock_set_back": found.backwards,
        }))?);
    }
    let or_none = |size: Option<u64>| size.map_or_else(|| tr!("verify-none"), |size| size.to_string());
    context.terminal.fields([
        (&*tr!("verify-entries"), found.entries.to_string()),
        (&*tr!("verify-payloads"), found.payloads.to_string()),
        (&*tr!("verify-versions"), found.versions.to_string()),
        (&*tr!("verify-erased"), found.erased.to_string()),
        (&*tr!("verify-checkpoint"), or_none(found.checkpoint)),
        (&*tr!("verify-remembered"), or_none(found.remembered)),
        (&*tr!("verify-cosigned"), or_none(found.cosigned.iter().max().copied())),
        (&*tr!("verify-rows"), or_none(found.rows)),
    ])?;
    if found.torn_lines > 0 {
        context.terminal.warn(&tr!("verify-torn", count = found.torn_lines));
    }
    for sequence in &found.backwards {
        context.terminal.warn(&tr!("verify-backwards", entry = *sequence));
    }
    if found.rows.is_none() {
        context.terminal.warn(&tr!("verify-no-store"));
    }
    if !found.signatures {
        context.terminal.warn(&tr!("verify-no-signatures"));
        return Ok(());
    }
    context.terminal.note(&tr!("verify-sound"));
    Ok(())
}
