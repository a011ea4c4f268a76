"""How long each class of data is kept (GDPR art. 5(1)(e), Law 25 s. 23); docs/operations.md tells it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

# A form that nobody confirmed; its link works for seven days, and one mail repeats it.
UNCONFIRMED: Final = timedelta(days=30)
# Mails and what came back about them: bounces and complaints come within weeks.
MAILS: Final = timedelta(days=90)
# A change of address can be undone for thirty days; afterwards it only explains what went wrong.
ADDRESS_CHANGES: Final = timedelta(days=365)
# Proceedings may begin within three years of when a matter became known (CASL s. 23).
PROOF: Final = timedelta(days=3 * 366)
