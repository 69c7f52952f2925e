"""HTTP: parse, call, answer; one package a surface."""

from app.blueprints.admin import blueprint as admin
from app.blueprints.api import blueprint as api
from app.blueprints.auth import blueprint as auth
from app.blueprints.catalogue import blueprint as catalogue
from app.blueprints.collect import blueprint as collect
from app.blueprints.contact import blueprint as contact
from app.blueprints.health import blueprint as health
from app.blueprints.jobs import blueprint as jobs
from app.blueprints.leads import blueprint as leads
from app.blueprints.settings import blueprint as settings
from app.blueprints.site import blueprint as site
from app.blueprints.todo import blueprint as todo
from app.blueprints.tools.appointments import blueprint as appointments
from app.blueprints.tools.cost import blueprint as cost
from app.blueprints.tools.face import blueprint as face
from app.blueprints.tools.recommendation import blueprint as recommendation

BLUEPRINTS = (
    collect,
    site,
    recommendation,
    face,
    cost,
    appointments,
    contact,
    auth,
    admin,
    leads,
    todo,
    catalogue,
    jobs,
    settings,
    api,
    health,
)
