"""Commands: `flask --app run ...`; one module of app/commands/ a group."""

from app.commands import COMMANDS


def init_app(app):
    for command in COMMANDS:
        app.cli.add_command(command)
