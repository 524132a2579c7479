"""Pages are short on the wire, also where no proxy stands in front."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client


@pytest.mark.django_db
def test_a_page_is_compressed_for_whoever_can_read_that(client: Client) -> None:
    plain, packed = client.get("/modules/"), client.get("/modules/", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert b"</html>" in gzip.decompress(packed.content)
    assert len(packed.content) < len(plain.content) / 2


@pytest.mark.django_db
def test_the_length_of_a_compressed_page_varies(client: Client) -> None:
    """Somebody who can count bytes on the wire (BREACH) finds noise there."""
    lengths = {len(client.get("/modules/", headers={"accept-encoding": "gzip"}).content) for _ in range(10)}
    assert len(lengths) > 1
