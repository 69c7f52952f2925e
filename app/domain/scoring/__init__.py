"""Rules and scores: of acts, visits and leads; decay; what a change of rules would do."""
