"""Back end (b): a pack's rules as generated integer Python, used on the laptop (ADR 0111, 0112).

Promise: ``GeneratedPack.decide`` gives the canonical bytes of ``rules.engine.decide`` for all facts, wrong ones included.
"""

from rules.engine.generated.generated_pack import GeneratedPack, generate
from rules.engine.generated.trace import ExplainedLiability, ExplainedStep, Explanation, Part, Trace

__all__ = ["ExplainedLiability", "ExplainedStep", "Explanation", "GeneratedPack", "Part", "Trace", "generate"]
