//! A sandbox whose resources of S3 types lie in an S3 server beside it, both in this process, over the folder that is
//! named: `s3_world FOLDER`. Prints what clients of each need to know, as `export NAME=VALUE`, and runs until it is ended.

#![allow(clippy::print_stdout, reason = "it tells where it is")]

use std::path::PathBuf;

use sandbox::{Options, S3, Sandbox};
use whimbrel_tests::s3::S3Server;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).expect("a folder for the buckets"));
    std::fs::create_dir_all(&folder)?;
    let keys = |name: &str| (format!("{name}-key"), format!("{name}-secret"));
    let (read, write) = (keys("read"), keys("write"));
    let server = S3Server::start(&folder, read.clone(), write.clone()).await;
    let (access, secret) = write.clone();
    let s3 = S3 { endpoint: server.endpoint().to_owned(), folder: folder.clone(), read, write };
    let sandbox = Sandbox::start(Options { s3: Some(s3), ..Options::default() }).await?;
    let token = sandbox.token("alice").expect("a user");
    let listed = async |path: String, name: &str| -> String {
        let url = format!("{}/api/v2/projects{path}?PageSize=50", sandbox.url());
        let asked = reqwest::Client::new().get(url).bearer_auth(&token).send().await.expect("it answers");
        let told: serde_json::Value = asked.json().await.expect("JSON");
        let found = told["data"].as_array().and_then(|them| them.iter().find(|it| it["name"] == name));
        found.and_then(|it| it["id"].as_str()).expect("it is there from the start").to_owned()
    };
    let project = listed(String::new(), "Demo").await;
    let of_project = |name| listed(format!("/{project}/resources"), name);
    let (files, bucket) = (of_project("Files").await, of_project("Bucket").await);
    println!("export COSCINE_URL={} COSCINE_API_TOKEN={token}", sandbox.url());
    println!("export PROJECT={project} WEB={files} BUCKET={bucket}");
    println!("export S3_ENDPOINT={} S3_ACCESS_KEY={access} S3_SECRET_KEY={secret}", server.endpoint());
    std::future::pending().await
}
