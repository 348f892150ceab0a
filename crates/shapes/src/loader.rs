use std::collections::{HashSet, VecDeque};

use oxrdf::{Graph, NamedNode, NamedNodeRef, Term, TermRef, Triple, TripleRef};

use crate::{
    Error, Left, Profile, Result,
    rdf::{self, sh},
};

/// Gathers the documents of a profile: its own, those it inherits from, those that it imports.
///
/// It does no input or output itself, so the caller may fetch each document as it likes, one after the other or at once:
///
/// ```
/// use whimbrel_shapes::{Loader, rdf::{self, Syntax}};
///
/// let parent = "<urn:parent> a <http://www.w3.org/ns/shacl#NodeShape> ;
///     <http://www.w3.org/ns/shacl#property> [ <http://www.w3.org/ns/shacl#path> <urn:title> ] .";
/// let child = "<urn:child> a <http://www.w3.org/ns/shacl#NodeShape> ; <http://www.w3.org/ns/shacl#node> <urn:parent> .";
///
/// let mut loader = Loader::new("urn:child");
/// while let Some(iri) = loader.wanted() {
///     let document = if iri == "urn:child" { child } else { parent };
///     let graph = rdf::read(document.as_bytes(), Syntax::Turtle, None, &iri)?;
///     loader.give(&iri, Some(&graph));
/// }
/// assert_eq!(loader.compile()?.fields()[0].path, "urn:title");
/// # Ok::<(), whimbrel_shapes::Error>(())
/// ```
#[derive(Debug)]
pub struct Loader {
    iri: String,
    graph: Graph,
    documents: usize,
    wanted: VecDeque<String>,
    /// What was wanted once, so that a circle ends.
    known: HashSet<String>,
    missing: Vec<String>,
}

/// The most documents that one profile may be made of.
const MOST: usize = 200;

const IMPORTS: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("http://www.w3.org/2002/07/owl#imports");

impl Loader {
    /// For the profile of this IRI.
    pub fn new(iri: impl Into<String>) -> Self {
        let iri = iri.into();
        Self {
            graph: Graph::new(),
            documents: 0,
            wanted: VecDeque::from([iri.clone()]),
            known: HashSet::from([iri.clone()]),
            missing: vec![],
            iri,
        }
    }

    /// The IRI of the next document to [give](Self::give); `None` when all are there.
    pub fn wanted(&mut self) -> Option<String> {
        while let Some(iri) = self.wanted.pop_front() {
            // It may have come with another document since.
            if self.documents == 0 || !self.describes(&iri) {
                return Some(iri);
            }
        }
        None
    }

    /// A document; `None` if it can't be had.
    pub fn give(&mut self, iri: &str, document: Option<&Graph>) {
        let Some(document) = document else {
            self.missing.push(iri.to_owned());
            return;
        };
        rdf::merge(&mut self.graph, document, self.documents);
        self.documents += 1;
        self.tolerate_slash(iri);
        let of = |predicate| document.triples_for_predicate(predicate).map(|triple| triple.object);
        let listed = [sh::AND, sh::OR, sh::XONE].into_iter().flat_map(of).flat_map(|head| rdf::list(document, head));
        let named = [sh::NODE, sh::PROPERTY, sh::NOT, IMPORTS].into_iter().flat_map(of).map(TermRef::into_owned);
        for object in named.chain(listed) {
            if let Term::NamedNode(node) = object
                && !self.describes(node.as_str())
                && self.known.len() < MOST
                && self.known.insert(node.as_str().to_owned())
            {
                self.wanted.push_back(node.as_str().to_owned());
            }
        }
    }

    /// Documents and servers are not of one mind on the slash at the end of an IRI: what the document says of the other
    /// spelling is meant.
    fn tolerate_slash(&mut self, iri: &str) {
        let other = iri.strip_suffix('/').map_or_else(|| format!("{iri}/"), str::to_owned);
        if self.describes(iri) || !self.describes(&other) {
            return;
        }
        let (wanted, other) = (NamedNode::new_unchecked(iri), NamedNode::new_unchecked(other));
        let said: Vec<Triple> = self.graph.triples_for_subject(&other).map(TripleRef::into_owned).collect();
        for triple in said {
            self.graph.insert(&Triple { subject: wanted.clone().into(), ..triple });
        }
    }

    fn describes(&self, iri: &str) -> bool {
        let node = NamedNodeRef::new_unchecked(iri);
        self.graph.triples_for_subject(node).any(|it| it.predicate.as_str().starts_with(sh::NAMESPACE))
    }

    /// The profile.
    ///
    /// # Errors
    /// If it is no profile, or if one that it inherits from was not given: fields would be missing without a word.
    pub fn compile(self) -> Result<Profile> {
        let inherited = |iri: &&String| {
            let node = NamedNodeRef::new_unchecked(iri);
            **iri == self.iri
                || self.graph.subjects_for_predicate_object(sh::NODE, node).next().is_some()
                || self.graph.subjects_for_predicate_object(sh::PROPERTY, node).next().is_some()
        };
        if let Some(iri) = self.missing.iter().find(inherited) {
            let why =
                if *iri == self.iri { "there is no such profile" } else { "it builds on a profile that is not there" };
            return Err(Error::new(&self.iri, format!("{why}: {iri}")));
        }
        let left =
            self.missing.iter().map(|iri| Left { field: None, rule: format!("what {iri} says, which was not found") });
        Profile::new(&self.iri, self.graph, left.collect())
    }
}
