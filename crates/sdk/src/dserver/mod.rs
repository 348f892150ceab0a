//! dserver, dtool's lookup server.
