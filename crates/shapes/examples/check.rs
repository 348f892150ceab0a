//! Reads a table, fills in every record and checks it on one thread; prints how long that took and what it found as JSON.
//!
//! usage: check PROFILE.ttl PROFILE-IRI TERMS.tsv TERMS-CLASS TABLE.csv GRAPH.ttl
//!
//! The terms are lines of IRI, tabulator, label. All records and terms are written as one graph, for another judge.

#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    time::{Duration, Instant},
};

use whimbrel_shapes::{
    Filling, Format, Profile, Table, Vocabularies, Vocabulary,
    rdf::{self, Syntax},
};

const PASSES: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [profile, iri, terms, class, name, graph] = &arguments[..] else {
        return Err("usage: check PROFILE.ttl PROFILE-IRI TERMS.tsv TERMS-CLASS TABLE.csv GRAPH.ttl".into());
    };
    let document = fs::read(profile)?;
    let profile = Profile::load(iri, |iri| rdf::read(&document, Syntax::Turtle, None, iri).map(Some))?;
    let terms = fs::read_to_string(terms)?;
    let terms: Vec<(&str, &str)> = terms.lines().filter_map(|line| line.split_once('\t')).collect();
    let mut vocabularies = Vocabularies::default();
    vocabularies.insert(class, terms.iter().copied().collect::<Vocabulary>());
    let (content, format) = (fs::read(name)?, Format::of_file(name)?);

    // The fastest of some passes: what else the machine does is none of ours.
    let with = Filling { vocabularies: Some(&vocabularies), ..Filling::default() };
    let (mut read, mut all, mut on_cpu) = (Duration::MAX, Duration::MAX, Duration::MAX);
    let (mut findings, mut bad, mut left) = (0, 0, 0);
    for _ in 0..PASSES {
        (findings, bad, left) = (0, 0, 0);
        let (start, before) = (Instant::now(), cpu());
        let table = Table::read(&content, format, name)?;
        read = read.min(start.elapsed());
        for row in &table.rows {
            let report = profile.fill(&row.record, &with).report.at(&row.place);
            findings += report.findings.len();
            bad += usize::from(!report.conforms());
            left += report.left.len();
        }
        all = all.min(start.elapsed());
        on_cpu = on_cpu.min(before.zip(cpu()).map_or(start.elapsed(), |(before, after)| after - before));
    }

    let table = Table::read(&content, format, name)?;
    let mut turtle = table.write(Format::Turtle, &profile, &vocabularies);
    for (term, _) in &terms {
        writeln!(turtle, "<{term}> a <{class}> .")?;
    }
    fs::write(graph, turtle)?;
    let (records, fields) = (table.rows.len(), profile.fields().len());
    println!(
        r#"{{"records": {records}, "fields": {fields}, "findings": {findings}, "bad": {bad}, "left": {left}, "read": {}, "seconds": {}, "cpu": {}}}"#,
        read.as_secs_f64(),
        all.as_secs_f64(),
        on_cpu.as_secs_f64()
    );
    Ok(())
}

/// How long this thread has been on a processor, which no other program makes longer; Linux tells.
fn cpu() -> Option<Duration> {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(told.split(' ').next()?.parse().ok()?))
}
