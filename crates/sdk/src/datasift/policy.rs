//! What this client knows of DataSift beyond its document: what calls cost, what may be repeated, how long answers stay
//! true.

use std::time::Duration;

use middleware::{Operation, layer::Lifetime};
use raw::datasift::operations as op;

/// The credits that a call costs, as the service's answers told in 2015 to 2018. `None` where none was recorded, and on the
/// host of ingestion, which counts otherwise.
pub(crate) fn cost(operation: &Operation) -> Option<u64> {
    const ONE: [&Operation; 6] =
        [&op::PAUSE_PUSH, &op::RESUME_PUSH, &op::STOP_PUSH, &op::DELETE_PUSH, &op::LIST_PUSH_LOG, &op::LIST_PUSH];
    const FIVE: [&Operation; 27] = [
        &op::VALIDATE,
        &op::COMPILE,
        &op::GET_DPU,
        &op::UPDATE_HISTORICS,
        &op::STOP_HISTORICS,
        &op::PAUSE_HISTORICS,
        &op::RESUME_HISTORICS,
        &op::GET_PREVIEW,
        &op::VALIDATE_PUSH,
        &op::CREATE_PUSH,
        &op::UPDATE_PUSH,
        &op::START_SOURCE,
        &op::STOP_SOURCE,
        &op::LIST_SOURCE_LOG,
        &op::LIST_SOURCES,
        &op::LIST_IDENTITIES,
        &op::GET_IDENTITY,
        &op::CREATE_IDENTITY,
        &op::UPDATE_IDENTITY,
        &op::DELETE_IDENTITY,
        &op::VALIDATE_PYLON,
        &op::COMPILE_PYLON,
        &op::STOP_PYLON,
        &op::LIST_PYLON_REFERENCES,
        &op::GET_PYLON_REFERENCE,
        &op::GET_PYLON_TASK,
        &op::LIST_PYLON_TASKS,
    ];
    const TWENTY_FIVE: [&Operation; 25] = [
        &op::GET_USAGE,
        &op::GET_BALANCE,
        &op::PREPARE_HISTORICS,
        &op::START_HISTORICS,
        &op::DELETE_HISTORICS,
        &op::LIST_HISTORICS,
        &op::CREATE_PREVIEW,
        &op::CREATE_SOURCE,
        &op::UPDATE_SOURCE,
        &op::DELETE_SOURCE,
        &op::ADD_SOURCE_RESOURCES,
        &op::REMOVE_SOURCE_RESOURCES,
        &op::ADD_SOURCE_AUTH,
        &op::REMOVE_SOURCE_AUTH,
        &op::GET_ACCOUNT_USAGE,
        &op::GET_LIMIT,
        &op::LIST_LIMITS,
        &op::CREATE_LIMIT,
        &op::UPDATE_LIMIT,
        &op::DELETE_LIMIT,
        &op::START_PYLON,
        &op::ANALYZE_PYLON,
        &op::GET_PYLON,
        &op::LIST_PYLON_TAGS,
        &op::CREATE_PYLON_TASK,
    ];
    [(1, &ONE[..]), (5, &FIVE[..]), (25, &TWENTY_FIVE[..])]
        .into_iter()
        .find_map(|(cost, operations)| operations.contains(&operation).then_some(cost))
}

/// Checks and prices are asked for with `POST` and change nothing; a definition compiled twice is the same. A queue that is
/// pulled from without a cursor moves on, so a lost answer would be lost content. All else is what its method says.
pub(crate) fn repeatable(operation: &Operation) -> bool {
    const QUESTIONS: [&Operation; 7] = [
        &op::VALIDATE,
        &op::COMPILE,
        &op::VALIDATE_PUSH,
        &op::VALIDATE_PYLON,
        &op::COMPILE_PYLON,
        &op::ANALYZE_PYLON,
        &op::GET_BUFFERED_STREAM,
    ];
    *operation != op::PULL && operation.is_idempotent() || QUESTIONS.contains(&operation)
}

/// The service sends nothing to keep answers by; lists of what its sources can hold change with its releases.
pub(crate) fn lifetime(operation: &Operation) -> Lifetime {
    const SLOW: [&Operation; 2] = [&op::LIST_PYLON_REFERENCES, &op::GET_PYLON_REFERENCE];
    if SLOW.contains(&operation) { Lifetime::For(Duration::from_secs(3600)) } else { Lifetime::Never }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_may_be_repeated_and_what_makes_something_may_not() {
        assert!(repeatable(&op::COMPILE) && repeatable(&op::LIST_PUSH) && repeatable(&op::DELETE_SOURCE));
        assert!(!repeatable(&op::CREATE_PUSH) && !repeatable(&op::START_HISTORICS) && !repeatable(&op::PULL));
    }
}
