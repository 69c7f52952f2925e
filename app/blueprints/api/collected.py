"""What the document says of the collector, whose door stands before the application."""

from app.domain.tracking.event import DATA_BYTES, DATA_DEPTH, LONGEST_ENGAGED, WIRE_TYPES

BATCH = {
    "v": 1,
    "site": "SITE_KEY",
    "page": {
        "url": "https://clinic.example/laser?utm_source=news",
        "title": "Laser",
        "referrer": "https://www.google.com/",
    },
    "events": [
        {"id": "018f6c1e-7f3a-7c55-9d6e-5b8f3a1c2d4e", "type": "page_viewed", "at": -480000},
        {
            "id": "018f6c1e-7f3a-7c55-9d6e-5b8f3a1c2d4f",
            "type": "click",
            "at": -1200,
            "label": "Get a Demo",
            "target": "/demo",
        },
    ],
}
RECEIPT = {
    "accepted": 2,
    "duplicates": 0,
    "dropped": [],
    "session": "018f6c1e-7f3a-7c55-9d6e-5b8f3a1c2d50",
    "visitor": "5f0c9d1e-3b7a-4c55-9d6e-5b8f3a1c2d4e",
}
TEXT = {"type": ["string", "null"]}
PAGE = {"$ref": "#/components/schemas/Page"}
COLLECT_SCHEMAS = {
    "Page": {
        "type": "object",
        "properties": {
            "url": TEXT,
            "title": TEXT,
            "referrer": TEXT,
            "language": TEXT,
            "screen": {"type": ["array", "null"], "items": {"type": "number"}},
        },
    },
    "CollectedEvent": {
        "type": "object",
        "required": ["id", "type"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "type": {"type": "string", "enum": sorted(WIRE_TYPES)},
            "at": {
                "type": "number",
                "default": 0,
                "description": (
                    "Milliseconds before sending: zero or less, down to a day; anything else is "
                    "held within that."
                ),
            },
            "label": TEXT,
            "target": TEXT,
            "important": {"type": "boolean", "default": False},
            "engaged": {
                "type": ["number", "null"],
                "minimum": 0,
                "maximum": LONGEST_ENGAGED,
                "description": "Seconds so far of the page shown.",
            },
            "name": TEXT | {"description": "What an event of the type event is called."},
            "data": {
                "type": ["object", "null"],
                "description": f"At most {DATA_BYTES:,} bytes of JSON, {DATA_DEPTH} levels deep.",
            },
            "page": PAGE,
        },
    },
    "Batch": {
        "type": "object",
        "required": ["v", "site", "events"],
        "properties": {
            "v": {"const": 1},
            "site": {"type": "string"},
            "visitor": TEXT,
            "page": PAGE,
            "events": {
                "type": "array",
                "maxItems": 100,
                "items": {"$ref": "#/components/schemas/CollectedEvent"},
            },
        },
    },
    "Receipt": {
        "type": "object",
        "required": ["accepted", "duplicates", "dropped", "session", "visitor"],
        "properties": {
            "accepted": {"type": "integer"},
            "duplicates": {"type": "integer"},
            "dropped": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["id", "reason"],
                    "properties": {"id": TEXT, "reason": {"type": "string"}},
                },
            },
            "session": {"type": ["string", "null"], "format": "uuid"},
            "visitor": {"type": ["string", "null"], "format": "uuid"},
        },
    },
}


def _error(means: str) -> dict:
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": means, "content": {"application/json": {"schema": schema}}}


COLLECT = {
    "operationId": "collect",
    "tags": ["Tracking"],
    "summary": "Stores a batch of events of a page",
    "description": (
        "Stores a batch of events of a page; 202 once they are on disk. Anyone who holds a site's "
        "key may send, from an allowed origin. The same event twice is stored once; what cannot "
        "be stored is named in `dropped`. At most 64 KiB. Unlike elsewhere, NUL characters "
        "and other broken ones are left out, not refused."
    ),
    "security": [],
    "parameters": [],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Batch"},
                "example": BATCH,
            }
        },
    },
    "responses": {
        "202": {
            "description": "Stored",
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Receipt"},
                    "example": RECEIPT,
                }
            },
        },
        "400": _error("Not JSON, not a batch, or a version that is unknown"),
        "403": _error("No site has this key, or the origin is not allowed"),
        "413": _error("More than 64 KiB or 100 events"),
        "429": _error("Too many batches from this address; Retry-After tells when"),
        "503": _error("Nothing was stored; Retry-After tells when to send again"),
    },
}
