# The ledger: what to do next.

hint-ledger-io = check the path, the disk and its free space; what was confirmed before is safe
hint-ledger-damaged = keep the file as it is, compare it with a backup, and tell an oversight body
hint-ledger-too-long = do it in several smaller steps
hint-ledger-malformed = run `amanah audit verify`; lines of the ledger must not be edited
hint-checkpoint-malformed = run `amanah audit verify`, and tell an oversight body
hint-ledger-no-hash = run the command again; if it happens again, remove the folder `store` in the vault: it is made anew without loss
hint-ledger-not-in-tree = `amanah audit log` shows which entries there are
hint-ledger-bad-proof = ask for the file again; if it still does not fit, keep it and tell an oversight body
