//! Other people's validator reads what `whimbrel::ro_crate` writes.
//!
//! `cargo xtask test` makes its virtual environment and names the folder; without it these tests say loudly that they did
//! nothing, and `xtask` makes that an error in CI.

use std::{fs, path::Path};

use whimbrel::ro_crate::{Crate, FILE_NAME, File, Organisation, Person, Property, Term, Value, Version};
use whimbrel_tests::judge_ro_crate;

const DCTERMS: &str = "http://purl.org/dc/terms/";

fn file(path: &str, content: &str, media_type: &str) -> File {
    let dcterms = |name: &str, value: &str| Property::new(format!("{DCTERMS}{name}"), "", Value::Text(value.into()));
    File {
        path: path.into(),
        size: content.len() as u64,
        media_type: Some(media_type.into()),
        created: Some("2026-11-20T09:00:00Z".into()),
        modified: Some("2026-11-20T10:00:00+01:00".into()),
        sha256: Some("ab".repeat(32)),
        content_url: Some("https://example.org/download/1".into()),
        url: Some("https://example.org/1".into()),
        metadata: vec![
            dcterms("title", "A title"),
            dcterms("description", "What it is"),
            dcterms("created", "2026-11-19"),
            dcterms("subject", "Water"),
            dcterms("language", "en"),
            Property::new(
                format!("{DCTERMS}creator"),
                "Creator",
                Value::Iri(Term::new("https://orcid.org/0000-0002-1825-0097", "Ada Ott")),
            ),
            Property::new(
                format!("{DCTERMS}license"),
                "Licence",
                Value::Iri(Term::new("https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0")),
            ),
            Property {
                predicate: "https://example.org/profile#gauge".into(),
                label: "Gauge".into(),
                values: vec![
                    Value::Text("7".into()),
                    Value::Iri(Term::new("https://example.org/gauges/9", "Roof")),
                    Value::Typed { text: "3.10".into(), datatype: "http://www.w3.org/2001/XMLSchema#decimal".into() },
                    Value::Nested(vec![Property::new("https://example.org/height", "", Value::Text("2 m".into()))]),
                ],
            },
        ],
    }
}

/// Three files with awkward names in two folders, and all that the model knows about.
fn whole(version: Version) -> Crate {
    let rwth = Organisation {
        name: "RWTH Aachen University".into(),
        ror: Some("https://ror.org/04xfq0f34".into()),
        email: Some("info@example.org".into()),
    };
    let ada = Person {
        name: "Ada Ott".into(),
        iri: Some("0000-0002-1825-0097".into()),
        email: Some("ada@example.org".into()),
        affiliation: Some(rwth.clone()),
    };
    let names = ["plain/a b.txt", "ümlaut/100%.csv", "plain/x#y.txt"];
    Crate {
        version,
        name: "Rain in Aachen".into(),
        description: "What fell in November 2026, by the hour".into(),
        date_published: "2026-11-21".into(),
        date_created: Some("2026-11-01".into()),
        identifier: Some("https://doi.org/10.1234/5678".into()),
        url: Some("https://example.org/rain".into()),
        licence: Some(Term::new("https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0")),
        keywords: vec!["rain".into(), "Aachen".into()],
        creators: vec![ada],
        publisher: Some(rwth),
        about: vec![Term::new("https://example.org/disciplines/409", "Computer Science")],
        files: names.map(|name| file(name, name, "text/plain; charset=utf-8")).to_vec(),
        ..Crate::default()
    }
}

/// The least that makes a crate; names of every kind, and one value for each key that metadata can get.
fn awkward(version: Version) -> Crate {
    let mut names =
        vec!["~a/&'(b)!$*+,;=@.txt", "面试/😀.mp4", "e\u{301}", "no\u{a0}break", "\u{202e}fdp.exe", "_b", "%2e%2e"];
    // No paths below the root: told of in the crate, and not looked for on the disk.
    names.extend(["", "../up", "/etc/passwd", "C:/a", "a/../../b", "a//b"]);
    if cfg!(unix) {
        names.extend(["q?[x]{y}|z^`\"<>.txt", "back\\slash", "line\nbreak", "http:", "_:b"]);
    }
    const KEYS: &str = "abstract about alternateName author comment contributor copyrightYear creator dateCreated \
        dateModified datePublished description editor funder headline identifier inLanguage keywords license \
        measurementTechnique name publisher spatialCoverage temporalCoverage version";
    let schema = |key| Property::new(format!("https://schema.org/{key}"), "", Value::Text("2026".into()));
    let with_keys = |name: &str| File { metadata: KEYS.split(' ').map(schema).collect(), ..file(name, name, "") };
    let files = names.into_iter().map(with_keys).collect();
    Crate { version, name: "Odd".into(), date_published: "2026-11-21".into(), files, ..Crate::default() }
}

/// The crate with its files on the disk, as far as they can be below the folder.
fn on_disk(it: &Crate) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for File { path, .. } in &it.files {
        if path.is_empty()
            || path.contains("..")
            || path.contains("//")
            || Path::new(path).is_absolute()
            || path == "C:/a"
        {
            continue;
        }
        let there = folder.path().join(path);
        fs::create_dir_all(there.parent().unwrap()).unwrap();
        fs::write(there, path).unwrap();
    }
    it.write(fs::File::create(folder.path().join(FILE_NAME)).unwrap()).unwrap();
    folder
}

fn run(version: Version, number: &str) {
    let folder = on_disk(&whole(version));
    let Some((found, checks)) = judge_ro_crate(number, "recommended", folder.path()) else { return };
    assert_eq!(found, [""; 0]);
    // It would find nothing either if it had looked at nothing.
    assert!(checks > 60, "{checks}");
    fs::remove_file(folder.path().join("ümlaut/100%.csv")).unwrap();
    let (found, _) = judge_ro_crate(number, "required", folder.path()).unwrap();
    assert!(found.len() == 1 && found[0].contains("ümlaut/100%25.csv"), "{found:?}");

    let folder = on_disk(&awkward(version));
    let (found, checks) = judge_ro_crate(number, "required", folder.path()).unwrap();
    assert_eq!(found, [""; 0]);
    assert!(checks > 40, "{checks}");
}

#[test]
fn a_crate_of_1_1() {
    run(Version::V1_1, "1.1");
}

#[test]
fn a_crate_of_1_2() {
    run(Version::V1_2, "1.2");
}
