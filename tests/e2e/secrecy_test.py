#!/usr/bin/env python3
"""What the program must not tell (SECURITY.md E7) and whom it must not listen to (D15): logs at every level, and proxies of the environment."""
import base64
import os
import re
import socket
import threading
import unittest
from unittest import mock

from wherry_process import LOOPBACK, ProgramTest, write_file

FULL_PEER_ID = re.compile(r"12D3KooW[1-9A-HJ-NP-Za-km-z]{40,}")
NETWORK_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+|/ip[46]/|\[[0-9a-f:]+\]:\d")


class Secrecy(ProgramTest):
    def whole_story(self, level):
        """A file, a text and a share between two homes, and a refusal; gives the log of every process and what it must not hold."""
        write_file(self.folder / "private" / "diary of mine" / "page", b"words that nobody logs" * 9)
        listen = ("--log-level", level, "--listen", LOOPBACK)
        receiver = self.run_wherry("receive", *listen, "--out", self.folder / "taken here", home="receiver")
        address = receiver.address()
        runs = [receiver]

        def run(*arguments, home="sender", code=0):
            process = self.run_wherry(*arguments[:1], *listen, *arguments[1:], home=home)
            runs.append(process)
            self.assertExit(process, code)
            return process

        run("text", address, "an intimate sentence")
        run("send", address, self.folder / "private", code=3)  # nobody is there to be asked
        run("send", address, self.folder / "private" / "no such file", code=6)
        sharer = self.run_wherry("share", *listen, self.folder / "private", home="sender")
        runs.append(sharer)
        ticket = sharer.wait_for("ticket")["ticket"]
        run("get", ticket, "--out", self.folder / "fetched", home="fetcher")
        for process in (sharer, receiver):
            process.process.terminate()
            process.exit_code()
        return [process.error_text() for process in runs], self.secrets(ticket)

    def secrets(self, ticket):
        found = ["an intimate sentence", "words that nobody logs", ticket, ticket.split(":", 1)[1][:40]]
        for home in ("sender", "receiver", "fetcher"):
            key = (self.folder / home / "identity.key").read_bytes()
            for at in range(0, len(key) - 7, 4):
                found += [key[at:at + 8].hex(), base64.b64encode(key[at:at + 9]).decode()]
        return found

    def test_the_most_talkative_log_holds_no_secret_and_no_whole_name_of_a_peer(self):
        logs, secrets = self.whole_story("trace")
        self.assertGreater(sum(len(log) for log in logs), 1000, "nothing was logged, so nothing was tested")
        for log in logs:
            for secret in secrets:
                self.assertNotIn(secret, log)
            lines = [line for line in log.splitlines() if not line.startswith("wherry:")]  # those are answers to the person
            for line in lines:
                self.assertNotIn(str(self.folder), line)
                self.assertIsNone(FULL_PEER_ID.search(line), line)

    def test_without_debugging_no_address_of_a_peer_and_no_path_is_logged(self):
        logs, _ = self.whole_story("info")
        for log in logs:
            for line in log.splitlines():
                if line.startswith("wherry:") or "listening on" in line:  # its own address, and answers to the person
                    continue
                self.assertIsNone(NETWORK_ADDRESS.search(line), line)
                self.assertNotIn("diary", line)

    def test_proxies_of_the_environment_are_not_asked(self):
        write_file(self.folder / "file", b"straight across")
        asked = []
        with socket.create_server(("127.0.0.1", 0)) as proxy:
            def answer():
                while True:
                    try:
                        connection, _ = proxy.accept()
                    except OSError:
                        return
                    asked.append(connection.recv(100))
                    connection.close()
            threading.Thread(target=answer, daemon=True).start()
            url = f"http://127.0.0.1:{proxy.getsockname()[1]}"
            names = ("http_proxy", "https_proxy", "all_proxy", "socks_proxy", "quic_proxy")
            with mock.patch.dict(os.environ, {**{name: url for name in names}, **{name.upper(): url for name in names}}):
                receiver, address = self.receive("--accept", "all")
                self.deliver(address, self.folder / "file")
            proxy.shutdown(socket.SHUT_RDWR)
        self.assertEqual(asked, [])


if __name__ == "__main__":
    unittest.main()
