"""Causes known by the page that a framework or host shows when your code fails."""

from runtime.causes.cause import Cause, shows
from runtime.causes.clues import Clues

_FAULTS = range(500, 600)
_LOG = "Look for the traceback in your server's log, and mend the line that it ends with."


def _is_lambda_crash(clues: Clues) -> bool:
    from_gateway = bool(
        clues.header("x-amzn-requestid") or clues.header("x-amzn-errortype") or clues.header("apigw-requestid")
    )
    return clues.status in (500, 502) and from_gateway and clues.has("internal server error")


def _is_php_crash(clues: Clues) -> bool:
    return clues.status >= 200 and clues.has(
        "fatal error</b>:", "php fatal error", "uncaught error:", "<b>parse error</b>:"
    )


CRASHES = (
    Cause(
        "django-crash",
        shows("django version:", "<h1>server error (500)</h1>", among=_FAULTS),
        "Your Django view raised an exception on this event.",
        f"{_LOG} And switch DEBUG off where others can reach it.",
    ),
    Cause(
        "flask-crash",
        shows(
            "werkzeug debugger",
            "werkzeug.exceptions",
            "the server is overloaded or there is an error in the application",
            among=_FAULTS,
        ),
        "Your Flask view raised an exception on this event.",
        f"{_LOG} request.get_json() and optional fields read with [] are usual causes.",
    ),
    Cause(
        "flask-bad-request",
        shows("sent a request that this server could not understand", among=(400,)),
        "Flask could not read the body as JSON, or your view reads a key with [] that this event does not have.",
        "Read the body with request.get_json(silent=True) once, and optional fields with .get().",
    ),
    Cause(
        "rails-crash",
        shows(
            "action controller: exception caught",
            "we're sorry, but something went wrong",
            "actioncontroller::",
            "nomethoderror",
            among=_FAULTS,
        ),
        "Your Rails controller raised an exception on this event.",
        "Look into log/production.log at this moment; nil where an optional field is missing is a usual cause.",
    ),
    Cause(
        "laravel-crash",
        shows(
            "illuminate\\\\",
            "illuminate\\",
            "laravel",
            "whoops, looks like something went wrong",
            among=_FAULTS,
        ),
        "Your Laravel controller threw an exception on this event.",
        "Look into storage/logs/laravel.log at this moment.",
    ),
    Cause(
        "php-crash",
        _is_php_crash,
        "Your PHP script died with a fatal error.",
        "Look into PHP's error log, and switch display_errors off. A key that an array does not have is a usual cause.",
    ),
    Cause(
        "express-crash",
        shows("node_modules/", "(node:internal/", "typeerror: cannot read propert", among=_FAULTS),
        "Your Node handler threw an exception on this event.",
        "Look at the stack in the body. Reading a field of something undefined is the usual cause: use ?. for what is "
        "optional.",
    ),
    Cause(
        "java-crash",
        shows("whitelabel error page", "java.lang.", "javax.servlet", "org.springframework", among=_FAULTS),
        "Your Java handler threw an exception on this event.",
        "Look for the exception in the application's log. An optional field that is null is a usual cause.",
    ),
    Cause(
        "dotnet-crash",
        shows(
            "server error in '/' application",
            "asp.net",
            "system.nullreferenceexception",
            "microsoft.aspnetcore",
            among=_FAULTS,
        ),
        "Your .NET handler threw an exception on this event.",
        "Look for the exception in the application's log. Let optional fields be nullable in your model.",
    ),
    Cause(
        "lambda-crash",
        _is_lambda_crash,
        "Your Lambda function crashed, or returned something that API Gateway cannot read.",
        "Look into CloudWatch. The function has to return an object with statusCode, and a body that is a string.",
    ),
    Cause(
        "function-timed-out",
        shows(
            "function_invocation_timeout",
            "endpoint request timed out",
            "task timed out after",
            "h12",
            among=_FAULTS,
        ),
        "The hosting service stopped your function because it took too long.",
        "Put the event into a queue, answer 202 at once, and process it afterwards.",
    ),
    Cause(
        "function-crashed",
        shows("function_invocation_failed", "worker threw exception", "error code: 1101", among=_FAULTS),
        "The hosting service reports that your function threw an exception.",
        "Look into the function's log at the hosting service.",
    ),
    Cause(
        "app-down-at-host",
        shows("application error", "no-such-app.html", "herokucdn", "application failed to respond", among=(502, 503)),
        "The hosting service answers in place of your application, which crashed or did not start.",
        "Look into the application's log there, and start it again.",
    ),
)
