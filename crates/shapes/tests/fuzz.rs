//! Whatever comes in, nothing panics, runs for ever or loses a value. `cargo bolero test -p whimbrel-shapes <name>` fuzzes
//! each of these for as long as one likes; as plain tests they try some thousand inputs.

use bolero::check;
use whimbrel_shapes::{
    Error, Filling, Format, Profile, Record, Table, Vocabularies,
    rdf::{self, Syntax},
};

const SHAPE: &str = "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:p> sh:property
    [ sh:path <urn:a> ; sh:name \"A\" ; sh:minCount 1 ; sh:maxLength 3 ] , [ sh:path <urn:b> ; sh:node <urn:p> ] .";

fn profile(turtle: &[u8]) -> Result<Profile, Error> {
    let document = rdf::read(turtle, Syntax::Turtle, Some("urn:p"), "fuzz")?;
    Profile::load("urn:p", |_| Ok(Some(document.clone())))
}

#[test]
fn turtle_as_profile_and_as_data() {
    check!().for_each(|input: &[u8]| {
        // The input follows a good beginning, or stands alone.
        for text in [input.to_vec(), [SHAPE.as_bytes(), input].concat()] {
            let Ok(profile) = profile(&text) else { continue };
            profile.fill(&[("A", "x")].into_iter().collect::<Record>(), &Filling::default());
            if let Ok(data) = rdf::read(input, Syntax::Turtle, None, "fuzz") {
                profile.validate_graph(&data, &Vocabularies::default());
                assert_eq!(
                    rdf::read(rdf::turtle(&data).as_bytes(), Syntax::Turtle, None, "ours").unwrap().len(),
                    data.len()
                );
            }
        }
    });
}

#[test]
fn tables_of_any_format() {
    let profile = profile(SHAPE.as_bytes()).unwrap();
    check!().for_each(|input: &[u8]| {
        for format in [Format::Csv, Format::Yaml, Format::Json, Format::Turtle] {
            let Ok(table) = Table::read(input, format, "fuzz") else { continue };
            for row in &table.rows {
                profile.fill(&row.record, &Filling::default());
            }
        }
    });
}

#[test]
fn csv_gives_back_what_was_written() {
    let profile = profile(SHAPE.as_bytes()).unwrap();
    check!().with_type::<Vec<(String, String, String)>>().for_each(|rows| {
        let mut table = Table::read(b"path,A\n", Format::Csv, "fuzz").unwrap();
        let template = Table::read(b"path,A\nx,y\n", Format::Csv, "fuzz").unwrap().rows.remove(0);
        for (file, a, b) in rows.iter().filter(|(file, a, b)| ![file, a, b].iter().any(|it| it.is_empty())) {
            let mut row = template.clone();
            row.file = Some(file.clone());
            row.record = [("A", a.as_str()), ("A", b.as_str())].into_iter().collect();
            table.rows.push(row);
        }
        let text = table.write(Format::Csv, &profile, &Vocabularies::default());
        let again = Table::read(text.as_bytes(), Format::Csv, "fuzz").unwrap_or_else(|e| panic!("{e} in {text:?}"));
        let plain =
            |table: &Table| table.rows.iter().map(|row| (row.file.clone(), row.record.clone())).collect::<Vec<_>>();
        assert_eq!(plain(&again), plain(&table), "{text:?}");
    });
}
