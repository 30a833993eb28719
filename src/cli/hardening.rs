//! What the process does before it touches a secret: no copy of its memory may reach the disk or
//! another process, and no file it makes may be read by others.

/// Turns core dumps off, hides the memory of the process from others of the same user, and makes
/// new files private. Gives the names of what the system did not allow.
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
    umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    refused
}
