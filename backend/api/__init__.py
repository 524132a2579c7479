"""The JSON interface under /api/v1/: what the pages show and take, for programs.

It signs in by the browser's session; POST needs the CSRF token in the header X-CSRFToken. Every error is
{"error": {"code", "message"}}, with "retry_after" (seconds) where waiting helps.
"""
