"""Secure WebSockets between two programs: which certificate is shown, who believes it, and what is said when nobody does."""
import os
import shutil
import socket
import ssl
import stat
import unittest

from wherry_process import LOOPBACK, ProgramTest

WSS = "/ip4/127.0.0.1/tcp/0/tls/ws"


class SecureWebSocketTest(ProgramTest):
    def listen(self, home="node", *arguments):
        node = self.run_wherry("node", "--listen", WSS, *arguments, home=home)
        return node, node.address()

    def ping(self, address, *arguments):
        """From a home of its own: what one has reached once it knows."""
        self.pings = getattr(self, "pings", 0) + 1
        return self.run_wherry("ping", address, "-n", "1", "--wait", "5", "--listen", LOOPBACK, *arguments, home=f"asker-{self.pings}")

    @property
    def made(self):
        return self.folder / "node" / "localhost-certificate.pem"

    def shown(self, address):
        return ssl.get_server_certificate(("127.0.0.1", int(address.split("/")[4])))

    def test_a_node_on_loopback_makes_a_certificate_that_others_can_be_told_to_believe(self):
        node, address = self.listen()
        self.assertRegex(address, r"^/ip4/127\.0\.0\.1/tcp/\d+/tls/ws/p2p/12D3Koo")
        self.assertEqual(stat.S_IMODE(self.made.stat().st_mode), 0o600)
        stranger = self.ping(address)
        self.assertEqual(stranger.exit_code(), 4, stranger.story())
        self.assertIn("network.trusted_certificates", stranger.error_text())
        believer = self.ping(address, "--set", f"network.trusted_certificates={self.made}")
        self.assertEqual(believer.exit_code(), 0, believer.story())
        # By the name in it too, and however the address is spelled.
        port, peer = address.split("/")[4], address.split("/")[-1]
        for spelling in (f"/ip4/127.0.0.1/tcp/{port}/wss/p2p/{peer}", f"/dns4/localhost/tcp/{port}/wss/p2p/{peer}",
                         f"/ip4/127.0.0.1/tcp/{port}/tls/sni/localhost/ws/p2p/{peer}"):
            believer = self.ping(spelling, "--set", f"network.trusted_certificates={self.made}")
            self.assertEqual(believer.exit_code(), 0, f"{spelling}: {believer.story()}")
        other_name = self.ping(f"/ip4/127.0.0.1/tcp/{port}/tls/sni/example.org/ws/p2p/{peer}", "--set", f"network.trusted_certificates={self.made}")
        self.assertEqual(other_name.exit_code(), 4, other_name.story())
        self.assertIn("not for example.org", other_name.error_text())

    def test_the_certificate_is_the_same_after_a_restart(self):
        node, address = self.listen()
        first = self.shown(address)
        node.signal(15)
        self.assertEqual(node.exit_code(), 0)
        again, address = self.listen()
        self.assertEqual(self.shown(address), first)
        self.assertIn(first.strip(), self.made.read_text(encoding="ascii"))

    def test_files_are_sent_over_it(self):
        receiver, address = self.receive("--accept", "all", home="node", out="in", listen=WSS)
        content = os.urandom(3_000_000)
        (self.folder / "file").write_bytes(content)
        sender = self.send(address, self.folder / "file", options=("--set", f"network.trusted_certificates={self.made}"))
        self.assertEqual(sender.exit_code(), 0, sender.story())
        self.assertEqual((self.folder / "in" / "file").read_bytes(), content)

    def test_a_certificate_of_ones_own_is_shown(self):
        self.listen()
        mine, key = self.folder / "mine.pem", self.folder / "key.pem"
        shutil.copy(self.made, mine)
        shutil.copy(self.made, key)
        other, address = self.listen("other", "--set", f"network.certificate={mine}", "--set", f"network.certificate_key={key}")
        self.assertIn(self.shown(address).strip(), mine.read_text(encoding="ascii"))
        self.assertFalse((self.folder / "other" / "localhost-certificate.pem").exists())

    def test_what_is_wrong_with_a_certificate_is_said_at_once(self):
        rubbish = self.folder / "rubbish.pem"
        rubbish.write_text("no certificate", encoding="ascii")
        self.listen()
        torn = self.folder / "torn.pem"
        begin = "-----BEGIN CERTIFICATE-----\n"
        torn.write_text(begin + "%%%\n" + self.made.read_text(encoding="ascii").split(begin)[1], encoding="ascii")
        cases = [
            (("--set", f"network.certificate={torn}", "--set", f"network.certificate_key={self.made}"), f"{torn}"),
            (("--set", f"network.certificate={rubbish}"), "go together"),
            (("--set", f"network.certificate={rubbish}", "--set", f"network.certificate_key={rubbish}"), "key: "),
            (("--set", f"network.certificate={self.folder / 'none'}", "--set", f"network.certificate_key={rubbish}"), "network.certificate"),
        ]
        for arguments, words in cases:
            node = self.run_wherry("node", "--listen", WSS, *arguments, home="broken")
            self.assertEqual(node.exit_code(), 2, node.story())
            self.assertIn(words, node.error_text())
        open_to_all = self.run_wherry("node", "--listen", "/ip4/0.0.0.0/tcp/0/tls/ws", home="broken")
        self.assertEqual(open_to_all.exit_code(), 2, open_to_all.story())
        self.assertIn("network.certificate", open_to_all.error_text())

    def test_a_node_that_listens_by_no_quic_dials_back_too(self):
        for listen in ("/ip4/127.0.0.1/tcp/0", WSS):
            node = self.run_wherry("node", "--dial-back", "--listen", listen, home="node")
            self.assertIn("/tcp/", node.address())
            node.signal(15)
            self.assertEqual(node.exit_code(), 0, node.story())

    def test_whoever_speaks_no_tls_is_not_answered_and_harms_nobody(self):
        node, address = self.listen()
        for words in (b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n", b"\x13/multistream/1.0.0\n", b"\x16\x03\x01\xff\xff" + bytes(100)):
            with socket.create_connection(("127.0.0.1", int(address.split("/")[4]))) as plain:
                plain.settimeout(60)
                plain.sendall(words)
                plain.shutdown(socket.SHUT_WR)
                answer = b""
                while part := plain.recv(4096):
                    answer += part
                self.assertNotIn(b"HTTP", answer)
                self.assertNotIn(b"multistream", answer)
        believer = self.ping(address, "--set", f"network.trusted_certificates={self.made}")
        self.assertEqual(believer.exit_code(), 0, believer.story())


if __name__ == "__main__":
    unittest.main()
