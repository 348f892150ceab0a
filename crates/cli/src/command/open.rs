//! `whimbrel open`.

use url::Url;
use whimbrel::coscine::Address;

use super::coscine::Session;
use crate::{
    args::{Global, Open},
    exit::{Done, Failure},
};

pub(crate) async fn run(global: &Global, open: &Open) -> Done {
    let at = Session::new(global)?;
    let address: Address = open.address.parse()?;
    if !address.path.is_empty() {
        return Err(Failure::Usage(format!("{address}: name a project or a resource; files have no page")));
    }
    let project = at.client.project(&address.project).await?;
    let resource = match &address.resource {
        Some(name) => Some(project.resource(name).await?),
        None => None,
    };
    let base = at.client.connection().base_url();
    let url = page(base, project.slug(), resource.as_ref().map(whimbrel::coscine::Resource::id))
        .ok_or_else(|| Failure::Other(format!("{base} has no pages")))?;
    if open.print {
        return at.output.plain(format!("{url}\n").as_bytes());
    }
    let opened = match std::env::var("BROWSER") {
        Ok(browser) if !browser.is_empty() => ::open::with(url.as_str(), browser),
        _ => ::open::that_detached(url.as_str()),
    };
    opened.map_err(|e| Failure::Other(format!("no browser could be started ({e}); the page is {url}")))
}

/// The page of a project (`/p/<slug>`) or of a resource in it (`/p/<slug>/r/<id>/`), beside the API.
///
/// Unverified: this form is what links in a browser look like; no document tells it.
fn page(base: &str, slug: &str, resource: Option<&str>) -> Option<Url> {
    let mut url = Url::parse(base).ok()?;
    let path = url.path().trim_end_matches('/');
    let root = path.strip_suffix("/coscine").unwrap_or(path).to_owned();
    url.set_path(&root);
    url.path_segments_mut().ok()?.pop_if_empty().extend(["p", slug]);
    if let Some(id) = resource {
        url.path_segments_mut().ok()?.extend(["r", id, ""]);
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn pages_lie_beside_the_api() {
        let url = |base: &str, resource| page(base, "turbine-7", resource).unwrap().to_string();
        assert_eq!(url("https://coscine.rwth-aachen.de/coscine", None), "https://coscine.rwth-aachen.de/p/turbine-7");
        assert_eq!(url("http://h:1/x/coscine/", Some("id")), "http://h:1/x/p/turbine-7/r/id/");
        assert_eq!(page("https://h/coscine", "a/../b?c", None).unwrap().path(), "/p/a%2F..%2Fb%3Fc", "hostile");
    }
}
