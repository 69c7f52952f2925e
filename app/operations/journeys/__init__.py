"""Keep journeys in line with what happened."""
