//! What the service holds at the start: the same formulas as those of the real one in the tests, so that the answers of
//! both can be compared.

use std::fmt::Write as _;

use md5::{Digest as _, Md5};
use serde_json::{Map, Value, json};
use sha1::Sha1;

use super::{
    Release, Setup,
    state::{BaseUri, Dataset, State, User},
};

const KINDS: [&str; 4] = ["simulation", "microscopy", "sequencing", "tribology"];
const CREATORS: [&str; 3] = ["ada", "grace", "emmy"];
const OWNERS: [&str; 3] = ["Ada Lovelace", "Grace Hopper", "Emmy Noether"];

/// What the datasets say that they were made with.
pub(super) const DTOOLCORE: &str = "3.19.0";

/// When the first one was made: 2024-01-01, and a little more than MongoDB keeps.
const FIRST: f64 = 1_704_067_200.123_456;

/// Where the datasets of a release lie. Those of the coming one are where their content can be signed for.
pub(super) fn base_uris(release: Release) -> [&'static str; 2] {
    match release {
        Release::Released => ["file://localhost/dtool/base1", "file://localhost/dtool/base2"],
        Release::Next => ["s3://base1", "s3://base2"],
    }
}

/// Where nothing lies at the start, and nothing can be signed for.
pub(super) const NOT_SIGNED: &str = "file://localhost/dtool/base3";

pub(super) fn state(setup: Setup) -> State {
    let user = |name: &str| User { name: name.to_owned(), is_admin: name == "admin", display_name: None };
    let names = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let [first, second] = base_uris(setup.release);
    let base = |uri: &str, register: &[&str]| BaseUri {
        uri: uri.to_owned(),
        search: names(&["admin", "testuser"]),
        register: names(register),
    };
    let mut base_uris = vec![base(first, &["admin", "testuser"]), base(second, &["admin"])];
    if setup.release == Release::Next {
        base_uris.push(base(NOT_SIGNED, &["admin", "testuser"]));
    }
    State {
        users: ["admin", "testuser", "nobody"].map(user).to_vec(),
        base_uris,
        datasets: (0..setup.datasets).map(|i| dataset(i, setup.release)).collect(),
        uploads: vec![],
    }
}

pub(super) fn uuid(i: usize) -> String {
    format!("{i:08x}-0000-4000-8000-{i:012x}")
}

fn name(i: usize) -> String {
    format!("{}-run-{i:02}", KINDS[i % 4])
}

/// The content of an item: this text, so many times.
pub(super) fn content(i: usize, item: usize) -> (String, usize) {
    (format!("{} item {item}\n", name(i)), i + 1)
}

fn path(i: usize, item: usize) -> String {
    match (i, item) {
        (7, 0) => "data/with space & ü.txt".to_owned(),
        (8, 0) => "deep/er/still/item_0.bin".to_owned(),
        _ => format!("data/item_{item}.bin"),
    }
}

/// How dtool calls an item of this path.
pub(super) fn identifier(path: &str) -> String {
    hex(&Sha1::digest(path))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes all");
        text
    })
}

fn readme(i: usize) -> String {
    let (kind, owner) = (KINDS[i % 4], OWNERS[i % 3]);
    let mut text = format!(
        "project: {kind} campaign\ndescription: dataset number {i} about {kind}\nowners:\n  - name: {owner}\n    \
         email: user{i}@example.org\ntemperature: {}\ncreation_date: 2024-01-{:02}\n",
        290 + i,
        i % 28 + 1
    );
    if let Some(before) = i.checked_sub(3) {
        text += &format!("derived_from:\n  - uuid: {}\n    name: {}\n", uuid(before), name(before));
    }
    text
}

fn dataset(i: usize, release: Release) -> Dataset {
    let (kind, name) = (KINDS[i % 4], name(i));
    let base_uri = base_uris(release)[usize::from(i.is_multiple_of(4))];
    let created_at = FIRST + i as f64;
    let (mut items, mut size) = (Map::new(), 0);
    for item in 0..=i % 5 {
        let (text, times) = content(i, item);
        let text = text.repeat(times);
        let (path, length) = (path(i, item), text.len());
        size += length as u64;
        items.insert(
            identifier(&path),
            json!({
                "hash": hex(&Md5::digest(text)), "relpath": path, "size_in_bytes": length, "utc_timestamp": created_at,
            }),
        );
    }
    let mut annotations = Map::new();
    annotations.insert("campaign".to_owned(), kind.into());
    annotations.insert("number".to_owned(), i.into());
    if i == 5 {
        annotations.insert("nested".to_owned(), json!({ "a": [1, 2], "b": null }));
    }
    let mut tags = vec![if i.is_multiple_of(2) { "even" } else { "odd" }.to_owned(), kind.to_owned()];
    tags.sort_unstable();
    let mut more = Map::new();
    more.insert("type".to_owned(), "dataset".into());
    more.insert("dtoolcore_version".to_owned(), DTOOLCORE.into());
    // S3's datasets are called by their UUIDs, a disk's by their names.
    let uri = match release {
        Release::Released => format!("{base_uri}/{name}"),
        Release::Next => format!("{base_uri}/{}", uuid(i)),
    };
    let mut dataset = Dataset {
        uri,
        base_uri: base_uri.to_owned(),
        uuid: uuid(i),
        name,
        creator: CREATORS[i % 3].to_owned(),
        frozen_at: created_at + 0.005,
        created_at,
        number_of_items: Some(items.len() as u64),
        size_in_bytes: Some(size),
        readme: readme(i),
        manifest: json!({ "dtoolcore_version": DTOOLCORE, "hash_function": "md5sum_hexdigest", "items": items }),
        annotations,
        tags,
        more,
        ..Dataset::default()
    };
    dataset.index();
    dataset
}

/// The content of an item of a dataset of the seed.
pub(super) fn content_of(dataset: &Dataset, identifier: &str) -> Option<Vec<u8>> {
    let i = usize::from_str_radix(dataset.uuid.get(..8)?, 16).ok()?;
    let has = |item: &usize| self::identifier(&path(i, *item)) == identifier;
    let (text, times) = content(i, (0..=i % 5).find(has)?);
    Some(text.repeat(times).into_bytes())
}

/// A dataset's manifest as an object of its items.
pub(super) fn items(manifest: &Value) -> impl Iterator<Item = (&String, &Value)> {
    manifest["items"].as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_the_seed_is_what_a_real_server_tells() {
        let state = state(Setup { release: Release::Released, datasets: 20 });
        let five = &state.datasets[5];
        assert_eq!(five.uri, "file://localhost/dtool/base1/microscopy-run-05");
        // As a real dserver gave it.
        let item = &five.manifest["items"]["fdf5c75e2f84ae497b6113db59048403d7d909c4"];
        assert_eq!(item["hash"], "34932bc689f3a6c4443188c41b14a019");
        assert_eq!((item["size_in_bytes"].as_u64(), five.size_in_bytes), (Some(150), Some(150)));
        assert_eq!(state.datasets.iter().filter_map(|it| it.size_in_bytes).sum::<u64>(), 16_570);
        let row = five.mongo_row();
        assert_eq!(
            (row["created_at"].as_f64(), row["frozen_at"].as_f64()),
            (Some(1_704_067_205.123), Some(1_704_067_205.128))
        );
        let content = content_of(five, "fdf5c75e2f84ae497b6113db59048403d7d909c4").unwrap();
        assert_eq!(content.len(), 150);
        assert_eq!(content_of(five, "none"), None::<Vec<u8>>);
    }
}
