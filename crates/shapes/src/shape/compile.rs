//! From a graph to shapes.

use std::collections::HashSet;

use oxrdf::{Graph, NamedNode, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Term, TermRef, vocab};
use regex::RegexBuilder;

use super::{Bound, Constraint, Id, NodeKind, Path, Shape, Shapes, Target};
use crate::{
    Error, Left, Result,
    rdf::{self, sh},
};

/// Reads every shape that the graph describes.
pub(crate) fn compile(graph: &Graph) -> Result<Shapes> {
    let own_components = own_components(graph);
    let mut compiler = Compiler { graph, shapes: Shapes::default(), own_components, unread: vec![] };
    let mut names = vec![];
    for class in [sh::NODE_SHAPE, sh::PROPERTY_SHAPE] {
        names.extend(graph.subjects_for_predicate_object(vocab::rdf::TYPE, class));
    }
    for target in [sh::TARGET_CLASS, sh::TARGET_NODE, sh::TARGET_SUBJECTS_OF, sh::TARGET_OBJECTS_OF] {
        names.extend(graph.triples_for_predicate(target).map(|it| it.subject));
    }
    // A profile need not say that it is a shape if it has properties.
    names.extend(graph.triples_for_predicate(sh::PROPERTY).map(|it| it.subject));
    for name in names {
        compiler.shape(name);
    }
    // One after the other and not each within another: a document can't make the stack run over.
    while let Some(id) = compiler.unread.pop() {
        compiler.read(id)?;
    }
    Ok(compiler.shapes)
}

/// Predicates of constraint components that the documents define themselves (SHACL, section 6).
fn own_components(graph: &Graph) -> HashSet<NamedNode> {
    let parameters = graph.triples_for_predicate(sh::PARAMETER).filter_map(|it| rdf::node(it.object));
    parameters
        .filter_map(|parameter| match graph.object_for_subject_predicate(parameter, sh::PATH) {
            Some(TermRef::NamedNode(path)) => Some(path.into_owned()),
            _ => None,
        })
        .collect()
}

struct Compiler<'g> {
    graph: &'g Graph,
    shapes: Shapes,
    own_components: HashSet<NamedNode>,
    /// Shapes that have a place, and nothing else yet.
    unread: Vec<Id>,
}

impl Compiler<'_> {
    /// The place of the shape of this name.
    fn shape(&mut self, name: NamedOrBlankNodeRef<'_>) -> Id {
        let name = name.into_owned();
        if let Some(id) = self.shapes.find(&name) {
            return id;
        }
        let id = self.shapes.all.len();
        let path = self.graph.object_for_subject_predicate(&name, sh::PATH);
        let mut shape = Shape {
            path: path.and_then(|path| Path::read(self.graph, path)),
            label: None,
            constraints: vec![],
            targets: self.targets(name.as_ref()),
            message: self.text(name.as_ref(), sh::MESSAGE),
            left: vec![],
            name: name.clone(),
        };
        shape.label = self.text(name.as_ref(), sh::NAME).or_else(|| {
            let predicate = shape.path.as_ref().and_then(Path::predicate);
            predicate.map(|it| rdf::local_name(it.as_str()).to_owned())
        });
        if path.is_some() && shape.path.is_none() {
            shape.left.push(Left { field: shape.label.clone(), rule: "a path of this form".to_owned() });
        }
        if let NamedOrBlankNode::NamedNode(iri) = &name
            && !self.graph.triples_for_subject(&name).any(|it| it.predicate.as_str().starts_with(sh::NAMESPACE))
            && !self.graph.triples_for_subject(&name).any(|it| it.predicate == vocab::rdf::TYPE)
        {
            let rule = format!("what {} says, which stands in no document", iri.as_str());
            shape.left.push(Left { field: None, rule });
        }
        self.shapes.by_name.insert(name, id);
        self.shapes.all.push(shape);
        self.unread.push(id);
        id
    }

    fn read(&mut self, id: Id) -> Result<()> {
        let mut shape = self.shapes.all[id].clone();
        let name = shape.name.clone();
        let has_path = self.graph.object_for_subject_predicate(&name, sh::PATH).is_some();
        if !self.is_true(name.as_ref(), sh::DEACTIVATED) && has_path == shape.path.is_some() {
            self.constraints(name.as_ref(), &mut shape)?;
        }
        self.shapes.all[id] = shape;
        Ok(())
    }

    fn constraints(&mut self, name: NamedOrBlankNodeRef<'_>, shape: &mut Shape) -> Result<()> {
        let graph = self.graph;
        for triple in graph.triples_for_subject(name) {
            let (predicate, value) = (triple.predicate, triple.object);
            let wrong = |why: &str| Err(Error::new(name, format!("{predicate} {why}, and is {value}")));
            let node = || match value {
                TermRef::NamedNode(node) => Ok(node.into_owned()),
                _ => Err(Error::new(name, format!("{predicate} must name an IRI, and is {value}"))),
            };
            let number = || match value {
                TermRef::Literal(literal) => literal.value().trim().parse::<u64>().ok(),
                _ => None,
            };
            let number =
                || number().ok_or_else(|| Error::new(name, format!("{predicate} must be a number, and is {value}")));
            let is_true = || matches!(value, TermRef::Literal(it) if matches!(it.value(), "true" | "1"));
            let constraint = match predicate {
                sh::CLASS => Constraint::Class(node()?),
                sh::DATATYPE => Constraint::Datatype(node()?),
                sh::NODE_KIND => match NodeKind::read(value) {
                    Some(kind) => Constraint::NodeKind(kind),
                    None => return wrong("must be a kind of node"),
                },
                sh::MIN_COUNT => Constraint::MinCount(number()?),
                sh::MAX_COUNT => Constraint::MaxCount(number()?),
                sh::MIN_LENGTH => Constraint::MinLength(number()?),
                sh::MAX_LENGTH => Constraint::MaxLength(number()?),
                sh::MIN_EXCLUSIVE | sh::MIN_INCLUSIVE | sh::MAX_EXCLUSIVE | sh::MAX_INCLUSIVE => match value {
                    TermRef::Literal(limit) => Constraint::Bound(Bound::read(predicate), limit.into_owned()),
                    _ => return wrong("must be a literal"),
                },
                sh::PATTERN => match self.pattern(name, value) {
                    Ok(constraint) => constraint,
                    Err(why) => {
                        shape.left.push(Left { field: shape.label.clone(), rule: why });
                        continue;
                    }
                },
                sh::LANGUAGE_IN => {
                    let languages = rdf::list(graph, value);
                    Constraint::LanguageIn(languages.iter().map(|it| rdf::plain(it.as_ref()).to_lowercase()).collect())
                }
                sh::UNIQUE_LANG if is_true() => Constraint::UniqueLang,
                sh::EQUALS => Constraint::Equals(node()?),
                sh::DISJOINT => Constraint::Disjoint(node()?),
                sh::LESS_THAN => Constraint::LessThan { other: node()?, or_equal: false },
                sh::LESS_THAN_OR_EQUALS => Constraint::LessThan { other: node()?, or_equal: true },
                sh::HAS_VALUE => Constraint::HasValue(value.into_owned()),
                sh::IN => Constraint::In(rdf::list(graph, value)),
                sh::CLOSED if is_true() => Constraint::Closed(self.allowed(name)),
                sh::NODE | sh::PROPERTY | sh::NOT => {
                    let Some(inner) = rdf::node(value) else { return wrong("must name a shape") };
                    let id = self.shape(inner);
                    match predicate {
                        sh::NODE => Constraint::Node(id),
                        sh::PROPERTY => Constraint::Property(id),
                        _ => Constraint::Not(id),
                    }
                }
                sh::AND | sh::OR | sh::XONE => {
                    let mut ids = vec![];
                    for member in rdf::list(graph, value) {
                        let Some(inner) = rdf::node(member.as_ref()) else { return wrong("must list shapes") };
                        ids.push(self.shape(inner));
                    }
                    match predicate {
                        sh::AND => Constraint::And(ids),
                        sh::OR => Constraint::Or(ids),
                        _ => Constraint::Xone(ids),
                    }
                }
                other => {
                    if self.is_unknown_rule(other) {
                        shape.left.push(Left { field: shape.label.clone(), rule: other.as_str().to_owned() });
                    }
                    continue;
                }
            };
            shape.constraints.push(constraint);
        }
        Ok(())
    }

    fn pattern(&self, name: NamedOrBlankNodeRef<'_>, value: TermRef<'_>) -> std::result::Result<Constraint, String> {
        let TermRef::Literal(text) = value else { return Err("a pattern that is no text".to_owned()) };
        let text = text.value().to_owned();
        let flags = self.text(name, sh::FLAGS).unwrap_or_default();
        let source = if flags.contains('q') { regex::escape(&text) } else { text.clone() };
        let mut builder = RegexBuilder::new(&source);
        builder
            .case_insensitive(flags.contains('i'))
            .dot_matches_new_line(flags.contains('s'))
            .multi_line(flags.contains('m'))
            .ignore_whitespace(flags.contains('x'))
            .size_limit(1 << 20);
        match builder.build() {
            Ok(regex) if flags.chars().all(|it| "ismxq".contains(it)) => Ok(Constraint::Pattern { regex, text }),
            _ => Err(format!("the pattern {text:?} with the flags {flags:?}")),
        }
    }

    /// The predicates that a closed shape knows: those of its properties, and the ignored ones.
    fn allowed(&self, name: NamedOrBlankNodeRef<'_>) -> HashSet<NamedNode> {
        let of_property =
            |property: TermRef<'_>| match self.graph.object_for_subject_predicate(rdf::node(property)?, sh::PATH) {
                Some(TermRef::NamedNode(path)) => Some(path.into_owned()),
                _ => None,
            };
        let ignored = self.graph.object_for_subject_predicate(name, sh::IGNORED_PROPERTIES);
        let ignored = ignored.map(|head| rdf::list(self.graph, head)).unwrap_or_default();
        let ignored = ignored.into_iter().filter_map(|it| match it {
            Term::NamedNode(node) => Some(node),
            _ => None,
        });
        self.graph.objects_for_subject_predicate(name, sh::PROPERTY).filter_map(of_property).chain(ignored).collect()
    }

    fn targets(&self, name: NamedOrBlankNodeRef<'_>) -> Vec<Target> {
        let mut targets = vec![];
        for triple in self.graph.triples_for_subject(name) {
            targets.extend(match (triple.predicate, triple.object) {
                (sh::TARGET_CLASS, TermRef::NamedNode(class)) => Some(Target::Class(class.into_owned())),
                (sh::TARGET_NODE, node) => Some(Target::Node(node.into_owned())),
                (sh::TARGET_SUBJECTS_OF, TermRef::NamedNode(it)) => Some(Target::SubjectsOf(it.into_owned())),
                (sh::TARGET_OBJECTS_OF, TermRef::NamedNode(it)) => Some(Target::ObjectsOf(it.into_owned())),
                // A shape that is a class too is for its own instances.
                (vocab::rdf::TYPE, TermRef::NamedNode(it)) if it == vocab::rdfs::CLASS => match name {
                    NamedOrBlankNodeRef::NamedNode(class) => Some(Target::Class(class.into_owned())),
                    NamedOrBlankNodeRef::BlankNode(_) => None,
                },
                _ => None,
            });
        }
        targets
    }

    /// Whether a predicate may forbid something that this crate does not know of.
    fn is_unknown_rule(&self, predicate: NamedNodeRef<'_>) -> bool {
        /// Said of shapes without forbidding anything, or read elsewhere.
        const HARMLESS: [&str; 23] = [
            "closed",
            "deactivated",
            "declare",
            "defaultValue",
            "description",
            "entailment",
            "flags",
            "group",
            "ignoredProperties",
            "message",
            "name",
            "namespace",
            "order",
            "path",
            "prefixes",
            "severity",
            "shapesGraph",
            "suggestedShapesGraph",
            "targetClass",
            "targetNode",
            "targetObjectsOf",
            "targetSubjectsOf",
            "uniqueLang",
        ];
        /// Of TopBraid's DASH (<https://datashapes.org/>), what speaks of display only.
        const DISPLAY: [&str; 9] = [
            "editor",
            "viewer",
            "hidden",
            "readOnly",
            "propertyRole",
            "propertySuggestionGenerator",
            "applicableToClass",
            "defaultViewForRole",
            "abstract",
        ];
        if let Some(name) = predicate.as_str().strip_prefix(sh::NAMESPACE) {
            return !HARMLESS.contains(&name);
        }
        if let Some(name) = predicate.as_str().strip_prefix("http://datashapes.org/dash#") {
            return !DISPLAY.contains(&name);
        }
        self.own_components.iter().any(|it| it.as_ref() == predicate)
    }

    /// A text in English, or in any language.
    fn text(&self, subject: NamedOrBlankNodeRef<'_>, predicate: NamedNodeRef<'_>) -> Option<String> {
        let texts = self.graph.objects_for_subject_predicate(subject, predicate).filter_map(|it| match it {
            TermRef::Literal(literal) => Some(literal),
            _ => None,
        });
        texts.min_by_key(|it| (it.language() != Some("en"), it.language())).map(|it| it.value().to_owned())
    }

    fn is_true(&self, subject: NamedOrBlankNodeRef<'_>, predicate: NamedNodeRef<'_>) -> bool {
        matches!(self.graph.object_for_subject_predicate(subject, predicate),
            Some(TermRef::Literal(it)) if matches!(it.value(), "true" | "1"))
    }
}

impl Bound {
    fn read(predicate: NamedNodeRef<'_>) -> Self {
        match predicate {
            sh::MIN_EXCLUSIVE => Self::MinExclusive,
            sh::MIN_INCLUSIVE => Self::MinInclusive,
            sh::MAX_EXCLUSIVE => Self::MaxExclusive,
            _ => Self::MaxInclusive,
        }
    }
}

impl NodeKind {
    fn read(term: TermRef<'_>) -> Option<Self> {
        let TermRef::NamedNode(node) = term else { return None };
        let kind = |iri, blank, literal| Some(Self { iri, blank, literal });
        match node.as_str().strip_prefix(sh::NAMESPACE)? {
            "IRI" => kind(true, false, false),
            "BlankNode" => kind(false, true, false),
            "Literal" => kind(false, false, true),
            "BlankNodeOrIRI" => kind(true, true, false),
            "BlankNodeOrLiteral" => kind(false, true, true),
            "IRIOrLiteral" => kind(true, false, true),
            _ => None,
        }
    }
}
