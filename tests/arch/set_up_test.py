#!/usr/bin/env python3
"""installer/debian_sources.sh understands both formats of sources.list(5) and takes the Debian main archive's entry, nobody else's."""
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "installer" / "debian_sources.sh"

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


if __name__ == "__main__":
    unittest.main()
