//! Calls of a real dserver with 2,000 datasets: beside a bare HTTP client, curl, and the client that there was before.

mod delay;
mod server;

use std::{
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use self::server::{Dserver, tell};
use super::{Lacks, Setup, print_table};
use crate::judges;

const DATASETS: usize = 2_000;

/// Calls that are timed one by one, in each of so many rounds.
const CALLS: usize = 200;
const ROUNDS: usize = 3;

/// The old client takes a tenth of a second for each, so it does fewer.
const OLD_CALLS: usize = 50;

/// The SDK's median may be this many times that of a bare client.
const OVERHEAD: f64 = 1.5;

/// What a way to a server takes, which loopback does not.
const LATENCY: Duration = Duration::from_millis(20);

/// Many readmes at once must be so many times as fast as one after another.
const AT_ONCE: f64 = 5.0;

/// MiB that a whole listing may take more than its first page.
const MORE_MEMORY: f64 = 4.0;

/// Processes at once, and the calls of each.
const PROCESSES: usize = 8;
const CALLS_OF_EACH: usize = 100;
const OLD_CALLS_OF_EACH: usize = 25;

pub(super) fn run(setup: &Setup) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Err(Lacks("a real dserver runs on Linux only".to_owned()).into());
    }
    let start = Instant::now();
    let dserver = Dserver::start(setup, DATASETS)?;
    println!(
        "dserver 0.22.0 with {DATASETS} datasets, MongoDB and SQLite, gunicorn with {} processes of {} threads, all on this \
         machine's {} processors; it was up after {:.0} s",
        Dserver::WORKERS,
        Dserver::THREADS,
        thread::available_parallelism()?,
        start.elapsed().as_secs_f64()
    );
    let mut broken = vec![];
    broken.extend(show(setup, &dserver)?);
    broken.extend(list(setup, &dserver)?);
    broken.extend(readmes(setup, &dserver)?);
    broken.extend(processes(setup, &dserver)?);
    ensure!(broken.is_empty(), "{}", broken.join("; "));
    Ok(())
}

/// One call after another on one client: how much more than a bare client the SDK takes.
fn show(setup: &Setup, dserver: &Dserver) -> Result<Option<String>> {
    let old = judges::one(&setup.root, "dtool-lookup-api-0.10.3")?;
    let home = setup.folder.join("home");
    dserver.configure(&home)?;
    let uris = dserver.uris(CALLS);
    let with_curl = Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_ok();
    let (mut sdk, mut bare, mut curl, mut server) = (vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        sdk.extend(milliseconds(&dserver.example(setup, "show", &uris, None)?));
        server.extend(dserver.served()?);
        bare.extend(milliseconds(&dserver.example(setup, "bare", &uris, None)?));
        server.extend(dserver.served()?);
        if with_curl {
            curl.extend(dserver.curl(&uris)?);
            server.extend(dserver.served()?);
        }
    }
    let (asked, requests) = (sdk.len() + bare.len() + curl.len(), server.len());
    let told = tell(Command::new(old).arg(setup.root.join("tests/judges/dtool_lookup.py")).env("HOME", &home), {
        &uris[..OLD_CALLS]
    })?;
    let failed = told["failed"].as_array().context("failed")?.len();
    let (old, of_old) = (milliseconds(&told), dserver.served()?.len());

    println!("\n{CALLS} datasets shown one after another, {ROUNDS} rounds in turns; ms a call");
    let ours = median(&sdk);
    let row = |who: &str, took: &[f64], requests: f64| {
        let figures = [median(took), quantile(took, 0.95)].map(|it| format!("{it:.2}"));
        let [median_of, late] = figures;
        let ratio = format!("{:.2}", median(took) / median(&bare));
        vec![who.to_owned(), median_of, late, ratio, format!("{requests:.1}")]
    };
    let mut rows = vec![["who", "median", "95 %", "/ bare", "requests a call"].map(str::to_owned).to_vec()];
    let each = requests as f64 / asked as f64;
    rows.push(row("Whimbrel's SDK", &sdk, each));
    rows.push(row("reqwest alone", &bare, each));
    if with_curl {
        rows.push(row("curl", &curl, each));
    }
    rows.push(row("dtool-lookup-api 0.10.3", &old, of_old as f64 / OLD_CALLS as f64));
    rows.push(row("in the server itself", &server, 1.0));
    print_table(&rows);
    println!("of {OLD_CALLS} calls of dtool-lookup-api {failed} failed");
    if requests != asked {
        return Ok(Some(format!("{asked} calls were {requests} requests")));
    }
    let ratio = ours / median(&bare);
    Ok((ratio > OVERHEAD).then(|| format!("a call takes {ratio:.2} times as long as a bare one")))
}

/// All datasets, page by page: requests, and memory.
fn list(setup: &Setup, dserver: &Dserver) -> Result<Option<String>> {
    let page = dserver.example(setup, "page", &[], None)?;
    dserver.served()?;
    let all = dserver.example(setup, "list", &[], None)?;
    let requests = dserver.served()?.len();
    let count = all["count"].as_u64().context("count")?;
    let peak = |told: &Value| Ok::<_, anyhow::Error>(told["peak_kib"].as_f64().context("peak_kib")? / 1024.0);
    let (small, large) = (peak(&page)?, peak(&all)?);
    let seconds = all["seconds"].as_f64().context("seconds")?;
    println!(
        "\n{count} datasets listed in {requests} requests and {seconds:.2} s; peak memory {large:.1} MiB, of a single page {small:.1} MiB"
    );
    if count != DATASETS as u64 || requests != DATASETS / 100 {
        return Ok(Some(format!("{count} datasets came in {requests} requests")));
    }
    Ok((large - small > MORE_MEMORY).then(|| format!("a listing takes {:.1} MiB", large - small)))
}

/// The readmes of all, many at once and one after another, on one client each.
fn readmes(setup: &Setup, dserver: &Dserver) -> Result<Option<String>> {
    let uris = dserver.uris(DATASETS);
    let far = delay::behind(&dserver.url, LATENCY)?;
    let mut rows = vec![["way", "one after another", "at once", "times as fast"].map(str::to_owned).to_vec()];
    let mut broken = None;
    let millis = LATENCY.as_millis();
    for (way, url) in [("loopback".to_owned(), None), (format!("{millis} ms more a round trip"), Some(&*far))] {
        let mut took = [0.0; 2];
        for (took, job) in took.iter_mut().zip(["readmes-in-turn", "readmes"]) {
            let told = dserver.example(setup, job, &uris, url)?;
            ensure!(told["count"] == DATASETS, "{job}: {} readmes came", told["count"]);
            *took = told["seconds"].as_f64().context("seconds")?;
        }
        let [in_turn, at_once] = took;
        let times = in_turn / at_once;
        let rate = DATASETS as f64 / at_once;
        rows.push(vec![
            way,
            format!("{in_turn:.1} s"),
            format!("{at_once:.1} s, {rate:.0} a second"),
            format!("{times:.1}"),
        ]);
        // On loopback nothing is waited for but the server, which has the same processors: there is no more to gain than they have.
        if url.is_some() && times < AT_ONCE {
            broken = Some(format!("{DATASETS} readmes at once are only {times:.1} times as fast"));
        }
    }
    println!("\n{DATASETS} readmes by one client; on loopback the server's processors are the bound");
    print_table(&rows);
    Ok(broken)
}

/// Processes that share a configuration and a cache.
fn processes(setup: &Setup, dserver: &Dserver) -> Result<Option<String>> {
    let home = setup.folder.join("shared");
    let config = dserver.configure(&home)?;
    let uris = dserver.uris(CALLS_OF_EACH);
    let start = Instant::now();
    let failed = at_once(PROCESSES, || {
        let mut failed = vec![];
        for (n, uri) in uris.iter().enumerate() {
            let mut command = Command::new(setup.program());
            // A manifest is kept, a dataset is not.
            command.args(["dserver", if n % 2 == 0 { "show" } else { "manifest" }, uri, "-o", "json"]);
            command.env_clear().env("DTOOL_CONFIG_DIR", &config).env("HOME", &home);
            command.env("WHIMBREL_CACHE_DIR", home.join("cache"));
            match command.stdin(Stdio::null()).output() {
                Ok(it) if it.status.success() && serde_json::from_slice::<Value>(&it.stdout).is_ok() => {}
                Ok(it) => failed.push(String::from_utf8_lossy(&it.stderr).trim().to_owned()),
                Err(why) => failed.push(why.to_string()),
            }
        }
        Ok(failed)
    })?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "\n{PROCESSES} times at once {CALLS_OF_EACH} runs of the program, one configuration and one cache: {} of {} failed, \
         in {seconds:.0} s",
        failed.len(),
        PROCESSES * CALLS_OF_EACH
    );
    let python = judges::one(&setup.root, "dtool-lookup-api-0.10.3")?;
    let script = setup.root.join("tests/judges/dtool_lookup.py");
    let uris = &uris[..OLD_CALLS_OF_EACH];
    let old = at_once(PROCESSES, || {
        let told = tell(Command::new(&python).arg(&script).env("HOME", &home), uris)?;
        let failed = told["failed"].as_array().context("failed")?.iter();
        Ok(failed.map(|it| it.as_str().unwrap_or_default().to_owned()).collect())
    })?;
    println!(
        "{PROCESSES} processes of dtool-lookup-api with {OLD_CALLS_OF_EACH} calls each: {} of {} failed{}",
        old.len(),
        PROCESSES * OLD_CALLS_OF_EACH,
        old.first().map(|why| format!(", the first with {why}")).unwrap_or_default()
    );
    Ok(failed.first().map(|why| format!("{} calls failed at once, the first: {why}", failed.len())))
}

/// What each of `n` threads gives, all of it.
fn at_once(n: usize, work: impl Fn() -> Result<Vec<String>> + Sync) -> Result<Vec<String>> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..n).map(|_| scope.spawn(&work)).collect();
        let mut all = vec![];
        for thread in threads {
            all.extend(thread.join().unwrap_or_else(|_| bail!("a thread ended"))?);
        }
        Ok(all)
    })
}

fn milliseconds(told: &Value) -> Vec<f64> {
    told["milliseconds"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

fn median(all: &[f64]) -> f64 {
    quantile(all, 0.5)
}

fn quantile(all: &[f64], part: f64) -> f64 {
    let mut all = all.to_vec();
    all.sort_by(f64::total_cmp);
    all.get((all.len() as f64 * part) as usize).copied().unwrap_or(f64::NAN)
}
