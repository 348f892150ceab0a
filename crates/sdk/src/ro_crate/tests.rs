use super::*;

const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

fn dcterms(name: &str, value: Value) -> Property {
    Property::new(format!("http://purl.org/dc/terms/{name}"), name, value)
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn typed(text: &str, datatype: &str) -> Value {
    Value::Typed { text: text.into(), datatype: format!("{XSD}{datatype}") }
}

fn graph(it: &Crate) -> Vec<Json> {
    it.to_json()["@graph"].as_array().unwrap().clone()
}

fn entity(it: &Crate, id: &str) -> Json {
    let mut found: Vec<_> = graph(it).into_iter().filter(|entity| entity["@id"] == id).collect();
    assert_eq!(found.len(), 1, "{id} in {:#}", it.to_json());
    found.remove(0)
}

fn of_paths(paths: &[&str]) -> Crate {
    let files = paths.iter().map(|path| File { path: (*path).into(), ..File::default() }).collect();
    Crate { files, ..Crate::default() }
}

fn with(metadata: Vec<Property>) -> Crate {
    Crate { files: vec![File { path: "a".into(), metadata, ..File::default() }], ..Crate::default() }
}

fn small() -> Crate {
    let rwth = Organisation {
        name: "RWTH Aachen University".into(),
        ror: Some("04xfq0f34".into()),
        ..Organisation::default()
    };
    let ada = Person {
        name: "Ada Ott".into(),
        iri: Some("0000-0002-1825-0097".into()),
        email: Some("ada@example.org".into()),
        affiliation: Some(rwth.clone()),
    };
    let rain = File {
        path: "raw data/ümlaut 100%.csv".into(),
        size: 12,
        media_type: Some("text/csv; charset=utf-8".into()),
        modified: Some("2026-11-20T10:00:00Z".into()),
        sha256: Some("ab".repeat(32)),
        url: Some("https://example.org/rain".into()),
        metadata: vec![
            dcterms("title", text("Rain")),
            dcterms("creator", Value::Iri(Term::new("http://orcid.org/0000-0002-1825-0097", "A. Ott"))),
            dcterms("creator", text("Bo")),
            dcterms("created", typed("2026-11-19", "date")),
            Property {
                predicate: "https://example.org/profile/gauge".into(),
                label: "Gauge".into(),
                values: vec![
                    typed("7", "integer"),
                    typed("3.10", "decimal"),
                    Value::Iri(Term::new("https://example.org/gauges/9", "Roof")),
                    Value::Nested(vec![Property::new("https://example.org/profile/height", "", text("2 m"))]),
                ],
            },
        ],
        ..File::default()
    };
    Crate {
        name: "Rain in Aachen".into(),
        description: "What fell, by the hour".into(),
        date_published: "2026-11-21".into(),
        identifier: Some("https://hdl.handle.net/21.11102/1".into()),
        licence: Some(Term::new("https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0")),
        keywords: vec!["rain".into(), "Aachen".into()],
        creators: vec![ada],
        publisher: Some(rwth),
        about: vec![Term::new("https://example.org/disciplines/409", "Computer Science")],
        files: vec![rain, File { path: "README".into(), size: 1, ..File::default() }],
        ..Crate::default()
    }
}

#[test]
fn a_small_crate() {
    let mut text = Vec::new();
    small().write(&mut text).unwrap();
    insta::assert_snapshot!(String::from_utf8(text).unwrap());
}

#[test]
fn one_of_1_1_differs_in_what_1_1_knows() {
    let it = Crate { version: Version::V1_1, ..small() };
    assert_eq!(it.to_json()["@context"], "https://w3id.org/ro/crate/1.1/context");
    assert_eq!(entity(&it, FILE_NAME)["conformsTo"], reference("https://w3id.org/ro/crate/1.1"));
    assert_eq!(entity(&it, "./")["identifier"], "https://hdl.handle.net/21.11102/1");
    let file = entity(&it, "raw%20data/ümlaut%20100%25.csv");
    assert_eq!(file["sha256"], Json::Null);
    let hash = entity(&it, file["additionalProperty"][1]["@id"].as_str().unwrap());
    assert_eq!((&hash["propertyID"], &hash["value"]), (&"http://schema.org/sha256".into(), &"ab".repeat(32).into()));
}

#[test]
fn names_are_escaped_as_the_specification_says() {
    let names = [
        ("a b.txt", "a%20b.txt"),
        ("100%.csv", "100%25.csv"),
        ("x#y?z.txt", "x%23y%3Fz.txt"),
        ("面试.mp4", "面试.mp4"),
        ("a:b", "a%3Ab"),
        ("http:", "http%3A"),
        (r"a\b", "a%5Cb"),
        ("line\nbreak", "line%0Abreak"),
        ("\u{202e}fdp.exe", "%E2%80%AEfdp.exe"),
        ("no\u{a0}break", "no%C2%A0break"),
        ("%2e%2e", "%252e%252e"),
        (".hidden", ".hidden"),
        ("..a", "..a"),
        ("_:b", "_%3Ab"),
        ("(a)[b]{c}", "(a)%5Bb%5D%7Bc%7D"),
    ];
    for (name, id) in names {
        assert_eq!(encoded(name), id);
        if name != "a:b" {
            assert_eq!(entity(&of_paths(&[name]), id)["name"], name);
        }
    }
}

#[test]
fn no_name_leaves_the_root() {
    let hostile = [
        "",
        "/",
        "/etc/passwd",
        "//host/share",
        "..",
        "../up",
        "a/../../up",
        "a/..",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        r"\a",
        r"\\host\a",
        r"..\up",
        r"a\..\..\up",
        "C:/a",
        r"C:\a",
        "c:a",
        "a:b",
        "... ",
        "a/.. /b",
        "nul\0",
    ];
    for path in hostile {
        let it = of_paths(&[path]);
        assert_eq!(entity(&it, "./")["hasPart"], reference("#file-1"), "{path:?}");
        let file = entity(&it, "#file-1");
        assert_eq!(file["name"], or(path, "nameless"), "{path:?}");
    }
    let it = of_paths(&hostile);
    assert_eq!(graph(&it).len(), 2 + hostile.len(), "each is told of");
    assert!(graph(&it).iter().skip(2).all(|entity| entity["@id"].as_str().unwrap().starts_with("#file-")));
}

#[test]
fn its_own_files_are_no_parts_of_it() {
    let own = [FILE_NAME, "ro-crate-preview.html", "ro-crate-preview_files/a.css"];
    assert_eq!(graph(&of_paths(&own)).len(), 2);
    let elsewhere = own.map(|name| format!("a/{name}"));
    assert_eq!(graph(&of_paths(&elsewhere.each_ref().map(String::as_str))).len(), 2 + 1 + 1 + 3);
}

#[test]
fn folders_hold_what_is_in_them() {
    let it = of_paths(&["b/c/2", "a", "b/1", "b.txt", "b/c/1", "a b/c", "b/c/2"]);
    let ids: Vec<_> = graph(&it).iter().map(|entity| entity["@id"].as_str().unwrap().to_owned()).collect();
    let expected = [FILE_NAME, "./", "a", "a%20b/", "a%20b/c", "b/", "b/1", "b/c/", "b/c/1", "b/c/2", "b.txt"];
    assert_eq!(ids, expected);
    let parts = |id| entity(&it, id)["hasPart"].clone();
    assert_eq!(parts("./"), json!([{ "@id": "a" }, { "@id": "a%20b/" }, { "@id": "b/" }, { "@id": "b.txt" }]));
    assert_eq!(parts("b/"), json!([{ "@id": "b/1" }, { "@id": "b/c/" }]));
    assert_eq!(parts("a%20b/"), json!({ "@id": "a%20b/c" }), "one value is no list");
    assert_eq!(entity(&it, "b/c/")["name"], "c");
    assert_eq!(entity(&it, "b/")["description"], "A folder of 3 files, 0 bytes in all");
}

#[test]
fn a_file_and_a_folder_of_one_name_are_two_things() {
    let it = of_paths(&["a", "a/b"]);
    assert_eq!(entity(&it, "a")["@type"], "File");
    assert_eq!(entity(&it, "a/")["@type"], "Dataset");
    assert_eq!(entity(&it, "a/b")["@type"], "File");
}

#[test]
fn the_order_of_files_makes_no_difference() {
    let paths = ["z/1", "a", "z/0", "/up", "m/n/o"];
    let mut turned = paths;
    turned.reverse();
    assert_eq!(of_paths(&paths).to_json(), of_paths(&turned).to_json());
}

#[test]
fn metadata_get_keys_where_there_are_some() {
    let it = with(vec![
        dcterms("description", text("What fell")),
        dcterms("license", Value::Iri(Term::new("https://spdx.org/licenses/MIT", "MIT"))),
        dcterms("subject", text("Water")),
        dcterms("publisher", text("RWTH")),
        dcterms("creator", Value::Iri(Term::new("https://ror.org/04xfq0f34", "RWTH"))),
        Property::new("https://schema.org/keywords", "", text("x")),
        Property::new("http://purl.org/dc/elements/1.1/title", "", text("One")),
        dcterms("title", text("Two")),
        dcterms("title", text("Two")),
    ]);
    let file = entity(&it, "a");
    assert_eq!(file["description"], "What fell");
    assert_eq!(file["name"], json!(["One", "Two"]));
    assert_eq!(file["keywords"], "x");
    assert_eq!(entity(&it, file["license"]["@id"].as_str().unwrap())["@type"], "CreativeWork");
    assert_eq!(entity(&it, file["about"]["@id"].as_str().unwrap())["name"], "Water");
    assert_eq!(file["publisher"], reference("#organization-RWTH"));
    assert_eq!(entity(&it, "https://ror.org/04xfq0f34")["@type"], "Organization", "a ROR id is nobody's");
    assert_eq!(file["additionalProperty"], Json::Null);
}

#[test]
fn what_has_no_key_or_no_room_is_kept() {
    let it = with(vec![
        dcterms("provenance", text("a shelf")),
        dcterms("title", Value::Iri(Term::new("https://example.org/t", "T"))),
        dcterms("creator", Value::Nested(vec![dcterms("title", text("Bo"))])),
        dcterms("creator", Value::Iri(Term::new("file:///etc/passwd", "Eve"))),
        Property::new("https://schema.org/hasPart", "", text("../up")),
        Property::new("https://schema.org/contentSize", "", text("0")),
        Property::new("@id", "", text("./")),
    ]);
    let file = entity(&it, "a");
    assert_eq!((&file["name"], &file["contentSize"], &file["hasPart"]), (&"a".into(), &"0".into(), &Json::Null));
    assert_eq!(file["creator"], Json::Null);
    let kept: Vec<_> = file["additionalProperty"].as_array().unwrap().iter().map(|it| it["@id"].clone()).collect();
    assert_eq!(kept.len(), 7);
    let kept = kept.iter().map(|id| entity(&it, id.as_str().unwrap())).collect::<Vec<_>>();
    assert!(kept.iter().all(|it| it["@type"] == "PropertyValue"));
    assert_eq!(kept[0]["propertyID"], "http://purl.org/dc/terms/provenance");
    assert_eq!(kept[1]["value"], reference("https://example.org/t"));
    let nested = entity(&it, kept[2]["value"]["@id"].as_str().unwrap());
    let inner = entity(&it, nested["additionalProperty"]["@id"].as_str().unwrap());
    assert_eq!((&nested["@type"], &inner["value"]), (&"StructuredValue".into(), &"Bo".into()));
    assert_eq!(kept[3]["value"], "Eve <file:///etc/passwd>");
    assert_eq!(kept[4]["name"], "hasPart");
    assert_eq!(kept[6]["propertyID"], "@id");
}

#[test]
fn literals_lose_nothing() {
    assert_eq!(literal("true", &format!("{XSD}boolean")), json!(true));
    assert_eq!(literal("-7", &format!("{XSD}integer")), json!(-7));
    assert_eq!(literal("a", &format!("{XSD}string")), json!("a"));
    assert_eq!(literal("a", "no iri"), json!("a"));
    for (text, datatype) in
        [("1", "boolean"), ("007", "integer"), ("9007199254740993", "integer"), ("3.10", "decimal"), ("2026", "gYear")]
    {
        let datatype = format!("{XSD}{datatype}");
        assert_eq!(literal(text, &datatype), json!({ "@value": text, "@type": datatype }));
    }
}

#[test]
fn what_metadata_say_of_dates_comes_first() {
    let file = File {
        path: "a".into(),
        created: Some("2026-01-01".into()),
        modified: Some("2026-01-02".into()),
        metadata: vec![dcterms("created", text("1999"))],
        ..File::default()
    };
    let file = entity(&Crate { files: vec![file], ..Crate::default() }, "a");
    assert_eq!((&file["dateCreated"], &file["dateModified"]), (&"1999".into(), &"2026-01-02".into()));
}

#[test]
fn people_and_organisations_are_there_once() {
    let person = |name: &str, iri: &str, affiliation: &str| Person {
        name: name.into(),
        iri: Some(iri.to_owned()).filter(|it| !it.is_empty()),
        affiliation: Some(Organisation { name: affiliation.into(), ..Organisation::default() })
            .filter(|it| !it.name.is_empty()),
        ..Person::default()
    };
    let it = Crate {
        creators: vec![
            person("Ada", "0000-0002-1825-0097", ""),
            person("A. Ott", "http://orcid.org/0000-0002-1825-0097/", "RWTH"),
            person("Bo", "", ""),
            person("Bo", "", "RWTH"),
            person("Bo", "", "FZJ"),
            person("Bo", "../up", ""),
        ],
        ..Crate::default()
    };
    let ids = ["https://orcid.org/0000-0002-1825-0097", "#person-Bo", "#person-Bo-2"];
    assert_eq!(entity(&it, "./")["author"], Json::from(ids.map(reference).to_vec()));
    assert_eq!(entity(&it, ids[0])["name"], "Ada");
    assert_eq!(entity(&it, ids[0])["affiliation"], reference("#organization-RWTH"));
    assert_eq!(entity(&it, ids[2])["affiliation"], reference("#organization-FZJ"));
    assert_eq!(graph(&it).len(), 2 + 3 + 2);
}

#[test]
fn one_id_is_one_entity_whatever_it_is_used_for() {
    let iri = "https://example.org/x";
    let property = Property::new("https://example.org/p", "", Value::Iri(Term::new(iri, "X")));
    let file = File { path: "a".into(), metadata: vec![property], ..File::default() };
    let person = Person { name: "X".into(), iri: Some(iri.into()), ..Person::default() };
    let it = Crate {
        about: vec![Term::new(iri, "X")],
        licence: Some(Term::new(iri, "X")),
        creators: vec![person],
        files: vec![file],
        ..Crate::default()
    };
    assert_eq!(entity(&it, iri)["@type"], json!(["CreativeWork", "Person"]), "a term is nothing more");
}

#[test]
fn only_absolute_iris_become_identifiers() {
    for good in ["https://a.org/b#c?d", "HTTP://a.org", "urn:uuid:1", "doi:10.1/2", "https://ü.org/ä"] {
        assert!(iri(good).is_some(), "{good}");
    }
    let bad = [
        "",
        "a",
        "./",
        "#a",
        "../a",
        "/a",
        "//a",
        "http:a",
        "https://",
        "https:///etc",
        "file:///etc",
        "C:/a",
        "urn:",
        "javascript:alert(1)",
        "https://a.org/a b",
        "https://a.org/<",
        "https://a.org/../b",
        "https://a.org/\nb",
        "_:b",
    ];
    for bad in bad {
        assert_eq!(iri(bad), None, "{bad}");
    }
}

#[test]
fn nothing_given_is_still_a_crate() {
    let it = Crate { name: "X".into(), date_published: "2026-11-21".into(), ..Crate::default() };
    let root = entity(&it, "./");
    assert_eq!((&root["name"], &root["description"]), (&"X".into(), &"X".into()));
    assert!(root["license"].as_str().unwrap().starts_with("No licence is stated"));
    assert_eq!(graph(&it).len(), 2);
}

#[test]
fn keywords_with_commas_stay_whole() {
    let keywords = |words: &[&str]| {
        let it = Crate { keywords: words.iter().map(|it| (*it).to_owned()).collect(), ..Crate::default() };
        entity(&it, "./")["keywords"].clone()
    };
    assert_eq!(keywords(&["a", " ", "b"]), "a, b");
    assert_eq!(keywords(&["a, b", "c"]), json!(["a, b", "c"]));
    assert_eq!(keywords(&[]), Json::Null);
}

/// One folder with a file in a folder of its own, one with nothing in it.
fn with_folders(on_web: bool) -> Crate {
    let url = Some("https://example.org/1".to_owned());
    let deep = File { path: "deep/a".into(), size: 3, content_url: url, ..File::default() };
    let full = Crate {
        name: "Full".into(),
        identifier: Some("https://hdl.handle.net/1/2".into()),
        licence: Some(Term::new("https://example.org/mit", "MIT")),
        files: vec![deep],
        ..Crate::default()
    };
    let folders = vec![("full up".to_owned(), full), ("empty".to_owned(), Crate::default())];
    Crate { folders, on_web, date_published: "2026-11-21".into(), ..Crate::default() }
}

#[test]
fn folders_are_told_of_as_a_crate_is() {
    let it = with_folders(false);
    assert_eq!(entity(&it, "./")["hasPart"], json!([{ "@id": "full%20up/" }, { "@id": "empty/" }]));
    let full = entity(&it, "full%20up/");
    assert_eq!((&full["name"], &full["hasPart"]["@id"]), (&json!("Full"), &json!("full%20up/deep/")));
    assert_eq!((&full["license"]["@id"], &full["description"]), (&json!("https://example.org/mit"), &json!("Full")));
    assert_eq!(entity(&it, "full%20up/deep/a")["contentSize"], "3");
    assert!(entity(&it, "empty/").get("license").is_none());
}

#[test]
fn what_is_on_the_web_is_called_by_its_url() {
    let it = with_folders(true);
    assert_eq!(entity(&it, "./")["hasPart"], json!([{ "@id": "https://hdl.handle.net/1/2" }, { "@id": "#folder-2" }]));
    let full = entity(&it, "https://hdl.handle.net/1/2");
    assert_eq!((&full["@type"], &full["hasPart"]["@id"]), (&json!("Dataset"), &json!("https://example.org/1")));
    assert!(full.get("identifier").is_none());
    let file = entity(&it, "https://example.org/1");
    assert_eq!((&file["name"], &file["sdDatePublished"]), (&json!("deep/a"), &json!("2026-11-21")));
    let flat = Crate { on_web: true, ..of_paths(&["a", FILE_NAME]) };
    assert_eq!(entity(&flat, "./")["hasPart"], json!([{ "@id": "#file-1" }, { "@id": "#file-2" }]));
}
