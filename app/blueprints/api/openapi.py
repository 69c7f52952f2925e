"""The document of the API (OpenAPI 3.1), made from the views, their bodies and their examples."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
from flask import current_app
from werkzeug.routing import Rule

from app.access import public
from app.blueprints.api import blueprint
from app.blueprints.api.body import choices_of
from app.blueprints.api.collected import COLLECT, COLLECT_SCHEMAS
from app.blueprints.api.documented import ADDRESSES, EVENTS_SAY, MAPS, Told
from app.blueprints.api.interactions import MOST_EVENTS
from app.blueprints.api.parameters import ASKED_BY_ADDRESS, queries_of
from app.caller import roles_for
from app.models.user import ROLES
from app.operations.tracking.import_interactions import Imported

EXAMPLES = Path(__file__).with_name("examples.json")
REF = "#/components/schemas/{name}"
MEANS = {
    200: "Done",
    201: "Made",
    202: "Taken in",
    400: "The body is not JSON, or a NUL character stands in it or in the address",
    401: "No API token and nobody signed in",
    403: "The token's role, or its organization, may not do this",
    404: "There is no such thing in this organization",
    409: "It is so already, or has changed in the meantime",
    413: "The body is over 2 MiB, or there is too much in it",
    422: "Some fields cannot be used; error.fields names each",
    429: "Too many calls; Retry-After says in how many seconds to go on",
}
RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}
INTRODUCTION = (
    "JSON in, JSON out. Send an API token (Settings, Users and tokens) as "
    "`Authorization: Bearer TOKEN`; the organization follows from the token. Moments are ISO 8601 "
    "in UTC, amounts are in the organization's currency. Lists page by `limit` and an opaque "
    "`cursor`. Every error has one shape, in which `fields` names each field that cannot be used; "
    "fields and parameters that are not known are refused, so that a slip never passes for an "
    "answer. Who calls too often gets 429 with `Retry-After`."
)
CLAUSE = re.compile(r"[,;:.] ")
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
ERROR = {
    "type": "object",
    "required": ["success", "error"],
    "properties": {
        "success": {"const": False},
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "fields": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
    },
}


@blueprint.get("/api/openapi.json")
@public
def openapi():
    """This API as an OpenAPI 3.1 document."""
    return document()


@cache
def examples() -> dict[str, dict]:
    """Endpoint -> what it answered when asked with its own example."""
    return msgspec.json.decode(EXAMPLES.read_bytes())


def document() -> dict:
    """The whole document; made once per application."""
    known = current_app.extensions
    if "openapi" not in known:
        known["openapi"] = _document()
    return known["openapi"]


def _document() -> dict:
    paths: dict[str, dict] = {"/collect": {"post": COLLECT}}
    for rule in current_app.url_map.iter_rules():
        name = rule.endpoint.removeprefix("api.")
        if not rule.endpoint.startswith("api.") or name not in ADDRESSES:
            continue
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            address = PARAMETER.sub(r"{\2}", rule.rule)
            paths.setdefault(address, {})[method.lower()] = _operation(name, rule)
    groups = dict.fromkeys(told.group for told in ADDRESSES.values())
    return {
        "openapi": "3.1.0",
        "info": {"title": "Leadlight", "version": "1", "description": INTRODUCTION},
        "tags": [{"name": group} for group in groups],
        "security": [{"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(name: str, rule) -> dict:
    told, view = ADDRESSES[name], current_app.view_functions[rule.endpoint]
    said = " ".join(view.__doc__.split())
    roles = roles_for(view)
    operation = {
        "operationId": name,
        "tags": [told.group],
        "summary": CLAUSE.split(said)[0].rstrip("."),
        "description": f"{said} {_who(roles)}",
        "x-roles": list(roles),
        "parameters": [*_path_parameters(rule.rule), *_query_parameters(view)],
        "responses": _responses(name, told, rule),
    }
    if told.body:
        operation["requestBody"] = {
            "required": not told.body_optional,
            "content": {
                "application/json": {"schema": _body_schema(told.body), "example": told.example}
            },
        }
    return operation


def _who(roles: tuple[str, ...]) -> str:
    if roles == ROLES:
        return "Any token may."
    *others, last = roles
    told = f"{', '.join(others)} or {last}" if others else last
    return f"Needs a token of the role {told}."


def _path_parameters(rule: str) -> list[dict]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
            if kind == "int"
            else {"type": "string", "format": "uuid"},
            "example": 1 if kind == "int" else "018f6c1e-7f3a-7c55-9d6e-5b8f3a1c2d4e",
        }
        for kind, name in PARAMETER.findall(rule)
    ]


def _query_parameters(view: Callable) -> list[dict]:
    return [
        {
            "name": query.name,
            "in": "query",
            "required": query.required,
            "description": query.means,
            "schema": query.schema,
            **({} if query.required else {"allowEmptyValue": True}),  # as if it were left out
            **({} if query.example is None else {"example": query.example}),
        }
        for query in queries_of(view)
    ]


def _responses(name: str, told: Told, rule: Rule) -> dict:
    errors = {400, 401, 403, 413, 429, *told.errors}
    if rule.arguments:
        errors.add(404)
    if told.body or rule.methods & set(ASKED_BY_ADDRESS):
        errors.add(422)
    example = examples()[name]
    schema = {"$ref": REF.format(name=_answer_name(name))}
    answers = {
        str(status): {
            "description": MEANS[status],
            "content": {"application/json": _answer(name, status, schema, example)},
        }
        for status in told.answers
    }
    refused = {
        str(status): {
            "description": MEANS[status],
            "content": {"application/json": {"schema": {"$ref": REF.format(name="Error")}}},
            **({"headers": RETRY_AFTER} if status == 429 else {}),
        }
        for status in sorted(errors)
    }
    return answers | refused


def _answer(name: str, status: int, schema: dict, example: dict) -> dict:
    if (name, status) == ("bulk_calculate", 202):
        return {"schema": shape_of(AS_A_JOB), "example": AS_A_JOB}
    return {"schema": schema, "example": example}


AS_A_JOB = {
    "success": True,
    "job": {"id": 12, "state": "waiting", "progress": 0},
    "status": "/api/jobs/12",
}


def _answer_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_")) + "Answer"


def _body_schema(shape: type[msgspec.Struct]) -> dict:
    schema = {"$ref": REF.format(name=shape.__name__)}
    if shape is not Imported:
        return schema
    events = {"type": "array", "items": schema, "minItems": 1, "maxItems": MOST_EVENTS}
    many = {
        "type": "object",
        "required": ["events"],
        "properties": {"events": events},
    }
    return {"anyOf": [schema, many]}


def _schemas() -> dict:
    bodies = {told.body for told in ADDRESSES.values() if told.body}
    ordered = sorted(bodies, key=lambda body: body.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=REF)
    for body in bodies:
        schemas[body.__name__]["additionalProperties"] = False
        for field in msgspec.structs.fields(body):
            if choices := choices_of(field.type):  # in their own order, which msgspec leaves
                said = schemas[body.__name__]["properties"][field.name]
                _kind(said).update(type="string", enum=list(choices))
    for name, said in EVENTS_SAY.items():
        field = schemas[Imported.__name__]["properties"][name]
        _kind(field).update({key: value for key, value in said.items() if key != "description"})
        field.update({key: value for key, value in said.items() if key == "description"})
    answers = {_answer_name(name): shape_of(example) for name, example in examples().items()}
    return dict(sorted({**schemas, **answers, **COLLECT_SCHEMAS, "Error": ERROR}.items()))


def _kind(field: dict) -> dict:
    """What the schema of a field says of its value where there is one: the other one is null."""
    return field["anyOf"][0] if "anyOf" in field else field


def shape_of(example, name: str = "", nullable: bool = False) -> dict:
    """The schema of answers like this one: the same names; scalars and inner objects may be null.

    Nothing is said of what was null or empty, or of an id from elsewhere, which is a number or a
    text.
    """
    if isinstance(example, bool):
        return {"type": "boolean"}
    if isinstance(example, dict):
        kind = {"type": ["object", "null"] if nullable else "object"}
        if name in MAPS or not example:
            return kind
        inner = {key: shape_of(value, key, True) for key, value in example.items()}
        return {**kind, "properties": inner, "required": list(example)}
    if isinstance(example, list):
        items = {"items": shape_of(example[0])} if example else {}
        return {"type": "array", **items}
    if example is None or name == "source_id":
        return {}
    if isinstance(example, int) and (name == "id" or name.endswith("_id")):
        return {"type": ["integer", "null"]}
    return {"type": ["number" if isinstance(example, int | float) else "string", "null"]}


__all__ = ["document", "examples", "shape_of"]
