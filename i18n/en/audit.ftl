# Questions to the ledger, and exports of it.

hint-audit-unknown-member = `amanah charter show` names the members; write body and name, as in handayani/siti

field-records-opened = records opened
reason-sealed = (sealed against you)
who-opener = { $opener }, without the centre; admitted by { $actor }
who-next = entries: { $count }; what was refused is among them, and so is what belongs to the record
member-sum = entries: { $entries }, of which refused: { $refused }; records opened: { $records }

exposure-did = opened to them:
exposure-could = lay open to their keys, whether they opened it or not:
exposure-next = keys held: { $groups }; what others have released to them is counted, and so is what an emergency opens

hint-audit-bad-rules = `amanah audit rules` writes rules to change a copy of

field-unusual = unusual
unusual-next = found: { $count }; the rules and their limits: `amanah audit rules`
unusual-glass = break-glass was used, and no overseer has acknowledged it
unusual-glass-acknowledged = break-glass was used; an overseer has acknowledged it
unusual-refused = attempts refused: { $count }, where no more than { $limit } within { $hours } hours is usual
unusual-bulk = records opened: { $count }, where no more than { $limit } within { $minutes } minutes is usual
unusual-rise = records opened in a day: { $count }, more than { $limit }; on the member's usual day { $usual }
unusual-cases = cases read in a day in which the member has written nothing for { $days } days: { $count }, more than { $limit }
unusual-hours = outside working hours; entries in a day: { $count }

hint-export-io = check the path, the disk and its free space; a folder that ends in .partial is an export that was not finished, and can be removed
hint-export-exists = choose a folder that does not exist yet
hint-export-bad-manifest = ask for the export again; if it stays so, it was not made by amanah, or was changed
hint-export-other-log = compare the key with the centre by another way; if it is right, do not trust the export
hint-export-not-cosigned = leave the key of the witness out to check the rest, and ask the centre why the witness was not asked
hint-export-not-compared = check it with the version of amanah that made it; until then believe the entries, not the events
hint-export-file-changed = ask for the export again, and keep this one; files that do not belong to it must not lie in its folder
hint-export-incomplete = keep the export: it is evidence; ask for it again, and tell an oversight body
hint-export-events-differ = keep the export: it is evidence; the entries beside it are those of the ledger
hint-export-bad-state = give the right file, or remove it to begin with the first entry again
hint-export-other-state = use a state and a folder of their own for each format and recipient
hint-export-other-past = keep the exports: they are evidence; run `amanah audit verify`, and tell an oversight body
hint-export-nothing = `amanah audit log` shows which entries there are
hint-export-bad-recipient = write a short name, as in bssn
hint-export-no-pseudonym = check the pseudonym, the recipient and the key; the manifest of the export says which key it was

field-events = events
field-format = format
audit-export-next = give the key of the log by another way than the export; `amanah audit check-export` checks it
audit-export-nothing-new = nothing new since the last export
audit-export-cosigned = { $witness } has cosigned the first { $size } entries at { $time }
audit-export-pseudonyms = records have pseudonyms; that the entries are all is proved, what they say is not
audit-export-sound = the export is sound and complete
pseudonym-key-next = keep this file: without it nobody can say again which record a pseudonym means
