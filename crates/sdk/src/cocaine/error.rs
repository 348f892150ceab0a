//! Errors of services as this crate's.

use rpc::Category;

use crate::{Error, Kind};

/// The category and the code that a service answered with, for who knows them.
///
/// ```no_run
/// # async fn example(storage: whimbrel::cocaine::Storage) {
/// use whimbrel::cocaine::{self, Category};
///
/// let error = storage.read("runs", "no such key").await.unwrap_err();
/// assert!(error.is_not_found());
/// assert_eq!(cocaine::code(&error), Some((Category::GENERIC, 2)));
/// # }
/// ```
pub fn code(error: &Error) -> Option<(Category, i64)> {
    cause(error)?.code()
}

/// What the protocol knows of an error: the service, what it said in its own words, what went wrong on the way.
///
/// ```no_run
/// # async fn example(storage: whimbrel::cocaine::Storage) {
/// let error = storage.read("runs", "no such key").await.unwrap_err();
/// let cause = whimbrel::cocaine::cause(&error).unwrap();
/// println!("{}: {}", cause.service().unwrap_or_default(), cause.message());
/// # }
/// ```
pub fn cause(error: &Error) -> Option<&rpc::Error> {
    std::error::Error::source(error)?.downcast_ref()
}

pub(crate) fn of(error: rpc::Error) -> Error {
    let kind = match error.kind() {
        rpc::Kind::Connect | rpc::Kind::Disconnected => Kind::Unavailable,
        rpc::Kind::NoSuchMethod | rpc::Kind::Invalid => Kind::Invalid,
        rpc::Kind::Timeout | rpc::Kind::TooSlow => Kind::Timeout,
        rpc::Kind::Service { category, code } => of_service(category, code),
        _ => Kind::Unexpected,
    };
    let text = error.to_string();
    let advice = match error.kind() {
        rpc::Kind::Service { category: Category::LOCATOR, code: 1 } => "; is it started, and is this its locator?",
        rpc::Kind::Connect => "; is the runtime started, and is this its address?",
        rpc::Kind::Disconnected if error.service() == Some("locator") => {
            "; servers also hang up on arguments that they do not take, and on the other protocol: is the runtime a 0.11, or \
             a 0.12?"
        }
        rpc::Kind::Disconnected => "; servers also hang up on arguments that they do not take",
        _ => "",
    };
    let is_ambiguous = error.is_ambiguous();
    let told = Error::new(kind, format!("{text}{advice}")).with_source(error);
    if is_ambiguous { told.maybe_done() } else { told }
}

/// By the numbers of the runtime's `errors.hpp`.
fn of_service(category: Category, code: i64) -> Kind {
    match (category.0, code) {
        // The system's: no such file, exists, not permitted, no space.
        (1 | 12, 2) | (10, 1) | (11, 8) => Kind::NotFound,
        (1 | 12, 17) | (11, 7 | 9) | (0x51ff, 4..=6) => Kind::Conflict,
        (1 | 12, 1 | 13) | (9, 2..=4) => Kind::Forbidden,
        (9, 1) => Kind::Unauthenticated,
        (1 | 12, 28) => Kind::QuotaExceeded,
        (1 | 12, 22) | (11, 2 | 3 | 5 | 6) | (7, _) => Kind::Invalid,
        (0x51ff, 1 | 3) => Kind::Timeout,
        (2..=5 | 10 | 0x52ff | 0x53ff, _) | (11, 10) => Kind::Unavailable,
        _ => Kind::Unexpected,
    }
}
