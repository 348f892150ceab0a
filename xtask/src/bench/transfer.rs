//! One large file up and down: over the API beside curl, and by S3 beside rclone, in turns against the same servers.
//!
//! The servers share the processors with whoever is measured, so what a server spends on a byte is in each figure.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Instant,
};

use anyhow::{Context as _, Result, bail};

use super::{Lacks, Setup, print_table};

/// Bytes of the file.
const SIZE: u64 = 1 << 30;

const ROUNDS: usize = 3;

/// Whimbrel's median may be this many times that of a peer.
const BOUND: f64 = 1.3;

/// MiB of memory that Whimbrel may take.
const MEMORY: f64 = 64.0;

/// What is best for rclone 1.60 of what was tried on two processors: no pass over the whole file for a hash of its own before
/// it is sent, and two streams down. More or larger parts at once gained nothing.
const TUNED_UP: &[&str] = &["--s3-disable-checksum", "--s3-no-check-bucket"];
const TUNED_DOWN: &[&str] = &["--multi-thread-streams", "2", "--ignore-checksum"];

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Up,
    Down,
}

#[derive(Clone, Copy, PartialEq)]
enum Over {
    Api,
    S3,
}

/// Who moves the file.
#[derive(Clone, Copy, PartialEq)]
enum Mover {
    Whimbrel,
    Curl,
    Rclone,
    RcloneTuned,
}

impl Mover {
    fn name(self) -> &'static str {
        match self {
            Self::Whimbrel => "Whimbrel",
            Self::Curl => "curl",
            Self::Rclone => "rclone",
            Self::RcloneTuned => "rclone, tuned",
        }
    }
}

const CONTESTS: [(Over, Way, &[Mover]); 4] = [
    (Over::Api, Way::Up, &[Mover::Whimbrel, Mover::Curl]),
    (Over::Api, Way::Down, &[Mover::Whimbrel, Mover::Curl]),
    (Over::S3, Way::Up, &[Mover::Whimbrel, Mover::Rclone, Mover::RcloneTuned]),
    (Over::S3, Way::Down, &[Mover::Whimbrel, Mover::Rclone, Mover::RcloneTuned]),
];

/// What one run took.
struct Took {
    seconds: f64,
    /// Of the processors, by the client alone.
    cpu: f64,
    /// MiB at the most.
    memory: f64,
}

pub(super) fn run(setup: &Setup) -> Result<()> {
    for (program, how) in [("rclone", "rclone"), ("curl", "curl"), ("/usr/bin/time", "time")] {
        let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if found.is_err() {
            return Err(Lacks(format!("{program} is not installed; `apt-get install {how}` does it")).into());
        }
    }
    let world = World::start(setup)?;
    let source = setup.folder.join("source.bin");
    std::io::copy(&mut File::open("/dev/urandom")?.take(SIZE), &mut File::create(&source)?)?;

    let mut took: Vec<Vec<Vec<Took>>> =
        CONTESTS.iter().map(|(.., movers)| movers.iter().map(|_| vec![]).collect()).collect();
    for round in 0..ROUNDS {
        for (contest, (over, way, movers)) in CONTESTS.iter().enumerate() {
            // Each comes first once, as the first may find the disk less busy.
            for turn in 0..movers.len() {
                let n = (turn + round) % movers.len();
                took[contest][n].push(world.measure(setup, *over, *way, movers[n], round)?);
            }
        }
    }

    let head = ["over", "way", "who", "best s", "median s", "MiB/s", "client CPU s", "peak MiB", "ours / theirs"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let mut broken = String::new();
    for ((over, way, movers), took) in CONTESTS.iter().zip(&took) {
        let ours = median(&took[0], |it| it.seconds);
        for (mover, took) in movers.iter().zip(took) {
            let seconds = median(took, |it| it.seconds);
            let best = took.iter().map(|it| it.seconds).fold(f64::INFINITY, f64::min);
            let memory = took.iter().map(|it| it.memory).fold(0.0, f64::max);
            let ratio = ours / seconds;
            let (over, way) =
                (if *over == Over::Api { "API" } else { "S3" }, if *way == Way::Up { "up" } else { "down" });
            rows.push(vec![
                over.to_owned(),
                way.to_owned(),
                mover.name().to_owned(),
                format!("{best:.2}"),
                format!("{seconds:.2}"),
                format!("{:.0}", SIZE as f64 / seconds / f64::from(1 << 20)),
                format!("{:.2}", median(took, |it| it.cpu)),
                format!("{memory:.1}"),
                if *mover == Mover::Whimbrel { String::new() } else { format!("{ratio:.2}") },
            ]);
            if ratio > BOUND {
                write!(broken, "; {over} {way}: {ratio:.2} times as long as {}", mover.name())?;
            }
            if *mover == Mover::Whimbrel && memory > MEMORY {
                write!(broken, "; {over} {way}: {memory:.1} MiB of memory")?;
            }
        }
    }
    let processors = thread::available_parallelism()?;
    println!("1 GiB of random bytes, {ROUNDS} rounds; the servers share {processors} processors with the clients");
    print_table(&rows);
    if broken.is_empty() { Ok(()) } else { bail!("{}", broken.trim_start_matches("; ")) }
}

fn median(took: &[Took], of: impl Fn(&Took) -> f64) -> f64 {
    let mut all: Vec<f64> = took.iter().map(of).collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// The sandbox and the S3 server, in a process of theirs that ends with this.
struct World {
    process: Child,
    url: String,
    token: String,
    project: String,
    web: String,
    bucket: String,
    endpoint: String,
    access: String,
    secret: String,
}

impl World {
    fn start(setup: &Setup) -> Result<Self> {
        let mut command = Command::new(setup.example("s3_world"));
        command.arg(setup.folder.join("buckets")).env("TMPDIR", &setup.folder).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let out = process.stdout.take().context("piped")?;
        let told: String = BufReader::new(out).lines().take(3).map(|line| line.unwrap_or_default() + " ").collect();
        let value = |name: &str| {
            let found = told.split(' ').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
            found.map(str::to_owned).unwrap_or_default()
        };
        let world = Self {
            process,
            url: value("COSCINE_URL"),
            token: value("COSCINE_API_TOKEN"),
            project: value("PROJECT"),
            web: value("WEB"),
            bucket: value("BUCKET"),
            endpoint: value("S3_ENDPOINT"),
            access: value("S3_ACCESS_KEY"),
            secret: value("S3_SECRET_KEY"),
        };
        if world.secret.is_empty() {
            bail!("the servers do not start");
        }
        Ok(world)
    }

    /// Moves the file once. What came is compared byte by byte after the clock was stopped.
    fn measure(&self, setup: &Setup, over: Over, way: Way, mover: Mover, round: usize) -> Result<Took> {
        // A new name each time: nobody replaces anything.
        let mine = format!("{}-{round}.bin", mover.name().replace(", ", "-").to_lowercase());
        let back = setup.folder.join("back.bin");
        // What is still to be written to the disk is nobody's in particular.
        Command::new("sync").status()?;
        let mut command = Command::new("/usr/bin/time");
        command.arg("-v").current_dir(&setup.folder);
        self.command(&mut command, setup, over, way, mover, &mine)?;
        let start = Instant::now();
        let output = command.stdin(Stdio::null()).output()?;
        let seconds = start.elapsed().as_secs_f64();
        let told = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            bail!("{}: {told}", mover.name());
        }
        let value = |name: &str| -> Result<f64> {
            let found = told.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(": "));
            Ok(found.with_context(|| format!("no {name}"))?.parse()?)
        };
        let cpu = value("User time (seconds)")? + value("System time (seconds)")?;
        let memory = value("Maximum resident set size (kbytes)")? / 1024.0;
        let arrived = match (over, way) {
            (_, Way::Down) => Some(back.clone()),
            (Over::S3, Way::Up) => Some(setup.folder.join("buckets").join(&self.bucket).join(&mine)),
            // Where the sandbox keeps it is its own business; the way down tells.
            (Over::Api, Way::Up) => None,
        };
        if let Some(arrived) = arrived
            && !same(&setup.folder.join("source.bin"), &arrived)
                .with_context(|| format!("{}: {}", mover.name(), arrived.display()))?
        {
            bail!("{}: other bytes came", mover.name());
        }
        if way == Way::Down {
            fs::remove_file(&back)?;
        }
        Ok(Took { seconds, cpu, memory })
    }

    fn command(
        &self,
        command: &mut Command,
        setup: &Setup,
        over: Over,
        way: Way,
        mover: Mover,
        mine: &str,
    ) -> Result<()> {
        match mover {
            Mover::Whimbrel => {
                command.env("COSCINE_URL", &self.url).env("COSCINE_API_TOKEN", &self.token);
                command.env("WHIMBREL_CACHE_DIR", setup.folder.join("cache")).arg(setup.program());
                let resource = if over == Over::Api { "Files" } else { "Bucket" };
                let there = format!("coscine://Demo/{resource}/{mine}");
                let (from, to) = if way == Way::Up { ("source.bin", &*there) } else { (&*there, "back.bin") };
                command.args(["cp", "-q", from, to]);
            }
            Mover::Curl => {
                let resource = format!("{}/api/v2/projects/{}/resources/{}", self.url, self.project, self.web);
                let content = format!("{resource}/storage/{mine}/content");
                let bearer = format!("authorization: Bearer {}", self.token);
                // Else curl asks first whether it may send, and waits for the answer.
                let basics = ["--silent", "--show-error", "--fail", "--header", &bearer, "--header", "expect:"];
                command.arg("curl").args(basics);
                if way == Way::Up {
                    // Metadata comes first, as the server demands; Whimbrel does so in the time that is measured, too.
                    fs::write(setup.folder.join("metadata.ttl"), "")?;
                    command.args(["--request", "PUT", "--header", "content-type: text/turtle"]);
                    command.args(["--data-binary", "@metadata.ttl"]);
                    command.arg(format!("{resource}/graphs/{mine}/metadata/content"));
                    command.arg("--next").args(basics).args(["--form", "file=@source.bin"]).arg(content);
                } else {
                    command.args(["--output", "back.bin"]).arg(content);
                }
            }
            Mover::Rclone | Mover::RcloneTuned => {
                let settings = [
                    ("TYPE", "s3"),
                    ("PROVIDER", "Other"),
                    ("ENDPOINT", &self.endpoint),
                    ("ACCESS_KEY_ID", &self.access),
                    ("SECRET_ACCESS_KEY", &self.secret),
                    ("REGION", "us-east-1"),
                    ("FORCE_PATH_STYLE", "true"),
                ];
                for (name, value) in settings {
                    command.env(format!("RCLONE_CONFIG_THERE_{name}"), value);
                }
                // Its S3 library can't have a bundle of certificates in rclone's own transport; here nothing is encrypted.
                command.env_remove("AWS_CA_BUNDLE").env("RCLONE_CONFIG", setup.folder.join("no-such.conf"));
                let there = format!("there:{}/{mine}", self.bucket);
                let (from, to) = if way == Way::Up { ("source.bin", &*there) } else { (&*there, "back.bin") };
                command.args(["rclone", "copyto", "--quiet", from, to]);
                if mover == Mover::RcloneTuned {
                    command.args(if way == Way::Up { TUNED_UP } else { TUNED_DOWN });
                }
            }
        }
        Ok(())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn same(one: &Path, other: &Path) -> Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut a, mut b) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    loop {
        let n = one.read(&mut a)?;
        other.read_exact(&mut b[..n])?;
        if n == 0 || a[..n] != b[..n] {
            return Ok(n == 0);
        }
    }
}
