use std::{any::Any, error::Error as StdError, fmt, time::Duration};

use crate::{Error, Kind, printable};

/// What a task came to.
pub type Outcome<T, E> = Result<T, Failure<E>>;

/// Why a task gave no value.
///
/// Of a task that fails with whimbrel's [`Error`], it becomes one by `?`, also where it is only lent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure<E> {
    /// The task's own error.
    Error(E),
    /// It panicked, and said this.
    Panicked(String),
    /// It was not done within the gather's deadline, which is this long.
    Deadline(Duration),
    /// It was cancelled, or its runtime is gone.
    Cancelled,
}

impl<E> Failure<E> {
    /// The task's own error, if that is why.
    pub fn error(&self) -> Option<&E> {
        match self {
            Self::Error(error) => Some(error),
            _ => None,
        }
    }

    pub(super) fn panicked(panic: &(dyn Any + Send)) -> Self {
        let said = panic.downcast_ref::<&str>().copied();
        let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Self::Panicked(said.unwrap_or("it did not say why").to_owned())
    }

    /// What kind of [`Error`] it is, given that of the task's own.
    fn kind(&self, own: impl FnOnce(&E) -> Kind) -> Kind {
        match self {
            Self::Error(error) => own(error),
            Self::Deadline(_) => Kind::Timeout,
            Self::Panicked(_) | Self::Cancelled => Kind::Unexpected,
        }
    }
}

impl<E: fmt::Display> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => error.fmt(f),
            Self::Panicked(said) => write!(f, "a task panicked, which is a bug: {}", printable(said)),
            Self::Deadline(after) => write!(f, "not done within {after:?}, the deadline of all; allow more time"),
            Self::Cancelled => f.write_str("cancelled before it was done"),
        }
    }
}

impl<E: StdError> StdError for Failure<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        // It speaks for the task's own error, so it is not a level above it.
        self.error().and_then(StdError::source)
    }
}

impl From<Failure<Error>> for Error {
    fn from(failure: Failure<Error>) -> Self {
        match failure {
            Failure::Error(error) => error,
            other => Error::new(other.kind(Error::kind), other.to_string()),
        }
    }
}

/// The same error again, as the one that is lent stays where it is. It has no [`source`](StdError::source).
impl From<&Failure<Error>> for Error {
    fn from(failure: &Failure<Error>) -> Self {
        match failure {
            Failure::Error(error) => error.again(),
            other => Error::new(other.kind(Error::kind), other.to_string()),
        }
    }
}

/// Every failure among many tasks, each with its task's key or place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failures<K, E> {
    failures: Vec<(K, Failure<E>)>,
    tasks: usize,
}

impl<K, E> Failures<K, E> {
    pub(super) fn new(failures: Vec<(K, Failure<E>)>, tasks: usize) -> Self {
        Self { failures, tasks }
    }

    /// All values if there is no failure among these outcomes, and else all failures.
    pub(super) fn among<T>(outcomes: Vec<(K, Outcome<T, E>)>) -> Result<Vec<(K, T)>, Self> {
        let tasks = outcomes.len();
        let (mut values, mut failures) = (vec![], vec![]);
        for (key, outcome) in outcomes {
            match outcome {
                Ok(value) => values.push((key, value)),
                Err(failure) => failures.push((key, failure)),
            }
        }
        if failures.is_empty() { Ok(values) } else { Err(Self::new(failures, tasks)) }
    }

    /// Each failure with its task's key, or with its place from 0.
    pub fn iter(&self) -> std::slice::Iter<'_, (K, Failure<E>)> {
        self.failures.iter()
    }

    /// How many tasks failed.
    pub fn len(&self) -> usize {
        self.failures.len()
    }

    /// Whether there were simply too few tasks for what was asked.
    pub fn is_empty(&self) -> bool {
        self.failures.is_empty()
    }

    /// How many tasks there were.
    pub fn tasks(&self) -> usize {
        self.tasks
    }
}

impl<K, E> IntoIterator for Failures<K, E> {
    type Item = (K, Failure<E>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.failures.into_iter()
    }
}

impl<'a, K, E> IntoIterator for &'a Failures<K, E> {
    type Item = &'a (K, Failure<E>);
    type IntoIter = std::slice::Iter<'a, (K, Failure<E>)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: fmt::Display, E: fmt::Display> fmt::Display for Failures<K, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { failures, tasks } = self;
        match failures.first() {
            Some((key, first)) => {
                let (key, first) = (printable(&key.to_string()), first.to_string());
                // An error of ours names what it is about by itself.
                let named = if first.starts_with(&key) { String::new() } else { format!("{key}: ") };
                write!(f, "{} of {tasks} tasks failed; the first: {named}{first}", failures.len())
            }
            None => write!(f, "there were {tasks} tasks, and more values were asked for"),
        }
    }
}

impl<K: fmt::Display + fmt::Debug, E: StdError> StdError for Failures<K, E> {}

/// The task's own error if it is the only failure; else [`Kind::Partial`], or the kind of all tasks if all failed alike.
impl<K: fmt::Display> From<Failures<K, Error>> for Error {
    fn from(mut failures: Failures<K, Error>) -> Self {
        if failures.len() == 1
            && let Some((key, failure)) = failures.failures.pop()
        {
            return Error::from(failure).about(key.to_string());
        }
        let kinds: Vec<Kind> = failures.iter().map(|(_, failure)| failure.kind(Error::kind)).collect();
        let kind = match kinds.first() {
            None => Kind::Invalid,
            Some(first) if kinds.len() == failures.tasks && kinds.iter().all(|kind| kind == first) => *first,
            Some(_) => Kind::Partial,
        };
        Error::new(kind, failures.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gather::Ordered;

    fn failed(failures: Vec<Failure<Error>>, tasks: usize) -> Error {
        let named = ["a", "b", "c"].into_iter().zip(failures).collect();
        Failures::new(named, tasks).into()
    }

    #[test]
    fn a_single_failure_is_that_error_and_many_are_partial_unless_all_failed_alike() {
        let (gone, late) =
            (|| Failure::Error(Error::not_found("it is gone")), || Failure::Deadline(Duration::from_secs(2)));
        let one = failed(vec![gone()], 3);
        assert_eq!((one.kind(), one.to_string().as_str()), (Kind::NotFound, "a: it is gone"));
        let two = failed(vec![gone(), gone()], 3);
        assert_eq!(two.kind(), Kind::Partial);
        assert_eq!(two.to_string(), "2 of 3 tasks failed; the first: a: it is gone");
        assert_eq!(failed(vec![gone(), gone()], 2).kind(), Kind::NotFound);
        assert_eq!(failed(vec![late(), late()], 2).kind(), Kind::Timeout);
        assert_eq!(failed(vec![gone(), late()], 2).kind(), Kind::Partial);
        assert_eq!(failed(vec![], 2).kind(), Kind::Invalid, "more were asked for than there are");
        let named = failed(vec![Failure::Error(Error::not_found("it is gone").about("a")), late()], 2);
        assert_eq!(named.to_string(), "2 of 2 tasks failed; the first: a: it is gone", "named once");
    }

    #[test]
    fn what_is_lent_becomes_an_error_that_says_the_same() {
        let own = Error::not_found("it is gone").about("a file").with_source(std::io::Error::other("why"));
        let lent = Error::from(&Failure::Error(own));
        assert_eq!(
            (lent.kind(), lent.object(), lent.to_string().as_str()),
            (Kind::NotFound, Some("a file"), "a file: it is gone")
        );
        assert_eq!(Error::from(&Failure::Cancelled).to_string(), "cancelled before it was done");
        let (place, field, path, value, rule, message) = (None, None, None, None, "minCount", "is missing".to_owned());
        let finding = shapes::Finding { place, field, path, value, rule, message };
        let lent = Error::from(&Failure::Error(Error::findings_of(vec![finding.clone()])));
        assert_eq!(lent.findings(), [finding]);
    }

    #[tokio::test]
    async fn what_a_panic_says_is_told_and_moves_no_cursor() {
        let mut all = Ordered::<(), Error>::new();
        for said in [Box::new("\u{1b}[2J") as Box<dyn Any + Send>, Box::new("owned".to_owned()), Box::new(7)] {
            all.push(async { std::panic::resume_unwind(said) });
        }
        let told: Vec<_> = all.outcomes().await.into_iter().map(|it| it.unwrap_err().to_string()).collect();
        let told: Vec<_> =
            told.iter().map(|it| it.strip_prefix("a task panicked, which is a bug: ").unwrap()).collect();
        assert_eq!(told, ["\\u{1b}[2J", "owned", "it did not say why"]);
    }
}
