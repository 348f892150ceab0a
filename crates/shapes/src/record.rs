use std::collections::{BTreeMap, HashSet};

use oxrdf::{BlankNode, Graph, Literal, NamedNode, NamedNodeRef, NamedOrBlankNodeRef, Term, TermRef, TripleRef, vocab};

use crate::{
    Field, Finding, Profile, Report, Vocabularies,
    field::choice,
    profile::find,
    rdf::{self, local_name},
};

/// A description as people write it: fields, by label or IRI, and their values. A field may stand more than once.
///
/// ```
/// use whimbrel_shapes::Record;
///
/// let record: Record = [("Title", "Run 7"), ("Creator", "Ada"), ("Creator", "Grace")].into_iter().collect();
/// assert_eq!(record.values("Creator").count(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    values: Vec<(String, Value)>,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text, number, date, term's label or IRI, as it is written.
    Text(String),
    /// A description within the description.
    Record(Record),
}

impl Record {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value to a field.
    pub fn push(&mut self, field: impl Into<String>, value: impl Into<Value>) {
        self.values.push((field.into(), value.into()));
    }

    /// Fields and values, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(field, value)| (field.as_str(), value))
    }

    /// The values of a field, by the very name that was used.
    pub fn values<'r>(&'r self, field: &'r str) -> impl Iterator<Item = &'r Value> {
        self.iter().filter(move |(name, _)| *name == field).map(|(_, value)| value)
    }

    /// Takes a field's first value out.
    pub(crate) fn take(&mut self, field: &str) -> Option<Value> {
        let at = self.values.iter().position(|(name, _)| name == field)?;
        Some(self.values.remove(at).1)
    }

    /// How many values it has.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Takes over each field of `over`; fields that only this one has stay.
    pub fn overlay(&mut self, over: &Self) {
        self.values.retain(|(field, _)| !over.values.iter().any(|(name, _)| name == field));
        self.values.extend(over.values.iter().cloned());
    }
}

impl<F: Into<String>, V: Into<Value>> FromIterator<(F, V)> for Record {
    fn from_iter<T: IntoIterator<Item = (F, V)>>(values: T) -> Self {
        Self { values: values.into_iter().map(|(field, value)| (field.into(), value.into())).collect() }
    }
}

impl<T: Into<String>> From<T> for Value {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

impl From<Record> for Value {
    fn from(record: Record) -> Self {
        Self::Record(record)
    }
}

/// A record as an object; a field that stands more than once holds an array.
impl From<&Record> for serde_json::Value {
    fn from(record: &Record) -> Self {
        let mut map = serde_json::Map::new();
        for (name, value) in record.iter() {
            let value = match value {
                Value::Text(text) => text.as_str().into(),
                Value::Record(inner) => Self::from(inner),
            };
            match map.get_mut(name) {
                None => drop(map.insert(name.to_owned(), value)),
                Some(Self::Array(values)) => values.push(value),
                Some(one) => *one = Self::Array(vec![one.take(), value]),
            }
        }
        map.into()
    }
}

/// What goes with a record when it is [filled](Profile::fill) in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filling<'a> {
    /// The vocabularies, for terms that are named by label.
    pub vocabularies: Option<&'a Vocabularies>,
    /// Values for fields that the record does not give: predicate and term. They win over the profile's defaults.
    pub fixed: &'a [(String, Term)],
    /// What `{ME}` stands for in a default.
    pub me: Option<&'a str>,
    /// What `{TODAY}` stands for in a default: a date as `2026-11-21`.
    pub today: Option<&'a str>,
}

/// A record as RDF, checked.
#[derive(Clone, Debug)]
pub struct Filled {
    /// The description.
    pub graph: Graph,
    /// The node that it hangs on.
    pub root: BlankNode,
    /// What is wrong with it, and what is left to the server.
    pub report: Report,
}

impl Profile {
    /// Makes a description of a record and checks it.
    ///
    /// A value becomes what its field asks for: a term of the vocabulary, one of the choices, a literal of the data type.
    /// Where it can't, that is among the findings.
    pub fn fill(&self, record: &Record, with: &Filling<'_>) -> Filled {
        let none = Vocabularies::default();
        let vocabularies = with.vocabularies.unwrap_or(&none);
        let mut filler = Filler { graph: Graph::new(), vocabularies, findings: vec![], nodes: 0 };
        let root = filler.node();
        filler.add(&root, vocab::rdf::TYPE, self.target_class());
        let given = filler.fill(&root, record, self.fields(), "");
        for field in self.fields().iter().filter(|field| !given.contains(field.path.as_str())) {
            let predicate = predicate(field);
            let mut fixed = with.fixed.iter().filter(|(path, _)| *path == field.path).peekable();
            if fixed.peek().is_some() {
                for (_, term) in fixed {
                    filler.add(&root, predicate, term);
                }
            } else if let Some(default) = field.default.as_ref().and_then(|term| with.default(term)) {
                filler.add(&root, predicate, &default);
            }
        }
        let Filler { graph, findings, .. } = filler;
        let mut report = Report { findings, left: vec![] };
        report.extend(self.validate(&graph, root.as_ref().into(), vocabularies));
        Filled { graph, root, report }
    }

    /// A description as a record: fields by their English labels, terms by theirs where the vocabulary is at hand.
    pub fn record(&self, data: &Graph, root: NamedOrBlankNodeRef<'_>, vocabularies: &Vocabularies) -> Record {
        describe(data, root, self.fields(), vocabularies, 0)
    }
}

fn describe(
    data: &Graph,
    node: NamedOrBlankNodeRef<'_>,
    fields: &[Field],
    vocabularies: &Vocabularies,
    depth: usize,
) -> Record {
    let mut values: BTreeMap<(usize, &str), Vec<Value>> = BTreeMap::new();
    for triple in data.triples_for_subject(node).filter(|it| it.predicate != vocab::rdf::TYPE) {
        let at = fields.iter().position(|field| field.path == triple.predicate.as_str());
        let field = at.map(|at| &fields[at]);
        let value = match triple.object {
            TermRef::BlankNode(inner) if depth < 8 => {
                let fields = field.and_then(|it| it.nested.as_ref()).map_or(&[][..], |it| &it.fields);
                describe(data, inner.into(), fields, vocabularies, depth + 1).into()
            }
            TermRef::NamedNode(it) => {
                let class = field.and_then(|field| field.class.as_deref());
                let label = class.and_then(|class| vocabularies.get(class)?.label(it.as_str()));
                label.unwrap_or(it.as_str()).into()
            }
            TermRef::Literal(it) => match it.language() {
                Some(language) => format!("{}@{language}", it.value()).into(),
                None => it.value().into(),
            },
            other => rdf::plain(other).into(),
        };
        let name = field.map_or(triple.predicate.as_str(), Field::label);
        values.entry((at.unwrap_or(usize::MAX), name)).or_default().push(value);
    }
    values.into_iter().flat_map(|((_, name), values)| values.into_iter().map(move |value| (name, value))).collect()
}

impl Filling<'_> {
    /// A default with its placeholders put in; `None` if what they stand for is not known.
    fn default(&self, term: &Term) -> Option<Term> {
        let Term::Literal(literal) = term else { return Some(term.clone()) };
        let text = match literal.value() {
            "{ME}" => self.me?,
            "{TODAY}" => self.today?,
            _ => return Some(term.clone()),
        };
        let datatype = match literal.value() {
            "{TODAY}" => vocab::xsd::DATE.into_owned(),
            _ => literal.datatype().into_owned(),
        };
        Some(Literal::new_typed_literal(text, datatype).into())
    }
}

/// The predicate of a profile's field, whose path is read from one: so it need not be checked for each value.
fn predicate(field: &Field) -> NamedNodeRef<'_> {
    NamedNodeRef::new_unchecked(&field.path)
}

struct Filler<'a> {
    graph: Graph,
    vocabularies: &'a Vocabularies,
    findings: Vec<Finding>,
    nodes: usize,
}

impl Filler<'_> {
    /// A node of its own, with a short name: documents are read by people too.
    fn node(&mut self) -> BlankNode {
        self.nodes += 1;
        BlankNode::new_unchecked(format!("n{}", self.nodes))
    }

    fn add<'t>(&mut self, subject: &'t BlankNode, predicate: NamedNodeRef<'t>, object: impl Into<TermRef<'t>>) {
        self.graph.insert(TripleRef::new(subject.as_ref(), predicate, object));
    }

    /// Says what a record says of a node; the paths of the fields that it gives.
    fn fill<'f>(&mut self, node: &BlankNode, record: &Record, fields: &'f [Field], outer: &str) -> HashSet<&'f str> {
        let mut given = HashSet::with_capacity(record.len());
        for (name, value) in record.iter() {
            let Some(field) = find(fields, name) else {
                self.findings.push(unknown_field(fields, &format!("{outer}{name}")));
                continue;
            };
            given.insert(field.path.as_str());
            let term = match (value, &field.nested) {
                (Value::Text(text), _) => self.term(field, text),
                (Value::Record(inner), Some(nested)) => {
                    let inside = self.node();
                    if let Some(class) = field.class.as_ref().or(nested.class.as_ref())
                        && let Ok(class) = NamedNode::new(class)
                    {
                        self.add(&inside, vocab::rdf::TYPE, &class);
                    }
                    self.fill(&inside, inner, &nested.fields, &format!("{outer}{} > ", field.label()));
                    inside.into()
                }
                (Value::Record(_), None) => {
                    self.findings.push(Finding {
                        place: None,
                        field: Some(format!("{outer}{}", field.label())),
                        path: Some(field.path.clone()),
                        value: None,
                        rule: "node",
                        message: "holds one value, and is given a nested description".to_owned(),
                    });
                    continue;
                }
            };
            self.add(node, predicate(field), &term);
        }
        given
    }

    /// The term that a text stands for in a field; if it can't stand for any, one that the check will refuse.
    fn term(&self, field: &Field, text: &str) -> Term {
        if !field.choices.is_empty() {
            let is_it = |term: &&Term| rdf::plain(term.as_ref()) == text || choice(term.as_ref()) == text;
            if let Some(found) = field.choices.iter().find(is_it) {
                return found.clone();
            }
        }
        if let Some(class) = &field.class {
            let found = self.vocabularies.get(class).and_then(|terms| terms.find(text));
            if let Some(term) = found.and_then(|iri| NamedNode::new(iri).ok()) {
                return term.into();
            }
        }
        let iri = rdf::iri(text);
        match (&field.datatype, iri) {
            (Some(datatype), _) if datatype == vocab::rdf::LANG_STRING.as_str() => in_language(field, text),
            // Read from a node of the profile, as the path is.
            (Some(datatype), _) => Literal::new_typed_literal(text, NamedNode::new_unchecked(datatype)).into(),
            (None, Some(iri)) => iri.into(),
            (None, None) if !field.languages.is_empty() => in_language(field, text),
            (None, None) => Literal::new_simple_literal(text).into(),
        }
    }
}

/// `text@en`; where the profile knows one language only, the text alone will do.
fn in_language(field: &Field, text: &str) -> Term {
    let tagged = text.rsplit_once('@').and_then(|(text, tag)| Literal::new_language_tagged_literal(text, tag).ok());
    let only = match &field.languages[..] {
        [only] => Literal::new_language_tagged_literal(text, only).ok(),
        _ => None,
    };
    tagged.or(only).unwrap_or_else(|| Literal::new_simple_literal(text)).into()
}

/// That a record names a field which the profile does not have.
fn unknown_field(fields: &[Field], name: &str) -> Finding {
    let known: Vec<_> = fields.iter().map(Field::label).collect();
    let own = local_name(name).to_lowercase();
    let near = known.iter().find(|label| label.to_lowercase().contains(&own) || own.contains(&label.to_lowercase()));
    let hint = near.map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
    Finding {
        place: None,
        field: Some(name.to_owned()),
        path: None,
        value: None,
        rule: "field",
        message: format!("the profile has no such field{hint}; it has: {}", known.join(", ")),
    }
}
