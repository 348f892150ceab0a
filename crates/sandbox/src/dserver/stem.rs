//! A light English stemmer: what MongoDB's does (Snowball's, called Porter 2) to the endings that words of metadata have.
//!
//! Simplified: no exceptions (`dying`, `skies`), no apostrophes, the commonest suffixes only. Two words that have one stem
//! there and two here find each other there only; the tests show that the seed's words are not among them.

/// Suffixes that go, or become another, where a word stays that is long enough (Porter's R1 and R2). The longest come first.
const FIRST: [(&str, &str); 20] = [
    ("ization", "ize"),
    ("ational", "ate"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("iveness", "ive"),
    ("tional", "tion"),
    ("biliti", "ble"),
    ("lessli", "less"),
    ("entli", "ent"),
    ("ation", "ate"),
    ("alism", "al"),
    ("aliti", "al"),
    ("ousli", "ous"),
    ("iviti", "ive"),
    ("fulli", "ful"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("ator", "ate"),
    ("alli", "al"),
];
const SECOND: [(&str, &str); 8] = [
    ("ational", "ate"),
    ("tional", "tion"),
    ("alize", "al"),
    ("icate", "ic"),
    ("iciti", "ic"),
    ("ical", "ic"),
    ("ness", ""),
    ("ful", ""),
];
const LAST: [&str; 17] = [
    "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "al",
    "er", "ic",
];

/// The stem of a word in lower case.
pub(super) fn stem(word: &str) -> String {
    if word.chars().count() <= 2 || !word.bytes().all(|it| it.is_ascii_lowercase()) {
        // Neither a number nor another language has an English ending; `resumés` has, and keeps it here.
        return word.to_owned();
    }
    let mut word = plural(word);
    word = past(&word);
    if word.len() > 2 && word.ends_with('y') && !is_vowel(word.as_bytes()[word.len() - 2]) {
        word.replace_range(word.len() - 1.., "i");
    }
    let (one, two) = regions(&word);
    let replace = |word: &mut String, table: &[(&str, &str)]| {
        if let Some((suffix, new)) = table.iter().find(|(suffix, _)| word.ends_with(suffix))
            && word.len() - suffix.len() >= one
        {
            word.replace_range(word.len() - suffix.len().., new);
        }
    };
    if let Some(cut) = word.strip_suffix("ogi").filter(|cut| cut.ends_with('l') && word.len() - 3 >= one) {
        word = format!("{cut}og");
    } else if let Some(cut) = word
        .strip_suffix("li")
        .filter(|cut| word.len() - 2 >= one && cut.ends_with(['c', 'd', 'e', 'g', 'h', 'k', 'm', 'n', 'r', 't']))
    {
        word = cut.to_owned();
    } else {
        replace(&mut word, &FIRST);
    }
    replace(&mut word, &SECOND);
    if let Some(suffix) = LAST.iter().find(|suffix| word.ends_with(**suffix)) {
        if word.len() - suffix.len() >= two {
            word.truncate(word.len() - suffix.len());
        }
    } else if (word.ends_with("sion") || word.ends_with("tion")) && word.len() - 3 >= two {
        word.truncate(word.len() - 3);
    }
    if let Some(cut) = word.strip_suffix('e')
        && (cut.len() >= two || (cut.len() >= one && !ends_short(cut)))
    {
        word.truncate(word.len() - 1);
    } else if word.ends_with("ll") && word.len() > two {
        word.truncate(word.len() - 1);
    }
    word
}

fn is_vowel(letter: u8) -> bool {
    b"aeiouy".contains(&letter)
}

/// Where the parts of a word begin that come after its first, and its second, vowel and consonant in a row.
fn regions(word: &str) -> (usize, usize) {
    let bytes = word.as_bytes();
    let after = |from: usize| {
        let pair = (from..bytes.len().saturating_sub(1)).find(|at| is_vowel(bytes[*at]) && !is_vowel(bytes[*at + 1]));
        pair.map_or(bytes.len(), |at| at + 2)
    };
    let one = after(0);
    (one, after(one))
}

/// Whether it ends in a short syllable, as `hop` and not as `hoop`.
fn ends_short(word: &str) -> bool {
    match word.as_bytes() {
        [.., before, vowel, after] => {
            !is_vowel(*before) && is_vowel(*vowel) && !is_vowel(*after) && !b"wx".contains(after)
        }
        [vowel, after] => is_vowel(*vowel) && !is_vowel(*after),
        _ => false,
    }
}

fn plural(word: &str) -> String {
    if let Some(cut) = word.strip_suffix("sses") {
        return format!("{cut}ss");
    }
    if let Some(cut) = word.strip_suffix("ies").or_else(|| word.strip_suffix("ied")) {
        return format!("{cut}{}", if cut.len() > 1 { "i" } else { "ie" });
    }
    if word.ends_with("us") || word.ends_with("ss") {
        return word.to_owned();
    }
    match word.strip_suffix('s') {
        Some(cut) if cut.bytes().rev().skip(1).any(is_vowel) => cut.to_owned(),
        _ => word.to_owned(),
    }
}

fn past(word: &str) -> String {
    let (one, _) = regions(word);
    for suffix in ["eedly", "eed"] {
        if let Some(cut) = word.strip_suffix(suffix) {
            return if cut.len() >= one { format!("{cut}ee") } else { word.to_owned() };
        }
    }
    for suffix in ["ingly", "edly", "ing", "ed"] {
        let Some(cut) = word.strip_suffix(suffix) else { continue };
        if !cut.bytes().any(is_vowel) {
            return word.to_owned();
        }
        if ["at", "bl", "iz"].iter().any(|it| cut.ends_with(it)) {
            return format!("{cut}e");
        }
        let bytes = cut.as_bytes();
        if let [.., one, two] = bytes
            && one == two
            && b"bdfgmnprt".contains(two)
        {
            return cut[..cut.len() - 1].to_owned();
        }
        // A short word gets back the `e` that it lost.
        let (one, _) = regions(cut);
        return if ends_short(cut) && one >= cut.len() { format!("{cut}e") } else { cut.to_owned() };
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stems as MongoDB 6 has them (`snowballstemmer`'s `english` gives the same).
    #[test]
    fn words_of_metadata_have_the_stems_that_mongodb_gives_them() {
        for (word, expected) in [
            ("simulation", "simul"),
            ("simulate", "simul"),
            ("simulations", "simul"),
            ("simulated", "simul"),
            ("simulating", "simul"),
            ("microscopy", "microscopi"),
            ("sequencing", "sequenc"),
            ("sequence", "sequenc"),
            ("sequences", "sequenc"),
            ("tribology", "tribolog"),
            ("tribological", "tribolog"),
            ("datasets", "dataset"),
            ("description", "descript"),
            ("owners", "owner"),
            ("campaign", "campaign"),
            ("campaigns", "campaign"),
            ("temperature", "temperatur"),
            ("creation", "creation"),
            ("number", "number"),
            ("numbers", "number"),
            ("running", "run"),
            ("run", "run"),
            ("even", "even"),
            ("odd", "odd"),
            ("noether", "noether"),
            ("lovelace", "lovelac"),
            ("grace", "grace"),
            ("micro", "micro"),
            ("classes", "class"),
            ("studies", "studi"),
            ("hoping", "hope"),
            ("hopping", "hop"),
            ("measurement", "measur"),
            ("measured", "measur"),
            ("gas", "gas"),
            ("this", "this"),
            ("quickly", "quick"),
            ("00", "00"),
        ] {
            assert_eq!(stem(word), expected, "{word}");
        }
    }
}
