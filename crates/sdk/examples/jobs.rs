//! One of the common jobs, to be watched from outside: `cargo xtask bench jobs` counts its requests and its seconds.
//!
//! usage: jobs JOB CACHE FOLDER, with `COSCINE_URL` and `COSCINE_API_TOKEN` in the environment
//!
//! It gets ready, prints `@ready`, waits for a line, does the job, and prints `@done SECONDS COUNT`: how many it found or moved.

#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::{env, error::Error, io, path::Path, time::Instant};

use futures::TryStreamExt as _;
use whimbrel::{
    CacheMode, Paged as _,
    coscine::{Client, Metadata},
    shapes::Record,
};

const PROJECT: &str = "Demo";
const RESOURCE: &str = "Measurements";
const CLASS: &str = "https://purl.org/coscine/vocabularies/whimbrel/instruments";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [job, cache, folder] = &arguments[..] else { return Err("usage: jobs JOB CACHE FOLDER".into()) };
    let folder = Path::new(folder);
    let (url, token) = (env::var("COSCINE_URL")?, env::var("COSCINE_API_TOKEN")?);
    let client = || {
        let client = Client::builder().url(url.clone()).token(token.clone());
        client.cache(CacheMode::Disk(cache.into())).build()
    };
    let by_name = || async { client()?.project(PROJECT).await?.resource(RESOURCE).await };
    let begin = || {
        println!("@ready");
        io::stdin().read_line(&mut String::new()).map(|_| Instant::now())
    };
    let (start, count) = match job.as_str() {
        "client" => (begin()?, [client()?].len()),
        "projects" => {
            let client = client()?;
            let start = begin()?;
            let projects: Vec<_> = client.projects().stream().try_collect().await?;
            (start, projects.len())
        }
        "resource" => {
            let client = client()?;
            let start = begin()?;
            let resource = client.project(PROJECT).await?.resource(RESOURCE).await?;
            (start, usize::from(resource.display_name() == RESOURCE))
        }
        "profiles" => {
            let client = client()?;
            let start = begin()?;
            let profiles: Vec<_> = client.application_profiles().stream().try_collect().await?;
            (start, profiles.len())
        }
        "vocabulary" => {
            let client = client()?;
            let start = begin()?;
            let terms: Vec<_> = client.vocabulary(CLASS).stream().try_collect().await?;
            (start, terms.len())
        }
        "files" => {
            let resource = by_name().await?;
            let start = begin()?;
            let files: Vec<_> = resource.files().stream().try_collect().await?;
            (start, files.len())
        }
        "file" => {
            let resource = by_name().await?;
            let start = begin()?;
            (start, usize::from(resource.file("f060.txt").head().await?.is_some()))
        }
        "metadata" => {
            let resource = by_name().await?;
            let start = begin()?;
            (start, resource.metadata().await?.len())
        }
        "metadata-of-one" => {
            let resource = by_name().await?;
            let start = begin()?;
            let metadata = resource.file("f060.txt").metadata(None).await?;
            (start, usize::from(!metadata.is_empty()))
        }
        "form" => {
            let resource = by_name().await?;
            let start = begin()?;
            // Without a record no vocabulary is asked for, as with the others.
            let form = resource.form([]).await?;
            (start, usize::from(form.profile().field("Title").is_some()))
        }
        "print" => {
            let resource = by_name().await?;
            let start = begin()?;
            let text = format!("{:#?}", resource.details());
            (start, usize::from(text.contains(RESOURCE)))
        }
        "download" => {
            let resource = by_name().await?;
            let start = begin()?;
            let report = resource.download_dir(folder.join(format!("whimbrel-{}", std::process::id()))).send().await?;
            (start, outcome(report)?)
        }
        "upload" => {
            let resource = by_name().await?;
            let start = begin()?;
            let upload = resource.upload_dir(folder.join("files")).metadata(|_| Metadata::Record(record()));
            (start, outcome(upload.send().await?)?)
        }
        _ => return Err("no such job".into()),
    };
    println!("@done {} {count}", start.elapsed().as_secs_f64());
    Ok(())
}

fn record() -> Record {
    let fields = [
        ("Title", "T"),
        ("Creator", "C"),
        ("Creation Date", "2026-11-21"),
        ("State", "raw"),
        ("Instrument", "Balance 2"),
    ];
    fields.into_iter().collect()
}

fn outcome(report: whimbrel::transfer::Report) -> Result<usize, Box<dyn Error>> {
    match report.failed.into_iter().next() {
        None => Ok(usize::try_from(report.done)?),
        Some((name, error)) => Err(format!("{name}: {error}").into()),
    }
}
