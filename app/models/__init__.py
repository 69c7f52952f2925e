"""Tables. Importing this package registers every one."""

from app.models.appointment import Appointment, AppointmentSlot, BookingAttempt
from app.models.audit import AuditLog
from app.models.catalogue import Clinic, Treatment
from app.models.consent import Consent
from app.models.contact_form import ContactFormVersion
from app.models.conversion import AttributionCredit, ChannelWorth, LeadAttribution, Spend
from app.models.desk import LeadNote, SavedView, Task
from app.models.engagement_type import EngagementType
from app.models.interaction import Interaction
from app.models.job import Job
from app.models.journey import LeadJourney, LearnedHistory
from app.models.lead import Lead, LeadVisitor
from app.models.organization import Organization
from app.models.outbox import OutboxMessage
from app.models.quote import Logo, Quote
from app.models.rollup import Rollup, VisitorDay
from app.models.rule import LeadScoringRule, RuleDraft, RuleSetVersion
from app.models.salt import Salt
from app.models.score import LeadScore
from app.models.site import Site
from app.models.staff import Closure, OpeningHours, Practitioner, WorkingHours
from app.models.stage import LeadLifecycle
from app.models.user import ApiToken, Membership, User
from app.models.visitor import Visitor
from app.models.visitor_session import VisitorSession

__all__ = [
    "ApiToken",
    "Appointment",
    "AppointmentSlot",
    "AttributionCredit",
    "AuditLog",
    "BookingAttempt",
    "ChannelWorth",
    "Clinic",
    "Closure",
    "Consent",
    "ContactFormVersion",
    "EngagementType",
    "Interaction",
    "Job",
    "Lead",
    "LeadAttribution",
    "LeadJourney",
    "LeadLifecycle",
    "LeadNote",
    "LeadScore",
    "LeadScoringRule",
    "LeadVisitor",
    "LearnedHistory",
    "Logo",
    "Membership",
    "OpeningHours",
    "Organization",
    "OutboxMessage",
    "Practitioner",
    "Quote",
    "Rollup",
    "RuleDraft",
    "RuleSetVersion",
    "Salt",
    "SavedView",
    "Site",
    "Spend",
    "Task",
    "Treatment",
    "User",
    "Visitor",
    "VisitorDay",
    "VisitorSession",
    "WorkingHours",
]
