"""The human page of the API, written on the server from the OpenAPI document: no script, nothing from another server."""

from __future__ import annotations

from html import escape
from typing import Any

METHODS = ("get", "head", "post", "put", "patch", "delete")
STYLE = """
:root{color-scheme:light dark;--ink:#1a2230;--soft:#5a6576;--line:#d9dee6;--paper:#fff;--accent:#1f4bb8}
@media(prefers-color-scheme:dark){:root{--ink:#e7ebf2;--soft:#a2adbd;--line:#313a48;--paper:#12161d;--accent:#8fb0ff}}
body{font:14px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:960px;margin:32px auto;padding:0 20px}
h1{font-size:24px}h2{font-size:18px;margin-top:40px;border-bottom:1px solid var(--line);padding-bottom:6px}
details{border:1px solid var(--line);border-radius:6px;margin:8px 0;padding:8px 12px}summary{cursor:pointer}
code{font-family:ui-monospace,monospace}.m{display:inline-block;min-width:56px;color:var(--accent);font-weight:600;text-transform:uppercase}
table{border-collapse:collapse;width:100%;margin:8px 0}
td,th{text-align:left;border-top:1px solid var(--line);padding:4px 8px 4px 0;vertical-align:top}
p,.s{color:var(--soft)}pre{overflow:auto;border:1px solid var(--line);border-radius:6px;padding:8px}
"""


def page(spec: dict[str, Any]) -> str:
    """The page for an OpenAPI document."""
    groups: dict[str, list[str]] = {}
    for path, item in spec.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                groups.setdefault((operation.get("tags") or ["other"])[0], []).append(_operation(spec, method, path, operation))
    body = "".join(f"<h2>{escape(name)}</h2>{''.join(parts)}" for name, parts in groups.items())
    info = spec.get("info", {})
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(info.get('title', ''))}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escape(info.get('title', ''))} {escape(info.get('version', ''))}</h1><p>{escape(info.get('description', ''))}</p>"
        f'<p>Machine readable: <a href="/api/v1/openapi.json">/api/v1/openapi.json</a></p>{body}</main></body></html>'
    )


def _operation(spec: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}{' (required)' if one.get('required') else ''}</td>"
        f"<td>{escape(_type(spec, one.get('schema', {})))}</td><td>{escape(one.get('description', ''))}</td></tr>"
        for one in operation.get("parameters", [])
    )
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        rows += f"<tr><td>body</td><td>{escape(media)}</td><td colspan=2>{_fields(spec, content.get('schema', {}))}</td></tr>"
    for status, answer in operation.get("responses", {}).items():
        kinds = " ".join(answer.get("content", {}))
        good = answer.get("content", {}).values() if status.startswith("2") else ()
        text = escape(answer.get("description", "")) + "".join(_fields(spec, one.get("schema", {})) for one in good)
        rows += f"<tr><td>{escape(status)}</td><td>{escape(kinds)}</td><td colspan=2>{text}</td></tr>"
    return (
        f'<details><summary><span class="m">{method}</span> <code>{escape(path)}</code> <span class="s">'
        f"{escape(operation.get('summary', ''))}</span></summary><p>{escape(operation.get('description', ''))}</p>"
        f"<table>{rows}</table></details>"
    )


def _resolve(spec: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    ref = schema.get("$ref")
    if not ref:
        return schema
    found: dict[str, Any] = spec
    for part in ref.removeprefix("#/").split("/"):
        found = found[part]
    return found


def _type(spec: dict[str, Any], schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            return " or ".join(_type(spec, one) for one in schema[union])
    if schema.get("type") == "array":
        return f"list of {_type(spec, schema.get('items', {}))}"
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    return str(schema.get("format") or schema.get("type") or "anything")


def _fields(spec: dict[str, Any], schema: dict[str, Any]) -> str:
    shape = _resolve(spec, schema)
    if "properties" not in shape:
        return f"<code>{escape(_type(spec, schema))}</code>"
    need = set(shape.get("required", ()))
    return "<br>".join(
        f"<code>{escape(name)}</code>{'*' if name in need else ''} {escape(_type(spec, one))} {escape(one.get('description', ''))}"
        for name, one in shape["properties"].items()
    )
