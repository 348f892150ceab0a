//! Tables: each format read, written, and refused with the line.

use whimbrel_shapes::{
    Error, Format, Profile, Record, Table, Value, Vocabularies,
    rdf::{self, Syntax},
};

const PROFILE: &str = r#"@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    @prefix ex: <https://example.org/> . ex:p a sh:NodeShape ; sh:property
        [ sh:path ex:title ; sh:name "Title"@en, "Titel"@de ; sh:minCount 1 ; sh:maxCount 1 ; sh:order 1 ] ,
        [ sh:path ex:who ; sh:name "Creator, main"@en ; sh:order 2 ] ,
        [ sh:path ex:version ; sh:name "Version"@en ; sh:datatype xsd:string ; sh:order 3 ] ,
        [ sh:path ex:device ; sh:name "Device"@en ; sh:order 4 ; sh:node
            [ sh:property [ sh:path ex:name ; sh:name "Name"@en ; sh:pattern "^\\S+$" ; sh:order 1 ] ,
                          [ sh:path ex:serial ; sh:name "Serial"@en ; sh:order 2 ] ] ] ."#;

fn profile() -> Profile {
    let read = |iri: &str| rdf::read(PROFILE.as_bytes(), Syntax::Turtle, None, iri);
    Profile::load("https://example.org/p", |iri| Ok::<_, Error>(Some(read(iri)?))).unwrap()
}

fn read(text: &str, format: Format) -> Table {
    Table::read(text.as_bytes(), format, "m").unwrap()
}

fn refused(text: &[u8], format: Format) -> String {
    Table::read(text, format, "m").unwrap_err().to_string()
}

#[test]
fn csv_as_spreadsheets_write_it() {
    let csv = "\u{feff}path;Title;Creator, main;Creator, main;Device > Name;Device > Serial\r\n\
               # a comment; with; semicolons\r\n\
               a b.txt;\"T; 1\";Ada;Grace;D;1\r\n\
               ;;;;;\r\n\
               *.csv;\"two\r\nlines\";;;;\r\n\
               last;L;;;;\r\n";
    let table = read(csv, Format::Csv);
    assert_eq!(table.rows.len(), 3);
    let first = &table.rows[0];
    assert_eq!(first.file.as_deref(), Some("a b.txt"));
    assert_eq!(first.place.to_string(), "m, line 3 (a b.txt)");
    assert_eq!(first.record.values("Creator, main").count(), 2);
    let Some(Value::Record(device)) = first.record.values("Device").next() else { panic!("{first:?}") };
    assert_eq!(device.len(), 2);
    assert_eq!(table.rows[1].record.values("Title").next(), Some(&"two\r\nlines".into()));
    assert_eq!(table.rows[2].place.line, Some(7));
}

#[test]
fn what_is_wrong_names_the_line() {
    assert!(refused(b"path,A\na,b,c\n", Format::Csv).starts_with("m, line 2: it has 3 cells, and the header has 2"));
    assert!(refused(b"path,,A\n", Format::Csv).starts_with("m, line 1: column 2 has no name"));
    assert!(refused(b"path,File\n", Format::Csv).contains("more than one column"));
    assert!(refused(b"path,A\na,\xe4\n", Format::Csv).starts_with("m, line 2: it is not in UTF-8"));
    assert!(refused(b"a.txt:\n  A: 1\n  A: 2\n", Format::Yaml).starts_with("m, line 3: \"A\" stands twice"));
    assert!(refused(b"- A: *x\n", Format::Yaml).starts_with("m, line 1"));
    assert!(refused(b"- 5\n", Format::Yaml).starts_with("m, line 1: each item of the list must be a record"));
    assert!(refused(b"a: [\n", Format::Yaml).contains("this is not YAML"));
    assert!(refused(b"A: 1\n---\nA: 2\n", Format::Yaml).contains("a second document"));
    assert!(refused(b"[\n{\"A\": }]", Format::Json).starts_with("m, line 2: this is not JSON"));
    assert!(refused(b"{\"A\": 1, \"A\": 2}", Format::Json).contains("stands twice"));
    assert!(refused("[".repeat(100_000).as_bytes(), Format::Json).contains("recursion limit"));
    assert!(refused("[".repeat(5_000).as_bytes(), Format::Yaml).contains("m, line 1"));
    assert!(refused(b"<a> <b", Format::Turtle).starts_with("m: this is not RDF in Turtle"));
    assert!(Format::of_file("a.xlsx").unwrap_err().to_string().contains(".csv"));
}

#[test]
fn yaml_and_json_in_their_three_forms() {
    let by_file = "'*.txt':\n  Title: T\n  Version: 1.10\na.txt:\n  Creator, main: [Ada, Grace]\n  Device:\n    Name: D\nb.txt:\n";
    let table = read(by_file, Format::Yaml);
    assert_eq!(table.rows.len(), 3);
    // The digits are kept: this is a version and no number.
    assert_eq!(table.rows[0].record.values("Version").next(), Some(&"1.10".into()));
    assert_eq!(table.rows[1].record.values("Creator, main").count(), 2);
    assert_eq!(table.rows[1].place.to_string(), "m, line 4 (a.txt)");
    assert!(table.rows[2].record.is_empty());

    let list = read("- path: a\n  Title: T\n  Version: ~\n- Title: all\n", Format::Yaml);
    assert_eq!((list.rows[0].file.as_deref(), list.rows[1].file.as_deref()), (Some("a"), None));
    assert_eq!(list.rows[0].record.len(), 1);

    let one = read("{\"Title\": \"T\", \"Version\": 1.10, \"Device\": {\"Name\": true}}", Format::Json);
    assert_eq!(one.rows.len(), 1);
    assert_eq!(one.rows[0].record.values("Version").next(), Some(&"1.10".into()));
    assert!(read("", Format::Yaml).rows.is_empty());
}

#[test]
fn every_format_gives_back_what_was_written() {
    let mut record: Record =
        [("Title", "T, \"1\"\n# ü: [x]"), ("Creator, main", "- Ada"), ("Creator, main", "null")].into_iter().collect();
    record.push("Version", "1.10");
    record.push("Device", [("Name", "D"), ("Serial", "1")].into_iter().collect::<Record>());
    let csv = "path,Title\n\"#odd, ü %20.txt\",x\nb/*.txt,y\n";
    let mut table = read(csv, Format::Csv);
    table.rows[0].record = record;
    let plain = |table: &Table| {
        let rows = table.rows.iter().map(|row| (row.file.clone(), row.record.clone()));
        rows.collect::<Vec<_>>()
    };
    let (profile, none) = (profile(), Vocabularies::default());
    for format in [Format::Csv, Format::Yaml, Format::Json] {
        let text = table.write(format, &profile, &none);
        assert_eq!(plain(&read(&text, format)), plain(&table), "{text}");
    }
    let turtle = table.write(Format::Turtle, &profile, &none);
    let again = read(&turtle, Format::Turtle);
    assert_eq!(again.rows[0].file, table.rows[0].file, "{turtle}");
    assert_eq!(again.rows[0].record.values("https://example.org/version").next(), Some(&"1.10".into()));
    // Read from any format, it fills the same form.
    let csv = again.write(Format::Csv, &profile, &none);
    assert!(
        csv.starts_with("path,Title,\"Creator, main\",\"Creator, main\",Version,Device > Name,Device > Serial\n"),
        "{csv}"
    );
}

#[test]
fn a_template_is_an_empty_table() {
    let template = Table::template(&profile(), "de");
    insta::assert_snapshot!(template, @r##"
    path,Titel,"Creator, main",Version,Device > Name,Device > Serial
    # path or glob,required,optional; may be given more than once: repeat the column,optional; may be given more than once: repeat the column,optional; may be given more than once: repeat the column; matches ^\S+$,optional; may be given more than once: repeat the column
    "##);
    assert!(read(&template, Format::Csv).rows.is_empty());
    let filled = read(&format!("{template}a.txt,T,,,,\n"), Format::Csv);
    assert_eq!(filled.rows[0].place.line, Some(3));
}

#[test]
fn a_later_record_wins_field_by_field() {
    let mut record: Record = [("A", "1"), ("A", "2"), ("B", "3")].into_iter().collect();
    record.overlay(&[("A", "9")].into_iter().collect());
    let values: Vec<_> = record.iter().collect();
    assert_eq!(values, [("B", &"3".into()), ("A", &"9".into())]);
}
