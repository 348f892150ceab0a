//! `whimbrel sync`, `diff`, `verify`: a folder here and one in Coscine.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use shapes::{Format as TableFormat, Table};
use whimbrel::{
    Error,
    coscine::{Address, Client, DownloadDir, Metadata, MetadataTable, Resource, UploadDir},
    printable, shapes,
    transfer::{Action, Existing, Filter, Plan, Progress, Report, Way},
};

use super::dataset;
use crate::{
    args::{Compare, Format, Global, Limit, Sync, Verify},
    exit::{Done, Failure},
    output::{Column, Output},
    progress::{Bar, left},
    session,
};

const STEP: [Column; 4] = [("action", "/action"), ("path", "/path"), ("bytes", "/bytes"), ("why", "/why")];

/// Requests that Coscine answers in a minute.
const A_MINUTE: u64 = 500;

pub(crate) async fn run(global: &Global, sync: Sync) -> Done {
    // Whatever happens, the list is not that of another run.
    let failed_to = |text: &str| match &sync.failed_to {
        Some(file) => fs::write(file, text).map_err(|e| Error::io(file, e)),
        None => Ok(()),
    };
    failed_to("")?;
    let client = session::coscine(global)?;
    let progress = Progress::new();
    let report = if let Some(file) = &sync.apply {
        let plan = read_plan(file)?;
        let bar = Bar::start(global.quiet, &progress, left(client.connection()));
        let mut apply = client.apply(plan).jobs(sync.jobs).progress(progress.clone());
        if let Some(index) = session::index() {
            apply = apply.index(index);
        }
        let report = apply.send().await?;
        drop(bar);
        report
    } else {
        let [source, target] = &sync.sides[..] else { unreachable!("clap demands two") };
        let table = sync.metadata.as_deref().map(read_table).transpose()?;
        let mut filter = Filter::new(&sync.select.exclude, &sync.select.include)?;
        if let Some(below) = sync.metadata.as_deref().and_then(|table| name_below(table, Path::new(source))) {
            filter = filter.without(below);
        }
        let job = Job::new(&client, source, target, filter, sync.select.checksum, table).await?;
        let job =
            job.with(|up| up.delete(sync.delete).jobs(sync.jobs), |down| down.delete(sync.delete).jobs(sync.jobs));
        if sync.dry_run || sync.plan.is_some() {
            let plan = told(job.plan().await)?;
            if let Some(file) = &sync.plan {
                write_plan(file, &plan)?;
            } else {
                show(global, &plan).await?;
            }
            say_cost(global, &plan);
            return Ok(());
        }
        let job = job.with(|up| up.progress(progress.clone()), |down| down.progress(progress.clone()));
        let bar = Bar::start(global.quiet, &progress, left(client.connection()));
        let report = told(job.send().await)?;
        drop(bar);
        report
    };
    let failed: Vec<String> = report.failed.iter().map(|(path, _)| format!("{path}\n")).collect();
    failed_to(&failed.concat())?;
    finish(global, report)
}

pub(crate) async fn diff(global: &Global, compare: Compare) -> Done {
    let client = session::coscine(global)?;
    let job = Job::of(&client, &compare).await?;
    let plan = job.with(|up| up.delete(true), |down| down.delete(true)).plan().await?;
    show(global, &plan).await?;
    if plan.is_empty() { Ok(()) } else { Err(Failure::Told(1)) }
}

pub(crate) async fn verify(global: &Global, verify: Verify) -> Done {
    let is_dataset = verify.target.as_deref().is_none_or(dataset::is_remote) || dataset::is_remote(&verify.source);
    if is_dataset {
        return dataset::verify(global, &verify).await;
    }
    let Verify { source, target, select } = verify;
    let compare = Compare { source, target: target.unwrap_or_default(), select };
    let client = session::coscine(global)?;
    let job = Job::of(&client, &compare).await?;
    let plan = job.with(|up| up.checksum(true), |down| down.checksum(true)).plan().await?;
    show(global, &plan).await?;
    if !global.quiet {
        let (good, wrong) = (plan.unchanged, plan.steps.len());
        let known = plan.hashed;
        eprintln!(
            "whimbrel: {good} files are whole: {known} by their hash, {} by size and time; {wrong} are not",
            good - known
        );
    }
    if plan.is_empty() { Ok(()) } else { Err(Failure::Told(8)) }
}

/// A transfer one way or the other.
enum Job {
    Up(UploadDir),
    Down(DownloadDir),
}

impl Job {
    async fn of(client: &Client, compare: &Compare) -> Done<Self> {
        let filter = Filter::new(&compare.select.exclude, &compare.select.include)?;
        let job = Self::new(client, &compare.source, &compare.target, filter, compare.select.checksum, None).await?;
        // Looking asks nothing of a profile.
        Ok(job.with(|up| up.metadata(|_| Metadata::Nothing), |down| down))
    }

    async fn new(
        client: &Client,
        source: &str,
        target: &str,
        filter: Filter,
        checksum: bool,
        table: Option<MetadataTable>,
    ) -> Done<Self> {
        let is_remote = |text: &str| text.starts_with(Address::SCHEME);
        match (is_remote(source), is_remote(target)) {
            (false, true) => {
                let folder = PathBuf::from(source);
                if !fs::metadata(&folder).map_err(|e| Error::io(&folder, e))?.is_dir() {
                    return Err(Failure::Usage(format!("{source}: it is a file; send it with cp")));
                }
                let (resource, path) = place(client, target).await?;
                let mut up = resource.upload_dir(&folder).to(path).filter(filter).checksum(checksum);
                if let Some(table) = table {
                    say_unused_rows(&table, &folder);
                    up = up.metadata(move |file| table.metadata(&file.name));
                }
                Ok(Self::Up(up.existing(Existing::Update)).with_index())
            }
            (true, false) => {
                if table.is_some() {
                    return Err(Failure::Usage("metadata goes with files that are sent; these are fetched".to_owned()));
                }
                let (resource, path) = place(client, source).await?;
                let down = resource.download_dir(target).from(&path).filter(filter).checksum(checksum);
                Ok(Self::Down(down.existing(Existing::Update)).with_index())
            }
            _ => Err(Failure::Usage(
                "one of the two must be a folder here, the other coscine://project/resource".to_owned(),
            )),
        }
    }

    fn with(self, up: impl FnOnce(UploadDir) -> UploadDir, down: impl FnOnce(DownloadDir) -> DownloadDir) -> Self {
        match self {
            Self::Up(it) => Self::Up(up(it)),
            Self::Down(it) => Self::Down(down(it)),
        }
    }

    fn with_index(self) -> Self {
        match session::index() {
            Some(index) => self.with(|up| up.index(&index), |down| down.index(&index)),
            None => self,
        }
    }

    async fn plan(&self) -> whimbrel::Result<Plan> {
        match self {
            Self::Up(up) => up.plan().await,
            Self::Down(down) => down.plan().await,
        }
    }

    async fn send(self) -> whimbrel::Result<Report> {
        match self {
            Self::Up(up) => up.send().await,
            Self::Down(down) => down.send().await,
        }
    }
}

/// The resource of an address, and the path in it.
pub(crate) async fn place(client: &Client, address: &str) -> Done<(Resource, String)> {
    let address: Address = address.parse()?;
    Ok((resource_of(client, &address).await?, address.path))
}

/// The resource of an address.
pub(crate) async fn resource_of(client: &Client, address: &Address) -> Done<Resource> {
    let Some(resource) = &address.resource else {
        return Err(Failure::Usage(format!("{address}: name a resource too: coscine://project/resource/path")));
    };
    Ok(client.project(&address.project).await?.resource(resource).await?)
}

/// A table of metadata, by the end of its name.
pub(crate) fn read_table(path: &Path) -> Done<MetadataTable> {
    let name = path.display().to_string();
    let format = TableFormat::of_file(&name).map_err(Error::from)?;
    let content = fs::read(path).map_err(|e| Error::io(path, e))?;
    Ok(MetadataTable::new(Table::read(&content, format, &name).map_err(Error::from)?)?)
}

/// What the table is called below the folder, if it lies among the data: it is none of them.
pub(crate) fn name_below(table: &Path, folder: &Path) -> Option<String> {
    let below = table.canonicalize().ok()?.strip_prefix(folder.canonicalize().ok()?).ok()?.to_owned();
    Some(below.iter().map(|it| it.to_str()).collect::<Option<Vec<_>>>()?.join("/"))
}

/// A row of a file that is not there is mistyped, most likely.
pub(crate) fn say_unused_rows(table: &MetadataTable, folder: &Path) {
    for row in table.rows_without_file(|path| folder.join(path).exists()) {
        eprintln!("whimbrel: {}: there is no such file", printable(&row.place.to_string()));
    }
}

/// What is wrong with metadata is told line by line; nothing was sent then.
pub(crate) fn told<T>(result: whimbrel::Result<T>) -> Done<T> {
    result.map_err(|error| {
        if error.findings().len() < 2 {
            return error.into();
        }
        for finding in error.findings() {
            eprintln!("{}", printable(&finding.to_string()));
        }
        let n = error.findings().len();
        eprintln!("whimbrel: nothing was sent, as {n} values do not follow the profile");
        Failure::Told(6)
    })
}

fn read_plan(file: &Path) -> Done<Plan> {
    let text = fs::read(file).map_err(|e| Error::io(file, e))?;
    let wrong = |e| Error::invalid(format!("this is no plan of sync: {e}")).about(file.display().to_string());
    Ok(serde_json::from_slice(&text).map_err(wrong)?)
}

fn write_plan(file: &Path, plan: &Plan) -> Done {
    let told = |e| Error::io(file, e);
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut whole = tempfile::NamedTempFile::new_in(folder).map_err(told)?;
    writeln!(whole, "{:#}", json!(plan)).map_err(told)?;
    whole.persist(file).map_err(|e| Error::io(file, e.error))?;
    Ok(())
}

async fn show(global: &Global, plan: &Plan) -> Done {
    if global.output == Format::Json {
        return Output::new(global).thing(json!(plan));
    }
    let steps: Vec<Value> = plan.steps.iter().map(|step| json!(step)).collect();
    Output::new(global).all(steps, &STEP, Limit { limit: None }).await
}

/// What a plan costs: on the standard error, as it is no result.
fn say_cost(global: &Global, plan: &Plan) {
    if global.quiet {
        return;
    }
    let cost = plan.cost();
    let counts = [
        (Action::Add, "to add"),
        (Action::Replace, "to replace"),
        (Action::Metadata, "with other metadata"),
        (Action::Delete, "to delete"),
    ];
    let counts: Vec<_> = counts.iter().map(|(action, what)| format!("{} {what}", plan.count(*action))).collect();
    eprintln!("whimbrel: {}, {} unchanged", counts.join(", "), plan.unchanged);
    let minutes = match cost.requests.div_ceil(A_MINUTE) {
        0 | 1 => "less than a minute".to_owned(),
        minutes => format!("some {minutes} minutes"),
    };
    let (requests, bytes) = (cost.requests, indicatif::HumanBytes(cost.bytes));
    eprintln!("whimbrel: {requests} requests, at {A_MINUTE} a minute {minutes}; {bytes} to move");
    if plan.way == Way::Up {
        let old = match cost.old {
            0 => String::new(),
            old => format!("; {} of old versions keep theirs for 7 days", indicatif::HumanBytes(old)),
        };
        eprintln!("whimbrel: {} of quota, as a file takes 256 kB at least{old}", indicatif::HumanBytes(cost.quota));
    }
}

fn finish(global: &Global, report: Report) -> Done {
    for (name, error) in &report.failed {
        eprintln!("whimbrel: {}: {error}", printable(name));
    }
    if !global.quiet {
        let Report { done, deleted, unchanged, .. } = report;
        let (bytes, seconds) = (indicatif::HumanBytes(report.bytes), report.elapsed.as_secs_f64());
        let deleted = if deleted > 0 { format!(", {deleted} deleted") } else { String::new() };
        let failed = if report.failed.is_empty() { String::new() } else { format!(", {} failed", report.failed.len()) };
        eprintln!("whimbrel: {done} files, {bytes} in {seconds:.1} s; {unchanged} unchanged{deleted}{failed}");
    }
    report.into_result()?;
    Ok(())
}
