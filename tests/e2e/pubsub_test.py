#!/usr/bin/env python3
"""Topics between real processes: who says something, who hears it, and when it ends."""
import base64
import signal
import unittest

from wherry_process import LOOPBACK, ProgramTest


class Topics(ProgramTest):
    def listener(self, home, topic="t", *arguments):
        """A `pubsub sub` that has joined, and its address."""
        process = self.run_wherry("pubsub", "sub", topic, "--listen", LOOPBACK, *arguments, home=home)
        address = process.address()
        process.wait_for("subscribed")
        return process, address

    def publish(self, topic, text, *arguments, home="sender"):
        return self.run_wherry("pubsub", "pub", topic, text, "--listen", LOOPBACK, *arguments, home=home)

    def test_what_one_says_all_who_listen_hear(self):
        first, address = self.listener("one")
        second, _ = self.listener("two", "t", "--bootstrap", address)
        words = []
        while not second.named("message"):  # what was said before it had found the others it does not hear
            words.append(f"hello {len(words)}")
            said = self.publish("t", words[-1], "--bootstrap", address)
            self.assertExit(said, 0)
            self.assertGreaterEqual(said.named("published")[0]["peers"], 1)
            first.wait_for("message", lambda message: message["data"] == words[-1])
            self.assertLess(len(words), 200)
        heard = first.named("message")
        self.assertEqual([message["data"] for message in heard], words)
        self.assertEqual(len({message["from"] for message in heard}), 1)
        for listener in (first, second):
            listener.signal(signal.SIGINT)
            self.assertExit(listener, 0)

    def test_who_has_a_name_here_is_called_by_it(self):
        speaker = self.run_wherry("id", home="sender", check=False)
        self.assertExit(speaker, 0)
        peer = speaker.events[0]["peerId"]
        self.assertExit(self.run_wherry("peers", "alias", peer, "boat", home="one"), 0)
        listener, address = self.listener("one")
        self.assertExit(self.publish("t", "hello", "--bootstrap", address), 0)
        heard = listener.wait_for("message")
        self.assertEqual((heard["from"], heard["alias"]), (peer, "boat"))
        self.assertExit(self.publish("t", "hello", "--bootstrap", address, home="stranger"), 0)
        self.assertNotIn("alias", listener.wait_for("message"))

    def test_bytes_that_are_no_text_have_only_the_base64_field(self):
        listener, address = self.listener("one")
        data = base64.b64encode(b"\xff\x00\x01").decode()
        self.assertExit(self.publish("t", data, "--base64", "--bootstrap", address), 0)
        heard = listener.wait_for("message")
        self.assertEqual(heard["dataBase64"], data)
        self.assertNotIn("data", heard)

    def test_nobody_who_listens_is_exit_4(self):
        _, address = self.listener("one", "another topic")
        said = self.publish("t", "hello", "--bootstrap", address, "--wait", "1")
        self.assertExit(said, 4)
        self.assertIn("'t'", said.named("failed")[0]["message"])

    def test_mistakes_are_exit_2(self):
        for words in (("shout", "t"), ("sub", ""), ("sub", "t", "more"), ("pub", "t"), ("sub", "t" * 257)):
            self.assertExit(self.run_wherry("pubsub", *words, "--listen", LOOPBACK, "--wait", "1", home="h"), 2)
        self.assertExit(self.publish("t", "no base64!", "--base64", "--wait", "1"), 2)
        self.assertExit(self.publish("t", "x" * 65537, "--wait", "1"), 2)

    def test_a_node_that_runs_does_it_for_the_shells_of_its_home(self):
        far, address = self.listener("far")
        node = self.run_wherry("node", "--listen", LOOPBACK, "--bootstrap", address, home="near")
        node.address()
        near = self.run_wherry("pubsub", "sub", "t", home="near")
        near.wait_for("subscribed")
        self.assertExit(self.run_wherry("pubsub", "pub", "t", "out", home="near"), 0)
        self.assertEqual(far.wait_for("message")["data"], "out")
        self.assertExit(self.publish("t", "in", "--bootstrap", address), 0)
        self.assertEqual(near.wait_for("message", lambda m: m["data"] == "in")["data"], "in")
        status = self.run_wherry("status", home="near")
        self.assertExit(status, 0)
        self.assertEqual((status.named("status")[0]["topics"], status.named("status")[0]["gossipDelivered"]), (1, 1))
        near.signal(signal.SIGINT)
        self.assertExit(near, 0)
        again = self.run_wherry("pubsub", "sub", "t", home="near")  # the shell before has left nothing behind
        again.wait_for("subscribed")


if __name__ == "__main__":
    unittest.main()
