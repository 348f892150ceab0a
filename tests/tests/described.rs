//! What is known of files, read as people wrote it.

use sandbox::{Options, Sandbox};
use whimbrel::{
    CacheMode, Kind,
    coscine::{Client, Metadata, MetadataTable, Resource},
    shapes::{Format, Record, Table},
    transfer::Existing,
};
use whimbrel_tests::folder_of;

async fn measurements() -> (Sandbox, Resource) {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let token = sandbox.token("alice").unwrap();
    let client = Client::builder().url(sandbox.url()).token(token).cache(CacheMode::Off).build().unwrap();
    let resource = client.project("Demo").await.unwrap().resource("Measurements").await.unwrap();
    (sandbox, resource)
}

fn measured(title: &str) -> Record {
    let fields =
        [("Creator", "A. Ott"), ("Creation Date", "2026-11-21"), ("State", "raw"), ("Instrument", "Balance 2")];
    fields.into_iter().chain([("Title", title)]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_of_files_is_read_as_it_was_written() {
    let (sandbox, resource) = measurements().await;
    for name in ["up/a b.csv", "up/sub/b.csv", "upper/c.csv"] {
        let upload = resource.upload_content("1,2", name).metadata(Metadata::Record(measured(name)));
        upload.send().await.unwrap();
    }
    let record = resource.file("up/a b.csv").record(None).await.unwrap();
    assert_eq!(record.values("Instrument").next(), Some(&"Balance 2".into()), "a term by its label");

    sandbox.reset();
    let described = resource.described("up").await.unwrap();
    assert_eq!(sandbox.report().by_operation["GetResourceGraphContent"], 1);
    let paths: Vec<_> = described.files.iter().map(|it| (it.path.as_str(), it.version)).collect();
    assert_eq!(paths, [("up/a b.csv", Some(1)), ("up/sub/b.csv", Some(1))], "and none of `upper`");
    let names: Vec<_> = described.table().rows.into_iter().map(|row| row.file.unwrap()).collect();
    assert_eq!(names, ["a b.csv", "sub/b.csv"]);

    let csv = described.write(Format::Csv);
    let again = MetadataTable::new(Table::read(csv.as_bytes(), Format::Csv, "again.csv").unwrap()).unwrap();
    let (read, _) = again.record("a b.csv").unwrap();
    let sorted = |record: &Record| {
        let mut values: Vec<_> = record.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
        values.sort();
        values
    };
    assert_eq!(sorted(&read), sorted(&measured("up/a b.csv")));
    assert!(resource.described("nowhere").await.unwrap().files.is_empty());
    assert_eq!(resource.file("none").record(None).await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_lies_among_the_data_is_none_of_them() {
    let (_sandbox, resource) = measurements().await;
    let folder = folder_of(2);
    let file = folder.path().join("metadata.csv");
    std::fs::write(&file, "Title,Creator,Creation Date,State\nT,A. Ott,2026-11-21,raw\n").unwrap();
    let table = MetadataTable::open(&file).await.unwrap();
    let upload = resource.upload_dir(folder.path()).table(table).existing(Existing::Update).delete(true);
    assert_eq!(upload.plan().await.unwrap().steps.len(), 2);
    assert_eq!(upload.send().await.unwrap().into_result().unwrap().done, 2);
    assert_eq!(resource.described("").await.unwrap().files.len(), 2);
    let wrong = MetadataTable::open(&folder.path().join("metadata.txt")).await.unwrap_err();
    assert_eq!(wrong.kind(), Kind::Invalid, "{wrong}");
    assert_eq!(MetadataTable::open(&folder.path().join("none.csv")).await.unwrap_err().kind(), Kind::NotFound);
}
