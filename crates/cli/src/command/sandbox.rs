//! `whimbrel sandbox`.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    time::Duration,
};

use sandbox::{FaultPlan, Options};

use crate::{
    args::{DserverRelease, Sandbox, Seed},
    exit::{Done, Failure},
};

pub(crate) async fn run(arguments: Sandbox) -> Done {
    let faults = match &arguments.faults {
        None => FaultPlan::default(),
        Some(path) => {
            let told = |why: String| Failure::Usage(format!("{}: {why}", path.display()));
            let text = std::fs::read_to_string(path).map_err(|e| told(e.to_string()))?;
            serde_json::from_str(&text).map_err(|e| told(format!("this is no plan of faults: {e}")))?
        }
    };
    let Seed::Demo = arguments.seed;
    let latency = Duration::from_millis(arguments.latency);
    let requests_per_minute = Some(arguments.requests_per_minute).filter(|it| *it > 0);
    let Sandbox { port, lenient, dserver_port, datasets, cocaine_port, datasift_port, .. } = arguments;
    let datasift = sandbox::datasift::Options {
        port: datasift_port,
        interactions_every: Some(arguments.interactions_every).filter(|it| *it > 0).map(Duration::from_millis),
        ..sandbox::datasift::Options::default()
    };
    let dserver_release = match arguments.dserver_release {
        DserverRelease::Released => sandbox::DserverRelease::Released,
        DserverRelease::Next => sandbox::DserverRelease::Next,
    };
    let options = Options { port, faults, latency, lenient, requests_per_minute, ..Options::default() };
    let options = Options { dserver_port, dserver_release, datasets, cocaine_port, datasift, ..options };
    let started = sandbox::Sandbox::start(options).await;
    let told = |e: io::Error| {
        let ports = format!("{port}, {dserver_port}, {cocaine_port} and {datasift_port}");
        Failure::Other(format!("the sandbox does not start (ports {ports}): {e}"))
    };
    let sandbox = started.map_err(told)?;
    let lines = told_of(&sandbox).expect("a String takes all");
    // All at once, and whoever reads may have gone after the first line: that is no reason to stop.
    let mut out = io::stdout();
    match out.write_all(lines.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => return Err(e.into()),
        _ => {}
    }
    std::future::pending().await
}

/// Where the services are, in lines that a shell reads; who else there is stands in comments.
fn told_of(sandbox: &sandbox::Sandbox) -> Result<String, std::fmt::Error> {
    let mut lines = String::new();
    for (n, (user, token)) in sandbox.tokens().iter().enumerate() {
        if n == 0 {
            writeln!(lines, "export COSCINE_URL={} COSCINE_API_TOKEN={token}  # {user}", sandbox.url())?;
        } else {
            writeln!(lines, "# {user}: export COSCINE_API_TOKEN={token}")?;
        }
    }
    let (dserver, usual) = (sandbox.dserver(), "testuser");
    let tokens = dserver.tokens();
    if let Some((user, token)) = tokens.iter().find(|(user, _)| user == usual) {
        writeln!(lines, "export DSERVER_URL={} DSERVER_TOKEN={token}  # {user}", dserver.url())?;
    }
    for (user, token) in tokens.iter().filter(|(user, _)| user != usual) {
        writeln!(lines, "# {user}: export DSERVER_TOKEN={token}")?;
    }
    let (generator, password) = (dserver.token_generator_url(), dserver.password());
    writeln!(lines, "# or: export DSERVER_TOKEN_GENERATOR_URL={generator}")?;
    writeln!(lines, "# with: export DSERVER_USERNAME={usual} DSERVER_PASSWORD={password}")?;
    let cocaine = sandbox.cocaine();
    writeln!(lines, "export COCAINE_LOCATOR={}", cocaine.locator())?;
    writeln!(lines, "# 0.11, with --runtime 0.11: export COCAINE_LOCATOR={}", cocaine.older_locator())?;
    let datasift = sandbox.datasift();
    let (url, user, key) = (datasift.url(), datasift.user(), datasift.key());
    writeln!(lines, "export DATASIFT_URL={url} DATASIFT_USER={user} DATASIFT_API_KEY={key}")?;
    writeln!(lines, "# an identity, for tasks: export DATASIFT_API_KEY={}", datasift.identity_key())?;
    writeln!(lines, "# a stream: {}, a source to ingest to: {}", datasift.stream(), datasift.source())?;
    Ok(lines)
}
