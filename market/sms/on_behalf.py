"""A village officer connects a family's phone: for families that agreed that their village acts for them.

The invitation names who did it, the act is written down, and the family hears of it; nothing is sent before the
phone's owner replies YA.
"""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request

from market import db
from market.accounts.rights import Right
from market.errors import NotFound
from market.sms import numbers
from market.sms.forms import InviteForm
from market.villages import acts
from market.villages import queries as villages
from market.villages.acts import Acting
from market.web.request import settings, viewer


async def families(request: Request) -> dict[int, tuple[int, str]]:
    """The families the viewer may act for: (village's organisation, family's name) by family."""
    own = viewer(request).organisation_ids("host")
    asked = viewer(request).organisation_ids(Right.COORDINATE.role)
    agreed = await villages.list_agreed(asked) if asked else []
    return {host: (org, name) for host, org, name in agreed if host not in own}


async def acting(request: Request, host_id: int) -> Acting:
    """As whom the viewer connects a phone for this host; NotFound for a stranger."""
    person = viewer(request).person_id
    if person is not None and host_id in viewer(request).organisation_ids("host"):
        return Acting(host_id, person)
    found = (await families(request)).get(host_id)
    if found is None or person is None:
        raise NotFound
    return Acting(host_id, person, found[0])


async def invite(request: Request, asked: InviteForm, acting: Acting | None, now: datetime) -> None:
    """Send the one invitation in the viewer's name; an act for a family is recorded with it. Raises NumberTaken."""
    config, who = settings(request), viewer(request)
    async with db.transaction():
        await numbers.invite(
            asked.number,
            organisation_id=asked.host,
            by=who.person_id,
            by_name=who.name or config.brand,
            locale=asked.language,
            own=config.sms.number,
            now=now,
        )
        if acting is not None:
            await acts.record(acting, "phone", asked.number, now=now, config=config)
