//! Shapes against data.

use std::{cmp::Ordering, collections::HashSet};

use oxrdf::{Graph, LiteralRef, NamedNodeRef, NamedOrBlankNodeRef, TermRef, vocab};

use super::{Bound, Constraint, Id, NodeKind, Shape, Shapes, Target};
use crate::{Finding, Left, Report, Vocabularies, datatype, rdf};

/// How deep shapes may lead into each other before the rest is left to the server.
const DEEPEST: usize = 40;

/// How many shapes are looked at in one graph before the rest is left to the server: shapes that branch into each other
/// would keep us busy for ever.
const MOST: u32 = 2_000_000;

/// One graph under validation.
pub(crate) struct Validator<'a> {
    shapes: &'a Shapes,
    data: &'a Graph,
    vocabularies: &'a Vocabularies,
    /// Shape and node that are being looked at, from the outside in.
    open: Vec<(Id, TermRef<'a>)>,
    /// The labels of the fields that lead here.
    fields: Vec<&'a str>,
    /// How many shapes have been looked at.
    looked: u32,
}

/// What is said of a shape where only that counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Conforms,
    Breaks,
    Unknown,
}

impl From<&Report> for Verdict {
    fn from(report: &Report) -> Self {
        match (report.findings.is_empty(), report.left.is_empty()) {
            (false, _) => Self::Breaks,
            (true, true) => Self::Conforms,
            (true, false) => Self::Unknown,
        }
    }
}

impl<'a> Validator<'a> {
    pub(crate) fn new(shapes: &'a Shapes, data: &'a Graph, vocabularies: &'a Vocabularies) -> Self {
        Self { shapes, data, vocabularies, open: vec![], fields: vec![], looked: 0 }
    }

    /// The nodes that a shape is for.
    pub(crate) fn targets(&self, shape: &'a Shape) -> HashSet<TermRef<'a>> {
        let mut nodes = HashSet::new();
        for target in &shape.targets {
            match target {
                Target::Class(class) => {
                    let mut classes = vec![class.as_ref()];
                    let mut at = 0;
                    while let Some(class) = classes.get(at).copied() {
                        at += 1;
                        for below in self.data.subjects_for_predicate_object(vocab::rdfs::SUB_CLASS_OF, class) {
                            if let NamedOrBlankNodeRef::NamedNode(below) = below
                                && !classes.contains(&below)
                            {
                                classes.push(below);
                            }
                        }
                        let instances = self.data.subjects_for_predicate_object(vocab::rdf::TYPE, class);
                        nodes.extend(instances.map(TermRef::from));
                    }
                }
                Target::Node(node) => nodes.extend([node.as_ref()]),
                Target::SubjectsOf(it) => {
                    nodes.extend(self.data.triples_for_predicate(it).map(|triple| TermRef::from(triple.subject)));
                }
                Target::ObjectsOf(it) => nodes.extend(self.data.triples_for_predicate(it).map(|triple| triple.object)),
            }
        }
        nodes
    }

    /// What a shape finds at a node.
    pub(crate) fn check(&mut self, id: Id, focus: TermRef<'a>, report: &mut Report) {
        let shape = self.shapes.get(id);
        report.left.extend(shape.left.iter().filter(|left| !report.left.contains(left)).cloned().collect::<Vec<_>>());
        self.looked += 1;
        if self.looked > MOST {
            return self.leave("a profile that branches without end".to_owned(), report);
        }
        if self.open.len() > DEEPEST || self.open.contains(&(id, focus)) {
            // SHACL leaves open what a shape means that leads back to itself.
            return self.leave("a shape that leads back to itself".to_owned(), report);
        }
        self.open.push((id, focus));
        let before = report.findings.len();
        match &shape.path {
            Some(path) => {
                self.fields.extend(shape.label.as_deref());
                let values = path.values(self.data, focus);
                self.check_values(shape, focus, &values, report);
                if shape.label.is_some() {
                    self.fields.pop();
                }
            }
            None => self.check_values(shape, focus, &[focus], report),
        }
        if let Some(message) = &shape.message {
            for finding in &mut report.findings[before..] {
                if !finding.message.ends_with(')') {
                    finding.message.push_str(&format!(" ({message})"));
                }
            }
        }
        self.open.pop();
    }

    fn check_values(&mut self, shape: &'a Shape, focus: TermRef<'a>, values: &[TermRef<'a>], report: &mut Report) {
        for constraint in &shape.constraints {
            match constraint {
                // What speaks of all values together.
                Constraint::MinCount(min) if (values.len() as u64) < *min => {
                    let message = match (*min, values.len()) {
                        (1, 0) => "is required and not given".to_owned(),
                        (min, n) => format!("must be given at least {min} times, and is given {n} times"),
                    };
                    self.found(shape, None, "minCount", message, report);
                }
                Constraint::MaxCount(max) if values.len() as u64 > *max => {
                    let times = if *max == 1 { "once".to_owned() } else { format!("{max} times") };
                    let message = format!("may be given {times} at most, and is given {} times", values.len());
                    self.found(shape, None, "maxCount", message, report);
                }
                Constraint::HasValue(value) if !values.contains(&value.as_ref()) => {
                    let message = format!("must hold {:?}", rdf::plain(value.as_ref()));
                    self.found(shape, None, "hasValue", message, report);
                }
                Constraint::UniqueLang => self.unique_lang(shape, values, report),
                Constraint::Equals(other) => {
                    let others = self.others(focus, other.as_ref());
                    let same =
                        others.iter().all(|it| values.contains(it)) && values.iter().all(|it| others.contains(it));
                    if !same {
                        let message = format!("must hold the same as the field {:?}", self.label(other.as_ref()));
                        self.found(shape, None, "equals", message, report);
                    }
                }
                Constraint::LessThan { other, or_equal } => {
                    self.less_than(shape, focus, values, other.as_ref(), *or_equal, report);
                }
                constraint => {
                    for value in values {
                        self.check_value(shape, constraint, focus, *value, report);
                    }
                }
            }
        }
    }

    fn check_value(
        &mut self,
        shape: &'a Shape,
        constraint: &'a Constraint,
        focus: TermRef<'a>,
        value: TermRef<'a>,
        report: &mut Report,
    ) {
        let (rule, message) = match constraint {
            Constraint::Class(class) => match self.is_of_class(value, class.as_ref()) {
                Verdict::Conforms => return,
                Verdict::Unknown => {
                    return self.leave(format!("whether a value is of the class {}", class.as_str()), report);
                }
                Verdict::Breaks => ("class", format!("is no term of the vocabulary {}", class.as_str())),
            },
            Constraint::Datatype(datatype) => {
                let TermRef::Literal(literal) = value else {
                    let name = rdf::local_name(datatype.as_str());
                    return self.found(shape, Some(value), "datatype", format!("is no value of type {name}"), report);
                };
                match datatype::is_well_formed(datatype.as_ref(), literal.value()) {
                    _ if literal.datatype() != datatype.as_ref() => {}
                    Some(true) => return,
                    Some(false) => {}
                    // A type of somebody's own: that the value claims it is all that can be seen.
                    None => return,
                }
                ("datatype", wrong_type(datatype.as_str(), literal))
            }
            Constraint::NodeKind(kind) => {
                let good = match value {
                    TermRef::NamedNode(_) => kind.iri,
                    TermRef::BlankNode(_) => kind.blank,
                    TermRef::Literal(_) => kind.literal,
                };
                if good {
                    return;
                }
                ("nodeKind", format!("must be {}", kind.in_words()))
            }
            Constraint::Bound(bound, limit) => {
                let order = match value {
                    TermRef::Literal(literal) => datatype::compare(literal, limit.as_ref()),
                    _ => None,
                };
                if order.is_some_and(|order| bound.holds(order)) {
                    return;
                }
                (bound.rule(), format!("must be {} {}", bound.in_words(), limit.value()))
            }
            Constraint::MinLength(min) => match length(value) {
                Some(n) if n >= *min => return,
                _ => ("minLength", format!("is shorter than {min} characters")),
            },
            Constraint::MaxLength(max) => match length(value) {
                Some(n) if n <= *max => return,
                _ => ("maxLength", format!("is longer than {max} characters")),
            },
            Constraint::Pattern { regex, text } => match value {
                TermRef::Literal(it) if regex.is_match(it.value()) => return,
                TermRef::NamedNode(it) if regex.is_match(it.as_str()) => return,
                _ => ("pattern", format!("does not match the pattern {text}")),
            },
            Constraint::LanguageIn(languages) => {
                let tag = match value {
                    TermRef::Literal(literal) => literal.language().map(str::to_lowercase),
                    _ => None,
                };
                let matches = |range: &String| {
                    tag.as_deref().is_some_and(|tag| {
                        tag.strip_prefix(range.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
                    })
                };
                if languages.iter().any(matches) {
                    return;
                }
                ("languageIn", format!("must be text in one of these languages: {}", languages.join(", ")))
            }
            Constraint::In(choices) => {
                if choices.iter().any(|it| it.as_ref() == value) {
                    return;
                }
                let known: Vec<_> = choices.iter().map(|it| rdf::plain(it.as_ref())).collect();
                ("in", format!("is none of: {}", known.join(", ")))
            }
            Constraint::Disjoint(other) => {
                if !self.others(focus, other.as_ref()).contains(&value) {
                    return;
                }
                ("disjoint", format!("must not stand in the field {:?} too", self.label(other.as_ref())))
            }
            Constraint::Closed(allowed) => return self.closed(shape, allowed, value, report),
            // These tell what is wrong themselves.
            Constraint::Node(inner) | Constraint::Property(inner) => return self.check(*inner, value, report),
            Constraint::And(inner) => {
                for id in inner {
                    self.check(*id, value, report);
                }
                return;
            }
            Constraint::Not(inner) => match self.verdict(*inner, value, report) {
                Verdict::Breaks | Verdict::Unknown => return,
                Verdict::Conforms => ("not", "is what the profile rules out".to_owned()),
            },
            Constraint::Or(inner) => {
                let mut first = None;
                let mut unknown = false;
                for id in inner {
                    let mut told = Report::default();
                    self.check(*id, value, &mut told);
                    match Verdict::from(&told) {
                        Verdict::Conforms => return,
                        Verdict::Unknown => {
                            unknown = true;
                            report.extend(told);
                        }
                        Verdict::Breaks => first = first.or_else(|| told.findings.into_iter().next()),
                    }
                }
                if unknown {
                    return;
                }
                let why = first.map(|it| format!("; of the first: {}", it.message)).unwrap_or_default();
                ("or", format!("meets none of {} alternatives{why}", inner.len()))
            }
            Constraint::Xone(inner) => {
                let verdicts: Vec<_> = inner.iter().map(|id| self.verdict(*id, value, report)).collect();
                let met = verdicts.iter().filter(|it| **it == Verdict::Conforms).count();
                if met == 1 && !verdicts.contains(&Verdict::Unknown)
                    || (met < 2 && verdicts.contains(&Verdict::Unknown))
                {
                    return;
                }
                ("xone", format!("must meet just one of {} alternatives, and meets {met}", inner.len()))
            }
            Constraint::MinCount(_)
            | Constraint::MaxCount(_)
            | Constraint::HasValue(_)
            | Constraint::UniqueLang
            | Constraint::Equals(_)
            | Constraint::LessThan { .. } => return,
        };
        self.found(shape, Some(value), rule, message, report);
    }

    /// Only whether a shape is met; what is left to the server is reported, what is wrong is not.
    fn verdict(&mut self, id: Id, value: TermRef<'a>, report: &mut Report) -> Verdict {
        let mut told = Report::default();
        self.check(id, value, &mut told);
        let verdict = Verdict::from(&told);
        if verdict == Verdict::Unknown {
            report.extend(told);
        }
        verdict
    }

    fn is_of_class(&self, value: TermRef<'a>, class: NamedNodeRef<'_>) -> Verdict {
        let Some(node) = rdf::node(value) else { return Verdict::Breaks };
        let mut classes: Vec<_> = self.data.objects_for_subject_predicate(node, vocab::rdf::TYPE).collect();
        let mut at = 0;
        while let Some(found) = classes.get(at).copied() {
            at += 1;
            if found == TermRef::from(class) {
                return Verdict::Conforms;
            }
            let above = rdf::node(found).into_iter();
            for above in above.flat_map(|it| self.data.objects_for_subject_predicate(it, vocab::rdfs::SUB_CLASS_OF)) {
                if !classes.contains(&above) {
                    classes.push(above);
                }
            }
        }
        match (self.vocabularies.get(class.as_str()), node) {
            (Some(terms), NamedOrBlankNodeRef::NamedNode(it)) if terms.label(it.as_str()).is_some() => {
                Verdict::Conforms
            }
            (Some(_), _) | (None, NamedOrBlankNodeRef::BlankNode(_)) => Verdict::Breaks,
            (None, NamedOrBlankNodeRef::NamedNode(_)) => Verdict::Unknown,
        }
    }

    fn unique_lang(&self, shape: &Shape, values: &[TermRef<'a>], report: &mut Report) {
        let (mut seen, mut told) = (HashSet::new(), HashSet::new());
        for value in values {
            if let TermRef::Literal(literal) = value
                && let Some(language) = literal.language().map(str::to_lowercase)
                && !seen.insert(language.clone())
                && told.insert(language.clone())
            {
                let message = format!("has more than one text in the language {language}");
                self.found(shape, None, "uniqueLang", message, report);
            }
        }
    }

    fn less_than(
        &self,
        shape: &Shape,
        focus: TermRef<'a>,
        values: &[TermRef<'a>],
        other: NamedNodeRef<'a>,
        or_equal: bool,
        report: &mut Report,
    ) {
        let (rule, than) =
            if or_equal { ("lessThanOrEquals", "less than or equal to") } else { ("lessThan", "less than") };
        for value in values {
            for bound in self.others(focus, other) {
                let order = match (value, bound) {
                    (TermRef::Literal(a), TermRef::Literal(b)) => datatype::compare(*a, b),
                    _ => None,
                };
                if order == Some(Ordering::Less) || (or_equal && order == Some(Ordering::Equal)) {
                    continue;
                }
                let message =
                    format!("must be {than} the field {:?}, which is {:?}", self.label(other), rdf::plain(bound));
                self.found(shape, Some(*value), rule, message, report);
            }
        }
    }

    fn closed(&self, shape: &Shape, allowed: &HashSet<oxrdf::NamedNode>, value: TermRef<'a>, report: &mut Report) {
        for triple in rdf::node(value).into_iter().flat_map(|node| self.data.triples_for_subject(node)) {
            if !allowed.contains(&triple.predicate.into_owned()) {
                let message = format!(
                    "the profile allows no {}, which is {:?}",
                    triple.predicate.as_str(),
                    rdf::plain(triple.object)
                );
                self.found(shape, None, "closed", message, report);
            }
        }
    }

    /// The values of another field of the same node.
    fn others(&self, focus: TermRef<'a>, predicate: NamedNodeRef<'a>) -> Vec<TermRef<'a>> {
        let node = rdf::node(focus).into_iter();
        node.flat_map(|node| self.data.objects_for_subject_predicate(node, predicate)).collect()
    }

    /// What the field of a predicate is called.
    fn label(&self, predicate: NamedNodeRef<'_>) -> &'a str {
        let of_it =
            |shape: &&Shape| shape.path.as_ref().and_then(|it| it.predicate()).is_some_and(|it| *it == predicate);
        let label = self.shapes.iter().map(|(_, shape)| shape).find(of_it).and_then(|shape| shape.label.as_deref());
        label.unwrap_or("another field")
    }

    fn leave(&self, rule: String, report: &mut Report) {
        let left = Left { field: self.field(), rule };
        if !report.left.contains(&left) {
            report.left.push(left);
        }
    }

    fn field(&self) -> Option<String> {
        (!self.fields.is_empty()).then(|| self.fields.join(" > "))
    }

    fn found(
        &self,
        shape: &Shape,
        value: Option<TermRef<'_>>,
        rule: &'static str,
        message: String,
        report: &mut Report,
    ) {
        report.findings.push(Finding {
            place: None,
            field: self.field(),
            path: shape.path.as_ref().and_then(|it| it.predicate()).map(|it| it.as_str().to_owned()),
            value: value.filter(|_| shape.path.is_some()).map(rdf::plain),
            rule,
            message,
        });
    }
}

/// SHACL's `str(value)`; blank nodes have none.
fn length(value: TermRef<'_>) -> Option<u64> {
    match value {
        TermRef::Literal(it) => Some(it.value().chars().count() as u64),
        TermRef::NamedNode(it) => Some(it.as_str().chars().count() as u64),
        TermRef::BlankNode(_) => None,
    }
}

fn wrong_type(datatype: &str, literal: LiteralRef<'_>) -> String {
    let name = rdf::local_name(datatype);
    let found = rdf::local_name(literal.datatype().as_str());
    let but = if literal.datatype().as_str() == datatype { String::new() } else { format!(" but of type {found}") };
    match datatype::example(datatype) {
        Some(example) => format!("is no {name}{but}; write it as {example}"),
        None => format!("is no {name}{but}"),
    }
}

impl Bound {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::MinExclusive => order.is_gt(),
            Self::MinInclusive => order.is_ge(),
            Self::MaxExclusive => order.is_lt(),
            Self::MaxInclusive => order.is_le(),
        }
    }

    fn rule(self) -> &'static str {
        match self {
            Self::MinExclusive => "minExclusive",
            Self::MinInclusive => "minInclusive",
            Self::MaxExclusive => "maxExclusive",
            Self::MaxInclusive => "maxInclusive",
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::MinExclusive => "more than",
            Self::MinInclusive => "at least",
            Self::MaxExclusive => "less than",
            Self::MaxInclusive => "at most",
        }
    }
}

impl NodeKind {
    fn in_words(self) -> &'static str {
        match (self.iri, self.blank, self.literal) {
            (true, false, false) => "an IRI",
            (false, true, false) => "a nested description",
            (false, false, true) => "a plain value",
            (true, true, _) => "an IRI or a nested description",
            (true, ..) => "an IRI or a plain value",
            _ => "a nested description or a plain value",
        }
    }
}
