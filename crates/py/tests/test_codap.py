"""Scripts for codap 0.0.5 go on working."""

from __future__ import annotations

import gc
import queue
import subprocess
import sys
import textwrap
import threading
import time
from functools import partial
from typing import Any

import pytest
from services import SlowServer

from whimbrel import dserver
from whimbrel.compat import codap


def sleeping(hundredths: int) -> int:
    time.sleep(hundredths / 100)
    return hundredths


def failing() -> None:
    raise ValueError("so it is")


# What codap's README shows


def get_photos(user: int, limit: int = 10) -> list[str]:
    return [f"photo {n} of {user}" for n in range(limit)]


def render_template(name: str, **values: Any) -> str:
    return f"{name}: {values}"


def test_results_by_key_go_into_a_template() -> None:
    results = codap.KV()
    results["foo"] = lambda: "bar"
    results.put("cats", get_photos, 7, limit=4)
    results.put("monkey", "{} {}".format, "db", "name")
    assert render_template("my_temp.html", **results) == (
        "my_temp.html: {'foo': 'bar', 'cats': ['photo 0 of 7', 'photo 1 of 7', 'photo 2 of 7', 'photo 3 of 7'],"
        " 'monkey': 'db name'}"
    )


def test_results_come_in_the_order_in_which_calls_were_pushed() -> None:
    results = codap.Ordered()
    for n in range(10):
        results.push(lambda db, n, limit: (db, n, limit), "db", n, limit=4)
    assert [r for r in results] == [("db", n, 4) for n in range(10)]


def test_the_first_reply_of_many_sources_is_the_first() -> None:
    replies = codap.FirstReply()
    for hundredths in (30, 1, 20):
        replies.push(lambda hundredths, limit: (sleeping(hundredths), limit), hundredths, limit=4)
    assert replies[0] == (1, 4)


# What codap's own tests ask for


def test_what_is_set_by_key_is_called_and_read_by_key() -> None:
    results = codap.KV()
    for n in range(100):
        results[n] = lambda: "same"
    assert [results[n] for n in range(100)] == ["same"] * 100
    for n in range(100):
        results.put(n, pow, n, 2)
    assert [results[n] for n in range(100)] == [n * n for n in range(100)]


def test_putting_gives_a_queue_of_the_value() -> None:
    results = codap.KV()
    queues = [results.put(n, pow, n, 2) for n in range(100)]
    assert [it.get() for it in queues] == [n * n for n in range(100)]


def test_a_key_alone_gives_a_queue_to_be_filled() -> None:
    results = codap.KV()
    queues = [results.put(n) for n in range(100)]
    for n, it in enumerate(queues):
        it.put(n)
    assert [it.get() for it in queues] == [results[n] for n in range(100)] == list(range(100))


def test_an_ordered_list_can_be_gone_through_again_and_again() -> None:
    results = codap.Ordered()
    for n in (4, 3, 2, 1, 0):
        results.push(sleeping, n)
    assert len(results) == 5
    for _ in range(3):
        assert list(results) == [4, 3, 2, 1, 0]


def test_first_replies_come_as_they_are_done_and_each_once() -> None:
    replies = codap.FirstReply()
    for _ in range(100):
        replies.push(lambda: "same")
    assert list(replies) == ["same"] * 100
    for n in (9, 6, 3, 0):
        replies.push(sleeping, n)
    assert list(replies) == [0, 3, 6, 9]
    assert len(replies) == 104


# What codap promised and did not do


def test_a_mapping_of_values_waits_only_where_values_are_asked_for() -> None:
    results = codap.KV({"a": lambda: 1}, b=lambda: 2)
    later = results.put("later")
    assert "later" in results and len(results) == 3 and list(results) == list(results.keys()) == ["a", "b", "later"]
    later.put(3)
    assert dict(results) == dict(results.items()) == {"a": 1, "b": 2, "later": 3}
    assert results.get("a") == 1 and results.get("no") is None and sorted(results.values()) == [1, 2, 3]
    with pytest.raises(KeyError):
        results["no"]


def test_an_error_is_raised_and_nobody_waits_for_ever() -> None:
    results, ordered, replies = codap.KV(), codap.Ordered(), codap.FirstReply()
    results["bad"] = failing
    ordered.push(failing)
    replies.push(failing)
    for read in (lambda: results["bad"], lambda: ordered[0], lambda: next(iter(replies)), results.put("k", failing).get):
        with pytest.raises(ValueError, match="so it is"):
            read()


def test_a_queue_of_one_value_keeps_it() -> None:
    results = codap.KV()
    later = results.put("later")
    assert later.empty() and not later.full() and later.qsize() == 0
    with pytest.raises(queue.Empty):
        later.get_nowait()
    with pytest.raises(queue.Empty):
        later.get(timeout=0.01)
    later.put(None)
    assert later.full() and later.qsize() == 1 and later.get() is None and later.get_nowait() is None
    with pytest.raises(queue.Full):
        later.put("another")
    assert results["later"] is None


def test_ordered_lists_can_be_added_to_and_sliced(capfd: pytest.CaptureFixture[str]) -> None:
    results = codap.Ordered()
    results.append(lambda: "a")
    results += lambda: "b"
    results + (lambda: "c")
    results[3] = lambda: "d"
    results[1] = lambda: "B"
    assert results[0:2] == ["a", "B"] and results[-1] == "d" and len(results) == 4
    assert [x + y for x in results for y in results][:5] == ["aa", "aB", "ac", "ad", "Ba"]
    assert [next(results), results.next()] == ["a", "B"]
    assert list(results) == ["a", "B", "c", "d"]
    assert list(iter(partial(next, results, None), None)) == ["c", "d"], "it goes on where next() was"
    assert next(results) == "a", "and begins again after the end"
    with pytest.raises(IndexError):
        results[4]
    assert capfd.readouterr().out == ""


def test_first_replies_can_be_added_and_read_by_place() -> None:
    replies = codap.FirstReply()
    replies += partial(sleeping, 5)
    replies + partial(sleeping, 0)
    replies.append(partial(sleeping, 2))
    assert replies[0] == replies[0] == 0 and replies[-1] == 5 and replies[:2] == [0, 2]
    assert [next(replies), replies.next()] == [0, 2]


def test_three_hundred_pushes_run_at_once() -> None:
    meeting = threading.Barrier(300)
    results = codap.Ordered()
    for _ in range(300):
        results.push(meeting.wait, 20)
    assert sorted(results) == list(range(300))


def test_what_put_gave_is_enough_to_keep_its_call() -> None:
    later = codap.KV().put("k", sleeping, 2)
    gc.collect()
    assert later.get() == 2


def test_calls_of_a_whimbrel_client_can_be_put(slow: SlowServer) -> None:
    client = dserver.Client(slow.url(0), token="t")
    results = codap.KV()
    for n in range(20):
        results.put(n, client.readme, f"u{n}")
    assert dict(results) == {n: f"readmes/u{n}" for n in range(20)}


def test_queues_and_threads_are_there_to_be_used() -> None:
    answers = codap.Queue()
    for n in range(3):
        codap.spawn(answers.put, n)
    assert sorted(answers.get(timeout=10) for _ in range(3)) == [0, 1, 2]
    assert codap.Queue(maxsize=1).maxsize == 1


# Under gevent

#: codap's patterns where functions are greenlets; `sleep` is what a greenlet may wait with.
PATTERNS = """
import time
from functools import partial
from whimbrel import dserver
from whimbrel.compat import codap
from gevent.queue import Queue

def slowly(n, **kwargs):
    sleep(n / 100)
    return (n, gevent.getcurrent() is not main, *kwargs.items())

main = gevent.getcurrent()
kv = codap.KV()
for n in range(100):
    kv.put(n, slowly, 10, limit=n)
empty = kv.put("empty")
codap.spawn(empty.put, "filled")
kv.put("bad", lambda: 1 / 0)
begun = time.monotonic()
assert [kv[n] for n in range(100)] == [(10, True, ("limit", n)) for n in range(100)]
assert time.monotonic() - begun < 1, "one after another"
assert kv["empty"] == empty.get() == "filled"
for _ in range(2):
    try:
        kv["bad"]
    except ZeroDivisionError:
        pass
    else:
        raise AssertionError("no error")

ordered = codap.Ordered()
replies = codap.FirstReply()
for n in (6, 3, 0):
    ordered.push(slowly, n)
    replies.push(slowly, n)
assert [it[0] for it in ordered] == [it[0] for it in ordered] == [6, 3, 0]
assert [it[0] for it in replies] == [0, 3, 6] and replies[0][0] == 0

client = dserver.Client(URL, token="t")
natives = codap.KV()
for n in range(50):
    natives.put(n, client.readme, str(n))
mixed = codap.spawn(lambda: [natives[n] for n in range(50)])
assert dict(natives) == {n: f"readmes/{n}" for n in range(50)}
assert mixed.get() == list(natives.values())
assert isinstance(codap.Queue(), Queue)

def readers():
    one = codap.KV({"k": partial(slowly, 3)})
    return [it.get() for it in [codap.spawn(lambda: one["k"]) for _ in range(10)]]

assert readers() == [(3, True)] * 10
killed = []

def endless():
    try:
        sleep(60)
    finally:
        killed.append(1)

with codap.FirstReply() as race:
    race.push(endless)
    race.push(slowly, 1)
    assert race.first()[0] == 1
sleep(0.01)
assert killed == [1]
"""

WAYS = {
    "all is patched": "from gevent import monkey; monkey.patch_all()\nimport gevent\nfrom time import sleep",
    "sockets are patched": "from gevent import monkey; monkey.patch_socket()\nimport gevent\nfrom gevent import sleep",
    "greenlets run": "import gevent\nfrom gevent import sleep\ngevent.spawn(int).get()",
}


def run(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("way", WAYS)
def test_functions_are_greenlets_where_gevent_runs(slow: SlowServer, way: str) -> None:
    pytest.importorskip("gevent", reason="gevent is not installed: codap under gevent is not tested")
    run(f"{WAYS[way]}\nURL = {slow.url(5)!r}\n{PATTERNS}")


def test_nothing_is_patched_by_an_import() -> None:
    pytest.importorskip("gevent", reason="gevent is not installed: codap under gevent is not tested")
    run(
        """
        import socket, sys, threading
        before = socket.socket, threading.Thread
        from whimbrel.compat import codap
        assert "gevent" not in sys.modules
        import gevent
        from gevent import monkey
        # It is imported, but nothing of it runs: functions have threads.
        assert codap.Ordered() + threading.get_ident
        kv = codap.KV({"thread": threading.get_ident})
        assert kv["thread"] != threading.get_ident()
        assert not monkey.is_anything_patched() and before == (socket.socket, threading.Thread)
        """
    )
