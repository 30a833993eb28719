//! `amanah lock`: ends every agent of this user.

use serde_json::json;

use super::{end, folder, is_private};
use crate::cli::{context::Context, error::CliResult, i18n::tr};

/// Does it.
///
/// # Errors
/// The answer cannot be written.
pub fn run(context: &Context) -> CliResult {
    let folder = folder();
    let mut ended = 0_u64;
    if is_private(&folder) {
        let files = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
        for socket in files.filter(|path| path.extension().is_some_and(|own| own == "sock")) {
            ended += u64::from(end(&socket));
        }
    }
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "ended": ended }))?);
    }
    context.terminal.note(&tr!("agent-locked", count = ended));
    Ok(())
}
