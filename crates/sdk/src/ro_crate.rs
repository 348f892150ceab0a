//! [RO-Crate](https://w3id.org/ro/crate) metadata: from a small plain model to `ro-crate-metadata.json`.
//!
//! Nothing here reads a disk, a clock or a network, and nothing knows a service: what is given is what is written, and
//! the same crate always gives the same bytes. Section names below are those of the specification 1.2.
//!
//! - Files are entities of a tree of folders; a path never leaves the crate's root, whatever a file is called.
//! - A file's metadata becomes schema.org's own keys where RO-Crate has them ([`Property`]); everything else stays with
//!   its predicate as a `PropertyValue`, so that nothing is lost and no context but RO-Crate's is needed.
//! - People, organisations, licences and terms are entities of their own, each once.
//!
//! ```
//! use whimbrel::ro_crate::{Crate, File};
//!
//! let it = Crate {
//!     name: "Rain in Aachen".into(),
//!     description: "What fell in November 2026, by the hour".into(),
//!     date_published: "2026-11-21".into(),
//!     files: vec![File { path: "raw data/100%.csv".into(), size: 12, ..File::default() }],
//!     ..Crate::default()
//! };
//! let json = it.to_json();
//! let ids: Vec<_> = json["@graph"].as_array().unwrap().iter().map(|entity| &entity["@id"]).collect();
//! assert_eq!(ids, ["ro-crate-metadata.json", "./", "raw%20data/", "raw%20data/100%25.csv"]);
//! ```

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io,
};

use serde_json::{Map, Value as Json, json};

#[cfg(test)]
mod tests;

/// The name that the file must have ("RO-Crate Metadata Document").
///
/// ```
/// assert_eq!(whimbrel::ro_crate::FILE_NAME, "ro-crate-metadata.json");
/// ```
pub const FILE_NAME: &str = "ro-crate-metadata.json";

/// RO-Crate's own files and folder, which are no parts of a crate ("RO-Crate Website").
pub(crate) const OWN_NAMES: [&str; 3] = [FILE_NAME, "ro-crate-preview.html", "ro-crate-preview_files"];

/// Which specification a crate conforms to (`conformsTo` of the "RO-Crate Metadata Descriptor").
///
/// 1.2 unless a reader is known that has 1.1 only: 1.2 says what a persistent identifier looks like, and its context has
/// `sha256`.
///
/// ```
/// use whimbrel::ro_crate::Version;
///
/// assert_eq!(Version::default(), Version::V1_2);
/// assert_eq!(Version::V1_1.iri(), "https://w3id.org/ro/crate/1.1");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Version {
    /// <https://w3id.org/ro/crate/1.1>, of 2020.
    V1_1,
    /// <https://w3id.org/ro/crate/1.2>, of 2025.
    #[default]
    V1_2,
}

impl Version {
    /// The specification's permalink; its context is at `/context` below it.
    ///
    /// ```
    /// assert_eq!(whimbrel::ro_crate::Version::V1_2.iri(), "https://w3id.org/ro/crate/1.2");
    /// ```
    pub const fn iri(self) -> &'static str {
        match self {
            Self::V1_1 => "https://w3id.org/ro/crate/1.1",
            Self::V1_2 => "https://w3id.org/ro/crate/1.2",
        }
    }
}

/// A crate: its "Root Data Entity" and the files below it.
///
/// The specification demands `name`, `description`, `date_published` and a licence ("Direct properties of the Root Data
/// Entity"); what is blank here is left out, but for the description, which is then the name, and the licence, which
/// then says that none is stated.
///
/// ```
/// use whimbrel::ro_crate::{Crate, Term};
///
/// let it = Crate {
///     name: "Rain".into(),
///     date_published: "2026-11-21".into(),
///     licence: Some(Term::new("https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0")),
///     keywords: vec!["rain".into(), "Aachen".into()],
///     ..Crate::default()
/// };
/// assert_eq!(it.to_json()["@graph"][1]["keywords"], "rain, Aachen");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Crate {
    /// Which specification it is written for.
    pub version: Version,
    /// Tells it from other crates, for people (`name`).
    pub name: String,
    /// What it is and why it matters (`description`).
    pub description: String,
    /// When it was published: one date or time of ISO 8601, at least to the day (`datePublished`).
    pub date_published: String,
    /// When it came to be: ISO 8601 (`dateCreated`).
    pub date_created: Option<String>,
    /// A persistent identifier, best as a URL such as `https://doi.org/10.1/2` (`identifier`: in 1.1 a string, in 1.2 a
    /// `PropertyValue`; "Root Data Entity identifier").
    pub identifier: Option<String>,
    /// Where it is on the web (`url`).
    pub url: Option<String>,
    /// How it may be used (`license`, "Licensing, Access control and copyright").
    pub licence: Option<Term>,
    /// What it is about in words (`keywords`, "Subjects & keywords").
    pub keywords: Vec<String>,
    /// Who made it (`author`, "People").
    pub creators: Vec<Person>,
    /// Who answers for it (`publisher`, "Publisher").
    pub publisher: Option<Organisation>,
    /// What it is about in terms of a vocabulary, disciplines for one (`about`, "Subjects & keywords").
    pub about: Vec<Term>,
    /// What is in it, in any order. Of two with one path the first counts; RO-Crate's own files at the root
    /// (`ro-crate-metadata.json`, `ro-crate-preview.html`, `ro-crate-preview_files/`) are never parts.
    pub files: Vec<File>,
    /// Folders that are described as a crate is, by their path below the root; their files' paths are below the folder
    /// ("Directory File Entity"). What is said of their version, or below their own folders, does not count.
    pub folders: Vec<(String, Crate)>,
    /// No file is in the crate, all are on the web ("Web-based Data Entities"): a file's [`File::content_url`] and a
    /// folder's [`Crate::identifier`] are their `@id`s, and their paths are but names.
    pub on_web: bool,
}

/// A thing with an IRI and a name: a discipline, a licence, a value of a vocabulary.
///
/// It becomes an entity with the IRI as its `@id` ("Identifiers for contextual entities"); one without an absolute web
/// IRI gets an identifier local to the crate.
///
/// ```
/// use whimbrel::ro_crate::Term;
///
/// let discipline = Term::new("http://www.dfg.de/dfg_profil/#409", "Computer Science");
/// assert_eq!(discipline.label, "Computer Science");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Term {
    /// Its IRI; may be empty.
    pub iri: String,
    /// Its name for people; the IRI stands in for an empty one.
    pub label: String,
}

impl Term {
    /// The term `iri`, called `label`.
    ///
    /// ```
    /// use whimbrel::ro_crate::Term;
    ///
    /// assert_eq!(Term::new("https://a.org/b", "B"), Term { iri: "https://a.org/b".into(), label: "B".into() });
    /// ```
    pub fn new(iri: impl Into<String>, label: impl Into<String>) -> Self {
        Self { iri: iri.into(), label: label.into() }
    }

    fn name(&self) -> &str {
        let (iri, label) = (self.iri.trim(), self.label.trim());
        if label.is_empty() { iri } else { label }
    }
}

/// Somebody ("People").
///
/// The same IRI is the same person; without one, the same name is, unless something else about them differs.
///
/// ```
/// use whimbrel::ro_crate::{Organisation, Person};
///
/// let ada = Person {
///     name: "Ada Lovelace".into(),
///     iri: Some("0000-0002-1825-0097".into()),
///     affiliation: Some(Organisation { name: "RWTH".into(), ror: Some("04xfq0f34".into()), ..Organisation::default() }),
///     ..Person::default()
/// };
/// # assert_eq!(ada.name, "Ada Lovelace");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Person {
    /// The name in full.
    pub name: String,
    /// An ORCID iD, bare or as a URL, or another IRI.
    pub iri: Option<String>,
    /// An address to write to ("Contact information").
    pub email: Option<String>,
    /// Where they work ("Organizations as values").
    pub affiliation: Option<Organisation>,
}

/// An institution ("Organizations as values").
///
/// ```
/// use whimbrel::ro_crate::Organisation;
///
/// let rwth = Organisation {
///     name: "RWTH Aachen University".into(),
///     ror: Some("https://ror.org/04xfq0f34".into()),
///     ..Organisation::default()
/// };
/// # assert_eq!(rwth.email, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Organisation {
    /// The name in full.
    pub name: String,
    /// A ROR id, bare or as a URL, or another IRI.
    pub ror: Option<String>,
    /// An address to write to ("Contact information").
    pub email: Option<String>,
}

/// A file ("File Data Entity").
///
/// ```
/// use whimbrel::ro_crate::{Crate, File};
///
/// let file = File { path: "a b.txt".into(), size: 3, media_type: Some("text/plain".into()), ..File::default() };
/// let json = Crate { files: vec![file], ..Crate::default() }.to_json();
/// assert_eq!(json["@graph"][2]["@id"], "a%20b.txt");
/// assert_eq!(json["@graph"][2]["contentSize"], "3");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// Where it is below the crate's root, as it is called on the disk: nothing escaped, `/` between names ("Encoding file
    /// paths in `@id`s"). One that would leave the root, or that is no path, is told of under an identifier local to the
    /// crate (`#file-1`) and is then no data entity.
    pub path: String,
    /// Its size in bytes (`contentSize`).
    pub size: u64,
    /// Its media type (`encodingFormat`).
    pub media_type: Option<String>,
    /// When it came to be: ISO 8601 (`dateCreated`); what its metadata say about that comes first.
    pub created: Option<String>,
    /// When it was changed: ISO 8601 (`dateModified`); what its metadata say about that comes first.
    pub modified: Option<String>,
    /// The SHA-256 of its content in hexadecimal digits (`sha256`, which 1.1's context does not have: there it is a
    /// `PropertyValue`).
    pub sha256: Option<String>,
    /// A URL that gives its content (`contentUrl`, "Data entities in an Attached RO-Crate that are also on the web").
    pub content_url: Option<String>,
    /// A URL of its page (`url`, same section).
    pub url: Option<String>,
    /// What else is known about it.
    pub metadata: Vec<Property>,
}

/// One thing that is known about a file.
///
/// A predicate of `dcterms:`, `dc:` or `schema:` which RO-Crate has a key for gives that key: `dcterms:title` is `name`,
/// `dcterms:creator` a `Person` under `creator`, and so on. Everything else becomes a `PropertyValue` under
/// `additionalProperty`, with the predicate as its `propertyID` ("Extra metadata such as Exif"); so does a value that its
/// key has no room for.
///
/// ```
/// use whimbrel::ro_crate::{Crate, File, Property, Value};
///
/// let metadata = vec![
///     Property::new("http://purl.org/dc/terms/title", "Title", Value::Text("Rain".into())),
///     Property::new("https://example.org/gauge", "Gauge", Value::Text("7".into())),
/// ];
/// let json = Crate { files: vec![File { path: "a".into(), metadata, ..File::default() }], ..Crate::default() }.to_json();
/// assert_eq!(json["@graph"][2]["name"], "Rain");
/// assert_eq!(json["@graph"][3]["propertyID"], "https://example.org/gauge");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Property {
    /// The predicate's IRI.
    pub predicate: String,
    /// Its name for people; the last part of the IRI stands in for an empty one.
    pub label: String,
    /// Its values, in order.
    pub values: Vec<Value>,
}

impl Property {
    /// A property with one value.
    ///
    /// ```
    /// use whimbrel::ro_crate::{Property, Value};
    ///
    /// let it = Property::new("https://example.org/gauge", "Gauge", Value::Text("7".into()));
    /// assert_eq!(it.values.len(), 1);
    /// ```
    pub fn new(predicate: impl Into<String>, label: impl Into<String>, value: Value) -> Self {
        Self { predicate: predicate.into(), label: label.into(), values: vec![value] }
    }

    fn name(&self) -> &str {
        let (predicate, label) = (self.predicate.trim(), self.label.trim());
        let last = || predicate.rsplit(['/', '#']).find(|it| !it.is_empty()).unwrap_or("property");
        if label.is_empty() { last() } else { label }
    }
}

/// A value of a [`Property`].
///
/// ```
/// use whimbrel::ro_crate::{Term, Value};
///
/// let values = [
///     Value::Text("some words".into()),
///     Value::Iri(Term::new("https://example.org/raw", "raw")),
///     Value::Typed { text: "3.10".into(), datatype: "http://www.w3.org/2001/XMLSchema#decimal".into() },
///     Value::Nested(vec![]),
/// ];
/// # assert_eq!(values.len(), 4);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Words.
    Text(String),
    /// A thing with an IRI.
    Iri(Term),
    /// A literal of a datatype. `xsd:boolean` and `xsd:integer` become JSON's own, `xsd:string` a string; every other one
    /// keeps its text and its type (JSON-LD's value object).
    Typed {
        /// The literal's text.
        text: String,
        /// The datatype's IRI.
        datatype: String,
    },
    /// A thing with no name of its own.
    Nested(Vec<Property>),
}

impl Value {
    /// The thing that it names, by an IRI or by words.
    fn thing(&self) -> Option<Term> {
        match self {
            Self::Text(text) | Self::Typed { text, .. } if !text.trim().is_empty() => {
                let text = text.trim();
                let is_iri = iri(text).is_some() || orcid(text).is_some();
                Some(Term::new(if is_iri { text } else { "" }, text))
            }
            Self::Iri(term) if iri(&term.iri).is_some() => Some(term.clone()),
            _ => None,
        }
    }
}

impl File {
    /// Who made it, as its metadata say (`creator`, `author`).
    ///
    /// ```
    /// use whimbrel::ro_crate::{File, Property, Value};
    ///
    /// let creator = Property::new("http://purl.org/dc/terms/creator", "Creator", Value::Text("Ada Lovelace".into()));
    /// let file = File { metadata: vec![creator], ..File::default() };
    /// assert_eq!(file.creators().next().unwrap().name, "Ada Lovelace");
    /// ```
    pub fn creators(&self) -> impl Iterator<Item = Person> {
        let by = |it: &&Property| matches!(key(&it.predicate), Some(("creator" | "author", _)));
        let things = self.metadata.iter().filter(by).flat_map(|it| &it.values).filter_map(Value::thing);
        things.filter(|it| ror(&it.iri).is_none()).map(person_of)
    }
}

impl Crate {
    /// The whole document: `@context` and a flat `@graph` ("APPENDIX: RO-Crate JSON-LD").
    ///
    /// In this order: the descriptor, the root, folders and files by path, everything else as it is first named.
    ///
    /// ```
    /// let json = whimbrel::ro_crate::Crate::default().to_json();
    /// assert_eq!(json["@context"], "https://w3id.org/ro/crate/1.2/context");
    /// ```
    pub fn to_json(&self) -> Json {
        let mut others = Others::default();
        let mut root = Entity::new("./", "Dataset");
        let no_licence = "No licence is stated. Ask the creators before you use it.";
        self.describe(&mut root, self.version, no_licence, &mut others);
        let data = self.data(&mut root, &mut others);

        let mut descriptor = Entity::new(FILE_NAME, "CreativeWork");
        descriptor.push("about", reference("./"));
        descriptor.push("conformsTo", reference(self.version.iri()));
        let graph: Vec<_> =
            [descriptor, root].into_iter().chain(data).chain(others.entities).map(Entity::into_json).collect();
        json!({ "@context": format!("{}/context", self.version.iri()), "@graph": graph })
    }

    /// [`Crate::to_json`] as text for [`FILE_NAME`]: UTF-8, indented, with a newline at the end.
    ///
    /// # Errors
    /// Those of the writer.
    ///
    /// ```
    /// let mut text = Vec::new();
    /// whimbrel::ro_crate::Crate::default().write(&mut text)?;
    /// assert!(text.ends_with(b"}\n"));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn write(&self, mut writer: impl io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut writer, &self.to_json())?;
        writer.write_all(b"\n")
    }

    /// All that is said of the crate, or of the folder, but what is in it.
    fn describe(&self, entity: &mut Entity, version: Version, no_licence: &str, others: &mut Others) {
        let name = or(&self.name, "Untitled");
        entity.text("name", name);
        entity.text("description", or(&self.description, name));
        entity.text("datePublished", &self.date_published);
        entity.optional("dateCreated", self.date_created.as_ref());
        let identifier = self.identifier.as_deref().map(str::trim);
        if let Some(identifier) = identifier.filter(|it| !it.is_empty() && *it != entity.id) {
            entity.push("identifier", others.identifier(identifier, version));
        }
        entity.optional("url", self.url.as_ref());
        match &self.licence {
            Some(licence) if !licence.name().is_empty() => entity.push("license", others.licence(licence)),
            _ => entity.text("license", no_licence),
        }
        let keywords: Vec<_> = self.keywords.iter().map(|it| it.trim()).filter(|it| !it.is_empty()).collect();
        if keywords.iter().any(|it| it.contains(',')) {
            // Joined by commas, they would fall apart in other places.
            entity.extend("keywords", keywords.iter().map(|it| Json::from(*it)));
        } else {
            entity.text("keywords", &keywords.join(", "));
        }
        entity.extend("author", self.creators.iter().map(|it| others.person(it)));
        entity.extend("publisher", self.publisher.iter().map(|it| others.organisation(it)));
        entity.extend("about", self.about.iter().map(|it| others.term("DefinedTerm", it)));
    }

    /// Folders and files, each linked to what holds it ("Referencing files and folders from the Root Data Entity").
    fn data(&self, root: &mut Entity, others: &mut Others) -> Vec<Entity> {
        let below = self.folders.iter().flat_map(|(folder, it)| {
            it.files.iter().map(move |file| File { path: format!("{folder}/{}", file.path), ..file.clone() })
        });
        let below: Vec<File> = if self.on_web { vec![] } else { below.collect() };
        // By segments, so that a folder is followed by what is in it.
        let (mut inside, mut outside) = (BTreeMap::new(), BTreeMap::new());
        for file in self.files.iter().chain(&below) {
            match segments(&file.path).filter(|_| !self.on_web) {
                Some(segments) if is_own(&segments) => {}
                Some(segments) => _ = inside.entry(segments).or_insert(file),
                None => _ = outside.entry(&file.path).or_insert(file),
            }
        }
        let mut found: Vec<Entity> = Vec::new();
        let described: HashMap<_, _> =
            self.folders.iter().filter_map(|(path, it)| Some((segments(path)?, it))).collect();
        // The folders from the root to where we are: place in `found`, files and bytes below.
        let mut open: Vec<(&str, usize, usize, u64)> = Vec::new();
        let close = |found: &mut Vec<Entity>, (_, at, files, bytes): (&str, usize, usize, u64)| {
            let plural = if files == 1 { "" } else { "s" };
            found[at].default("description", Some(&format!("A folder of {files} file{plural}, {bytes} bytes in all")));
        };
        for (segments, file) in inside {
            let (name, folders) = segments.split_last().expect("a path has a name");
            let same = open.iter().zip(folders).take_while(|((open, ..), folder)| open == *folder).count();
            open.drain(same..).for_each(|it| close(&mut found, it));
            for folder in &folders[same..] {
                let id = open.last().map_or(String::new(), |(_, at, ..)| found[*at].id.clone());
                let id = format!("{id}{}/", encoded(folder));
                let parent = open.last().map_or(&mut *root, |(_, at, ..)| &mut found[*at]);
                parent.push("hasPart", reference(&id));
                let mut entity = Entity::new(id, "Dataset");
                match described.get(&folders[..=open.len()]) {
                    Some(it) => it.describe(&mut entity, self.version, "", others),
                    None => entity.text("name", folder),
                }
                found.push(entity);
                open.push((folder, found.len() - 1, 0, 0));
            }
            for (.., files, bytes) in &mut open {
                *files += 1;
                *bytes = bytes.saturating_add(file.size);
            }
            let parent = open.last().map_or(&mut *root, |(_, at, ..)| &mut found[*at]);
            let id = format!("{}{}", if open.is_empty() { "" } else { &parent.id }, encoded(name));
            parent.push("hasPart", reference(&id));
            found.push(self.file(file, id, name, others));
        }
        open.drain(..).for_each(|it| close(&mut found, it));
        let mut known = HashSet::new();
        let mut loose = |file: &File, parent: &mut Entity, found: &mut Vec<Entity>, others: &mut Others| {
            let web = file.content_url.as_deref().filter(|_| self.on_web).and_then(iri);
            let id = web.unwrap_or_else(|| format!("#file-{}", known.len() + 1));
            if known.insert(id.clone()) {
                parent.push("hasPart", reference(&id));
                let mut entity = self.file(file, id, or(&file.path, "nameless"), others);
                if self.on_web {
                    // When the URL was seen to be that of the file.
                    entity.text("sdDatePublished", &self.date_published);
                }
                found.push(entity);
            }
        };
        for file in outside.into_values() {
            loose(file, root, &mut found, others);
        }
        // Folders that hold no file, or are on the web as their files are.
        for (n, (path, it)) in self.folders.iter().enumerate() {
            let id = match segments(path).filter(|_| !self.on_web) {
                Some(segments) => segments.iter().map(|name| encoded(name) + "/").collect(),
                None => it.identifier.as_deref().and_then(iri).unwrap_or_else(|| format!("#folder-{}", n + 1)),
            };
            if found.iter().any(|entity| entity.id == id) {
                continue;
            }
            root.push("hasPart", reference(&id));
            let mut entity = Entity::new(id, "Dataset");
            it.describe(&mut entity, self.version, "", others);
            if self.on_web {
                for file in &it.files {
                    loose(file, &mut entity, &mut found, others);
                }
            }
            found.push(entity);
        }
        found
    }

    fn file(&self, file: &File, id: String, name: &str, others: &mut Others) -> Entity {
        let stem = format!("#metadata/{}", id.trim_start_matches('#'));
        let mut entity = Entity::new(id, "File");
        let mut rest = Vec::new();
        for property in &file.metadata {
            let key = key(&property.predicate);
            let mut left = property.clone();
            left.values.retain(|value| match key.and_then(|(key, kind)| Some((key, others.known(kind, value)?))) {
                Some((key, value)) => {
                    entity.push(key, value);
                    false
                }
                None => true,
            });
            if !left.values.is_empty() {
                rest.push(left);
            }
        }
        entity.default("name", Some(name));
        entity.text("contentSize", &file.size.to_string());
        // A space after the semicolon is usual, but no part of the type.
        let media_type = file.media_type.as_ref().map(|it| it.split(';').map(str::trim).collect::<Vec<_>>().join(";"));
        entity.optional("encodingFormat", media_type.as_ref());
        entity.default("dateCreated", file.created.as_deref());
        entity.default("dateModified", file.modified.as_deref());
        match (&file.sha256, self.version) {
            (Some(hash), Version::V1_1) => {
                rest.push(Property::new("http://schema.org/sha256", "SHA-256", Value::Text(hash.clone())));
            }
            (hash, _) => entity.optional("sha256", hash.as_ref()),
        }
        entity.optional("contentUrl", file.content_url.as_ref());
        entity.optional("url", file.url.as_ref());
        others.properties(&mut entity, &rest, &stem, &mut 0);
        entity
    }
}

/// One object of the graph; each key has its values in order.
#[derive(Debug)]
struct Entity {
    id: String,
    types: Vec<&'static str>,
    fields: Vec<(&'static str, Vec<Json>)>,
}

impl Entity {
    fn new(id: impl Into<String>, kind: &'static str) -> Self {
        Self { id: id.into(), types: vec![kind], fields: Vec::new() }
    }

    fn get(&self, key: &str) -> Option<&Vec<Json>> {
        self.fields.iter().find_map(|(it, values)| (*it == key).then_some(values))
    }

    /// One more value, unless it is there.
    fn push(&mut self, key: &'static str, value: Json) {
        match self.fields.iter_mut().find(|(it, _)| *it == key) {
            // These may be many, and are different by construction.
            Some((_, values)) if ["additionalProperty", "hasPart"].contains(&key) || !values.contains(&value) => {
                values.push(value);
            }
            Some(_) => {}
            None => self.fields.push((key, vec![value])),
        }
    }

    fn extend(&mut self, key: &'static str, values: impl IntoIterator<Item = Json>) {
        for value in values {
            self.push(key, value);
        }
    }

    /// The same for text that is not blank.
    fn text(&mut self, key: &'static str, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            self.push(key, text.into());
        }
    }

    fn optional(&mut self, key: &'static str, text: Option<&String>) {
        self.text(key, text.map_or("", String::as_str));
    }

    /// The same where nothing is said yet.
    fn default(&mut self, key: &'static str, text: Option<&str>) {
        if self.get(key).is_none() {
            self.text(key, text.unwrap_or_default());
        }
    }

    /// Whether nothing is said by both in different words.
    fn agrees(&self, other: &Self) -> bool {
        let mut both = other.fields.iter().filter_map(|(key, values)| Some((self.get(key)?, values)));
        self.types == other.types && both.all(|(ours, theirs)| ours == theirs)
    }

    /// Adds what the other one knows and this one does not.
    fn merge(&mut self, other: Self) {
        // A term is what a thing is as long as nobody knows better.
        if self.types == ["DefinedTerm"] {
            self.types = other.types;
        } else if other.types != ["DefinedTerm"] {
            for kind in other.types {
                if !self.types.contains(&kind) {
                    self.types.push(kind);
                }
            }
        }
        for (key, values) in other.fields {
            if self.get(key).is_none() {
                self.fields.push((key, values));
            }
        }
    }

    /// "Any single-element arrays SHOULD be unpacked to a single value."
    fn into_json(self) -> Json {
        let one_or_many = |mut values: Vec<Json>| if values.len() == 1 { values.remove(0) } else { values.into() };
        let mut object = Map::new();
        object.insert("@id".into(), self.id.into());
        object.insert("@type".into(), one_or_many(self.types.into_iter().map(Json::from).collect()));
        object.extend(self.fields.into_iter().map(|(key, values)| (key.to_owned(), one_or_many(values))));
        object.into()
    }
}

/// What kind of thing a key's values are.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Person,
    Organisation,
    Licence,
    Term,
    Place,
}

/// The contextual entities, each once ("the `@graph` MUST NOT list multiple entities with the same `@id`").
#[derive(Default)]
struct Others {
    entities: Vec<Entity>,
    places: HashMap<String, usize>,
}

impl Others {
    /// An entity that its IRI identifies.
    fn add(&mut self, entity: Entity) -> Json {
        let it = reference(&entity.id);
        match self.places.get(&entity.id) {
            Some(&at) => self.entities[at].merge(entity),
            None => {
                self.places.insert(entity.id.clone(), self.entities.len());
                self.entities.push(entity);
            }
        }
        it
    }

    /// An entity with no identifier but one that is local to the crate: the first free one, or of one that may be the same.
    fn add_local(&mut self, mut entity: Entity) -> Json {
        let stem = entity.id.clone();
        for n in 2.. {
            match self.places.get(&entity.id) {
                Some(&at) if !self.entities[at].agrees(&entity) => entity.id = format!("{stem}-{n}"),
                _ => break,
            }
        }
        self.add(entity)
    }

    fn named(&mut self, id: Option<String>, kind: &'static str, name: &str, more: impl FnOnce(&mut Entity)) -> Json {
        let local = || format!("#{}-{}", kind.to_lowercase(), encoded(name));
        let mut entity = Entity::new(id.clone().unwrap_or_else(local), kind);
        entity.text("name", name);
        more(&mut entity);
        if id.is_some() { self.add(entity) } else { self.add_local(entity) }
    }

    fn person(&mut self, person: &Person) -> Json {
        let id = person.iri.as_deref().and_then(|it| orcid(it).or_else(|| iri(it)));
        let affiliation = person.affiliation.as_ref().map(|it| self.organisation(it));
        let contact = self.contact(person.email.as_deref());
        let name = or(&person.name, person.iri.as_deref().unwrap_or("Nameless"));
        self.named(id, "Person", name, |entity| {
            entity.extend("affiliation", affiliation);
            entity.extend("contactPoint", contact);
        })
    }

    fn organisation(&mut self, organisation: &Organisation) -> Json {
        let id = organisation.ror.as_deref().and_then(|it| ror(it).or_else(|| iri(it)));
        let contact = self.contact(organisation.email.as_deref());
        let name = or(&organisation.name, organisation.ror.as_deref().unwrap_or("Nameless"));
        self.named(id.clone(), "Organization", name, |entity| {
            entity.optional("url", id.as_ref().filter(|it| it.starts_with("http")));
            entity.extend("contactPoint", contact);
        })
    }

    /// "An RO-Crate SHOULD have contact information, using a contextual entity of type ContactPoint."
    fn contact(&mut self, email: Option<&str>) -> Option<Json> {
        let email = email.map(str::trim).filter(|it| it.contains('@'))?;
        let mut entity = Entity::new(format!("mailto:{}", encoded(email)), "ContactPoint");
        entity.text("name", email);
        entity.text("contactType", "contact");
        entity.text("email", email);
        Some(self.add(entity))
    }

    fn term(&mut self, kind: &'static str, term: &Term) -> Json {
        self.named(iri(&term.iri), kind, or(term.name(), "Nameless"), |_| {})
    }

    fn licence(&mut self, licence: &Term) -> Json {
        let id = iri(&licence.iri);
        let description = match &id {
            Some(id) if id != licence.name() => format!("{}, as it stands at {id}", licence.name()),
            _ => licence.name().to_owned(),
        };
        self.named(id, "CreativeWork", licence.name(), |entity| entity.text("description", &description))
    }

    fn identifier(&mut self, identifier: &str, version: Version) -> Json {
        if version == Version::V1_1 {
            return identifier.into();
        }
        const REGISTRIES: [(&str, &str); 2] = [
            ("https://doi.org/", "https://registry.identifiers.org/registry/doi"),
            ("https://hdl.handle.net/", "https://registry.identifiers.org/registry/hdl"),
        ];
        self.named(iri(identifier), "PropertyValue", identifier, |entity| {
            let registry = REGISTRIES.iter().find(|(start, _)| identifier.starts_with(start));
            entity.extend("propertyID", registry.map(|(_, id)| (*id).into()));
            entity.text("value", identifier);
            if identifier.starts_with("http") {
                entity.text("url", identifier);
            }
        })
    }

    /// The value as one of a known key's, if all that it says has room there.
    fn known(&mut self, kind: Kind, value: &Value) -> Option<Json> {
        if let (Kind::Text, Value::Text(text) | Value::Typed { text, .. }) = (kind, value) {
            return Some(text.trim()).filter(|it| !it.is_empty()).map(Json::from);
        }
        let term = value.thing()?;
        let Term { iri, label } = &term;
        let id = Some(iri.clone()).filter(|it| !it.is_empty());
        Some(match kind {
            Kind::Text => return None,
            Kind::Person if ror(iri).is_none() => self.person(&person_of(term)),
            Kind::Person | Kind::Organisation => {
                self.organisation(&Organisation { name: label.clone(), ror: id, ..Organisation::default() })
            }
            Kind::Licence => self.licence(&term),
            Kind::Term => self.term("DefinedTerm", &term),
            Kind::Place => self.term("Place", &term),
        })
    }

    /// Everything that has no key, under `additionalProperty`; `n` counts what belongs to one file.
    fn properties(&mut self, entity: &mut Entity, properties: &[Property], stem: &str, n: &mut usize) {
        for property in properties {
            *n += 1;
            let mut it = Entity::new(format!("{stem}/{n}"), "PropertyValue");
            it.text("name", property.name());
            it.text("propertyID", &property.predicate);
            for value in &property.values {
                let value = match value {
                    Value::Text(text) => text.as_str().into(),
                    Value::Iri(term) if iri(&term.iri).is_some() => self.term("DefinedTerm", term),
                    Value::Iri(Term { iri, label }) if label.is_empty() => iri.as_str().into(),
                    Value::Iri(Term { iri, label }) => format!("{label} <{iri}>").into(),
                    Value::Typed { text, datatype } => literal(text, datatype),
                    Value::Nested(properties) => {
                        *n += 1;
                        let mut nested = Entity::new(format!("{stem}/{n}"), "StructuredValue");
                        nested.text("name", property.name());
                        self.properties(&mut nested, properties, stem, n);
                        self.add_local(nested)
                    }
                };
                // Two equal values are two values here.
                match it.fields.iter_mut().find(|(key, _)| *key == "value") {
                    Some((_, values)) => values.push(value),
                    None => it.fields.push(("value", vec![value])),
                }
            }
            let it = self.add_local(it);
            entity.push("additionalProperty", it);
        }
    }
}

fn person_of(Term { iri, label }: Term) -> Person {
    Person { name: label, iri: Some(iri).filter(|it| !it.is_empty()), ..Person::default() }
}

fn reference(id: &str) -> Json {
    json!({ "@id": id })
}

fn or<'a>(text: &'a str, other: &'a str) -> &'a str {
    let text = text.trim();
    if text.is_empty() { other } else { text }
}

/// RO-Crate's key for a predicate. Keys are only those which the contexts of 1.1 and 1.2 both have, and none that the
/// document's structure or the file itself decides (`hasPart`, `contentSize`, `conformsTo`).
fn key(predicate: &str) -> Option<(&'static str, Kind)> {
    let rest = predicate.trim();
    let rest = rest.strip_prefix("http://").or_else(|| rest.strip_prefix("https://"))?;
    let dublin_core =
        rest.strip_prefix("purl.org/dc/terms/").or_else(|| rest.strip_prefix("purl.org/dc/elements/1.1/"));
    let name = match (dublin_core, rest.strip_prefix("schema.org/")) {
        (Some("title"), _) => "name",
        (Some("alternative"), _) => "alternateName",
        (Some("created"), _) => "dateCreated",
        (Some("modified"), _) => "dateModified",
        (Some("issued"), _) => "datePublished",
        (Some("subject"), _) => "about",
        (Some("language"), _) => "inLanguage",
        (Some("spatial"), _) => "spatialCoverage",
        (Some("temporal"), _) => "temporalCoverage",
        (
            Some(
                name
                @ ("abstract" | "contributor" | "creator" | "description" | "identifier" | "license" | "publisher"),
            ),
            _,
        ) => name,
        (None, Some(name)) => name,
        _ => return None,
    };
    const KEYS: [(&str, Kind); 25] = [
        ("abstract", Kind::Text),
        ("about", Kind::Term),
        ("alternateName", Kind::Text),
        ("author", Kind::Person),
        ("comment", Kind::Text),
        ("contributor", Kind::Person),
        ("copyrightYear", Kind::Text),
        ("creator", Kind::Person),
        ("dateCreated", Kind::Text),
        ("dateModified", Kind::Text),
        ("datePublished", Kind::Text),
        ("description", Kind::Text),
        ("editor", Kind::Person),
        ("funder", Kind::Organisation),
        ("headline", Kind::Text),
        ("identifier", Kind::Text),
        ("inLanguage", Kind::Text),
        ("keywords", Kind::Text),
        ("license", Kind::Licence),
        ("measurementTechnique", Kind::Text),
        ("name", Kind::Text),
        ("publisher", Kind::Organisation),
        ("spatialCoverage", Kind::Place),
        ("temporalCoverage", Kind::Text),
        ("version", Kind::Text),
    ];
    KEYS.into_iter().find(|(key, _)| *key == name)
}

/// A literal as JSON-LD: its own types where nothing is lost, a value object elsewhere.
fn literal(text: &str, datatype: &str) -> Json {
    let plain = || text.into();
    match datatype.strip_prefix("http://www.w3.org/2001/XMLSchema#") {
        Some("boolean") if text == "true" || text == "false" => (text == "true").into(),
        // A leading zero or a number past what JSON's readers hold would not come back the same.
        Some("integer") => match text.parse::<i64>() {
            Ok(number) if number.to_string() == text && number.unsigned_abs() < 1 << 53 => number.into(),
            _ => json!({ "@value": text, "@type": datatype }),
        },
        Some("string") => plain(),
        _ => match iri(datatype) {
            Some(datatype) if !datatype.ends_with("#langString") => json!({ "@value": text, "@type": datatype }),
            _ => plain(),
        },
    }
}

/// The names in a path, or `None` for one that leaves the root or is no path: absolute, with a drive, with a name that is
/// empty or of nothing but dots and blanks, on any system that may read it.
fn segments(path: &str) -> Option<Vec<&str>> {
    let is_name = |name: &str| !name.trim_matches([' ', '.']).is_empty();
    let has_drive = path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) && path[1..].starts_with(':');
    let all_names = path.split(['/', '\\']).all(is_name);
    (all_names && !has_drive && !path.contains('\0')).then(|| path.split('/').collect())
}

/// Whether a file is one of [`OWN_NAMES`], or in it.
fn is_own(segments: &[&str]) -> bool {
    let [metadata, page, folder] = OWN_NAMES;
    match segments {
        [name] => [metadata, page].contains(name),
        [name, ..] => *name == folder,
        [] => false,
    }
}

/// A name as one segment of an IRI: "escape special characters like space (`%20`) and percent (`%25`)", while
/// "international characters in identifiers SHOULD be written using native UTF-8 characters". The colon is escaped too, or
/// a name could look like a scheme.
fn encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=@".contains(c) || is_ucschar(c) {
            text.push(c);
        } else {
            let bytes = &mut [0; 4];
            c.encode_utf8(bytes).bytes().for_each(|byte| text += percent_encoding::percent_encode_byte(byte));
        }
    }
    text
}

/// Whether RFC 3987 lets it stand in an IRI as it is, blanks and marks of direction aside.
fn is_ucschar(c: char) -> bool {
    let code = u32::from(c);
    let allowed = matches!(code, 0xA0..=0xD7FF | 0xF900..=0xFDCF | 0xFDF0..=0xFFEF)
        || (0x1_0000..=0xE_FFFD).contains(&code) && code & 0xFFFF < 0xFFFE && !(0xE_0000..0xE_1000).contains(&code);
    let direction = matches!(code, 0x200E | 0x200F | 0x202A..=0x202E | 0x2066..=0x2069);
    allowed && !direction && !c.is_whitespace()
}

/// Text that can be the `@id` of a contextual entity: an absolute IRI that names something and reaches for no file.
fn iri(text: &str) -> Option<String> {
    let text = text.trim();
    let (scheme, rest) = text.split_once(':')?;
    let scheme = scheme.to_ascii_lowercase();
    let fits = match scheme.as_str() {
        "http" | "https" => rest.strip_prefix("//").is_some_and(|it| it.starts_with(|c: char| c.is_alphanumeric())),
        "ark" | "doi" | "hdl" | "info" | "tag" | "urn" => !rest.is_empty(),
        _ => false,
    };
    let legal =
        |c: char| if c.is_ascii() { !c.is_ascii_control() && !" <>\"{}|\\^`".contains(c) } else { is_ucschar(c) };
    (fits && text.chars().all(legal) && !text.split('/').any(|it| it == "..")).then(|| format!("{scheme}:{rest}"))
}

/// An ORCID iD in the one form that its owner gives it: <https://info.orcid.org/brand-guidelines/>.
fn orcid(text: &str) -> Option<String> {
    let digits = after_host(text, "orcid.org/");
    let fits = digits.len() == 19
        && digits.bytes().enumerate().all(|(at, byte)| match at {
            4 | 9 | 14 => byte == b'-',
            18 => byte.is_ascii_digit() || byte == b'X',
            _ => byte.is_ascii_digit(),
        });
    fits.then(|| format!("https://orcid.org/{digits}"))
}

/// A ROR id in its one form: <https://ror.readme.io/docs/identifier>.
fn ror(text: &str) -> Option<String> {
    let id = after_host(text, "ror.org/");
    let fits =
        id.len() == 9 && id.starts_with('0') && id.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
    fits.then(|| format!("https://ror.org/{id}"))
}

fn after_host<'a>(text: &'a str, host: &str) -> &'a str {
    let text = text.trim();
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    rest.strip_prefix(host).unwrap_or(text).trim_end_matches('/')
}
