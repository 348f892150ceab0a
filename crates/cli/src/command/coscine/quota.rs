use futures::{TryStreamExt as _, stream};
use serde_json::{Value, json};
use whimbrel::{
    Kind, Paged as _,
    coscine::{Project, ProjectQuota, Resource, ResourceQuota},
};

use super::{Session, each, ended};
use crate::{
    args::{
        Limit,
        coscine::{Quota, QuotaCommand},
    },
    exit::{Done, Failure},
    output::{Column, Output},
};

const OF_PROJECT: [Column; 5] = [
    ("type", "/resourceType"),
    ("used", "/used"),
    ("reserved", "/reserved"),
    ("allocated", "/allocated"),
    ("maximum", "/maximum"),
];

const PLAIN: [Column; 9] = [
    ("project", "/project"),
    ("project_id", "/projectId"),
    ("resource", "/resource"),
    ("resource_id", "/resourceId"),
    ("type", "/type"),
    ("used", "/used"),
    ("current", "/current"),
    ("versions", "/versions"),
    ("reserved", "/reserved"),
];

const BARS: [Column; 6] = [
    ("project", "/name"),
    ("type", "/type"),
    ("", "/bar"),
    ("current", "/current"),
    ("old versions", "/versions"),
    ("reserved", "/reserved"),
];

pub(super) async fn run(at: Session<'_>, quota: Quota) -> Done {
    if quota.command.is_some() && !quota.project.is_empty() {
        // Not clap's to refuse: it would refuse the options for all commands too.
        return Err(Failure::Usage(
            "--project is for the overview; list, show and set take the project's name".to_owned(),
        ));
    }
    match quota.command {
        None => overview(at, &quota.project).await,
        Some(QuotaCommand::List { project, limit }) => {
            let all: Vec<_> = at.client.project(&project).await?.quotas().stream().try_collect().await?;
            let rows = all.iter().map(|it| of_project(&at.output, it)).collect();
            at.output.all(rows, &OF_PROJECT, limit).await
        }
        Some(QuotaCommand::Show { project, kind }) => {
            let quota = at.client.project(&project).await?.quota(&kind).await?;
            let shown = of_project(&at.output, &quota);
            at.output.thing(shown)
        }
        Some(QuotaCommand::Set { project, kind, size, maximum }) => {
            let project = at.client.project(&project).await?;
            let what = format!("{kind} of {:?} may reserve {}", project.display_name(), indicatif::HumanBytes(size));
            at.told(project.set_quota(&kind, size, maximum), &what).await
        }
    }
}

fn of_project(output: &Output, quota: &ProjectQuota) -> Value {
    let size = |bytes: Option<u64>| bytes.map(|it| output.size(it));
    json!({
        "resourceType": quota.resource_type, "resourceTypeId": quota.resource_type_id, "used": size(quota.used),
        "reserved": size(quota.reserved), "allocated": size(quota.allocated), "maximum": size(quota.maximum),
    })
}

/// What takes space, as far as the server tells.
#[derive(Clone, Copy, Default)]
struct Space {
    used: Option<u64>,
    versions: Option<u64>,
    reserved: Option<u64>,
}

impl From<&ResourceQuota> for Space {
    fn from(quota: &ResourceQuota) -> Self {
        Self { used: quota.used, versions: quota.versions, reserved: quota.reserved }
    }
}

impl Space {
    /// What is not told counts as nothing, unless nothing was told at all.
    fn plus(self, other: Self) -> Self {
        let sum = |a: Option<u64>, b: Option<u64>| match (a, b) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or_default().saturating_add(b.unwrap_or_default())),
        };
        Self {
            used: sum(self.used, other.used),
            versions: sum(self.versions, other.versions),
            reserved: sum(self.reserved, other.reserved),
        }
    }

    fn current(self) -> Option<u64> {
        self.used.map(|used| used.saturating_sub(self.versions.unwrap_or_default()))
    }

    fn bar(self) -> String {
        match (self.current(), self.reserved) {
            (Some(current), Some(reserved)) if reserved > 0 => {
                bar(current, self.versions.unwrap_or_default(), reserved)
            }
            _ => String::new(),
        }
    }
}

const WIDTH: u64 = 20;

/// What is there is seen: anything but nothing has a cell at least.
fn bar(current: u64, versions: u64, reserved: u64) -> String {
    let cells = |bytes: u64| {
        let cells = (bytes as f64 / reserved as f64 * WIDTH as f64).round() as u64;
        cells.clamp(u64::from(bytes > 0), WIDTH)
    };
    let old = cells(versions).min(WIDTH - u64::from(current > 0));
    let now = cells(current).min(WIDTH - old);
    let draw = |what: &str, n: u64| what.repeat(n as usize);
    draw("▓", now) + &draw("▒", old) + &draw("░", WIDTH - now - old)
}

/// The space of every resource of these projects, or of all.
async fn overview(at: Session<'_>, names: &[String]) -> Done {
    let Session { client, output, .. } = &at;
    let projects: Vec<Project> = match names {
        [] => client.projects().stream().try_collect().await?,
        _ => each(names.iter().map(|name| client.project(name))).await.into_iter().collect::<Result<_, _>>()?,
    };
    let lists = each(projects.iter().map(|it| it.resources().stream().try_collect::<Vec<Resource>>())).await;
    let mut known = vec![];
    for (project, list) in projects.iter().zip(lists) {
        match list {
            Ok(resources) => known.extend(resources.into_iter().map(|resource| (project, resource))),
            // One that is shown, but not shared.
            Err(error) if error.kind() == Kind::Forbidden && names.is_empty() => {}
            Err(error) => return Err(error.into()),
        }
    }
    let quotas = each(known.iter().map(|(_, resource)| resource.quota_with_versions())).await;
    let (count, mut failed, mut rows) = (known.len(), 0, vec![]);
    let size = |bytes: Option<u64>| bytes.map(|it| output.size(it));
    let row = |name: String, kind: &str, space: Space| {
        json!({
            "name": name, "type": kind, "bar": space.bar(), "current": size(space.current()),
            "versions": size(space.versions), "reserved": size(space.reserved),
        })
    };
    // The list is by project already.
    let mut sum: Option<(&str, usize, Space)> = None;
    for ((project, resource), quota) in known.iter().zip(quotas) {
        let space = match &quota {
            Ok(quota) => Space::from(quota),
            Err(error) => {
                failed += 1;
                eprintln!("whimbrel: {error}");
                Space::default()
            }
        };
        if !output.is_table() {
            rows.push(json!({
                "project": project.display_name(), "projectId": project.id(), "resource": resource.display_name(),
                "resourceId": resource.id(), "type": resource.resource_type(), "used": space.used,
                "current": space.current(), "versions": space.versions, "reserved": space.reserved,
            }));
            continue;
        }
        let (at, all) = match sum {
            Some((id, at, all)) if id == project.id() => (at, all.plus(space)),
            _ => {
                rows.push(Value::Null);
                (rows.len() - 1, space)
            }
        };
        rows[at] = row(project.display_name().to_owned(), "", all);
        rows.push(row(format!("  {}", resource.display_name()), resource.resource_type(), space));
        sum = Some((project.id(), at, all));
    }
    let (columns, legend): (&[Column], _) = match output.is_table() {
        true => (&BARS, Some(Output::new(at.global))),
        false => (&PLAIN, None),
    };
    at.output.rows(stream::iter(rows.into_iter().map(Ok)), columns, Limit::NONE).await?;
    if let Some(output) = legend {
        output.note("▓ current files, ▒ old versions, ░ free; what failed uploads take the service does not tell");
    }
    ended(failed, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_shows_all_that_is_there() {
        assert_eq!(bar(0, 0, 100), "░".repeat(20));
        assert_eq!(bar(1, 1, 1_000_000), format!("▓▒{}", "░".repeat(18)));
        assert_eq!(bar(50, 25, 100), format!("{}{}{}", "▓".repeat(10), "▒".repeat(5), "░".repeat(5)));
        assert_eq!(bar(500, 0, 100), "▓".repeat(20), "more than there is");
        assert_eq!(bar(1, 500, 100), format!("▓{}", "▒".repeat(19)));
    }

    #[test]
    fn what_is_not_told_is_not_made_up() {
        let nothing = Space::default();
        assert_eq!((nothing.plus(nothing).used, nothing.current(), nothing.bar()), (None, None, String::new()));
        let some = Space { used: Some(3), versions: Some(1), reserved: Some(9) };
        assert_eq!((some.plus(nothing).current(), some.plus(some).reserved), (Some(2), Some(18)));
    }
}
