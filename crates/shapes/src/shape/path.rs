use oxrdf::{Graph, NamedNode, NamedOrBlankNodeRef, TermRef};

use crate::rdf::{self, sh};

/// The way from a node to the values of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    Predicate(NamedNode),
    Inverse(Box<Path>),
    Sequence(Vec<Path>),
    Alternative(Vec<Path>),
}

/// How deep a path may nest; a document can't make this crate's stack run over.
const DEEPEST: usize = 16;

impl Path {
    /// Reads a path; `None` for the forms that walk on without end (`sh:zeroOrMorePath` and its like).
    pub(crate) fn read(graph: &Graph, term: TermRef<'_>) -> Option<Self> {
        Self::read_at(graph, term, 0)
    }

    fn read_at(graph: &Graph, term: TermRef<'_>, depth: usize) -> Option<Self> {
        if depth > DEEPEST {
            return None;
        }
        let read = |term: TermRef<'_>| Self::read_at(graph, term, depth + 1);
        let blank = match term {
            TermRef::NamedNode(node) => return Some(Self::Predicate(node.into_owned())),
            TermRef::BlankNode(node) => node,
            TermRef::Literal(_) => return None,
        };
        if let Some(inverse) = graph.object_for_subject_predicate(blank, sh::INVERSE_PATH) {
            return Some(Self::Inverse(Box::new(read(inverse)?)));
        }
        let members = |head| rdf::list(graph, head).iter().map(|it| read(it.as_ref())).collect::<Option<Vec<_>>>();
        if let Some(head) = graph.object_for_subject_predicate(blank, sh::ALTERNATIVE_PATH) {
            return members(head).filter(|them| !them.is_empty()).map(Self::Alternative);
        }
        members(blank.into()).filter(|them| them.len() > 1).map(Self::Sequence)
    }

    /// The predicate, if the path is no more than one.
    pub(crate) fn predicate(&self) -> Option<&NamedNode> {
        match self {
            Self::Predicate(node) => Some(node),
            _ => None,
        }
    }

    /// The values at the path's end, each once.
    pub(crate) fn values<'d>(&self, data: &'d Graph, from: TermRef<'d>) -> Vec<TermRef<'d>> {
        let mut values = vec![];
        self.walk(data, from, &mut values);
        if self.predicate().is_none() {
            let mut seen = std::collections::HashSet::new();
            values.retain(|value| seen.insert(*value));
        }
        values
    }

    fn walk<'d>(&self, data: &'d Graph, from: TermRef<'d>, values: &mut Vec<TermRef<'d>>) {
        match self {
            Self::Predicate(predicate) => {
                if let Some(subject) = rdf::node(from) {
                    values.extend(data.objects_for_subject_predicate(subject, predicate));
                }
            }
            Self::Inverse(path) => match path.as_ref() {
                Self::Predicate(predicate) => {
                    values.extend(data.subjects_for_predicate_object(predicate, from).map(TermRef::from));
                }
                // The inverse of a longer path is walked backwards from every node that could be its start.
                path => {
                    let starts = data.iter().map(|it| it.subject).collect::<std::collections::HashSet<_>>();
                    let leads = |start: &NamedOrBlankNodeRef<'d>| path.values(data, (*start).into()).contains(&from);
                    values.extend(starts.into_iter().filter(leads).map(TermRef::from));
                }
            },
            Self::Sequence(paths) => {
                let mut at = vec![from];
                for path in paths {
                    at = at.into_iter().flat_map(|node| path.values(data, node)).collect();
                }
                values.extend(at);
            }
            Self::Alternative(paths) => paths.iter().for_each(|path| path.walk(data, from, values)),
        }
    }
}
