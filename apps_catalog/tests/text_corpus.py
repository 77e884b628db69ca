"""Descriptions: the hostile ones of `markdown_corpus`, and the benign twins that people really write.

`BENIGN` holds the text and what readers must still see of it, letter for letter.
"""

# ruff: noqa: E501 - a text is shown in one piece

from apps_catalog.tests.markdown_corpus import PAYLOADS

_TOOLS = (
    "Brightloop",
    "Café Müller",
    "日本ツール",
    "R&D <Lab>",
    "C++ Profiler",
    "O'Neil's",
    "“Quoted” Co.",
    "100% Organic",
)
_PLAIN = [
    "Send every order to {tool} and see what sells.",
    "If a < b and b > c, {tool} draws it.",
    "Write to sales@demo.example or call +1 555 0100.",
    "{tool}: prices from $9 * seats, 5 * 3 = 15.",
    "Track <button> clicks & <form> submits.",
    "Use the events onClick, onload and onerror as you like.",
    "Call alert(1) in your own code; we only record the event.",
    "Our JavaScript: no script tag needed.",
    "Paths such as C:\\Users\\me and /admin/ are kept.",
    "Snake_case_names and kebab-case-names stay whole.",
]
_FORMATTED = [
    ("**{tool}** in bold", "{tool} in bold"),
    ("*soft* and **strong** and ***both***", "soft and strong and both"),
    ("- one\n- two\n- three", "one two three"),
    ("1. first\n2. second", "first second"),
    ("# A heading\n\nA text", "A heading A text"),
    ("[the docs](https://docs.demo.example/a?b=1&c=2#d)", "the docs"),
    ("<https://demo.example/>", "https://demo.example/"),
    ("[write](mailto:help@demo.example)", "write"),
    ("> quoted\n> twice", "quoted twice"),
    ("`onTrack(event)` is called", "onTrack(event) is called"),
    ("```js\nif (a < b) { run(); }\n```", "if (a < b) { run(); }"),
    ("line one\\\nline two", "line one line two"),
    ("above\n\n---\n\nbelow", "above below"),
    ("a footnote\\* and \\_escapes\\_", "a footnote* and _escapes_"),
]

BENIGN: list[tuple[str, str]] = [
    *((text.format(tool=tool), text.format(tool=tool)) for text in _PLAIN for tool in _TOOLS[: 8 if "{tool}" in text else 1]),
    *((text.format(tool=tool), seen.format(tool=tool)) for text, seen in _FORMATTED if "{tool}" in text for tool in _TOOLS),
    *((text, seen) for text, seen in _FORMATTED if "{tool}" not in text),
    ("مرحبا بالعالم", "مرحبا بالعالم"),
    ("שלום **עולם**", "שלום עולם"),
    ("emoji 👩‍👩‍👧‍👦 and 🇩🇪", "emoji 👩‍👩‍👧‍👦 and 🇩🇪"),
    ("zero\u200bwidth", "zero\u200bwidth"),
    ("&amp; &lt;b&gt; &copy;", "& <b> ©"),
]  # fmt: skip

HOSTILE: list[str] = list(dict.fromkeys([
    *PAYLOADS,
    # The same tricks inside what a description may hold.
    *(f"- item {text}" for text in PAYLOADS[:12]),
    *(f"> {text}" for text in PAYLOADS[12:24]),
    *(f"**{text}**" for text in PAYLOADS[34:46]),
    "<p\x00onclick=alert(1)>", "<img/src='x'/onerror=alert(1)>", "<a href='java\nscript:alert(1)'>x</a>",
    "[x](https://evil.example/x.png \"t\")\n\n<img src=https://evil.example/leak.png>",
    "<div style=background-image:url(https://evil.example/leak.png)>x</div>", "<audio autoplay src=https://evil.example/a>",
    "<link rel=preload href=https://evil.example/p as=script>", "<link rel=dns-prefetch href=//evil.example>",
    "[a](https://ok.example)<img src=https://evil.example/q onerror=alert(1)>", "![](https://evil.example/pixel.gif)",
    "[![x](https://evil.example/x.png)](https://ok.example)", "<svg><use href=https://evil.example/s.svg#a></svg>",
]))  # fmt: skip
