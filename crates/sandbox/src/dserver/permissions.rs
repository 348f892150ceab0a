//! What the coming release lets administrators change of users: single fields, single permissions.
