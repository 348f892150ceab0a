//! Calls of Cocaine a second over one connection: ours beside a bare socket that writes frames packed beforehand, and beside
//! the Python client that there was before, against the same server.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{Lacks, Setup, output, print_table};
use crate::venv::{self, Venv, run_quietly};

/// The client, and what it still runs with: later ones of either decode to text, or have no loop of the old kind.
const OLD: [&str; 3] = ["cocaine==0.12.14.5", "tornado==4.5.3", "msgpack==0.6.2"];

const ROUNDS: usize = 5;

/// Ours, of what a bare socket does that writes one frame after another.
const BARE: f64 = 0.6;
/// Ours, of what the Python client does.
const PYTHON: f64 = 5.0;

struct Way {
    name: &'static str,
    shown: &'static str,
    calls: u64,
    /// Calls a second of each round.
    rates: Vec<f64>,
}

impl Way {
    fn rate(&self) -> f64 {
        let mut rates = self.rates.clone();
        rates.sort_by(f64::total_cmp);
        rates.get(rates.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

pub(super) fn run(setup: &Setup) -> Result<()> {
    const OLD_ENOUGH: &str = "import sys; sys.exit(sys.version_info >= (3, 12))";
    if run_quietly(Command::new(venv::python()?).args(["-c", OLD_ENOUGH])).is_err() {
        return Err(Lacks("the Python client that there was runs with Python 3.11 at most".to_owned()).into());
    }
    let place = crate::target(&setup.root).join("judges/cocaine-0.12.14.5");
    let python = Venv::with(place, &OLD, &OLD.join("\n"), |_| Ok(()))?.python();
    let server = Server::start(setup)?;
    let way = |name, shown, calls| Way { name, shown, calls, rates: vec![] };
    let mut ways = [
        way("client", "Whimbrel", 200_000),
        way("bare", "a bare socket, a frame at a time", 200_000),
        // What the server and the loopback can carry: no client that is waited for sends so.
        way("together", "a bare socket, 512 frames at a time", 1_000_000),
        way("python", "cocaine 0.12.14.5 (Python)", 10_000),
    ];
    // In turn, so that whatever else the machine does is met by all.
    for _ in 0..ROUNDS {
        for way in &mut ways {
            let mut command = match way.name {
                "python" => {
                    let mut command = Command::new(&python);
                    command.arg(setup.root.join("tests/judges/cocaine_calls.py"));
                    command
                }
                name => {
                    let mut command = Command::new(setup.example("pipelined"));
                    command.arg(name);
                    command
                }
            };
            let told = output(command.arg(&server.address).arg(way.calls.to_string()))?;
            let told: Value = serde_json::from_str(&told)?;
            way.rates.push(way.calls as f64 / told["seconds"].as_f64().context("no seconds")?);
        }
    }
    let ours = ways[0].rate();
    let mut rows = vec![["", "calls a second", "least", "most", "Whimbrel / it"].map(str::to_owned).to_vec()];
    for way in &ways {
        let least = way.rates.iter().copied().fold(f64::INFINITY, f64::min);
        let most = way.rates.iter().copied().fold(0.0, f64::max);
        let rate = |it: f64| format!("{it:.0}");
        let ratio = format!("{:.2}", ours / way.rate());
        rows.push(vec![way.shown.to_owned(), rate(way.rate()), rate(least), rate(most), ratio]);
    }
    println!(
        "512 calls on their way at once over one connection to one fast server on loopback; each way in processes of its own, \
         medians of {ROUNDS} rounds"
    );
    print_table(&rows);
    let of = |name: &str| ours / ways.iter().find(|it| it.name == name).map_or(f64::NAN, Way::rate);
    ensure!(of("bare") >= BARE, "{:.2} times a bare socket, and not {BARE}", of("bare"));
    ensure!(of("python") >= PYTHON, "{:.1} times the Python client, and not {PYTHON}", of("python"));
    Ok(())
}

/// What is asked, in a process of its own that ends with this.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(setup: &Setup) -> Result<Self> {
        let mut command = Command::new(setup.example("pipelined"));
        let mut process = command.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut address = String::new();
        BufReader::new(process.stdout.take().context("piped")?).read_line(&mut address)?;
        Ok(Self { process, address: address.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
