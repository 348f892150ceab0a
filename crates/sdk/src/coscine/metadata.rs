//! A file's metadata: from pairs of field and value, checked against an application profile, to RDF.
//!
//! The simple cases of a profile are checked here: required fields, counts, lengths, data types, selections (`sh:in`)
//! and vocabularies (`sh:class`). What else it demands is left to the server, which checks everything again.

use std::collections::{BTreeMap, HashSet};

use bytes::Bytes;
use middleware::Operation;
use oxrdf::{
    BlankNode, Graph, Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Quad, Term, TermRef,
    Triple, vocab,
};
use oxttl::{NQuadsParser, TurtleParser, TurtleSerializer};

use crate::{Error, Kind, Result, error::succeeded};

/// Names of SHACL (<https://www.w3.org/TR/shacl/>) that profiles use.
mod sh {
    use oxrdf::NamedNodeRef;

    macro_rules! names {
        ($($name:ident = $local:literal),*) => {
            $(pub(super) const $name: NamedNodeRef<'static> =
                NamedNodeRef::new_unchecked(concat!("http://www.w3.org/ns/shacl#", $local));)*
        };
    }
    names!(
        CLASS = "class",
        DATATYPE = "datatype",
        IN = "in",
        MAX_COUNT = "maxCount",
        MAX_LENGTH = "maxLength",
        MIN_COUNT = "minCount",
        MIN_LENGTH = "minLength",
        NAME = "name",
        NODE = "node",
        ORDER = "order",
        PATH = "path",
        PROPERTY = "property",
        TARGET_CLASS = "targetClass"
    );
}

/// Pairs of a field (its label in any language, or its IRI) and a value. A field may stand more than once.
pub type Record = Vec<(String, String)>;

/// What a resource's application profile asks of a file's metadata.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The profile's IRI.
    pub iri: String,
    /// The class of the metadata's root node.
    pub target_class: String,
    /// Its fields and those it inherits, in the order it gives them.
    pub fields: Vec<Field>,
}

/// One field of a [`Profile`].
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// The predicate.
    pub path: String,
    /// The labels by language tag; the empty tag stands for none.
    pub labels: BTreeMap<String, String>,
    /// How often it must be given at least.
    pub min_count: u64,
    /// How often it may be given at most.
    pub max_count: Option<u64>,
    /// The shortest value, in characters.
    pub min_length: Option<u64>,
    /// The longest value, in characters.
    pub max_length: Option<u64>,
    /// The IRI of the data type.
    pub datatype: Option<String>,
    /// The class whose instances are the values: a vocabulary.
    pub class: Option<String>,
    /// The values to select from.
    pub choices: Vec<Term>,
    /// Holds another profile's fields.
    pub nested: bool,
    order: f64,
}

/// The terms of the vocabularies that a record's fields use: class -> label in lower case -> IRI.
pub(crate) type Vocabularies = BTreeMap<String, BTreeMap<String, String>>;

impl Field {
    /// The English label, or any, or the IRI.
    pub fn label(&self) -> &str {
        self.labels.get("en").or_else(|| self.labels.values().next()).unwrap_or(&self.path)
    }

    fn is_called(&self, name: &str) -> bool {
        self.path == name || self.labels.values().any(|label| label.eq_ignore_ascii_case(name))
    }
}

impl Profile {
    /// Reads a profile from the Turtle documents of itself and all it inherits from, itself first.
    pub(crate) fn read(iri: &str, documents: &[Graph]) -> Result<Self> {
        let mut profile = Self { iri: iri.to_owned(), target_class: iri.to_owned(), fields: vec![] };
        let mut known = HashSet::new();
        for (n, graph) in documents.iter().enumerate() {
            if n == 0
                && let Some(class) = graph.triples_for_predicate(sh::TARGET_CLASS).next()
                && let TermRef::NamedNode(class) = class.object
            {
                class.as_str().clone_into(&mut profile.target_class);
            }
            for triple in graph.triples_for_predicate(sh::PROPERTY) {
                let Some(field) = node(triple.object).and_then(|shape| Field::read(graph, shape)) else { continue };
                // The nearest definition of a field wins over the inherited one.
                if known.insert(field.path.clone()) {
                    profile.fields.push(field);
                }
            }
        }
        if profile.fields.is_empty() {
            return Err(Error::invalid("the application profile has no field").about(iri));
        }
        profile.fields.sort_by(|a, b| a.order.total_cmp(&b.order).then_with(|| a.path.cmp(&b.path)));
        Ok(profile)
    }

    /// The vocabularies whose terms `record` may name by label.
    pub(crate) fn vocabularies(&self, record: &Record) -> Vec<String> {
        let used = |field: &&Field| record.iter().any(|(name, value)| field.is_called(name) && !is_iri(value));
        self.fields.iter().filter(used).filter_map(|field| field.class.clone()).collect()
    }

    /// The metadata of one file as Turtle.
    ///
    /// `fixed` are values that the resource gives to each file, by predicate; a field given in the record wins.
    pub(crate) fn turtle(&self, record: &Record, fixed: &[(String, Term)], terms: &Vocabularies) -> Result<String> {
        let root = BlankNode::default();
        let mut graph = Graph::new();
        let mut add = |predicate: NamedNodeRef<'_>, object: Term| {
            graph.insert(&Triple::new(root.clone(), predicate.into_owned(), object));
        };
        add(vocab::rdf::TYPE, iri(&self.target_class)?.into());
        for (name, _) in record {
            if !self.fields.iter().any(|field| field.is_called(name)) {
                let known: Vec<_> = self.fields.iter().map(Field::label).collect();
                return Err(Error::invalid(format!("the profile has no field {name:?}; it has: {}", known.join(", "))));
            }
        }
        for field in &self.fields {
            let predicate = iri(&field.path)?;
            let given: Vec<&str> =
                record.iter().filter(|(name, _)| field.is_called(name)).map(|(_, value)| value.as_str()).collect();
            let mut count = given.len() as u64;
            for value in &given {
                let term = field
                    .term(value, terms)
                    .map_err(|why| Error::invalid(format!("field {:?}: {value:?} {why}", field.label())))?;
                add(predicate.as_ref(), term);
            }
            if given.is_empty() {
                for (_, term) in fixed.iter().filter(|(path, _)| *path == field.path) {
                    add(predicate.as_ref(), term.clone());
                    count += 1;
                }
            }
            if count < field.min_count {
                let message = match field.min_count {
                    1 => format!("field {:?} is required and not given", field.label()),
                    n => format!("field {:?} must be given {n} times, and is {count} times", field.label()),
                };
                return Err(Error::invalid(message));
            }
            if let Some(max) = field.max_count.filter(|max| count > *max) {
                let message = format!("field {:?} may be given {max} times, and is {count} times", field.label());
                return Err(Error::invalid(message));
            }
        }
        write(&graph)
    }
}

impl Field {
    fn read(graph: &Graph, shape: NamedOrBlankNodeRef<'_>) -> Option<Self> {
        let TermRef::NamedNode(path) = graph.object_for_subject_predicate(shape, sh::PATH)? else { return None };
        // A profile may state that the metadata is of its class as a property: not a field to fill.
        if path == vocab::rdf::TYPE {
            return None;
        }
        let object = |predicate| graph.object_for_subject_predicate(shape, predicate);
        let number = |predicate| match object(predicate) {
            Some(TermRef::Literal(literal)) => literal.value().parse::<u64>().ok(),
            _ => None,
        };
        let name = |predicate| match object(predicate) {
            Some(TermRef::NamedNode(node)) => Some(node.as_str().to_owned()),
            _ => None,
        };
        let labels = graph.objects_for_subject_predicate(shape, sh::NAME).filter_map(|label| match label {
            TermRef::Literal(label) => {
                Some((label.language().unwrap_or_default().to_ascii_lowercase(), label.value().to_owned()))
            }
            _ => None,
        });
        let order = match object(sh::ORDER) {
            Some(TermRef::Literal(literal)) => literal.value().parse().unwrap_or(f64::MAX),
            _ => f64::MAX,
        };
        Some(Self {
            path: path.as_str().to_owned(),
            labels: labels.collect(),
            min_count: number(sh::MIN_COUNT).unwrap_or(0),
            max_count: number(sh::MAX_COUNT),
            min_length: number(sh::MIN_LENGTH),
            max_length: number(sh::MAX_LENGTH),
            datatype: name(sh::DATATYPE),
            class: name(sh::CLASS),
            choices: object(sh::IN).map(|list| list_of(graph, list)).unwrap_or_default(),
            nested: object(sh::NODE).is_some(),
            order,
        })
    }

    fn term(&self, value: &str, terms: &Vocabularies) -> std::result::Result<Term, String> {
        if self.nested {
            return Err("can't be given as a plain value, as the field holds a nested profile; give RDF".to_owned());
        }
        let length = value.chars().count() as u64;
        if let Some(min) = self.min_length.filter(|min| length < *min) {
            return Err(format!("is shorter than {min} characters"));
        }
        if let Some(max) = self.max_length.filter(|max| length > *max) {
            return Err(format!("is longer than {max} characters"));
        }
        if !self.choices.is_empty() {
            let is_it = |term: &&Term| match term {
                Term::NamedNode(node) => node.as_str() == value || local_name(node.as_str()) == value,
                Term::Literal(literal) => literal.value() == value,
                _ => false,
            };
            return self.choices.iter().find(is_it).cloned().ok_or_else(|| {
                let known: Vec<_> = self.choices.iter().map(plain).collect();
                format!("is none of: {}", known.join(", "))
            });
        }
        if let Some(class) = &self.class {
            if is_iri(value) {
                return iri(value).map(Term::from).map_err(|e| e.to_string());
            }
            let found = terms.get(class).and_then(|terms| terms.get(&value.to_lowercase()));
            return match found {
                Some(found) => iri(found).map(Term::from).map_err(|e| e.to_string()),
                None => Err(format!("is no term of the vocabulary {class}")),
            };
        }
        let Some(datatype) = &self.datatype else {
            return Ok(if is_iri(value) {
                iri(value).map_err(|e| e.to_string())?.into()
            } else {
                Literal::new_simple_literal(value).into()
            });
        };
        let node = iri(datatype).map_err(|e| e.to_string())?;
        if node.as_ref() == vocab::xsd::ANY_URI {
            iri(value).map_err(|_| "is not an IRI".to_owned())?;
        } else if !has_form_of(node.as_ref(), value) {
            return Err(format!("is not of the type {}", local_name(datatype)));
        }
        Ok(Literal::new_typed_literal(value, node).into())
    }
}

/// Whether `value` is written as XML Schema asks of the data types that profiles use; others are left to the server.
fn has_form_of(datatype: NamedNodeRef<'_>, value: &str) -> bool {
    use vocab::xsd;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
    if datatype == xsd::INTEGER || datatype == xsd::INT || datatype == xsd::LONG {
        digits(unsigned)
    } else if datatype == xsd::DECIMAL {
        match unsigned.split_once('.') {
            None => digits(unsigned),
            Some((whole, part)) => whole.bytes().chain(part.bytes()).all(|b| b.is_ascii_digit()) && unsigned.len() > 1,
        }
    } else if datatype == xsd::DOUBLE || datatype == xsd::FLOAT {
        matches!(value, "INF" | "-INF" | "NaN")
            || (value.parse::<f64>().is_ok() && !value.contains(|c: char| c.is_alphabetic() && !matches!(c, 'e' | 'E')))
    } else if datatype == xsd::BOOLEAN {
        matches!(value, "true" | "false" | "1" | "0")
    } else if datatype == xsd::DATE {
        chrono::NaiveDate::parse_from_str(value, "%Y-%m-%d").is_ok() && value.len() == 10
    } else if datatype == xsd::DATE_TIME {
        chrono::DateTime::parse_from_rfc3339(value).is_ok()
            || chrono::NaiveDateTime::parse_from_str(value, "%Y-%m-%dT%H:%M:%S%.f").is_ok()
    } else {
        true
    }
}

/// The profiles that this document's shapes inherit from (`sh:node` on a shape, not on a property).
pub(crate) fn parents(graph: &Graph) -> Vec<String> {
    let properties: HashSet<_> = graph.triples_for_predicate(sh::PROPERTY).filter_map(|t| node(t.object)).collect();
    graph
        .triples_for_predicate(sh::NODE)
        .filter(|triple| !properties.contains(&triple.subject))
        .filter_map(|triple| match triple.object {
            TermRef::NamedNode(parent) => Some(parent.as_str().to_owned()),
            _ => None,
        })
        .filter(|parent| iri(parent).is_ok_and(|p| !graph.triples_for_subject(&p).any(|t| t.predicate == sh::PROPERTY)))
        .collect()
}

/// Reads Turtle; `about` names what it is in an error.
pub(crate) fn read(turtle: &[u8], about: &str) -> Result<Graph> {
    let triples = TurtleParser::new().for_slice(turtle).collect::<std::result::Result<Vec<_>, _>>();
    match triples {
        Ok(triples) => Ok(Graph::from_iter(triples)),
        Err(e) => Err(Error::invalid(format!("this is not RDF in Turtle: {e}")).about(about)),
    }
}

/// Asks for an RDF document and reads it whole. It may be long, so a connection that breaks in the middle of it is likely
/// enough to be asked again.
pub(crate) async fn fetch<Fut>(operation: &Operation, send: impl Fn() -> Fut) -> Result<Bytes>
where
    Fut: Future<Output = middleware::Result<reqwest::Response>>,
{
    /// The longest, in bytes: some 200,000 files' metadata.
    const LIMIT: usize = 256 << 20;
    crate::transfer::again(|| async {
        let answer = succeeded(operation, send()).await?;
        Ok(middleware::Body::from(reqwest::Body::from(answer)).collect(LIMIT).await?)
    })
    .await
}

/// Reads the server's N-Quads.
pub(crate) fn read_quads(quads: &[u8]) -> impl Iterator<Item = Result<Quad>> {
    let broken = |e| Error::new(Kind::Unexpected, format!("the server's N-Quads are broken: {e}"));
    NQuadsParser::new().for_slice(quads).map(move |quad| quad.map_err(broken))
}

/// What a graph says of its root, to compare two: blank nodes are all alike, as each document names them anew.
pub(crate) fn statements(graph: &Graph) -> HashSet<(String, String)> {
    let statement = |triple: oxrdf::TripleRef<'_>| {
        let object = match triple.object {
            TermRef::BlankNode(_) => "_:".to_owned(),
            other => other.to_string(),
        };
        (triple.predicate.as_str().to_owned(), object)
    };
    graph.iter().map(statement).collect()
}

fn write(graph: &Graph) -> Result<String> {
    let mut writer = TurtleSerializer::new().for_writer(vec![]);
    for triple in graph {
        writer.serialize_triple(triple).map_err(|e| Error::invalid(e.to_string()))?;
    }
    let bytes = writer.finish().map_err(|e| Error::invalid(e.to_string()))?;
    Ok(String::from_utf8(bytes).expect("Turtle is UTF-8"))
}

/// A fixed value of a resource (`{value, type, datatype}` in its description) as a term.
pub(crate) fn fixed_term(value: &str, kind: Option<&str>, datatype: Option<&str>) -> Option<Term> {
    match kind {
        Some("uri") => iri(value).ok().map(Term::from),
        _ => Some(match datatype.and_then(|datatype| iri(datatype).ok()) {
            Some(datatype) => Literal::new_typed_literal(value, datatype).into(),
            None => Literal::new_simple_literal(value).into(),
        }),
    }
}

fn list_of(graph: &Graph, list: TermRef<'_>) -> Vec<Term> {
    let mut terms = vec![];
    let mut next = node(list).map(NamedOrBlankNodeRef::into_owned);
    while let Some(at) = next.take() {
        let Some(first) = graph.object_for_subject_predicate(&at, vocab::rdf::FIRST) else { break };
        terms.push(first.into_owned());
        next = graph
            .object_for_subject_predicate(&at, vocab::rdf::REST)
            .and_then(node)
            .map(NamedOrBlankNodeRef::into_owned)
            // A list that bites its tail ends where it can't have got longer.
            .filter(|rest| terms.len() <= graph.len() && *rest != NamedOrBlankNode::from(vocab::rdf::NIL));
    }
    terms
}

fn node(term: TermRef<'_>) -> Option<NamedOrBlankNodeRef<'_>> {
    match term {
        TermRef::NamedNode(node) => Some(node.into()),
        TermRef::BlankNode(node) => Some(node.into()),
        _ => None,
    }
}

fn iri(text: &str) -> Result<NamedNode> {
    NamedNode::new(text).map_err(|e| Error::invalid(format!("{text:?} is not an IRI ({e})")))
}

/// Good enough to tell an IRI from a label.
fn is_iri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        matches!(scheme, "http" | "https" | "urn" | "mailto" | "doi" | "orcid") && !rest.is_empty()
    }) && !text.contains(char::is_whitespace)
}

fn local_name(iri: &str) -> &str {
    iri.rsplit(['/', '#']).next().unwrap_or(iri)
}

fn plain(term: &Term) -> String {
    match term {
        Term::NamedNode(node) => local_name(node.as_str()).to_owned(),
        Term::Literal(literal) => literal.value().to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHILD: &str = r#"
        @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        @prefix ex: <https://example.org/> .
        <https://example.org/child/> a sh:NodeShape ; sh:targetClass ex:Run ; sh:node <https://example.org/parent/> ;
            sh:property [ sh:path ex:day ; sh:name "Day"@en, "Tag"@de ; sh:minCount 1 ; sh:datatype xsd:date ; sh:order 1 ] ,
                [ sh:path ex:state ; sh:name "State"@en ; sh:in ( "raw" "clean" ) ; sh:maxCount 1 ; sh:order 2 ] ,
                [ sh:path ex:rig ; sh:name "Rig"@en ; sh:class ex:Rig ; sh:order 3 ] ,
                [ sh:path ex:part ; sh:name "Part"@en ; sh:node ex:Part ; sh:order 4 ] .
    "#;
    const PARENT: &str = r#"
        @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        <https://example.org/parent/> a sh:NodeShape ;
            sh:property [ sh:path <https://example.org/title> ; sh:name "Title"@en ; sh:minCount 1 ; sh:maxLength 5 ;
                          sh:datatype xsd:string ; sh:order 0 ] .
    "#;

    fn profile() -> Profile {
        let documents = [read(CHILD.as_bytes(), "child").unwrap(), read(PARENT.as_bytes(), "parent").unwrap()];
        assert_eq!(parents(&documents[0]), ["https://example.org/parent/"]);
        Profile::read("https://example.org/child/", &documents).unwrap()
    }

    fn record(pairs: &[(&str, &str)]) -> Record {
        pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
    }

    fn refused(pairs: &[(&str, &str)]) -> String {
        profile().turtle(&record(pairs), &[], &Vocabularies::new()).unwrap_err().to_string()
    }

    #[test]
    fn fields_are_inherited_and_in_order() {
        let profile = profile();
        assert_eq!(
            profile.fields.iter().map(Field::label).collect::<Vec<_>>(),
            ["Title", "Day", "State", "Rig", "Part"]
        );
        assert_eq!(profile.target_class, "https://example.org/Run");
    }

    #[test]
    fn a_record_becomes_turtle() {
        let terms = Vocabularies::from([(
            "https://example.org/Rig".to_owned(),
            BTreeMap::from([("rig one".to_owned(), "https://example.org/rigs/1".to_owned())]),
        )]);
        let record = record(&[("title", "T"), ("Tag", "2026-02-28"), ("State", "raw"), ("Rig", "Rig One")]);
        let turtle = profile().turtle(&record, &[], &terms).unwrap();
        let graph = read(turtle.as_bytes(), "ours").unwrap();
        assert_eq!(graph.len(), 5);
        assert!(turtle.contains("<https://example.org/rigs/1>"), "{turtle}");
        assert!(turtle.contains("\"2026-02-28\"^^<http://www.w3.org/2001/XMLSchema#date>"), "{turtle}");
    }

    #[test]
    fn what_the_profile_forbids_is_told_in_words() {
        assert!(refused(&[("Title", "T")]).contains("\"Day\" is required"));
        assert!(refused(&[("Title", "T"), ("Day", "2026-02-30")]).contains("is not of the type date"));
        assert!(refused(&[("Title", "too long"), ("Day", "2026-02-28")]).contains("longer than 5"));
        assert!(refused(&[("Title", "T"), ("Day", "2026-02-28"), ("State", "odd")]).contains("none of: raw, clean"));
        assert!(refused(&[("Title", "T"), ("Day", "2026-02-28"), ("Rig", "?")]).contains("no term of the vocabulary"));
        assert!(refused(&[("Title", "T"), ("Day", "2026-02-28"), ("Part", "x")]).contains("nested profile"));
        assert!(refused(&[("Colour", "red")]).contains("no field \"Colour\"; it has: Title, Day"));
        let twice = refused(&[("Title", "T"), ("Day", "2026-02-28"), ("State", "raw"), ("State", "clean")]);
        assert!(twice.contains("may be given 1 times"));
    }

    #[test]
    fn a_fixed_value_fills_a_required_field() {
        let day = fixed_term("2026-01-01", Some("literal"), Some("http://www.w3.org/2001/XMLSchema#date")).unwrap();
        let fixed = [("https://example.org/day".to_owned(), day)];
        assert!(profile().turtle(&record(&[("Title", "T")]), &fixed, &Vocabularies::new()).is_ok());
    }

    #[test]
    fn forms_of_xml_schema() {
        use vocab::xsd;
        for (datatype, good, bad) in [
            (xsd::INTEGER, ["1", "-01"], ["1.0", ""]),
            (xsd::DECIMAL, ["1.5", ".5"], [".", "1e3"]),
            (xsd::DOUBLE, ["1e3", "-INF"], ["inf", "x"]),
            (xsd::BOOLEAN, ["true", "0"], ["yes", "TRUE"]),
            (xsd::DATE, ["2026-12-31", "2024-02-29"], ["2026-2-1", "31.12.2026"]),
            (xsd::DATE_TIME, ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5"], ["2026-01-01", "now"]),
        ] {
            assert!(good.iter().all(|value| has_form_of(datatype, value)), "{datatype} {good:?}");
            assert!(!bad.iter().any(|value| has_form_of(datatype, value)), "{datatype} {bad:?}");
        }
    }

    #[test]
    fn a_list_that_bites_its_tail_ends() {
        let turtle = r#"@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
            <urn:s> sh:property [ sh:path <urn:p> ; sh:in _:l ] . _:l rdf:first "a" ; rdf:rest _:l ."#;
        assert!(Profile::read("urn:s", &[read(turtle.as_bytes(), "t").unwrap()]).is_ok());
    }
}
