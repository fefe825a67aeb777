"""The whole explanation for the adjuster as lines to read, print or send: sums, checks, what did not apply, margins, pools, reasons.

Promise: put together from ``claims.explanation`` alone, nothing is worked out again; both languages have the same lines in the same order.

Source: notes/rules.md §4 "Explanation"; docs/adr/0119.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from claims.amounts import yuan
from claims.explained_steps import StepRole
from claims.explanation import BasisLine, basis, checks, not_applied, not_reached, other_sums, thresholds
from claims.explanation_margins import margin_lines
from claims.reference import Catastrophe
from rules.bilingual import Bilingual
from rules.engine.model import Decision, Referral, Unit


def full_text(
    decision: Decision, catastrophe: Catastrophe | None = None, pool_names: Mapping[str, Bilingual] | None = None
) -> tuple[Bilingual, ...]:
    """Return every line of the explanation; a heading is a line that begins with ``§``, and never stands without a line of its own.

    Args:
        catastrophe: whose waivers' printed numbers are shown.
        pool_names: the pack's names of its pools.
    """
    return tuple(_lines(decision, catastrophe, pool_names or {}))


def _lines(
    decision: Decision, catastrophe: Catastrophe | None, pool_names: Mapping[str, Bilingual]
) -> Iterator[Bilingual]:
    yield _both(
        f"§ 规则包 {decision.pack_id} 第 {decision.pack_version} 版，方案 {decision.plan}，引擎 {decision.engine}",
        f"§ pack {decision.pack_id} version {decision.pack_version}, plan {decision.plan}, engine {decision.engine}",
    )
    yield _both("§ 计算", "§ how the sum comes about")
    for line in basis(decision, catastrophe):
        yield _basis(line)
    yield _both(f"应付 {yuan(decision.total_fen)} 元", f"payable {yuan(decision.total_fen)} yuan")
    for other in other_sums(decision):
        yield _both(f"{other.name.zh} {yuan(other.amount_fen)} 元", f"{other.name.en}: {yuan(other.amount_fen)} yuan")
    yield from _under(_both("§ 另外核过", "§ also checked"), (_basis(line) for line in checks(decision)))
    yield from _under(_both("§ 没有用上", "§ did not apply"), _unused(decision))
    yield from _under(_both("§ 距下一界限", "§ margins"), _margins(decision, catastrophe))
    yield from _under(_both("§ 额度", "§ pools"), _pools(decision, pool_names))
    if isinstance(decision, Referral):
        yield from _under(_both("§ 须由人核定", "§ why a person decides"), _reasons(decision))


def _under(heading: Bilingual, lines: Iterable[Bilingual]) -> Iterator[Bilingual]:
    """Put the heading before the lines where there are any."""
    for place, line in enumerate(lines):
        if place == 0:
            yield heading
        yield line


def _unused(decision: Decision) -> Iterator[Bilingual]:
    for entry in not_applied(decision):
        yield _both(f"{entry.name.zh}：{entry.reason.zh}", f"{entry.name.en}: {entry.reason.en}")
    left = not_reached(decision)
    if left:
        yield _both(f"{left} 步因前面的条件未满足没有计算", f"{left} steps were not reached")


def _margins(decision: Decision, catastrophe: Catastrophe | None) -> Iterator[Bilingual]:
    beside = "".join(each.text.zh for each in checks(decision)) + "".join(
        each.reason.zh for each in not_applied(decision)
    )
    beside += "".join(each.text.zh for each in basis(decision, catastrophe))
    # Those of the steps above stand beside them already.
    for margin in (each for each in margin_lines(decision) if each.text.zh not in beside):
        yield _both(
            f"{margin.name.zh}（{margin.clause}）：{margin.text.zh}",
            f"{margin.name.en} ({margin.clause}): {margin.text.en}",
        )


def _pools(decision: Decision, pool_names: Mapping[str, Bilingual]) -> Iterator[Bilingual]:
    for threshold in thresholds(decision, pool_names=pool_names):
        shown = yuan if threshold.unit is Unit.FEN else str
        yield _both(
            f"{threshold.name.zh}：共 {shown(threshold.limit)}，此前已用 {shown(threshold.used_before)}，"
            f"本次 {shown(threshold.taken)}，尚余 {shown(threshold.left)}",
            f"{threshold.name.en}: {shown(threshold.limit)} in all, {shown(threshold.used_before)} used before, "
            f"{shown(threshold.taken)} now, {shown(threshold.left)} left",
        )


def _reasons(decision: Referral) -> Iterator[Bilingual]:
    for reason in decision.reasons:
        clause = f"（{reason.clause}）" if reason.clause else ""
        yield _both(f"{reason.text.zh}{clause}", reason.text.en + (f" ({reason.clause})" if reason.clause else ""))


def _basis(line: BasisLine) -> Bilingual:
    sum_zh = sum_en = ""
    if line.amount_fen is not None and line.role is not StepRole.PASSED:
        sum_zh = sum_en = f" {yuan(line.amount_fen)}"
    elif line.verdict is not None:
        sum_zh, sum_en = f" {line.verdict.zh}", f" {line.verdict.en}"
    waived_zh = f"〔{'、'.join(line.waivers)}〕" if line.waivers else ""
    waived_en = f" [{', '.join(line.waivers)}]" if line.waivers else ""
    return _both(
        f"{line.number}. {line.name.zh}（{line.clause}）{sum_zh}：{line.text.zh}{waived_zh}",
        f"{line.number}. {line.name.en} ({line.clause}){sum_en}: {line.text.en}{waived_en}",
    )


def _both(zh: str, en: str) -> Bilingual:
    return Bilingual(zh, en)
