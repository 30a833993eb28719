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
hint-slip39-bad-threshold = for example `--threshold 3 --of 5`
