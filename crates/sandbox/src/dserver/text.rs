//! Free text as MongoDB's `$text` searches it: words are alternatives, `"a phrase"` must be there, `-word` must not.
//!
//! Simplified: words are cut at whatever is neither a letter, a digit nor `_`, where MongoDB follows Unicode's tables;
//! accents count; the list of stop words holds those that metadata are likely to have.

use std::{collections::BTreeSet, sync::LazyLock};

use rust_stemmers::{Algorithm, Stemmer};

use super::state::Dataset;

/// Words that are in no index.
static STOP_WORDS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    let words = "a about above after again against all am an and any are as at be because been before being below \
    between both but by can cannot could did do does doing don down during each few for from further had has have having \
    he her here hers herself him himself his how i if in into is it its itself just me more most my myself no nor not now \
    of off on once only or other our ours ourselves out over own s same she should so some such t than that the their \
    theirs them themselves then there these they this those through to too under until up very was we were what when \
    where which while who whom why will with you your yours yourself yourselves";
    words.split_ascii_whitespace().collect()
});

/// The words of a text, as an index holds them.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    let cut = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|it| !it.is_empty());
    let lower = cut.map(str::to_lowercase);
    // Snowball's, as MongoDB has them.
    let stemmer = Stemmer::create(Algorithm::English);
    lower.filter(|it| !STOP_WORDS.contains(it.as_str())).map(move |it| stemmer.stem(&it).into_owned())
}

/// What is searched for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Search {
    any: BTreeSet<String>,
    none: BTreeSet<String>,
    phrases: Vec<String>,
    no_phrases: Vec<String>,
}

impl Search {
    pub fn parse(text: &str) -> Self {
        let mut search = Self::default();
        // What is between quotes is at the odd places; a quote that is not closed quotes nothing.
        let parts: Vec<&str> = text.split('"').collect();
        for (n, part) in parts.iter().enumerate() {
            let is_phrase = n % 2 == 1 && n + 1 < parts.len();
            let is_negated = is_phrase && parts[n - 1].ends_with('-') && !ends_within_word(parts[n - 1]);
            match (is_phrase, is_negated) {
                (true, true) => search.no_phrases.push(part.to_lowercase()),
                (true, false) => {
                    search.phrases.push(part.to_lowercase());
                    search.any.extend(words(part));
                }
                (false, _) => {
                    for term in part.split_whitespace() {
                        match term.strip_prefix('-') {
                            Some(term) => search.none.extend(words(term)),
                            None => search.any.extend(words(term)),
                        }
                    }
                }
            }
        }
        search
    }

    pub fn finds(&self, dataset: &Dataset) -> bool {
        let has = |word: &String| dataset.words.contains(word);
        let says = |phrase: &String| {
            let mut found = false;
            dataset.texts(&mut |text| found |= text.to_lowercase().contains(phrase));
            found
        };
        self.any.iter().any(has)
            && !self.none.iter().any(has)
            && self.phrases.iter().all(says)
            && !self.no_phrases.iter().any(says)
    }
}

/// Whether a dash at the end belongs to a word: `pre-"a b"`.
fn ends_within_word(text: &str) -> bool {
    text.trim_end_matches('-').ends_with(|c: char| !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dserver::{Release, Setup, seed};

    #[test]
    fn words_are_alternatives_and_phrases_and_negations_are_conditions() {
        let state = seed::state(Setup { release: Release::Released, datasets: 20 });
        let found = |text: &str| {
            let search = Search::parse(text);
            state.datasets.iter().filter(|it| search.finds(it)).count()
        };
        // Five are of each kind, and four are derived from one of this kind and name it so.
        assert_eq!(found("microscopy"), 9, "by its own readme, or that of a dataset derived from one");
        assert_eq!(found("MICROSCOPY"), 9);
        assert_eq!(found("micro"), 0, "no beginnings of words");
        assert_eq!(found("simulate"), found("simulation"));
        assert_eq!(found("\"microscopy campaign\""), 5);
        assert_eq!(found("microscopy -odd"), 4);
        assert_eq!(found("-odd"), 0, "only what is not wanted wants nothing");
        assert_eq!(found("microscopy -\"microscopy campaign\""), 4);
        assert_eq!(found("even odd"), 20);
        assert_eq!((found("about"), found(""), found("\"")), (0, 0, 0));
        assert_eq!(found("Lovelace"), 7);
    }
}
