# Group keys on paper.

hint-slip39-unknown-word = read it again on the sheet; the first four letters of a word suffice
hint-slip39-wrong-word = read that word again on the sheet
hint-slip39-checksum = compare the words with the sheet one by one, in their order
hint-slip39-word-count = type the words of one share, all of them, with spaces between
hint-slip39-malformed = compare the words with the sheet one by one
hint-slip39-other-set = take the sheets that bear the same set number
hint-slip39-twice = take the sheet of another holder
hint-slip39-not-enough = ask more holders for their sheets
hint-slip39-do-not-fit = try other sheets of the same set; keep these, and tell an oversight body
hint-slip39-too-much-work = take the sheets that this program has written
hint-slip39-bad-threshold = for example `--threshold 3 --of 5`
hint-paper-other-key = take sheets that name this vault and this group
hint-paper-old-key = take newer sheets; if there are none, split the present key with `amanah recovery split { $group }` and keep the old sheets until everything is handed on (`amanah group rotate { $group } --resume`, or `amanah recovery combine { $group }`)
hint-paper-present-key = take the new member in first (`amanah member enroll`): the group gets a new key with that; then run this again
hint-recovery-bad-share = correct that line of the file: the words of one share stand on one line

recovery-other-set = this share is of another splitting
recovery-same-share = this share was given already
recovery-ask-first = words of the first share of { $group }
recovery-ask-next = words of share { $number } of { $wanted }, for { $group }
recovery-ask-help = with spaces between; the first four letters of each suffice
recovery-written-down = written down and compared? Enter goes on, and this page is gone
recovery-file-is-key = { $file } holds the whole key: print it, and destroy the file
recovery-of = { $threshold } of { $shares }
recovery-split-next = give each sheet to another holder, kept apart; try them with `amanah recovery drill`
recovery-drill-good = the { $count } shares give the present key of { $group } (epoch { $epoch }); nothing was restored
recovery-combined = the key of { $group } of epoch { $epoch } was put together
recovery-none = none
recovery-stale = only of epoch { $epoch }: does not restore the present key
recovery-will-be-stale = paper shares of the present key of { $group }, if there are any, do not restore the new one: once it is in force, split it with `amanah recovery split { $group }`
recovery-is-stale = { $group } has a new key: the paper shares of the old one do not restore it. Split the new key with `amanah recovery split { $group }`; keep the old sheets until everything is handed on

field-epoch = epoch
field-set = set
field-shares = shares
field-paper = on paper
field-split = split
field-drill = tried

sheet-title = share { $number } of { $shares }: the key of { $group }
sheet-vault = { $name }, vault { $vault }
sheet-key = epoch { $epoch }, set { $set }, entry { $entry } of the ledger
sheet-by = split by { $by }, { $time }
sheet-threshold = any { $threshold } of the { $shares } shares give the key back; fewer say nothing of it
sheet-keep = Keep this sheet where no other share of { $group } lies. Whoever has enough of them opens what { $group } opens. The words are in the SLIP-39 encoding, with no passphrase.
sheet-holder = holder, date, signature:
