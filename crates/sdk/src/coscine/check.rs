//! Metadata of files before it is sent: made of records, merged with what the server has, checked all at once.

use std::collections::{HashMap, HashSet};

use oxrdf::{Graph, NamedOrBlankNode, NamedOrBlankNodeRef, Term, Triple, vocab};
use shapes::{
    Finding, Place, Profile, Record, Row,
    rdf::{self, Syntax},
};

use super::{Form, Resource, metadata::statements};
use crate::{Error, Result};

/// The metadata that is sent with a file.
#[derive(Clone, Debug, Default)]
pub enum Metadata {
    /// What the resource gives by itself: its fixed values and its profile's defaults. With a file that is there already
    /// nothing is sent, and what it has stays; an S3 resource does without.
    #[default]
    Fixed,
    /// Fields and values, checked against the resource's profile before the first byte moves. What the file has already
    /// in other fields stays.
    Record(Record),
    /// The same from a table: what is wrong is told with its line.
    Row(Row),
    /// RDF in Turtle, as it is; the server checks it.
    Turtle(String),
    /// Nothing, and nothing is checked: to see in what two sides differ.
    Nothing,
}

impl Metadata {
    fn record(&self) -> Option<(&Record, Option<&Place>)> {
        match self {
            Self::Record(record) => Some((record, None)),
            Self::Row(row) => Some((&row.record, Some(&row.place))),
            Self::Fixed | Self::Turtle(_) | Self::Nothing => None,
        }
    }
}

/// A file whose metadata is asked for.
pub(super) struct Asked {
    /// Its path in the resource.
    pub path: String,
    pub metadata: Metadata,
    /// Whether the resource has it.
    pub is_there: bool,
}

/// What was made of it: RDF in Turtle to be sent, or nothing.
pub(super) type Answer = Option<String>;

/// Makes and checks the metadata of files; the answers are in the order of the files.
///
/// # Errors
/// All that is wrong with any of them is in [`Error::findings`].
pub(super) async fn check(resource: &Resource, files: &[Asked]) -> Result<Vec<Answer>> {
    let nothing = Record::new();
    let fixed_too = !resource.lies_in_s3();
    let is_filled = |it: &Asked| match it.metadata {
        Metadata::Fixed => fixed_too && !it.is_there,
        Metadata::Turtle(_) | Metadata::Nothing => false,
        Metadata::Record(_) | Metadata::Row(_) => true,
    };
    let records = files.iter().filter(|it| is_filled(it)).map(|it| it.metadata.record().map_or(&nothing, |it| it.0));
    let records: Vec<&Record> = records.collect();
    let form = if records.is_empty() { None } else { Some(resource.form(records).await?) };
    let given_again = |it: &Asked| it.is_there && !matches!(it.metadata, Metadata::Fixed | Metadata::Nothing);
    let stored = if files.iter().any(given_again) { stored(resource).await? } else { HashMap::new() };

    let (mut answers, mut findings) = (vec![], vec![]);
    for file in files {
        let stored = stored.get(&file.path).filter(|_| file.is_there);
        let answer = match (&file.metadata, &form) {
            (Metadata::Turtle(turtle), _) => {
                let given = rdf::read(turtle.as_bytes(), Syntax::Turtle, None, &file.path)?;
                let same = stored.is_some_and(|stored| statements(&given) == statements(stored));
                (!same).then(|| turtle.clone())
            }
            (metadata, Some(form)) if is_filled(file) => {
                let (record, place) = metadata.record().unwrap_or((&nothing, None));
                let (graph, found) = describe(form, record, stored);
                let place =
                    place.cloned().unwrap_or_else(|| Place { source: (*file.path).into(), line: None, file: None });
                findings.extend(found.into_iter().map(|it| Finding { place: Some(place.clone()), ..it }));
                graph.map(|graph| rdf::turtle(&graph))
            }
            _ => None,
        };
        answers.push(answer);
    }
    if findings.is_empty() { Ok(answers) } else { Err(Error::findings_of(findings)) }
}

/// The newest metadata of every file.
async fn stored(resource: &Resource) -> Result<HashMap<String, Graph>> {
    Ok(resource.metadata().await?.into_iter().map(|it| (it.path, it.graph)).collect())
}

/// What a record makes of a file's metadata, `None` if that changes nothing; and what is wrong with it.
fn describe(form: &Form, record: &Record, stored: Option<&Graph>) -> (Option<Graph>, Vec<Finding>) {
    let Some((stored, root)) = stored.and_then(|it| Some((it, rdf::root(it)?))) else {
        let filled = form.fill(record);
        return (Some(filled.graph), filled.report.findings);
    };
    let given = form.fill_given(record);
    let mut findings: Vec<_> = given.report.findings.into_iter().filter(|it| it.rule == "field").collect();
    let profile = form.profile();
    let spoken_of: HashSet<&str> =
        record.iter().filter_map(|(name, _)| Some(profile.field(name)?.path.as_str())).collect();
    let own = |node: NamedOrBlankNodeRef<'_>, graph: &Graph| {
        let of_it = graph.triples_for_subject(node).filter(|it| spoken_of.contains(it.predicate.as_str()));
        let mut part = Graph::new();
        of_it.for_each(|it| copy(graph, it.into_owned(), &mut part));
        statements(&part)
    };
    let new_root = NamedOrBlankNode::from(given.root);
    if own(root, stored) == own(new_root.as_ref(), &given.graph) {
        return (None, findings);
    }
    let mut merged = given.graph;
    for triple in stored.triples_for_subject(root) {
        if !spoken_of.contains(triple.predicate.as_str()) && triple.predicate != vocab::rdf::TYPE {
            copy(stored, Triple { subject: new_root.clone(), ..triple.into_owned() }, &mut merged);
        }
    }
    findings.extend(check_again(profile, &merged, &new_root, form));
    (Some(merged), findings)
}

fn check_again(profile: &Profile, graph: &Graph, root: &NamedOrBlankNode, form: &Form) -> Vec<Finding> {
    profile.validate(graph, root.as_ref(), form.vocabularies()).findings
}

/// A statement and all that is said of what it points to.
fn copy(from: &Graph, triple: Triple, into: &mut Graph) {
    let mut next = vec![triple];
    while let Some(triple) = next.pop() {
        if into.insert(&triple)
            && let Term::BlankNode(node) = &triple.object
        {
            next.extend(from.triples_for_subject(node).map(oxrdf::TripleRef::into_owned));
        }
    }
}

#[cfg(test)]
mod tests {
    use oxrdf::TermRef;

    use super::*;

    #[test]
    fn nested_statements_are_copied_with_what_they_point_to() {
        let text = "<urn:r> <urn:p> [ <urn:q> [ <urn:s> 1 ] ] ; <urn:o> 2 .";
        let graph = rdf::read(text.as_bytes(), Syntax::Turtle, None, "t").unwrap();
        let mut part = Graph::new();
        let outer = graph.iter().find(|it| it.predicate.as_str() == "urn:p").unwrap();
        copy(&graph, outer.into_owned(), &mut part);
        assert_eq!(part.len(), 3);
        assert!(part.iter().all(|it| !matches!(it.object, TermRef::Literal(it) if it.value() == "2")));
    }
}
