"""What is done from a shell: the edge, like routes; commands ask the time and commit."""

from app.commands.attribute import attribute
from app.commands.demo import demo
from app.commands.organization import organization
from app.commands.river import rebuild, sweep
from app.commands.site import site
from app.commands.token import token
from app.commands.transfer import export, import_
from app.commands.user import user

COMMANDS = (demo, organization, site, user, token, sweep, rebuild, import_, export, attribute)
