"""Pages with a code editor: what they need beyond other pages.

The editor (static/js/code-editor.js) writes its own style sheet into the page. Only on these pages the
Content-Security-Policy allows that, to whoever knows the nonce of this very answer: the template puts it on the
editor's element as `nonce="{{ request.csp_nonce }}"`.
"""

from csp.constants import NONCE
from csp.decorators import csp_update

code_editor_page = csp_update({"style-src": [NONCE]})
