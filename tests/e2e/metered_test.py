#!/usr/bin/env python3
"""A network that the system calls metered, and one that it no longer calls so, with the real program and a message bus of the test's own."""
import os
import subprocess
import time
import unittest
from unittest import mock

from wherry_process import LOOPBACK, PATIENCE, ProgramTest, write_file

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
"""


class Metered(ProgramTest):
    def setUp(self):
        super().setUp()
        socket, config = self.folder / "bus", self.folder / "bus.conf"
        config.write_text(BUS.format(path=socket))
        bus = subprocess.Popen([os.environ["WHERRY_DBUS_DAEMON"], "--nofork", "--nopidfile", "--print-address", "--config-file", str(config)],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.end_with_test(bus)
        self.assertTrue(bus.stdout.readline())
        patch = mock.patch.dict(os.environ, {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={socket}"})
        patch.start()
        self.addCleanup(patch.stop)
        self.system = subprocess.Popen([os.environ["WHERRY_METERED_SYSTEM"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.end_with_test(self.system)
        self.assertEqual(self.system.stdout.readline(), "ready\n")

    def end_with_test(self, process):
        def end():
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
        self.addCleanup(end)

    def say(self, answer):
        self.system.stdin.write(answer + "\n")
        self.system.stdin.flush()

    def wait_until_status_says(self, metered):
        limit = time.monotonic() + PATIENCE
        while True:
            status = self.run_wherry("status")
            self.assertExit(status, 0)
            if status.named("status")[0]["metered"] == metered:
                return
            self.assertLess(time.monotonic(), limit, f"the status never said metered: {metered}")

    def test_the_limit_comes_and_goes_with_what_the_system_says(self):
        node = self.run_wherry("--set", "limits.metered=1 Mbit/s", "--listen", LOOPBACK, "node")
        node.address()
        self.wait_until_status_says(False)
        self.say("yes")
        self.wait_until_status_says(True)
        self.say("no")
        self.wait_until_status_says(False)

    def test_a_transfer_over_a_metered_network_keeps_to_its_limit_and_goes_on_without_it(self):
        self.say("yes")
        receiver, address = self.receive("--accept", "all")
        write_file(self.folder / "file", os.urandom(1_500_000))  # 12 s at this limit
        sender = self.send(address, self.folder / "file", home="home",
                           options=("--set", "limits.metered=1 Mbit/s", "--set", "limits.limit_lan=true"))
        moving = sender.wait_for("progress", lambda event: event["bytes"] > 0)
        self.assertLess(moving["bytes"], 1_500_000)
        self.wait_until_status_says(True)
        self.assertIsNone(sender.process.poll())
        self.say("no")
        self.assertExit(sender, 0)
        self.assertEqual((self.folder / "out" / "file").read_bytes(), (self.folder / "file").read_bytes())

    def test_who_needs_no_such_limit_asks_nobody(self):
        self.say("yes")
        node = self.run_wherry("--listen", LOOPBACK, "node")
        node.address()
        status = self.run_wherry("status")
        self.assertExit(status, 0)
        self.assertFalse(status.named("status")[0]["metered"])


if __name__ == "__main__":
    unittest.main()
