"""Internal names in the words of people who do not know them."""

from app.domain.tracking.event import REASONS

TYPES = {
    "page_viewed": "Page viewed",
    "click": "Click",
    "link_clicked": "Link followed",
    "content_downloaded": "File downloaded",
    "scrolled": "Scrolled",
    "form_started": "Form started",
    "form_abandoned": "Form abandoned",
    "form_submitted": "Form sent",
    "form_shown": "Contact form shown",
    "form_dismissed": "Contact form dismissed",
    "search": "Search",
    "engaged": "Still reading",
    "leave": "Left the page",
    "web_vital": "Page speed measured",
    "script_error": "Script error",
    "identify": "Identified",
    "consent": "Consent changed",
    "event": "Custom event",
    "lead_created": "Became a lead",
    "stage_changed": "Stage changed",
    "quote_requested": "Quote asked for",
    "quote_sent": "Quote sent",
    "quote_viewed": "Quote viewed",
    "ai_recommendation": "AI recommendation",
    "face_analysis": "Face analysis",
    "cost_calculator": "Cost calculator",
    "appointment_booked": "Appointment booked",
    "appointment_moved": "Appointment moved",
    "appointment_cancelled": "Appointment cancelled",
    "appointment_restored": "Appointment taken up again",
    "appointment_attended": "Came to the appointment",
    "appointment_missed": "Missed the appointment",
    "booking_step": "Booking begun",
    "email_sent": "E-mail sent",
    "email_opened": "E-mail opened",
    "email_clicked": "E-mail link followed",
    "email_replied": "E-mail answered",
    "sms_sent": "Text message sent",
    "sms_replied": "Text message answered",
    "call_made": "Call",
    "call_unanswered": "Called, no answer",
    "meeting_scheduled": "Meeting scheduled",
    "purchase_made": "Purchase",
    "social_interaction": "Social interaction",
    "ad_clicked": "Ad followed",
}
# What a visitor does without meaning anything by it.
QUIET_TYPES = frozenset(("engaged", "leave", "scrolled", "web_vital", "script_error"))
STEPS = {
    "visited": "Visitors",
    "engaged": "Engaged",
    "high_intent": "Used a tool",
    "form_shown": "Saw the contact form",
    "form_started": "Began the form",
    "lead": "Became a lead",
    "customer": "Became a customer",
}


def type_in_words(type: str) -> str:
    """page_viewed -> Page viewed; an organization's own types by their name."""
    return TYPES.get(type) or type.replace("_", " ").capitalize()


def reason_in_words(reason: str) -> str:
    """Why an event was dropped."""
    return REASONS.get(reason) or reason.replace("_", " ").capitalize()
