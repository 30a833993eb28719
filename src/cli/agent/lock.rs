//! `amanah lock`: ends every agent of this user.

use serde_json::json;

use super::{End, end, folder, is_private};
use crate::cli::{
    context::Context,
    error::{CliError, CliResult},
    i18n::tr,
};

/// Does it.
///
/// # Errors
/// An agent that does not say that it ends; the answer cannot be written.
pub fn run(context: &Context) -> CliResult {
    let folder = folder();
    let (mut ended, mut silent) = (0_u64, false);
    if is_private(&folder) {
        let files = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
        for socket in files.filter(|path| path.extension().is_some_and(|own| own == "sock")) {
            match end(&socket) {
                End::Nobody => {}
                End::Ended => ended += 1,
                End::Silent => silent = true,
            }
        }
    }
    if silent {
        return Err(CliError::AgentSilent.into());
    }
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "ended": ended }))?);
    }
    context.terminal.note(&tr!("agent-locked", count = ended));
    Ok(())
}
