//! Metadata as people read them: fields and terms by their labels.

use oxrdf::Graph;
use shapes::{Format, Place, Record, Row, Table, Vocabularies, rdf};

use super::{FileMetadata, FileRef, Form, Resource, describe, export::labels_only, path::as_folder};
use crate::{Error, Result};

impl Form {
    /// What is known of a file as a record: fields by their English labels, terms by theirs where the vocabulary is at
    /// hand. `None` if nothing in the graph is what the rest is said of.
    pub fn record(&self, graph: &Graph) -> Option<Record> {
        Some(self.profile().record(graph, rdf::root(graph)?, self.vocabularies()))
    }
}

impl Resource {
    /// What names these metadata for people: the profile, and those of its vocabularies whose terms stand in them.
    pub async fn labels_of(&self, graphs: &[&Graph]) -> Result<Form> {
        let profile = self.profile().await?;
        let mut vocabularies = Vocabularies::default();
        for class in describe::classes(profile.fields(), graphs) {
            // Without its vocabulary a term has no label and is the same term.
            let found = self.client().terms_of([class]).await;
            if let Some(terms) = labels_only(found)?.as_ref().and_then(|it| it.get(class)) {
                vocabularies.insert(class, terms.clone());
            }
        }
        Ok(Form::new(profile, vocabularies))
    }

    /// The metadata of every file below a folder (empty for all) with labels, sorted by path: a request for the metadata,
    /// and those for the profile and the vocabularies, which are in the cache most often.
    ///
    /// ```no_run
    /// # async fn example(resource: whimbrel::coscine::Resource) -> whimbrel::Result<()> {
    /// use whimbrel::shapes::Format;
    ///
    /// println!("{}", resource.described("run-42").await?.write(Format::Csv));
    /// # Ok(()) }
    /// ```
    pub async fn described(&self, folder: &str) -> Result<Described> {
        let folder = as_folder(folder);
        let all = self.metadata().await?;
        let below: Vec<_> = all.iter().filter(|file| file.path.starts_with(&folder)).collect();
        let form = self.labels_of(&below.iter().map(|file| &file.graph).collect::<Vec<_>>()).await?;
        let file = |it: &&FileMetadata| {
            Some(DescribedFile { path: it.path.clone(), version: it.version, record: form.record(&it.graph)? })
        };
        let files = below.iter().filter_map(file).collect();
        Ok(Described { files, folder, form })
    }
}

/// The metadata of files as people read them; see [`Resource::described`].
#[derive(Clone, Debug)]
pub struct Described {
    /// File by file, sorted by path. One whose metadata have no root is missing.
    pub files: Vec<DescribedFile>,
    folder: String,
    form: Form,
}

/// What is known of one file.
#[derive(Clone, Debug)]
pub struct DescribedFile {
    /// Its path in the resource.
    pub path: String,
    /// The version of the metadata, where the server numbers them.
    pub version: Option<u64>,
    /// Fields and terms by their labels.
    pub record: Record,
}

impl Described {
    /// As a table, in which files are named as they are below the folder.
    pub fn table(&self) -> Table {
        let row = |file: &DescribedFile| {
            let name = file.path.strip_prefix(&self.folder).unwrap_or(&file.path).to_owned();
            let place = Place { source: "server".into(), line: None, file: None };
            Row { file: Some(name), place, record: file.record.clone() }
        };
        Table { rows: self.files.iter().map(row).collect() }
    }

    /// The table, written.
    pub fn write(&self, format: Format) -> String {
        self.table().write(format, self.form.profile(), self.form.vocabularies())
    }
}

impl FileRef {
    /// Its metadata, in a version or the newest, as a record: fields and terms by their labels.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if it has none; [`Kind::Invalid`](crate::Kind::Invalid) if nothing in them is
    /// what the rest is said of: [`FileRef::metadata`] gives the graph.
    pub async fn record(&self, version: Option<u64>) -> Result<Record> {
        let graph = self.metadata(version).await?;
        let form = self.resource().labels_of(&[&graph]).await?;
        let rootless = || Error::invalid("its metadata have no root; look at the graph").about(self.path());
        form.record(&graph).ok_or_else(rootless)
    }
}
