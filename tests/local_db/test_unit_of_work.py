"""One transaction, all or nothing: errors inside a unit of work, a full disk, nesting, threads."""

# ruff: noqa: PT012 - the error is expected somewhere in a whole unit of work

from __future__ import annotations

import threading

import pytest

from claims.errors import BugError, EnvironmentProblem, InputError
from local_db.store import LocalStore
from tests.local_db import samples as s
from tests.local_db.office import Headquarters, Laptop


def test_an_error_of_the_use_case_leaves_no_trace(store: LocalStore) -> None:
    before = store.projection_dump()
    with pytest.raises(ZeroDivisionError), store.write() as uow:
        uow.append(s.case_opened())
        uow.save_draft("d", b"x")
        _ = 1 // 0
    assert store.projection_dump() == before
    with store.read() as reads:
        assert reads.drafts() == []
    with store.write() as uow:
        uow.append(s.case_opened())
    assert store.position().next_seq == 2


def test_a_swallowed_error_still_poisons(store: LocalStore) -> None:
    with pytest.raises(BugError) as at_exit, store.write() as uow:
        uow.append(s.case_opened("C-1"))
        with pytest.raises(BugError) as first:
            uow.append(s.state_changed("C-404"))
        for use in (lambda: uow.append(s.case_opened("C-2")), uow.position, lambda: uow.save_draft("d", b"")):
            with pytest.raises(BugError) as later:
                use()
            assert later.value is first.value
    assert at_exit.value is first.value
    assert store.position().next_seq == 1


def test_reads_inside_a_poisoned_unit_of_work_are_refused_too(store: LocalStore) -> None:
    with pytest.raises(BugError), store.write() as uow:
        with pytest.raises(BugError):
            uow.append(s.state_changed("C-404"))
        with store.read() as reads, pytest.raises(BugError):
            reads.cases()


def test_asking_for_an_unknown_number_does_not_poison(store: LocalStore) -> None:
    with store.write() as uow:
        with pytest.raises(InputError):
            uow.case("C-1")
        uow.append(s.case_opened("C-1"))
    assert store.position().next_seq == 2


def test_reading_inside_a_unit_of_work_sees_what_was_appended(store: LocalStore) -> None:
    with store.write() as uow:
        uow.append(s.case_opened())
        with store.read() as reads:
            assert reads.case("C-1").last_seq == 1
        uow.append(s.state_changed())
    assert store.position().next_seq == 3


def test_units_of_work_do_not_nest(store: LocalStore) -> None:
    with pytest.raises(BugError) as caught, store.write() as uow:
        uow.append(s.case_opened())
        with store.write():
            pass
    assert caught.value.code == "unit_of_work_nested"
    assert store.position().next_seq == 1


def test_a_unit_of_work_is_over_when_it_is_over(store: LocalStore) -> None:
    with store.write() as committed:
        committed.append(s.case_opened())
    with pytest.raises(ZeroDivisionError), store.write() as failed:
        _ = 1 // 0
    for uow in (committed, failed):
        with pytest.raises(BugError) as caught:
            uow.append(s.state_changed())
        assert caught.value.code == "unit_of_work_over"


def test_a_full_disk_rolls_back_everything_and_the_work_goes_on_after_more_room(
    laptop: Laptop, hq: Headquarters
) -> None:
    acknowledged = []
    with laptop.create() as store:
        with store.write() as uow:
            uow.receive(hq.sign(s.grant()))
        store.limit_pages(store.pages() + 12)
        with pytest.raises(EnvironmentProblem) as caught:
            for n in range(500):
                with store.write() as uow:
                    uow.append(s.case_opened(f"C-{n}"), s.facts(f"C-{n}"))
                acknowledged.append(f"C-{n}")
        assert caught.value.code == "store_full"
        assert caught.value.retryable
        assert "磁盘已满" in caught.value.sentence()
        assert 0 < len(acknowledged) < 500
        with store.read() as reads:
            assert [case.case_no for case in reversed(reads.cases(limit=999))] == acknowledged
        # Still full, still whole, still readable.
        with pytest.raises(EnvironmentProblem), store.write() as uow:
            for n in range(500):
                uow.append(s.case_opened(f"D-{n}"))
        assert store.position().next_seq == 2 * len(acknowledged) + 1
        store.limit_pages(None)
        with store.write() as uow:
            uow.append(s.case_opened("after"))
        acknowledged.append("after")
    with laptop.open() as store:
        with store.read() as reads:
            assert [case.case_no for case in reversed(reads.cases(limit=999))] == acknowledged
        assert store.rebuild().identical


def test_after_a_full_disk_later_statements_of_the_same_unit_of_work_do_not_commit_alone(laptop: Laptop) -> None:
    with laptop.create() as store:
        store.limit_pages(store.pages() + 3)
        with pytest.raises(EnvironmentProblem), store.write() as uow:
            with pytest.raises(EnvironmentProblem) as first:
                for n in range(500):
                    uow.append(s.case_opened(f"C-{n}"))
            assert first.value.code == "store_full"
            with pytest.raises(EnvironmentProblem):
                uow.save_draft("small", b"x")
        with store.read() as reads:
            assert reads.drafts() == []
            assert reads.cases() == []


def test_a_store_opened_with_a_page_limit_is_full_at_once(laptop: Laptop) -> None:
    laptop.create().close()
    with laptop.open(max_pages=1) as store, pytest.raises(EnvironmentProblem) as caught, store.write() as uow:
        for n in range(200):
            uow.append(s.case_opened(f"C-{n}"))
    assert caught.value.code == "store_full"


def test_threads_take_turns(store: LocalStore) -> None:
    problems: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for n in range(8):
                with store.write() as uow:
                    uow.append(s.case_opened(f"{name}-{n}"))
                with store.read() as reads:
                    reads.cases()
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert store.position().next_seq == 25
    assert store.rebuild().identical


def test_a_store_that_was_closed_says_so(laptop: Laptop) -> None:
    store = laptop.create()
    store.close()
    store.close()
    with pytest.raises(BugError), store.write():
        pass
