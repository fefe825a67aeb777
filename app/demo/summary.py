"""What the demo leaves: ``summary.json`` for machines and a table for people. Sums in yuan with two decimals, as text."""

from __future__ import annotations

from typing import Any


def yuan_text(amount_fen: int | None) -> str | None:
    """Return fen as plain yuan: 648824 -> ``6488.24``."""
    return None if amount_fen is None else f"{amount_fen // 100}.{amount_fen % 100:02d}"


def summary_of(report: dict[str, Any]) -> dict[str, Any]:
    """Return the summary: one entry a case, and the totals."""
    return {
        "cases": [
            {
                "name": case["name"],
                "outcome": case["outcome"],
                "amount": yuan_text(case["total_fen"]),
                "patient_pays": yuan_text(case["outputs_fen"].get("patient_pays")),
                "refund": yuan_text(case["outputs_fen"].get("refund")),
                "voucher_no": case["paper"] if case["paper_kind"] == "voucher" else None,
                "pdf": case["pdf"],
                "hq_replay": case["replay"],
                "settlement": case["settlement"],
                "ack": case["ack"],
            }
            for case in report["cases"]
        ],
        "vouchers_verified": report["vouchers_verified"],
        "second_sync_bytes": report["second_sync_bytes"],
        "lost": report["lost"],
        "exposure": yuan_text(report["exposure_fen"]),
    }


def table_of(report: dict[str, Any]) -> str:
    """Return the table that is printed."""
    lines = [
        f"{'case':26} {'outcome':13} {'amount':>14} {'patient':>10} {'refund':>10} {'paper':22} {'replay':10} {'settled':8} ack"
    ]
    for case in report["cases"]:
        outputs = case["outputs_fen"]
        lines.append(
            f"{case['name']:26} {case['outcome']:13} {case['total_fen'] / 100:>14,.2f} "
            f"{yuan_text(outputs.get('patient_pays')) or '':>10} {yuan_text(outputs.get('refund')) or '':>10} "
            f"{case['paper_kind'] + ' ' + case['paper']:22} {case['replay'] or '':10} {case['settlement'] or '':8} {case['ack']}"
        )
    lines.append(
        f"vouchers verified {report['vouchers_verified']}, second sync {report['second_sync_bytes']} bytes, "
        f"lost {report['lost']}, exposure beforehand {yuan_text(report['exposure_fen'])}"
    )
    return "\n".join(lines)
