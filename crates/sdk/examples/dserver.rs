//! Calls of a dserver, to be watched from outside: `cargo xtask bench dserver` compares them with those of others.
//!
//! usage: dserver JOB, with `DSERVER_URL` and `DSERVER_TOKEN` in the environment, and URIs of datasets, one a line, on the standard
//! input
//!
//! It prints JSON: `count`, how many there were; `seconds` for all of them; `milliseconds`, a list with each call's, where they came
//! one after another; `peak_kib`, the most memory that it took, on Linux.

#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::{
    env,
    error::Error,
    fs,
    io::{self, BufRead as _},
    pin::pin,
    time::Instant,
};

use futures::{StreamExt as _, TryStreamExt as _};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use whimbrel::{
    CacheMode, Paged as _,
    dserver::{Client, types::Dataset},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let job = env::args().nth(1).ok_or("usage: dserver JOB")?;
    let (url, token) = (env::var("DSERVER_URL")?, env::var("DSERVER_TOKEN")?);
    let client = Client::builder().url(url.clone()).token(token.clone()).cache(CacheMode::Off).build()?;
    let uris = io::stdin().lock().lines().collect::<Result<Vec<_>, _>>()?;
    let (start, mut count, mut took) = (Instant::now(), 0, vec![]);
    match &*job {
        "show" => {
            for uri in &uris {
                let start = Instant::now();
                count += usize::from(client.dataset(uri).await?.uri == *uri);
                took.push(start.elapsed());
            }
        }
        // The same, by what is below the SDK alone.
        "bare" => {
            let client = reqwest::Client::new();
            for uri in &uris {
                let start = Instant::now();
                let url = format!("{url}/uris/{}", utf8_percent_encode(uri, NON_ALPHANUMERIC));
                let answer = client.get(url).bearer_auth(&token).send().await?.error_for_status()?;
                count += usize::from(answer.json::<Dataset>().await?.uri == *uri);
                took.push(start.elapsed());
            }
        }
        "page" => count = client.search().page(1).await?.items.len(),
        "list" => {
            let mut found = pin!(client.search().stream());
            while found.try_next().await?.is_some() {
                count += 1;
            }
        }
        "readmes-in-turn" => {
            for uri in &uris {
                count += usize::from(!client.readme(uri).await?.text.is_empty());
            }
        }
        "readmes" => {
            let mut found = client.readmes(uris);
            while let Some((_, readme)) = found.next().await {
                count += usize::from(!readme?.text.is_empty());
            }
        }
        _ => return Err("no such job".into()),
    }
    let told = serde_json::json!({
        "count": count,
        "seconds": start.elapsed().as_secs_f64(),
        "milliseconds": took.iter().map(|it| it.as_secs_f64() * 1000.0).collect::<Vec<_>>(),
        "peak_kib": peak(),
    });
    println!("{told}");
    Ok(())
}

fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}
