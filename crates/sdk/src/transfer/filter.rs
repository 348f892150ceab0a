use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::{Error, Result};

/// Which files of a folder take part in a transfer, by patterns as `.gitignore` has them.
///
/// What an include matches takes part; else what an exclude matches does not; else everything does, unless there are
/// includes only: then nothing but them.
///
/// ```
/// use whimbrel::transfer::Filter;
///
/// let filter = Filter::new(["*.tmp", "raw/"], ["raw/keep.csv"])?;
/// assert!(filter.takes("a/b.csv") && filter.takes("raw/keep.csv"));
/// assert!(!filter.takes("a/b.tmp") && !filter.takes("raw/x.csv"));
/// # Ok::<(), whimbrel::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Filter {
    excludes: Gitignore,
    includes: Gitignore,
    never: Option<String>,
}

impl Default for Filter {
    fn default() -> Self {
        Self { excludes: Gitignore::empty(), includes: Gitignore::empty(), never: None }
    }
}

impl Filter {
    /// A filter of these patterns.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) for a pattern that is none.
    pub fn new<E: AsRef<str>, I: AsRef<str>>(
        excludes: impl IntoIterator<Item = E>,
        includes: impl IntoIterator<Item = I>,
    ) -> Result<Self> {
        let excludes = excludes.into_iter().map(|it| it.as_ref().to_owned()).collect::<Vec<_>>();
        let includes = includes.into_iter().map(|it| it.as_ref().to_owned()).collect::<Vec<_>>();
        Ok(Self { excludes: patterns(&excludes)?, includes: patterns(&includes)?, never: None })
    }

    /// Leaves out one file, whatever the patterns say.
    pub fn without(self, name: impl Into<String>) -> Self {
        Self { never: Some(name.into()), ..self }
    }

    /// Whether the file of this name below the folder, with slashes, takes part.
    pub fn takes(&self, name: &str) -> bool {
        let matches = |of: &Gitignore| of.matched_path_or_any_parents(Path::new(name), false).is_ignore();
        if self.never.as_deref() == Some(name) {
            return false;
        }
        // A name from a server may be absolute; it is refused elsewhere, by its own error.
        if name.starts_with('/') {
            return true;
        }
        matches(&self.includes) || (!matches(&self.excludes) && (self.includes.is_empty() || !self.excludes.is_empty()))
    }
}

fn patterns(lines: &[String]) -> Result<Gitignore> {
    let mut builder = GitignoreBuilder::new("");
    for line in lines {
        builder.add_line(None, line).map_err(|e| Error::invalid(format!("{e}")).about(line))?;
    }
    builder.build().map_err(|e| Error::invalid(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(excludes: &[&str], includes: &[&str], name: &str) -> bool {
        Filter::new(excludes, includes).unwrap().takes(name)
    }

    #[test]
    fn patterns_are_those_of_gitignore() {
        assert!(takes(&[], &[], "a"));
        assert!(!takes(&["*.tmp"], &[], "deep/a.tmp"));
        assert!(!takes(&["/a"], &[], "a") && takes(&["/a"], &[], "b/a"));
        assert!(!takes(&["cache/"], &[], "x/cache/y/z") && takes(&["cache/"], &[], "cache"));
        assert!(takes(&["*", "!*.csv"], &[], "a.csv") && !takes(&["*", "!*.csv"], &[], "a.txt"));
        assert!(takes(&[], &["*.csv"], "b/a.csv") && !takes(&[], &["*.csv"], "a.txt"));
        assert!(takes(&["*.csv"], &["keep.csv"], "keep.csv") && takes(&["*.csv"], &["keep.csv"], "a.txt"));
        let without = Filter::new([""; 0], ["*.csv"]).unwrap().without("table.csv");
        assert!(without.takes("a.csv") && !without.takes("table.csv") && !without.takes("a.txt"));
        assert_eq!(Filter::new(["a{b"], [""; 0]).unwrap_err().kind(), crate::Kind::Invalid);
    }
}
