use std::collections::BTreeMap;

use oxrdf::{Graph, NamedNode, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, TermRef};

use crate::{
    Error, Field, Left, Loader, Report, Result, Vocabularies, field,
    shape::{self, Shapes, Target, Validator},
};

/// An application profile: what is asked of a description, as fields to fill and as rules to check.
#[derive(Clone, Debug)]
pub struct Profile {
    iri: String,
    labels: BTreeMap<String, String>,
    target_class: NamedNode,
    fields: Vec<Field>,
    shapes: Shapes,
    root: shape::Id,
    left: Vec<Left>,
}

impl Profile {
    /// The profile of this IRI, whose documents a resolver gives at once; see [`Loader`] where they must be waited for.
    ///
    /// # Errors
    /// The resolver's; and that there is no such profile, or that one it inherits from is missing.
    pub fn load<E: From<Error>>(
        iri: &str,
        mut resolver: impl FnMut(&str) -> std::result::Result<Option<Graph>, E>,
    ) -> std::result::Result<Self, E> {
        let mut loader = Loader::new(iri);
        while let Some(iri) = loader.wanted() {
            let document = resolver(&iri)?;
            loader.give(&iri, document.as_ref());
        }
        Ok(loader.compile()?)
    }

    pub(crate) fn new(iri: &str, graph: Graph, left: Vec<Left>) -> Result<Self> {
        let shapes = shape::compile(&graph)?;
        // Servers are not of one mind on the slash at the end.
        let spellings = [iri.to_owned(), format!("{iri}/"), iri.trim_end_matches('/').to_owned()];
        let find = |name: &String| shapes.find(&NamedOrBlankNode::from(NamedNode::new(name).ok()?));
        let root = spellings.iter().find_map(find);
        let Some(root) = root else {
            let shapes = shapes.iter().filter(|(_, it)| it.path.is_none());
            let named = shapes.filter_map(|(_, shape)| match &shape.name {
                NamedOrBlankNode::NamedNode(name) => Some(name.as_str()),
                NamedOrBlankNode::BlankNode(_) => None,
            });
            let named: Vec<_> = named.take(5).collect();
            let known = if named.is_empty() {
                "no named shape at all".to_owned()
            } else {
                format!("only {}", named.join(", "))
            };
            return Err(Error::new(iri, format!("the document describes no shape of this name, {known}")));
        };
        let class = shapes.get(root).targets.iter().find_map(|target| match target {
            Target::Class(class) => Some(class.clone()),
            _ => None,
        });
        let own = || NamedNode::new(iri).map_err(|e| Error::new(iri, format!("it is not an IRI ({e})")));
        let target_class = class.map_or_else(own, Ok)?;
        let labels = ["http://purl.org/dc/terms/title", "http://www.w3.org/2000/01/rdf-schema#label"];
        let labels = labels.iter().flat_map(|predicate| {
            let predicate = NamedNodeRef::new_unchecked(predicate);
            graph.objects_for_subject_predicate(&shapes.get(root).name, predicate)
        });
        let labels = labels.filter_map(|label| match label {
            TermRef::Literal(it) => {
                Some((it.language().unwrap_or_default().to_ascii_lowercase(), it.value().to_owned()))
            }
            _ => None,
        });
        Ok(Self {
            iri: iri.to_owned(),
            labels: labels.collect(),
            target_class,
            fields: field::fields(&graph, &shapes, root),
            shapes,
            root,
            left,
        })
    }

    /// Its IRI.
    pub fn iri(&self) -> &str {
        &self.iri
    }

    /// Its names by language tag; the empty tag stands for none.
    pub fn labels(&self) -> &BTreeMap<String, String> {
        &self.labels
    }

    /// The class of a description's root.
    pub fn target_class(&self) -> &NamedNode {
        &self.target_class
    }

    /// Its fields and those it inherits, in the order it gives them.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field of this label or IRI.
    pub fn field(&self, name: &str) -> Option<&Field> {
        find(&self.fields, name)
    }

    /// The classes whose terms its fields use, nested ones included.
    pub fn vocabularies(&self) -> Vec<&str> {
        fn of<'f>(fields: &'f [Field], found: &mut Vec<&'f str>) {
            for field in fields {
                let class = field.class.as_deref().filter(|class| field.nested.is_none() && !found.contains(class));
                found.extend(class);
                of(field.nested.as_ref().map_or(&[], |it| &it.fields), found);
            }
        }
        let mut found = vec![];
        of(&self.fields, &mut found);
        found
    }

    /// Checks a description that hangs on `root`.
    pub fn validate(&self, data: &Graph, root: NamedOrBlankNodeRef<'_>, vocabularies: &Vocabularies) -> Report {
        let root = root.into_owned();
        // The graph lends its own terms, so the root is looked up among them where it says anything.
        let own = data.triples_for_subject(&root).next().map_or(TermRef::from(root.as_ref()), |it| it.subject.into());
        self.run(data, Some(own), vocabularies)
    }

    /// Checks every node of a graph that a shape of the profile is for (SHACL, section 2.1.3).
    pub fn validate_graph(&self, data: &Graph, vocabularies: &Vocabularies) -> Report {
        self.run(data, None, vocabularies)
    }

    fn run<'a>(&'a self, data: &'a Graph, root: Option<TermRef<'a>>, vocabularies: &'a Vocabularies) -> Report {
        let mut report = Report { findings: vec![], left: self.left.clone() };
        let mut validator = Validator::new(&self.shapes, data, vocabularies);
        if let Some(root) = root {
            validator.check(self.root, root, &mut report);
        }
        for (id, shape) in self.shapes.iter().filter(|(_, shape)| !shape.targets.is_empty()) {
            for focus in validator.targets(shape) {
                if id != self.root || Some(focus) != root {
                    validator.check(id, focus, &mut report);
                }
            }
        }
        // A nested description is reached from outside and as a target of its own shape.
        let mut known = std::collections::HashSet::new();
        let said = |it: &crate::Finding| (it.path.clone(), it.value.clone(), it.rule, it.message.clone());
        report.findings.retain(|it| known.insert(said(it)));
        // Graphs have no order; people read in that of the form.
        let place = |finding: &crate::Finding| {
            let outer = finding.field.as_deref().and_then(|it| it.split(" > ").next());
            self.fields.iter().position(|field| Some(field.label()) == outer)
        };
        report
            .findings
            .sort_by_cached_key(|it| (place(it).is_none(), place(it), it.field.clone(), it.rule, it.value.clone()));
        report
    }
}

/// The field of a label or IRI.
pub(crate) fn find<'f>(fields: &'f [Field], name: &str) -> Option<&'f Field> {
    let exact = fields.iter().find(|field| field.path == name || field.labels.values().any(|it| it == name));
    exact.or_else(|| fields.iter().find(|field| field.is_called(name)))
}
