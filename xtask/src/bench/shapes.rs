//! 10,000 records against a profile of 20 fields, by our validator and by pyshacl.

use std::{
    fmt::Write as _,
    fs,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::{Setup, output, print_table};
use crate::judges;

const RECORDS: usize = 10_000;
/// One record in so many is wrong, in one field.
const BAD_EVERY: usize = 100;
const TERMS: usize = 200;
/// Seconds on a processor that ours may take; what else the machine does is not counted.
const BOUND: f64 = 1.0;
const PATIENCE: Duration = Duration::from_secs(120);

const PROFILE: &str = "https://example.org/run/";
const CLASS: &str = "https://example.org/Instrument";
const PREFIXES: &str = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <https://example.org/> .\n";

/// A field: its name, its rules in SHACL, what record `n` holds, and what a wrong one does.
type Field = (&'static str, &'static str, fn(usize) -> String, &'static str);

const FIELDS: [Field; 20] = [
    (
        "title",
        "sh:datatype xsd:string ; sh:minCount 1 ; sh:maxCount 1 ; sh:minLength 3 ; sh:maxLength 80",
        |n| format!("Run {n} on the large rig"),
        "ab",
    ),
    ("creator", "sh:datatype xsd:string ; sh:minCount 1 ; sh:maxLength 40", |n| format!("Person {}", n % 50), ""),
    ("sample", "sh:minCount 1 ; sh:maxCount 1 ; sh:pattern \"^S-[0-9]{6}$\"", |n| format!("S-{n:06}"), "S-12"),
    (
        "day",
        "sh:datatype xsd:date ; sh:minCount 1 ; sh:maxCount 1",
        |n| format!("2026-11-{:02}", n % 30 + 1),
        "yesterday",
    ),
    (
        "start",
        "sh:datatype xsd:dateTime ; sh:maxCount 1",
        |n| format!("2026-11-21T{:02}:{:02}:00Z", n % 24, n % 60),
        "10 o'clock",
    ),
    (
        "state",
        "sh:in ( \"raw\" \"clean\" \"published\" ) ; sh:maxCount 1",
        |n| ["raw", "clean"][n % 2].to_owned(),
        "lost",
    ),
    ("instrument", "sh:class ex:Instrument ; sh:minCount 1", |n| format!("Instrument {}", n % TERMS), "Spoon"),
    (
        "temperature",
        "sh:datatype xsd:decimal ; sh:minInclusive -273.15 ; sh:maxInclusive 3000",
        |n| format!("{}.5", n % 1000),
        "-300.0",
    ),
    ("pressure", "sh:datatype xsd:double ; sh:minExclusive 0", |n| format!("{}.25e3", n % 90 + 1), "-1.0e0"),
    (
        "repeats",
        "sh:datatype xsd:integer ; sh:minInclusive 1 ; sh:maxInclusive 1000",
        |n| (n % 1000 + 1).to_string(),
        "1001",
    ),
    (
        "mail",
        "sh:datatype xsd:string ; sh:pattern \"^[^@ ]+@[^@ ]+\\\\.[a-z]{2,}$\"",
        |n| format!("p{n}@example.org"),
        "nobody",
    ),
    ("orcid", "sh:pattern \"^[0-9]{4}(-[0-9]{3}[0-9X]){3}$\"", |n| format!("0000-0002-1825-{:04}", n % 10_000), "0000"),
    ("calibrated", "sh:datatype xsd:boolean ; sh:maxCount 1", |n| (n % 2 == 0).to_string(), "perhaps"),
    (
        "material",
        "sh:in ( \"steel\" \"copper\" \"glass\" \"wood\" \"ice\" \"air\" )",
        |n| ["steel", "copper", "glass", "wood", "ice", "air"][n % 6].to_owned(),
        "cheese",
    ),
    (
        "batch",
        "sh:datatype xsd:string ; sh:minLength 6 ; sh:maxLength 6",
        |n| format!("AB{:04}", n % 10_000),
        "AB12345",
    ),
    ("lasted", "sh:datatype xsd:duration", |n| format!("PT{}M", n % 600 + 1), "long"),
    // Of these two types rdflib does not check the form, so they are wrong in another way.
    (
        "link",
        "sh:datatype xsd:anyURI ; sh:pattern \"^https://\"",
        |n| format!("https://example.org/runs/{n}"),
        "ftp://example.org/x",
    ),
    ("year", "sh:datatype xsd:gYear ; sh:pattern \"^20\"", |n| (2000 + n % 27).to_string(), "1926"),
    ("channel", "sh:datatype xsd:unsignedByte ; sh:maxExclusive 64", |n| (n % 64).to_string(), "64"),
    ("notes", "sh:datatype xsd:string ; sh:maxLength 120", |n| format!("{n} words, \"as they were said\""), TOO_LONG),
];

const TOO_LONG: &str = "So long a note that nobody will ever read it to its end, though it says again and again, and in ever \
                        more words, that there is nothing to be said.";

pub(super) fn run(setup: &Setup) -> Result<()> {
    let at = |name: &str| setup.folder.join(name);
    let profile = profile();
    fs::write(at("profile.ttl"), &profile)?;
    let terms: Vec<_> = (0..TERMS).map(|n| format!("https://example.org/i/{n}\tInstrument {n}\n")).collect();
    fs::write(at("terms.tsv"), terms.concat())?;
    fs::write(at("table.csv"), table())?;
    let mut command = Command::new(setup.example("check"));
    command
        .arg(at("profile.ttl"))
        .arg(PROFILE)
        .arg(at("terms.tsv"))
        .arg(CLASS)
        .arg(at("table.csv"))
        .arg(at("graph.ttl"));
    let ours: Value = serde_json::from_str(&output(&mut command)?)?;
    let of = |told: &Value, what: &str| told[what].as_f64().with_context(|| format!("no {what}"));
    let (seconds, cpu) = (of(&ours, "seconds")?, of(&ours, "cpu")?);

    fs::write(at("pair.jsonl"), json!({ "shapes": profile, "data": "" }).to_string())?;
    let python = judges::one(&setup.root, "pyshacl-0.40.1")?;
    let mut command = Command::new(python);
    command.arg(setup.root.join("tests/judges/shacl.py")).arg(at("pair.jsonl")).arg(at("graph.ttl"));
    let theirs = patiently(&mut command)?;

    let own = |name: &str| ours[name].as_u64().unwrap_or_default().to_string();
    let row = |cells: [&str; 6]| cells.map(str::to_owned).to_vec();
    let (took, on_cpu, found, ratio) = match &theirs {
        Some(theirs) => {
            let (took, on_cpu) = (of(theirs, "seconds")?, of(theirs, "cpu")?);
            let ratio = format!("{:.0}", on_cpu / cpu);
            (format!("{took:.2}"), format!("{on_cpu:.2}"), theirs["results"].to_string(), ratio)
        }
        None => {
            let cut = PATIENCE.as_secs_f64();
            (format!("more than {cut}"), String::new(), String::new(), format!("more than {:.0}", cut / seconds))
        }
    };
    print_table(&[
        row(["records, fields, terms", "what", "seconds", "of processor", "findings", "ratio"]),
        row([
            &format!("{}, {}, {TERMS}", own("records"), own("fields")),
            "Whimbrel: table read, filled in and checked",
            &format!("{seconds:.2}"),
            &format!("{cpu:.2}"),
            &own("findings"),
            "1",
        ]),
        row(["the same as one graph", "pyshacl 0.40.1: checked", &took, &on_cpu, &found, &ratio]),
    ]);
    let read = ours["read"].as_f64().unwrap_or_default();
    println!(
        "of ours the fastest of five passes, {read:.2} s of it to read the table; {} records are wrong",
        own("bad")
    );
    if own("bad") != (RECORDS / BAD_EVERY).to_string() || own("left") != "0" {
        bail!("{} records are wrong, and {} findings are left to the server", RECORDS / BAD_EVERY, own("left"));
    }
    if let Some(theirs) = theirs
        && theirs["results"] != ours["findings"]
    {
        bail!("the two judges do not find the same");
    }
    if cpu > BOUND {
        bail!("it took more than {BOUND} s of a processor");
    }
    Ok(())
}

fn profile() -> String {
    let mut text = format!("{PREFIXES}<{PROFILE}> a sh:NodeShape ; sh:targetClass ex:Run ; sh:property");
    for (n, (name, rules, ..)) in FIELDS.iter().enumerate() {
        let end = if n + 1 == FIELDS.len() { "." } else { "," };
        write!(text, "\n[ sh:path ex:{name} ; sh:name \"{name}\"@en ; sh:order {n} ; {rules} ] {end}")
            .expect("memory takes it");
    }
    text
}

fn table() -> String {
    let names: Vec<_> = FIELDS.iter().map(|(name, ..)| *name).collect();
    let mut text = format!("path,{}\n", names.join(","));
    for n in 0..RECORDS {
        write!(text, "run {n}.csv").expect("memory takes it");
        let bad = (n % BAD_EVERY == BAD_EVERY - 1).then_some(n / BAD_EVERY % FIELDS.len());
        for (at, (_, _, good, wrong)) in FIELDS.iter().enumerate() {
            let value = if bad == Some(at) { (*wrong).to_owned() } else { good(n) };
            write!(text, ",\"{}\"", value.replace('"', "\"\"")).expect("memory takes it");
        }
        text.push('\n');
    }
    text
}

/// What a judge says; `None` if it is not done in time.
fn patiently(command: &mut Command) -> Result<Option<Value>> {
    let mut process = command.stdout(Stdio::piped()).spawn()?;
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(status) = process.try_wait()? {
            // It says one line, so that it never waits for a reader.
            let told = process.wait_with_output()?.stdout;
            if !status.success() {
                bail!("{command:?}: {status}");
            }
            return Ok(Some(serde_json::from_slice(&told)?));
        }
        thread::sleep(Duration::from_millis(50));
    }
    process.kill()?;
    process.wait()?;
    Ok(None)
}
