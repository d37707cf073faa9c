#!/usr/bin/env python3
"""Distributed hash tables between real processes: servers, clients, and what they find."""
import signal
import time
import unittest

from wherry_process import LOOPBACK, PATIENCE, ProgramTest


class HashTable(ProgramTest):
    def server(self, home, *arguments):
        node = self.run_wherry("node", "--role", "server", "--listen", LOOPBACK, *arguments, home=home)
        return node.address()

    def dht(self, *arguments, home="client"):
        return self.run_wherry("dht", *arguments, "--listen", LOOPBACK, home=home)

    def test_a_value_is_put_and_got_by_another(self):
        address = self.server("one")
        put = self.dht("put", "greeting", "hello", "--bootstrap", address)
        self.assertExit(put, 0)
        stored = put.named("stored")[0]
        self.assertEqual((stored["servers"], stored["version"]), (1, 1))
        got = self.dht("get", "greeting", "--bootstrap", address, home="other")
        self.assertExit(got, 0)
        self.assertEqual(got.named("value")[0]["value"], "hello")

    def test_two_servers_keep_what_one_of_them_was_given_alone(self):
        first = self.server("one")
        second = self.server("two", "--bootstrap", first)
        self.assertExit(self.dht("put", "k", "v", "--bootstrap", first), 0)
        got = self.dht("get", "k", "--bootstrap", second, home="other")
        self.assertExit(got, 0)

    def test_a_device_is_found_by_its_id_and_reached(self):
        first = self.server("one")
        second = self.server("two", "--bootstrap", first)
        wanted = second.rsplit("/", 1)[1]
        ping = self.run_wherry("ping", wanted, "-n", "1", "--listen", LOOPBACK, "--bootstrap", first, home="client")
        self.assertExit(ping, 0)
        found = self.dht("peer", wanted, "--bootstrap", first)
        self.assertExit(found, 0)
        self.assertTrue(found.named("peer")[0]["connected"])
        closest = self.dht("closest", "anything", "--bootstrap", first)
        self.assertExit(closest, 0)
        self.assertIn(wanted, [peer["peerId"] for peer in closest.named("closest")[0]["peers"]])

    def test_a_server_that_was_met_before_need_not_be_named_again(self):
        address = self.server("one")
        self.assertExit(self.dht("put", "k", "v", "--bootstrap", address), 0)
        self.assertExit(self.dht("get", "k"), 0)

    def test_who_provides_something_is_named(self):
        address = self.server("one")
        self.assertExit(self.dht("provide", "a file", "--bootstrap", address), 0)
        found = self.dht("providers", "a file", "--bootstrap", address, home="other")
        self.assertExit(found, 0)
        self.assertEqual(len(found.named("providers")[0]["peers"]), 1)

    def test_what_nobody_knows_is_exit_4(self):
        address = self.server("one")
        for what in (("get", "nothing"), ("providers", "nothing"),
                     ("peer", "12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq")):
            lost = self.dht(*what, "--bootstrap", address)
            self.assertExit(lost, 4)
            self.assertEqual([event["event"] for event in lost.events], ["failed"])
            self.assertEqual(lost.events[-1]["code"], "not-found")

    def test_what_a_device_has_put_is_got_by_its_id_whoever_puts_after_it(self):
        address = self.server("one")
        self.assertExit(self.dht("put", "greeting", "mine", "--bootstrap", address), 0)
        mine = self.dht("get", "greeting", "--bootstrap", address, home="third").wait_for("value")["publisher"]
        self.assertExit(self.dht("put", "greeting", "theirs", "--bootstrap", address, home="other"), 0)
        newest = self.dht("get", "greeting", "--bootstrap", address, home="third")
        self.assertExit(newest, 0)
        self.assertEqual(newest.named("value")[0]["value"], "theirs", newest.story())
        got = self.dht("get", "greeting", "--by", mine, "--bootstrap", address, home="third")
        self.assertExit(got, 0)
        self.assertEqual((got.named("value")[0]["value"], got.named("value")[0]["publisher"]), ("mine", mine))
        nobody = "12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq"
        self.assertExit(self.dht("get", "greeting", "--by", nobody, "--bootstrap", address), 4)
        self.assertExit(self.dht("put", "greeting", "x", "--by", mine), 2)
        self.assertExit(self.dht("get", "greeting", "--by", "somebody"), 2)

    def until_found(self, *words):
        """A server answers while it still reads what it has kept."""
        limit = time.monotonic() + PATIENCE
        while self.dht(*words, home="other").exit_code() != 0:
            self.assertLess(time.monotonic(), limit, words)

    def test_what_a_server_keeps_outlives_its_end(self):
        one = self.run_wherry("node", "--role", "server", "--listen", LOOPBACK, home="one")
        address = one.address()
        self.assertExit(self.dht("put", "k", "v", "--bootstrap", address), 0)
        self.assertExit(self.dht("provide", "a file", "--bootstrap", address), 0)
        self.assertExit(self.dht("providers", "a file", "--bootstrap", address), 0)  # which has arrived, then
        one.signal(signal.SIGTERM)
        self.assertExit(one, 0)
        again = self.run_wherry("node", "--role", "server", "--listen", LOOPBACK, home="one")
        address = again.address()
        self.until_found("get", "k", "--bootstrap", address)
        self.until_found("providers", "a file", "--bootstrap", address)
        again.signal(signal.SIGTERM)
        self.assertExit(again, 0)
        address = self.server("one", "--set", "dht.persist=false")
        self.assertExit(self.dht("get", "k", "--bootstrap", address, home="other"), 4)

    def test_a_server_that_is_alone_says_so(self):
        self.server("one")
        for words in (("put", "k", "v"), ("get", "k"), ("provide", "k")):
            alone = self.run_wherry("dht", *words, "--wait", "1", home="one")
            self.assertExit(alone, 4)
            self.assertIn("alone", alone.error_text())

    def test_a_first_server_that_does_not_answer_is_named(self):
        address = self.server("one")
        peer = address.split("/")[-1]
        wrong = f"/ip4/127.0.0.1/tcp/1/p2p/{peer}"
        lost = self.dht("get", "k", "--wait", "3", "--bootstrap", wrong)
        self.assertExit(lost, 4)
        self.assertIn("/ip4/127.0.0.1/tcp/1", lost.error_text())
        self.assertIn("refused", lost.error_text())

    def test_without_a_server_it_is_exit_4_and_says_what_is_missing(self):
        alone = self.dht("get", "x", "--wait", "1")
        self.assertExit(alone, 4)
        self.assertIn("/wherry/kad/1.0.0", alone.error_text())

    def test_mistakes_are_exit_2(self):
        for words in (("frobnicate", "x"), ("get", "x", "y"), ("put", "x"), ("peer", "nobody"),
                      ("get", "x", "--protocol", "/ipfs/kad/1.0.0"), ("put", "x", "%", "--base64"),
                      ("get", "x", "--protocol", "kad"), ("get", "x", "--bootstrap", "/ip4/127.0.0.1/udp/1/quic-v1")):
            self.assertExit(self.dht(*words), 2)
        self.assertExit(self.run_wherry("node", "--role", "emperor", home="client"), 2)

    def test_a_running_node_is_asked_and_goes_on_telling(self):
        address = self.server("one")
        self.run_wherry("node", "--listen", LOOPBACK, "--bootstrap", address, home="mine").wait_for("ready")
        put = self.run_wherry("dht", "put", "k", "v", home="mine")
        self.assertExit(put, 0)
        self.assertEqual(put.named("stored")[0]["servers"], 1)


if __name__ == "__main__":
    unittest.main()
