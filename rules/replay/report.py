"""The comparison of two packs as one HTML page that needs nothing else: totals, charts, the worst cases, in Chinese and English.

Promise: every sum on the page is in the comparison; whatever a pack or a claim is called cannot become markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, select_autoescape

from rules.bilingual import Bilingual
from rules.engine.pack import Pack
from rules.engine.values import yuan_text
from rules.replay.causes import VALIDITY, ChangeClass
from rules.replay.comparing import Change, Comparison

CLASS_NAMES = {
    ChangeClass.RULE: ("规则或数值不同", "a rule or figure reads otherwise"),
    ChangeClass.VERSION: ("该日适用的版本不同", "another version holds on the date"),
    ChangeClass.DATA: ("原记录与旧规则不符", "the record differs from the old rules"),
}
# Fen: what people look at differently. The last one has no end.
_STEPS = (1, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
_BARS = 15


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: ``share`` is its length from -1 to 1."""

    label: str
    count: int
    fen: int
    share: float


def write_report(old: Pack, new: Pack, comparison: Comparison, worst: int = 50, gaps: Sequence[Bilingual] = ()) -> str:
    """Return the page. ``gaps`` are what the file of claims does not say (``rules.replay.gaps``)."""
    environment = Environment(loader=PackageLoader("rules.replay"), autoescape=select_autoescape(default=True))
    environment.filters["yuan"] = yuan_text
    environment.filters["signed"] = lambda fen: f"{'+' if fen > 0 else ''}{yuan_text(fen)}"
    return environment.get_template("report.html").render(
        old=old,
        new=new,
        comparison=comparison,
        gaps=gaps,
        name_of=lambda rule: rule_name(old, new, rule),
        worst=comparison.worst(worst),
        class_names=CLASS_NAMES,
        classes=_bars(comparison.changes, lambda change: " · ".join(CLASS_NAMES[change.change_class])),
        rules=_bars(comparison.changes, lambda change: rule_name(old, new, change.rule), most=_BARS),
        plans=_bars(comparison.changes, lambda change: change.plan, most=_BARS),
        sizes=_sizes(comparison.changes),
    )


def _bars(changes: Sequence[Change], label: Callable[[Change], str], most: int | None = None) -> list[Bar]:
    """Return what changes come to by a label, the most money first."""
    counts: dict[str, list[int]] = {}
    for change in changes:
        counts.setdefault(label(change), []).append(change.by_fen)
    found = sorted(counts.items(), key=lambda each: (-sum(map(abs, each[1])), each[0]))[:most]
    longest = max((abs(sum(by)) for _, by in found), default=0)
    return [Bar(name, len(by), sum(by), sum(by) / longest if longest else 0.0) for name, by in found]


def _sizes(changes: Iterable[Change]) -> list[Bar]:
    """Return how many payouts change by how much."""
    edges = [0, *_STEPS]
    counts, sums = [0] * len(edges), [0] * len(edges)
    for change in changes:
        size = abs(change.by_fen)
        at = max(place for place, edge in enumerate(edges) if size >= edge)
        counts[at] += 1
        sums[at] += change.by_fen
    most = max(counts)
    labels = ["只换人定 · only who decides"]
    for low, high in zip(edges[1:], [*edges[2:], None], strict=True):
        labels.append(f"≥ {yuan_text(low)}" if high is None else f"{yuan_text(low)} – {yuan_text(high - 1)}")
    return [
        Bar(label, count, fen, count / most if most else 0.0)
        for label, count, fen in zip(labels, counts, sums, strict=True)
    ]


def rule_name(old: Pack, new: Pack, rule: str) -> str:
    """Return a rule as people call it, in both languages, with its id."""
    if rule == VALIDITY:
        return "不在规则包有效期内 · outside the pack's validity"
    for pack in (new, old):
        found = pack.rules.get(rule)
        if found is not None:
            return f"{found.spec.name.zh} · {found.spec.name.en} ({rule})"
    return rule or "—"
