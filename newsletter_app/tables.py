"""Every table of every room in one place, for whoever needs the metadata whole (migrations, tests)."""

from __future__ import annotations

from newsletter_app.audit import models as _audit
from newsletter_app.authentication import models as _authentication
from newsletter_app.campaigns import models as _campaigns
from newsletter_app.delivery import models as _delivery
from newsletter_app.feedback import models as _feedback
from newsletter_app.figures import models as _figures
from newsletter_app.identity import models as _identity
from newsletter_app.kernel.base import Base
from newsletter_app.ledger import models as _ledger
from newsletter_app.media import models as _media
from newsletter_app.notices import models as _notices
from newsletter_app.organisation import models as _organisation
from newsletter_app.outbox import models as _outbox
from newsletter_app.pace import models as _pace
from newsletter_app.preflight import models as _preflight
from newsletter_app.rehearsal import models as _rehearsal
from newsletter_app.service_mail import models as _service_mail
from newsletter_app.staff_mail import models as _staff_mail
from newsletter_app.subscribers import models as _subscribers
from newsletter_app.subscriptions import models as _subscriptions
from newsletter_app.suppression import models as _suppression
from newsletter_app.tallies import models as _tallies
from newsletter_app.tips import models as _tips
from newsletter_app.tips.writing import models as _writing

ROOMS = (
    _audit,
    _authentication,
    _campaigns,
    _delivery,
    _feedback,
    _figures,
    _identity,
    _ledger,
    _media,
    _notices,
    _organisation,
    _outbox,
    _pace,
    _preflight,
    _rehearsal,
    _service_mail,
    _staff_mail,
    _subscribers,
    _subscriptions,
    _suppression,
    _tallies,
    _tips,
    _writing,
)

metadata = Base.metadata
