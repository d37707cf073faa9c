"""Runs the real program and reads its JSON events. Only the standard library."""
import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

PROGRAM = os.environ.get("WHERRY_PROGRAM", "wherry")
LOOPBACK = os.environ.get("WHERRY_TEST_LISTEN", "/ip4/127.0.0.1/udp/0/quic-v1")  # what carries the transfers of a test
PATIENCE = float(os.environ.get("WHERRY_TEST_PATIENCE", "60"))  # seconds for anything that ought to happen at once

def at_most(rate):
    """Options with which a sender has a middle on every machine, as in at_most("4 Mbit/s")."""
    return ("--set", f"limits.upload={rate}", "--set", "limits.limit_lan=true")


NUMBER = (int, float)
# Fields that CLI.md promises for each event; others may be there too.
SCHEMA = {
    "ready": {"peerId": str, "listen": list},
    "addresses": {"listen": list},
    "offer": {"transfer": int, "peer": str, "direction": str, "label": str, "bytesTotal": int, "filesTotal": int, "foldersTotal": int},
    "accepted": {"transfer": int, "peer": str},
    "declined": {"transfer": int, "peer": str, "reason": str},
    "progress": {"transfer": int, "bytes": int, "bytesTotal": int, "files": int, "filesTotal": int, "rate": NUMBER, "eta": NUMBER},
    "resumed": {"transfer": int, "bytesAlready": int},
    "path": {"peer": str, "kind": str, "address": str, "reason": str, "why": str},
    "delivered": {"transfer": int, "bytesSent": int, "bytesTotal": int, "chunksResent": int, "chunksCompressed": int, "filesBatched": int,
                  "streamsUsed": int, "seconds": NUMBER},
    "failed": {"code": str, "message": str, "file": str},
    "interrupted": {"transfer": int, "code": str, "message": str},
    "held": {"transfer": int, "peer": str, "direction": str, "here": str, "there": str},
    "text": {"peer": str, "id": str, "text": str, "sentAt": int, "receivedAt": int},
    "sent": {"peer": str, "id": str},
    "peers": {"peers": list},
    "done": {"command": str, "peer": str},
    "pong": {"index": int, "ms": NUMBER},
    "ping": {"count": int, "minMs": NUMBER, "meanMs": NUMBER, "maxMs": NUMBER},
    "status": {"peerId": str, "program": str, "uptime": NUMBER, "listen": list, "metered": bool, "transfers": int, "connectionsTotal": int,
               "connectionsMax": int, "topics": int, "gossipPeers": int, "gossipDelivered": int, "gaveWay": int, "crowdedFrom": str, "connections": list,
               "dht": list, "quiet": bool},
    "transfers": {"transfers": list},
    "cancelled": {"transfer": int},
    "paused": {"transfer": int},
    "continued": {"transfer": int},
    "priority": {"transfer": int, "priority": str},
    "retried": {"number": int, "transfer": int},
    "history": {"entries": list},
    "ticket": {"ticket": str},
    "shares": {"shares": list},
    "revoked": {"share": str},
    "share-ended": {"share": str, "why": str},
    "warning": {"code": str, "message": str},
    "reloaded": {"changes": list},
    "reload-failed": {"code": str, "message": str},
    "subscribed": {"topic": str},
    "message": {"topic": str, "from": str, "dataBase64": str},
    "published": {"topic": str, "peers": int},
    "value": {"key": str, "valueBase64": str},
    "stored": {"key": str, "servers": int},
    "provided": {"key": str, "servers": int},
    "providers": {"key": str, "peers": list},
    "closest": {"key": str, "peers": list},
    "peer": {"peerId": str, "addresses": list, "connected": bool},
    "perf": {"uploadBytes": int, "uploadRate": NUMBER, "downloadBytes": int, "downloadRate": NUMBER},
}


def check_event(event):
    fields = SCHEMA.get(event.get("event"))
    assert fields is not None, f"an event that nobody documented: {event}"
    for name, kind in fields.items():
        assert isinstance(event.get(name), kind) and isinstance(event.get(name), bool) == (kind is bool), f"field {name} of {event}"


class Wherry:
    """One run of the program with --json. Events arrive in a queue; every line must be one JSON object of the schema.
    It looks for others on the network only in namespaces of its own (`mdns`), never on the machine's."""

    def __init__(self, *arguments, home, check=True, cwd=None, env=None, mdns=False, restore_signals=True):
        self.events, self.bad_lines = [], []
        self._queue = queue.Queue()
        self._check = check
        self._errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([PROGRAM, "--json", *([] if mdns else ["--no-mdns"]), "--home", str(home), *map(str, arguments)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self._errors, cwd=cwd, env=env, restore_signals=restore_signals)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            try:
                event = json.loads(line)
                if self._check:
                    check_event(event)
                self.events.append(event)
                self._queue.put(event)
            except (ValueError, AssertionError) as error:
                self.bad_lines.append(f"{error}: {line[:300]!r}")
        self._queue.put(None)

    def wait_for(self, name, condition=lambda event: True, patience=PATIENCE):
        """The next event of this name for which `condition` holds; events before it are passed over."""
        limit = time.monotonic() + patience
        while True:
            try:
                event = self._queue.get(timeout=max(0.0, limit - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {name} within {patience} s; {self.story()}") from None
            if event is None:
                self._queue.put(None)
                raise AssertionError(f"ended without {name}; {self.story()}")
            if event["event"] == name and condition(event):
                return event

    def exit_code(self, patience=PATIENCE):
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {patience} s; {self.story()}") from None
        self._reader.join(patience)
        assert not self.bad_lines, self.bad_lines[:3]
        return code

    def address(self):
        return self.wait_for("ready")["listen"][0]

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._reader.join()

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE)
        self.process.stdout.close()
        self._errors.close()

    def error_text(self):
        self._errors.seek(0)
        return self._errors.read().decode("utf-8", "replace")

    def named(self, name):
        return [event for event in self.events if event["event"] == name]

    def story(self):
        return f"exit {self.process.poll()}, last events {[json.dumps(e)[:400] for e in self.events[-6:]]}, standard error {self.error_text()[-2000:]!r}"


class ProgramTest(unittest.TestCase):
    """A scratch folder, and processes that end with the test."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="wherry-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_wherry(self, *arguments, home="home", **options):
        process = Wherry(*arguments, home=self.folder / home, **options)
        self.addCleanup(process.stop)
        return process

    def receive(self, *arguments, home="receiver", out="out", listen=LOOPBACK):
        process = self.run_wherry("receive", "--listen", listen, "--out", self.folder / out, *arguments, home=home)
        return process, process.address()

    def send(self, address, *paths, home="sender", options=(), **more):
        return self.run_wherry("send", "--listen", LOOPBACK, *options, address, *paths, home=home, **more)

    def deliver(self, address, *paths, **more):
        """Sends and expects success; gives the `delivered` event of the sender."""
        sender = self.send(address, *paths, **more)
        self.assertEqual(sender.exit_code(), 0, sender.story())
        return sender.named("delivered")[-1]

    def assertExit(self, process, code):
        self.assertEqual(process.exit_code(), code, process.story())

    def assertSameTree(self, one, other):
        self.assertEqual(list(describe_tree(one)), list(describe_tree(other)))

    def assertEmpty(self, folder):
        left = [str(p) for p in Path(folder).rglob("*")] if Path(folder).exists() else []
        self.assertEqual(left, [])


def describe_tree(root):
    """(path, kind, content, modification time, executable) of everything below `root`, sorted; files as hashes."""
    import hashlib
    root = os.fsencode(root)
    for folder, folders, files in os.walk(root):
        folders.sort()
        relative = os.path.relpath(folder, root)
        yield relative, "folder"
        for name in sorted(files):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            with open(path, "rb") as file:
                digest = hashlib.file_digest(file, "sha256") if hasattr(hashlib, "file_digest") else hashlib.sha256(file.read())
            yield os.path.join(relative, name), "file", digest.hexdigest(), int(status.st_mtime), bool(status.st_mode & 0o100)


def write_file(path, content, mode=None, modified=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if mode is not None:
        path.chmod(mode)
    if modified is not None:
        os.utime(path, (modified, modified))
    return path


def make_mixed_tree(root, random, small=1200, large=24 * 2**20):
    """Unicode names, empty folders, empty files, many small ones, some of a few chunks, one large, one that compresses well."""
    for i in range(small):
        write_file(root / f"small/{i % 17}/f{i:05}.bin", random.randbytes(random.choice([1, 100, 4096, 9000])), modified=1_600_000_000 + i)
    for i, size in enumerate([262143, 262144, 262145, 1_000_003]):
        write_file(root / f"edges/{i}", random.randbytes(size))
    write_file(root / "large.bin", random.randbytes(large))
    write_file(root / "text.log", b"the same line again and again\n" * 300_000)
    write_file(root / "empty", b"")
    write_file(root / "run.sh", b"#!/bin/sh\n", mode=0o755)
    for name in ["Grüße aus Köln", "旅行 写真.jpg", "emoji 🚢 boat", " leading space", "quote'\"name", "e\u0301 and é", "-dash", "percent%2e%2e%2f"]:
        write_file(root / "names" / name, name.encode())
    (root / "nothing" / "in" / "here").mkdir(parents=True)
    return root


__all__ = ["LOOPBACK", "PATIENCE", "PROGRAM", "ProgramTest", "Wherry", "describe_tree", "make_mixed_tree", "signal", "write_file"]
