# Identities that are kept unlocked.

hint-agent-time = for example `amanah unlock --for 15m`
hint-agent-failed = run the command again; without it every command asks for the passphrase
hint-agent-silent = run `amanah lock` again; if it stays so, end the process `amanah agent-serve`
hint-agent-folder = make it yours alone (`chmod 700`), or set XDG_RUNTIME_DIR to a folder of yours

agent-unlocked = { $minutes ->
    [one] { $member }: no passphrase is asked for within the next minute; `amanah lock` ends it
   *[other] { $member }: no passphrase is asked for within the next { $minutes } minutes; `amanah lock` ends it
}
agent-locked = { $count ->
    [0] no identity was unlocked
    [one] the identity is locked
   *[other] { $count } identities are locked
}
