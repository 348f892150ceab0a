use std::collections::HashSet;

use futures::TryStreamExt as _;
use oxrdf::{Graph, Literal, NamedNode, Term};
use raw::coscine::{operations as op, types::VocabularyInstanceDto};
use shapes::{
    Filled, Filling, Loader, Profile, Record, Value, Vocabularies, Vocabulary,
    rdf::{self, Syntax},
};

use super::{Client, Resource};
use crate::{Error, Paged as _, Result, error::call};

/// What a resource asks of its files' metadata: its application profile, and what goes into a record beside the record.
///
/// ```no_run
/// # async fn example(resource: whimbrel::coscine::Resource) -> whimbrel::Result<()> {
/// use whimbrel::shapes::Record;
///
/// let record: Record = [("Title", "Run 7"), ("Creation Date", "yesterday")].into_iter().collect();
/// let form = resource.form([&record]).await?;
/// for finding in form.fill(&record).report.findings {
///     println!("{finding}");
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Form {
    profile: Profile,
    vocabularies: Vocabularies,
    fixed: Vec<(String, Term)>,
    me: Option<String>,
    today: String,
}

impl Form {
    /// A form of its own, without the fixed values of a resource.
    pub fn new(profile: Profile, vocabularies: Vocabularies) -> Self {
        Self { profile, vocabularies, fixed: vec![], me: None, today: today() }
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The vocabularies that were loaded.
    pub fn vocabularies(&self) -> &Vocabularies {
        &self.vocabularies
    }

    /// A record as RDF, checked. The resource's fixed values and the profile's defaults stand in for what it does not
    /// give; `{ME}` and `{TODAY}` in a default become the user's name and the day.
    pub fn fill(&self, record: &Record) -> Filled {
        let with = Filling {
            vocabularies: Some(&self.vocabularies),
            fixed: &self.fixed,
            me: self.me.as_deref(),
            today: Some(&self.today),
        };
        self.profile.fill(record, &with)
    }

    /// As [`fill`](Self::fill), but nothing stands in for what is not given.
    pub(super) fn fill_given(&self, record: &Record) -> Filled {
        self.profile.fill(record, &Filling { vocabularies: Some(&self.vocabularies), ..Filling::default() })
    }
}

impl Client {
    /// The application profile of this IRI, with all that it inherits from and imports.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) if there is no such profile, if it is none, or builds on one that is not
    /// there.
    pub async fn profile(&self, iri: &str) -> Result<Profile> {
        let mut loader = Loader::new(iri);
        while let Some(wanted) = loader.wanted() {
            loader.give(&wanted, self.profile_document(&wanted).await?.as_ref());
        }
        Ok(loader.compile()?)
    }

    /// The document of one profile alone; `None` if there is none of this IRI.
    pub async fn profile_document(&self, iri: &str) -> Result<Option<Graph>> {
        let about = || format!("profile {iri}");
        let sent = self.raw.get_application_profile().profile(iri).format("text/turtle".to_owned()).send();
        let answer = match call(&op::GET_APPLICATION_PROFILE, sent).await {
            Ok(answer) => answer.into_inner(),
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error.about(about())),
        };
        let definition = answer.data.and_then(|dto| dto.definition);
        let content = definition.and_then(|it| Some((it.content?, it.type_.unwrap_or_default())));
        let (content, media) = content.ok_or_else(|| Error::not_found("it has no definition").about(about()))?;
        Ok(Some(rdf::read(content.as_bytes(), Syntax::of_media_type(&media), None, iri)?))
    }

    /// The terms of the classes that a profile's fields name; each is some requests of 150 terms, and then in the cache.
    pub async fn terms_of(&self, classes: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Vocabularies> {
        let mut all = Vocabularies::default();
        for class in classes {
            let class = class.as_ref();
            let terms: Vec<VocabularyInstanceDto> =
                self.vocabulary(class).stream().try_collect().await.map_err(|e: Error| e.about(class))?;
            let named = terms.into_iter().filter_map(|it| Some((it.instance_uri?, it.display_name?)));
            all.insert(class, named.collect::<Vocabulary>());
        }
        Ok(all)
    }
}

impl Resource {
    /// The application profile that the files' metadata follows, with all that it inherits.
    pub async fn profile(&self) -> Result<Profile> {
        self.client().profile(&self.details().application_profile.uri).await
    }

    /// What is needed to check these records: the profile, the vocabularies whose terms they name by label, the user's
    /// name if a default asks for it.
    pub async fn form(&self, records: impl IntoIterator<Item = &Record>) -> Result<Form> {
        let profile = self.profile().await?;
        let records: Vec<&Record> = records.into_iter().collect();
        let vocabularies = self.client().terms_of(labelled(&profile, records.iter().copied())).await?;
        let fixed = self.fixed_values();
        let asks_for_me = |field: &&shapes::Field| {
            matches!(&field.default, Some(Term::Literal(it)) if it.value() == "{ME}")
                && !fixed.iter().any(|(path, _)| *path == field.path)
                && records.iter().any(|it| !it.iter().any(|(name, _)| field.is_called(name)))
        };
        let me = match profile.fields().iter().any(|field| asks_for_me(&field)) {
            true => {
                let answer = call(&op::GET_CURRENT_USER, self.client().raw.get_current_user().send()).await?;
                answer.into_inner().data.map(|user| user.display_name)
            }
            false => None,
        };
        Ok(Form { profile, vocabularies, fixed, me, today: today() })
    }

    /// Values that the resource gives to each file: predicate and term.
    pub(super) fn fixed_values(&self) -> Vec<(String, Term)> {
        let mut values = vec![];
        for (path, kinds) in &self.details().fixed_values {
            // Whether a form shows the field is told among its values, and is none.
            let values_of = kinds.iter().filter(|(kind, _)| !kind.ends_with("/invisible"));
            for value in values_of.flat_map(|(_, values)| values) {
                let datatype = value.datatype.as_ref().and_then(|it| NamedNode::new(it.as_ref() as &str).ok());
                let term = value.value.as_deref().and_then(|text| match (value.type_.as_deref(), datatype) {
                    (Some("uri"), _) => NamedNode::new(text).ok().map(Term::from),
                    (_, Some(datatype)) => Some(Literal::new_typed_literal(text, datatype).into()),
                    (_, None) => Some(Literal::new_simple_literal(text).into()),
                });
                values.extend(term.map(|term| (path.clone(), term)));
            }
        }
        values
    }
}

/// The classes whose terms these records name by label.
pub fn labelled<'r>(profile: &Profile, records: impl IntoIterator<Item = &'r Record>) -> HashSet<String> {
    let mut classes = HashSet::new();
    for record in records {
        labels(record, profile.fields(), &mut classes);
    }
    classes
}

fn today() -> String {
    chrono::Local::now().format("%Y-%m-%d").to_string()
}

/// The classes whose terms a record names by label; an IRI needs no looking up.
fn labels(record: &Record, fields: &[shapes::Field], classes: &mut HashSet<String>) {
    for (name, value) in record.iter() {
        let Some(field) = fields.iter().find(|field| field.is_called(name)) else { continue };
        match (value, &field.nested) {
            (Value::Record(inner), Some(nested)) => labels(inner, &nested.fields, classes),
            (Value::Text(text), _) if !text.contains("://") && field.choices.is_empty() => {
                classes.extend(field.class.clone());
            }
            _ => {}
        }
    }
}
