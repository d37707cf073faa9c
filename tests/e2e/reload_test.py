#!/usr/bin/env python3
"""Settings that change while the program runs, and a database that was damaged."""
import os
import ssl
import time
import unittest

from wherry_process import LOOPBACK, PATIENCE, ProgramTest, signal, write_file

PEER = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"


@unittest.skipIf(os.name == "nt", "SIGHUP is a signal of POSIX")
class Reload(ProgramTest):
    def settings(self, text):
        return write_file(self.folder / "settings.toml", text.encode())

    def reload(self, process, text):
        self.settings(text)
        process.signal(signal.SIGHUP)
        return process.wait_for("reloaded")["changes"]

    def node(self, text, *arguments):
        node = self.run_wherry("node", "--listen", LOOPBACK, "--config", self.settings(text), *arguments, home="node")
        node.address()
        return node

    def test_what_can_change_does_and_the_rest_is_named(self):
        node = self.node('[limits]\nupload = "1 MB/s"\n')
        changes = self.reload(node, '[limits]\nupload = "2 MB/s"\nmax_connections = 7\n[profile]\nalias = "boat"\n')
        self.assertEqual([(c["key"], c["before"], c["after"], c["live"]) for c in changes],
                         [("limits.upload", '"8 Mbit/s"', '"16 Mbit/s"', True), ("limits.max_connections", "1000", "7", False),
                          ("profile.alias", '""', '"boat"', True)])
        self.assertEqual(self.reload(node, '[limits]\nupload = "2 MB/s"\nmax_connections = 7\n[profile]\nalias = "boat"\n'), [])
        node.signal(signal.SIGTERM)
        self.assertExit(node, 0)

    def test_a_mistake_keeps_the_old_settings_and_is_named(self):
        node = self.node('[limits]\nupload = "1 MB/s"\n')
        file = self.settings('[limits]\nupload = "3 MB/s"\nmax_connections = 0\n')
        node.signal(signal.SIGHUP)
        message = node.wait_for("reload-failed")["message"]
        self.assertIn(f"{file}:3:1: limits.max_connections = 0: allowed 1 to 10000", message)
        file.unlink()
        node.signal(signal.SIGHUP)
        self.assertIn(str(file), node.wait_for("reload-failed")["message"])
        changes = self.reload(node, '[limits]\nupload = "2 MB/s"\n')
        self.assertEqual([c["before"] for c in changes], ['"8 Mbit/s"'])
        self.assertIsNone(node.process.poll())

    def test_what_the_command_line_says_stays(self):
        node = self.node("", "--set", "limits.upload=1MB/s")
        changes = self.reload(node, '[limits]\nupload = "5 MB/s"\ndownload = "5 MB/s"\n')
        self.assertEqual([c["key"] for c in changes], ["limits.download"])
        self.assertEqual(node.named("reloaded")[-1]["kept"], [{"key": "limits.upload", "value": '"8 Mbit/s"', "file": '"40 Mbit/s"'}])
        self.reload(node, '[limits]\nupload = "5 MB/s"\n')
        self.assertEqual(node.named("reloaded")[-1]["kept"], [])

    def test_a_mistake_in_the_file_hides_nothing_of_what_runs(self):
        file = self.folder / "node" / "wherry.toml"
        node = self.run_wherry("node", "--listen", LOOPBACK, home="node")
        node.address()
        write_file(file, b"[limits]\nmax_connections = 0\n")
        for words, event in ((("status",), "status"), (("transfers",), "transfers")):
            asked = self.run_wherry(*words, home="node")
            self.assertExit(asked, 0)
            self.assertEqual([event["event"] for event in asked.events], [event])
            self.assertIn(f"warning: {file}:2:1: limits.max_connections = 0: allowed 1 to 10000", asked.error_text())
        self.assertExit(self.run_wherry("status", "--config", file, home="node"), 2)  # that one was asked for
        self.assertExit(self.run_wherry("transfers", "history", home="node"), 2)      # would start one of its own
        node.signal(signal.SIGTERM)
        self.assertExit(node, 0)
        alone = self.run_wherry("status", home="node")
        self.assertExit(alone, 4)
        self.assertIn("limits.max_connections", alone.error_text())

    def test_receive_takes_into_the_folder_of_now(self):
        def settings(folder):
            return f'[receive]\naccept = "all"\nout = "{self.folder / folder}"\n'
        receiver = self.run_wherry("receive", "--listen", LOOPBACK, "--config", self.settings(settings("one")), home="receiver")
        address = receiver.address()
        source = write_file(self.folder / "file", b"x")
        self.deliver(address, source)
        changes = self.reload(receiver, settings("two"))
        self.assertEqual([(c["key"], c["live"]) for c in changes], [("receive.out", True)])
        self.deliver(address, source)
        self.assertEqual([(self.folder / name / "file").read_bytes() for name in ("one", "two")], [b"x", b"x"])
        self.settings(settings("file/below"))  # a file is no folder
        receiver.signal(signal.SIGHUP)
        self.assertIn("below", receiver.wait_for("reload-failed")["message"])
        self.deliver(address, write_file(self.folder / "other", b"y"))
        self.assertEqual((self.folder / "two" / "other").read_bytes(), b"y")

    def test_receive_takes_by_the_policy_of_now(self):
        settings = self.settings('[receive]\naccept = "ask"\n')
        receiver, address = self.receive("--config", settings)
        source = write_file(self.folder / "file", b"x")
        self.assertExit(self.send(address, source), 3)  # nobody is there to answer
        changes = self.reload(receiver, '[receive]\naccept = "all"\n')
        self.assertEqual([(c["key"], c["live"]) for c in changes], [("receive.accept", True)])
        self.deliver(address, source)


    def test_a_renewed_certificate_takes_no_new_start(self):
        secure = "/ip4/127.0.0.1/tcp/0/tls/ws"
        shown = self.folder / "shown.pem"
        for home in ("first", "second"):
            self.run_wherry("node", "--listen", secure, home=home).address()
        pems = [(self.folder / home / "localhost-certificate.pem").read_bytes() for home in ("first", "second")]
        write_file(shown, pems[0])
        node = self.run_wherry("node", "--listen", secure, "--set", f"network.certificate={shown}", "--set",
                               f"network.certificate_key={shown}", home="node")
        port = int(node.address().split("/tcp/")[1].split("/")[0])

        def certificate():
            return ssl.get_server_certificate(("127.0.0.1", port), timeout=PATIENCE).strip()
        self.assertIn(certificate(), pems[0].decode())
        write_file(shown, b"rubbish")
        node.signal(signal.SIGHUP)
        self.assertIn("network.certificate", node.wait_for("warning")["message"])
        self.assertIn(certificate(), pems[0].decode())
        write_file(shown, pems[1])
        node.signal(signal.SIGHUP)
        deadline = time.monotonic() + PATIENCE
        while certificate() not in pems[1].decode() and time.monotonic() < deadline:
            pass  # each look is a handshake
        self.assertIn(certificate(), pems[1].decode())


class Damage(ProgramTest):
    def test_a_damaged_database_is_set_aside_and_the_lost_decisions_are_told(self):
        self.assertExit(self.run_wherry("peers", "block", PEER), 0)
        self.assertEqual(self.run_wherry("status").exit_code(), 4)
        database = next(path for path in (self.folder / "home").iterdir() if path.suffix == ".db")
        for path in (self.folder / "home").glob(database.name + "-*"):
            path.unlink()
        database.write_bytes(b"damaged" * 1000)
        node = self.run_wherry("node", "--listen", LOOPBACK)
        node.wait_for("ready")
        warning = node.wait_for("warning")
        self.assertIn("blocked", warning["message"])
        self.assertEqual(node.events[0]["event"], "ready")
        status = self.run_wherry("status")
        self.assertExit(status, 0)
        self.assertEqual(status.named("status")[0]["warnings"], [warning["message"]])
        self.assertTrue(any(".damaged-" in path.name for path in (self.folder / "home").iterdir()))


if __name__ == "__main__":
    unittest.main()
