//! One share: its numbers, its words, and the checksum that finds the wrong word.

use std::{collections::HashMap, sync::LazyLock};

use zeroize::{Zeroize, Zeroizing};

use super::Slip39Error;

const LIST: &str = include_str!("words.txt");

/// Bits that a word stands for.
const RADIX: usize = 10;

/// Words of the checksum.
const CHECK: usize = 3;

/// Words that are not of the value: four of numbers, three of the checksum.
const AROUND: usize = 4 + CHECK;

/// Fewest words: those of 128 bits.
const LEAST: usize = AROUND + 13;

/// Most words: those of 512 bits, more than any key here has.
const MOST: usize = AROUND + 52;

static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| LIST.lines().collect());

/// The words, and their first four letters: no two words begin with the same four.
static NUMBERS: LazyLock<HashMap<&'static str, u16>> = LazyLock::new(|| {
    let numbered = WORDS.iter().zip(0_u16..);
    numbered.flat_map(|(word, number)| [(*word, number), (&word[..4], number)]).collect()
});

/// One share of a secret.
///
/// On paper (20 words for 128 bits, 33 for 256):
///
/// ```text
/// duckling enlarge academic academic agency result length solution fridge kidney coal piece deal husband erode duke ajar critical decision keyboard
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Share {
    /// The same in all shares of one splitting: 15 random bits.
    pub identifier: u16,
    /// Whether the identifier is left out of the encryption, so that the secret can be split again.
    pub extendable: bool,
    /// How much work the passphrase is: `10,000 << exponent` rounds.
    pub exponent: u8,
    /// The number of its group, from 0.
    pub group: u8,
    /// How many groups are wanted.
    pub group_threshold: u8,
    /// How many groups there are.
    pub groups: u8,
    /// Its own number within the group, from 0.
    pub index: u8,
    /// How many shares of its group are wanted.
    pub threshold: u8,
    /// The share itself.
    pub value: Zeroizing<Vec<u8>>,
}

impl Share {
    /// The words, with a space between them.
    pub fn words(&self) -> Zeroizing<String> {
        let head = u32::from(self.identifier) << 5 | u32::from(self.extendable) << 4 | u32::from(self.exponent);
        let numbers = [self.group, self.group_threshold - 1, self.groups - 1, self.index, self.threshold - 1];
        let numbers = numbers.iter().fold(0_u32, |all, number| all << 4 | u32::from(*number));
        let mut words = Zeroizing::new(Vec::with_capacity(MOST));
        for pair in [head, numbers] {
            words.extend([(pair >> RADIX) as u16, (pair & 0x3ff) as u16]);
        }
        let padding = (RADIX - self.value.len() * 8 % RADIX) % RADIX;
        let (mut held, mut bits) = (0_u32, padding);
        for byte in self.value.iter() {
            held = held << 8 | u32::from(*byte);
            bits += 8;
            if bits >= RADIX {
                bits -= RADIX;
                words.push((held >> bits) as u16);
                held &= (1 << bits) - 1;
            }
        }
        held.zeroize();
        let mut checked = words.to_vec();
        checked.extend([0; CHECK]);
        let sum = polymod(self.extendable, &checked) ^ 1;
        checked.zeroize();
        words.extend([(sum >> 20) as u16, (sum >> 10 & 0x3ff) as u16, (sum & 0x3ff) as u16]);
        // Room for the longest words: it never grows, which would leave copies behind.
        let mut text = Zeroizing::new(String::with_capacity(words.len() * 9));
        for (at, word) in words.iter().enumerate() {
            text.push_str(if at == 0 { "" } else { " " });
            text.push_str(WORDS.get(usize::from(*word)).copied().unwrap_or_default());
        }
        text
    }

    /// Reads the words; of each the first four letters suffice.
    ///
    /// # Errors
    /// What is wrong, and with which word where that can be told.
    pub fn parse(text: &str) -> Result<Share, Slip39Error> {
        let mut words = Zeroizing::new(Vec::with_capacity(MOST));
        for (at, word) in text.split_whitespace().enumerate() {
            let word = Zeroizing::new(word.to_lowercase());
            let number = NUMBERS.get(word.as_str()).ok_or(Slip39Error::UnknownWord { place: at + 1 })?;
            if words.len() == MOST {
                return Err(Slip39Error::WordCount { found: text.split_whitespace().count() });
            }
            words.push(*number);
        }
        let count = || Slip39Error::WordCount { found: words.len() };
        let padding = RADIX * words.len().checked_sub(AROUND).ok_or_else(count)? % 16;
        if words.len() < LEAST || padding > 8 {
            return Err(count());
        }
        let head = u32::from(words[0]) << RADIX | u32::from(words[1]);
        let extendable = head >> 4 & 1 == 1;
        if polymod(extendable, &words) != 1 {
            return Err(match wrong_word(&words) {
                Some(place) => Slip39Error::WrongWord { place: place + 1 },
                None => Slip39Error::Checksum,
            });
        }
        let numbers = u32::from(words[2]) << RADIX | u32::from(words[3]);
        let number = |at: u32| (numbers >> (4 * at) & 0xf) as u8;
        let share = Share {
            identifier: (head >> 5) as u16,
            extendable,
            exponent: (head & 0xf) as u8,
            group: number(4),
            group_threshold: number(3) + 1,
            groups: number(2) + 1,
            index: number(1),
            threshold: number(0) + 1,
            value: value(&words[4..words.len() - CHECK], padding).ok_or(Slip39Error::Malformed)?,
        };
        if share.group_threshold > share.groups { Err(Slip39Error::Malformed) } else { Ok(share) }
    }
}

impl std::fmt::Debug for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Share({} of set {})", self.index, self.identifier)
    }
}

/// The bytes that words stand for; `None` if the padding before them is not of zeros.
fn value(words: &[u16], padding: usize) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(Vec::with_capacity(words.len() * RADIX / 8));
    let (mut held, mut bits, mut skip) = (0_u32, 0, padding);
    for word in words {
        held = held << RADIX | u32::from(*word);
        bits += RADIX;
        if skip > 0 {
            // There are at most eight bits of it, so they are in the first word.
            if held >> (RADIX - skip) != 0 {
                return None;
            }
            bits -= skip;
            skip = 0;
        }
        while bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    held.zeroize();
    Some(out)
}

/// The Reed-Solomon code over GF(1024) of SLIP-39: 1 for words that are right.
fn polymod(extendable: bool, words: &[u16]) -> u32 {
    const GENERATOR: [u32; 10] = [
        0x00e0_e040,
        0x01c1_c080,
        0x0383_8100,
        0x0707_0200,
        0x0e0e_0009,
        0x1c0c_2412,
        0x3808_6c24,
        0x3090_fc48,
        0x21b1_f890,
        0x03f3_f120,
    ];
    let custom: &[u8] = if extendable { b"shamir_extendable" } else { b"shamir" };
    custom.iter().map(|byte| u32::from(*byte)).chain(words.iter().map(|word| u32::from(*word))).fold(1, |sum, word| {
        let shifted = (sum & 0x000f_ffff) << 10 ^ word;
        let picked = GENERATOR.iter().enumerate().filter(|(bit, _)| sum >> (20 + bit) & 1 == 1);
        picked.fold(shifted, |sum, (_, generator)| sum ^ generator)
    })
}

/// The one word that, written otherwise, would make the checksum right. The code tells any two such
/// shares apart by four words, so there is never more than one, and two wrong words find none.
fn wrong_word(words: &[u16]) -> Option<usize> {
    let mut tried = Zeroizing::new(words.to_vec());
    for place in 0..words.len() {
        for other in 0..1 << RADIX {
            tried[place] = other;
            let extendable = tried[1] >> 4 & 1 == 1;
            if polymod(extendable, &tried) == 1 {
                return Some(place);
            }
        }
        tried[place] = words[place];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS_20: &str = "duckling enlarge academic academic agency result length solution fridge kidney \
                            coal piece deal husband erode duke ajar critical decision keyboard";

    #[test]
    fn four_letters_of_a_word_suffice() {
        let short: Vec<&str> = WORDS_20.split_whitespace().map(|word| &word[..4]).collect();
        let share = Share::parse(&short.join("  ").to_uppercase()).unwrap();
        assert_eq!(*share.words(), WORDS_20);
        assert_eq!(WORDS.len(), 1024);
        assert_eq!(NUMBERS.len(), 2048 - WORDS.iter().filter(|word| word.len() == 4).count());
    }

    #[test]
    fn the_wrong_word_is_named() {
        let words: Vec<&str> = WORDS_20.split_whitespace().collect();
        for place in (0..words.len()).step_by(6).chain([1]) {
            let mut wrong = words.clone();
            wrong[place] = "zero";
            assert!(
                matches!(Share::parse(&wrong.join(" ")), Err(Slip39Error::WrongWord { place: at }) if at == place + 1),
                "{place}"
            );
            wrong[place] = "siti";
            assert!(
                matches!(Share::parse(&wrong.join(" ")), Err(Slip39Error::UnknownWord { place: at }) if at == place + 1)
            );
        }
        let mut swapped = words.clone();
        swapped.swap(6, 9);
        assert!(matches!(Share::parse(&swapped.join(" ")), Err(Slip39Error::Checksum)));
        for count in [0, 1, 19, 21, 200] {
            let some: Vec<&str> = words.iter().cycle().take(count).copied().collect();
            assert!(matches!(Share::parse(&some.join(" ")), Err(Slip39Error::WordCount { found }) if found == count));
        }
    }

    #[test]
    fn a_share_does_not_print_itself() {
        let share = Share::parse(WORDS_20).unwrap();
        assert_eq!(format!("{share:?}"), format!("Share(0 of set {})", share.identifier));
    }
}
