#!/usr/bin/env python3
"""That the NATs and firewalls of nat_worlds.py are what they say, asked with plain datagrams and connections."""
import json
import subprocess
import sys

from namespaces import NamespaceTest, main
from nat_worlds import IPV6_ONLY, KINDS, Internet

PATIENCE = 20  # seconds for what must come; what must not come is told by what was sent after it

# Runs in a namespace: one request a line, one answer a line.
AGENT = r"""
import json, select, socket, sys
sockets = {}
def udp(port, six):
    if (port, six) not in sockets:
        s = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
        if six: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind(("::" if six else "0.0.0.0", port))
        sockets[port, six] = s
    return sockets[port, six]
def tcp(port, six):
    s = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind(("::" if six else "0.0.0.0", port))
    return s
for line in sys.stdin:
    ask = json.loads(line)
    what, six = ask["what"], ask.get("six", False)
    answer = None
    if what == "open": udp(ask["port"], six)
    if what == "send": udp(ask["port"], six).sendto(ask["text"].encode(), (ask["to"], ask["dport"]))
    if what == "receive":
        s = udp(ask["port"], six)
        if select.select([s], [], [], ask["patience"])[0]:
            data, source = s.recvfrom(100)
            answer = [data.decode(), source[0], source[1]]
    if what == "meet":  # both ends connect at once
        s = tcp(ask["port"], six)
        s.settimeout(ask["patience"])
        try: answer = s.connect_ex((ask["to"], ask["dport"]))
        except OSError as e: answer = str(e)
        s.close()
    print(json.dumps(answer), flush=True)
"""


class Agent:
    def __init__(self, test, host):
        self.process = subprocess.Popen(["ip", "netns", "exec", host.name, sys.executable, "-c", AGENT], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        test.addCleanup(self.end)

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def begin(self, what, **words):
        self.process.stdin.write(json.dumps({"what": what, "patience": PATIENCE, **words}) + "\n")
        self.process.stdin.flush()

    def outcome(self):
        return json.loads(self.process.stdout.readline())

    def __call__(self, what, **words):
        self.begin(what, **words)
        return self.outcome()


class NatWorlds(NamespaceTest):
    PORT = 4001

    def world(self, kind):
        internet = Internet(self.host)
        site, one, other = internet.site(kind, "in"), internet.site("none", "one"), internet.site("none", "two")
        self.six = kind in IPV6_ONLY
        self.inside, self.one, self.other = (Agent(self, where.host) for where in (site, one, other))
        self.one_at, self.other_at = one.outside[self.six], other.outside[self.six]
        for agent, ports in ((self.inside, [self.PORT]), (self.one, [7001, 7002]), (self.other, [7001])):
            for port in ports:
                agent("open", port=port, six=self.six)
        return site

    def seen(self, agent, at, port):
        """Where the inside is seen from; it has let `at`:`port` in with that."""
        self.inside("send", port=self.PORT, to=at, dport=port, text="hello", six=self.six)
        answer = agent("receive", port=port, six=self.six)
        return answer and tuple(answer[1:])

    def lets_in(self, agent, from_port, to):
        """Whether a datagram from there gets in; one that may come is sent after it."""
        agent("send", port=from_port, to=to[0], dport=to[1], text="stranger", six=self.six)
        self.one("send", port=7001, to=to[0], dport=to[1], text="friend", six=self.six)
        first = self.inside("receive", port=self.PORT, six=self.six)[0]
        if first == "stranger":
            self.assertEqual(self.inside("receive", port=self.PORT, six=self.six)[0], "friend")
        return first == "stranger"

    def check(self, kind, same_port, any_host, other_port):
        site = self.world(kind)
        at = self.seen(self.one, self.one_at, 7001)
        # In this order: whom one has sent to oneself is let in.
        self.assertEqual(self.lets_in(self.other, 7001, at), any_host, "filtering by address")
        self.assertEqual(self.lets_in(self.one, 7002, at), other_port, "filtering by port")
        again, elsewhere = self.seen(self.one, self.one_at, 7002), self.seen(self.other, self.other_at, 7001)
        self.assertEqual((again, elsewhere) == (at, at), same_port, "mapping")
        public = site.inside if kind == "firewall6" else site.outside[self.six]
        self.assertEqual(at[0], public)

    def test_cone(self):
        self.check("cone", same_port=True, any_host=True, other_port=True)

    def test_address(self):
        self.check("address", same_port=True, any_host=False, other_port=True)

    def test_port(self):
        self.check("port", same_port=True, any_host=False, other_port=False)

    def test_symmetric(self):
        self.check("symmetric", same_port=False, any_host=False, other_port=False)

    def test_firewall6(self):
        self.check("firewall6", same_port=True, any_host=False, other_port=False)

    def test_nat66(self):
        self.check("nat66", same_port=True, any_host=False, other_port=False)

    def test_an_early_packet_spoils_nothing(self):
        """The NAT trap: what knocks before anybody has sent leaves no trace."""
        for kind in ("cone", "address", "port", "nat66"):
            with self.subTest(kind):
                site = self.world(kind)
                public = site.outside[self.six]
                self.one("send", port=7001, to=public, dport=self.PORT, text="early", six=self.six)
                self.assertEqual(self.seen(self.one, self.one_at, 7001), (public, self.PORT))
                self.doCleanups()
                super().setUp()

    def test_noudp_lets_no_datagram_out_and_connections_through(self):
        site = self.world("noudp")
        self.inside("send", port=self.PORT, to=self.one_at, dport=7001, text="hello")
        other = Agent(self, site.router)  # the router's own gets out, after that
        other("send", port=5000, to=self.one_at, dport=7001, text="router")
        self.assertEqual(self.one("receive", port=7001)[0], "router")

    def test_two_that_connect_at_once_meet_through_two_nats(self):
        internet = Internet(self.host)
        sites = [internet.site(kind, name) for kind, name in (("port", "left"), ("noudp", "right"))]
        agents = [Agent(self, site.host) for site in sites]
        for agent, other in zip(agents, reversed(sites)):
            agent.begin("meet", port=self.PORT, to=other.outside[0], dport=self.PORT)
        self.assertEqual([agent.outcome() for agent in agents], [0, 0])

    def test_every_kind_is_described(self):
        self.assertEqual(len(KINDS), 8)


if __name__ == "__main__":
    main()
