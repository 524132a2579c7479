"""What people see when a request cannot be answered."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.django_db
def test_a_request_that_is_too_large_is_refused_with_a_page_that_says_so(client: Client) -> None:
    response = client.post("/accounts/login/", {f"field-{number}": "x" for number in range(300)})
    assert response.status_code == 400
    assert "Nothing was stored or changed" in response.content.decode()


@pytest.mark.django_db
def test_an_address_that_does_not_exist_leads_on(client: Client) -> None:
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert 'href="/modules/"' in response.content.decode()
