"""What somebody reads about their request to open a hotel or a supplier: accepted, or not and why.

Told by `handlers` from a job that the decision adds in its own transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

from market.accounts import queries as accounts
from market.notifications import telling
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.settings import Settings
from market.sourcing.models import OrganisationRequest
from market.web import urls

# Where they go on once it is open, by kind.
_DESKS = {"hotel": "sourcing:profile", "supplier": "suppliers:workspace"}


@dataclass(frozen=True, slots=True)
class OpeningLetter:
    """Context of sourcing/mail_opening.txt. `reason` is "" when it was accepted."""

    name: str
    business: str
    kind: str
    reference: str
    reason: str
    address: str


async def tell(request_id: int, settings: Settings) -> None:
    """Tell who asked what was decided; nothing while it waits or was withdrawn. Safe to call twice."""
    request = await OrganisationRequest.get_or_none(id=request_id)
    if request is None or request.state not in {"approved", "refused"}:
        return
    try:
        person = await accounts.get_person(request.person_id)
    except LookupError:
        return
    if not person.email:
        return
    approved = request.state == "approved"
    href = (
        urls.path(_DESKS[request.kind], locale=person.locale)
        if approved
        else urls.path("sourcing:register", locale=person.locale, kind=request.kind)
    )
    letter = OpeningLetter(
        name=person.name,
        business=" ".join(request.name.split()),
        kind=request.kind,
        reference=request.reference,
        reason="" if approved else " ".join(request.reason.split()),
        address=settings.base_url + href,
    )
    await telling.tell(
        mail_from_template("sourcing/mail_opening", letter, person.locale, settings),
        topic=Topic.SAFETY,
        to=person.email,
        locale=person.locale,
        dedupe_key=f"sourcing.opening:{request.id}",
        href=href,
    )
