use std::{collections::HashMap, path::PathBuf, time::Instant};

use futures::TryStreamExt as _;

use super::{Client, Resource, download, upload};
use crate::{
    Error, Kind, Result,
    transfer::{self, Plan, Progress, Report, Way},
};

/// Does what a plan says; see [`Client::apply`].
#[must_use]
pub struct Apply {
    client: Client,
    plan: Plan,
    index: Option<PathBuf>,
    jobs: usize,
    progress: Progress,
}

impl Client {
    /// Does what a plan says, and no more: a file that has changed since the plan was made is reported and not touched.
    pub fn apply(&self, plan: Plan) -> Apply {
        Apply { client: self.clone(), plan, index: None, jobs: transfer::JOBS, progress: Progress::new() }
    }
}

impl Apply {
    /// A folder for the index of transferred files; the same as that of the plan.
    pub fn index(self, folder: impl Into<PathBuf>) -> Self {
        Self { index: Some(folder.into()), ..self }
    }

    /// How many files are on their way at once.
    pub fn jobs(self, jobs: usize) -> Self {
        Self { jobs: jobs.max(1), ..self }
    }

    /// Counters to watch it by.
    pub fn progress(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    /// Does it.
    ///
    /// # Errors
    /// What is wrong before anything was moved, as that the plan is another server's. What fails later is in the report.
    pub async fn send(self) -> Result<Report> {
        let start = Instant::now();
        let Self { client, plan, index, jobs, progress } = self;
        let here = client.connection().base_url();
        if plan.remote.url != here {
            let message = format!("the plan was made for {}, and this is {here}", plan.remote.url);
            return Err(Error::invalid(message));
        }
        let resource: Resource = client.project(&plan.remote.project).await?.resource(&plan.remote.resource).await?;
        let index = upload::index_of(&resource, index.as_deref())?;
        let mut report = Report { unchanged: plan.unchanged, skipped: plan.skipped, ..Report::default() };
        report.hashed = plan.hashed;
        // A plan is a file, and may come from anybody: its names are looked at before anything else.
        match plan.way {
            Way::Up => drop(plan.outgoing()?),
            Way::Down => drop(plan.incoming()?),
        }
        let plan = still_true(&resource, plan, &progress, &mut report).await?;
        match plan.way {
            Way::Up => {
                let (ready, deleted) = plan.outgoing()?;
                upload::apply(&resource, ready, deleted, &index, jobs, &progress, &mut report).await;
            }
            Way::Down => {
                let (incoming, deleted) = plan.incoming()?;
                let folder = plan.local.clone();
                download::apply(&resource, &folder, incoming, deleted, &index, jobs, &progress, &mut report).await;
            }
        }
        report.elapsed = start.elapsed();
        Ok(report)
    }
}

/// The plan without the steps whose file there has changed since; these are reported.
async fn still_true(resource: &Resource, mut plan: Plan, progress: &Progress, report: &mut Report) -> Result<Plan> {
    let mut there = HashMap::new();
    let mut files = std::pin::pin!(resource.files().under(&plan.remote.folder).recursive().stream());
    loop {
        match files.try_next().await {
            Ok(Some(file)) => drop(there.insert(file.path.clone(), file.stamp())),
            Ok(None) => break,
            // A folder that is not there holds nothing.
            Err(error) if error.is_not_found() => break,
            Err(error) => return Err(error),
        }
    }
    let (good, changed): (Vec<_>, Vec<_>) = std::mem::take(&mut plan.steps)
        .into_iter()
        .partition(|step| there.get(&format!("{}{}", plan.remote.folder, step.path)) == step.there.as_ref());
    plan.steps = good;
    for step in changed {
        let message = "it was changed there since the plan was made; make a new plan";
        report.count(step.path, Err(Error::new(Kind::Conflict, message)), progress);
    }
    Ok(plan)
}
