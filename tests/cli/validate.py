#!/usr/bin/python3
"""Holds JSON documents, one on each line of stdin, against the schemas of cli/schemas.

usage: validate.py SCHEMA    a name like "events"; fields that the schema does not name are mistakes here
The result lines of an event stream are held against the schema that they name as well.
"""
import json
import pathlib
import sys

import jsonschema

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "cli/schemas"


def strict(schema):
    """Users must ignore unknown fields; our own output must have none."""
    if isinstance(schema, dict):
        schema = {key: strict(value) for key, value in schema.items()}
        open_ended = schema.get("properties", {}).get("type", {}).get("const") == "result"
        if "properties" in schema and not open_ended and "announce" not in str(schema["properties"].get("schema")):
            schema["additionalProperties"] = False
        return schema
    return [strict(one) for one in schema] if isinstance(schema, list) else schema


def validator(name):
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(strict(schema))


def main():
    chosen = validator(sys.argv[1])
    count = 0
    for line in sys.stdin:
        document = json.loads(line)
        count += 1
        documents = [(chosen, document)]
        if sys.argv[1] == "events" and document["type"] == "result":
            inner = {key: value for key, value in document.items() if key not in ("type", "seq", "ts")}
            documents.append((validator(inner["schema"].split("/")[0].removeprefix("vmferry.")), inner))
        for rules, value in documents:
            problem = next(iter(rules.iter_errors(value)), None)
            if problem:
                best = jsonschema.exceptions.best_match(rules.iter_errors(value))
                print(f"{line.strip()}\nis not {sys.argv[1]}: {best.json_path}: {best.message[:400]}")
                return 1
    if count == 0:
        print("nothing was given")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
