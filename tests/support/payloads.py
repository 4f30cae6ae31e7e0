"""Texts that people, or their enemies, put into titles, labels and tags: each must be shown and none may act."""

from __future__ import annotations

PAYLOADS = (
    "<script>document.title='ran'</script>",
    "</script><script>document.title='ran'</script>",
    "<!--<script>document.title='ran'//-->",
    "</style><script>document.title='ran'</script>",
    "</title><script>document.title='ran'</script>",
    "<img src=x onerror=\"document.title='ran'\">",
    "<svg onload=\"document.title='ran'\"><a xlink:href=\"javascript:document.title='ran'\">x</a></svg>",
    '"><iframe srcdoc="<script>parent.document.title=\'ran\'</script>"></iframe>',
    "' onmouseover='document.title=1' x='",
    "{{7*7}} {% for x in range(3) %}x{% endfor %} {{ view.facts }}",
    "${7*7} #{7*7} <%= 7*7 %>",
    "javascript:document.title='ran'",
    "line\u2028separator\u2029and paragraph",
    "right-to-left \u202egpj.exe and \u2066isolate",
    "<meta http-equiv=refresh content=\"0;url=javascript:document.title='ran'\">",
    "<base href=https://evil.example/><link rel=stylesheet href=//evil.example/x.css>",
    "&lt;already escaped&gt; &amp; &#60;twice&#62;",
    "<details open ontoggle=\"document.title='ran'\"></details>",
)
BAD_URLS = (
    "javascript:document.title='ran'",
    "JaVaScRiPt:document.title='ran'",
    " javascript:document.title='ran'",
    "data:text/html,<script>document.title='ran'</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "//evil.example/x",
    "https:",
    "http://\u202eevil.example/",
    'https://ok.example/" onmouseover="document.title=1',
)
