use std::fmt;

use crate::Place;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What breaks a rule of the profile.
    pub findings: Vec<Finding>,
    /// What this crate can't judge, and the server will.
    pub left: Vec<Left>,
}

/// One thing that is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where the record was written, if it came from a table.
    pub place: Option<Place>,
    /// The field's label; nested ones after their outer one: `Device > Name`.
    pub field: Option<String>,
    /// The field's IRI.
    pub path: Option<String>,
    /// The value that is wrong, as it was given.
    pub value: Option<String>,
    /// The rule, by its name in SHACL without the namespace: `minCount`, `datatype`. `field` for a field that the
    /// profile does not have.
    pub rule: &'static str,
    /// The rule in words, to follow on field and value: `is longer than 5 characters`.
    pub message: String,
}

/// A rule that is left to the server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Left {
    /// The field's label, if the rule stands in a field.
    pub field: Option<String>,
    /// The rule's IRI or name, and why it is left.
    pub rule: String,
}

impl Report {
    /// Nothing breaks a rule. What is [left](Self::left) to the server may still be refused there.
    pub fn conforms(&self) -> bool {
        self.findings.is_empty()
    }

    /// Says of each finding where its record was written.
    pub fn at(mut self, place: &Place) -> Self {
        for finding in &mut self.findings {
            finding.place = Some(place.clone());
        }
        self
    }

    /// Takes in what another check found; what is left to the server is said once.
    pub fn extend(&mut self, other: Self) {
        self.findings.extend(other.findings);
        for left in other.left {
            if !self.left.contains(&left) {
                self.left.push(left);
            }
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        if let Some(field) = &self.field {
            write!(f, "field {field:?}: ")?;
        }
        if let Some(value) = &self.value {
            write!(f, "{value:?} ")?;
        }
        f.write_str(&self.message)
    }
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = &self.field {
            write!(f, "field {field:?}: ")?;
        }
        write!(f, "{} is left to the server", self.rule)
    }
}
