#!/usr/bin/env python3
"""The set-up scripts: installer/debian_sources.sh understands both formats of sources.list(5) and takes the Debian main archive's entry,
nobody else's; installer/setup.sh leaves nothing behind, goes by the limits of its surroundings and gives advice that works."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "installer" / "debian_sources.sh"

DEB822 = """# comment
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://source.example/debian
Suites: bookworm
Components: main
"""
THIRD_PARTY = """Types: deb
URIs: http://vendor.example/debian
Suites: bookworm
Components: main
Signed-By: /etc/apt/keyrings/vendor.gpg
"""
EMBEDDED_KEY = """Types: deb
URIs: http://mirror.example/debian/
Suites:
 bookworm
 bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF
 -----END PGP PUBLIC KEY BLOCK-----
"""
ONE_LINE = """# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/etc/apt/keyrings/vendor.gpg] http://vendor.example/debian bookworm main
deb http://mirror.example/debian bookworm main contrib # the usual one
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/debian-security bookworm-security main
"""


class Sources(unittest.TestCase):
    def stanza(self, files, main_uri="http://mirror.example/debian/", codename="bookworm"):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                (Path(folder) / name).write_text(text, encoding="utf-8")
            paths = " ".join(f'"{folder}/{name}"' for name in files)
            run = subprocess.run(
                ["bash", "-c", f'set -euo pipefail; source "{SCRIPT}"; '
                               f'debian_backports_stanza {codename} "{main_uri}" "$(debian_sources_table {paths})"'],
                capture_output=True, text=True, check=False)
            return run.stdout if run.returncode == 0 else None

    def expected(self, uri="http://mirror.example/debian", signed=""):
        return f"Types: deb\nURIs: {uri}\nSuites: bookworm-backports\nComponents: main\n" + signed

    def test_stanzas(self):
        self.assertEqual(self.stanza({"debian.sources": DEB822}),
                         self.expected(signed="Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"))

    def test_lines(self):
        self.assertEqual(self.stanza({"sources.list": ONE_LINE}), self.expected())

    def test_entries_of_others_with_the_same_suite_are_ignored(self):
        self.assertEqual(self.stanza({"a-vendor.sources": THIRD_PARTY, "debian.sources": DEB822}),
                         self.expected(signed="Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"))
        self.assertIsNone(self.stanza({"a-vendor.sources": THIRD_PARTY}))

    def test_disabled_and_source_only_entries_do_not_count(self):
        self.assertIsNone(self.stanza({"debian.sources": DEB822}, "http://off.example/debian/"))
        self.assertIsNone(self.stanza({"debian.sources": DEB822}, "http://source.example/debian/"))

    def test_an_embedded_key_is_taken_over_whole(self):
        stanza = self.stanza({"debian.sources": EMBEDDED_KEY})
        self.assertEqual(stanza, self.expected("http://mirror.example/debian/",
                                               "Signed-By: \n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n -----END PGP PUBLIC KEY BLOCK-----\n"))

    def test_no_host_name_is_written_in_the_set_up_scripts(self):
        for path in SCRIPT.parent.iterdir():
            if path.is_file():
                self.assertNotRegex(path.read_text(encoding="utf-8"), r"https?://", path.name)


class SetUp(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.policy = self.folder / "policy-rc.d"

    def bash(self, script, **environment):
        """Runs `script` after setup.sh, as root in name only and with a policy file in the scratch folder."""
        clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        run = subprocess.run(["bash", "-c", f'set -euo pipefail; source "{ROOT}/installer/setup.sh"\nWHERRY_POLICY="{self.policy}"\nis_root() {{ true; }}\n{script}'],
                             capture_output=True, text=True, check=False, env={**clean, **environment}, stdin=subprocess.DEVNULL)
        self.assertEqual(run.returncode, 0, run)
        return run.stdout

    def test_the_policy_against_starting_servers_goes_with_its_set_up_whatever_ends_that(self):
        for ending in ("true", "false", "kill -TERM $BASHPID; true", "kill -INT $BASHPID; true", "kill -HUP $BASHPID; true", "exit 3"):
            with self.subTest(ending):
                seen = self.bash(f'apt_install() {{ sh "$WHERRY_POLICY" || echo "policy $?"; {ending}; }}; apt_install_unstarted x || true')
                self.assertEqual(seen, "policy 101\n")
                self.assertFalse(self.policy.exists())

    def test_a_policy_that_a_killed_set_up_has_left_is_removed_and_no_other(self):
        self.bash('apt_install() { kill -KILL $BASHPID; }; apt_install_unstarted x || true')
        self.assertTrue(self.policy.exists())
        self.bash("remove_old_policy")
        self.assertFalse(self.policy.exists())
        at_work = self.bash('apt_install() { (remove_old_policy); cat "$WHERRY_POLICY"; }; apt_install_unstarted x')
        self.assertIn("exit 101", at_work)
        self.policy.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        self.bash("apt_install() { true; }; remove_old_policy; apt_install_unstarted x; remove_old_policy")
        self.assertTrue(self.policy.exists())

    def test_only_what_a_benchmark_needs_is_kept_from_starting(self):
        asked = ('apt_install() { if [ -e "$WHERRY_POLICY" ]; then echo with; else echo without; fi; }; debian_missing() { echo x; }; apt_update() { true; }; '
                 'have_ngtcp2() { true; }; setup_debian trixie build test; setup_debian trixie bench')
        self.assertEqual(self.bash(asked), "without\nwith\n")

    def test_root_gets_the_proxies_and_nothing_else_of_the_environment(self):
        asked = "is_root() { false; }; sudo() { echo \"$@\"; }; as_root apt-get update"
        self.assertEqual(self.bash(asked), "-- apt-get update\n")
        self.assertEqual(self.bash(asked, https_proxy="http://localhost:1", http_proxy="", NO_PROXY="localhost"),
                         "--preserve-env=https_proxy,NO_PROXY -- apt-get update\n")

    def test_the_advice_takes_ngtcp2_from_where_a_new_enough_one_is(self):
        plain, backports = "libngtcp2-dev libngtcp2-crypto-gnutls-dev", "apt-get install -t bookworm-backports libngtcp2-dev libngtcp2-crypto-gnutls-dev"
        for candidate, codename, wanted in (("0.12.1", "bookworm", backports), ("", "bookworm", backports), ("1.11.0", "trixie", f"install {plain}"),
                                            ("", "trixie", f"install {plain}"), ("1.11.0", "bookworm", f"install {plain}")):
            with self.subTest(candidate=candidate, codename=codename):
                advice = self.bash(f'have_ngtcp2() {{ false; }}; candidate_of() {{ echo "{candidate}"; }}\n'
                                   'dpkg() { [ "$2" = 1.11.0 ]; }\n' f'debian_advice {codename} cmake')
                self.assertIn("apt-get install cmake && ", advice)
                self.assertIn(wanted, advice)
        self.assertEqual(self.bash("have_ngtcp2() { true; }; debian_advice bookworm cmake"), "apt-get update && apt-get install cmake")

    def test_the_clone_is_found_whatever_cdpath_says(self):
        run = subprocess.run(["bash", "-c", 'set -euo pipefail; source installer/setup.sh; printf "%s" "$WHERRY_ROOT"'], cwd=ROOT, check=True,
                             capture_output=True, text=True, env={**os.environ, "CDPATH": f".:{ROOT}"})
        self.assertEqual(run.stdout, str(ROOT))

    def memory_left(self, groups, files):
        for name, text in files.items():
            path = self.folder / "cgroup" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (self.folder / "groups").write_text(groups, encoding="utf-8")
        return self.bash(f'cgroup_memory_left "{self.folder}/groups" "{self.folder}/cgroup"')

    def test_memory_is_what_the_control_groups_leave(self):
        gib = 1024 * 1024 * 1024
        self.assertEqual(self.memory_left("0::/a/b\n", {"a/b/memory.max": "max\n", "cgroup.procs": ""}), "")
        self.assertEqual(self.memory_left("0::/a/b\n", {"a/memory.max": f"{4 * gib}\n", "a/memory.stat": f"anon {gib}\nfile {2 * gib}\n"}), f"{3 * 1024 * 1024}\n")
        self.assertEqual(self.memory_left("0::/a/b\n", {"a/b/memory.max": f"{2 * gib}\n"}), f"{2 * 1024 * 1024}\n")
        self.assertEqual(self.memory_left("0::/\n", {"memory.max": f"{gib}\n", "memory.stat": f"anon {2 * gib}\n"}), "0\n")
        self.assertEqual(self.memory_left("5:cpu,memory:/docker/x\n3:pids:/y\n", {"memory/memory.limit_in_bytes": f"{gib}\n", "memory/memory.stat": "total_rss 0\n"}),
                         f"{1024 * 1024}\n")

    def test_fewer_compilers_run_where_the_control_group_has_less_memory(self):
        self.assertEqual(self.bash("getconf() { echo 8; }; cgroup_memory_left() { echo 1500000; }; awk() { echo 16000000; }; build_jobs"), "2\n")
        self.assertEqual(self.bash("getconf() { echo 8; }; cgroup_memory_left() { echo 100; }; awk() { echo 16000000; }; build_jobs"), "1\n")
        self.assertEqual(self.bash("getconf() { echo 8; }; cgroup_memory_left() { true; }; awk() { echo 1500000; }; build_jobs"), "2\n")

    def interop(self, version):
        """Runs the interop script where npm has installed everything and had no node for this processor; the system's is of `version`."""
        work, tools = self.folder / "work", self.folder / "tools"
        (work / "node_modules").mkdir(parents=True, exist_ok=True)
        (work / "node_modules" / ".installed-from").write_bytes((ROOT / "tests" / "interop" / "package.json").read_bytes())
        tools.mkdir(exist_ok=True)
        node = tools / "node"
        node.write_text(f'#!/bin/sh\nif [ "$1" = -p ]; then echo {version}; else echo "runs $*"; fi\n', encoding="utf-8")
        node.chmod(0o755)
        return subprocess.run([ROOT / "tests" / "interop" / "run_interop.sh", "script.mjs", work, "wherry"], capture_output=True, text=True, check=False,
                              env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"})

    def test_interop_on_a_processor_without_a_node_of_its_own_takes_the_systems_or_is_skipped_with_the_reason(self):
        run = self.interop(22)
        self.assertEqual((run.returncode, run.stdout), (0, "runs script.mjs wherry\n"), run)
        run = self.interop(18)
        self.assertEqual((run.returncode, run.stdout), (77, ""))
        self.assertRegex(run.stderr, "skipped: js-libp2p needs node 22 or later; npm has none for .*, and the system has 18")


if __name__ == "__main__":
    unittest.main()
