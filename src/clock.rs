//! The time, as this machine tells it.
//!
//! Entries carry it. A clock can be wrong, and can jump: `audit verify` lists entries whose time
//! goes backwards, and nothing else depends on time going forwards. A test moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

static OFF: AtomicI64 = AtomicI64::new(0);
/// Where a clock stands that was stopped; [`RUNS`] if it runs.
static STOPPED: AtomicI64 = AtomicI64::new(RUNS);
const RUNS: i64 = i64::MIN;

/// The present time.
pub fn now() -> Timestamp {
    let now = match STOPPED.load(Ordering::Relaxed) {
        RUNS => Timestamp::now(),
        second => Timestamp::from_second(second).unwrap_or_else(|_| Timestamp::now()),
    };
    match OFF.load(Ordering::Relaxed) {
        0 => now,
        seconds => now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now),
    }
}

/// Stops the clock of this process, so that what is done twice is done at the same time.
pub fn stop_at(second: i64) {
    STOPPED.store(second, Ordering::Relaxed);
}

/// Lets the clock of this process be wrong by so many seconds.
pub fn put_off(seconds: i64) {
    OFF.store(seconds, Ordering::Relaxed);
}
