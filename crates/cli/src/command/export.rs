//! `whimbrel export`.

use whimbrel::{coscine::Address, ro_crate::Version, transfer::Progress};

use super::cp::summary;
use crate::{
    args::{Export, Global, RoCrate, Specification},
    exit::{Done, Failure},
    progress::{Bar, left},
    session,
};

pub(crate) async fn run(global: &Global, command: Export) -> Done {
    let Export::RoCrate(RoCrate { source, out, specification, metadata_only, overwrite, jobs }) = command;
    let address: Address = source.parse()?;
    if !address.path.is_empty() {
        return Err(Failure::Usage(format!("{address}: a crate is made of a whole resource or project")));
    }
    let client = session::coscine(global)?;
    let project = client.project(&address.project).await?;
    let export = match &address.resource {
        Some(resource) => project.resource(resource).await?.export(),
        None => project.export(),
    };
    let export = if metadata_only { export.without_content() } else { export };
    let version = match specification {
        Specification::V1_1 => Version::V1_1,
        Specification::V1_2 => Version::V1_2,
    };
    let progress = Progress::new();
    let bar = Bar::start(global.quiet, &progress, left(client.connection()));
    let export = export.version(version).overwrite(overwrite).jobs(jobs).progress(progress);
    let report = export.ro_crate(out).await?;
    drop(bar);
    summary(global.quiet, &report);
    report.into_result()?;
    Ok(())
}
