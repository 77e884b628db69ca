"""The one door out (SECURITY T1 to T6): nothing else may connect to an address that somebody else chose.

policy    which addresses are good             urls       reading a typed URL
resolver  a name to addresses, once            headers    grammar of configured headers
exchange  request, response, limits as values  failures   exceptions to documented kinds
wire      sockets with deadline and budget     client     `send`
                                               kept      one open connection
"""

from runtime.egress.client import send
from runtime.egress.exchange import (
    ErrorKind,
    Exchange,
    Failure,
    Limits,
    Request,
    Response,
    SentRequest,
    Timings,
)
from runtime.egress.headers import BadHeader, check_header_pair
from runtime.egress.kept import KeptLine
from runtime.egress.policy import EgressPolicy, Verdict
from runtime.egress.resolver import NameLookupFailed, NameNotFound, Resolver, system_resolver
from runtime.egress.urls import BadAddress, Target, check_url

__all__ = [
    "BadAddress",
    "BadHeader",
    "EgressPolicy",
    "ErrorKind",
    "Exchange",
    "Failure",
    "KeptLine",
    "Limits",
    "NameLookupFailed",
    "NameNotFound",
    "Request",
    "Resolver",
    "Response",
    "SentRequest",
    "Target",
    "Timings",
    "Verdict",
    "check_header_pair",
    "check_url",
    "send",
    "system_resolver",
]
