"""The pages of the API, from the same document that programs read."""

import json

from flask import current_app, render_template, request

from app.access import public
from app.addresses import MOST as LARGEST_ID
from app.blueprints.api import blueprint
from app.blueprints.api.openapi import document

PLAIN = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
}


@blueprint.get("/docs")
@public
def docs():
    """Every address of the API with its fields, an example to try and what it answers."""
    known = current_app.extensions
    if "api_pages" not in known:
        known["api_pages"] = _groups(document())
    groups, told = known["api_pages"], document()["info"]
    return render_template(
        "api/docs.html",
        groups=groups,
        count=sum(len(group["operations"]) for group in groups),
        introduction=told["description"],
        host=request.host_url.rstrip("/"),
    )


def _groups(told: dict) -> list[dict]:
    groups: dict[str, list] = {tag["name"]: [] for tag in told["tags"]}
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            page = _page(path, method.upper(), operation, told["components"]["schemas"])
            groups[operation["tags"][0]].append(page)
    return [
        {"name": name, "id": name.lower().replace(" ", "-"), "operations": operations}
        for name, operations in groups.items()
    ]


def _page(path: str, method: str, operation: dict, schemas: dict) -> dict:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    given = body and json.dumps(body["example"], indent=2, ensure_ascii=False)
    answers = [
        {"status": status, "means": each["description"], "example": _example(each)}
        for status, each in operation["responses"].items()
    ]
    return {
        "id": operation["operationId"].replace("_", "-"),
        "method": method,
        "path": path,
        "summary": operation["summary"],
        "description": operation["description"],
        "is_open": operation.get("security") == [],
        "parameters": [_parameter(each) for each in operation["parameters"]],
        "fields": _fields(body["schema"], schemas) if body else [],
        "body": given,
        "try_path": _filled(path, operation["parameters"]),
        "answers": [each for each in answers if each["example"]],
        "errors": [each for each in answers if not each["example"]],
    }


def _example(answer: dict) -> str | None:
    found = answer["content"]["application/json"].get("example")
    return None if found is None else json.dumps(found, indent=2, ensure_ascii=False)


def _filled(path: str, parameters: list[dict]) -> str:
    for each in parameters:
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", str(each["example"]))
    return path


def _parameter(each: dict) -> dict:
    return {
        "name": each["name"],
        "place": each["in"],
        "type": in_words(each["schema"]),
        "required": each["required"],
        "means": _means(each),
    }


def _means(each: dict) -> str:
    told, usual = each.get("description", ""), each["schema"].get("default")
    return told if usual is None else f"{told} If left out: {usual}."


def _fields(schema: dict, schemas: dict, within: str = "") -> list[dict]:
    """A body's fields, each object's own after it: `context.title`, `events[].type`."""
    shape = _shape(schema, schemas)
    required = shape.get("required", ())
    rows = []
    for name, each in shape["properties"].items():
        rows.append(
            {
                "name": f"{within}{name}",
                "type": in_words(each),
                "required": name in required,
                "means": each.get("description", ""),
            }
        )
        many = "items" in each
        inner = each["items"] if many else each
        if "properties" in _shape(inner, schemas):
            rows += _fields(inner, schemas, f"{within}{name}{'[]' if many else ''}.")
    return rows


def _shape(schema: dict, schemas: dict) -> dict:
    """The schema itself: what it refers to, and of several kinds the one with fields."""
    for each in schema.get("anyOf", ()):
        if "$ref" in each:
            schema = each
            break
    return schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def in_words(schema: dict) -> str:
    """What a value may be, for people: a text, one of a few, a list."""
    if "anyOf" in schema:
        kinds = [each for each in schema["anyOf"] if each.get("type") != "null"]
        return " or ".join(in_words(each) for each in kinds)
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    kind, form = schema.get("type", "object"), schema.get("format")
    if isinstance(kind, list):
        kind = kind[0]
    if form:
        return {"date-time": "moment", "date": "day", "uuid": "UUID"}.get(form, form)
    if "maximum" in schema and schema["maximum"] < LARGEST_ID:
        return f"{PLAIN[kind]}, {schema['minimum']:,} to {schema['maximum']:,}"
    if "maxLength" in schema:
        return f"{PLAIN[kind]}, up to {schema['maxLength']:,} characters"
    if kind == "array":
        return f"list of {in_words(schema.get('items', {}))}s"
    held = schema.get("additionalProperties")
    if kind == "object" and isinstance(held, dict) and held:
        return f"object of {in_words(held)}s"
    return PLAIN.get(kind, "object")
