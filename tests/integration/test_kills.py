# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""kill -9, wherever it hurts."""

import os
import re
import time

import pytest
from ferrykit.client import Refused, options
from ferrykit.content import Content, file_sha256
from ferrykit.kills import begin, start_killed, wait_killed
from ferrykit.nginx import Nginx
from ferrykit.world import SANITIZED

FULL = os.environ.get("FERRY_TEST_FULL") == "1"
MIB = 1 << 20
SIZE, RATE = (1024 * MIB, 20_000_000) if FULL else (96 * MIB, 12_000_000)
KILLS, LATE_KILLS = (20, 5) if FULL else (8, 2)  # late: after 99 %

# Each step of the way of a download at which the service may die, in order (F40 to F47 of the study of faults).
CREATION = {
    "queue-create-before-commit": False,  # F40: whether the operation is there afterwards
    "store-before-commit": False,
    "store-after-commit": True,  # F41: it is durable, the caller does not know
    "queue-create-committed": True,
}
STEPS = {
    "sink-created": "F42: the partial file is there and empty",
    "sink-written": "F42: in the middle of the body",
    "sink-synced": "F42: synced, not yet recorded",
    "transfer-body-complete": "F43: all there, nothing decided",
    "sink-verified": "F43: its digest is right",
    "transfer-verified": "F43: verified, finalizing not recorded",
    "queue-finalizing-committed": "F44: finalizing recorded",
    "sink-before-rename": "F44: about to rename",
    "sink-renamed": "F45: renamed, folder not synced",
    "sink-folder-synced": "F45: folder synced, completion not recorded",
    "queue-completed-committed": "F46: completion recorded, nobody told",
}
RECOVERY = ["store-open-locked", "queue-loaded"]
# Killed there, not all of it was recorded as held, so that something is fetched again.
BYTES_ON_THE_WAY = ("sink-created", "sink-written", "sink-synced", "transfer-body-complete")


@pytest.fixture
def slow_nginx(tmp_path):
    """A real server that serves /limited/ at RATE."""
    made = Nginx(str(tmp_path), rate=RATE)
    yield made
    made.stop()


@pytest.mark.world(settings={"idle-exit": 0})
def test_many_kills(world, slow_nginx, rng):
    """Byte-identical, never from the beginning, hardly more than the file sent."""
    content = Content(SIZE, seed=7)
    slow_nginx.add("big.bin", content)
    path = world.client.create(f"{slow_nginx.origin}/limited/big.bin", world.path("big.bin"), start=True)
    early = sorted(rng.uniform(0.02, 0.95) for _ in range(KILLS - LATE_KILLS))
    late = sorted(rng.uniform(0.99, 0.9999) for _ in range(LATE_KILLS))
    done = 0
    for share in early + late:
        reached = world.client.wait_until(
            lambda share=share: (world.client.get(path, "BytesReceived") >= share * SIZE
                                 or world.client.get(path, "State") == "completed"), 120, lambda: f"{share}")
        assert reached
        if world.client.get(path, "State") == "completed":
            break
        world.daemon.restart()
        done += 1
    ended = world.client.wait(path, timeout=120)
    assert (ended["State"], ended["Restarts"]) == ("completed", 0)
    assert done >= KILLS - LATE_KILLS, done
    assert file_sha256(world.path("big.bin")) == content.sha256()
    log = slow_nginx.log()
    assert [row[0] for row in log].count(200) == 1, "no full response after the first"
    sent = sum(row[1] for row in log)
    assert sent < 1.2 * SIZE, f"{sent / SIZE:.3f} times the file"


def converge(world, path, content, requests):
    """A plain service now ends the download with the right bytes."""
    world.daemon.start()
    ended = world.client.wait(path)
    assert (ended["State"], ended["Restarts"]) == ("completed", 0)
    assert file_sha256(world.path("a")) == content.sha256()
    assert os.listdir(world.downloads) == ["a"]
    assert len(world.client.list()) == 1
    assert len(requests()) <= 3


@pytest.mark.world(start=False)
@pytest.mark.parametrize("step", STEPS)
def test_step(world, server, step):
    """Killed at that step, then started again."""
    # What is held is synced every 64 MiB.
    content = Content(72 * MIB if step == "sink-synced" else 2 * MIB)
    path = begin(world, server.url("slow", size=content.size, rate=0 if step == "sink-synced" else 8 * MIB), step)
    wait_killed(world)
    converge(world, path, content, lambda: server.requests_of("slow"))
    if step not in BYTES_ON_THE_WAY:
        assert len(server.requests) == 1, "nothing was fetched twice"


@pytest.mark.world(start=False)
@pytest.mark.parametrize("step, known", CREATION.items())
def test_creation(world, server, step, known):
    """No reply: it exists wholly or not at all, and asking again with the same token makes exactly one."""
    world.daemon.start(failpoint=step)
    url = server.url("normal")
    with pytest.raises(Refused):
        world.client.create(url, world.path("a"), token="t", start=True)
    wait_killed(world)
    world.daemon.start()
    assert len(world.client.list()) == (1 if known else 0)
    path = world.client.create(url, world.path("a"), token="t", start=True)
    assert list(world.client.list()) == [path]
    assert world.client.wait(path)["State"] == "completed"


@pytest.mark.world(start=False)
@pytest.mark.parametrize("second", RECOVERY + ["store-before-commit", "store-after-commit", "sink-renamed",
                                               "sink-folder-synced", "queue-completed-committed"])
@pytest.mark.parametrize("first", ["sink-written", "transfer-body-complete", "queue-finalizing-committed", "sink-renamed",
                                   "sink-folder-synced"])
def test_killed_again_while_recovering(world, server, first, second):
    """F47: recovery may be cut short anywhere, and begun again."""
    content = Content(MIB)
    path = begin(world, server.url("slow", size=content.size, rate=8 * MIB), first)
    wait_killed(world)
    start_killed(world, second)
    deadline = time.monotonic() + 3 * world.client.scale
    while world.daemon.process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
        try:
            if world.client.owner() and world.client.get(path, "State") == "completed":
                break
        except Refused as error:
            assert error.short in ("NoReply", "ServiceUnknown", "NameHasNoOwner"), error
    world.daemon.kill()
    converge(world, path, content, lambda: server.requests_of("slow"))


@pytest.mark.world(start=False)
@pytest.mark.parametrize("policy", ["fail", "replace", "rename"])
@pytest.mark.parametrize("step", ["queue-finalizing-committed", "sink-before-rename", "sink-renamed", "sink-folder-synced"])
def test_each_policy_at_the_last_step(world, server, step, policy):
    content = Content(300_000)
    if policy != "fail":
        with open(world.path("a"), "w", encoding="utf-8") as stream:
            stream.write("mine")
    path = begin(world, server.url("normal"), step, exists=policy)
    wait_killed(world)
    world.daemon.start()
    ended = world.client.wait(path)
    assert ended["State"] == "completed"
    assert file_sha256(ended["Destination"]) == content.sha256()
    expected = ["a", "a (2)"] if policy == "rename" else ["a"]
    assert sorted(os.listdir(world.downloads)) == expected
    if policy == "rename":
        with open(world.path("a"), encoding="utf-8") as stream:
            assert stream.read() == "mine"


@pytest.mark.world(start=False)
def test_cancel_survives(world, server):
    """A canceled one stays canceled, and its partial data goes even where the kill came first."""
    world.daemon.start()
    path = world.client.create(server.url("hold", at=100_000), world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") == 100_000)
    world.daemon.kill()
    world.daemon.start(failpoint="queue-verb-committed")
    with pytest.raises(Refused):
        world.client.verb(path, "Cancel")
    wait_killed(world)
    world.daemon.start()
    assert world.client.get(path, "State") == "canceled"
    world.client.wait_until(lambda: world.parts() == [])


@pytest.mark.world(start=False)
@pytest.mark.parametrize("step", ["store-before-commit", "store-after-commit", "queue-failure-committed"])
def test_an_error_survives(world, server, step):
    """An error is durable before anyone hears of it; cut short, the attempt is made again."""
    world.daemon.start()
    path = world.client.create(server.url("not-found"), world.path("a"))
    world.daemon.kill()
    world.daemon.start(failpoint="queue-failure-committed" if step.startswith("queue") else f"{step}:2")
    world.client.verb(path, "Start")
    wait_killed(world)
    world.daemon.start()
    ended = world.client.wait(path)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "not-found")


@pytest.mark.world(start=False)
def test_secrets_cut_short(world, server):
    """Killed before a secret is stored: what then exists goes on with its secret, or there is nothing."""
    world.daemon.start(failpoint="store-before-secrets")
    given = {"token": "t", "headers": [("Authorization", "Bearer x")]}
    with pytest.raises(Refused):
        world.client.create(server.url("normal"), world.path("a"), **given)
    wait_killed(world)
    world.daemon.start()
    path = world.client.create(server.url("normal"), world.path("a"), **given)
    assert list(world.client.list()) == [path]
    world.client.verb(path, "Start")
    assert world.client.wait(path)["State"] == "completed"
    assert server.requests[0].header("Authorization") == "Bearer x"


@pytest.mark.world(start=False)
def test_killed_in_its_first_moments(world, server):
    """What had come by then is not fetched again, however early it was."""
    world.daemon.start()
    path = world.client.create(server.url("slow", size=4 * MIB, rate=4 * MIB), world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") > MIB)
    world.daemon.restart()
    assert world.client.wait(path)["State"] == "completed"
    assert [request.status for request in server.requests] == [200, 206]


@pytest.mark.world(start=False)
def test_a_migration_cut_short(world, server):
    """Killed before the first schema is committed: the next start makes it."""
    world.daemon.start(failpoint="store-before-migration-commit", wait=False)
    wait_killed(world)
    world.daemon.start()
    world.client.create(server.url("normal"), world.path("a"))


def read_all(folder, suffix):
    """The text of every file below a folder of the source whose name ends so."""
    texts = []
    for path, _, names in os.walk(os.path.join(os.environ["FERRY_SOURCE_ROOT"], folder)):
        for name in names:
            if name.endswith(suffix):
                with open(os.path.join(path, name), encoding="utf-8") as stream:
                    texts.append(stream.read())
    return "\n".join(texts)


def test_every_failpoint_is_tested():
    """A failpoint in the source that no test names is a step that nobody looks at."""
    found = set(re.findall(r'FERRYD_FAILPOINT \("([^"]+)"\)', read_all("service", ".c")))
    named = set(re.findall(r'"([a-z-]+)(?::\d+)?"', read_all("tests", ".py")))
    assert found <= named, found - named
    assert set(STEPS) | set(CREATION) | set(RECOVERY) <= found


@pytest.mark.world(start=False)
def test_random_kills_of_many(world, server, rng):
    """Several downloads at once, killed at random times, all end whole."""
    world.daemon.start()
    contents = [Content(MIB, seed=n) for n in range(8)]
    paths = world.client.create_many([
        (server.url("slow", f"{n}", size=MIB, seed=n, rate=600_000), world.path(f"{n}"), options(start=True))
        for n in range(8)])
    for _ in range(3 if SANITIZED else 6):
        time.sleep(rng.uniform(0.05, 0.4))
        world.daemon.restart()
    for path, content in zip(paths, contents):
        ended = world.client.wait(path, timeout=30)
        assert (ended["State"], ended["Restarts"]) == ("completed", 0)
        assert file_sha256(ended["Destination"]) == content.sha256()


@pytest.mark.world(start=False)
def test_power_loss_leaves_only_what_was_recorded(world, server):
    """What is held after a start never goes beyond what the store knows once the part file lost its tail."""
    world.daemon.start()
    path = world.client.create(server.url("stall-once"), world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") == 150_000)
    world.client.verb(path, "Pause")
    world.daemon.kill()
    part, = world.parts()
    os.truncate(part, 100_000)
    world.daemon.start()
    world.client.verb(path, "Resume")
    ended = world.client.wait(path)
    assert ended["State"] == "completed"
    assert file_sha256(world.path("a")) == Content(300_000).sha256()


@pytest.mark.world(start=False)
@pytest.mark.parametrize("change", ["deleted", "replaced", "hardlinked"])
def test_part_file_tampered_with(world, server, change):
    """F09: what is not provably ours is not appended to."""
    world.daemon.start()
    path = world.client.create(server.url("stall-once"), world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") == 150_000)
    world.client.verb(path, "Pause")
    time.sleep(0.5)  # until the attempt has ended and is recorded, which Pause does not wait for
    world.daemon.kill()
    part, = world.parts()
    if change == "hardlinked":
        os.link(part, world.path("other"))
    elif change == "replaced":
        with open(world.path("other"), "wb") as stream:
            stream.write(b"z" * 150_000)
        os.rename(world.path("other"), part)
    else:
        os.unlink(part)
    world.daemon.start()
    world.client.verb(path, "Resume")
    ended = world.client.wait(path)
    assert ended["State"] == "completed"
    assert file_sha256(world.path("a")) == Content(300_000).sha256()
    if change != "hardlinked":
        assert ended["Restarts"] == 1
    else:
        assert os.stat(world.path("a")).st_nlink == 1 or ended["Restarts"] == 0
