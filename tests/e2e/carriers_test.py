#!/usr/bin/env python3
"""TCP and WebSocket beside QUIC: who dials whom how, what people are told of it, and what a node survives at its sockets."""
import os
import resource
import socket
import threading
import time
import unittest

from wherry_process import PATIENCE, ProgramTest, at_most, write_file

QUIC, TCP, WS = "/ip4/127.0.0.1/udp/0/quic-v1", "/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws"


def port_of(address):
    return int(address.split("/tcp/")[1].split("/")[0])


class Carriers(ProgramTest):
    def node(self, *listen, home="node", **options):
        words = [word for address in listen for word in ("--listen", address)]
        process = self.run_wherry("node", *words, home=home, **options)
        return process, process.wait_for("ready")["listen"]

    def test_a_node_listens_where_it_is_told_and_each_address_is_dialled(self):
        node, listen = self.node(TCP, WS, QUIC)
        kinds = ["quic" if "/quic-v1/" in a else "ws" if "/ws/" in a else "tcp" for a in listen]
        self.assertEqual(kinds, ["quic", "tcp", "ws"])
        for number, address in enumerate(listen):
            ping = self.run_wherry("ping", "-n", "1", address, home=f"home{number}")
            self.assertExit(ping, 0)
            self.assertEqual(ping.named("path")[0]["address"], address.rsplit("/p2p/", 1)[0])

    def test_status_names_the_connection(self):
        node, listen = self.node(TCP)
        slow = self.run_wherry("node", "--listen", TCP, home="other")
        slow.wait_for("ready")
        self.assertExit(self.run_wherry("ping", "-n", "1", listen[0], home="other"), 0)
        connections = self.run_wherry("status", home="node")
        self.assertExit(connections, 0)
        self.assertTrue(any("/tcp/" in c["address"] for c in connections.named("status")[0]["connections"]), connections.story())

    def test_a_ticket_of_a_sharer_over_tcp_is_fetched(self):
        file = write_file(self.folder / "in/file", os.urandom(3_000_000))
        sharer = self.run_wherry("share", "--listen", TCP, file, home="sharer")
        ticket = sharer.wait_for("ticket")["ticket"]
        fetch = self.run_wherry("get", "--listen", WS, "--out", self.folder / "out", ticket, home="fetcher")
        self.assertExit(fetch, 0)
        self.assertEqual((self.folder / "out/file").read_bytes(), file.read_bytes())

    def test_who_sends_garbage_or_nothing_costs_nobody_else(self):
        node, listen = self.node(TCP, WS)
        ports = [port_of(a) for a in listen]
        silent = [socket.create_connection(("127.0.0.1", port)) for port in ports]
        for port in ports:
            for words in (b"", b"\0" * 70_000, b"GET / HTTP/1.1\r\n\r\n", b"\x13/multistream/1.0.0\n", os.urandom(5000)):
                with socket.create_connection(("127.0.0.1", port)) as one:
                    one.settimeout(PATIENCE)
                    try:
                        one.sendall(words)
                        one.shutdown(socket.SHUT_WR)
                        while one.recv(65536):
                            pass
                    except OSError:
                        pass  # it has hung up
        for number, address in enumerate(listen):
            self.assertExit(self.run_wherry("ping", "-n", "1", address, home=f"home{number}"), 0)
        for one in silent:
            one.close()

    def test_a_node_without_descriptors_rests_and_goes_on(self):
        node, listen = self.node(TCP)
        pid = node.process.pid
        used = max(int(number) for number in os.listdir(f"/proc/{pid}/fd")) + 1
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, before[1]))
        waiting = [socket.create_connection(("127.0.0.1", port_of(listen[0]))) for _ in range(3)]
        begun, tick = time.monotonic(), threading.Event()
        while node.error_text().count("accepting a connection") < 3 and time.monotonic() < begun + PATIENCE:
            tick.wait(0.05)
        tries = node.error_text().count("accepting a connection")
        self.assertGreaterEqual(tries, 3)
        self.assertLessEqual(tries, time.monotonic() - begun + 2, "it looks once a second")
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        self.assertExit(self.run_wherry("ping", "-n", "1", listen[0], home="other"), 0)
        for one in waiting:
            one.close()

    def test_a_limit_counts_over_all_carriers(self):
        receiver, address = self.receive("--accept", "all", listen=TCP)
        file = write_file(self.folder / "file", os.urandom(4_000_000))
        begun = time.monotonic()
        self.deliver(address, file, options=at_most("8 Mbit/s"))
        self.assertGreater(time.monotonic() - begun, 3)  # four seconds by the limit; on any machine


if __name__ == "__main__":
    unittest.main()
