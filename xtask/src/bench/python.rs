//! The Python package beside what else one would write with: how long importing takes, and 10,000 small answers.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::{Setup, output, print_table};
use crate::{judges, python, venv::Venv};

/// What a Python program would get its answers with.
const CLIENTS: [&str; 3] = ["aiohttp==3.14.5", "httpx==0.28.1", "requests==2.34.2"];

const IMPORTS: usize = 20;
/// Those of what takes seconds.
const OLD_IMPORTS: usize = 3;
/// Milliseconds over Python alone.
const IMPORT: f64 = 40.0;

const ROUNDS: usize = 5;
const ANSWERS: usize = 10_000;
const IN_TURN: usize = 2_000;
/// At 64 at once, as fast as aiohttp and as requests with 8 threads, at least so many times.
const AIOHTTP: f64 = 3.0;
const REQUESTS: f64 = 8.0;

pub(super) fn run(setup: &Setup) -> Result<()> {
    let place = crate::target(&setup.root).join("judges/http-clients");
    let python = Venv::with(place, &CLIENTS, &CLIENTS.join("\n"), |_| Ok(()))?.python();
    let package = installed(setup)?;
    let mut broken = vec![];
    broken.extend(imports(setup, &python, &package)?);
    broken.extend(answers(setup, &python, &package)?);
    ensure!(broken.is_empty(), broken.join("; "));
    Ok(())
}

/// The package as a wheel would install it, in a folder of its own.
fn installed(setup: &Setup) -> Result<PathBuf> {
    let package = setup.folder.join("package");
    copy(&python::package(&setup.root).join("python/whimbrel"), &package.join("whimbrel"))?;
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(&setup.root).args(["build", "--profile", "wheel", "--package", "whimbrel-py", "--lib"]);
    ensure!(cargo.status()?.success(), "the package could not be built");
    let library = if cfg!(target_os = "macos") { "lib_native.dylib" } else { "lib_native.so" };
    fs::copy(crate::target(&setup.root).join("wheel").join(library), package.join("whimbrel/_native.abi3.so"))?;
    Ok(package)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy(&path, &to)?;
        } else if path.extension().is_some_and(|it| it == "py") {
            fs::copy(path, to)?;
        }
    }
    Ok(())
}

/// How long `import` takes, over Python alone, and the memory that is then in use.
fn imports(setup: &Setup, python: &Path, package: &Path) -> Result<Option<String>> {
    let ours = ["pass", "import whimbrel", "import whimbrel.coscine", "import whimbrel.dserver", "import whimbrel.aio"];
    let ours = ours.map(|it| (it.to_owned(), python.to_owned(), IMPORTS));
    let official = judges::one(&setup.root, "coscine-0.12.2")?;
    let old = ["pass", "import coscine"].map(|it| (it.to_owned(), official.clone(), OLD_IMPORTS));
    let mut rows = vec![["", "milliseconds", "over Python alone", "MB of memory"].map(str::to_owned).to_vec()];
    let mut broken = None;
    for group in [&ours[..], &old] {
        let run = |it: &(String, PathBuf, usize)| {
            let mut command = Command::new(&it.1);
            let code = "; import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)";
            command.arg("-c").arg(format!("{}{code}", it.0)).env("PYTHONPATH", package);
            let start = Instant::now();
            let told = output(&mut command)?;
            Ok::<_, anyhow::Error>((start.elapsed().as_secs_f64() * 1e3, told.trim().parse::<f64>()? / 1024.0))
        };
        // What is compiled and read for the first time is not counted.
        group.iter().try_for_each(|it| run(it).map(drop))?;
        let mut took = vec![vec![]; group.len()];
        for _ in 0..group[0].2 {
            for (took, it) in took.iter_mut().zip(group) {
                took.push(run(it)?);
            }
        }
        let medians: Vec<_> = took.iter().map(|all| (median(all.iter().map(|it| it.0)), all[0].1)).collect();
        let alone = medians[0].0;
        for ((what, ..), (took, memory)) in group.iter().zip(medians) {
            let over = took - alone;
            rows.push(vec![what.clone(), format!("{took:.1}"), format!("{over:.1}"), format!("{memory:.0}")]);
            if what == "import whimbrel" && over > IMPORT {
                broken = Some(format!("`{what}` takes {over:.0} ms over Python alone"));
            }
        }
    }
    println!("Medians of {IMPORTS} imports; of coscine 0.12.2 the median of {OLD_IMPORTS}");
    print_table(&rows);
    Ok(broken)
}

/// One way to get answers, and what it took.
#[derive(Default)]
struct Way {
    name: &'static str,
    seconds: Vec<f64>,
    /// Of a processor, for each answer, in microseconds.
    cpu: Vec<f64>,
    /// Microseconds of one call, where one is made after another.
    call: Vec<f64>,
}

impl Way {
    fn rate(&self) -> f64 {
        ANSWERS as f64 / median(self.seconds.iter().copied())
    }

    fn cost(&self) -> f64 {
        median(self.cpu.iter().copied())
    }
}

fn answers(setup: &Setup, python: &Path, package: &Path) -> Result<Option<String>> {
    let server = Server::start(setup)?;
    let way = |name| Way { name, ..Way::default() };
    let mut at_once: Vec<_> = ["aiohttp", "requests", "await", "gather", "submit", "map", "readmes"].map(way).into();
    let mut in_turn: Vec<_> = ["requests-in-turn", "httpx-in-turn", "plain-in-turn"].map(way).into();
    // In turn, so that whatever else the machine does is met by all.
    for _ in 0..ROUNDS {
        for (ways, count) in [(&mut at_once, ANSWERS), (&mut in_turn, IN_TURN)] {
            for way in ways {
                let mut command = Command::new(python);
                command.arg(setup.root.join("tests/judges/small_gets.py")).arg(way.name).arg(&server.url);
                command.arg(count.to_string()).env("PYTHONPATH", package).env("DTOOL_CONFIG_DIR", &setup.folder);
                let told = output(&mut command)?;
                let told: Value = serde_json::from_str(&told)?;
                let figure = |name: &str| told[name].as_f64().with_context(|| format!("no {name}"));
                way.seconds.push(figure("seconds")?);
                way.cpu.push(figure("cpu")? * 1e6 / count as f64);
                way.call.extend(told["median"].as_f64());
            }
        }
    }
    let [aiohttp, requests, ours @ ..] = &at_once[..] else { bail!("as many as were asked for") };
    let text = |it: &str| it.to_owned();
    let head = ["", "answers a second", "least", "most", "times aiohttp", "times requests", "us of CPU each"];
    let mut rows = vec![head.map(text).to_vec()];
    for way in &at_once {
        let rate = |seconds: Option<f64>| format!("{:.0}", ANSWERS as f64 / seconds.unwrap_or(f64::NAN));
        let name = match way.name {
            "aiohttp" | "requests" => text(way.name),
            name => format!("whimbrel, {name}"),
        };
        rows.push(vec![
            name,
            format!("{:.0}", way.rate()),
            rate(way.seconds.iter().copied().reduce(f64::max)),
            rate(way.seconds.iter().copied().reduce(f64::min)),
            format!("{:.1}", way.rate() / aiohttp.rate()),
            format!("{:.1}", way.rate() / requests.rate()),
            format!("{:.0}", way.cost()),
        ]);
    }
    println!(
        "\n{ANSWERS} small answers of one server on loopback, 64 at once (requests: 8 threads); each way in processes of its \
         own, medians of {ROUNDS} rounds"
    );
    print_table(&rows);
    let mut rows = vec![["", "us a call", "us of CPU each"].map(text).to_vec()];
    let call = |way: &Way| median(way.call.iter().copied());
    for way in &in_turn {
        rows.push(vec![text(way.name), format!("{:.0}", call(way)), format!("{:.0}", way.cost())]);
    }
    println!("\n{IN_TURN} plain calls, one after another");
    print_table(&rows);

    let mut broken = vec![];
    for way in ours {
        let (times_aiohttp, times_requests) = (way.rate() / aiohttp.rate(), way.rate() / requests.rate());
        if times_aiohttp < AIOHTTP || times_requests < REQUESTS {
            let name = way.name;
            broken.push(format!(
                "{name} is {times_aiohttp:.1} times as fast as aiohttp, {times_requests:.1} as requests"
            ));
        }
        if way.cost() >= aiohttp.cost().min(requests.cost()) {
            broken.push(format!("{} takes more of the processor than others", way.name));
        }
    }
    if in_turn[..2].iter().any(|theirs| call(&in_turn[2]) >= call(theirs)) {
        broken.push(text("a plain call takes longer than that of others"));
    }
    Ok((!broken.is_empty()).then(|| broken.join("; ")))
}

/// What is asked, in a process of its own that ends with this.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(setup: &Setup) -> Result<Self> {
        let mut command = Command::new(setup.example("small_answers"));
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        BufReader::new(process.stdout.take().context("piped")?).read_line(&mut url)?;
        Ok(Self { process, url: url.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn median(all: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<_> = all.collect();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}
