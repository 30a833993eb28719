//! `amanah release deny`: denies a request.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::{must_be_given, must_be_new};
use crate::{
    cli::{context::Context, error::CliResult, i18n::tr, request::Named, work},
    custody::exchange::{Answer, AnswerFile},
    vault::Outside,
};

/// The arguments of `amanah release deny`.
#[derive(Debug, Args)]
pub struct DenyArgs {
    /// The request: its id, the first 6 or more characters of it, or a file
    #[arg(value_name = "REQUEST")]
    pub request: String,
    /// Why, in your own words; who asked can read it, your own body, and oversight
    #[arg(long, value_name = "TEXT")]
    pub because: String,
    /// Where to write the answer as a file, for who asked elsewhere
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &DenyArgs, context: &Context) -> CliResult {
    must_be_new(args.output.as_ref())?;
    let named = Named::read(&args.request)?;
    let file = if let (Named::File(file), true) = (&named, context.vault().is_err()) {
        must_be_given(args.output.as_ref(), "amanah release deny")?;
        let known = Outside::load(&work::state_folder(), file.request()?.vault())?;
        known.deny(&work::unlock(context)?, file, &args.because, Timestamp::now())?
    } else {
        work::with_vault(context, |vault, actor| {
            let request = named.request(vault)?;
            let (entry, ending) = vault.deny(actor, &request, &args.because)?;
            let answer = Answer::Denial(ending);
            match &args.output {
                Some(_) => Ok(vault.send_answer(actor, &request, entry, &answer, None)?),
                None => Ok(AnswerFile::new(&request, &answer)),
            }
        })?
    };
    if let Some(path) = &args.output {
        work::write_new(path, &file.to_bytes())?;
    }
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "request": file.request()?.id(), "file": args.output }))?);
    }
    context.terminal.note(&tr!("release-denied"));
    Ok(())
}
