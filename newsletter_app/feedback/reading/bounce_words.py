"""How free-form bounces give themselves away, and where their own words end; one pattern a line.

Searched in lower-case text. Sources: the servers' own sources and manuals, and reports as they are sent.
"""

from __future__ import annotations

import re
from typing import Final

_FROM: Final = (
    r"mailer-?daemon",
    r"postmaster",
    r"mail-?delivery",
    r"delivery[- ]?subsystem",
    r"mail ?system",
)
_SUBJECT: Final = (
    r"undeliver",
    r"\bnot delivered",
    r"non[- ]?delivery",
    r"delivery (status|failure|failed|error|problem|has failed|notification|report|delayed|was delayed)",
    r"mail (delivery|system error|failure|status|error)",
    r"returned mail",
    r"failure notice",
    r"returned? to sender",
    r"message (status|delayed)",
    r"could ?n.t be delivered|could not be delivered|unable to deliver|cannot be delivered",
    r"failed (mail|message|delivery)",
    r"warning: (message|could)",
    r"user unknown",
    r"\bnon (remis|distribu|delivr)|avis de non|echec de la (remise|distribution)",
    r"unzustellbar",
    r"no se (pudo|puede) entregar|mancata consegna|nao entregue",
)
# What follows one of these is what was returned, not what the server says.
_RETURNED: Final = (
    r"(below (the next|this) line is|this is|here is|included is) a copy",
    r"a copy of the (original )?message",
    r"original message\b",
    r"message (text|headers?) follows?",
    r"start of returned",
    r"your message reads",
    r"returned (mail|message) follows",
    r"unsent message",
    r"forwarded message",
    r"old message:",
    r"(return-path|message-id): ?<",
    r"received: (from|by) ",
    r"the header and top",
    r"copie du message",
)
_STILL_TRYING: Final = (
    r"do(es)? not need to re-?send",
    r"no need to re-?send",
    r"will (continue|keep)( on)?( to)? ?(try|retry|attempt)",
    r"(will be|still being|being) retried",
    r"(has|have) not yet been delivered|not yet delivered",
    r"is (still )?(being )?delayed|has been delayed|delayed delivery",
    r"will try again",
    r"warning (message )?only",
    r"(delivery )?attempts will continue",
    r"we will continue",
)

FROM: Final = re.compile("|".join(_FROM))
SUBJECT: Final = re.compile("|".join(_SUBJECT))
RETURNED: Final = re.compile(rf"^[ >*\-_=#]{{0,80}}(?:{'|'.join(_RETURNED)})", re.MULTILINE)
STILL_TRYING: Final = re.compile("|".join(_STILL_TRYING))
# A line that holds a refusing reply (RFC 5321 4.2), perhaps behind who said it.
REPLY: Final = re.compile(
    r"^[ \t<>*]{0,20}(?:[^\n]{0,60}(?:said|replied|returned|error|received|>>>|<<<):? ?)?[45][0-57]\d[ \-]",
    re.MULTILINE,
)
