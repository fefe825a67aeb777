"""What the checks of a pack found, and how it is told: Chinese, English, JSON.

Promise: every finding names the part, says what was found and what to do; only a finding with ``blocking`` stops a build.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rules.bilingual import Bilingual
from rules.engine.document import JsonValue


class Check(StrEnum):
    """Which check found it. Stable: it stands in the JSON report."""

    LOADING = "loading"
    TESTS = "tests"
    UNITS = "units"
    LIMITS = "limits"
    OVERFLOW = "overflow"
    TABLES = "tables"
    ROWS = "rows"
    BRANCHES = "branches"
    MUTATION = "mutation"
    PROMISES = "promises"


NAMES = {
    Check.LOADING: Bilingual(zh="载入", en="loading"),
    Check.TESTS: Bilingual(zh="测试用例", en="worked cases"),
    Check.UNITS: Bilingual(zh="类型与单位", en="types and units"),
    Check.LIMITS: Bilingual(zh="规模上限", en="limits"),
    Check.OVERFLOW: Bilingual(zh="整数范围", en="integer range"),
    Check.TABLES: Bilingual(zh="决策表", en="decision tables"),
    Check.ROWS: Bilingual(zh="表行覆盖", en="rows hit by a case"),
    Check.BRANCHES: Bilingual(zh="分支覆盖", en="branches taken by a case"),
    Check.MUTATION: Bilingual(zh="变异测试", en="mutation"),
    Check.PROMISES: Bilingual(zh="单调与上限承诺", en="promises of a benefit"),
}


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing found. ``example`` are facts (as JSON values) that show it, where there are any.

    ``at`` tells where in the part, in the words of ``PackError``: ``row`` and ``column_name`` of a table, ``expression``, ``field``.
    """

    check: Check
    part: str
    text: Bilingual
    blocking: bool
    example: dict[str, JsonValue] | None = None
    at: dict[str, str] = {}


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """A declared promise of a benefit: ``proven`` from the typed form, or only ``searched`` with ``cases`` generated cases."""

    plan: str
    liability: str
    promise: str
    proven: bool
    kept: bool
    cases: int


class Mutation(msgspec.Struct, frozen=True, kw_only=True):
    """The mutation score: killed / (mutants - equivalent). ``sampled``: the pack is too large to try all, these were tried."""

    mutants: int
    killed: int
    equivalent: int
    sampled: bool

    @property
    def score_percent(self) -> float:
        """The score in percent, 100 where there is nothing to change."""
        counted = self.mutants - self.equivalent
        return 100.0 if counted == 0 else 100.0 * self.killed / counted


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was found. ``load_ms`` is the best of several loads, in processor time."""

    pack: str
    version: int
    hash: str
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...]
    load_ms: int = 0
    mutation: Mutation | None = None
    promises: tuple[Promise, ...] = ()

    @property
    def blocked(self) -> bool:
        """Whether something found stops the build."""
        return any(finding.blocking for finding in self.findings)

    def json(self) -> bytes:
        """Return the report as one JSON object, ``blocked`` and ``score_percent`` included."""
        content = msgspec.to_builtins(self)
        content["blocked"] = self.blocked
        if self.mutation is not None:
            content["mutation"]["score_percent"] = round(self.mutation.score_percent, 2)
        return msgspec.json.encode(content, order="sorted")

    def told(self) -> str:
        """Return the report as text, each sentence in Chinese and English."""
        lines = [f"{self.pack} {self.version}  {self.hash[:16]}"]
        for check in self.checks:
            found = [finding for finding in self.findings if finding.check is check]
            mark = "×" if any(finding.blocking for finding in found) else "!" if found else "✓"
            lines.append(f"{mark} {NAMES[check].zh} / {NAMES[check].en}{self._measure(check)}")
            lines += self._searched() if check is Check.PROMISES else []
            for finding in found:
                lines += [f"    [{finding.part}] {finding.text.zh}", f"      {finding.text.en}"]
                if finding.example is not None:
                    shown = ", ".join(f"{name} = {value}" for name, value in finding.example.items())
                    lines.append(f"      例 / example: {shown}")
        lines.append("不予生成 / the build is blocked" if self.blocked else "可以生成 / nothing blocks the build")
        return "\n".join(lines)

    def _searched(self) -> list[str]:
        return [
            f"    [plan {each.plan}, liability {each.liability}] {each.promise}: "
            f"未证明，试算 {each.cases} 例 / not proven, {each.cases} cases tried"
            for each in self.promises
            if not each.proven
        ]

    def _measure(self, check: Check) -> str:
        if check is Check.LIMITS and self.load_ms:
            return f": {self.load_ms} ms"
        if check is Check.MUTATION and self.mutation is not None:
            found = self.mutation
            of = "抽样 / sampled " if found.sampled else ""
            return (
                f": {found.score_percent:.1f} %  ({of}{found.killed} / {found.mutants - found.equivalent},"
                f" 等价 / equivalent {found.equivalent})"
            )
        if check is Check.PROMISES and self.promises:
            proven = sum(promise.proven for promise in self.promises)
            return f": 证明 / proven {proven}, 搜索 / searched {len(self.promises) - proven}"
        return ""
