# The report of the ledger, as a page.

report-title = Who saw what: { $vault }
report-stretch = From { $from } until { $to } ({ $zone })
report-beginning = the beginning
report-glass-open = { $count ->
    [one] Break-glass was used, and no overseer has acknowledged it
   *[other] Break-glass was used { $count } times, and no overseer has acknowledged it
}
report-glass-caption = Stands first in every report until it is acknowledged, however long ago it was
report-sums = In short
report-words = “Fields opened” counts entries that opened fields of records to somebody; “records”, the different records among them. An entry tells that keys were released, not that somebody read what they saw.
report-opened = fields opened
report-records = records
report-written = records written
report-refused = refused
report-failed = did not open
report-by-day = By day
report-by-week = By week, from Monday on
report-by-month = By month
report-by-year = By year
report-by-purpose = By purpose
report-by-member = By member
report-by-class = By class of the fields
report-no-purpose = (without a purpose)
report-about = { $rows ->
    [one] One bar
   *[other] { $rows } bars
}; fields were opened most often for { $name }: { $most } times. The table below has all numbers.
report-table = { $title }: numbers of entries, and of different records
report-nothing = Nothing in this stretch of time.
report-refusals = What was refused
report-refusals-all = { $count ->
    [0] Nothing was refused in this stretch of time.
    [one] One entry, a refusal
   *[other] { $count } entries, the newest first
}
report-refusals-newest = The newest { $listed } of { $count } entries
report-because = why
report-classes = classes
report-unusual = What is unusual
report-unusual-about = By rules that the centre can change (amanah audit rules). What is pointed out here is to be asked about; it is no accusation.
report-unusual-all = { $count ->
    [0] Nothing unusual in this stretch of time.
    [one] One finding
   *[other] { $count } findings
}
report-unusual-newest = The newest { $listed } of { $count } findings
report-releases = What went from one institution to another
report-release-asked = asked
report-release-asker = by
report-release-by = released by
report-release-state = state
report-release-records = records
report-release-answer = until answered
report-release-opening = until opened
report-release-caption = { $count ->
    [0] Nothing was asked for in this stretch of time.
    [one] One request; without an answer: { $waiting }; time to the last answer: { $median }
   *[other] { $count } requests; without an answer: { $waiting }; median time to the last answer: { $median }
}
report-release-opened = opened { $time }
report-release-withdrawn = taken back
report-release-denied = denied by { $members }
report-release-waits = waits for an answer
report-release-given = released, not opened yet
report-minutes = { $minutes } min
report-hours = { $hours } h { $minutes } min
report-days = { $days } d { $hours } h
report-witnesses = Who watches over the ledger from outside
report-witnesses-rule = The charter wants { $any } of them to have cosigned within { $hours } hours
report-witnesses-none = The charter names no witnesses.
report-made = Made at { $time } ({ $zone }).
report-from-entries = From the entries { $from } to { $to } of the ledger.
report-no-names = The ledger holds no name, number or value of a child, and this page holds no record’s id either: entry numbers lead back to the ledger.
report-checkpoint = The newest checkpoint covers { $size } entries. Its root is
report-check = Who has a copy of the published ledger can count it all again. The log’s key is
report-vault = The vault is
