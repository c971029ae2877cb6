"""Text that XML 1.0 can hold."""

from __future__ import annotations

import re
from typing import Final

_NOT_XML: Final = "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # takes long to compile: at first use


def xml_text(text: str) -> str:
    """The text, with a sign in the place of each character that no XML document may have."""
    return re.sub(_NOT_XML, "\ufffd", text)
