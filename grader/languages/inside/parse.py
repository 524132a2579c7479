"""Reads a configuration file with the parser its real users have, and answers a lab's questions. Runs in a box.

Usage: parse.py FORMAT FILE [questions]. Without questions: one JSON object {"document": ...} or {"faults": [{"line",
"column", "message"}]}. With them, a JSON list of questions is read from standard input and a list of answers printed.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from .docker_file import parse_dockerfile
from .gbnf_file import ask_gbnf, parse_gbnf
from .nginx_file import parse_nginx
from .prometheus_file import parse_prometheus_rules
from .reading import Fault, plain, text_of
from .schema_file import ask_json_schema, parse_json, parse_json_schema
from .yaml_file import parse_yaml

PARSERS = {
    "dockerfile": parse_dockerfile,
    "gbnf": parse_gbnf,
    "json": parse_json,
    "json_schema": parse_json_schema,
    "nginx": parse_nginx,
    "prometheus_rules": parse_prometheus_rules,
    "yaml": parse_yaml,
}
ASKED = {"gbnf": ask_gbnf, "json_schema": ask_json_schema}


def main() -> None:
    """Print what was found."""
    kind, path = sys.argv[1], sys.argv[2]
    answer: Any
    try:
        text = text_of(path)
        if kind in ASKED and len(sys.argv) > 3:
            answer = {"answers": ASKED[kind](text, json.load(sys.stdin))}
        else:
            answer = {"document": plain(PARSERS[kind](text))}
    except Fault as fault:
        answer = {"faults": [fault.row]}
    except RecursionError:
        answer = {"faults": [{"line": 0, "column": 0, "message": "The file is nested too deeply for its parser."}]}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
