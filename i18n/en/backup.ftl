# Backups.

task-backup = backup
backup-made = backup { $backup }: { $entries } entries, { $written } of { $pieces } pieces written anew; kept until { $until }
backup-expired = backups whose time was over, and that are gone now: { $count }
backup-sound = backup { $backup } of { $created } is sound: { $entries } entries; kept until { $until }
backup-unread = without the key of a recipient only the encrypted files were checked, and not who signed the backup
backup-restored = the vault is in { $dir }, with { $entries } entries; the backup is { $hours } hours old
backup-erases-again = records that were erased since the backup was made are erased again: { $count }
backup-erased-again = erased again: { $count }
backup-lost = this computer has seen entries that the backup does not have: { $first } to { $last }
backup-other-ledger = this computer has seen another ledger of this vault, with { $seen } entries, which the backup does not continue: what was written after the two parted is not in it
backup-accept = the restored vault does not open on this computer, which remembers the lost entries; restore it with --accept-loss if they are lost for good, and tell the oversight bodies
backup-drilled = backup { $backup } of { $created } can be restored: { $entries } entries, all verified; the ledger says so
erased-in-backup = backup { $backup } still holds it, until { $until }
erased-not-told = { $folder } could not be reached: a backup from there does not know of the erasure
hint-vault-no-backup = `amanah backup create` writes one
hint-vault-backup-in-vault = name a folder of its own for the backups, on another disk
hint-vault-publish-in-vault = name a folder of its own, outside the vault, for what is published
hint-vault-backup-locked = wait until it is done, or wait longer with --lock-timeout
hint-vault-other-backup = give each vault a folder of its own for its backups
hint-vault-parted-backup = make a backup into another folder now; keep this folder until it is known which of the two ledgers is the right one, and tell the oversight bodies
hint-vault-bad-backup = copy the folder again from where it is whole, or take an older backup with --backup
