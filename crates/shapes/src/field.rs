use std::collections::BTreeMap;

use oxrdf::{Graph, NamedOrBlankNode, Term, TermRef, vocab};
use serde_json::json;

use crate::{
    rdf::{self, sh},
    shape::{self, Bound, Constraint, Shapes},
};

/// One field of a [`Profile`](crate::Profile): what a form or a table needs to know of it.
///
/// If a profile and one that it inherits from speak of the same field, both sets of rules hold, so the narrower of two
/// bounds is shown; what is said once only, as a label, is taken from the nearer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Field {
    /// The predicate's IRI.
    pub path: String,
    /// Labels by language tag in lower case; the empty tag stands for none.
    pub labels: BTreeMap<String, String>,
    /// Descriptions by language tag.
    pub descriptions: BTreeMap<String, String>,
    /// Where it stands in a form; lower is earlier.
    pub order: Option<f64>,
    /// How often it must be given at least.
    pub min_count: u64,
    /// How often it may be given at most.
    pub max_count: Option<u64>,
    /// The shortest value, in characters.
    pub min_length: Option<u64>,
    /// The longest value, in characters.
    pub max_length: Option<u64>,
    /// The least value, and whether the value itself is allowed.
    pub min: Option<(String, bool)>,
    /// The greatest value, and whether the value itself is allowed.
    pub max: Option<(String, bool)>,
    /// The IRI of the data type.
    pub datatype: Option<String>,
    /// Regular expressions that values match.
    pub patterns: Vec<Pattern>,
    /// The languages that a text may be in, by tag.
    pub languages: Vec<String>,
    /// The values to select from (`sh:in`).
    pub choices: Vec<Term>,
    /// The class whose instances are the values: a vocabulary (`sh:class`).
    pub class: Option<String>,
    /// The form of a description within the description (`sh:node`).
    pub nested: Option<Nested>,
    /// What the field holds if it is not given. `{ME}` and `{TODAY}` stand for the user and the day in Coscine.
    pub default: Option<Term>,
    /// The IRI of the profile that it is inherited from.
    pub inherited_from: Option<String>,
}

/// A regular expression of a profile, as it is written there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(pub String);

/// The form of a nested description.
#[derive(Clone, Debug, PartialEq)]
pub struct Nested {
    /// The IRI of the profile that it follows; `None` if it stands in the outer one without a name.
    pub profile: Option<String>,
    /// The class that its node is of, if the profile asks for one.
    pub class: Option<String>,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// A field as an object: all that a form needs to know of it. Choices and a default are as RDF writes them, without quotation
/// marks; a nested description's fields stand under `fields`.
impl From<&Field> for serde_json::Value {
    fn from(field: &Field) -> Self {
        let plain = |term: &Term| rdf::plain(term.as_ref());
        let bound = |bound: &(String, bool)| json!({ "value": bound.0, "inclusive": bound.1 });
        let nested = field.nested.as_ref().map(|it| it.fields.iter().map(Self::from).collect::<Vec<_>>());
        json!({
            "label": field.label(), "labels": field.labels, "descriptions": field.descriptions, "path": field.path,
            "rules": field.rules(), "required": field.is_required(), "order": field.order,
            "minCount": field.min_count, "maxCount": field.max_count, "minLength": field.min_length,
            "maxLength": field.max_length, "min": field.min.as_ref().map(bound), "max": field.max.as_ref().map(bound),
            "datatype": field.datatype, "patterns": field.patterns.iter().map(|it| &it.0).collect::<Vec<_>>(),
            "languages": field.languages, "class": field.class, "inheritedFrom": field.inherited_from,
            "in": field.choices.iter().map(plain).collect::<Vec<_>>(), "default": field.default.as_ref().map(plain),
            "fields": nested,
        })
    }
}

/// How deep forms are followed into nested profiles; one that holds itself ends here.
const DEEPEST: usize = 4;

impl Field {
    /// The label in a language, else in English, else any, else the last part of the IRI.
    pub fn label_in(&self, language: &str) -> &str {
        let label = self.labels.get(language).or_else(|| self.labels.get("en"));
        label.or_else(|| self.labels.values().next()).map_or_else(|| rdf::local_name(&self.path), String::as_str)
    }

    /// The English label, or any, or the last part of the IRI.
    pub fn label(&self) -> &str {
        self.label_in("en")
    }

    /// It must be given.
    pub fn is_required(&self) -> bool {
        self.min_count > 0
    }

    /// Whether `name` is its IRI, or one of its labels in any case of letters.
    pub fn is_called(&self, name: &str) -> bool {
        let same = |label: &str| label == name || label.to_lowercase() == name.to_lowercase();
        self.path == name || self.labels.values().any(|label| same(label)) || same(self.label())
    }

    /// The rules of a value in a line of words: `required; date, e.g. 2026-11-21`.
    pub fn rules(&self) -> String {
        let mut rules = vec![];
        rules.push(match (self.min_count, self.max_count) {
            (0, _) => "optional".to_owned(),
            (1, _) => "required".to_owned(),
            (n, _) => format!("required {n} times"),
        });
        match self.max_count {
            None => rules.push("may be given more than once: repeat the column".to_owned()),
            Some(1) => {}
            Some(n) => rules.push(format!("up to {n} values: repeat the column")),
        }
        if !self.choices.is_empty() {
            let choices: Vec<_> = self.choices.iter().map(|it| choice(it.as_ref())).collect();
            rules.push(format!("one of: {}", choices.join(" | ")));
        } else if let Some(class) = &self.class {
            rules.push(format!("a term of {class}"));
        } else if let Some(datatype) = &self.datatype {
            let name = rdf::local_name(datatype);
            match crate::datatype::example(datatype) {
                Some(example) => rules.push(format!("{name}, e.g. {example}")),
                None if name == "string" => {}
                None => rules.push(name.to_owned()),
            }
        }
        match (self.min_length.filter(|it| *it > 1), self.max_length) {
            (Some(min), Some(max)) => rules.push(format!("{min} to {max} characters")),
            (Some(min), None) => rules.push(format!("at least {min} characters")),
            (None, Some(max)) => rules.push(format!("at most {max} characters")),
            (None, None) => {}
        }
        if let Some((min, inclusive)) = &self.min {
            rules.push(format!("{} {min}", if *inclusive { "at least" } else { "more than" }));
        }
        if let Some((max, inclusive)) = &self.max {
            rules.push(format!("{} {max}", if *inclusive { "at most" } else { "less than" }));
        }
        rules.extend(self.patterns.iter().map(|Pattern(text)| format!("matches {text}")));
        if !self.languages.is_empty() {
            rules.push(format!("text@language, one of: {}", self.languages.join(" | ")));
        }
        if let Some(default) = &self.default {
            rules.push(format!("default: {}", rdf::plain(default.as_ref())));
        }
        rules.join("; ")
    }
}

/// A choice as it may be written in a record: an IRI by its last part.
pub(crate) fn choice(term: TermRef<'_>) -> String {
    match term {
        TermRef::NamedNode(node) => rdf::local_name(node.as_str()).to_owned(),
        other => rdf::plain(other),
    }
}

/// The fields of a shape and of all that it inherits from, in their order.
pub(crate) fn fields(graph: &Graph, shapes: &Shapes, root: shape::Id) -> Vec<Field> {
    of_shape(graph, shapes, root, 0)
}

fn of_shape(graph: &Graph, shapes: &Shapes, root: shape::Id, depth: usize) -> Vec<Field> {
    let mut fields: Vec<Field> = vec![];
    let mut wave = vec![root];
    let mut at = 0;
    while let Some(id) = wave.get(at).copied() {
        at += 1;
        let shape = shapes.get(id);
        for parent in shape.nodes() {
            if !wave.contains(&parent) {
                wave.push(parent);
            }
        }
        for property in shape.properties() {
            let Some(mut field) = read(graph, shapes, property, depth) else { continue };
            if id != root {
                field.inherited_from = match &shape.name {
                    NamedOrBlankNode::NamedNode(name) => Some(name.as_str().to_owned()),
                    NamedOrBlankNode::BlankNode(_) => None,
                };
            }
            match fields.iter_mut().find(|it| it.path == field.path) {
                Some(nearer) => narrow(nearer, field),
                None => fields.push(field),
            }
        }
    }
    let order = |field: &Field| field.order.unwrap_or(f64::MAX);
    fields.sort_by(|a, b| order(a).total_cmp(&order(b)).then_with(|| a.path.cmp(&b.path)));
    fields
}

fn read(graph: &Graph, shapes: &Shapes, id: shape::Id, depth: usize) -> Option<Field> {
    let shape = shapes.get(id);
    let path = shape.path.as_ref()?.predicate()?;
    // That the metadata is of its class may stand as a property: it is not a field to fill.
    if path.as_ref() == vocab::rdf::TYPE {
        return None;
    }
    let texts = |predicate| {
        let texts = graph.objects_for_subject_predicate(&shape.name, predicate).filter_map(|it| match it {
            TermRef::Literal(it) => {
                Some((it.language().unwrap_or_default().to_ascii_lowercase(), it.value().to_owned()))
            }
            _ => None,
        });
        texts.collect::<BTreeMap<_, _>>()
    };
    let order = graph.object_for_subject_predicate(&shape.name, sh::ORDER).map(rdf::plain);
    let default = graph.object_for_subject_predicate(&shape.name, sh::DEFAULT_VALUE);
    let mut field = Field {
        path: path.as_str().to_owned(),
        labels: texts(sh::NAME),
        descriptions: texts(sh::DESCRIPTION),
        order: order.and_then(|it| it.parse().ok()),
        default: default.map(TermRef::into_owned),
        ..Field::default()
    };
    for constraint in &shape.constraints {
        match constraint {
            Constraint::MinCount(n) => field.min_count = *n,
            Constraint::MaxCount(n) => field.max_count = Some(*n),
            Constraint::MinLength(n) => field.min_length = Some(*n),
            Constraint::MaxLength(n) => field.max_length = Some(*n),
            Constraint::Bound(bound, limit) => {
                let limit = limit.value().to_owned();
                match bound {
                    Bound::MinExclusive => field.min = Some((limit, false)),
                    Bound::MinInclusive => field.min = Some((limit, true)),
                    Bound::MaxExclusive => field.max = Some((limit, false)),
                    Bound::MaxInclusive => field.max = Some((limit, true)),
                }
            }
            Constraint::Datatype(datatype) => field.datatype = Some(datatype.as_str().to_owned()),
            Constraint::Class(class) => field.class = Some(class.as_str().to_owned()),
            Constraint::Pattern { text, .. } => field.patterns.push(Pattern(text.clone())),
            Constraint::LanguageIn(languages) => field.languages.clone_from(languages),
            Constraint::In(choices) => field.choices.clone_from(choices),
            Constraint::Node(id) if depth < DEEPEST => {
                let inner = shapes.get(*id);
                let class = inner.targets.iter().find_map(|target| match target {
                    shape::Target::Class(class) => Some(class.as_str().to_owned()),
                    _ => None,
                });
                let profile = match &inner.name {
                    NamedOrBlankNode::NamedNode(name) => Some(name.as_str().to_owned()),
                    NamedOrBlankNode::BlankNode(_) => None,
                };
                let fields = of_shape(graph, shapes, *id, depth + 1);
                if !fields.is_empty() {
                    field.nested = Some(Nested { profile, class, fields });
                }
            }
            _ => {}
        }
    }
    Some(field)
}

/// Both hold: what the further one says beyond the nearer is taken over.
fn narrow(nearer: &mut Field, further: Field) {
    nearer.min_count = nearer.min_count.max(further.min_count);
    nearer.max_count = [nearer.max_count, further.max_count].into_iter().flatten().min();
    nearer.min_length = nearer.min_length.max(further.min_length);
    nearer.max_length = [nearer.max_length, further.max_length].into_iter().flatten().min();
    nearer.patterns.extend(further.patterns);
    if nearer.labels.is_empty() {
        nearer.labels = further.labels;
    }
    if nearer.descriptions.is_empty() {
        nearer.descriptions = further.descriptions;
    }
    if nearer.languages.is_empty() {
        nearer.languages = further.languages;
    }
    if nearer.choices.is_empty() {
        nearer.choices = further.choices;
    }
    nearer.order = nearer.order.or(further.order);
    nearer.min = nearer.min.take().or(further.min);
    nearer.max = nearer.max.take().or(further.max);
    nearer.datatype = nearer.datatype.take().or(further.datatype);
    nearer.class = nearer.class.take().or(further.class);
    nearer.nested = nearer.nested.take().or(further.nested);
    nearer.default = nearer.default.take().or(further.default);
}
