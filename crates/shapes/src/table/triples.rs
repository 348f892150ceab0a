//! Turtle: a node a record.

use std::sync::Arc;

use oxrdf::{Graph, NamedNode, NamedOrBlankNode, NamedOrBlankNodeRef, Term, TermRef, Triple};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::{Place, Row, Table};
use crate::{
    Filling, Profile, Record, Result, Value, Vocabularies,
    rdf::{self, Syntax},
};

/// What relative IRIs are taken below, to tell the files' from all others.
const BASE: &str = "file:///";

/// What can't stand in an IRI's path, and `%` itself.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b':');

pub(super) fn read(text: &str, source: &str) -> Result<Table> {
    let graph = rdf::read(text.as_bytes(), Syntax::Turtle, Some(BASE), source)?;
    let name: Arc<str> = source.into();
    let inner: std::collections::HashSet<TermRef<'_>> = graph.iter().map(|it| it.object).collect();
    let mut subjects: Vec<NamedOrBlankNodeRef<'_>> = graph.iter().map(|it| it.subject).collect();
    subjects.dedup();
    subjects.retain(|it| matches!(it, NamedOrBlankNodeRef::NamedNode(_)) || !inner.contains(&TermRef::from(*it)));
    let mut rows: Vec<Row> = subjects
        .into_iter()
        .map(|subject| {
            let file = match subject {
                NamedOrBlankNodeRef::NamedNode(node) => {
                    let path = node.as_str().strip_prefix(BASE).unwrap_or(node.as_str());
                    Some(percent_decode_str(path).decode_utf8_lossy().into_owned())
                }
                NamedOrBlankNodeRef::BlankNode(_) => None,
            };
            let place = Place::new(&name, None, file.as_deref());
            Row { file, place, record: record(&graph, subject, 0) }
        })
        .collect();
    // What is said of all comes before what is said of one.
    rows.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(Table { rows })
}

fn record(graph: &Graph, node: NamedOrBlankNodeRef<'_>, depth: usize) -> Record {
    let mut values: Vec<(String, Value)> = vec![];
    for triple in graph.triples_for_subject(node).filter(|it| it.predicate != oxrdf::vocab::rdf::TYPE) {
        let value = match triple.object {
            TermRef::BlankNode(inner) if depth < 8 => record(graph, inner.into(), depth + 1).into(),
            TermRef::Literal(it) => match it.language() {
                Some(language) => format!("{}@{language}", it.value()).into(),
                None => it.value().into(),
            },
            other => rdf::plain(other).into(),
        };
        values.push((triple.predicate.as_str().to_owned(), value));
    }
    values.sort_by(|a, b| a.0.cmp(&b.0));
    values.into_iter().collect()
}

pub(super) fn write(table: &Table, profile: &Profile, vocabularies: &Vocabularies) -> String {
    let mut all = Graph::new();
    for (n, row) in table.rows.iter().enumerate() {
        let filled = profile.fill(&row.record, &Filling { vocabularies: Some(vocabularies), ..Filling::default() });
        let root = NamedOrBlankNode::from(filled.root);
        let name = match &row.file {
            Some(file) => NamedNode::new_unchecked(utf8_percent_encode(file, PATH).to_string()).into(),
            None => root.clone(),
        };
        let named: Graph = filled
            .graph
            .iter()
            .map(|triple| {
                let mut triple: Triple = triple.into_owned();
                if triple.subject == root {
                    triple.subject = name.clone();
                }
                if triple.object == Term::from(root.clone()) {
                    triple.object = name.clone().into();
                }
                triple
            })
            .collect();
        rdf::merge(&mut all, &named, n);
    }
    rdf::turtle(&all)
}
