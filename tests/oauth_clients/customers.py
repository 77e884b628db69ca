"""A customer without a browser: logs in, consents, and follows the partner's link."""

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.cast import PASSWORD
from tests.oauth_clients.partners import Partner
from tests.services.site import Site


class Visitor:
    """Forms are sent as a browser sends them: what is hidden in them, a Referer, the cookies."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.session = requests.Session()

    def allow(self, partner: Partner, customer: Mapping[str, Any]) -> str:
        """From the partner's button to Allow; the address of the partner that the browser would be sent to."""
        asked = self.session.get(f"{partner.url}/auth/segment", allow_redirects=False, timeout=20).headers["Location"]
        log_in = self.session.get(asked, timeout=20)
        self._send(log_in, login=customer["email"], password=PASSWORD)
        consent = self.session.get(asked, timeout=20)
        place = f"{customer['workspace']}/{customer['source']}"
        return self._send(consent, place=place, decision="allow").headers["Location"]

    def _send(self, page: requests.Response, **fields: str) -> requests.Response:
        """The first form of the page that is for such fields."""
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        data = {name: html.unescape(value) for name, value in reversed(hidden)} | fields
        headers = {"Referer": page.url, "Origin": self.site.base_url}
        return self.session.post(page.url, data, headers=headers, allow_redirects=False, timeout=20)

    def read(self, address: str) -> str:
        return self.session.get(address, timeout=60).text

    def exchange(self, made: Mapping[str, Any], callback: str, redirect_uri: str) -> dict[str, Any]:
        """What the token endpoint says to the code of `callback`, sent with the client's own secret."""
        code = parse_qs(urlsplit(callback).query)["code"][0]
        data = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        credentials = (made["client_id"], made["client_secret"])
        found: dict[str, Any] = self.session.post(
            f"{self.site.base_url}/oauth2/token", data, auth=credentials, timeout=20
        ).json()
        return found
