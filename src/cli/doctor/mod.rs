//! `amanah doctor`: what is not as it should be, and what to do about it.

mod machine;
mod upkeep;

use serde::Serialize;

use crate::{
    cli::{
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        report,
        work::{self, Watcher},
    },
    problem::Problem,
    vault::{self, Depth, Options, lock_holder},
};

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Good,
    /// Not unsafe yet, or not known.
    Warning,
    /// Damaged, or about to be.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// Its name: stays the same from version to version.
    pub check: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was found.
    pub text: String,
    /// What to do.
    #[serde(rename = "do")]
    pub todo: Option<String>,
}

impl Finding {
    fn good(check: &'static str, text: String) -> Finding {
        Finding { check, level: Level::Good, text, todo: None }
    }

    fn warning(check: &'static str, text: String, todo: String) -> Finding {
        Finding { check, level: Level::Warning, text, todo: Some(todo) }
    }

    fn bad(check: &'static str, text: String, todo: String) -> Finding {
        Finding { check, level: Level::Bad, text, todo: Some(todo) }
    }

    fn of(check: &'static str, problem: &dyn Problem, context: &Context) -> Finding {
        let text = report::sentence(problem, context.language);
        let todo = report::hint(problem, context.language);
        Finding { check, level: Level::Bad, text, todo }
    }
}

/// Does it.
///
/// # Errors
/// [`CliError::DoctorDamage`] or [`CliError::DoctorFindings`] where something is not as it should
/// be; or the answer cannot be written.
pub fn run(context: &Context) -> CliResult {
    let dir = context.vault()?;
    let mut found = machine::check(context, dir);
    check_vault(context, &mut found);
    show(&found, context)?;
    let count = |level| found.iter().filter(|finding| finding.level == level).count();
    match (count(Level::Bad), count(Level::Warning)) {
        (0, 0) => Ok(()),
        (0, count) => Err(CliError::DoctorFindings { count }.into()),
        (count, _) => Err(CliError::DoctorDamage { count }.into()),
    }
}

fn check_vault(context: &Context, found: &mut Vec<Finding>) {
    let Ok(dir) = context.vault() else { return };
    if let Err(error) = vault::identify(dir) {
        return found.push(Finding::of("version", &error, context));
    }
    let version = env!("CARGO_PKG_VERSION");
    found.push(Finding::good("version", tr!("doctor-version", version = version)));
    if let Some(holder) = lock_holder(dir) {
        let holder = holder.map_or_else(|| "?".to_owned(), |pid| pid.to_string());
        let text = tr!("doctor-locked", holder = holder);
        return found.push(Finding::warning("lock", text, tr!("doctor-locked-do")));
    }
    found.push(Finding::good("lock", tr!("doctor-unlocked")));
    let watcher = Watcher::new(&context.terminal);
    let options = Options { state: work::state_folder(), patience: context.lock_timeout, progress: &watcher };
    match vault::verify_to(dir, &options, Depth::WithoutSignatures) {
        Err(error) => return found.push(Finding::of("store", &error, context)),
        Ok(findings) => upkeep::verified(&findings, found),
    }
    let opened = vault::Vault::open(dir, &options).and_then(|vault| {
        let checked = upkeep::check(&vault, jiff::Timestamp::now(), context, found);
        vault.leave()?;
        checked
    });
    if let Err(error) = opened {
        found.push(Finding::of("store", &error, context));
    }
}

fn show(found: &[Finding], context: &Context) -> CliResult {
    if context.is_json() {
        return Ok(context.terminal.json(found)?);
    }
    for finding in found {
        let level = match finding.level {
            Level::Good => tr!("doctor-level-good"),
            Level::Warning => tr!("doctor-level-warning"),
            Level::Bad => tr!("doctor-level-bad"),
        };
        context.terminal.answer(&format!("{level:<8} {}", finding.text))?;
        if let Some(todo) = &finding.todo {
            context.terminal.answer(&format!("{:<8} {}: {todo}", "", tr!("label-hint")))?;
        }
    }
    Ok(())
}
