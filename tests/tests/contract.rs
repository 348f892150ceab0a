//! Each operation of both documents: the request that the typed client sends, and what it makes of an answer.
