"""`cocaine.asio`, of 0.11."""
