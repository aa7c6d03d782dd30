"""Which addresses a stranger may see. Everything else asks who you are.

A new address needs no line here; an address that is to be open needs one, and a reason.
"""

OPEN = {
    "/healthz": "says that it lives, and nothing else",
    "/login/": "the sign-in page",
    "/-/enter": "the single-use link",
    "/favicon.ico": "leads to a static file",
    "/admin/login/": "leads to the sign-in page",
}
