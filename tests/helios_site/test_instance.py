"""One Helios per home and per port; a second one is told so in a line."""

import multiprocessing
import os
import socket
import time

import pytest

from helios_site import instance
from memory.refusals import Conflict

FORK = multiprocessing.get_context("fork")


def test_a_home_is_claimed_once_per_part(home):
    first = instance.claim(home, "web")
    with pytest.raises(Conflict, match=f"already running.*process {os.getpid()}"):
        instance.claim(home, "web")
    os.close(instance.claim(home, "queue"))
    os.close(first)
    os.close(instance.claim(home, "web"))


def test_a_claim_waits_for_the_orphans_of_one_that_was_killed(home):
    handle = instance.claim(home, "web")
    (home / "web.lock").write_text("999999999")  # its process is gone, a child still has it
    orphan = FORK.Process(target=time.sleep, args=(0.5,))
    orphan.start()
    os.close(handle)
    os.close(instance.claim(home, "web"))
    orphan.join()


def test_orphans_that_stay_are_said(home, monkeypatch):
    monkeypatch.setattr(instance, "ORPHAN_SECONDS", 0.2)
    handle = instance.claim(home, "web")
    (home / "web.lock").write_text("")
    with pytest.raises(Conflict, match="that was killed"):
        instance.claim(home, "web")
    os.close(handle)


def test_a_port_in_use_is_said_with_the_remedy():
    with instance.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Conflict, match=f"Port {port} is in use.*PORT={port + 1}"):
            instance.listen("127.0.0.1", port)


def test_an_address_of_another_computer_is_said():
    with pytest.raises(Conflict, match=r"192\.0\.2\.1:8000 cannot be opened"):
        instance.listen("192.0.2.1", 8000)


def test_only_this_computer_reaches_the_port():
    with instance.listen("127.0.0.1", 0) as listener:
        assert listener.family == socket.AF_INET
        assert listener.getsockname()[0] == "127.0.0.1"
