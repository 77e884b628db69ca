"""How a body is read when its length is missing, or a lie (T9)."""

from io import BytesIO
from typing import Any

import pytest
from django.test import RequestFactory

from installs.config_api.bodies import MAX_BYTES, read_object
from installs.config_api.errors import ApiError

BODY = b'{"destination": {}}'


class Broken(BytesIO):
    """A connection that ends in the middle."""

    def read(self, *args: Any) -> bytes:
        raise ConnectionResetError


def request(body: BytesIO, length: str | None, **more: Any) -> Any:
    made = RequestFactory().post("/v1beta/workspaces", b"", content_type="application/json")
    environ = {**made.META, "wsgi.input": body, **more}
    environ.pop("CONTENT_LENGTH", None)
    if length is not None:
        environ["CONTENT_LENGTH"] = length
    return type(made)(environ)


def status_of(body: BytesIO, length: str | None, **more: Any) -> int:
    with pytest.raises(ApiError) as refused:
        read_object(request(body, length, **more))
    return refused.value.status


def test_a_body_in_chunks_is_read_where_the_server_ends_it():
    assert read_object(request(BytesIO(BODY), None, **{"wsgi.input_terminated": True})) == {"destination": {}}
    assert status_of(BytesIO(b" " * (MAX_BYTES + 1)), None, **{"wsgi.input_terminated": True}) == 413


def test_a_length_that_is_a_lie_is_told():
    assert status_of(BytesIO(BODY), str(len(BODY) + 1)) == 400
    assert status_of(BytesIO(BODY), str(len(BODY) - 1)) == 400
    assert status_of(BytesIO(BODY), None) == 400
    assert status_of(BytesIO(BODY), "ten") == 400
    assert status_of(Broken(BODY), str(len(BODY))) == 400


def test_what_is_too_large_is_read_to_its_end_if_that_is_near():
    """A client that is still sending would not see the answer."""
    near, far = BytesIO(b" " * (MAX_BYTES + 1)), BytesIO(b" " * (MAX_BYTES + 1))

    assert status_of(near, str(MAX_BYTES + 1)) == 413
    assert near.read() == b""
    assert status_of(far, str(10**9)) == 413
    assert far.tell() == 0
