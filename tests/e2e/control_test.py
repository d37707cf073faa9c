#!/usr/bin/env python3
"""A running wherry is used from other shells of the same home, and withstands programs that misuse its control socket."""
import json
import os
import random
import resource
import socket
import time
import unittest
from pathlib import Path

from wherry_process import LOOPBACK, PATIENCE, ProgramTest, signal, write_file

PLACES = 256  # programs that may be connected at once


class Connection:
    """A program that speaks the control socket's own language."""

    def __init__(self, path, read_greeting=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(str(path))
        self.lines = self.socket.makefile("rb")
        self.greeting = self.read() if read_greeting else None

    def write(self, data):
        self.socket.sendall(data)

    def read(self):
        line = self.lines.readline()
        return json.loads(line) if line else None

    def ask(self, number, command, **fields):
        self.write(json.dumps({"id": number, "command": command, **fields}).encode() + b"\n")

    def answer(self, number):
        while (event := self.read()) is not None:
            if event.get("id") == number:
                return event
        raise AssertionError("the connection ended without an answer")

    def ended(self):
        """Whether the other side closes; what it still says is passed over."""
        try:
            while self.lines.readline():
                pass
            return True
        except ConnectionResetError:
            return True

    def close(self):
        self.lines.close()
        self.socket.close()


class Shared(ProgramTest):
    def node(self, home="node", *arguments):
        process = self.run_wherry("node", "--listen", LOOPBACK, *arguments, home=home)
        return process, process.address()

    def connect(self, home="node", **options):
        connection = Connection(self.folder / home / "control.sock", **options)
        self.addCleanup(connection.close)
        return connection

    def source(self, name="data.bin", size=2_000_000):
        return write_file(self.folder / name, random.randbytes(size))

    def slow_send(self, address, home):
        """A send that has been offered and waits for an answer that does not come."""
        sender = self.run_wherry("send", "--wait", "60", address, self.source(), home=home)
        return sender


class OtherShells(Shared):
    def test_ping_and_send_use_the_node_that_runs_and_its_key(self):
        node, _ = self.node()
        receiver, address = self.receive("--accept", "all")
        ping = self.run_wherry("ping", "-n", "2", address, home="node")
        self.assertExit(ping, 0)
        source = self.source()
        sender = self.run_wherry("send", address, source, home="node")
        self.assertExit(sender, 0)
        offer = receiver.wait_for("offer")
        self.assertEqual(offer["peer"], node.named("ready")[0]["peerId"])
        self.assertEqual((self.folder / "out" / source.name).read_bytes(), source.read_bytes())
        self.assertEqual(sorted(p.name for p in (self.folder / "node").iterdir() if p.name.startswith("companion")), [])
        self.assertIsNone(node.process.poll())

    def test_receive_beside_a_node_takes_files_while_it_runs_and_no_longer(self):
        node, address = self.node()
        receiver = self.run_wherry("receive", "--out", self.folder / "out", "--accept", "all", home="node")
        self.assertEqual(receiver.address(), address)
        source = self.source()
        self.deliver(address, source)
        receiver.wait_for("delivered")
        second = self.run_wherry("receive", "--out", self.folder / "out2", home="node")
        self.assertExit(second, 6)
        self.assertEqual(second.events[-1]["code"], "busy")
        receiver.signal(signal.SIGTERM)
        self.assertExit(receiver, 130)
        self.assertExit(self.send(address, source, options=("--wait", "5")), 3)
        self.assertIsNone(node.process.poll())

    def test_receive_beside_a_receiver_is_told_why_not(self):
        self.receive("--accept", "all", home="node")
        second = self.run_wherry("receive", "--out", self.folder / "out2", home="node")
        self.assertExit(second, 6)
        self.assertIn("wherry receive (process", second.events[-1]["message"])

    def test_status_tells_of_the_one_that_runs(self):
        node, address = self.node()
        status = self.run_wherry("status", home="node")
        self.assertExit(status, 0)
        event = status.named("status")[0]
        self.assertEqual((event["peerId"], event["listen"], event["transfers"]), (node.named("ready")[0]["peerId"], [address], 0))
        self.assertIn(f"process {node.process.pid}", event["program"])
        self.assertEqual([fact["subject"] for fact in event["network"]],
                         ["mapping4", "mapping6", "incoming4", "incoming6", "udp", "multicast"])
        self.assertEqual({fact["finding"] for fact in event["network"]}, {"unknown"})

    def test_status_and_transfers_of_nothing_are_exit_4(self):
        for command in ("status", "transfers"):
            process = self.run_wherry(command, home="nothing")
            self.assertExit(process, 4)
            self.assertEqual(process.events[-1]["code"], "unreachable")
        self.assertFalse((self.folder / "nothing").exists())

    def test_transfers_are_listed_and_cancelled_from_another_shell(self):
        self.node()
        unreachable = "/ip4/127.0.0.1/udp/9/quic-v1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"
        sender = self.slow_send(unreachable, "node")
        limit = time.monotonic() + PATIENCE
        listed = []
        while not listed and time.monotonic() < limit:
            listing = self.run_wherry("transfers", home="node")
            self.assertExit(listing, 0)
            listed = listing.named("transfers")[0]["transfers"]
        self.assertEqual([t["direction"] for t in listed], ["outgoing"])
        cancel = self.run_wherry("transfers", "cancel", listed[0]["transfer"], home="node")
        self.assertExit(cancel, 0)
        sender.wait_for("failed")
        self.assertNotEqual(sender.exit_code(), 0)
        self.assertExit(self.run_wherry("transfers", "cancel", 4711, home="node"), 2)
        listing = self.run_wherry("transfers", home="node")
        self.assertExit(listing, 0)
        self.assertEqual(listing.named("transfers")[0]["transfers"], [])

    def test_a_send_whose_shell_is_killed_ends(self):
        self.node()
        unreachable = "/ip4/127.0.0.1/udp/9/quic-v1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"
        sender = self.slow_send(unreachable, "node")
        watcher = self.connect()
        self.wait_until(lambda: self.under_way(watcher) == 1)
        sender.kill()
        self.wait_until(lambda: self.under_way(watcher) == 0)

    def test_a_node_that_is_killed_leaves_a_clear_error(self):
        node, _ = self.node()
        unreachable = "/ip4/127.0.0.1/udp/9/quic-v1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"
        sender = self.slow_send(unreachable, "node")
        receiver = self.run_wherry("receive", "--out", self.folder / "out", home="node")
        receiver.address()
        watcher = self.connect()
        self.wait_until(lambda: self.under_way(watcher) == 1)
        node.kill()
        for process in (sender, receiver):
            self.assertExit(process, 7)
            self.assertEqual(process.events[-1]["code"], "connection-lost")
            self.assertIn("has ended", process.events[-1]["message"])
        again, _ = self.node()  # what the killed one has left is no obstacle
        status = self.run_wherry("status", home="node")
        self.assertExit(status, 0)

    def test_a_receiver_goes_on_when_the_send_whose_engine_it_used_is_done(self):
        host = self.slow_send("/ip4/127.0.0.1/udp/9/quic-v1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN", "shared")
        self.wait_until(lambda: (self.folder / "shared" / "control.sock").exists())
        receiver = self.run_wherry("receive", "--out", self.folder / "out", "--accept", "all", home="shared")
        receiver.address()
        host.signal(signal.SIGINT)
        self.assertExit(host, 130)
        answers = []

        def taken_over():
            status = self.run_wherry("status", home="shared")
            answers.extend(status.named("status") if status.exit_code() == 0 else [])
            return bool(answers)

        self.wait_until(taken_over)
        event = answers[0]
        self.assertIn("wherry receive", event["program"])
        address = next(a for a in event["listen"] if a.startswith("/ip4/"))
        source = self.source()
        self.deliver(address, source)
        receiver.wait_for("delivered")

    def test_a_socket_that_is_taken_away_is_made_again(self):
        self.node()
        before = self.connect()
        os.unlink(self.folder / "node" / "control.sock")
        self.assertExit(self.run_wherry("status", home="node"), 0)
        before.ask(1, "status")  # whoever was connected still is
        self.assertEqual(before.answer(1)["event"], "status")

    def test_a_home_with_a_long_path_is_found_whatever_the_environment_says(self):
        home = Path("long", *["folder-of-a-name-of-thirty-four-by"] * 3)  # more than the name of a socket may have
        (self.folder / "long").mkdir(mode=0o700)
        environment = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
        node = self.run_wherry("node", "--listen", LOOPBACK, home=home, env=environment | {"XDG_RUNTIME_DIR": str(self.folder)})
        node.address()
        self.assertTrue((self.folder / home / "control.sock").is_socket())
        self.assertExit(self.run_wherry("status", home=home, env=environment), 0)
        node.signal(signal.SIGTERM)
        self.assertExit(node, 0)
        self.assertFalse((self.folder / home / "control.sock").exists())

    def test_what_is_shared_is_listed_page_by_page_and_whole(self):
        self.node()
        connection = self.connect()
        for number in range(1, 251):
            connection.ask(number, "share", paths=[str(write_file(self.folder / f"file-{number}", b"x"))])
            self.assertEqual(connection.answer(number)["event"], "ticket")
        connection.ask(1000, "shares", skip=200)
        answer = connection.answer(1000)
        self.assertEqual((len(answer["shares"]), answer["more"]), (50, False))
        listing = self.run_wherry("shares", home="node")
        self.assertExit(listing, 0)
        self.assertEqual(len({share["share"] for share in listing.named("shares")[0]["shares"]}), 250)

    def test_one_node_per_home(self):
        self.node()
        second = self.run_wherry("node", "--listen", LOOPBACK, home="node")
        self.assertExit(second, 6)
        self.assertEqual(second.events[-1]["code"], "busy")

    def wait_until(self, condition):
        limit = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), limit, "it does not happen")

    def under_way(self, connection):
        self.number = getattr(self, "number", 0) + 1
        connection.ask(self.number, "transfers")
        return len(connection.answer(self.number)["transfers"])


class Misuse(Shared):
    """SECURITY: whoever may open the socket is this user's program, perhaps a broken one. The node serves on."""

    def assertServes(self):
        connection = self.connect()
        connection.ask(1, "status")
        self.assertEqual(connection.answer(1)["event"], "status")

    def memory(self, process):
        with open(f"/proc/{process.process.pid}/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()

    def test_the_socket_is_for_this_user_alone(self):
        self.node()
        self.assertEqual((self.folder / "node").stat().st_mode & 0o077, 0)
        self.assertEqual((self.folder / "node" / "control.sock").stat().st_mode & 0o077, 0)

    @unittest.skipUnless(os.geteuid() == 0, "another user can only be tried as root")
    def test_another_user_is_turned_away_even_where_the_modes_let_him_in(self):
        self.node()
        os.chmod(self.folder, 0o755)
        os.chmod(self.folder / "node", 0o755)
        os.chmod(self.folder / "node" / "control.sock", 0o777)
        child = os.fork()
        if child == 0:
            try:
                os.setgid(65534)
                os.setuid(65534)
                other = Connection(self.folder / "node" / "control.sock", read_greeting=False)
                os._exit(0 if other.ended() else 1)
            except BaseException:
                os._exit(2)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        self.assertServes()

    def test_garbage_is_answered_once_and_the_connection_ends(self):
        self.node()
        for garbage in (b"GET / HTTP/1.1\r\n\r\n", b"\x00\xff\xfe\n", b"{}\n", b"[" * 100_000 + b"\n", b"\n"):
            connection = self.connect()
            connection.write(garbage)
            self.assertTrue(connection.ended(), garbage[:40])
        self.assertServes()

    def test_a_bad_command_is_refused_by_name_and_the_next_one_is_carried_out(self):
        self.node()
        connection = self.connect()
        connection.ask(1, "fly")
        self.assertEqual(connection.answer(1)["code"], "unsupported")
        connection.ask(2, "send", target={"peer": "nobody"}, paths=[])
        self.assertIn("'target'", connection.answer(2)["message"])
        connection.ask(3, "status")
        self.assertEqual(connection.answer(3)["event"], "status")

    def test_a_huge_line_ends_the_connection_and_not_the_memory(self):
        node, _ = self.node()
        before = self.memory(node)
        connection = self.connect()
        with self.assertRaises((BrokenPipeError, ConnectionResetError)):
            for _ in range(100):
                connection.write(b" " * 2**20)
        self.assertServes()
        self.assertLess(self.memory(node) - before, 40 * 2**20)

    def test_half_a_line_holds_up_nobody_and_has_its_time(self):
        self.node()
        connection = self.connect()
        connection.write(b'{"id":1,"comm')
        self.assertServes()
        self.assertTrue(connection.ended())

    def test_a_thousand_connections_are_too_many_and_harm_nobody(self):
        node, _ = self.node()
        before = self.memory(node)
        open_ones = []
        served = 0
        for _ in range(1000):
            one = socket.socket(socket.AF_UNIX)
            one.settimeout(PATIENCE)
            try:
                one.connect(str(self.folder / "node" / "control.sock"))
                open_ones.append(one)
            except (BlockingIOError, ConnectionError):
                one.close()
        for one in open_ones:
            try:
                served += 1 if one.recv(1) else 0
            except ConnectionError:
                pass
        self.assertLessEqual(served, PLACES)
        self.assertLess(node.error_text().count("turned away"), 50)  # and not a line for each
        self.assertGreater(served, 0)
        for one in open_ones:
            one.close()
        limit = time.monotonic() + PATIENCE
        while True:  # those that have gone are noticed one after the other
            try:
                self.assertServes()
                break
            except (AssertionError, ConnectionError, TypeError, ValueError):
                self.assertLess(time.monotonic(), limit)
        self.assertLess(self.memory(node) - before, 40 * 2**20)

    def test_idle_programs_give_way_to_whoever_wants_something(self):
        self.node()
        for _ in range(PLACES):
            self.connect()
        self.assertExit(self.run_wherry("status", home="node"), 0)

    def test_when_every_place_is_in_use_that_is_said(self):
        self.node()
        for _ in range(PLACES):
            connection = self.connect()
            connection.ask(1, "subscribe")
            self.assertEqual(connection.answer(1)["event"], "done")
        status = self.run_wherry("status", home="node")
        self.assertExit(status, 6)
        self.assertEqual(status.events[-1]["code"], "busy")
        self.assertIn(f"busy: {PLACES} programs are connected", status.events[-1]["message"])

    def test_lists_that_nobody_reads_take_little_memory(self):
        node, _ = self.node()
        first = self.connect()
        deep = self.folder.joinpath(*["x" * 250] * 12)
        for number in range(1, 101):
            first.ask(number, "share", paths=[str(write_file(deep / str(number), b"x"))])
            self.assertEqual(first.answer(number)["event"], "ticket")
        before = self.memory(node)
        greedy = [self.connect() for _ in range(30)]
        for connection in greedy:
            connection.write(b"".join(b'{"id":%d,"command":"shares"}\n' % number for number in range(1, 257)))
        self.assertServes()
        first.ask(1000, "shares")
        self.assertEqual(len(first.answer(1000)["shares"]), 100)
        self.assertLess(self.memory(node) - before, 80 * 2**20)
        for number in range(1, 257):  # whoever does read gets all that it has asked for, in its order
            self.assertEqual(len(greedy[0].answer(number)["shares"]), 100)

    def test_whoever_does_not_read_is_not_read_from_until_it_does(self):
        node, _ = self.node()
        before = self.memory(node)
        greedy = [self.connect() for _ in range(20)]
        asked = []
        for connection in greedy:
            connection.socket.settimeout(0.5)
            with self.assertRaises(socket.timeout):
                for number in range(1, 10_000_000):
                    connection.ask(number, "status")
            asked.append(number - 1)
        self.assertServes()
        self.assertLess(self.memory(node) - before, 60 * 2**20)
        greedy[0].socket.settimeout(PATIENCE)
        open_questions = set(range(1, asked[0] + 1))
        while open_questions:  # each is answered, or told that they were too many at once
            event = greedy[0].read()
            if "id" in event:
                self.assertIn(event["event"], ("status", "error"))
                open_questions.discard(event["id"])


if __name__ == "__main__":
    unittest.main()
