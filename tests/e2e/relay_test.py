#!/usr/bin/env python3
"""A relay, a device that can be reached through it, and one that reaches it: three processes over loopback."""
import random
import signal
import unittest

from wherry_process import LOOPBACK, ProgramTest, write_file


class Relay(ProgramTest):
    def relay(self, *arguments, home="relay"):
        node = self.run_wherry("node", "--relay", "--listen", LOOPBACK, *arguments, home=home)
        return node, node.address()

    def receive_through(self, *relays, home="receiver", out="out"):
        """A receiver, and its address through the last of these relays."""
        process, direct = self.receive("--accept", "all", *[w for r in relays for w in ("--listen", r + "/p2p-circuit")], home=home, out=out)
        through = lambda e, relay: [a for a in e["listen"] if "/p2p/" + relay.rsplit("/", 1)[1] + "/p2p-circuit/" in a]
        granted = lambda e: all(through(e, relay) for relay in relays)
        told = process.named("ready")[0]  # a relay that is quick is in it already
        told = told if granted(told) else process.wait_for("addresses", granted)
        return process, [through(told, relay)[0] for relay in relays], direct

    def status(self, home):
        status = self.run_wherry("status", home=home)
        self.assertExit(status, 0)
        return status.named("status")[0]

    def test_a_transfer_goes_on_over_the_next_circuit_when_its_limit_cuts_it(self):
        _, address = self.relay("--set", "relay.max_circuit_mib=1")
        receiver, circuits, _ = self.receive_through(address)
        content = random.Random(2).randbytes(5_000_000)
        sender = self.send(circuits[0], write_file(self.folder / "file", content))
        self.assertExit(sender, 0)
        self.assertEqual((self.folder / "out/file").read_bytes(), content)
        served = self.status("relay")
        self.assertGreaterEqual(served["relayCircuitsServed"], 5)
        self.assertLessEqual(served["relayCircuitsServed"], 10)  # without knowing of limits it takes sixty
        self.assertLess(served["relayBytes"], 1.5 * len(content))
        self.assertIn("lets 1 MiB through a connection", " ".join(e["message"] for e in sender.named("interrupted")))

    def test_errors_name_the_relay_and_what_it_says(self):
        _, address = self.relay()
        relay = address.rsplit("/", 1)[1]
        nobody = "12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq"
        ping = self.run_wherry("ping", f"{address}/p2p-circuit/p2p/{nobody}", "-n", "1", "--wait", "1", "--listen", LOOPBACK, home="sender")
        self.assertExit(ping, 4)
        self.assertIn("NO_RESERVATION", ping.error_text())
        self.assertIn(relay, ping.error_text())

    def test_where_only_trusted_devices_may_a_stranger_is_refused(self):
        _, address = self.relay("--set", "relay.access=trusted")
        me = self.run_wherry("node", "--listen", LOOPBACK, home="me")
        my = me.address().rsplit("/", 1)[1]
        ping = self.run_wherry("ping", f"{address}/p2p-circuit/p2p/{my}", "-n", "1", "--wait", "1", "--listen", LOOPBACK, home="sender")
        self.assertExit(ping, 4)
        self.assertIn("PERMISSION_DENIED", ping.error_text())

    def test_a_file_goes_through_a_relay(self):
        relay, address = self.relay()
        receiver, circuits, _ = self.receive_through(address)
        content = random.Random(1).randbytes(3_000_000)
        sender = self.send(circuits[0], write_file(self.folder / "file", content))
        self.assertExit(sender, 0)
        self.assertEqual((self.folder / "out/file").read_bytes(), content)
        path = sender.named("path")[0]
        self.assertEqual(path["kind"], "relayed")
        self.assertIn("/p2p-circuit", path["address"])
        served = self.status("relay")
        self.assertEqual((served["relayServes"], served["relayCircuitsServed"]), (True, 1))
        self.assertGreaterEqual(served["relayReservations"], 1)
        self.assertGreater(served["relayBytes"], len(content))
        held = self.status("receiver")["relays"]
        self.assertEqual([one["relay"] for one in held], [address.rsplit("/", 1)[1]])

    def test_a_ticket_waits_for_the_relay_that_it_leads_through(self):
        relay, address = self.relay()
        content = write_file(self.folder / "file", b"through a relay")
        relay.signal(signal.SIGSTOP)
        share = self.run_wherry("share", content, "--listen", LOOPBACK, "--listen", address + "/p2p-circuit", home="sharer")
        while self.run_wherry("status", home="sharer").exit_code() != 0:  # until it runs, and knows where it listens
            pass
        relay.signal(signal.SIGCONT)
        ticket = share.wait_for("ticket")["ticket"]  # names no loopback address where it has another
        get = self.run_wherry("get", ticket, "--out", self.folder / "out", "--listen", LOOPBACK, home="getter")
        self.assertExit(get, 0)
        self.assertEqual((self.folder / "out/file").read_bytes(), content.read_bytes())
        self.assertEqual(self.status("relay")["relayCircuitsServed"], 1)

    def test_a_relay_that_is_away_does_not_hold_up_a_ticket(self):
        away, address = self.relay()
        away.kill()
        share = self.run_wherry("share", write_file(self.folder / "file", b"here"), "--listen", LOOPBACK, "--listen", address + "/p2p-circuit", home="sharer")
        share.wait_for("ticket")
        self.assertIn("does not lead through it", share.error_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
