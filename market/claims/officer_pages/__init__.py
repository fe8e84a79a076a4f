"""The office's side of the programme: queue, claims, rule versions, budget, declarations. Officers only.

Who of them may do what on a claim is decided by the commands (chairs, relations), not by these routes.
"""

from __future__ import annotations

from market.claims.officer_pages import acts, budgets, declaring, desk, files, queue, rules
from market.web.guards import OFFICER, Endpoint, GuardedRoute, page

_CLAIMS = "/{locale}/officer/claims"
_CLAIM = f"{_CLAIMS}/{{reference}}"
_RULE = "/{locale}/officer/rules/{version}"
_PROGRAMME = "/{locale}/officer/programme"


def _act(path: str, endpoint: Endpoint, name: str) -> GuardedRoute:
    return page(path, endpoint, access=OFFICER, name=f"claims:officer_{name}", methods=("POST",))


routes = [
    page(_CLAIMS, queue.show, access=OFFICER, name="claims:officer_queue"),
    page(_CLAIM, desk.show, access=OFFICER, name="claims:officer_claim"),
    page(f"{_CLAIM}/dossier.pdf", files.show_dossier, access=OFFICER, name="claims:officer_dossier"),
    page(f"{_CLAIM}/certificate", files.certificate, access=OFFICER, name="claims:officer_certificate"),
    page(
        f"{_CLAIM}/evidence/{{evidence}}/{{part}}",
        files.evidence,
        access=OFFICER,
        name="claims:officer_evidence",
        own_eyes=True,
    ),
    page(
        f"{_CLAIM}/documents/{{document}}",
        files.document,
        access=OFFICER,
        name="claims:officer_document",
        own_eyes=True,
    ),
    _act(f"{_CLAIM}/begin", acts.begin, "begin"),
    _act(f"{_CLAIM}/tasks/{{task}}", acts.task, "task"),
    _act(f"{_CLAIM}/flags/{{flag_id:int}}", acts.flag, "flag"),
    _act(f"{_CLAIM}/lines", acts.lines, "lines"),
    _act(f"{_CLAIM}/lines/accept", acts.accept, "accept"),
    _act(f"{_CLAIM}/decision", acts.decide, "decide"),
    _act(f"{_CLAIM}/decree", acts.decree, "decree"),
    _act(f"{_CLAIM}/undo", acts.undo, "undo"),
    _act(f"{_CLAIM}/undo/agree", acts.agree_undo, "undo_agree"),
    _act(f"{_CLAIM}/undo/refuse", acts.refuse_undo, "undo_refuse"),
    _act(f"{_CLAIM}/questions", acts.ask, "ask"),
    _act(f"{_CLAIM}/questions/{{question}}/close", acts.close_question, "question_close"),
    _act(f"{_CLAIM}/hold", acts.hold, "hold"),
    _act(f"{_CLAIM}/hold/end", acts.end_hold, "hold_end"),
    _act(f"{_CLAIM}/leave", acts.leave, "leave"),
    _act(f"{_CLAIM}/certificate/revoke", acts.revoke, "revoke"),
    page("/{locale}/officer/rules", rules.index, access=OFFICER, name="claims:officer_rules"),
    page(
        "/{locale}/officer/rules/draft",
        rules.edit,
        access=OFFICER,
        name="claims:officer_rule_draft",
        methods=("GET", "POST"),
    ),
    page(_RULE, rules.show, access=OFFICER, name="claims:officer_rule"),
    _act(f"{_RULE}/propose", rules.propose, "rule_propose"),
    _act(f"{_RULE}/force", rules.put_into_force, "rule_force"),
    _act(f"{_RULE}/back", rules.send_back, "rule_back"),
    _act(f"{_RULE}/withdraw", rules.withdraw, "rule_withdraw"),
    page(_PROGRAMME, budgets.show, access=OFFICER, name="claims:officer_programme"),
    _act(f"{_PROGRAMME}/budget", budgets.propose, "budget"),
    _act(f"{_PROGRAMME}/budget/{{round_id:int}}/agree", budgets.agree, "budget_agree"),
    _act(f"{_PROGRAMME}/budget/{{round_id:int}}/withdraw", budgets.withdraw, "budget_withdraw"),
    page("/{locale}/officer/conflicts", declaring.show, access=OFFICER, name="claims:officer_conflicts"),
    _act("/{locale}/officer/conflicts", declaring.declare, "declare"),
    _act("/{locale}/officer/conflicts/{conflict_id:int}/end", declaring.end, "conflict_end"),
]
