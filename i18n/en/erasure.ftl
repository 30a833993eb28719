# Erasure, restriction, retention.

erase-ask = { $count ->
    [one] erase one record for good? it cannot be brought back
   *[other] erase { $count } records for good? they cannot be brought back
}
record-erased = records erased: { $count }; entry { $entry } says so, and stays
record-erased-elsewhere = copies of the vault made before still hold them: backups, and files given to others
task-erase = erasing
hint-vault-was-erased = what it said is gone for good; `amanah audit log --record RECORD` shows what the ledger still says of it
hint-vault-has-related = erase them together with --with-related, or link them to another record first
hint-vault-unknown-ground = choose the ground that comes nearest, and say the rest with --reason
hint-vault-not-erased = any command that opens the vault finishes an interrupted erasure; if it stays so, the journal was put back from a copy
verify-erased = erased items
