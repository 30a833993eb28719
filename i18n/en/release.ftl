# Requests and releases.

field-classes = classes
field-denied = denied by
field-missing = still to release
field-released = released by
field-request = request
field-state = state
field-until = until
request-open = open
request-expired = its day is over
request-withdrawn = withdrawn
request-void = void: the charter has changed since
request-made = asked; { $request } is its name for those who answer
request-widened = what is released holds these fields too, which were written together with those asked for: { $fields }
request-taken-back = the request { $request } is withdrawn
release-made = { $count ->
    [one] { $group } has released its share of one envelope to { $asker }
   *[other] { $group } has released its shares of { $count } envelopes to { $asker }
}
release-denied = denied; who asked can read why

hint-release-malformed = ask for the file again
hint-release-other-vault = name the vault that it is for with --vault
hint-release-expired = ask again with `amanah request new`
hint-release-bad-day = give another day with --until
hint-release-withdrawn = ask again with `amanah request new`
hint-release-replayed = ask for the answer to this request
hint-release-not-for-you = give the file to { $asker }, or ask yourself with `amanah request new`
hint-release-not-yours = ask { $asker }
hint-release-stranger = compare the charter with the body that sent this
hint-release-revoked = ask another member of the same group
hint-release-altered = ask for the file again, and compare it with { $name }
hint-release-other-charter = ask again under the charter in force: `amanah request new`
hint-release-not-of-group = ask a member of { $group }
hint-release-newer-charter = take the newer charters in: the centre writes them with `amanah charter export`, and `amanah charter trust` reads them
hint-release-no-share = `amanah request show` says whose shares are wanted; a file is for one body: who asked makes one for yours with `amanah request send --for`
hint-release-not-covered = ask for it with `amanah request new`
hint-release-quorum = `amanah request show` says whose shares are wanted
hint-release-denied = ask another group that holds a share
hint-release-opens-alone = read it with `amanah record show`
hint-release-no-reason = deny the request; who asks makes another one, with --reason
hint-release-too-many = ask for a part of it at a time
hint-release-nothing = `amanah record show` says what is sealed, and in which class
hint-release-no-request = `amanah request list --all` shows the requests; check the name if a file is meant; what was asked for with --aside is opened with --statement
hint-release-ambiguous = write more characters of the id
hint-release-there = nothing more has to be done; with --output it is written as a file again
hint-release-long-because = shorten it

request-sent = it holds what { $groups } need to answer, and nothing else
release-because = the reason given: { $because }
release-page = { $file } is written; it needs no network, and can be printed
release-title = { $name }: released records
release-written = { $classes }: written by { $member } for { $group } on { $time } (version { $version }, entry { $entry } of the ledger)
statement-made = { $file } says what was opened; give it to the centre, which takes it in with `amanah ledger admit`
statement-admitted = admitted: { $by } opened { $count } envelopes with { $with }, { $time }
charter-exported = let the receiver compare this fingerprint by voice: `amanah charter trust`
charter-trust-ask = { $name }: is { $fingerprint } the fingerprint that you were told?
charter-trusted = the charter of { $name } is known here, up to version { $version }

hint-charter-fingerprint = ask for the file again, and compare the fingerprint by voice
hint-release-unknown = take its charters in with `amanah charter trust`
hint-release-which-vault = say which with --of; `amanah charter trust` takes in the charters of another
hint-release-not-entered = ask for the file again; if it stays so, ask the witnesses of the ledger
hint-release-not-written = ask for the file again; if it stays so, ask another body that has a copy of the vault, and the witnesses of the ledger
hint-release-nothing-carried = name the vault, or a copy of it, with --vault
hint-release-seen = let it be made again with --seen { $size }
hint-release-for-whom = say with --for for whom it is, and make one for each body: `amanah request send`
hint-release-no-share-of = `amanah request show` says whose shares are wanted
hint-release-not-an-overseer = leave --aside and --statement out
request-no-reason = none that your groups can read
release-ask = release your group's shares of this to { $asker }?
hint-statement-erased = keep the statement: what was opened stands in it, and not in the ledger any more
hint-statement-admitted = nothing more has to be done

glass-broken = opened in an emergency; this stands first in every report until an overseer has acknowledged it
glass-first = opened in an emergency and not acknowledged yet: { $count }; an overseer does it with `amanah glass acknowledge`
glass-acknowledged = entry { $entry } is acknowledged
charter-break-glass = in an emergency { $class } is opened by { $who }
change-break-glass = who opens { $class } in an emergency

hint-charter-emergency-group = make a group for it alone, with members of your choice
hint-release-no-glass = `amanah charter show` says who opens what in an emergency
hint-release-not-glass = `amanah glass list` shows them
hint-release-acknowledged = nothing more has to be done

demo-release = The head opens it with a release of KPAI
demo-release-how = Two institutions, no network between them: a request goes there as a file, a release comes back as a file. KPAI's machine has no vault.
demo-release-asked = the request and what KPAI needs to answer it: { $file }
demo-release-given = { $member } has checked it, and released KPAI's shares of exactly these envelopes: { $file }
