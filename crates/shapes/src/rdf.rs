//! RDF documents, read and written; and the few questions that this crate puts to a graph.

use std::collections::HashSet;

use oxjsonld::JsonLdParser;
use oxrdf::{
    BlankNode, Graph, NamedNode, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Term, TermRef, Triple, vocab,
};
use oxttl::{TurtleParser, TurtleSerializer};

use crate::{Error, Result};

/// How an RDF document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Turtle, and N-Triples, which is a part of it.
    Turtle,
    /// JSON-LD 1.1. A context on another host is never fetched.
    JsonLd,
}

impl Syntax {
    /// By media type, as servers name it; Turtle is what is meant where nothing is said.
    pub fn of_media_type(media_type: &str) -> Self {
        if media_type.contains("json") { Self::JsonLd } else { Self::Turtle }
    }

    /// By the end of a file's name; Turtle is what is meant by any other.
    pub fn of_file(name: &str) -> Self {
        let end = name.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase();
        if end == "json" || end == "jsonld" { Self::JsonLd } else { Self::Turtle }
    }
}

/// Reads a document; `about` names it in an error, relative IRIs are taken below `base`.
///
/// ```
/// use whimbrel_shapes::rdf::{self, Syntax};
///
/// let graph = rdf::read(b"<urn:a> <urn:p> 1, 2 .", Syntax::Turtle, None, "an example")?;
/// assert_eq!(graph.len(), 2);
/// # Ok::<(), whimbrel_shapes::Error>(())
/// ```
pub fn read(document: &[u8], syntax: Syntax, base: Option<&str>, about: &str) -> Result<Graph> {
    let wrong = |what: &str, e: &dyn std::fmt::Display| Error::new(about, format!("this is not RDF in {what}: {e}"));
    match syntax {
        Syntax::Turtle => {
            let mut parser = TurtleParser::new();
            if let Some(base) = base {
                parser = parser.with_base_iri(base).map_err(|e| wrong("Turtle", &e))?;
            }
            parser.for_slice(document).map(|triple| triple.map_err(|e| wrong("Turtle", &e))).collect()
        }
        Syntax::JsonLd => {
            let mut parser = JsonLdParser::new();
            if let Some(base) = base {
                parser = parser.with_base_iri(base).map_err(|e| wrong("JSON-LD", &e))?;
            }
            let triple = |quad: oxrdf::Quad| Triple::new(quad.subject, quad.predicate, quad.object);
            parser.for_slice(document).map(|quad| quad.map(triple).map_err(|e| wrong("JSON-LD", &e))).collect()
        }
    }
}

/// A graph as Turtle.
pub fn turtle(graph: &Graph) -> String {
    let mut writer = TurtleSerializer::new()
        .with_prefix("xsd", "http://www.w3.org/2001/XMLSchema#")
        .expect("a good IRI")
        .for_writer(vec![]);
    for triple in graph {
        writer.serialize_triple(triple).expect("memory takes it");
    }
    String::from_utf8(writer.finish().expect("memory takes it")).expect("Turtle is UTF-8")
}

/// The node that the rest of a file's metadata hangs on: the only subject that nothing points to.
pub fn root(graph: &Graph) -> Option<NamedOrBlankNodeRef<'_>> {
    let objects: HashSet<NamedOrBlankNodeRef<'_>> = graph.iter().filter_map(|triple| node(triple.object)).collect();
    let mut roots: Vec<_> = graph.iter().map(|triple| triple.subject).filter(|it| !objects.contains(it)).collect();
    roots.dedup();
    match roots[..] {
        [root] => Some(root),
        _ => None,
    }
}

/// The IRI of the profile that a document describes: the one named node shape that no other builds on.
///
/// # Errors
/// In words, if there is none or more than one.
pub fn profile_of(graph: &Graph) -> std::result::Result<String, String> {
    let used: HashSet<TermRef<'_>> = [sh::NODE, sh::PROPERTY, sh::AND]
        .into_iter()
        .flat_map(|it| graph.triples_for_predicate(it))
        .map(|triple| triple.object)
        .collect();
    let shapes = graph.subjects_for_predicate_object(vocab::rdf::TYPE, sh::NODE_SHAPE);
    let named = shapes.filter(|it| !used.contains(&TermRef::from(*it))).filter_map(|it| match it {
        NamedOrBlankNodeRef::NamedNode(node) => Some(node.as_str().to_owned()),
        NamedOrBlankNodeRef::BlankNode(_) => None,
    });
    let mut named: Vec<_> = named.collect();
    match (named.len(), named.pop()) {
        (1, Some(iri)) => Ok(iri),
        (0, _) => Err("it describes no named sh:NodeShape".to_owned()),
        _ => Err("it describes several profiles; keep one in the file".to_owned()),
    }
}

/// All of `from` into `into`. Blank nodes get names of their own, so that those of two documents do not meet.
pub(crate) fn merge(into: &mut Graph, from: &Graph, document: usize) {
    let rename = |node: &BlankNode| BlankNode::new_unchecked(format!("d{document}x{}", node.as_str()));
    for triple in from {
        let mut triple = triple.into_owned();
        if let NamedOrBlankNode::BlankNode(node) = &triple.subject {
            triple.subject = rename(node).into();
        }
        if let Term::BlankNode(node) = &triple.object {
            triple.object = rename(node).into();
        }
        into.insert(&triple);
    }
}

/// The members of an RDF list. One that bites its tail ends where it would begin anew.
pub(crate) fn list(graph: &Graph, head: TermRef<'_>) -> Vec<Term> {
    let (mut terms, mut seen) = (vec![], HashSet::new());
    let mut next = node(head);
    while let Some(at) = next.filter(|at| seen.insert(*at)) {
        terms.extend(graph.object_for_subject_predicate(at, vocab::rdf::FIRST).map(TermRef::into_owned));
        next = graph.object_for_subject_predicate(at, vocab::rdf::REST).and_then(node);
    }
    terms
}

pub(crate) fn node(term: TermRef<'_>) -> Option<NamedOrBlankNodeRef<'_>> {
    match term {
        TermRef::NamedNode(node) => Some(node.into()),
        TermRef::BlankNode(node) => Some(node.into()),
        TermRef::Literal(_) => None,
    }
}

/// What an IRI is called where no label is at hand: its last part.
pub(crate) fn local_name(iri: &str) -> &str {
    iri.trim_end_matches(['/', '#']).rsplit(['/', '#']).next().unwrap_or(iri)
}

/// A term as people write it: text without quotes, an IRI without brackets.
pub(crate) fn plain(term: TermRef<'_>) -> String {
    match term {
        TermRef::NamedNode(node) => node.as_str().to_owned(),
        TermRef::Literal(literal) => literal.value().to_owned(),
        TermRef::BlankNode(_) => "a nested description".to_owned(),
    }
}

/// Whether a text that may be a label was meant as an IRI.
pub(crate) fn iri(text: &str) -> Option<NamedNode> {
    const SCHEMES: [&str; 8] = ["http", "https", "urn", "mailto", "doi", "orcid", "hdl", "info"];
    let (scheme, rest) = text.split_once(':')?;
    (SCHEMES.contains(&scheme) && !rest.is_empty()).then(|| NamedNode::new(text).ok()).flatten()
}

/// Names of SHACL (<https://www.w3.org/TR/shacl/>) that this crate reads.
pub(crate) mod sh {
    use super::NamedNodeRef;

    pub(crate) const NAMESPACE: &str = "http://www.w3.org/ns/shacl#";

    macro_rules! names {
        ($($name:ident = $local:literal),* $(,)?) => {
            $(pub(crate) const $name: NamedNodeRef<'static> =
                NamedNodeRef::new_unchecked(concat!("http://www.w3.org/ns/shacl#", $local));)*
        };
    }
    names!(
        ALTERNATIVE_PATH = "alternativePath",
        AND = "and",
        CLASS = "class",
        CLOSED = "closed",
        DATATYPE = "datatype",
        DEACTIVATED = "deactivated",
        DEFAULT_VALUE = "defaultValue",
        DESCRIPTION = "description",
        DISJOINT = "disjoint",
        EQUALS = "equals",
        FLAGS = "flags",
        HAS_VALUE = "hasValue",
        IGNORED_PROPERTIES = "ignoredProperties",
        IN = "in",
        INVERSE_PATH = "inversePath",
        LANGUAGE_IN = "languageIn",
        LESS_THAN = "lessThan",
        LESS_THAN_OR_EQUALS = "lessThanOrEquals",
        MAX_COUNT = "maxCount",
        MAX_EXCLUSIVE = "maxExclusive",
        MAX_INCLUSIVE = "maxInclusive",
        MAX_LENGTH = "maxLength",
        MESSAGE = "message",
        MIN_COUNT = "minCount",
        MIN_EXCLUSIVE = "minExclusive",
        MIN_INCLUSIVE = "minInclusive",
        MIN_LENGTH = "minLength",
        NAME = "name",
        NODE = "node",
        NODE_KIND = "nodeKind",
        NODE_SHAPE = "NodeShape",
        NOT = "not",
        OR = "or",
        ORDER = "order",
        PARAMETER = "parameter",
        PATH = "path",
        PATTERN = "pattern",
        PROPERTY = "property",
        PROPERTY_SHAPE = "PropertyShape",
        TARGET_CLASS = "targetClass",
        TARGET_NODE = "targetNode",
        TARGET_OBJECTS_OF = "targetObjectsOf",
        TARGET_SUBJECTS_OF = "targetSubjectsOf",
        UNIQUE_LANG = "uniqueLang",
        XONE = "xone",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_syntaxes_say_the_same() {
        let turtle = read(b"<a> <urn:p> \"x\" .", Syntax::Turtle, Some("http://e/"), "t").unwrap();
        let json = br#"{"@id": "http://e/a", "urn:p": "x"}"#;
        assert_eq!(turtle, read(json, Syntax::JsonLd, None, "j").unwrap());
        let error = read(b"<a> <b>", Syntax::Turtle, None, "x.ttl").unwrap_err();
        assert!(error.to_string().starts_with("x.ttl: this is not RDF in Turtle"), "{error}");
        let far = br#"{"@context": "http://127.0.0.1:1/context", "a": "b"}"#;
        assert!(read(far, Syntax::JsonLd, None, "j").is_err(), "nothing is fetched");
    }

    #[test]
    fn a_list_that_bites_its_tail_ends() {
        let text = b"@prefix r: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . <urn:l> r:first 1 ; r:rest <urn:l> .";
        let graph = read(text, Syntax::Turtle, None, "t").unwrap();
        assert_eq!(list(&graph, NamedNodeRef::new_unchecked("urn:l").into()).len(), 1);
    }

    #[test]
    fn blank_nodes_of_two_documents_stay_apart() {
        let one = read(b"_:a <urn:p> 1 .", Syntax::Turtle, None, "t").unwrap();
        let two = read(b"_:a <urn:p> 2 .", Syntax::Turtle, None, "t").unwrap();
        let mut both = Graph::new();
        merge(&mut both, &one, 0);
        merge(&mut both, &two, 1);
        let subjects: HashSet<_> = both.iter().map(|it| it.subject).collect();
        assert_eq!(subjects.len(), 2);
        assert!(root(&both).is_none() && root(&one).is_some());
    }
}
