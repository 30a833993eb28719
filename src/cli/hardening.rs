//! What the process does before it touches a secret: no copy of its memory may reach the disk or
//! another process, and no file it makes may be read by others.

/// Turns core dumps off, hides the memory of the process from others of the same user, keeps it out of
/// the swap space where there is no limit to that, and makes new files private. Gives the names of
/// what the system did not allow.
pub fn harden() -> Vec<&'static str> {
    use rustix::process::{Resource, Rlimit, setrlimit, umask};

    let mut refused = Vec::new();
    if setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).is_err() {
        refused.push("RLIMIT_CORE");
    }
    // No core dump through a pipe either (those ignore the limit), no ptrace, no /proc/PID/mem.
    #[cfg(target_os = "linux")]
    if rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable).is_err() {
        refused.push("PR_SET_DUMPABLE");
    }
    #[cfg(target_os = "linux")]
    if may_lock_all() && rustix::mm::mlockall(ALL_PAGES).is_err() {
        refused.push("mlockall");
    }
    umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    refused
}

/// Those that are there and those that come, each when it is first used.
#[cfg(target_os = "linux")]
const ALL_PAGES: rustix::mm::MlockAllFlags = rustix::mm::MlockAllFlags::CURRENT
    .union(rustix::mm::MlockAllFlags::FUTURE)
    .union(rustix::mm::MlockAllFlags::ONFAULT);

/// Whether all pages of a command are kept out of the swap space: only where there is no limit to how
/// many. With one, the program would be without memory in the middle of something.
pub fn may_lock_all() -> bool {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Memlock);
    cfg!(target_os = "linux") && limit.current.is_none()
}
