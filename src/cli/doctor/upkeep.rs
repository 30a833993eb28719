//! What is to be done again and again, and when it was done last.

use jiff::{SignedDuration, Timestamp};

use super::Finding;
use crate::{
    cli::{context::Context, i18n::tr, report},
    vault::{Findings, PaperState, Vault, VaultError},
};

/// After so many days a group's key is due to be changed.
const KEY_DAYS: i64 = 365;
/// After so many days there should be another backup.
const BACKUP_DAYS: i64 = 7;
/// After so many days a backup should be tried again.
const BACKUP_DRILL_DAYS: i64 = 180;
/// After so many days the paper shares of a group should be tried again.
const PAPER_DAYS: i64 = 365;

/// What verification found.
pub(super) fn verified(findings: &Findings, found: &mut Vec<Finding>) {
    let text = tr!("doctor-verified", count = findings.entries);
    match findings.rows {
        Some(_) => found.push(Finding::good("store", text)),
        None => found.push(Finding::warning("store", tr!("doctor-store-open"), tr!("doctor-store-open-do"))),
    }
    if findings.unindexed > 0 {
        let text = tr!("doctor-unindexed", count = findings.unindexed);
        found.push(Finding::warning("index", text, tr!("doctor-unindexed-do")));
    }
    if !findings.backwards.is_empty() {
        let text = tr!("doctor-clock", count = findings.backwards.len());
        found.push(Finding::warning("clock", text, tr!("doctor-clock-do")));
    }
}

/// What the ledger says was done, and when.
pub(super) fn check(
    vault: &Vault,
    now: Timestamp,
    context: &Context,
    found: &mut Vec<Finding>,
) -> Result<(), VaultError> {
    let routine = vault.routine()?;
    for (group, since) in &routine.keys {
        found.push(match overdue(Some(*since), *since, now, KEY_DAYS) {
            None => Finding::good("rotation", tr!("doctor-key-good", group = group, days = days(*since, now))),
            Some(days) => Finding::warning(
                "rotation",
                tr!("doctor-key-old", group = group, days = days),
                tr!("doctor-key-do", group = group, limit = KEY_DAYS),
            ),
        });
    }
    for (group, count) in &routine.not_handed_on {
        let text = tr!("doctor-left", group = group, count = *count);
        found.push(Finding::warning("handed-on", text, tr!("doctor-left-do", group = group)));
    }
    found.push(match overdue(routine.backup, routine.made, now, BACKUP_DAYS) {
        None => Finding::good("backup", tr!("doctor-backup-good")),
        Some(days) => Finding::warning(
            "backup",
            tr!("doctor-backup-old", days = days),
            tr!("doctor-backup-do", limit = BACKUP_DAYS),
        ),
    });
    found.push(match overdue(routine.backup_drill, routine.made, now, BACKUP_DRILL_DAYS) {
        None => Finding::good("backup-drill", tr!("doctor-backup-drill-good")),
        Some(days) => Finding::warning(
            "backup-drill",
            tr!("doctor-backup-drill-old", days = days),
            tr!("doctor-backup-drill-do", limit = BACKUP_DRILL_DAYS),
        ),
    });
    found.push(match vault.require_witnessed(now) {
        Ok(()) if vault.charter().witnesses().is_none() => {
            Finding::warning("witness", tr!("doctor-witness-none"), tr!("doctor-witness-none-do"))
        }
        Ok(()) => Finding::good("witness", tr!("doctor-witness-good")),
        Err(error) => {
            let todo = report::hint(&error, context.language).unwrap_or_default();
            Finding::warning("witness", report::sentence(&error, context.language), todo)
        }
    });
    // The key of a group that only keeps the ledger opens nothing: nothing is lost with it.
    let opens = |paper: &&PaperState| !vault.charter().keeps_ledger(&paper.group);
    found.extend(vault.paper()?.iter().filter(opens).map(|paper| recovery(paper, now)));
    Ok(())
}

fn recovery(paper: &PaperState, now: Timestamp) -> Finding {
    let group = &paper.group;
    let Some((split, since)) = &paper.split else {
        let text = tr!("doctor-paper-none", group = group);
        return Finding::warning("recovery", text, tr!("doctor-paper-do", group = group));
    };
    if !paper.is_current() {
        let text = tr!("doctor-paper-stale", group = group, epoch = split.epoch, present = paper.epoch);
        return Finding::warning("recovery", text, tr!("doctor-paper-do", group = group));
    }
    // A drill with the paper of a former key says nothing of this one.
    let drill = paper.drill.as_ref().filter(|(drill, _)| drill.set == split.set).map(|(_, time)| *time);
    match overdue(drill, *since, now, PAPER_DAYS) {
        None => Finding::good("recovery", tr!("doctor-paper-good", group = group)),
        Some(days) => Finding::warning(
            "recovery",
            tr!("doctor-paper-old", group = group, days = days),
            tr!("doctor-paper-drill-do", group = group, limit = PAPER_DAYS),
        ),
    }
}

/// For how many days it has not been done, if that is too long. What was never done counts from
/// when it could have been.
fn overdue(last: Option<Timestamp>, since: Timestamp, now: Timestamp, limit: i64) -> Option<i64> {
    let from = last.unwrap_or(since);
    let passed = now.duration_since(from);
    (passed > SignedDuration::from_hours(24 * limit)).then(|| days(from, now))
}

fn days(from: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(from).as_hours() / 24
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cli::doctor::Level,
        vault::item::{PaperItem, PaperWhat},
    };

    fn day(day: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * (20_000 + day))
    }

    #[test]
    fn overdue_counts_from_the_last_time_or_from_the_beginning() {
        assert_eq!(overdue(None, day(0), day(7), 7), None);
        assert_eq!(overdue(None, day(0), day(8), 7), Some(8));
        assert_eq!(overdue(Some(day(5)), day(0), day(12), 7), None);
        assert_eq!(overdue(Some(day(5)), day(0), day(30), 7), Some(25));
        // A clock that was set back makes nothing overdue.
        assert_eq!(overdue(Some(day(5)), day(0), day(1), 7), None);
    }

    #[test]
    fn paper_is_good_while_it_is_of_the_present_key_and_was_tried() {
        let item = |what, epoch, set| PaperItem { what, group: "g/x".into(), epoch, threshold: 2, shares: 3, set };
        let split = Some((item(PaperWhat::Split, 2, 7), day(0)));
        let state = PaperState { group: "g/x".into(), epoch: 2, split: split.clone(), drill: None };
        let level = |state: &PaperState, now| recovery(state, day(now)).level;
        assert_eq!((level(&state, 300), level(&state, 366)), (Level::Good, Level::Warning));
        let drill = |set| Some((item(PaperWhat::Drill, 2, set), day(200)));
        let tried = |set| PaperState { drill: drill(set), ..state.clone() };
        assert_eq!((level(&tried(7), 500), level(&tried(6), 500)), (Level::Good, Level::Warning));
        assert_eq!(level(&PaperState { epoch: 3, ..tried(7) }, 201), Level::Warning);
        assert_eq!(level(&PaperState { split: None, ..state }, 1), Level::Warning);
    }
}
