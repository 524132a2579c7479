"""nginx configuration, by crossplane. Runs in a box."""

from __future__ import annotations

import sys
from typing import Any

from .reading import Fault


def parse_nginx(text: str) -> Any:
    """Directives as nginx's own configuration parser finds them; `include` is left alone."""
    import crossplane

    del text
    payload = crossplane.parse(
        sys.argv[2], single=True, strict=True, catch_errors=True, check_ctx=True, check_args=True
    )
    for fault in payload["errors"]:
        words = str(fault["error"]).rpartition(" in ")[0] or str(fault["error"])
        raise Fault(words, fault.get("line") or 0)
    return payload["config"][0]["parsed"]
