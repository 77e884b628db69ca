"""A stored request as a curl command and as a pytest file: the same bytes, with variables for secrets.

Both are made of text that a stranger's endpoint and a customer's data may have put there, so every piece is
quoted by the rules of the language it lands in, and nothing of it stands in a comment.
"""

import re
import shlex
from string import Template

from testbench.models import CaseResult, SuiteRun
from testbench.recorded import Header, Piece, Pieces, Recorded, Secret, read_request

_JSON_NOTE = '# Inside JSON: write \\" for a quotation mark in the secret and \\\\ for a backslash.'


def as_curl(run: SuiteRun, result: CaseResult) -> str:
    """A command for bash and zsh. Raises ValueError for a case that was not sent."""
    request = _read(run, result)
    options = [
        "curl --include --silent --show-error --http1.1 --globoff --path-as-is --max-time 20 --request POST",
        f"--url {_bash((request.origin, *request.target))}",
        *(_curl_header(header) for header in request.headers),
        "--header 'Expect:'",
        f"--data-raw {_bash(request.body)}",
    ]
    return "\n".join([*_bash_notes(request), " \\\n  ".join(options), ""])


def as_pytest(run: SuiteRun, result: CaseResult, expects: str = "accepted") -> str:
    """A file that pytest runs, without other packages. Raises ValueError for a case that was not sent."""
    request = _read(run, result)
    header_lines = [f"        ({header.name!a}, {_python_header(header)}),\n" for header in request.headers]
    return _PYTEST.substitute(
        case_id=_word(result.case_id, "-"),
        function=name_of_test(result),
        secrets="".join(f"  {name}: {secret.what}\n" for name, secret in request.secrets.items()),
        needs="Set these in the environment first:\n" if request.secrets else "Nothing has to be set first.\n",
        notes="".join(f"# {note}\n" for note in request.notes),
        origin=ascii(request.origin),
        target=_python(request.target),
        headers="".join(header_lines),
        body=_python(request.body),
        expectation=_EXPECTATIONS.get(expects, _EXPECTATIONS["accepted"]),
    )


def name_of_test(result: CaseResult) -> str:
    """The name of the test function and, with “.py”, of its file."""
    return f"test_{_word(result.case_id, '_')}"


def _read(run: SuiteRun, result: CaseResult) -> Recorded:
    if not result.request or result.request["body"]["encoding"] != "text":
        raise ValueError("nothing was sent that can be sent again")
    return read_request(result.request, run.endpoint, run.sensitive)


def _word(text: str, joint: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", joint, text).strip(joint) or "case"


# --- bash -------------------------------------------------------------------------------------------


def _bash_notes(request: Recorded) -> list[str]:
    lines = [f"# Set {name} first: {secret.what}." for name, secret in request.secrets.items()]
    if any(isinstance(piece, Secret) and piece.in_json for header in request.headers for piece in header.pieces):
        lines.append(_JSON_NOTE)
    return [*lines, *(f"# {note}" for note in request.notes)]


def _curl_header(header: Header) -> str:
    if header.encoding == "basic":
        return f'--user "{_bash_variable(header.pieces[0])}:"'
    if header.encoding == "base64":
        value = f"$(printf '%s' {_bash(header.pieces)} | base64 | tr -d '\\n')"
        return f'--header "{header.name}: {value}"'
    # curl drops a header without a value unless it ends in a semicolon.
    text = (f"{header.name};",) if header.pieces in ((), ("",)) else (f"{header.name}: ", *header.pieces)
    return f"--header {_bash(text)}"


def _bash(pieces: Pieces) -> str:
    """One word of the shell."""
    return "".join(f'"{_bash_variable(piece)}"' if isinstance(piece, Secret) else _quoted(piece) for piece in pieces)


def _bash_variable(piece: Piece) -> str:
    assert isinstance(piece, Secret)
    return "${" + piece.variable + ":?}"


def _quoted(text: str) -> str:
    """In single quotes; characters that a terminal acts upon, or that nobody sees, as bytes in $'…'."""
    if text.isprintable():
        return shlex.quote(text)
    return "$'" + "".join(_escaped(char) for char in text) + "'"


def _escaped(char: str) -> str:
    if char in "'\\":
        return f"\\{char}"
    return char if char.isprintable() else "".join(f"\\x{byte:02x}" for byte in char.encode())


# --- Python -----------------------------------------------------------------------------------------


def _python(pieces: Pieces) -> str:
    """An expression for the text."""
    return " + ".join(_python_piece(piece) for piece in pieces) or "''"


def _python_piece(piece: Piece) -> str:
    if isinstance(piece, str):
        return ascii(piece)
    return f"{'in_json' if piece.in_json else 'secret'}({piece.variable!a})"


def _python_header(header: Header) -> str:
    text = _python(header.pieces)
    if header.encoding == "basic":
        return f'"Basic " + base64_of({text} + ":")'
    return f"base64_of({text})" if header.encoding == "base64" else text


_EXPECTATIONS = {
    "accepted": "200 <= status < 300 or status == 501",
    "unauthorized": "status in (401, 403)",
}
_PYTEST = Template('''"""Case $case_id of the Segment Test Suite: sends the same request and checks the answer.

Run it with: python -m pytest $function.py
$needs$secrets"""

import base64
import http.client
import json
import os
from urllib.parse import urlsplit


def secret(name):
    return os.environ[name]


def in_json(name):
    return json.dumps(secret(name), ensure_ascii=False)[1:-1]


def base64_of(text):
    return base64.b64encode(text.encode()).decode()


def send(origin, target, headers, body):
    address = urlsplit(origin)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.hostname, address.port, timeout=20)
    try:
        connection.putrequest("POST", target, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


${notes}def $function():
    origin = $origin
    target = $target
    headers = [
$headers    ]
    body = ($body).encode()
    status, answer = send(origin, target, headers, body)
    assert $expectation, f"{status}: {answer[:500]!r}"
''')
