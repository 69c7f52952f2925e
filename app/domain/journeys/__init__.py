"""Journeys: engagement, churn risk, insights, next action, cohorts."""
