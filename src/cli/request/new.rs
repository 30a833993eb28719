//! `amanah request new`: asks for what is sealed against you.

use std::path::PathBuf;

use clap::Args;
use jiff::{Timestamp, civil::Date};
use serde_json::json;

use crate::{
    cli::{
        args::{RecordRef, Why},
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        record::find,
        work,
    },
    custody::{Charter, exchange::RequestFile},
    id::Id,
    vault::{Actor, Ask, Outside, Vault, Wish},
};

/// The arguments of `amanah request new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The records
    #[arg(value_name = "RECORD", required = true)]
    pub records: Vec<RecordRef>,
    /// What they hold of this class; may be repeated. Without class and field: all that is sealed
    /// against you. Without a vault a class must be given
    #[arg(short, long = "class", value_name = "CLASS")]
    pub classes: Vec<String>,
    /// What was written together with this field; may be repeated
    #[arg(short, long = "field", value_name = "FIELD")]
    pub fields: Vec<String>,
    /// The last day on which it can be answered and opened
    #[arg(long, value_name = "DATE")]
    pub until: Date,
    /// Why.
    #[command(flatten)]
    pub why: Why,
    /// Where to write the request as a file, for those who answer it elsewhere
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// To whom.
    #[command(flatten)]
    pub to: To,
    /// Ask from a copy of the vault, without the centre: nothing is entered in its ledger. For
    /// overseers
    #[arg(long, requires = "output")]
    pub aside: bool,
    /// The id of the vault, if you have none here and know several
    #[arg(long, value_name = "VAULT")]
    pub of: Option<Id>,
}

/// To whom a file goes, and what they have seen.
#[derive(Debug, Args)]
pub struct To {
    /// The file is for this group; may be repeated. Otherwise for all of another body that could
    /// release
    #[arg(long = "for", value_name = "GROUP")]
    pub groups: Vec<String>,
    /// How many entries of the ledger they have seen, if not what their last answer says
    #[arg(long, value_name = "SIZE")]
    pub seen: Option<u64>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &NewArgs, context: &Context) -> CliResult {
    if let Some(path) = args.output.as_ref().filter(|path| path.exists()) {
        return Err(CliError::FileExists { path: path.display().to_string() }.into());
    }
    if context.vault().is_err() {
        return outside(args, context);
    }
    if args.aside {
        return aside(args, context);
    }
    let (request, fields, missing, file) = work::with_vault(context, |vault, actor| {
        let access = args.why.access();
        vault.require_purpose(access)?;
        check_classes(&args.classes, vault.charter())?;
        let records = records(args, vault, actor)?;
        let ask = Ask { records: &records, classes: &args.classes, fields: &args.fields, until: args.until };
        if args.output.is_some() {
            vault.check_addressees(actor, &ask, &args.to.groups)?;
        }
        let request = vault.make_request(actor, access, &ask)?;
        let fields = vault.covered_fields(&request)?;
        let missing = vault.missing_groups(&vault.exchange(&request.id())?, actor.groups())?;
        // The request is in the ledger by now: a file that cannot be made is told after it.
        let send = |_: &PathBuf| vault.send_request(actor, &request.id(), &args.to.groups, args.to.seen);
        let file = args.output.as_ref().map(send);
        Ok((request, fields, missing, file))
    })?;
    if context.is_json() {
        context.terminal.json(&json!({
            "request": request.id(), "until": request.until(), "fields": fields, "missing": missing,
            "envelopes": request.envelopes().len(), "file": args.output,
        }))?;
    } else {
        let about = super::show::about(&request, &fields, &missing);
        context.terminal.fields(about)?;
        let asked = |field: &String| args.fields.is_empty() || args.fields.contains(field);
        let others: Vec<&str> = fields.values().flatten().filter(|field| !asked(field)).map(String::as_str).collect();
        if !others.is_empty() {
            context.terminal.note(&tr!("request-widened", fields = others.join(", ")));
        }
        context.terminal.note(&tr!("request-made", request = request.id().to_string()));
    }
    match (&args.output, file.transpose()?) {
        (Some(path), Some(file)) => Ok(work::write_new(path, &file.to_bytes())?),
        _ => Ok(()),
    }
}

fn records(args: &NewArgs, vault: &mut Vault, actor: &mut Actor) -> CliResult<Vec<Id>> {
    let mut records = Vec::with_capacity(args.records.len());
    for reference in &args.records {
        let named = find::record(vault, actor, args.why.access(), reference)?;
        records.push(vault.survivor(&named)?);
    }
    Ok(records)
}

/// From a copy: the vault is opened, and nothing is written into its ledger.
fn aside(args: &NewArgs, context: &Context) -> CliResult {
    let identity = work::unlock(context)?;
    let mut vault = work::open(context, context.vault()?)?;
    let asked = ask_aside(args, &mut vault, identity);
    vault.leave()?;
    let (request, file) = asked?;
    done(&request.id(), args, &file, context)
}

fn ask_aside(
    args: &NewArgs,
    vault: &mut Vault,
    identity: crate::crypto::identity::Identity,
) -> CliResult<(crate::custody::Request, RequestFile)> {
    let mut actor = vault.admit(identity)?;
    check_classes(&args.classes, vault.charter())?;
    let mut records = Vec::with_capacity(args.records.len());
    for reference in &args.records {
        records.push(vault.survivor(&vault.resolve(&reference.0)?)?);
    }
    let ask = Ask { records: &records, classes: &args.classes, fields: &args.fields, until: args.until };
    Ok(vault.request_aside(&mut actor, args.why.access(), &ask, &args.to.groups, args.to.seen)?)
}

/// Without a vault: what is known of it from outside decides.
fn outside(args: &NewArgs, context: &Context) -> CliResult {
    let missing =
        |argument: &str| CliError::MissingArgument { arguments: argument.into(), command: "amanah request new".into() };
    if args.output.is_none() {
        return Err(missing("--output").into());
    }
    // Which class a field is of, and what is sealed at all, only the vault says.
    if args.classes.is_empty() {
        return Err(missing("--class").into());
    }
    let identity = work::unlock(context)?;
    let state = work::state_folder();
    let vault = match args.of {
        Some(vault) => vault,
        None => Outside::only(&state)?,
    };
    let known = Outside::load(&state, &vault)?;
    check_classes(&args.classes, known.chain().newest()?)?;
    let whole = |reference: &RecordRef| {
        // Neither the beginning of an id nor a code can be looked up here.
        reference.0.parse::<Id>().map_err(|_| CliError::WholeId { reference: reference.0.clone() })
    };
    let records = args.records.iter().map(whole).collect::<Result<Vec<_>, _>>()?;
    let purpose = args.why.purpose.as_deref().ok_or(CliError::NoPurpose)?;
    let wish = Wish {
        purpose,
        reason: args.why.reason.as_deref(),
        until: args.until,
        records: &records,
        classes: &args.classes,
        fields: &args.fields,
    };
    let request = known.ask(&identity, &wish, Timestamp::now())?;
    done(&request.id(), args, &RequestFile::new(&request), context)
}

fn done(id: &Id, args: &NewArgs, file: &RequestFile, context: &Context) -> CliResult {
    if let Some(path) = &args.output {
        work::write_new(path, &file.to_bytes())?;
    }
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "request": id, "file": args.output }))?);
    }
    context.terminal.note(&tr!("request-made", request = id.to_string()));
    Ok(())
}

fn check_classes(classes: &[String], charter: &Charter) -> CliResult {
    match classes.iter().find(|class| charter.class(class).is_none()) {
        None => Ok(()),
        Some(class) => {
            let known = charter.classes().iter().map(|class| class.id.as_str()).collect::<Vec<_>>().join(", ");
            Err(CliError::UnknownClass { class: class.clone(), known }.into())
        }
    }
}
