//! Profiles: what is read of them, and what they say of records.

use oxrdf::{Graph, Literal, NamedNode, Term};
use whimbrel_shapes::{
    Error, Filling, Loader, Profile, Record, Report, Value, Vocabularies, Vocabulary,
    rdf::{self, Syntax},
};

const PREFIXES: &str = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix ex: <https://example.org/> .\n";

const RUN: &str = r#"
    ex:run a sh:NodeShape ; sh:targetClass ex:Run ; sh:node ex:base ;
        <http://purl.org/dc/terms/title> "Run"@en ;
        sh:property
            [ sh:path ex:day ; sh:name "Day"@en, "Tag"@de ; sh:minCount 1 ; sh:datatype xsd:date ; sh:order 2 ;
              sh:defaultValue "{TODAY}" ] ,
            [ sh:path ex:state ; sh:name "State"@en ; sh:in ( "raw" ex:clean ) ; sh:maxCount 1 ; sh:order 3 ] ,
            [ sh:path ex:rig ; sh:name "Rig"@en ; sh:class ex:Rig ; sh:order 4 ] ,
            [ sh:path ex:device ; sh:name "Device"@en ; sh:node ex:device ; sh:maxCount 1 ; sh:order 5 ] ,
            [ sh:path ex:title ; sh:minLength 2 ] .
    ex:device a sh:NodeShape ; sh:targetClass ex:Device ; sh:property
        [ sh:path ex:name ; sh:name "Name"@en ; sh:minCount 1 ] ,
        [ sh:path ex:serial ; sh:name "Serial"@en ; sh:pattern "^[a-z]+[0-9]{2}$" ; sh:flags "i" ] .
"#;

const BASE: &str = r#"
    ex:base a sh:NodeShape ; sh:property
        [ sh:path ex:title ; sh:name "Title"@en, "Titel"@de ; sh:minCount 1 ; sh:maxCount 1 ; sh:maxLength 5 ;
          sh:datatype xsd:string ; sh:order 1 ] .
"#;

fn graph(turtle: &str) -> Graph {
    rdf::read(format!("{PREFIXES}{turtle}").as_bytes(), Syntax::Turtle, None, "test").unwrap()
}

fn run() -> Profile {
    Profile::load("https://example.org/run", |iri| {
        Ok::<_, Error>(Some(graph(if iri.ends_with("base") { BASE } else { RUN })))
    })
    .unwrap()
}

fn vocabularies() -> Vocabularies {
    let mut all = Vocabularies::default();
    let rigs = [("https://example.org/rigs/1", "Rig One"), ("https://example.org/rigs/1", "Prüfstand 1")];
    all.insert("https://example.org/Rig", rigs.into_iter().collect::<Vocabulary>());
    all
}

fn lines(things: impl IntoIterator<Item = impl ToString>) -> String {
    things.into_iter().map(|it| it.to_string()).collect::<Vec<_>>().join("\n")
}

fn check(pairs: &[(&str, &str)]) -> Report {
    let vocabularies = vocabularies();
    let record: Record = pairs.iter().copied().collect();
    run().fill(&record, &Filling { vocabularies: Some(&vocabularies), ..Filling::default() }).report
}

#[test]
fn a_form_holds_own_and_inherited_fields_in_order() {
    let profile = run();
    let labels: Vec<_> = profile.fields().iter().map(whimbrel_shapes::Field::label).collect();
    assert_eq!(labels, ["Title", "Day", "State", "Rig", "Device"]);
    assert_eq!(profile.target_class().as_str(), "https://example.org/Run");
    assert_eq!(profile.labels()["en"], "Run");
    let title = profile.field("titel").unwrap();
    assert_eq!(title.path, "https://example.org/title");
    // Its own rule and the inherited ones hold together.
    assert_eq!((title.min_count, title.min_length, title.max_length), (1, Some(2), Some(5)));
    assert_eq!(profile.field("Day").unwrap().label_in("de"), "Tag");
    let device = profile.field("Device").unwrap().nested.as_ref().unwrap();
    assert_eq!(device.class.as_deref(), Some("https://example.org/Device"));
    assert_eq!(device.fields[0].label(), "Name");
    assert_eq!(profile.vocabularies(), ["https://example.org/Rig"]);
    insta::assert_snapshot!(lines(profile.fields().iter().map(|it| format!("{}: {}", it.label(), it.rules()))), @r#"
    Title: required; 2 to 5 characters
    Day: required; may be given more than once: repeat the column; date, e.g. 2026-11-21; default: {TODAY}
    State: optional; one of: raw | clean
    Rig: optional; may be given more than once: repeat the column; a term of https://example.org/Rig
    Device: optional
    "#);
}

#[test]
fn a_record_becomes_what_its_fields_ask_for() {
    let device: Record = [("Name", "D"), ("Serial", "AB12")].into_iter().collect();
    let mut record: Record =
        [("Title", "T 1"), ("Tag", "2026-02-28"), ("State", "clean"), ("rig", "prüfstand 1")].into_iter().collect();
    record.push("Device", device);
    let vocabularies = vocabularies();
    let profile = run();
    let filled = profile.fill(&record, &Filling { vocabularies: Some(&vocabularies), ..Filling::default() });
    assert_eq!(filled.report, Report::default());
    let wanted = graph(
        r#"[] a ex:Run ; ex:title "T 1" ; ex:day "2026-02-28"^^xsd:date ; ex:state ex:clean ; ex:rig <https://example.org/rigs/1> ;
           ex:device [ a ex:Device ; ex:name "D" ; ex:serial "AB12" ] ."#,
    );
    let canonical = |graph: &Graph| {
        let mut graph = graph.clone();
        graph.canonicalize(oxrdf::graph::CanonicalizationAlgorithm::Unstable);
        graph.iter().map(|it| it.to_string()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(canonical(&filled.graph), canonical(&wanted));
    // And back: labels for IRIs.
    let back = profile.record(&filled.graph, filled.root.as_ref().into(), &vocabularies);
    assert_eq!(back.values("Rig").next(), Some(&Value::from("Rig One")));
    assert!(matches!(back.values("Device").next(), Some(Value::Record(inner)) if inner.len() == 2));
    let again = profile.fill(&back, &Filling { vocabularies: Some(&vocabularies), ..Filling::default() });
    assert_eq!(canonical(&again.graph), canonical(&wanted));
}

#[test]
fn what_is_wrong_is_told_in_words() {
    let good = [("Title", "T 1"), ("Day", "2026-02-28")];
    let told = |more: &[(&str, &str)]| {
        let report = check(&[&good[..], more].concat());
        lines(&report.findings)
    };
    insta::assert_snapshot!(told(&[("State", "odd"), ("Rig", "?"), ("Device", "x"), ("Stat", "raw")]), @r#"
    field "Stat": the profile has no such field; did you mean "State"?; it has: Title, Day, State, Rig, Device
    field "State": "odd" is none of: raw, https://example.org/clean
    field "Rig": "?" is no term of the vocabulary https://example.org/Rig
    field "Device > Name": is required and not given
    "#);
    insta::assert_snapshot!(told(&[("State", "raw"), ("State", "clean"), ("Day", "28.2.2026"), ("Title", "T 2 longer")]), @r#"
    field "Title": may be given once at most, and is given 2 times
    field "Title": "T 2 longer" is longer than 5 characters
    field "Day": "28.2.2026" is no date; write it as 2026-11-21
    field "State": may be given once at most, and is given 2 times
    "#);
    let nothing = check(&[]);
    assert!(nothing.findings.iter().any(|it| it.to_string() == r#"field "Title": is required and not given"#));
    let mut nested: Record = good.into_iter().collect();
    nested.push("Device", [("Serial", "1"), ("Colour", "red")].into_iter().collect::<Record>());
    nested.push("Title", Record::new());
    let told = run().fill(&nested, &Filling::default()).report.findings;
    insta::assert_snapshot!(lines(&told), @r#"
    field "Device > Colour": the profile has no such field; it has: Name, Serial
    field "Title": holds one value, and is given a nested description
    field "Device > Name": is required and not given
    field "Device > Serial": "1" does not match the pattern ^[a-z]+[0-9]{2}$
    "#);
}

#[test]
fn fixed_values_and_defaults_fill_what_is_not_given() {
    let date = |text: &str| {
        Term::from(Literal::new_typed_literal(text, NamedNode::new_unchecked("http://www.w3.org/2001/XMLSchema#date")))
    };
    let day = |filled: &whimbrel_shapes::Filled| {
        let day = NamedNode::new_unchecked("https://example.org/day");
        filled.graph.object_for_subject_predicate(&filled.root, &day).map(oxrdf::TermRef::into_owned)
    };
    let record: Record = [("Title", "T 1")].into_iter().collect();
    let fixed = [("https://example.org/day".to_owned(), date("2026-01-01"))];
    let profile = run();
    let with = Filling { fixed: &fixed, today: Some("2026-11-21"), ..Filling::default() };
    assert_eq!(day(&profile.fill(&record, &with)), Some(date("2026-01-01")));
    let with = Filling { today: Some("2026-11-21"), ..Filling::default() };
    assert_eq!(day(&profile.fill(&record, &with)), Some(date("2026-11-21")));
    let filled = profile.fill(&record, &Filling::default());
    assert_eq!(day(&filled), None);
    assert!(!filled.report.conforms());
}

#[test]
fn a_vocabulary_that_is_not_loaded_is_left_to_the_server() {
    let record: Record =
        [("Title", "T 1"), ("Day", "2026-02-28"), ("Rig", "https://example.org/rigs/9")].into_iter().collect();
    let report = run().fill(&record, &Filling::default()).report;
    assert!(report.conforms());
    assert_eq!(
        report.left[0].to_string(),
        r#"field "Rig": whether a value is of the class https://example.org/Rig is left to the server"#
    );
    assert!(!check(&[("Title", "T 1"), ("Day", "2026-02-28"), ("Rig", "https://example.org/rigs/9")]).conforms());
}

#[test]
fn unknown_rules_are_never_valid() {
    let profile = |rule: &str| {
        let turtle = format!("ex:p a sh:NodeShape ; sh:property [ sh:path ex:a ; sh:name \"A\" ; {rule} ] .");
        Profile::load("https://example.org/p", |_| Ok::<_, Error>(Some(graph(&turtle)))).unwrap()
    };
    let record: Record = [("A", "x")].into_iter().collect();
    for rule in [
        "sh:sparql [ sh:select \"SELECT $this WHERE { }\" ]",
        "sh:qualifiedValueShape [ sh:minLength 5 ] ; sh:qualifiedMinCount 1",
        "sh:pattern \"(a)\\\\1\"",
        "<http://datashapes.org/dash#stem> \"x\"",
        "sh:somethingNew 5",
    ] {
        let report = profile(rule).fill(&record, &Filling::default()).report;
        assert!(!report.left.is_empty(), "{rule}");
        // Inside of `not` and `xone` it must not turn into a verdict.
        for outer in ["sh:not", "sh:xone"] {
            let inner = if outer == "sh:not" { format!("[ {rule} ]") } else { format!("( [ {rule} ] )") };
            let report = profile(&format!("{outer} {inner}")).fill(&record, &Filling::default()).report;
            assert!(report.conforms() && !report.left.is_empty(), "{outer} {rule}: {report:?}");
        }
    }
    for harmless in ["sh:description \"d\"", "sh:group ex:g", "sh:severity sh:Warning", "ex:note 1"] {
        assert!(profile(harmless).fill(&record, &Filling::default()).report.left.is_empty(), "{harmless}");
    }
}

#[test]
fn what_a_profile_builds_on_must_be_there() {
    let load = |turtle: &str| {
        Profile::load("https://example.org/p", |iri| {
            Ok::<_, Error>((iri == "https://example.org/p").then(|| graph(turtle)))
        })
    };
    let missing = load("ex:p a sh:NodeShape ; sh:node ex:parent .").unwrap_err();
    assert_eq!(
        missing.to_string(),
        "https://example.org/p: it builds on a profile that is not there: https://example.org/parent"
    );
    let import = load(
        "ex:p a sh:NodeShape ; sh:property [ sh:path ex:a ] . <urn:o> <http://www.w3.org/2002/07/owl#imports> ex:other .",
    );
    let report = import.unwrap().fill(&Record::new(), &Filling::default()).report;
    assert!(report.left[0].rule.contains("https://example.org/other"));
    let none = load("ex:q a sh:NodeShape .").unwrap_err().to_string();
    assert!(none.ends_with("no shape of this name, only https://example.org/q"), "{none}");
    assert!(Profile::load("https://example.org/p", |_| Ok::<_, Error>(None)).is_err());
}

#[test]
fn profiles_that_build_on_each_other_in_a_circle_end() {
    let mut loader = Loader::new("https://example.org/a");
    let mut asked = vec![];
    while let Some(iri) = loader.wanted() {
        let turtle = if iri.ends_with('a') {
            "ex:a a sh:NodeShape ; sh:node ex:b ; sh:property [ sh:path ex:x ; sh:node ex:a ] ."
        } else {
            "ex:b a sh:NodeShape ; sh:node ex:a ; sh:property [ sh:path ex:y ] ."
        };
        loader.give(&iri, Some(&graph(turtle)));
        asked.push(iri);
    }
    assert_eq!(asked, ["https://example.org/a", "https://example.org/b"]);
    let profile = loader.compile().unwrap();
    assert_eq!(profile.fields().len(), 2);
    let report = profile.fill(&Record::new(), &Filling::default()).report;
    assert!(report.conforms() && report.left[0].rule.contains("back to itself"));
}

#[test]
fn json_ld_is_read_too() {
    let json = br#"{"@id": "https://example.org/p", "@type": "http://www.w3.org/ns/shacl#NodeShape",
        "http://www.w3.org/ns/shacl#property": {"http://www.w3.org/ns/shacl#path": {"@id": "https://example.org/a"},
        "http://www.w3.org/ns/shacl#minCount": 2}}"#;
    let profile =
        Profile::load("https://example.org/p/", |iri| rdf::read(json, Syntax::JsonLd, None, iri).map(Some)).unwrap();
    assert_eq!(profile.fields()[0].min_count, 2);
    assert_eq!(profile.fields()[0].label(), "a");
}

#[test]
fn whatever_a_shape_names_is_asked_for_or_left_to_the_server() {
    let child = "ex:p a sh:NodeShape ; sh:and ( ex:one [ sh:property [ sh:path ex:b ] ] ) ; sh:node <https://example.org/two/> ; sh:not ex:gone .";
    let mut asked = vec![];
    let profile = Profile::load("https://example.org/p", |iri| {
        asked.push(iri.to_owned());
        Ok::<_, Error>(match iri {
            "https://example.org/p" => Some(graph(child)),
            "https://example.org/one" => {
                Some(graph("ex:one a sh:NodeShape ; sh:property [ sh:path ex:a ; sh:minCount 1 ] ."))
            }
            // It spells itself without the slash that it was asked for by.
            "https://example.org/two/" => {
                Some(graph("ex:two a sh:NodeShape ; sh:property [ sh:path ex:c ; sh:minCount 1 ] ."))
            }
            _ => None,
        })
    });
    let profile = profile.unwrap();
    asked.sort();
    assert_eq!(
        asked.iter().map(|it| it.trim_start_matches("https://example.org/")).collect::<Vec<_>>(),
        ["gone", "one", "p", "two/"]
    );
    let report = profile.fill(&Record::new(), &Filling::default()).report;
    assert_eq!(report.findings.len(), 2, "{report:?}");
    assert!(report.left.iter().any(|it| it.rule.contains("gone")), "{report:?}");
}

#[test]
fn no_profile_makes_the_stack_run_over_or_keeps_us_busy() {
    let chain = lines((0..20_000).map(|n| format!("ex:s{n} a sh:NodeShape ; sh:node ex:s{} .", n + 1)));
    let deep = graph(&format!("{chain} ex:s20000 a sh:NodeShape ; sh:property [ sh:path ex:a ; sh:minCount 1 ] ."));
    let profile = Profile::load("https://example.org/s0", |_| Ok::<_, Error>(Some(deep.clone()))).unwrap();
    assert!(!profile.fill(&Record::new(), &Filling::default()).report.left.is_empty());
    let branch =
        |n: i32| format!("ex:w{n} a sh:NodeShape ; sh:xone ( [ sh:node ex:w{0} ] [ sh:node ex:w{0} ] ) .", n + 1);
    let wide = lines((0..30).map(branch));
    let wide = graph(&format!("{wide} ex:w30 a sh:NodeShape ; sh:nodeKind sh:IRI ."));
    let profile = Profile::load("https://example.org/w0", |_| Ok::<_, Error>(Some(wide.clone()))).unwrap();
    assert!(!profile.fill(&Record::new(), &Filling::default()).report.left.is_empty());
}
