//! What the machine does with memory, files and space.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use rustix::process::{Resource, getrlimit};

use super::Finding;
use crate::cli::{agent::MAX_IDENTITY, context::Context, hardening::may_lock_all, i18n::tr, work};

/// Less room than this, in bytes, and the next import may not end.
const LEAST_ROOM: u64 = 64 * 1024 * 1024;

/// An erasure and a rebuilt store need as much again as the vault has, and something beside it.
const ROOM_FACTOR: u64 = 2;

/// Most files that are looked at: what is below is the store's and the same for all.
const MAX_FILES: usize = 100_000;

pub(super) fn check(context: &Context, dir: &Path) -> Vec<Finding> {
    let mut found = vec![memory(), swap(&fs::read_to_string("/proc/swaps").unwrap_or_default(), Path::new("/sys"))];
    found.push(locked_pages());
    if let Ok(identity) = context.identity() {
        found.push(private("identity", &[identity.to_owned()]));
    }
    found.push(private("state", &[work::state_folder()]));
    if dir.is_dir() {
        let files = below(dir);
        found.push(private("permissions", &files));
        found.push(room(dir, &files));
    }
    found
}

/// Core dumps: that this process could turn them off is what matters, whatever the shell's limit is.
fn memory() -> Finding {
    let limit = getrlimit(Resource::Core);
    #[cfg(target_os = "linux")]
    let hidden = rustix::process::dumpable_behavior()
        .is_ok_and(|behavior| behavior == rustix::process::DumpableBehavior::NotDumpable);
    #[cfg(not(target_os = "linux"))]
    let hidden = true;
    if limit.current == Some(0) && hidden {
        Finding::good("core-dumps", tr!("doctor-core-off"))
    } else {
        Finding::bad("core-dumps", tr!("doctor-core-on"), tr!("doctor-core-do"))
    }
}

fn locked_pages() -> Finding {
    if may_lock_all() {
        return Finding::good("locked-pages", tr!("doctor-mlock-all"));
    }
    let limit = getrlimit(Resource::Memlock).current;
    if limit.is_none_or(|limit| limit >= MAX_IDENTITY as u64 + 4096) {
        Finding::good("locked-pages", tr!("doctor-mlock-good"))
    } else {
        Finding::warning("locked-pages", tr!("doctor-mlock-small"), tr!("doctor-mlock-do"))
    }
}

/// Swap space that is written to a disk in the clear.
fn swap(swaps: &str, sys: &Path) -> Finding {
    let open: Vec<&str> = swaps
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .filter(|device| !is_encrypted_or_memory(device, sys))
        .collect();
    if open.is_empty() {
        return Finding::good("swap", tr!("doctor-swap-good"));
    }
    Finding::warning("swap", tr!("doctor-swap-open", devices = open.join(", ")), tr!("doctor-swap-do"))
}

/// Compressed memory (`zram`), or a device of dm-crypt.
fn is_encrypted_or_memory(device: &str, sys: &Path) -> bool {
    let real = fs::canonicalize(device).unwrap_or_else(|_| PathBuf::from(device));
    let Some(name) = real.file_name().and_then(|name| name.to_str()) else { return false };
    if !real.starts_with("/dev") {
        return false;
    }
    let uuid = fs::read_to_string(sys.join("block").join(name).join("dm/uuid"));
    name.starts_with("zram") || uuid.is_ok_and(|uuid| uuid.starts_with("CRYPT-"))
}

/// Whether files are their owner's alone, and the owner is who runs this.
fn private(check: &'static str, files: &[PathBuf]) -> Finding {
    let user = rustix::process::geteuid().as_raw();
    let wrong: Vec<&PathBuf> = files
        .iter()
        .filter(|path| fs::metadata(path).is_ok_and(|file| file.mode() & 0o077 != 0 || file.uid() != user))
        .collect();
    let Some(first) = wrong.first() else {
        let first = files.first().map(|path| path.display().to_string()).unwrap_or_default();
        return Finding::good(check, tr!("doctor-private", path = first));
    };
    let text = tr!("doctor-not-private", path = first.display().to_string(), count = wrong.len());
    Finding::warning(check, text, tr!("doctor-not-private-do", path = first.display().to_string()))
}

fn room(dir: &Path, files: &[PathBuf]) -> Finding {
    let size: u64 = files.iter().filter_map(|path| fs::metadata(path).ok()).map(|file| file.size()).sum();
    let Ok(system) = rustix::fs::statvfs(dir) else {
        return Finding::warning("free-space", tr!("doctor-room-unknown"), tr!("doctor-room-do"));
    };
    let free = system.f_bavail.saturating_mul(system.f_frsize);
    let (free_mb, size_mb) = (free / 1_000_000, size / 1_000_000);
    if free < LEAST_ROOM {
        return Finding::bad("free-space", tr!("doctor-room-none", free = free_mb), tr!("doctor-room-do"));
    }
    if free < LEAST_ROOM + ROOM_FACTOR * size {
        let text = tr!("doctor-room-small", free = free_mb, size = size_mb);
        return Finding::warning("free-space", text, tr!("doctor-room-do"));
    }
    Finding::good("free-space", tr!("doctor-room-good", free = free_mb, size = size_mb))
}

/// A folder, and everything below it.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut out = vec![folder.to_owned()];
    let mut at = 0;
    while at < out.len() && out.len() < MAX_FILES {
        if out[at].is_dir() {
            let entries = fs::read_dir(&out[at]).into_iter().flatten().flatten();
            out.extend(entries.map(|entry| entry.path()).collect::<Vec<_>>());
        }
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::cli::doctor::Level;

    #[test]
    fn swap_is_good_if_nothing_of_it_reaches_a_disk_in_the_clear() {
        let sys = tempfile::tempdir().unwrap();
        for (name, uuid) in [("dm-1", "CRYPT-PLAIN-swap\n"), ("dm-2", "LVM-abc\n")] {
            fs::create_dir_all(sys.path().join("block").join(name).join("dm")).unwrap();
            fs::write(sys.path().join("block").join(name).join("dm/uuid"), uuid).unwrap();
        }
        let level = |devices: &[&str]| {
            let lines: String = devices.iter().map(|device| format!("{device} partition 1 0 -2\n")).collect();
            swap(&format!("Filename Type Size Used Priority\n{lines}"), sys.path()).level
        };
        assert_eq!(level(&[]), Level::Good);
        assert_eq!(level(&["/dev/zram0", "/dev/dm-1"]), Level::Good);
        for open in ["/dev/dm-2", "/dev/sda3", "/swapfile", "/home/zram0"] {
            assert_eq!(level(&["/dev/dm-1", open]), Level::Warning, "{open}");
        }
    }

    #[test]
    fn a_file_that_others_read_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/file");
        fs::create_dir(folder.path().join("deep")).unwrap();
        fs::write(&file, "x").unwrap();
        for path in [folder.path(), &folder.path().join("deep"), &file] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
        }
        let check = || private("permissions", &below(folder.path()));
        assert_eq!(check().level, Level::Good);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o604)).unwrap();
        assert!(check().level == Level::Warning && check().text.contains("deep/file"), "{:?}", check());
    }
}
