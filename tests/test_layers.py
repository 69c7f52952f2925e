"""Imports point one way only (docs/architecture.md), and each layer keeps to its own work."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app"

# layer -> the parts of app/ it may import, besides itself
LAYERS = {
    "domain": set(),
    "clients": {"domain", "config", "clock"},
    "models": {"domain", "extensions", "tenancy"},
    "queries": {"models", "domain", "extensions", "tenancy"},
    "operations": {"queries", "models", "domain", "clients", "extensions", "tenancy", "identity"},
    "jobs": {"operations", "queries", "models", "domain", "clients", "extensions", "tenancy"}
    | {"clock", "create_app"},  # an edge: a task asks the time and commits
}
# What stands on the layers.
EDGE = ("blueprints", "commands", "cli", "demo")
FORBIDDEN_WORDS = {
    "enhanced",
    "manager",
    "utils",
    "util",
    "helper",
    "helpers",
    "service",
    "services",
}
WRITES = {"add", "add_all", "delete", "merge", "commit", "flush"}
SESSIONS = ("db.session", "session", "connection")


def modules(folder: Path = APP) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(tree: ast.AST) -> list[str]:
    """Every module that a file imports, as dotted names; `from app.x import y` gives app.x.y too,
    for y may be a module."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name their module from the root: app...."
            found.append(node.module)
            found += [f"{node.module}.{alias.name}" for alias in node.names if node.module == "app"]
    return found


def part_of(module: str) -> str | None:
    """The part of app/ that a dotted name belongs to: app.queries.tracking.sites -> queries."""
    parts = module.split(".")
    return parts[1] if parts[0] == "app" and len(parts) > 1 else None


def calls(tree: ast.AST) -> set[tuple[str, str]]:
    """(object, method) of every call, such as ("db.session", "commit")."""
    return {
        (ast.unparse(node.func.value), node.func.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_what_lies_below_it(layer):
    allowed = LAYERS[layer] | {layer}
    wrong = [
        f"{named(path)} imports {module}"
        for path in modules(APP / layer)
        for module in imports(ast.parse(path.read_text()))
        if part_of(module) and part_of(module) not in allowed
    ]
    assert wrong == []


def test_nothing_below_the_edge_imports_the_edge():
    wrong = [
        f"{named(path)} imports {module}"
        for path in modules()
        if path.relative_to(APP).parts[0] not in (*EDGE, "__init__.py", "cli.py", "serve.py")
        for module in imports(ast.parse(path.read_text()))
        if part_of(module) in EDGE
    ]
    assert wrong == []


def test_one_blueprint_does_not_import_another():
    """What two surfaces share lies below them; only the package's own list names them all."""
    wrong = []
    for path in modules(APP / "blueprints"):
        if path == APP / "blueprints" / "__init__.py":
            continue
        own = ".".join(surface(path).relative_to(ROOT).parts)
        for module in imports(ast.parse(path.read_text())):
            if part_of(module) == "blueprints" and not f"{module}.".startswith(f"{own}."):
                wrong.append(f"{named(path)} imports {module}")
    assert wrong == []


def surface(path: Path) -> Path:
    """The package that a view belongs to: the nearest one above it that makes a blueprint."""
    above = [up for up in path.parents if up.is_relative_to(APP / "blueprints")]
    makes = [up for up in above if "Blueprint(" in (up / "__init__.py").read_text()]
    return makes[0] if makes else path.parent


# Arithmetic on texts, as pure as the rest.
COUNTING = {"app/domain/tools/likeness.py": {"sklearn"}}


def test_the_domain_knows_the_standard_library_only():
    wrong = [
        f"{named(path)} imports {module}"
        for path in modules(APP / "domain")
        for module in imports(ast.parse(path.read_text()))
        if part_of(module) != "domain" and module.split(".")[0] not in sys.stdlib_module_names
        if module.split(".")[0] not in COUNTING.get(named(path), ())
    ]
    assert wrong == []


def test_the_domain_asks_neither_the_clock_nor_chance_nor_the_world():
    banned = {
        "random",
        "secrets",
        "time",
        "os",
        "socket",
        "urllib.request",
        "subprocess",
        "logging",
    }
    clock = {"now", "utcnow", "today"}
    for path in modules(APP / "domain"):
        tree = ast.parse(path.read_text())
        assert not banned & set(imports(tree)), named(path)
        assert not {method for _, method in calls(tree)} & clock, named(path)


@pytest.mark.parametrize("layer", ["models", "queries", "operations", "domain"])
def test_what_is_below_the_edge_is_told_the_time(layer):
    for path in modules(APP / layer):
        tree = ast.parse(path.read_text())
        assert "app.clock" not in imports(tree), named(path)
        asked = {f"{owner}.{method}" for owner, method in calls(tree)}
        assert not asked & {"datetime.now", "datetime.utcnow", "time.time", "date.today"}, named(
            path
        )


def test_queries_never_write():
    for path in modules(APP / "queries"):
        tree = ast.parse(path.read_text())
        written = {c for c in calls(tree) if c[0] in SESSIONS and c[1] in WRITES}
        assert written == set(), named(path)
        names = {
            name for name in imports(tree) if name in ("sqlalchemy.insert", "sqlalchemy.update")
        }
        assert names == set(), named(path)
        used = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and _is_name(n.func)}
        assert not used & {"insert", "update", "delete"}, named(path)


def _is_name(node) -> bool:
    return isinstance(node, ast.Name)


@pytest.mark.parametrize("layer", ["models", "operations", "clients"])
def test_only_the_edge_commits(layer):
    for path in modules(APP / layer):
        ended = {c for c in calls(ast.parse(path.read_text())) if c[1] in ("commit", "rollback")}
        assert ended == set(), named(path)


def test_only_config_reads_the_environment():
    for path in modules():
        if path == APP / "config.py":
            continue
        read = [
            ast.unparse(node)
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
            if ast.unparse(node.value) == "os"
        ]
        assert read == [], named(path)


def test_names_are_of_the_trade():
    """Files, classes, functions: no word that says nothing."""
    wrong = []
    for path in modules():
        names = list(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                names.append(node.name)
        wrong += [f"{named(path)}: {name}" for name in names if words(name) & FORBIDDEN_WORDS]
    assert wrong == []


def words(name: str) -> set[str]:
    """The words of a name: LeadManager_utils -> {lead, manager, utils}."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def test_the_words_of_a_name_are_told_apart():
    assert words("LeadManager_utils") == {"lead", "manager", "utils"}
    assert "helper" in words("APIHelper")


def test_every_module_of_the_app_imports_without_a_circle():
    """Each module's imports at its top can be put in an order in which all exist."""
    names = {".".join(p.relative_to(ROOT).with_suffix("").parts): p for p in modules()}
    names = {name.removesuffix(".__init__"): path for name, path in names.items()}
    needs = {name: _needed(path, names) - {name} for name, path in names.items()}
    done: set[str] = set()
    while ready := [name for name, needed in needs.items() if name not in done and needed <= done]:
        done.update(ready)
    left = {name: sorted(needs[name] - done) for name in needs if name not in done}
    assert left == {}


def _needed(path: Path, names) -> set[str]:
    """App modules imported at a file's top, a package's own blueprint pattern aside."""
    tree = ast.parse(path.read_text())
    own = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    top = ast.Module([n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)], [])
    needed = set()
    for node in ast.walk(top):
        if isinstance(node, ast.ImportFrom):
            inside = {f"{node.module}.{a.name}" for a in node.names} & names.keys()
            whole = {node.module} & names.keys() if len(inside) < len(node.names) else set()
            needed |= inside | whole
        elif isinstance(node, ast.Import):
            needed |= {alias.name for alias in node.names} & names.keys()
    if path.name == "__init__.py":  # `from app.blueprints.x import routes`, after the blueprint
        needed = {n for n in needed if not n.startswith(f"{own}.")}
    return needed
