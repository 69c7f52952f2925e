"""Move, edit, follow and erase leads."""
