"""The service as it is run: command line, TLS below headquarters' own root, a clean stop, and the real HTTP carrier's requests."""

from __future__ import annotations

import hashlib
import json
import re
import signal
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest
import requests

from headquarters.__main__ import main
from headquarters.enrolment import make_enrolment_code
from headquarters.installation import Headquarters
from headquarters.releases import ReleaseKind, publish
from headquarters.sample import write_sample
from headquarters.serving import ServiceThread
from headquarters.standing import read_standing
from headquarters.system_clock import system_now
from sync.carrier_http import HttpCarrier, HttpFirstContact, root_pem_of
from sync.problems import LinkProblem
from sync.wire.enrolment import split_code
from sync.wire.messages import PROTOCOL, Down, DownAnswered, EnrolAnswered, EnrolRequest
from tests.headquarters.laptop import asked
from trust.certificates import TrustStore
from trust.keys import SoftwareKey
from trust.releases import open_release
from trust.statements import open_statement


@pytest.fixture
def home(tmp_path: Path, capsys) -> Path:
    folder = tmp_path / "hq"
    assert main(["init", str(folder)]) == 0
    return folder


def pem_of(home: Path) -> Path:
    pem = home.parent / "root.pem"
    pem.write_text(ssl.DER_cert_to_PEM_cert((home / "root.der").read_bytes()))
    return pem


def test_init_prints_the_fingerprint_and_never_overwrites(tmp_path, capsys):
    folder = tmp_path / "hq"
    assert main(["init", str(folder)]) == 0
    printed = capsys.readouterr().out
    hq = Headquarters.open(folder, system_now)
    assert hq.fingerprint() in printed
    hq.close()
    assert main(["init", str(folder)]) == 1
    assert "不是空的" in capsys.readouterr().err


def test_a_folder_without_a_headquarters_is_said_to_be_one(tmp_path, capsys):
    assert main(["status", str(tmp_path)]) == 1
    assert "init" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", ["init", "serve", "enrol", "grant", "revoke", "publish", "sample", "exposure", "replay", "status", None]
)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as left:
        main([command, "--help"] if command else ["--help"])
    assert left.value.code == 0
    assert "usage: outpost-hq" in capsys.readouterr().out


@pytest.mark.parametrize("amount", ["abc", "-5", "1.234", "99999999999999"])
def test_an_absurd_sum_on_the_command_line_is_refused(home, amount, capsys):
    with pytest.raises(SystemExit):
        main(["grant", str(home), "--device", "D3", f"--float={amount}"])


def test_commands_in_a_row(home, tmp_path, capsys):
    enrolling = "--station QX07 --station-name 清溪 --adjuster 0417 --adjuster-name 林晓禾 --device D3 --float 5000.00"
    assert main(["enrol", str(home), *enrolling.split()]) == 0
    code = re.search(r"(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}", capsys.readouterr().out).group()
    assert split_code(code).matches((home / "root.der").read_bytes())
    with ServiceThread(hq := Headquarters.open(home, system_now)) as service:
        body = asked(EnrolRequest(protocol=PROTOCOL, code=code, public_key=SoftwareKey.generate().public_key))
        answer = requests.post(
            f"{service.address}/v1/enrol",
            data=body,
            headers={"Content-Encoding": "zstd"},
            verify=str(pem_of(home)),
            timeout=10,
        )
        assert answer.status_code == 200
    hq.close()
    for arguments in (
        ["grant", str(home), "--device", "D3", "--pool", "policy/P/main_sum", "--limit", "300,000.00"],
        ["grant", str(home), "--device", "D3", "--authority", "300000"],
        ["grant", str(home), "--device", "D3", "--numbers", "10"],
        ["exposure", str(home)],
        ["replay", str(home)],
        ["status", str(home)],
        ["revoke", str(home), "--device", "D3", "--write-off"],
    ):
        assert main(arguments) == 0, arguments
    printed = capsys.readouterr().out
    assert "305,000.00" in printed
    assert "310,000.00" in printed
    assert main(["grant", str(home), "--device", "D3", "--numbers", "10"]) == 1
    assert "停用" in capsys.readouterr().err


def test_a_grant_without_a_limit_says_what_is_missing(home, capsys):
    assert main(["grant", str(home), "--device", "D3", "--pool", "p"]) == 1
    assert "--limit" in capsys.readouterr().err


def test_tls_is_below_headquarters_own_root_and_nothing_else(home):
    hq = Headquarters.open(home, system_now)
    with ServiceThread(hq) as service:
        root = requests.get(f"{service.address}/v1/root", verify=str(pem_of(home)), timeout=10)
        assert root.content == hq.root_der
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{service.address}/v1/root", timeout=10)
    hq.close()


def test_serve_tells_its_port_and_stops_cleanly_on_sigterm(home):
    port_file = home.parent / "port"
    process = subprocess.Popen(
        [sys.executable, "-m", "headquarters", "serve", str(home), "--port", "0", "--port-file", str(port_file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    try:
        first = process.stdout.readline()
        assert "https://127.0.0.1:" in first
        while not port_file.exists():
            assert process.poll() is None
        port = int(port_file.read_text())
        assert f":{port}" in first
        root = requests.get(f"https://127.0.0.1:{port}/v1/root", verify=str(pem_of(home)), timeout=10)
        assert root.content == (home / "root.der").read_bytes()
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=30)
        assert (process.returncode, "stopped" in rest) == (0, True), errors
        assert [json.loads(line)["level"] for line in errors.splitlines()] == ["info"]
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()


def test_a_port_that_is_taken_is_named(home, capsys):
    hq = Headquarters.open(home, system_now)
    with ServiceThread(hq) as service:
        port = service.address.rsplit(":", 1)[1]
        assert main(["serve", str(home), "--port", port]) == 1
    assert port in capsys.readouterr().err
    hq.close()


def test_a_code_made_while_the_service_runs_is_good_at_once(home):
    hq, outside = Headquarters.open(home, system_now), Headquarters.open(home, system_now)
    with ServiceThread(hq) as service:
        code = make_enrolment_code(
            outside, station="QX07", station_name="清溪", adjuster="0417", adjuster_name="林晓禾", device="D3"
        )
        body = asked(EnrolRequest(protocol=PROTOCOL, code=code, public_key=SoftwareKey.generate().public_key))
        headers = {"Content-Encoding": "zstd"}
        answer = requests.post(
            f"{service.address}/v1/enrol", data=body, headers=headers, verify=str(pem_of(home)), timeout=10
        )
        assert answer.status_code == 200
        assert len(read_standing(outside).devices) == 1
    hq.close()
    outside.close()


def test_the_fields_own_carrier_enrols_asks_and_fetches_over_tls(home, tmp_path):
    hq = Headquarters.open(home, system_now)  # TLS looks at the real clock
    files = write_sample(tmp_path, 1, system_now())
    publish(hq, ReleaseKind.EXTRACT, files.extract, 1, warn_days=1, expire_days=2)
    code = make_enrolment_code(
        hq, station="QX07", station_name="清溪", adjuster="0417", adjuster_name="林晓禾", device="D3"
    )
    key = SoftwareKey.generate()
    with ServiceThread(hq) as service:
        contact = HttpFirstContact(service.address)
        root = contact.fetch_root()
        assert split_code(code).matches(root)
        request = EnrolRequest(protocol=PROTOCOL, code=code, public_key=key.public_key)
        roots = TrustStore(root)
        kind, body = open_statement(contact.ask_pinned(root, "/enrol", msgspec.json.encode(request)), roots)
        assert kind == "enrol_answered@1"
        identity = msgspec.json.decode(body, type=EnrolAnswered)
        pem = tmp_path / "root.pem"
        pem.write_bytes(root_pem_of(root))
        carrier = HttpCarrier(service.address, pem, device="D3", epoch=identity.epoch, signer=key)
        record = open_release(carrier.get("/release/extract"), roots, floor_version=0)
        assert record.sha256 == hashlib.sha256(files.extract.read_bytes()).hexdigest()
        question = Down(device="D3", epoch=1, feed_position=0, nonce="n")
        kind, body = open_statement(carrier.ask("/down", msgspec.json.encode(question)), roots)
        assert msgspec.json.decode(body, type=DownAnswered).statements == identity.statements
        assert carrier.get("/release/none") is None
        carrier.close()
    hq.close()


def test_a_service_whose_root_is_another_is_not_spoken_to(home, tmp_path):
    hq = Headquarters.open(home, system_now)
    other = Headquarters.create(tmp_path / "other", system_now)
    with ServiceThread(hq) as service, pytest.raises(LinkProblem):
        HttpFirstContact(service.address).ask_pinned(other.root_der, "/enrol", b"{}")
    hq.close()
    other.close()
