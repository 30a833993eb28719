# What a service does each night.

run-failed = the nightly run of { $time } failed: { $message } ({ $count ->
    [one] the only one
   *[other] { $count } in a row
} since { $since })
run-well = the nightly run went well
field-entries-verified = entries verified
field-entries-exported = entries exported
field-run-well = last run that went well

hint-run-goes-on = wait for its end; if it hangs, end that process
hint-run-cut-off = run it again, and look into the system's journal if it happens again
hint-run-failed = put right what it says, and run `amanah audit nightly` again
hint-run-overdue = look whether the timer is on: `systemctl list-timers amanah-nightly.timer`
hint-run-never = run `amanah audit nightly` once by hand, with the same state folder (AMANAH_STATE)
