//! What is remembered of runs that nobody watches: how the last one went, told until one goes well.
//!
//! ```text
//! STATE/runs/<vault>.json   {"vault":"/srv/amanah/vault","begun":"2026-11-25T19:00:00Z","ended":null,...}
//! STATE/runs/<vault>.lock   held while a run goes on
//! ```
//!
//! `<vault>` are the first 16 hex digits of the SHA-256 of the vault's path: a run must be told of
//! also where its vault cannot be read. It is written down before the run begins, so that one that
//! was killed is one that failed.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    cli::{
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        report, work,
    },
    crypto::digest::sha256,
    disk,
    problem::Problem,
};

/// Longest record of a run, in bytes: it has one sentence in it.
const MAX_BYTES: u64 = 64 * 1024;

/// How a run failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The code of the problem; `interrupted` if the run did not end.
    pub code: String,
    /// The sentence, in the language of that run.
    pub message: String,
    /// Its exit code.
    pub exit: u8,
}

/// The last run, and what is still to be told of those before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The vault's path.
    pub vault: String,
    /// When it began.
    pub begun: Timestamp,
    /// When it ended; `None` while it goes on, or if it was cut off.
    pub ended: Option<Timestamp>,
    /// How the last run that failed did so; `None` if the last one that ended went well.
    pub failure: Option<Failure>,
    /// When that run began: while another goes on, `begun` is of that one.
    #[serde(default)]
    pub failed: Option<Timestamp>,
    /// How many have failed since one went well.
    pub failures: u64,
    /// When the first of those began.
    pub failing_since: Option<Timestamp>,
    /// When the last run that went well ended.
    pub last_ok: Option<Timestamp>,
}

/// The record of the runs on one vault.
#[derive(Debug)]
pub struct Runs {
    vault: PathBuf,
    file: PathBuf,
    lock: PathBuf,
}

/// A run that goes on.
#[derive(Debug)]
pub struct Running {
    runs: Runs,
    run: Run,
    /// What there is to tell of the one before.
    pub before: Option<Run>,
    _lock: File,
}

impl Runs {
    /// Of a vault, in a state folder.
    pub fn new(state: &Path, vault: &Path) -> Runs {
        // The path is enough where the vault itself cannot be reached.
        let vault = vault.canonicalize().or_else(|_| std::path::absolute(vault)).unwrap_or_else(|_| vault.to_owned());
        let name = HEXLOWER.encode(&sha256(&[vault.as_os_str().as_encoded_bytes()])[..8]);
        let folder = state.join("runs");
        Runs { file: folder.join(format!("{name}.json")), lock: folder.join(format!("{name}.lock")), vault }
    }

    /// The last run, if there was one; one that was cut off is told as one that failed.
    ///
    /// # Errors
    /// Its record cannot be read.
    pub fn last(&self) -> Result<Option<Run>, CliError> {
        let failed = |source| CliError::FileUnreadable { path: self.file.display().to_string(), source };
        let bytes = match disk::read(&self.file, MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let run: Run = serde_json::from_slice(&bytes).map_err(|error| failed(error.into()))?;
        Ok(Some(if run.ended.is_none() && !self.goes_on() { run.cut_off() } else { run }))
    }

    /// Whether a run goes on now.
    pub fn goes_on(&self) -> bool {
        // Not by opening it as `lock_file` does: looking makes nothing.
        File::open(&self.lock).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Begins a run, and writes that down.
    ///
    /// # Errors
    /// Another one goes on; the record cannot be written.
    pub fn begin(self, now: Timestamp) -> Result<Running, CliError> {
        let failed = |path: &Path, source| CliError::FileUnwritable { path: path.display().to_string(), source };
        let folder = self.file.parent().unwrap_or(Path::new("."));
        disk::make_folders(folder).map_err(|source| failed(folder, source))?;
        let lock = disk::lock_file(&self.lock).map_err(|source| failed(&self.lock, source))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(CliError::RunGoesOn),
            Err(TryLockError::Error(source)) => return Err(failed(&self.lock, source)),
        }
        // A record that cannot be read is no reason never to run again; that it was so is told.
        let before = match self.read_under_lock() {
            Ok(before) => before,
            Err(error) => Some(Run::unknown(&self.vault, now).failed(&error, &error.to_string(), now)),
        };
        let mut run = Run::unknown(&self.vault, now);
        if let Some(before) = &before {
            run.failure.clone_from(&before.failure);
            (run.failures, run.failing_since, run.last_ok) = (before.failures, before.failing_since, before.last_ok);
            run.failed = before.failed;
        }
        self.write(&run)?;
        let before = before.filter(|run| run.failures > 0);
        Ok(Running { runs: self, run, before, _lock: lock })
    }

    /// The last run; we hold the lock, so one without an end was cut off.
    fn read_under_lock(&self) -> Result<Option<Run>, CliError> {
        let run = self.last()?;
        Ok(run.map(|run| if run.ended.is_none() { run.cut_off() } else { run }))
    }

    fn write(&self, run: &Run) -> Result<(), CliError> {
        let bytes = serde_json::to_vec(run).map_err(io::Error::from);
        let written = bytes.and_then(|bytes| disk::replace(&self.file, &bytes, true));
        written.map_err(|source| CliError::FileUnwritable { path: self.file.display().to_string(), source })
    }
}

impl Running {
    /// Ends the run, and writes down how.
    ///
    /// # Errors
    /// How the run failed; or it went well, and that cannot be written down.
    pub fn end<T>(self, done: CliResult<T>, context: &Context) -> CliResult<T> {
        let now = Timestamp::now();
        match done {
            Ok(value) => {
                let well =
                    Run { ended: Some(now), failure: None, failed: None, failures: 0, failing_since: None, ..self.run };
                self.runs.write(&Run { last_ok: Some(now), ..well })?;
                Ok(value)
            }
            Err(problem) => {
                let message = report::sentence(problem.as_ref(), context.language);
                let run = self.run.failed(problem.as_ref(), &message, now);
                // What could not be written is told by the next run as one that did not end.
                if let Err(error) = self.runs.write(&run) {
                    context.terminal.warn(&report::sentence(&error, context.language));
                }
                Err(problem)
            }
        }
    }
}

/// A time as it is told to people where no vault, and so no time zone, is known.
pub fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

impl Run {
    fn unknown(vault: &Path, now: Timestamp) -> Run {
        let vault = vault.display().to_string();
        Run {
            vault,
            begun: now,
            ended: None,
            failure: None,
            failed: None,
            failures: 0,
            failing_since: None,
            last_ok: None,
        }
    }

    fn failed(self, problem: &dyn Problem, message: &str, now: Timestamp) -> Run {
        let exit = problem.kind().exit_code();
        let failure = Failure { code: problem.code().to_owned(), message: message.to_owned(), exit };
        Run { ended: Some(now), ..self.fail(failure) }
    }

    fn cut_off(self) -> Run {
        let problem = CliError::RunCutOff;
        let failure = Failure {
            code: problem.code().to_owned(),
            message: report::sentence(&problem, crate::cli::i18n::language()),
            exit: problem.kind().exit_code(),
        };
        self.fail(failure)
    }

    fn fail(self, failure: Failure) -> Run {
        let (failed, failing_since) = (Some(self.begun), self.failing_since.or(Some(self.begun)));
        Run { failure: Some(failure), failed, failures: self.failures + 1, failing_since, ..self }
    }

    /// What there is to tell of it, in a sentence; `None` if it went well.
    pub fn told(&self) -> Option<String> {
        let failure = self.failure.as_ref()?;
        Some(tr!(
            "run-failed",
            time = minute(self.failed.unwrap_or(self.begun)),
            message = failure.message.clone(),
            count = self.failures,
            since = minute(self.failing_since.unwrap_or(self.begun)),
        ))
    }

    /// Checks that runs go well: that the last one did, and not too long ago.
    ///
    /// # Errors
    /// It failed, or is overdue.
    pub fn check(&self, hours: u32, now: Timestamp) -> Result<Timestamp, CliError> {
        if let Some(failure) = &self.failure {
            let time = minute(self.failed.unwrap_or(self.begun));
            return Err(CliError::RunFailed { time, what: failure.message.clone() });
        }
        let oldest = now.checked_sub(SignedDuration::from_hours(i64::from(hours))).unwrap_or(Timestamp::MIN);
        match self.last_ok {
            Some(time) if time >= oldest => Ok(time),
            Some(time) => Err(CliError::RunOverdue { time: minute(time), hours }),
            None => Err(CliError::RunNever),
        }
    }
}

/// Warns whoever works on a vault if the last run on it failed. A run that goes on now is not
/// judged before its end.
pub fn warn(context: &Context, vault: &Path) {
    let runs = Runs::new(&work::state_folder(), vault);
    match runs.last() {
        Ok(Some(_)) if runs.goes_on() => {}
        Ok(Some(run)) => {
            if let Some(told) = run.told() {
                context.terminal.warn(&told);
            }
        }
        Ok(None) => {}
        Err(error) => context.terminal.warn(&report::sentence(&error, context.language)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::parse::{Parsed, parse};

    fn context() -> Context {
        let words = ["amanah", "completions", "bash"].map(Into::into);
        match parse(&words, crate::cli::i18n::Language::En).unwrap() {
            Parsed::Run(cli) => Context::new(&cli.globals),
            _ => unreachable!(),
        }
    }

    fn at(hour: u8) -> Timestamp {
        format!("2026-11-25T{hour:02}:00:00Z").parse().unwrap()
    }

    #[test]
    fn told_until_one_goes_well() {
        let folder = tempfile::tempdir().unwrap();
        let runs = || Runs::new(folder.path(), &folder.path().join("vault"));
        assert_eq!(runs().last().unwrap(), None);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "looking makes nothing");
        let context = context();
        let problem = || -> CliResult { Err(CliError::NoVault.into()) };

        let running = runs().begin(at(1)).unwrap();
        assert!(running.before.is_none() && runs().goes_on());
        assert!(matches!(runs().begin(at(1)), Err(CliError::RunGoesOn)));
        running.end(Ok(()), &context).unwrap();
        let well = runs().last().unwrap().unwrap();
        assert!(well.told().is_none() && well.failures == 0 && !runs().goes_on());

        let running = runs().begin(at(2)).unwrap();
        running.end(problem(), &context).unwrap_err();
        // Cut off: dropped, as a process that is killed drops it.
        let running = runs().begin(at(3)).unwrap();
        assert_eq!(running.before.as_ref().unwrap().failure.as_ref().unwrap().code, "cli-no-vault");
        drop(running);
        let last = runs().last().unwrap().unwrap();
        assert_eq!((last.failures, last.failing_since), (2, Some(at(2))));
        let running = runs().begin(at(4)).unwrap();
        assert_eq!(running.before.as_ref().unwrap(), &last);
        // The one that goes on has not failed; the one before it has.
        let told = runs().last().unwrap().unwrap().check(1, at(4)).unwrap_err();
        assert!(matches!(&told, CliError::RunFailed { time, .. } if *time == minute(at(3))), "{told}");
        assert_eq!(last.failure.as_ref().unwrap().code, "run-cut-off");
        assert!(last.last_ok.is_some() && last.check(1, at(4)).is_err());
        running.end(Ok(()), &context).unwrap();
        assert_eq!(runs().last().unwrap().unwrap().failures, 0);
    }

    #[test]
    fn overdue_and_never() {
        let run = Run { last_ok: Some(at(2)), ..Run::unknown(Path::new("/vault"), at(1)) };
        assert_eq!(run.check(3, at(5)).unwrap(), at(2));
        assert!(matches!(run.check(2, at(5)), Err(CliError::RunOverdue { .. })));
        assert!(matches!(Run { last_ok: None, ..run }.check(2, at(5)), Err(CliError::RunNever)));
    }

    #[test]
    fn a_record_that_cannot_be_read_is_told_and_does_not_stop_the_next_run() {
        let folder = tempfile::tempdir().unwrap();
        let runs = || Runs::new(folder.path(), folder.path());
        runs().begin(at(1)).unwrap().end(Ok(()), &context()).unwrap();
        std::fs::write(runs().file, b"{").unwrap();
        assert!(runs().last().is_err());
        let running = runs().begin(at(2)).unwrap();
        assert_eq!(running.before.as_ref().unwrap().failures, 1);
        running.end(Ok(()), &context()).unwrap();
        assert_eq!(runs().last().unwrap().unwrap().failures, 0);
    }
}
