use crate::{
    Error, Result,
    dserver::{Client, Dataset},
    dtool::{self, Folder, Manifest},
};

impl Client {
    /// The manifest of the server's copy of the dataset that lies in a folder, to
    /// [compare](crate::dtool::Verify::against) the folder with.
    ///
    /// ```no_run
    /// # async fn example(dserver: whimbrel::dserver::Client) -> whimbrel::Result<()> {
    /// let folder = whimbrel::dtool::Folder::at("here/my-dataset");
    /// let known = dserver.find("af6727bf-29c7-43dd-b42f-a5d7ede28337").await?.remove(0);
    /// let verified = folder.verify().against(dserver.manifest_for(&known, &folder).await?).send().await?;
    /// assert!(verified.findings.is_empty());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) if another dataset lies there: it would differ in everything.
    pub async fn manifest_for(&self, known: &Dataset, folder: &Folder) -> Result<Manifest> {
        let there = folder.clone();
        let here = dtool::aside(move || there.read()).await?.admin.uuid;
        if !here.eq_ignore_ascii_case(&known.uuid) {
            let message = format!("the dataset in {} is {here}, not {}", folder.path().display(), known.uuid);
            return Err(Error::invalid(message).about(&known.uri));
        }
        self.manifest(&known.uri).await
    }
}
