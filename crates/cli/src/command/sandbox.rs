//! `whimbrel sandbox`.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    time::Duration,
};

use sandbox::{FaultPlan, Options};

use crate::{
    args::{Sandbox, Seed},
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
    let Sandbox { port, lenient, .. } = arguments;
    let options = Options { port, faults, latency, lenient, requests_per_minute, ..Options::default() };
    let started = sandbox::Sandbox::start(options).await;
    let sandbox = started.map_err(|e| Failure::Other(format!("port {}: {e}", arguments.port)))?;
    let mut lines = String::new();
    for (n, (user, token)) in sandbox.tokens().iter().enumerate() {
        if n == 0 {
            writeln!(lines, "export COSCINE_URL={} COSCINE_API_TOKEN={token}  # {user}", sandbox.url())
                .expect("a String takes all");
        } else {
            writeln!(lines, "# {user}: export COSCINE_API_TOKEN={token}").expect("a String takes all");
        }
    }
    // All at once, and whoever reads may have gone after the first line: that is no reason to stop.
    let mut out = io::stdout();
    match out.write_all(lines.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => return Err(e.into()),
        _ => {}
    }
    std::future::pending().await
}
