//! Makes a folder in Coscine the same as one here, to be watched from outside: `cargo xtask bench sync` counts requests.
//!
//! usage: sync PROJECT RESOURCE FOLDER TO INDEX, with `COSCINE_URL` and `COSCINE_API_TOKEN` in the environment

#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::{env, error::Error};

use whimbrel::{CacheMode, coscine::Client};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [project, resource, folder, to, index] = &arguments[..] else {
        return Err("usage: sync PROJECT RESOURCE FOLDER TO INDEX".into());
    };
    let client = Client::builder().url(env::var("COSCINE_URL")?).token(env::var("COSCINE_API_TOKEN")?);
    let client = client.cache(CacheMode::Off).build()?;
    let resource = client.project(project).await?.resource(resource).await?;
    let report = resource.upload_dir(folder).to(to).index(index).sync().await?;
    if let Some((name, error)) = report.failed.into_iter().next() {
        return Err(format!("{name}: {error}").into());
    }
    let (done, unchanged, seconds) = (report.done, report.unchanged, report.elapsed.as_secs_f64());
    println!(r#"{{"done": {done}, "unchanged": {unchanged}, "seconds": {seconds}}}"#);
    Ok(())
}
