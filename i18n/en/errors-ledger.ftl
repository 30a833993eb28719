# The ledger: what to do next.

hint-ledger-io = check the path, the disk and its free space; what was confirmed before is safe
hint-ledger-damaged = keep the file as it is, compare it with a backup, and tell an oversight body
hint-ledger-too-long = do it in several smaller steps
hint-ledger-malformed = run `amanah audit verify`; lines of the ledger must not be edited
hint-checkpoint-malformed = run `amanah audit verify`, and tell an oversight body
hint-ledger-no-hash = run the command again; if it happens again, remove the folder `store` in the vault: it is made anew without loss
hint-ledger-not-in-tree = `amanah audit log` shows which entries there are
hint-ledger-bad-proof = ask for the file again; if it still does not fit, keep it and tell an oversight body
hint-ledger-bad-proof-file = ask for the file again
hint-ledger-bad-tile = publish again into an empty folder; if that does not help, run `amanah audit verify`
hint-witness-unknown-log = compare the log's key with the centre by another way, then `amanah witness trust KEY`
hint-witness-not-the-log = do not trust it; ask the centre by another way whether the log has a new key
hint-witness-old-size = ask again with `amanah witness ask --old NUMBER`
hint-witness-smaller = ask again with `amanah witness ask`
hint-witness-rolled-back = keep the file: it is evidence; tell the centre's head and the other overseers
hint-witness-inconsistent = keep the file: it is evidence; tell the centre's head and the other overseers
hint-witness-bad-state = do not cosign with this witness any more; look who had access to its folder
hint-witness-too-many-logs = make another witness for more logs
hint-witness-not-a-log-key = `amanah audit publish` shows the log's key
