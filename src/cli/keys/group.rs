//! `amanah keys group`: makes the key of a group, for its members.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        keys::{new::kind, show::MAX_CARD},
        work,
    },
    crypto::{age_wrap::DecryptionKey, random::SystemRandom},
    custody::{Card, GroupKey},
    id::body_of,
};

/// The arguments of `amanah keys group`.
#[derive(Debug, Args)]
pub struct GroupArgs {
    /// The group: body/name, as in kpai/reviewers
    #[arg(value_name = "GROUP")]
    pub group: String,
    /// The cards of its members
    #[arg(value_name = "CARD", required = true)]
    pub cards: Vec<PathBuf>,
    /// Counts the group's keys: one more than the charter says, for a group that has one
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub epoch: u64,
    /// A classic X25519 key instead of a post-quantum one
    #[arg(long)]
    pub classic: bool,
    /// Where to write the group key
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &GroupArgs, context: &Context) -> CliResult {
    if args.output.exists() {
        return Err(CliError::FileExists { path: args.output.display().to_string() }.into());
    }
    let mut cards = Vec::new();
    for path in &args.cards {
        let card = Card::parse(&work::read_file(path, MAX_CARD)?)?;
        if body_of(&args.group) != Some(card.body()) {
            return Err(CliError::NotOfTheBody { member: card.member, group: args.group.clone() }.into());
        }
        cards.push(card);
    }
    let identity = work::unlock(context)?;
    if body_of(&args.group) != body_of(&identity.member) {
        return Err(CliError::NotOfTheBody { member: identity.member, group: args.group.clone() }.into());
    }
    let members: Vec<&Card> = cards.iter().collect();
    let maker = (identity.member.as_str(), &identity.signing);
    let mut random = SystemRandom::new();
    let secret = DecryptionKey::generate_kind(kind(args.classic), &mut random)?;
    let (key, _) =
        GroupKey::make_of(secret, &args.group, args.epoch, &members, maker, jiff::Timestamp::now(), &mut random)?;
    work::write_new(&args.output, &key.to_bytes())?;
    let members: Vec<&str> = key.members().collect();
    let file = args.output.display().to_string();
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "group": key.group, "members": members, "file": file }))?);
    }
    context.terminal.fields([
        (&*tr!("field-group"), key.group.clone()),
        (&*tr!("field-members"), members.join(", ")),
        (&*tr!("field-file"), file),
    ])?;
    context.terminal.note(&tr!("keys-group-next"));
    Ok(())
}
