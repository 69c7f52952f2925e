"""What can be done in the background: KINDS[kind](work, report) -> the job's result as JSON.

Each can run twice and from the beginning again; what it has `kept` says from where to go on.
"""

from app.jobs import (
    attribute_everybody,
    night,
    preview_lead_scoring,
    preview_rules,
    refresh_everybody,
    rescore_leads,
    score_leads,
)

KINDS = {
    attribute_everybody.KIND: attribute_everybody.run,
    night.KIND: night.run,
    refresh_everybody.KIND: refresh_everybody.run,
    score_leads.KIND: score_leads.run,
    preview_lead_scoring.KIND: preview_lead_scoring.run,
    "rules.preview_interaction": preview_rules.preview_interaction_rules,
    "rules.preview_session": preview_rules.preview_session_rules,
    "rules.rescore_leads": rescore_leads.rescore,
}
