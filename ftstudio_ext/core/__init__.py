"""Pure functions that server and workers share."""
