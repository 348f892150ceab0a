//! The local side: what is in a folder, and where a name from a server may go.

use std::{
    collections::{HashMap, HashSet},
    fs,
    io::ErrorKind,
    path::{Component, Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::{Filter, Stamp, part};
use crate::{Error, Kind, Result, error::printable};

/// A file to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its name below the folder, with slashes: what it will be called in the service.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// When it was changed last, where the file system tells.
    pub modified: Option<SystemTime>,
}

impl LocalFile {
    /// Looks at a file that will be called `name` in the service.
    pub(crate) fn look(path: &Path, name: &str) -> Result<Self> {
        let found = fs::metadata(path).map_err(|e| Error::io(path, e))?;
        if !found.is_file() {
            let message = "it is not a file; a folder is sent by a recursive copy";
            return Err(Error::invalid(message).about(path.display().to_string()));
        }
        let (path, name) = (path.to_owned(), name.to_owned());
        Ok(Self { path, name, size: found.len(), modified: found.modified().ok() })
    }

    /// That it is still as it was when it was looked at.
    pub(crate) fn unchanged(&self) -> Result<()> {
        let now = Self::look(&self.path, &self.name)?;
        if (now.size, now.modified) == (self.size, self.modified) {
            return Ok(());
        }
        Err(Error::new(Kind::Conflict, "it was changed in the meantime; send it again"))
    }

    /// When it was changed last, in nanoseconds since 1970; `None` too beyond the years 1678 and 2262.
    pub(crate) fn modified_ns(&self) -> Option<i64> {
        match self.modified?.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_nanos()).ok(),
            Err(before) => i64::try_from(before.duration().as_nanos()).ok().map(|ns| -ns),
        }
    }

    /// What it looks like, for a plan.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { size: self.size, changed: self.modified_ns().map(|it| it.to_string()) }
    }
}

impl Stamp {
    /// The local file that looked so.
    pub(crate) fn file(&self, path: PathBuf, name: String) -> LocalFile {
        let ns = self.changed.as_deref().and_then(|it| it.parse::<i64>().ok());
        let modified = ns.map(|ns| {
            let apart = Duration::from_nanos(ns.unsigned_abs());
            if ns < 0 { SystemTime::UNIX_EPOCH - apart } else { SystemTime::UNIX_EPOCH + apart }
        });
        LocalFile { path, name, size: self.size, modified }
    }
}

/// The files below `folder` that take part, at any depth, sorted by name. Links are not followed: a link to a file or
/// folder is an error that names it, so that nothing is left out in silence. What a killed download left behind is no
/// file of the user's.
pub(crate) fn walk(folder: &Path, filter: &Filter) -> Result<Vec<LocalFile>> {
    let mut files = vec![];
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).map_err(|e| Error::io(&next, e))? {
            let entry = entry.map_err(|e| Error::io(&next, e))?;
            let path = entry.path();
            let kind = entry.file_type().map_err(|e| Error::io(&path, e))?;
            if kind.is_dir() {
                folders.push(path);
                continue;
            }
            let name = name_below(folder, &path)?;
            if !filter.takes(&name) || part::is_part(&path) {
                continue;
            }
            if kind.is_file() {
                let found = entry.metadata().map_err(|e| Error::io(&path, e))?;
                files.push(LocalFile { path, name, size: found.len(), modified: found.modified().ok() });
            } else {
                let what = if kind.is_symlink() { "a link" } else { "neither a file nor a folder" };
                let message =
                    format!("it is {what}, which can't be sent; move it out of the folder or copy what it is");
                return Err(Error::invalid(message).about(path.display().to_string()));
            }
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

fn name_below(folder: &Path, path: &Path) -> Result<String> {
    let below = path.strip_prefix(folder).expect("walked from there");
    let segments: Option<Vec<&str>> = below.iter().map(|segment| segment.to_str()).collect();
    match segments {
        Some(segments) => Ok(segments.join("/")),
        None => Err(Error::invalid("its name is not valid UTF-8; rename it").about(path.display().to_string())),
    }
}

/// Where below `folder` a file that a server calls `name` may be written.
///
/// The name is hostile until shown otherwise: as [`below`], and no way out over a link that lies in the folder already.
pub(crate) fn target(folder: &Path, name: &str) -> Result<PathBuf> {
    let path = below(folder, name)?;
    let mut at = Some(path.as_path());
    while let Some(here) = at.filter(|here| *here != folder) {
        if fs::symlink_metadata(here).is_ok_and(|found| found.is_symlink()) {
            return Err(refused(name, "is that of a link here, or goes through one"));
        }
        at = here.parent();
    }
    Ok(path)
}

/// The path of `name` below `folder`, whatever lies there: no absolute path, no `..`, no drive, no device of Windows.
pub(crate) fn below(folder: &Path, name: &str) -> Result<PathBuf> {
    if name.contains('\0') {
        return Err(refused(name, "holds a NUL"));
    }
    let mut path = folder.to_path_buf();
    for segment in name.split('/') {
        if matches!(segment, "" | "." | "..") {
            return Err(refused(name, "leads out of the folder or nowhere"));
        }
        // On Windows one segment can hold `\`, `C:` or a stream; anywhere it must stay one plain component.
        let mut components = Path::new(segment).components();
        let plain =
            matches!((components.next(), components.next()), (Some(Component::Normal(c)), None) if c == segment);
        if !plain || (cfg!(windows) && !is_plain_on_windows(segment)) {
            return Err(refused(name, "is not possible on this system"));
        }
        path.push(segment);
    }
    Ok(path)
}

fn refused(name: &str, why: &str) -> Error {
    Error::invalid(format!("its name {why}, so it is not used here")).about(printable(name))
}

/// The names that a server gives, made places below a folder, one after the other.
pub(crate) struct Names<'f> {
    folder: &'f Path,
    /// Where the file system takes `A` for `a`: what the names given so far are to it.
    folded: Option<HashMap<String, String>>,
}

impl<'f> Names<'f> {
    pub(crate) fn new(folder: &'f Path) -> Self {
        Self { folder, folded: cfg!(any(windows, target_os = "macos")).then(HashMap::new) }
    }

    /// Where the file may be written.
    ///
    /// # Errors
    /// For a name that leads elsewhere, and for one that is another's but for the case of its letters, where the file
    /// system would put both into one file.
    pub(crate) fn target(&mut self, name: &str) -> Result<PathBuf> {
        let path = target(self.folder, name)?;
        if let Some(folded) = &mut self.folded
            && let Some(other) = folded.insert(name.to_lowercase(), name.to_owned())
        {
            let message =
                format!("it can't be written beside {:?}, as this file system takes them for one", printable(&other));
            return Err(Error::invalid(message).about(printable(name)));
        }
        Ok(path)
    }
}

/// Folders for things that a server calls so, one for each, in order: plain names on any system, told apart on any, and
/// none of `taken`.
pub(crate) fn folder_names<'a>(names: impl IntoIterator<Item = &'a str>, taken: &[&str]) -> Vec<String> {
    /// The longest, in characters, before a number is added: 255 bytes is what file systems take.
    const LONGEST: usize = 50;
    let mut taken: HashSet<_> = taken.iter().map(|it| it.to_lowercase()).collect();
    let one = |name: &str| {
        let plain = |c: char| if c.is_control() || r#"<>:"/\|?*"#.contains(c) { '_' } else { c };
        let name: String = name.trim().chars().take(LONGEST).map(plain).collect();
        let name = name.trim_end_matches(['.', ' ']);
        let name = if is_plain_on_windows(name) && !name.is_empty() { name.to_owned() } else { format!("_{name}") };
        let (mut free, mut n) = (name.clone(), 1);
        while !taken.insert(free.to_lowercase()) {
            n += 1;
            free = format!("{name} ({n})");
        }
        free
    };
    names.into_iter().map(one).collect()
}

/// Windows would take these for a device, a stream, another drive, or drop their last character.
fn is_plain_on_windows(segment: &str) -> bool {
    const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];
    let stem = segment.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |prefix| stem.strip_prefix(prefix).is_some_and(|n| n.len() == 1 && n != "0");
    !(DEVICES.contains(&stem.as_str())
        || numbered("COM")
        || numbered("LPT")
        || segment.ends_with(['.', ' '])
        || segment.contains(|c: char| c.is_control() || r#"<>:"\|?*"#.contains(c)))
}

/// The folder that will hold `path`, made if it is not there.
pub(crate) fn make_parent(path: &Path) -> Result<&Path> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match fs::create_dir_all(parent) {
        Err(e) if e.kind() != ErrorKind::AlreadyExists => Err(Error::io(parent, e)),
        _ => Ok(parent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["../a", "a/../../b", "/etc/passwd", "", "a//b", ".", "a/.", "a\0b", "..", "a/"] {
            assert!(target(folder.path(), name).is_err(), "{name:?}");
        }
        for name in ["a", "a/b/c", "..a", "a b", "ä%20#?.txt", "-", "~", "…"] {
            assert!(target(folder.path(), name).unwrap().starts_with(folder.path()), "{name:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn no_link_leads_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/", folder.path().join("way")).unwrap();
        assert!(target(folder.path(), "way/tmp/a").is_err());
        assert!(target(folder.path(), "way2/tmp/a").is_ok());
    }

    #[test]
    fn names_that_one_file_system_takes_for_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut names = Names { folder: folder.path(), folded: Some(HashMap::new()) };
        assert!(names.target("a/Ä.txt").is_ok() && names.target("b/ä.txt").is_ok());
        assert!(names.target("A/ä.txt").unwrap_err().to_string().contains("takes them for one"));
        let mut names = Names { folder: folder.path(), folded: None };
        assert!(names.target("a").is_ok() && names.target("A").is_ok());
    }

    #[test]
    fn folders_are_plain_and_apart() {
        let long = "ä".repeat(300);
        let hostile = ["../x/", "..", "CON", "con.x", " a. ", "\0", ""];
        let hostile = ["Raw data", "raw data", "raw data (2)", "Own"].into_iter().chain(hostile).chain([long.as_str()]);
        let names = folder_names(hostile, &["own"]);
        let (last, others) = names.split_last().unwrap();
        let plain = ["Raw data", "raw data (2)", "raw data (2) (2)", "Own (2)", ".._x_", "_", "_CON", "_con.x", "a"];
        assert_eq!(others[..9], plain);
        assert_eq!(others[9..], ["_ (2)", "_ (3)"]);
        assert!(last.len() < 255 && names.iter().all(|it| target(Path::new("/a"), it).is_ok()));
    }

    #[test]
    fn windows_devices_and_streams_are_known() {
        for name in ["CON", "nul.txt", "com1", "LPT9.x", "a.", "a ", "C:", "a:b", r"a\b", "a|b"] {
            assert!(!is_plain_on_windows(name), "{name:?}");
        }
        for name in ["CONSOLE", "com10", "com", "a.b", "lpt0"] {
            assert!(is_plain_on_windows(name), "{name:?}");
        }
    }

    #[test]
    fn a_walk_is_complete_and_sorted() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.txt", "a/c.txt", "a/b/d e.txt"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
        let names: Vec<_> =
            walk(folder.path(), &Filter::default()).unwrap().into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["a/b/d e.txt", "a/c.txt", "b.txt"]);
    }
}
