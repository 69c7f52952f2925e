"""The log, its visits, its sites, its figures."""
