//! `whimbrel du`.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use whimbrel::{
    Paged as _,
    coscine::{Address, Resource},
};

use super::coscine::Session;
use crate::{
    args::{Du, Global, Limit},
    exit::Done,
    output::Column,
};

const COLUMNS: [Column; 3] = [("size", "/bytes"), ("files", "/files"), ("path", "/path")];

/// How many resources are counted at once; of each up to 8 folders are listed at once.
const RESOURCES_AT_ONCE: usize = 4;

/// Bytes and files.
#[derive(Clone, Copy, Default)]
struct Sum {
    bytes: u64,
    files: u64,
}

/// What lies below each folder, by its address.
type Sums = BTreeMap<String, Sum>;

pub(crate) async fn run(global: &Global, du: Du) -> Done {
    let at = Session::new(global)?;
    let address: Address = du.address.parse()?;
    let project = at.client.project(&address.project).await?;
    let mut sums = Sums::new();
    let whole = match &address.resource {
        Some(name) => {
            let resource = project.resource(name).await?;
            sums = count(&resource, &address, du.depth).await?;
            root(&address)
        }
        None => {
            let resources: Vec<Resource> = project.resources().stream().try_collect().await?;
            let counted = stream::iter(&resources).map(|resource| {
                let name = Some(resource.display_name().to_owned());
                let address = Address { project: address.project.clone(), resource: name, path: String::new() };
                async move { count(resource, &address, du.depth.saturating_sub(1)).await }
            });
            let mut counted = std::pin::pin!(counted.buffer_unordered(RESOURCES_AT_ONCE));
            let mut all = Sum::default();
            while let Some(of_resource) = counted.try_next().await? {
                // The shortest is the resource itself.
                let own = of_resource.iter().min_by_key(|(path, _)| path.len()).map(|(_, sum)| *sum);
                let own = own.unwrap_or_default();
                all = Sum { bytes: all.bytes + own.bytes, files: all.files + own.files };
                if du.depth > 0 {
                    sums.extend(of_resource);
                }
            }
            let whole = address.to_string();
            sums.insert(whole.clone(), all);
            whole
        }
    };
    let all = sums.remove(&whole).unwrap_or_default();
    let shown = |(path, sum): (String, Sum)| -> Value {
        json!({ "bytes": at.output.size(sum.bytes), "files": sum.files, "path": path })
    };
    // The sum comes last, as with `du`.
    let rows = sums.into_iter().chain([(whole, all)]).map(shown).collect();
    at.output.all(rows, &COLUMNS, Limit::NONE).await
}

/// The address of the folder, resource or project itself.
fn root(address: &Address) -> String {
    let path = address.path.trim_matches('/');
    let path = if path.is_empty() { String::new() } else { format!("{path}/") };
    Address { path, ..address.clone() }.to_string()
}

/// What lies below the folder that `address` names, and in the folders below that down to `depth`.
async fn count(resource: &Resource, address: &Address, depth: usize) -> whimbrel::Result<Sums> {
    let root = root(address);
    let skip = address.path.trim_matches('/').len();
    let mut sums = Sums::from([(root.clone(), Sum::default())]);
    let mut files = resource.files().under(&address.path).recursive().stream();
    while let Some(file) = files.try_next().await? {
        let below = file.path.get(skip..).unwrap_or_default().trim_start_matches('/');
        let folders = below.match_indices('/').map(|(at, _)| format!("{root}{}", &below[..=at])).take(depth);
        for folder in folders.chain([root.clone()]) {
            let sum = sums.entry(folder).or_default();
            *sum = Sum { bytes: sum.bytes + file.size, files: sum.files + 1 };
        }
    }
    Ok(sums)
}
