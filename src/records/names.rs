//! Names of people, as they are compared in Indonesia: one spelling for the many in which a name is
//! written, and what is one typing mistake away from it.
//!
//! The old spelling (before 1972) and the new one, titles, and the short forms of Muhammad and
//! Siti name the same person: `H. Moch. Djoenaedi bin Soetopo, S.Pd.` is `Muhammad Junaidi
//! Sutopo`. Every word is brought into a form in which the letters that stand for each other are
//! one letter; that form is for comparing, not for reading.

use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Fewest letters of a word that is searched. Shorter ones would match too much.
pub const MIN_WORD: usize = 3;

/// Fewest letters of a word in which a typing mistake is looked for: in a shorter one, one letter
/// is a third of it.
pub const MIN_MISTAKEN: usize = 4;

/// Most letters of a word that count. Nobody's name is longer, and what is probed grows with it.
const MAX_WORD: usize = 24;

/// One word of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As it was written, in lower case and without marks.
    pub plain: String,
    /// The form in which it is compared.
    pub key: String,
}

/// What is not part of a name: titles, degrees, forms of address, and the words that say whose
/// child somebody is.
const IGNORED: &[&str] = &[
    "al",
    "el",
    "bin",
    "binti",
    "bt",
    "bte",
    "ibn",
    "ibnu",
    "alm",
    "almh",
    "almarhum",
    "almarhumah",
    "h",
    "hj",
    "haji",
    "hajah",
    "hajjah",
    "kh",
    "ky",
    "kyai",
    "kiai",
    "nyai",
    "ust",
    "ustad",
    "ustadz",
    "ustaz",
    "ustadzah",
    "habib",
    "syekh",
    "syech",
    "gus",
    "drs",
    "dra",
    "dr",
    "ir",
    "prof",
    "sh",
    "se",
    "st",
    "mt",
    "mm",
    "mh",
    "msi",
    "ssi",
    "mpd",
    "spd",
    "spdi",
    "mpdi",
    "sag",
    "mag",
    "sthi",
    "ssos",
    "msos",
    "sip",
    "skm",
    "sked",
    "skep",
    "ns",
    "amd",
    "amdkeb",
    "ama",
    "skom",
    "mkom",
    "phd",
    "ma",
    "mba",
    "msc",
    "bsc",
    "ba",
    "spsi",
    "mpsi",
    "sst",
    "strkes",
    "bpk",
    "bapak",
    "ibu",
    "sdr",
    "sdri",
    "tn",
    "ny",
    "nn",
    "an",
    "alias",
    "rr",
    "r",
    "ra",
    "rm",
    "raden",
];

/// The ways in which Muhammad is written short. Those of one and two letters are so only before
/// another word.
const MUHAMMAD: &[&str] = &[
    "m",
    "md",
    "mh",
    "moh",
    "muh",
    "mhd",
    "mohd",
    "muhd",
    "moch",
    "much",
    "mokh",
    "mochd",
    "mohamad",
    "mohammad",
    "mohamed",
    "mohammed",
    "muhamad",
    "muhammad",
    "muhamed",
    "muhammed",
    "mochamad",
    "mochammad",
    "muchamad",
    "muchammad",
    "mokhamad",
    "mokhammad",
    "mukhamad",
    "mukhammad",
    "muhamat",
    "muhammat",
    "mohamat",
];

/// The words of a name that count, in the order written. Titles and the like are left out, unless
/// nothing else is there.
pub fn words(name: &str) -> Vec<Word> {
    let parts = parts(name);
    let kept = kept(&parts);
    if kept.is_empty() { parts.iter().filter(|part| !part.is_empty()).map(|part| bare(part)).collect() } else { kept }
}

/// Whether all words of a name are titles and the like. Then it is found as it stands, and not in names that have
/// other words: `Habib`, but not `Habib Maulana`.
pub fn is_all_titles(name: &str) -> bool {
    let parts = parts(name);
    !parts.is_empty() && kept(&parts).is_empty()
}

fn kept(parts: &[String]) -> Vec<Word> {
    let word = |(at, part): (usize, &String)| {
        // What comes before titles only is one itself: `Fauzi, S.T., M.T.`
        let followed = || parts[at + 1..].iter().any(|part| !IGNORED.contains(&part.as_str()));
        word(part, followed)
    };
    parts.iter().enumerate().filter_map(word).collect()
}

/// All keys of words that are one typing mistake away from this one: a letter too many, one too
/// few, a wrong one, or two exchanged. Of the word as written and of its key, because a mistake
/// within `dj` changes more than one letter of the key. The key itself is not among them.
pub fn mistaken(word: &Word) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    if !can_be_mistaken(word) {
        return out;
    }
    for near in one_off(&word.plain) {
        out.insert(key(&near));
    }
    out.extend(one_off(&word.key));
    out.remove(&word.key);
    out.remove("");
    out
}

/// How alike two names are, from 0 to 100: how many of the words of the shorter one the other has,
/// those with one mistake counting less.
pub fn likeness(a: &str, b: &str) -> u32 {
    let (a, b) = (words(a), words(b));
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.is_empty() {
        return 0;
    }
    let mut free: Vec<bool> = vec![true; long.len()];
    let mut sum = 0;
    for word in &short {
        let alike = |other: &Word| match other.key == word.key {
            true => 100,
            false if is_mistaken(word, other) => 80,
            false => 0,
        };
        let best = (0..long.len()).filter(|at| free[*at]).max_by_key(|at| alike(&long[*at]));
        if let Some(at) = best.filter(|at| alike(&long[*at]) > 0) {
            free[at] = false;
            sum += alike(&long[at]);
        }
    }
    // A word that only one of them has makes them a little less alike; one shared word of many is
    // not the same name.
    let missing = (long.len() - short.len()) as u32;
    (sum / short.len() as u32).saturating_sub(10 * missing)
}

/// Whether two words are one typing mistake apart.
pub fn is_mistaken(a: &Word, b: &Word) -> bool {
    can_be_mistaken(a) && (strsim::osa_distance(&a.plain, &b.plain) <= 1 || strsim::osa_distance(&a.key, &b.key) <= 1)
}

fn can_be_mistaken(word: &Word) -> bool {
    word.plain.chars().count() >= MIN_MISTAKEN
}

/// The pieces of a name: letters only, in lower case, without marks.
fn parts(name: &str) -> Vec<String> {
    let folded: String = name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let mut out = Vec::new();
    for chunk in folded.split(|c: char| !(c.is_alphabetic() || matches!(c, '.' | '\'' | '’' | '`' | '‘' | 'ʼ'))) {
        let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
        let joined = letters(chunk);
        // `S.Pd.` is one title, `Drs.H.Ahmad` three words.
        if IGNORED.contains(&joined.as_str()) || MUHAMMAD.contains(&joined.as_str()) {
            out.push(joined);
        } else {
            out.extend(chunk.split('.').map(letters).filter(|part| !part.is_empty()));
        }
    }
    out
}

/// A piece as a word; `None` if it does not count.
fn word(part: &str, followed: impl Fn() -> bool) -> Option<Word> {
    if part.is_empty() {
        return None;
    }
    if MUHAMMAD.contains(&part) && (part.len() > 2 || followed()) {
        return Some(Word { plain: "muhammad".into(), key: key("muhammad") });
    }
    match part {
        "st" if followed() => return Some(Word { plain: "siti".into(), key: key("siti") }),
        "abd" => return Some(Word { plain: "abdul".into(), key: key("abdul") }),
        _ if IGNORED.contains(&part) => return None,
        _ => {}
    }
    Some(bare(part))
}

fn bare(part: &str) -> Word {
    let plain: String = part.chars().take(MAX_WORD).collect();
    let key = key(&plain);
    // A word of `h` alone would have no key.
    Word { key: if key.is_empty() { plain.clone() } else { key }, plain }
}

/// Pairs of letters and what they become; in this order.
const PAIRS: &[([char; 2], &str)] = &[
    (['o', 'e'], "u"),
    (['o', 'u'], "u"),
    (['o', 'o'], "u"),
    (['i', 'e'], "i"),
    (['d', 'j'], "y"),
    (['t', 'j'], "c"),
    (['s', 'j'], "sy"),
    (['s', 'h'], "sy"),
    (['n', 'j'], "ny"),
    (['k', 'h'], "h"),
    (['c', 'h'], "h"),
    (['g', 'h'], "g"),
    (['d', 'h'], "d"),
    (['t', 'h'], "t"),
    (['d', 'z'], "z"),
    (['d', 'l'], "dl"),
    (['p', 'h'], "f"),
    (['c', 'k'], "k"),
];

/// The form in which a word is compared.
fn key(plain: &str) -> String {
    let letters: Vec<char> = plain.chars().collect();
    let mut out: Vec<char> = Vec::with_capacity(letters.len());
    let mut at = 0;
    while at < letters.len() {
        let begins = |from: &[char; 2]| letters[at..].starts_with(from);
        if let Some((_, to)) = PAIRS.iter().find(|(from, _)| begins(from)) {
            out.extend(to.chars());
            at += 2;
            continue;
        }
        match letters[at] {
            'j' => out.push('y'),
            'v' => out.push('f'),
            'q' => out.push('k'),
            'z' => out.push('s'),
            'x' => out.extend(['k', 's']),
            other => out.push(other),
        }
        at += 1;
    }
    // A y that is not beside a vowel is one: Rizky, Dewy, Fahmy.
    let vowel = |c: Option<&char>| matches!(c, Some('a' | 'i' | 'u' | 'e' | 'o'));
    let softened = (0..out.len()).map(|at| match out[at] {
        'y' if at > 0 && !vowel(out.get(at + 1)) && !vowel(out.get(at - 1)) => 'i',
        'z' => 's',
        other => other,
    });
    let mut key = String::with_capacity(out.len());
    for c in softened {
        if !key.ends_with(c) {
            key.push(c);
        }
    }
    // Fatimah and Fatima, Aisyah and Aisya.
    if key.chars().count() > 3
        && let Some(cut) = key.strip_suffix('h')
    {
        key.truncate(cut.len());
    }
    key
}

/// Everything one mistake away from a word.
fn one_off(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut out = Vec::new();
    for at in 0..=letters.len() {
        let (head, tail) = letters.split_at(at);
        let with = |middle: Option<char>, rest: &[char]| head.iter().chain(&middle).chain(rest).collect::<String>();
        for letter in 'a'..='z' {
            out.push(with(Some(letter), tail));
            if let [_, rest @ ..] = tail {
                out.push(with(Some(letter), rest));
            }
        }
        if let [_, rest @ ..] = tail {
            out.push(with(None, rest));
        }
        if let [first, second, rest @ ..] = tail {
            let swapped: Vec<char> = [*second, *first].into_iter().chain(rest.iter().copied()).collect();
            out.push(with(None, &swapped));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(name: &str) -> Vec<String> {
        words(name).into_iter().map(|word| word.key).collect()
    }

    #[test]
    fn spellings_of_one_name() {
        for (a, b) in [
            ("Soekarno", "Sukarno"),
            ("Soeharto", "Suharto"),
            ("Djoko", "Joko"),
            ("Tjahjo", "Cahyo"),
            ("Tjipto", "Cipto"),
            ("Jusuf", "Yusuf"),
            ("Soerjono", "Suryono"),
            ("Njoman", "Nyoman"),
            ("Achmad", "Akhmad"),
            ("Chairul", "Khairul"),
            ("Sjahrir", "Syahrir"),
            ("Sjafrudin", "Syafruddin"),
            ("Muhammad Ali", "Mohammad Ali"),
            ("Muh. Ali", "Moh. Ali"),
            ("M. Ali", "Mochamad Ali"),
            ("M Ali", "Mhd Ali"),
            ("Siti Aminah", "Sitti Aminah"),
            ("St. Aminah", "Siti Aminah"),
            ("Annisa", "Anisa"),
            ("Nurul Hidayatullah", "Nurul Hidayatulah"),
            ("Rizky", "Rizki"),
            ("Aisyah", "Aisya"),
            ("Arief", "Arif"),
            ("Nur'aini", "Nuraini"),
            ("H. Ahmad bin Hasan, S.Pd., M.Pd.", "Ahmad Hasan"),
            ("Drs.H.Ahmad", "Ahmad"),
            ("Ahmad Fauzi, S.T., M.T.", "Ahmad Fauzi"),
            ("Ahmad, M.H., S.Ag.", "Ahmad"),
            ("St. Hj. Aminah", "Siti Aminah"),
            ("dr. Siti binti Umar", "Siti Umar"),
            ("Al-Ghifari", "Ghifari"),
            ("André", "Andre"),
        ] {
            assert_eq!(keys(a), keys(b), "{a} / {b}");
        }
    }

    #[test]
    fn other_names_stay_others() {
        for (a, b) in [
            ("Budi", "Rudi"),
            ("Siti", "Sinta"),
            ("Ahmad", "Muhammad"),
            ("Dewi", "Dewa"),
            ("Ani", "Ana"),
            ("Sukarno", "Suharno"),
            ("Hasan", "Husain"),
        ] {
            assert_ne!(keys(a), keys(b), "{a} / {b}");
        }
    }

    #[test]
    fn titles_are_kept_where_nothing_else_is() {
        assert_eq!(words("Haji").len(), 1);
        assert!(is_all_titles("H. Habib") && !is_all_titles("Habib Maulana") && !is_all_titles(" - "));
        assert_eq!(words("M.").len(), 1);
        assert_eq!(words("M.")[0].plain, "m");
        assert!(words(" -- ").is_empty());
    }

    #[test]
    fn one_mistake() {
        for (typed, meant) in [
            ("djko", "djoko"),
            ("dkoko", "djoko"),
            ("siit", "siti"),
            ("amnah", "aminah"),
            ("aminahh", "aminah"),
            ("rahmawato", "rahmawati"),
            ("muhamnad", "muhammad"),
            ("soekarmo", "sukarno"),
        ] {
            let (typed, meant) = (bare(typed), bare(meant));
            assert!(typed.key == meant.key || mistaken(&typed).contains(&meant.key), "{typed:?} {meant:?}");
        }
        for (typed, other) in [("budi", "rido"), ("rahmawati", "rahwamito"), ("ani", "ana")] {
            assert!(!mistaken(&bare(typed)).contains(&bare(other).key), "{typed} {other}");
        }
        assert!(mistaken(&bare("abdurrahman")).len() < 1_500);
    }

    #[test]
    fn likeness_of_names() {
        assert_eq!(likeness("Siti Aminah", "Aminah Sitti"), 100);
        assert_eq!(likeness("Siti Aminah", "Siti Amimah"), 90);
        assert!(likeness("Siti Aminah", "Siti Rahmawati") < 60);
        assert!(likeness("Muhammad Rizky", "M. Rizki Pratama") >= 80);
        assert_eq!(likeness("", "Siti"), 0);
    }
}
