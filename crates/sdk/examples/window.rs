//! Asks as fast as the client lets it, to be watched from outside: `cargo xtask bench window` looks at the server's minute.
//!
//! usage: window TASKS SECONDS, with `COSCINE_URL` and `COSCINE_API_TOKEN` in the environment

#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::{
    env,
    error::Error,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use whimbrel::{CacheMode, Paged as _, coscine::Client};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (tasks, seconds) = env::args().nth(1).zip(env::args().nth(2)).ok_or("usage: window TASKS SECONDS")?;
    let (tasks, end) = (tasks.parse::<usize>()?, Instant::now() + Duration::from_secs(seconds.parse()?));
    let client = Client::builder().url(env::var("COSCINE_URL")?).token(env::var("COSCINE_API_TOKEN")?);
    let client = client.cache(CacheMode::Off).build()?;
    let mut running = JoinSet::new();
    for _ in 0..tasks {
        let client = client.clone();
        running.spawn(async move {
            let mut asked = 0;
            while let Some(left) = end.checked_duration_since(Instant::now()) {
                // Who waits for the next minute when the time is up asks no more.
                match tokio::time::timeout(left, client.titles().page(1)).await {
                    Ok(page) => asked += page.map(|_| 1)?,
                    Err(_) => break,
                }
            }
            Ok::<u64, whimbrel::Error>(asked)
        });
    }
    let mut answered = 0;
    while let Some(asked) = running.join_next().await {
        answered += asked??;
    }
    println!("{answered}");
    Ok(())
}
