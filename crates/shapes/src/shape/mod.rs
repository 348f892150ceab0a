//! Shapes as SHACL has them (<https://www.w3.org/TR/shacl/>): read from a graph once, evaluated on many.

mod compile;
mod path;
mod validate;

use std::collections::{HashMap, HashSet};

use oxrdf::{Literal, NamedNode, NamedOrBlankNode, Term};
use regex::Regex;

pub(crate) use compile::compile;
pub(crate) use path::Path;
pub(crate) use validate::Validator;

use crate::Left;

/// Where a shape stands in [`Shapes`].
pub(crate) type Id = usize;

/// All shapes of a profile and of what it inherits from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shapes {
    all: Vec<Shape>,
    by_name: HashMap<NamedOrBlankNode, Id>,
}

/// One shape: a node shape, or a property shape if it has a path.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) name: NamedOrBlankNode,
    pub(crate) path: Option<Path>,
    /// What the field is called, for messages.
    pub(crate) label: Option<String>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) targets: Vec<Target>,
    /// What the profile's author wants to be said when a value is refused.
    pub(crate) message: Option<String>,
    pub(crate) left: Vec<Left>,
}

/// The nodes that a shape is for, beside those that other shapes send to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    Class(NamedNode),
    Node(Term),
    SubjectsOf(NamedNode),
    ObjectsOf(NamedNode),
}

#[derive(Clone, Debug)]
pub(crate) enum Constraint {
    Class(NamedNode),
    Datatype(NamedNode),
    NodeKind(NodeKind),
    MinCount(u64),
    MaxCount(u64),
    Bound(Bound, Literal),
    MinLength(u64),
    MaxLength(u64),
    Pattern { regex: Regex, text: String },
    LanguageIn(Vec<String>),
    UniqueLang,
    Equals(NamedNode),
    Disjoint(NamedNode),
    LessThan { other: NamedNode, or_equal: bool },
    Not(Id),
    And(Vec<Id>),
    Or(Vec<Id>),
    Xone(Vec<Id>),
    Node(Id),
    Property(Id),
    Closed(HashSet<NamedNode>),
    HasValue(Term),
    In(Vec<Term>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    MinExclusive,
    MinInclusive,
    MaxExclusive,
    MaxInclusive,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeKind {
    pub(crate) iri: bool,
    pub(crate) blank: bool,
    pub(crate) literal: bool,
}

impl Shapes {
    pub(crate) fn get(&self, id: Id) -> &Shape {
        &self.all[id]
    }

    pub(crate) fn find(&self, name: &NamedOrBlankNode) -> Option<Id> {
        self.by_name.get(name).copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Id, &Shape)> {
        self.all.iter().enumerate()
    }
}

impl Shape {
    /// The shapes of its properties.
    pub(crate) fn properties(&self) -> impl Iterator<Item = Id> {
        self.constraints.iter().filter_map(|it| match it {
            Constraint::Property(id) => Some(*id),
            _ => None,
        })
    }

    /// The shapes that it takes all rules of: what it inherits from, or a nested profile.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = Id> {
        self.constraints
            .iter()
            .flat_map(|it| match it {
                Constraint::Node(id) => std::slice::from_ref(id),
                Constraint::And(ids) => ids.as_slice(),
                _ => &[],
            })
            .copied()
    }
}
