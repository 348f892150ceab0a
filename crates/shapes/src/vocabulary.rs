use std::collections::HashMap;

/// The vocabularies that profiles name by `sh:class`, as far as the caller has loaded them.
///
/// What is loaded is taken to be whole: a term that is not in it is refused. A class that is not loaded is left to the
/// server.
#[derive(Clone, Debug, Default)]
pub struct Vocabularies {
    classes: HashMap<String, Vocabulary>,
}

/// The terms of one class.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    by_label: HashMap<String, String>,
    labels: HashMap<String, String>,
}

impl Vocabulary {
    /// A term and one of its labels. The first label of a term is the one that is shown.
    pub fn add(&mut self, iri: impl Into<String>, label: impl Into<String>) {
        let (iri, label) = (iri.into(), label.into());
        self.by_label.entry(label.to_lowercase()).or_insert_with(|| iri.clone());
        self.labels.entry(iri).or_insert(label);
    }

    /// The IRI of the term that is called so, in any case of letters.
    pub fn find(&self, label: &str) -> Option<&str> {
        self.by_label.get(label).or_else(|| self.by_label.get(&label.to_lowercase())).map(String::as_str)
    }

    /// What a term is called.
    pub fn label(&self, iri: &str) -> Option<&str> {
        self.labels.get(iri).map(String::as_str)
    }

    /// How many terms it has.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }
}

impl<I: Into<String>, L: Into<String>> FromIterator<(I, L)> for Vocabulary {
    fn from_iter<T: IntoIterator<Item = (I, L)>>(terms: T) -> Self {
        let mut vocabulary = Self::default();
        for (iri, label) in terms {
            vocabulary.add(iri, label);
        }
        vocabulary
    }
}

impl Vocabularies {
    /// Puts the terms of a class in, in place of what was there.
    pub fn insert(&mut self, class: impl Into<String>, vocabulary: Vocabulary) {
        self.classes.insert(class.into(), vocabulary);
    }

    /// The terms of a class; `None` if they were not loaded.
    pub fn get(&self, class: &str) -> Option<&Vocabulary> {
        self.classes.get(class)
    }
}
