//! A project, a resource and its files in the words of [`ro_crate`](crate::ro_crate): plain data in, plain data out.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
    time::SystemTime,
};

use chrono::{DateTime, SecondsFormat, Utc};
use oxrdf::{Graph, NamedOrBlankNodeRef, TermRef, vocab};
use raw::coscine::types::{DisciplineDto, LicenseDto, ProjectDto, ProjectOrganizationDto, ResourceDto};
use shapes::{Field, Vocabularies, rdf};

use super::{File, files::time};
use crate::ro_crate::{self, Crate, Organisation, Person, Property, Term, Value};

/// What a project says of itself; its resources are yet to come.
pub(super) fn project(dto: &ProjectDto) -> Crate {
    let responsible = dto.organizations.iter().find(|it| it.responsible).or(dto.organizations.first());
    let publisher = responsible.map(organisation);
    let investigators = dto.principle_investigators.as_deref().unwrap_or_default().split(';').map(str::trim);
    let investigator = |name: &str| Person {
        name: name.to_owned(),
        affiliation: publisher.clone().map(|it| Organisation { email: None, ..it }),
        ..Person::default()
    };
    Crate {
        name: dto.name.clone(),
        description: dto.description.clone(),
        date_created: dto.creation_date.as_deref().and_then(date),
        identifier: handle(&dto.pid),
        url: handle(&dto.pid),
        keywords: dto.keywords.clone().unwrap_or_default(),
        creators: investigators.filter(|it| !it.is_empty()).map(investigator).collect(),
        publisher,
        about: dto.disciplines.iter().map(discipline).collect(),
        ..Crate::default()
    }
}

/// What a resource says of itself, and its files. `creator` is the name of who made it, if it is known.
pub(super) fn resource(dto: &ResourceDto, creator: Option<&str>, files: Vec<ro_crate::File>) -> Crate {
    let creator = creator.map(|name| Person { name: name.to_owned(), ..Person::default() });
    let mut known = HashSet::new();
    let creators = creator.into_iter().chain(files.iter().flat_map(ro_crate::File::creators));
    let rights = || dto.usage_rights.as_deref().filter(|it| !it.trim().is_empty()).map(|it| Term::new("", it));
    Crate {
        name: dto.name.clone(),
        description: dto.description.clone(),
        date_created: dto.date_created.as_deref().and_then(date),
        identifier: handle(&dto.pid),
        url: handle(&dto.pid),
        licence: dto.license.as_ref().map(licence).or_else(rights),
        keywords: dto.keywords.clone().unwrap_or_default(),
        creators: creators.filter(|it| known.insert(it.clone())).collect(),
        about: dto.disciplines.iter().map(discipline).collect(),
        files,
        ..Crate::default()
    }
}

/// A file as the listing tells of it, and what its metadata say.
pub(super) fn file(it: &File, content_url: String, metadata: Vec<Property>) -> ro_crate::File {
    ro_crate::File {
        path: it.path.clone(),
        size: it.size,
        media_type: media_type(&it.path).map(str::to_owned),
        created: it.details.creation_date.as_deref().and_then(date),
        modified: it.details.change_date.as_deref().and_then(date),
        content_url: Some(content_url),
        metadata,
        ..ro_crate::File::default()
    }
}

/// The licence of all, if it is one; else which one holds where.
pub(super) fn licence_of_all(folders: &[(String, Crate)]) -> Option<Term> {
    let first = folders.first()?.1.licence.clone();
    if folders.iter().all(|(_, it)| it.licence == first) {
        return first;
    }
    let one = |(folder, it): &(String, Crate)| {
        let label = it.licence.as_ref().map_or("none is stated", |it| it.label.as_str());
        format!("{folder}: {label}")
    };
    let each: Vec<_> = folders.iter().map(one).collect();
    Some(Term::new("", format!("Each resource has its own. {}", each.join("; "))))
}

/// What a file's metadata say, in the order of the profile's fields.
pub(super) fn metadata(graph: &Graph, fields: &[Field], vocabularies: &Vocabularies) -> Vec<Property> {
    match rdf::root(graph) {
        Some(root) => properties(graph, root, fields, vocabularies, 0),
        None => vec![],
    }
}

fn properties(
    graph: &Graph,
    node: NamedOrBlankNodeRef<'_>,
    fields: &[Field],
    vocabularies: &Vocabularies,
    depth: usize,
) -> Vec<Property> {
    let mut found: BTreeMap<(usize, &str), Vec<TermRef<'_>>> = BTreeMap::new();
    for triple in graph.triples_for_subject(node).filter(|it| it.predicate != vocab::rdf::TYPE) {
        let predicate = triple.predicate.as_str();
        let at = fields.iter().position(|field| field.path == predicate);
        found.entry((at.unwrap_or(usize::MAX), predicate)).or_default().push(triple.object);
    }
    let property = |((at, predicate), mut objects): ((usize, &str), Vec<TermRef<'_>>)| {
        let field = fields.get(at);
        // A graph has no order, and the same metadata shall give the same crate.
        objects.sort_by_key(ToString::to_string);
        let value = |object| value(graph, object, field, vocabularies, depth);
        Property {
            predicate: predicate.to_owned(),
            label: field.map(|it| it.label().to_owned()).unwrap_or_default(),
            values: objects.into_iter().map(value).collect(),
        }
    };
    found.into_iter().map(property).collect()
}

fn value(
    graph: &Graph,
    object: TermRef<'_>,
    field: Option<&Field>,
    vocabularies: &Vocabularies,
    depth: usize,
) -> Value {
    /// Deeper than any profile; a graph may bite its own tail.
    const DEEPEST: usize = 8;
    match object {
        TermRef::BlankNode(inner) if depth < DEEPEST => {
            let fields = field.and_then(|it| it.nested.as_ref()).map_or(&[][..], |it| &it.fields);
            Value::Nested(properties(graph, inner.into(), fields, vocabularies, depth + 1))
        }
        TermRef::NamedNode(it) => {
            let class = field.and_then(|it| it.class.as_deref());
            let label = class.and_then(|class| vocabularies.get(class)?.label(it.as_str()));
            Value::Iri(Term::new(it.as_str(), label.unwrap_or_default()))
        }
        TermRef::Literal(it) if it.datatype() != vocab::xsd::STRING && it.language().is_none() => {
            Value::Typed { text: it.value().to_owned(), datatype: it.datatype().as_str().to_owned() }
        }
        TermRef::Literal(it) => Value::Text(it.value().to_owned()),
        TermRef::BlankNode(it) => Value::Text(it.to_string()),
    }
}

/// The classes whose terms the graphs name in these fields.
pub(super) fn classes<'f>(fields: &'f [Field], graphs: &[&Graph]) -> HashSet<&'f str> {
    fn of<'f>(fields: &'f [Field], named: &HashSet<&str>, found: &mut HashSet<&'f str>) {
        for field in fields {
            found.extend(field.class.as_deref().filter(|_| named.contains(field.path.as_str())));
            of(field.nested.as_ref().map_or(&[], |it| &it.fields), named, found);
        }
    }
    let triples = graphs.iter().flat_map(|graph| graph.iter());
    let named = triples.filter(|it| matches!(it.object, TermRef::NamedNode(_))).map(|it| it.predicate.as_str());
    let mut found = HashSet::new();
    of(fields, &named.collect(), &mut found);
    found
}

/// Coscine's PIDs are handles.
fn handle(pid: &str) -> Option<String> {
    let pid = pid.trim();
    (!pid.is_empty()).then(|| format!("https://hdl.handle.net/{pid}"))
}

/// A date of the server's as RO-Crate wants it: with its zone.
fn date(text: &str) -> Option<String> {
    let zoned = |it: SystemTime| DateTime::<Utc>::from(it).to_rfc3339_opts(SecondsFormat::AutoSi, true);
    time(text).map(zoned)
}

fn organisation(dto: &ProjectOrganizationDto) -> Organisation {
    Organisation { name: dto.display_name.clone(), ror: Some(dto.uri.clone()), email: dto.email.clone() }
}

fn discipline(dto: &DisciplineDto) -> Term {
    let label = dto.display_name_en.as_ref().or(dto.display_name_de.as_ref());
    Term::new(dto.uri.clone().unwrap_or_default(), label.cloned().unwrap_or_default())
}

fn licence(dto: &LicenseDto) -> Term {
    Term::new(dto.url.clone().unwrap_or_default(), dto.display_name.clone().unwrap_or_default())
}

/// The media type of a file by the end of its name, for what research data commonly are: those that IANA has registered,
/// and a few that everybody uses. A wrong type is worse than none, so nothing is guessed: the crate `mime_guess` takes
/// every `.asc` for a PGP signature, and knows neither HDF5 nor notebooks.
fn media_type(path: &str) -> Option<&'static str> {
    const TYPES: [(&str, &str); 45] = [
        ("7z", "application/x-7z-compressed"),
        ("avi", "video/vnd.avi"),
        ("bib", "application/x-bibtex"),
        ("bmp", "image/bmp"),
        ("csv", "text/csv"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("gif", "image/gif"),
        ("gz", "application/gzip"),
        ("h5", "application/x-hdf5"),
        ("hdf5", "application/x-hdf5"),
        ("htm", "text/html"),
        ("html", "text/html"),
        ("ipynb", "application/x-ipynb+json"),
        ("jpeg", "image/jpeg"),
        ("jpg", "image/jpeg"),
        ("json", "application/json"),
        ("jsonld", "application/ld+json"),
        ("md", "text/markdown"),
        ("mp3", "audio/mpeg"),
        ("mp4", "video/mp4"),
        ("nc", "application/x-netcdf"),
        ("nq", "application/n-quads"),
        ("nt", "application/n-triples"),
        ("odp", "application/vnd.oasis.opendocument.presentation"),
        ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
        ("odt", "application/vnd.oasis.opendocument.text"),
        ("parquet", "application/vnd.apache.parquet"),
        ("pdf", "application/pdf"),
        ("png", "image/png"),
        ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("py", "text/x-python"),
        ("rtf", "application/rtf"),
        ("svg", "image/svg+xml"),
        ("tar", "application/x-tar"),
        ("tif", "image/tiff"),
        ("tiff", "image/tiff"),
        ("tsv", "text/tab-separated-values"),
        ("ttl", "text/turtle"),
        ("txt", "text/plain"),
        ("wav", "audio/vnd.wave"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("xml", "application/xml"),
        ("yaml", "application/yaml"),
        ("yml", "application/yaml"),
        ("zip", "application/zip"),
    ];
    let end = Path::new(path).extension()?.to_str()?.to_ascii_lowercase();
    TYPES.iter().find(|(it, _)| *it == end).map(|(_, media_type)| *media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_in_the_order_of_the_fields_with_their_labels() {
        let field = |path: &str, label: &str| Field {
            path: path.into(),
            labels: BTreeMap::from([("en".into(), label.into())]),
            ..Field::default()
        };
        let inner = shapes::Nested { profile: None, class: None, fields: vec![field("urn:depth", "Depth")] };
        let fields = [
            Field { class: Some("urn:class".into()), ..field("urn:tool", "Tool") },
            Field { nested: Some(inner), ..field("urn:place", "Place") },
        ];
        let turtle = r#"[] a <urn:Thing> ; <urn:x> "b", "a"@en, 1 ; <urn:tool> <urn:saw>, <urn:axe> ;
            <urn:place> [ <urn:depth> 1.50 ] ."#;
        let graph = rdf::read(turtle.as_bytes(), rdf::Syntax::Turtle, None, "t").unwrap();
        assert_eq!(classes(&fields, &[&graph]), HashSet::from(["urn:class"]));
        let mut vocabularies = Vocabularies::default();
        vocabularies.insert("urn:class", [("urn:saw", "Saw")].into_iter().collect());
        let typed = |text: &str, datatype: &str| Value::Typed {
            text: text.into(),
            datatype: format!("http://www.w3.org/2001/XMLSchema#{datatype}"),
        };
        let depth = Property::new("urn:depth", "Depth", typed("1.50", "decimal"));
        let tools = vec![Value::Iri(Term::new("urn:axe", "")), Value::Iri(Term::new("urn:saw", "Saw"))];
        let expected = [
            Property { predicate: "urn:tool".into(), label: "Tool".into(), values: tools },
            Property::new("urn:place", "Place", Value::Nested(vec![depth])),
            Property {
                predicate: "urn:x".into(),
                label: String::new(),
                values: vec![typed("1", "integer"), Value::Text("a".into()), Value::Text("b".into())],
            },
        ];
        assert_eq!(metadata(&graph, &fields, &vocabularies), expected);
    }

    #[test]
    fn a_project_with_its_people_and_organisations() {
        let organisation = |name: &str, responsible| {
            let uri = "https://ror.org/04xfq0f34";
            serde_json::json!({ "displayName": name, "uri": uri, "email": "info@example.org", "responsible": responsible })
        };
        let dto = serde_json::json!({
            "id": "p", "pid": "21.11102/p", "name": "Long", "displayName": "L", "description": "D", "slug": "l",
            "startDate": "2026-01-01", "endDate": "2026-12-31", "visibility": {}, "keywords": ["wear"],
            "principleInvestigators": "Ott, A.; Bo Ek;", "creationDate": "2026-01-01T00:00:00",
            "organizations": [organisation("Other", false), organisation("RWTH", true)],
            "disciplines": [{ "displayNameDe": "Optik", "displayNameEn": "Optics", "uri": "https://example.org/308" }],
        });
        let it = project(&serde_json::from_value(dto).unwrap());
        assert_eq!(it.publisher.unwrap().name, "RWTH");
        let people: Vec<_> =
            it.creators.iter().map(|it| (it.name.as_str(), it.affiliation.as_ref().unwrap().name.as_str())).collect();
        assert_eq!(people, [("Ott, A.", "RWTH"), ("Bo Ek", "RWTH")]);
        assert_eq!(it.about, [Term::new("https://example.org/308", "Optics")]);
        assert_eq!(it.identifier.as_deref(), Some("https://hdl.handle.net/21.11102/p"));
        assert_eq!(it.date_created.as_deref(), Some("2026-01-01T00:00:00Z"));
    }

    #[test]
    fn dates_types_and_licences() {
        assert_eq!(date("2026-11-21T08:00:00").as_deref(), Some("2026-11-21T08:00:00Z"));
        assert_eq!(date("2026-11-21T08:00:00.5+01:00").as_deref(), Some("2026-11-21T07:00:00.500Z"));
        assert_eq!(date("soon"), None);
        assert_eq!(media_type("a.b/X.CSV"), Some("text/csv"));
        assert_eq!((media_type("a.csv/x"), media_type(".csv"), media_type("a.")), (None, None, None));
        let folder = |name: &str, licence: Option<&str>| {
            let licence = licence.map(|it| Term::new("", it));
            (name.to_owned(), Crate { licence, ..Crate::default() })
        };
        let label = |folders: &[_]| licence_of_all(folders).map(|it| it.label);
        assert_eq!(label(&[]), None);
        assert_eq!(label(&[folder("A", Some("MIT")), folder("B", Some("MIT"))]).as_deref(), Some("MIT"));
        let mixed = label(&[folder("A", Some("MIT")), folder("B", None)]).unwrap();
        assert!(mixed.ends_with("A: MIT; B: none is stated"), "{mixed}");
    }
}
