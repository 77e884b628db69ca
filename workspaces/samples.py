"""Sample code for the page of a source: each of Segment's own libraries, with only its host changed (S19, D36)."""

from dataclasses import dataclass

from workspaces.models import Source
from workspaces.states import Library

NO_KEY = "YOUR_WRITE_KEY"

_JAVASCRIPT = """\
<script>
  var i = "analytics", analytics = window[i] = window[i] || [];
  if (!analytics.initialize && !analytics.invoked) {{
    analytics.invoked = true;
    analytics.methods = ["identify", "track", "page", "group", "alias", "ready", "on", "once", "off", "reset",
      "register", "user", "setAnonymousId", "addSourceMiddleware", "addIntegrationMiddleware"];
    analytics.factory = function (method) {{
      return function () {{
        if (window[i].initialized) return window[i][method].apply(window[i], arguments);
        analytics.push([method].concat(Array.prototype.slice.call(arguments)));
        return analytics;
      }};
    }};
    analytics.methods.forEach(function (method) {{ analytics[method] = analytics.factory(method); }});
    analytics._writeKey = "{key}";
    analytics._cdn = "{host}";
    var script = document.createElement("script");
    script.async = true;
    script.setAttribute("data-global-segment-analytics-key", i);
    script.src = "{host}/analytics.js/v1/{key}/analytics.min.js";
    document.head.appendChild(script);
    analytics.page();
  }}
</script>

<script>
  analytics.identify("user-1", {{ email: "ada@example.com", plan: "free" }});
  analytics.track("Signed Up", {{ plan: "free" }});
</script>
"""
_PYTHON = """\
# pip install segment-analytics-python
import segment.analytics as analytics

analytics.write_key = "{key}"
analytics.host = "{host}"

analytics.identify("user-1", {{"email": "ada@example.com", "plan": "free"}})
analytics.track("user-1", "Signed Up", {{"plan": "free"}})
analytics.flush()
"""
_NODE = """\
// npm install @segment/analytics-node
import {{ Analytics }} from "@segment/analytics-node";

const analytics = new Analytics({{ writeKey: "{key}", host: "{host}" }});

analytics.identify({{ userId: "user-1", traits: {{ email: "ada@example.com", plan: "free" }} }});
analytics.track({{ userId: "user-1", event: "Signed Up", properties: {{ plan: "free" }} }});
await analytics.closeAndFlush();
"""
_HTTP = """\
curl {host}/v1/track \\
  --user '{key}:' \\
  --header 'Content-Type: application/json' \\
  --data '{{"userId": "user-1", "event": "Signed Up", "properties": {{"plan": "free"}}}}'
"""
_CODE = {Library.JAVASCRIPT: _JAVASCRIPT, Library.PYTHON: _PYTHON, Library.NODE: _NODE, Library.HTTP: _HTTP}
_WHERE = {
    Library.JAVASCRIPT: "Into the head of every page. It loads analytics.js from here, which sends what you track.",
    Library.PYTHON: "With the package segment-analytics-python.",
    Library.NODE: "With the package @segment/analytics-node.",
    Library.HTTP: "From any language: the write key is the user name, and there is no password.",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """Code for one library. `is_chosen`: the one that the source was made for, which is shown first."""

    library: Library
    where: str
    code: str
    is_chosen: bool

    @property
    def anchor(self) -> str:
        return f"sample-{self.library.value}"


def samples_for(source: Source, key: str, host: str) -> list[Sample]:
    """One sample for each library, that of the source first. Without a usable `key` a word stands in for it."""
    host = host.rstrip("/")
    found = [
        Sample(library, _WHERE[library], _CODE[library].format(key=key or NO_KEY, host=host), library == source.library)
        for library in Library
    ]
    return sorted(found, key=lambda sample: not sample.is_chosen)
