"""A claim's state in plain words and what comes next, and the words of its decisions and events."""

from __future__ import annotations

from typing import Final

from market.claims.awards import CappedBy
from market.claims.claiming import DocumentKind
from market.claims.hotel_pages.words import CAPPED
from market.claims.states import State
from market.i18n.messages import translate
from market.values.text import Text, lazy

NOW: Final[dict[State, Text]] = {
    State.DRAFT: lazy("You are preparing this claim. Nobody else sees it yet."),
    State.SUBMITTED: lazy("The office has your claim. Your purchases of the month are frozen."),
    State.CHECKING: lazy("The machine has checked your claim. Officers are about to be drawn by lot."),
    State.DRAWN: lazy("Officers were drawn by lot and are told about your claim."),
    State.VERIFYING: lazy("An officer goes through your purchases line by line."),
    State.APPROVING: lazy("The lines are decided. A second officer decides about the whole claim."),
    State.AUDITING: lazy("The decision is made. A third person looks at it once more."),
    State.RECOMMENDED: lazy("The office recommends your award. It takes effect with the mayor's decree."),
    State.EFFECTIVE: lazy("The mayor's decree is recorded. The award is in effect."),
    State.REJECTED: lazy("The office rejected this claim. The reasons stand below."),
    State.OBJECTED: lazy("Somebody who had no part in the decision reviews your objection."),
    State.SUPERSEDED: lazy("A correction has taken the place of this claim."),
    State.WITHDRAWN: lazy("You gave this draft up."),
}
NEXT: Final[dict[State, Text]] = {
    State.DRAFT: lazy("Next: complete the checklist and submit."),
    State.SUBMITTED: lazy("Next: automatic checks, then two officers are drawn by lot."),
    State.CHECKING: lazy("Next: the lot. Its list of officers already stands in the public log."),
    State.DRAWN: lazy("Next: the first officer starts verifying."),
    State.VERIFYING: lazy("Next: the second officer. You may be asked questions; they appear here."),
    State.APPROVING: lazy("Next: the decision, perhaps after an audit by a third person."),
    State.AUDITING: lazy("Next: the recommendation."),
    State.RECOMMENDED: lazy("Next: the decree. Until then you may object."),
    State.EFFECTIVE: lazy("Next: nothing to do. Download your certificate."),
    State.REJECTED: lazy("Next: you may object within the time that is named below."),
    State.OBJECTED: lazy("Next: their decision, which stands."),
    State.SUPERSEDED: lazy("Next: nothing to do here; see the correction."),
    State.WITHDRAWN: lazy("Next: you can prepare another one for the month."),
}
EVENTS: Final[dict[str, Text]] = {
    "opened": lazy("Draft opened"),
    "submitted": lazy("Claim submitted"),
    "withdrawn": lazy("Draft given up"),
    "answered": lazy("Question answered"),
    "objected": lazy("Objection raised"),
}
DOCUMENTS: Final[dict[DocumentKind, Text]] = {
    DocumentKind.COMPLIANCE: lazy("Tax office's letter on 24 months"),
    DocumentKind.TAX_RETURN: lazy("Tax return of the month"),
    DocumentKind.BOOKS: lazy("Page of the books"),
    DocumentKind.OTHER: lazy("Something else"),
}
VERDICTS: Final[dict[str, tuple[str, Text]]] = {
    "": ("", lazy("Not decided yet")),
    "accept": ("ok", lazy("Accepted")),
    "amount": ("wait", lazy("Another amount")),
    "exclude": ("bad", lazy("Does not count")),
    "out_of_scope": ("", lazy("Outside of the programme")),
}


def capped(code: str, locale: str) -> str:
    """Why an award is smaller than its tier; "" when nothing cut it."""
    return translate(CAPPED[CappedBy(code)], locale) if code else ""
