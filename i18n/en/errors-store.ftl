# Journal and store: what to do next.

hint-store-io = check the path, the disk and its free space; what was confirmed before is safe
hint-store-engine = run the command again: the store is made anew from journal and ledger, without loss
hint-journal-damaged = copy the file back from a backup, and run `amanah audit verify`
hint-journal-too-large = write it in several smaller parts
