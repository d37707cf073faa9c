"""Network namespaces that a test makes and removes: hosts, cables between them, and processes inside."""
import os
import shutil
import stat
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))
import wherry_process  # noqa: E402

SKIPPED = 77  # CTest's SKIP_RETURN_CODE


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def why_not():
    """Why these tests cannot run here; empty when they can."""
    if os.geteuid() != 0:
        return "needs root to make network namespaces"
    for tool in ("ip", "nft", "unshare"):
        if not shutil.which(tool):
            return f"needs the program {tool}"
    name = f"wherry-{os.getpid()}-try"
    try:
        run("ip", "netns", "add", name)
    except RuntimeError as error:
        return str(error)
    try:
        run("ip", "-n", name, "link", "add", "try0", "type", "veth", "peer", "name", "try1")
        run("ip", "netns", "exec", name, "nft", "add", "table", "inet", "try")
    except RuntimeError as error:
        return str(error)
    finally:
        run("ip", "netns", "del", name)
    return ""


def main():
    """Runs the tests of the program, or says why they cannot run here."""
    reason = why_not()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    unittest.main()


class Host:
    """One namespace. Everything in it is gone when it is removed. Programs in it find `name` as the name of the system."""

    def __init__(self, name, folder):
        self.alias = name
        self.name = f"wherry-{os.getpid()}-{name}"
        run("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")
        self.program = Path(folder) / f"wherry-{name}"
        named = f"echo {name} > /proc/sys/kernel/hostname"
        self.program.write_text(f'#!/bin/sh\nexec ip netns exec {self.name} unshare --uts sh -c \'{named}; exec "$0" "$@"\' '
                                f'"{wherry_process.PROGRAM}" "$@"\n')
        self.program.chmod(self.program.stat().st_mode | stat.S_IXUSR)

    def remove(self):
        run("ip", "netns", "del", self.name)

    def ip(self, *arguments):
        return run("ip", "-n", self.name, *arguments)

    def nft(self, rules):
        subprocess.run(["ip", "netns", "exec", self.name, "nft", "-f", "-"], input=rules, text=True, check=True)

    def filter_incoming(self, table, rule):
        self.nft(f"table inet {table} {{\n chain in {{\n type filter hook input priority 0;\n {rule}\n }}\n}}\n")

    def sysctl(self, setting):
        run("ip", "netns", "exec", self.name, "sysctl", "-qw", setting)

    def up(self, device, *addresses, mtu=1500):
        self.ip("link", "set", device, "mtu", str(mtu), "up")
        for address in addresses:
            nodad = ["nodad"] if ":" in address else []
            self.ip("address", "add", address, "dev", device, *nodad)

    def statistic(self, device, name):
        return int(run("ip", "netns", "exec", self.name, "cat", f"/sys/class/net/{device}/statistics/{name}"))


def cable(one, one_device, other, other_device):
    one.ip("link", "add", one_device, "type", "veth", "peer", "name", other_device, "netns", other.name)


class NamespaceTest(wherry_process.ProgramTest):
    def host(self, name):
        host = Host(name, self.folder)
        self.addCleanup(host.remove)
        return host

    def run_on(self, host, *arguments, home, **options):
        before = wherry_process.PROGRAM
        wherry_process.PROGRAM = str(host.program)
        try:
            return self.run_wherry(*arguments, home=home, **options)
        finally:
            wherry_process.PROGRAM = before

    def receive_on(self, host, *arguments):
        process = self.run_on(host, "receive", "--accept", "all", "--out", self.folder / "out", *arguments, home="receiver")
        return process, process.wait_for("ready")["listen"]

    def send_on(self, host, address, *paths, wait=30):
        return self.run_on(host, "send", "--wait", str(wait), address, *paths, home="sender")

    def until(self, condition, patience=120):
        """What `condition` gives once that is something; None after so many seconds."""
        limit = time.monotonic() + patience
        while time.monotonic() < limit:
            if found := condition():
                return found
            time.sleep(0.02)
        return None
