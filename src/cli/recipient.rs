//! Recipients as they are named on a command line: a card, an age recipient, an SSH key, or a file with
//! one of them.

use std::path::Path;

use zeroize::Zeroizing;

use super::{
    error::{CliError, CliResult},
    keys::show::MAX_CARD,
    work,
};
use crate::{crypto::age_wrap::Recipient, custody::Card};

/// What stands before the recipient in a file with a private key.
const COMMENTS: [&str; 2] = ["public key:", "recipient:"];

/// What a private key begins with.
const PRIVATE: [&str; 2] = ["AGE-SECRET-KEY-", "AGE-PLUGIN-"];

/// The recipient that is named, and the card if it was one.
///
/// # Errors
/// A file that cannot be read, that is a card and does not verify, or that does not name one recipient.
pub fn named(text: &str) -> CliResult<(Recipient, Option<Card>)> {
    if let Ok(recipient) = text.parse::<Recipient>() {
        return Ok((recipient, None));
    }
    let bytes = Zeroizing::new(work::read_file(Path::new(text), MAX_CARD)?);
    if bytes.starts_with(b"amanah card/") {
        let card = Card::parse(&bytes)?;
        return Ok((card.recipient.clone(), Some(card)));
    }
    let recipient = one_in(&bytes).ok_or_else(|| CliError::NotOneRecipient { path: text.to_owned() })?;
    Ok((recipient, None))
}

/// The recipient of a file like those of `age -R`, of an SSH public key, or of a private key whose
/// recipient stands in a comment, as `age-keygen` and plugins write it; if it names just one.
fn one_in(bytes: &[u8]) -> Option<Recipient> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut found: Option<Recipient> = None;
    for line in text.lines().map(str::trim) {
        let recipient = match line.strip_prefix('#').map(|comment| in_comment(comment.trim())) {
            Some(None) => continue,
            Some(recipient) => recipient,
            None if line.is_empty() || PRIVATE.iter().any(|private| line.starts_with(private)) => continue,
            None => Some(in_line(line)?),
        };
        if found.is_some() && found != recipient {
            return None;
        }
        found = recipient;
    }
    found
}

fn in_comment(comment: &str) -> Option<Recipient> {
    let after = |name: &str| {
        let (begins, rest) = comment.split_at_checked(name.len())?;
        begins.eq_ignore_ascii_case(name).then_some(rest)
    };
    COMMENTS.into_iter().find_map(after)?.trim().parse().ok()
}

fn in_line(line: &str) -> Option<Recipient> {
    // An SSH key has a comment after it.
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let line = if words[0].starts_with("ssh-") { words[..words.len().min(2)].join(" ") } else { line.to_owned() };
    line.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    const SSH: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN";

    #[test]
    fn a_file_names_one_recipient_or_none() {
        let other = Recipient::nobody().to_string();
        let one = |text: &str| one_in(text.as_bytes()).map(|recipient| recipient.to_string());
        for text in [
            ONE.to_owned(),
            format!("# mine\n\n  {ONE}\r\n"),
            format!("# created: 2026-11-26\n# public key: {ONE}\nAGE-SECRET-KEY-1QQQ\n"),
            format!("#       Serial: 1, Slot: 1\n#    Recipient: {ONE}\nAGE-PLUGIN-YUBIKEY-1QQQ\n"),
            format!("# public key: {ONE}\n{ONE}\n"),
        ] {
            assert_eq!(one(&text).as_deref(), Some(ONE), "{text}");
        }
        assert_eq!(one(&format!("{SSH} siti@desk\n")).as_deref(), Some(SSH));
        for text in [
            String::new(),
            "# public key: none\n".to_owned(),
            format!("{ONE}\n{other}\n"),
            format!("# public key: {ONE}\n{other}\n"),
            format!("{ONE}\nand more\n"),
            "-----BEGIN AGE ENCRYPTED FILE-----\n".to_owned(),
        ] {
            assert_eq!(one(&text), None, "{text}");
        }
    }
}
