"""Sync over a bad line, side by side with PouchDB replicating the same cases: ``python -m bench.sync_link``.

Two network namespaces are joined by a line of 2 Mbit/s, 300 ms there and back and 5 % loss each way (``bench.link_emulator``), CUBIC on
both ends. Across it a real laptop store syncs 40 cases (13 events and one photo of 150,000 bytes each) to a real ``outpost-hq serve`` over
TLS; then PouchDB 9 replicates documents with the same events and photos to express-pouchdb 4.2, without TLS. Then both once more with
``kill -9`` on the way, with BBR, and ours over 256 kbit/s and with the line gone for 30 s of each minute.

Bytes are IP packets that the client's side sent, lost ones included: what a metered line charges. "Durable" is when the client knew:
for ours a signed receipt applied to the store, for PouchDB the end of a batch. Needs root, ``/dev/net/tun``, ``ip`` and ``node``.
Writes ``out/bench/sync.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import cbor2

from app.system_clock import SystemClock
from bench.link_emulator import SERVER_IP
from bench.report import Row, report, row
from bench.sync_laptop import PHOTO_BYTES, BenchLaptop
from headquarters.installation import Headquarters
from headquarters.serving import ServiceThread
from sync.wire.compact import pack_log
from sync.wire.dictionary import accepted, best_dictionary
from sync.wire.messages import CHUNK_BYTES, LogBatch
from sync.wire.state import WINDOW_MAX

CASES = 40
SEEDS = (1, 2, 3)
"""Which packets are lost. Ours is measured with each, and the median is reported: the first packets decide about the first second."""
PATIENCE_S = 180
KILL_AFTER_S = 12.0
FULL_BITS = 2e6
THIN_BITS = 256e3
_HERE = Path(__file__).parent
_PEERS = Path("out/bench/pouchdb")


@dataclass
class Line:
    """One kind of line."""

    rate: float = FULL_BITS
    congestion: str = "cubic"
    black: str = ""
    loss: float = 0.05
    seed: int = 1


@dataclass
class Outcome:
    """What one replication took. ``up`` and ``down`` are IP bytes; seconds count from the start of the replication."""

    finished: bool = False
    seconds: float = 0.0
    first_money_s: float | None = None
    log_s: float | None = None
    promise_s: float | None = None
    up: int = 0
    down: int = 0
    lines: list[dict[str, object]] = field(default_factory=list)


@dataclass
class Prepared:
    """A laptop with its cases and a headquarters that knows it, on disk; copied for each run."""

    folder: Path
    money_seq: int
    log_bytes: int
    packed_bytes: int
    photo_bytes: int


def missing() -> str | None:
    """Return what this machine lacks for the benchmark, None when it has everything."""
    if os.geteuid() != 0:
        return "root (network namespaces)"
    if not Path("/dev/net/tun").exists():
        return "/dev/net/tun"
    return next((program for program in ("ip", "node", "npm") if shutil.which(program) is None), None)


def install_peers() -> None:
    """Install PouchDB from its lock file, under ``out/``."""
    if (_PEERS / "node_modules" / "pouchdb").exists():
        return
    _PEERS.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_HERE / "pouchdb" / name, _PEERS / name)
    subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],  # noqa: S607 - where the system has it
        cwd=_PEERS,
        check=True,
    )


def prepare(folder: Path) -> Prepared:
    """Enrol a laptop, record the cases, and write the same for PouchDB."""
    hq = Headquarters.create(folder / "hq", SystemClock().utc_now)
    with ServiceThread(hq) as service:
        laptop = BenchLaptop.enrolled(hq, service.address, folder / "laptop")
        carrier = laptop.carrier(service.address)
        laptop.sync(carrier)
        carrier.close()
    hq.close()
    before = laptop.store.position().next_seq - 1
    _, money_seq, photos = laptop.record(20261122, CASES)
    raws = tuple(commit.raw for commit in laptop.store.commits_after(before, 1 << 40))
    batch = LogBatch(device="D3", epoch=1, commits=raws)
    packed = len(pack_log(batch, best_dictionary(accepted())) or b"")
    write_peer_cases(laptop, before, photos, folder / "cases")
    laptop.store.close()
    subprocess.run(  # noqa: S603 - our own words
        ["node", str(_HERE / "pouchdb" / "replicate.js"), "fill", str(folder / "source"), str(folder / "cases")],  # noqa: S607
        check=True,
        env=_node_environment(),
        stdout=subprocess.DEVNULL,
    )
    return Prepared(folder, money_seq, sum(map(len, raws)), packed, CASES * PHOTO_BYTES)


def write_peer_cases(laptop: BenchLaptop, after_seq: int, photos: list[bytes], folder: Path) -> None:
    """Write each case's events as one document's content, and its photo."""
    folder.mkdir()
    (folder.parent / "source").mkdir()
    cases: dict[int, list[object]] = {}
    events = [
        json.loads(event)
        for commit in laptop.store.commits_after(after_seq, 1 << 40)
        for event in cbor2.loads(commit.raw)[4]
    ]
    for place, event in enumerate(events):
        cases.setdefault(place // 13, []).append(event)
    rows = []
    for place, photo in enumerate(photos):
        (folder / f"{place}.jpg").write_bytes(photo)
        rows.append({"case_no": cases[place][0]["case_no"], "events": cases[place], "photo": f"{place}.jpg"})  # type: ignore[index]
    (folder / "cases.json").write_text(json.dumps(rows, ensure_ascii=False))


@contextmanager
def running_line(line: Line, folder: Path) -> Iterator[tuple[str, str, Path]]:
    """Run the emulator; give the names of both namespaces and where it writes its counts."""
    client, server = f"opc{os.getpid()}", f"ops{os.getpid()}"
    stats = folder / "stats.json"
    words = [sys.executable, "-m", "bench.link_emulator", "--names", client, server, "--stats", str(stats)]
    words += [
        "--rate",
        str(line.rate),
        "--loss",
        str(line.loss),
        "--congestion",
        line.congestion,
        "--seconds",
        "900",
        "--seed",
        str(line.seed),
    ]
    words += ["--black", line.black] if line.black else []
    emulator = subprocess.Popen(words, stdout=subprocess.PIPE)  # noqa: S603 - our own words
    try:
        _until_says(emulator, "ready")
        yield client, server, stats
    finally:
        emulator.send_signal(signal.SIGTERM)
        emulator.wait(20)


def ours(prepared: Prepared, line: Line, *, kill_after_s: float | None = None, promise: bool = False) -> list[Outcome]:
    """Sync once, or twice with a kill between."""
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(TemporaryDirectory(prefix="outpost-bench-")))
        for part in ("hq", "laptop"):
            shutil.copytree(prepared.folder / part, folder / part)
        client, server, stats = cleanup.enter_context(running_line(line, folder))
        port = folder / "port"
        words = ["serve", str(folder / "hq"), "--host", SERVER_IP, "--port", "0", "--port-file", str(port)]
        service = _start(server, [sys.executable, "-m", "headquarters", *words])
        cleanup.callback(_end, service)
        while not port.exists() or not port.read_text().strip():
            if service.poll() is not None:
                raise SystemExit("headquarters did not start")
            sleep(0.05)
        url = f"https://{SERVER_IP}:{port.read_text().strip()}"
        words = [sys.executable, "-m", "bench.sync_link_laptop", str(folder / "laptop"), url]
        words += ["--money-seq", str(prepared.money_seq)]
        first = words + (["--promise-after", "6"] if promise else [])
        outcomes = [_watched(_start(client, first), stats, limit_s=900.0, kill_after_s=kill_after_s)]
        if kill_after_s is not None:
            outcomes.append(_watched(_start(client, words), stats, limit_s=900.0))
        return outcomes


def theirs(prepared: Prepared, line: Line, *, kill_after_s: float | None = None, batch: int = 100) -> list[Outcome]:
    """Replicate once, or twice with a kill between."""
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(TemporaryDirectory(prefix="outpost-bench-")))
        shutil.copytree(prepared.folder / "source", folder / "source")
        (folder / "target").mkdir()
        client, server, stats = cleanup.enter_context(running_line(line, folder))
        script = str(_HERE / "pouchdb" / "replicate.js")
        service = _start(server, ["node", script, "serve", str(folder / "target"), SERVER_IP, "5984"])
        cleanup.callback(_end, service)
        _until_says(service, "ready")
        words = ["node", script, "send", str(folder / "source"), f"http://{SERVER_IP}:5984", str(batch)]
        outcomes = [_watched(_start(client, words), stats, limit_s=PATIENCE_S, kill_after_s=kill_after_s)]
        if kill_after_s is not None:
            outcomes.append(_watched(_start(client, words), stats, limit_s=PATIENCE_S))
        return outcomes


def _watched(
    process: subprocess.Popen[bytes], stats: Path, *, limit_s: float, kill_after_s: float | None = None
) -> Outcome:
    """Read a client's lines until it ends, or end it."""
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    outcome = Outcome()
    sleep(0.3)
    before = _counts(stats)
    began: float | None = None
    rest = b""
    while process.poll() is None:
        sleep(0.05)
        rest = _read_lines(process, rest, outcome)
        if began is None and outcome.lines:
            began = monotonic()
        waited = 0.0 if began is None else monotonic() - began
        if waited > (limit_s if kill_after_s is None else kill_after_s):
            process.kill()
            process.wait()
            outcome.seconds = waited
    _read_lines(process, rest, outcome)
    sleep(0.6)  # the emulator writes its counts every quarter of a second
    after = _counts(stats)
    outcome.up, outcome.down = (after[way] - before[way] for way in ("up", "down"))
    for each in outcome.lines:
        seconds = float(str(each["s"]))
        match each["what"]:
            case "money" | "change":
                outcome.first_money_s = seconds if outcome.first_money_s is None else outcome.first_money_s
            case "log":
                outcome.log_s = seconds
            case "promise":
                outcome.promise_s = float(str(each["after_s"]))
            case "end":
                outcome.finished = bool(each.get("finished", each.get("ok")))
                outcome.seconds = seconds
            case _:
                pass
    return outcome


def _read_lines(process: subprocess.Popen[bytes], rest: bytes, outcome: Outcome) -> bytes:
    assert process.stdout is not None
    rest += process.stdout.read() or b""
    *whole, rest = rest.split(b"\n")
    outcome.lines += [json.loads(each) for each in whole if each.startswith(b"{")]
    return rest


def _counts(stats: Path) -> dict[str, int]:
    found = json.loads(stats.read_text()) if stats.exists() else {}
    return {way: int(found.get(way, {}).get("offered_bytes", 0)) for way in ("up", "down")}


def _start(space: str, words: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own words
        ["ip", "netns", "exec", space, *words],  # noqa: S607 - where the system has it
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        env=_node_environment(),
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _until_says(process: subprocess.Popen[bytes], word: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.decode().strip() == word:
            return
    raise SystemExit(f"{process.args!r} ended before it was ready")


def _node_environment() -> dict[str, str]:
    return {**os.environ, "POUCHDB_HOME": str(_PEERS.resolve()), "NODE_NO_WARNINGS": "1"}


def main() -> None:
    """Measure everything, or the parts that are named."""
    lacking = missing()
    if lacking is not None:
        raise SystemExit(f"bench.sync_link needs {lacking}; nothing was measured")
    parser = argparse.ArgumentParser(prog="python -m bench.sync_link")
    parser.add_argument("--only", nargs="*", default=[], help="names of runs")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    install_peers()
    with TemporaryDirectory(prefix="outpost-bench-") as text:
        prepared = prepare(Path(text))
        outcomes = _measured(prepared, options.only, verbose=options.verbose)
    report("sync", table(prepared, outcomes))
    if not options.only:
        Path("out/bench/sync_runs.json").write_text(
            json.dumps({name: [asdict(each) for each in found] for name, found in outcomes.items()}, indent=1)
        )


def _measured(prepared: Prepared, only: list[str], *, verbose: bool) -> dict[str, list[Outcome]]:
    runs: dict[str, Callable[[], list[Outcome]]] = {
        "ours": lambda: [ours(prepared, Line(seed=seed), promise=True)[0] for seed in SEEDS],
        "theirs": lambda: theirs(prepared, Line()),
        "ours_killed": lambda: ours(prepared, Line(), kill_after_s=KILL_AFTER_S),
        "theirs_killed": lambda: theirs(prepared, Line(), kill_after_s=KILL_AFTER_S),
        "ours_bbr": lambda: [ours(prepared, Line(congestion="bbr", seed=seed))[0] for seed in SEEDS],
        "theirs_bbr": lambda: theirs(prepared, Line(congestion="bbr")),
        "theirs_bbr_killed": lambda: theirs(prepared, Line(congestion="bbr"), kill_after_s=20.0),
        "ours_thin": lambda: ours(prepared, Line(rate=THIN_BITS), promise=True),
        "ours_blackouts": lambda: ours(prepared, Line(black="30:60")),
        "ours_lossless": lambda: ours(prepared, Line(loss=0.0), promise=True),
    }
    outcomes: dict[str, list[Outcome]] = {}
    for name, run in runs.items():
        if only and name not in only:
            continue
        outcomes[name] = run()
        for each in outcomes[name]:
            print(f"{name}: " + json.dumps({k: v for k, v in asdict(each).items() if k != "lines"}), flush=True)
            for line in each.lines if verbose else ():
                print("   ", json.dumps(line))
    return outcomes


def table(prepared: Prepared, outcomes: dict[str, list[Outcome]]) -> list[Row]:
    """Return the figures that were asked for, with ratios where both sides were measured."""
    payload = prepared.photo_bytes + prepared.packed_bytes
    # Runs with a promise on the way carry one case more.
    promised = payload + PHOTO_BYTES + prepared.packed_bytes // CASES
    rows = [
        row("log, packed, per case of 13 events", prepared.packed_bytes / CASES, "bytes", prepared.log_bytes / CASES)
    ]
    for ending in ("", "_bbr"):
        mine, other = outcomes.get(f"ours{ending}"), outcomes.get(f"theirs{ending}")
        label = " (BBR)" if ending else ""
        if mine:
            rows += _own_rows(_median(mine), payload if ending else promised, FULL_BITS, label)
        if mine and other:
            rows += _paired_rows(_median(mine), other[0], label)
    killed, whole = outcomes.get("ours_killed"), outcomes.get("ours")
    if killed and whole:
        # The unkilled run carried one case more than the killed one.
        again = sum(each.up for each in killed) - int(_median(whole).up * payload / promised)
        rows.append(row("sent again after kill -9", again, "bytes", WINDOW_MAX * CHUNK_BYTES))
        rows.append(row("sent again after kill -9, share of the photos", again, "bytes", prepared.photo_bytes))
    for name, label, rate in (
        ("ours_thin", " (256 kbit/s)", THIN_BITS),
        ("ours_blackouts", " (30 s of each minute gone)", FULL_BITS / 2),
        ("ours_lossless", " (no loss)", FULL_BITS),
    ):
        found = outcomes.get(name)
        if found:
            rows += _own_rows(found[0], payload if found[0].promise_s is None else promised, rate, label)
    return rows


def _median(outcomes: list[Outcome]) -> Outcome:
    """Return one outcome made of the medians of each figure."""

    def of(values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return median(known) if known else None

    return Outcome(
        finished=all(each.finished for each in outcomes),
        seconds=median(each.seconds for each in outcomes),
        first_money_s=of([each.first_money_s for each in outcomes]),
        log_s=of([each.log_s for each in outcomes]),
        promise_s=of([each.promise_s for each in outcomes]),
        up=int(median(each.up for each in outcomes)),
        down=int(median(each.down for each in outcomes)),
    )


def _own_rows(mine: Outcome, payload: int, rate: float, label: str) -> list[Row]:
    rows = [
        row(f"everything at headquarters{label}", mine.seconds, "s"),
        row(f"link used{label}", payload * 8 / max(mine.seconds, 0.001), "bit/s", rate),
        row(f"wire ÷ payload{label}", mine.up, "bytes", payload),
    ]
    if mine.first_money_s is not None:
        rows.append(row(f"first money event durable{label}", mine.first_money_s, "s"))
    if mine.promise_s is not None:
        rows.append(row(f"a promise made while photos travel durable{label}", mine.promise_s, "s"))
    return rows


def _paired_rows(mine: Outcome, other: Outcome, label: str) -> list[Row]:
    said = "" if other.finished else f", which did not end in {PATIENCE_S} s"
    rows = [
        row(f"bytes up ÷ PouchDB's{said}{label}", mine.up, "bytes", other.up),
        row(f"time ÷ PouchDB's{said}{label}", mine.seconds, "s", other.seconds),
    ]
    if mine.first_money_s is not None:
        first = other.first_money_s if other.first_money_s is not None else other.seconds
        rows.append(row(f"PouchDB's first batch ÷ our first money event{said}{label}", first, "s", mine.first_money_s))
    return rows


if __name__ == "__main__":
    main()
