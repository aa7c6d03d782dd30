"""What the API's description says of every address: how to get in, and what can go wrong."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class BearerTokenScheme(OpenApiAuthenticationExtension):
    """`Authorization: Bearer helios_...`; drf-spectacular finds it once it is imported."""

    target_class = "helios_site.tokens.BearerToken"
    name = "bearerToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


# Every operation can answer these: what a caller, the doorway or the machine can bring about.
PROBLEMS = {
    "400": "a value that cannot be used; `fields` names it and the remedy",
    "401": "no token, or one that is not known",
    "403": "signed in, but without the right",
    "404": "something is named that does not exist",
    "409": "right in itself, but not in this state",
    "413": "more than is read at once",
    "503": "the database, the broker or the predictor is away: try again",
    "507": "the disk or the quota is full",
}
WITH_BODY = {"415": "a type of body that is not read"}
PROBLEM = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["error"]},
        "code": {"type": "string", "description": "a word for programs"},
        "message": {"type": "string", "description": "a sentence for people"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
        "requestId": {"type": "string", "description": "the same in the log"},
    },
    "required": ["status", "code", "message"],
}


def describe_problems(result: dict[str, Any], **about: Any) -> dict[str, Any]:
    """drf-spectacular's hook: the one envelope of every error, on every operation."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in result["paths"].values():
        for operation in path.values():
            problems = PROBLEMS | (WITH_BODY if "requestBody" in operation else {})
            for code, words in problems.items():
                operation["responses"].setdefault(
                    code, {"description": words, "content": content}
                )
    return result
