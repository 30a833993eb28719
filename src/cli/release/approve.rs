//! `amanah release approve`: releases your group's shares of what a request names.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::{must_be_given, must_be_new};
use crate::{
    cli::{
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        request::{
            Named,
            show::{About, in_words},
        },
        work,
    },
    custody::{
        Release, Request,
        exchange::{Answer, AnswerFile, RequestFile},
    },
    vault::Outside,
};

/// The arguments of `amanah release approve`.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The request: its id, the first 6 or more characters of it, or a file
    #[arg(value_name = "REQUEST")]
    pub request: String,
    /// In the name of this group of yours; otherwise the first that holds a share
    #[arg(short, long, value_name = "GROUP")]
    pub group: Option<String>,
    /// Where to write the answer as a file, for who asked elsewhere; also one that was given before
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How many entries of the ledger who asked has seen, if not what the request says
    #[arg(long, value_name = "SIZE")]
    pub seen: Option<u64>,
    /// Release without being asked: what it is and why was read before, with `amanah request show`
    #[arg(long)]
    pub yes: bool,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ApproveArgs, context: &Context) -> CliResult {
    must_be_new(args.output.as_ref())?;
    let named = Named::read(&args.request)?;
    if let (Named::File(file), true) = (&named, context.vault().is_err()) {
        return outside(args, file, context);
    }
    let (entry, release, file) = work::with_vault(context, |vault, actor| {
        let request = named.request(vault)?;
        let group = args.group.as_deref();
        // What was given already is only written again.
        let given = args.output.as_ref().and_then(|_| vault.given(actor, &request, group).transpose());
        let (entry, release) = match given.transpose()? {
            Some(given) => given,
            None => {
                // What nobody has signed is refused below, with an entry.
                if asks(args, context) && request.check_signed(&vault.chain().all()).is_ok() {
                    let about = About::of(&request, vault)?;
                    agree(&about, vault.reason_given(actor, &request)?, &request, context)?;
                }
                vault.approve(actor, &request, group)?
            }
        };
        let answer = Answer::Release(Box::new(release.clone()));
        let send = |_: &PathBuf| vault.send_answer(actor, &request, entry, &answer, args.seen);
        let file = args.output.as_ref().map(send).transpose()?;
        Ok((entry, release, file))
    })?;
    done(args, Some(entry), &release, file.as_ref(), context)
}

/// Without the vault: what the file holds is all there is.
fn outside(args: &ApproveArgs, file: &RequestFile, context: &Context) -> CliResult {
    must_be_given(args.output.as_ref(), "amanah release approve")?;
    let known = Outside::load(&work::state_folder(), file.request()?.vault())?;
    let identity = work::unlock(context)?;
    if asks(args, context) {
        let about = About::of_file(file, &known)?;
        agree(&about, known.reason_given(&identity, file)?, &file.request()?, context)?;
    }
    let answer = known.approve(&identity, file, args.group.as_deref(), Timestamp::now())?;
    match answer.answer()? {
        Answer::Release(release) => done(args, None, &release, Some(&answer), context),
        Answer::Denial(_) => Ok(()),
    }
}

/// Whether a person is there to read what is released and why.
fn asks(args: &ApproveArgs, context: &Context) -> bool {
    !args.yes && !context.is_json() && context.terminal.is_interactive()
}

/// Shows what is asked for and why, and asks whether it is to be released.
fn agree(about: &About, reason: Option<String>, request: &Request, context: &Context) -> CliResult {
    let mut rows = about.rows();
    rows.push(in_words(reason));
    context.terminal.fields(rows)?;
    let asker = request.asker().to_owned();
    match context.terminal.confirm(&tr!("release-ask", asker = asker), false)? {
        true => Ok(()),
        false => Err(CliError::Stopped.into()),
    }
}

fn done(
    args: &ApproveArgs,
    entry: Option<u64>,
    release: &Release,
    file: Option<&AnswerFile>,
    context: &Context,
) -> CliResult {
    if let (Some(path), Some(file)) = (&args.output, file) {
        work::write_new(path, &file.to_bytes())?;
    }
    let count = release.envelopes().len();
    if context.is_json() {
        return Ok(context.terminal.json(&json!({
            "release": release.id(), "entry": entry, "group": release.group(), "for": release.asker(),
            "envelopes": count, "file": args.output,
        }))?);
    }
    let (group, asker) = (release.group().to_owned(), release.asker().to_owned());
    context.terminal.note(&tr!("release-made", count = count, group = group, asker = asker));
    Ok(())
}
