//! The power goes while a process writes: what it was told is written is there when the disk is
//! mounted again.
//!
//! The vault lies on an ext4 file system of its own, in an image behind a loop device. The power
//! cut is the kernel's own: the ioctl `EXT4_IOC_SHUTDOWN` without flushing (what xfstests cut the
//! power with) stops the file system from one moment to the next, in the middle of whatever the
//! writer does; nothing that was only in its caches reaches the image any more. What the loop
//! device has written until then is the image's content, and a copy of it is mounted and looked at.
//!
//! That the cut is a real one is tested too: beside each write the writer makes a file that it does
//! not sync, and those must be lost.
//!
//! What this does not show: a disk that loses, against its word, what it was told to flush; nor one
//! that keeps of the writes not yet flushed only some.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod common;

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::Command,
    time::Duration,
};

use amanah::vault::{Vault, verify};
use common::{
    HEAD, REGISTRY, World,
    faults::{CHILD, Dice, Mount, Promise, again, children, copy, identity, options, run, skip, write_for_ever},
};

const TEST: &str = "what_was_acknowledged_is_there_after_a_power_cut";
const CUTS: u64 = 15;
const IMAGE: u64 = 64 << 20;

/// Stops the file system mounted there, without writing anything more.
fn cut_power(mount: &Path) -> Result<(), String> {
    // _IOR('X', 125, u32) with EXT4_GOING_FLAGS_NOLOGFLUSH. This crate has no unsafe code, and an
    // ioctl of its own would be: perl is on every Debian.
    let script = r#"open(my $f, "<", $ARGV[0]) or die $!; my $n = pack("L", 2); ioctl($f, 0x8004587d, $n) or die $!"#;
    run(Command::new("perl").arg("-e").arg(script).arg(mount))
}

/// Makes the image with the file system, or says why it cannot be done here.
fn prepare(image: &Path, at: &Path) -> Result<(), String> {
    fs::File::create(image).unwrap().set_len(IMAGE).unwrap();
    run(Command::new("mkfs.ext4").arg("-q").arg("-F").arg(image))?;
    let _mount = Mount::image(image, at)?;
    cut_power(at)
}

#[test]
fn what_was_acknowledged_is_there_after_a_power_cut() {
    if let Some(world) = std::env::var_os(CHILD) {
        let world = Path::new(&world);
        let disk = world.join("disk");
        fs::create_dir_all(disk.join("unsynced")).unwrap();
        let unsynced = |write: &str| fs::write(disk.join("unsynced").join(write), write).unwrap();
        write_for_ever(&disk.join("vault"), &disk.join("state"), world, REGISTRY, unsynced);
    }
    let world = World::new();
    let (image, at) = (world.path().join("image"), world.path().join("disk"));
    if let Err(why) = prepare(&image, &at) {
        return skip(TEST, &why);
    }
    run(Command::new("mkfs.ext4").arg("-q").arg("-F").arg(&image)).unwrap();
    let (vault, mut siti) = world.found();
    vault.close(&mut siti).unwrap();
    {
        let _mount = Mount::image(&image, &at).unwrap();
        copy(&world.vault_dir(), &at.join("vault"));
        copy(&world.path().join("state"), &at.join("state"));
    }
    let mut promise = Promise::default();
    let mut dice = Dice(11);
    let (mut during, mut survived, mut unsynced_lost) = (0, 0, 0);
    for cut in 0..CUTS {
        let mount = Mount::image(&image, &at).unwrap();
        let mut writer = again(TEST, world.path());
        let mut lines = BufReader::new(writer.stdout.take().unwrap());
        let mut told = String::new();
        while !told.ends_with("> ready\n") {
            assert_ne!(lines.read_line(&mut told).unwrap(), 0, "the writer ended by itself: {told}");
        }
        std::thread::sleep(Duration::from_micros(dice.below(400_000)));
        cut_power(&at).unwrap();
        // The writer meets an error with its next write, and tells of no more: what it told before
        // was acknowledged before the cut. It may also be closing just now; then it is ended.
        std::thread::sleep(Duration::from_millis(50));
        drop(writer.kill());
        writer.wait().unwrap();
        lines.read_to_string(&mut told).unwrap();
        told.lines().for_each(|line| promise.take(line));
        drop(mount);

        let copied = world.path().join("copy");
        fs::copy(&image, &copied).unwrap();
        fs::rename(&copied, &image).unwrap();
        let mount = Mount::image(&image, &at).unwrap();
        during += u64::from(promise.begun.is_some());
        for write in told.lines().filter_map(|line| line.strip_prefix("> done ")) {
            let kept = fs::read_to_string(at.join("unsynced").join(write));
            unsynced_lost += u64::from(kept.ok().as_deref() != Some(write));
        }
        let before = promise.acknowledged.clone();
        let (dir, state) = (at.join("vault"), at.join("state"));
        verify(&dir, &options(&state)).unwrap_or_else(|error| panic!("cut {cut}: {error}"));
        let mut vault = Vault::open(&dir, &options(&state)).unwrap();
        let mut ratna = vault.admit(identity(world.path(), HEAD)).unwrap();
        promise.check(children(&mut vault, &mut ratna).unwrap());
        survived += u64::from(before != promise.acknowledged);
        vault.close(&mut ratna).unwrap();
        verify(&dir, &options(&state)).unwrap();
        let _ = fs::remove_dir_all(at.join("unsynced"));
        drop(mount);
    }
    println!(
        "{CUTS} power cuts, {during} with a write under way, {survived} of those written, {} writes acknowledged, none \
         lost; {unsynced_lost} files that were not synced were lost",
        promise.count
    );
    assert!(promise.count >= 30, "too few writes to show anything");
    assert!(unsynced_lost > 0, "nothing was lost: this was no power cut");
}
