#!/usr/bin/env python3
"""Checks that the source tree keeps to its floors: check_architecture.py ROOT

Reads the ALLOWS lists of engine/CMakeLists.txt, which are the law, and reports every breach as one line "path:line: what". Exit code 0
means none. Only the standard library of Python 3.9.
"""
import re
import sys
from pathlib import Path

MAX_LINES = 800
SOURCE_SUFFIXES = {".h", ".cpp", ".mm", ".java", ".qml", ".proto", ".js", ".mjs", ".py", ".sh"}
CXX_SUFFIXES = {".h", ".cpp", ".mm"}
PRODUCT_FOLDERS = ("engine", "platform", "app", "qml")
ALL_FOLDERS = PRODUCT_FOLDERS + ("tests", "installer", "tools", "examples")

FIRST_IMPURE_FLOOR = 6  # runtime
SAME_FLOOR = {  # on one floor only these may look at those (ARCHITECTURE.md 1)
    "wire": {"codec"}, "crypto": {"codec", "wire"}, "quic": {"link"}, "bytepipe": {"link"}, "swarm": {"peers"},
    "route": {"kad", "session", "registry"}, "api": {"gateway"},
}
BANNED_BELOW_RUNTIME = re.compile(
    r"\b(steady_clock|system_clock|high_resolution_clock|random_device|QObject|QString|shared_from_this|"
    r"std::(?:recursive_|shared_|timed_)?mutex|std::j?thread|std::async|std::condition_variable|std::[io]?fstream|std::filesystem)\b")
BANNED_INCLUDES_BELOW_RUNTIME = re.compile(
    r"^(thread|mutex|shared_mutex|condition_variable|future|fstream|filesystem|sys/socket\.h|sys/epoll\.h|netinet/.*|arpa/inet\.h|netdb\.h|unistd\.h|"
    r"fcntl\.h|pthread\.h|Q[A-Z]\w*|Qt\w+/.*)$")
# ngtcp2's interface takes sockaddr structures.
ADDRESS_TYPES = {"quic": ("sys/socket.h", "netinet/in.h", "arpa/inet.h")}
# Which folders may include an outside library (ARCHITECTURE.md 1, column "libraries").
LIBRARY_OWNERS = (
    (re.compile(r"^ngtcp2/"), {"quic"}),
    (re.compile(r"^gnutls/"), {"crypto", "quic", "bytepipe"}),
    (re.compile(r"^sodium"), {"crypto"}),
    (re.compile(r"^intel-ipsec-mb"), {"crypto"}),
    (re.compile(r"^lz4"), {"codec"}),
    (re.compile(r"^google/protobuf/"), {"wire", "crypto", "swarm"}),
    (re.compile(r"^(Q[A-Z]\w*|Qt\w+/.*)$"), {"runtime", "api", "gateway"}),
    (re.compile(r"^(spdlog|toml\+\+|maxminddb|sqlite3)"), {"runtime"}),
    (re.compile(r"^(boost|prometheus|nlohmann)/"), {"gateway"}),
)
BANNED_NAME = re.compile(r"(^|_)(util|utils|common|helper|helpers|manager)(_|$)")
TEST_SLEEP = re.compile(r"QTest::qSleep|QTest::qWait\b|sleep_for|sleep_until|\busleep\s*\(|QThread::m?sleep|\btime\.sleep")
TEST_SKIP = re.compile(r"\bQSKIP\b|QEXPECT_FAIL|GTEST_SKIP")
# Where the real kernel, foreign programs or a screen are the point, and a machine may lack them.
REAL_WORLD_TESTS = ("tests/netns/", "tests/interop/", "tests/bench/", "tests/gui/", "tests/unit/runtime/")
QML_ITEM = re.compile(r"(?:^|\s)([A-Z]\w*)\s*\{$")
QML_LAYOUTS = ("RowLayout", "ColumnLayout", "GridLayout", "ScrollColumn")
QML_FIXED_MODEL = re.compile(r"\.length\b|// never shrinks")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Tree:
    def __init__(self, root):
        self.root = Path(root)
        self.breaches = []
        self.allows = {}  # folder -> set of folders
        self.floor = {}   # folder -> number

    def report(self, path, line, what):
        self.breaches.append(f"{path}:{line}: {what}")

    def run(self):
        self.read_allows()
        self.check_graph()
        for path in self.sources():
            self.check_file(path)
        return self.breaches

    def sources(self):
        for folder in ALL_FOLDERS:
            for path in sorted((self.root / folder).rglob("*")):
                hidden = any(part.startswith(".") or part == "node_modules" for part in path.relative_to(self.root).parts)
                if path.is_file() and path.suffix in SOURCE_SUFFIXES and not hidden:
                    yield path

    # --- the law ---

    def read_allows(self):
        path = "engine/CMakeLists.txt"
        text = (self.root / path).read_text(encoding="utf-8")
        number = None
        # A comment "# floor N", a folder, or the one folder that builds itself.
        pattern = re.compile(r"^# floor (\d+)|^wherry_folder\(\s*([\w/]+)([^)]*(?:\$<[^>]*>[^)]*)*)\)|^add_subdirectory\((\w+)\)", re.M)
        for match in pattern.finditer(text):
            if match.group(1):
                number = int(match.group(1))
                continue
            folder = match.group(2) or match.group(4)
            line = text.count("\n", 0, match.start()) + 1
            if number is None:
                self.report(path, line, f"{folder} stands on no floor")
            self.floor[folder] = number if number is not None else 0
            self.allows[folder] = self.words_after_allows(match.group(3)) if match.group(2) else self.linked_folders(folder)
        if not self.allows:
            self.report(path, 1, "no wherry_folder() was understood")

    @staticmethod
    def words_after_allows(arguments):
        words = arguments.split()
        if "ALLOWS" not in words:
            return set()
        words = words[words.index("ALLOWS") + 1:]
        return set(words[:words.index("LINKS")] if "LINKS" in words else words)

    def linked_folders(self, folder):
        text = (self.root / "engine" / folder / "CMakeLists.txt").read_text(encoding="utf-8")
        links = re.findall(r"target_link_libraries\(wherry_%s ([^)]*)\)" % folder, text)
        return set(re.findall(r"wherry_(?!warnings)(\w+)", " ".join(links)))

    def check_graph(self):
        path = "engine/CMakeLists.txt"
        for folder, allowed in sorted(self.allows.items()):
            for other in sorted(allowed):
                if other not in self.allows:
                    self.report(path, 1, f"{folder} allows {other}, which is no folder")
                elif self.floor[other] > self.floor[folder]:
                    self.report(path, 1, f"{folder} (floor {self.floor[folder]}) looks up to {other} (floor {self.floor[other]})")
                elif self.floor[other] == self.floor[folder] and other not in SAME_FLOOR.get(folder, set()):
                    self.report(path, 1, f"{folder} and {other} are on the same floor and not an allowed pair")
        done, under_way = set(), []

        def visit(folder):
            if folder in under_way:
                self.report(path, 1, "cycle: " + " -> ".join(under_way[under_way.index(folder):] + [folder]))
            elif folder not in done:
                under_way.append(folder)
                for other in sorted(self.allows.get(folder, ())):
                    visit(other)
                under_way.pop()
                done.add(folder)

        for folder in sorted(self.allows):
            visit(folder)

    # --- files ---

    def check_file(self, path):
        name = path.relative_to(self.root).as_posix()
        text = path.read_text(encoding="utf-8", errors="replace")
        lines = text.split("\n")
        if len(lines) - 1 > MAX_LINES:
            self.report(name, MAX_LINES + 1, f"longer than {MAX_LINES} lines")
        if BANNED_NAME.search(path.stem.lower()):
            self.report(name, 1, "a file is named for what it is, not util, common, helper or manager")
        if path.suffix == ".h" and "#pragma once" not in text:
            self.report(name, 1, "no #pragma once")
        if name.startswith("engine/") and path.suffix in CXX_SUFFIXES:
            self.check_engine_file(name, lines)
        elif name.startswith(("app/", "qml/")) and path.suffix in CXX_SUFFIXES:
            self.check_app_file(name, lines)
        elif name.startswith("qml/") and path.suffix == ".qml":
            self.check_repeaters(name, lines)
        elif name.startswith("tests/") and not name.startswith("tests/arch/"):
            self.check_test_file(name, lines)

    def folder_of(self, relative):
        """The engine folder that a path below engine/ belongs to; None when it belongs to none."""
        parts = relative.split("/")[:-1]
        for length in range(len(parts), 0, -1):
            if "/".join(parts[:length]) in self.allows:
                return "/".join(parts[:length])
        return None

    def check_engine_file(self, name, lines):
        folder = self.folder_of(name[len("engine/"):])
        if folder is None:
            self.report(name, 1, "its folder is not in engine/CMakeLists.txt")
            return
        below_runtime = self.floor[folder] < FIRST_IMPURE_FLOOR
        for number, line in enumerate(without_comments(lines), 1):
            include = INCLUDE.match(line)
            if include and include.group(1) == '"':
                self.check_own_include(name, number, folder, include.group(2))
            elif include:
                self.check_library_include(name, number, folder, include.group(2), below_runtime)
            elif below_runtime:
                for word in BANNED_BELOW_RUNTIME.findall(without_strings(line)):
                    self.report(name, number, f"{word} below runtime")

    def check_own_include(self, name, number, folder, included):
        if included.endswith(".moc"):
            return
        if included.startswith("platform/"):
            if folder != "runtime":
                self.report(name, number, f"{folder} may not include platform, only runtime may")
            return
        target = self.folder_of(included)
        if target is None:
            self.report(name, number, f'"{included}" names no engine folder (write the path from engine/)')
        elif target != folder and target not in self.allows[folder]:
            self.report(name, number, f"{folder} may not include {target} ({included})")

    def check_library_include(self, name, number, folder, included, below_runtime):
        if below_runtime and BANNED_INCLUDES_BELOW_RUNTIME.match(included) and included not in ADDRESS_TYPES.get(folder, ()):
            self.report(name, number, f"<{included}> below runtime")
            return
        for pattern, owners in LIBRARY_OWNERS:
            if pattern.match(included) and folder not in owners:
                self.report(name, number, f"{folder} may not include <{included}>")

    def check_app_file(self, name, lines):
        own = name.split("/")[1] + "/"
        may = ("api/", "process/", own) + (("gateway/", "platform/") if name.endswith("/main.cpp") else ())
        for number, line in enumerate(without_comments(lines), 1):
            include = INCLUDE.match(line)
            if include and include.group(1) == '"' and not include.group(2).endswith(".moc") and not include.group(2).startswith(may):
                self.report(name, number, f'app and qml see only engine/api, not "{include.group(2)}"')
            elif include and include.group(1) == "<" and any(pattern.match(include.group(2)) and "api" not in owners
                                                             for pattern, owners in LIBRARY_OWNERS):
                self.report(name, number, f"app and qml may not include <{include.group(2)}>")

    def check_repeaters(self, name, lines):
        """Qt 6.4 crashes when a layout is resized after an item in it is gone and before the next frame (QTBUG-111792). What a Repeater makes of
        a model with rows that go stands in a Column or Row. In a layout: a number of items (`x.length`), or `// never shrinks` behind the model."""
        types, open_repeaters = [], []
        for number, line in enumerate(lines, 1):
            code = without_strings(line).split("//")[0]
            for mark in re.finditer(r"[{}]", code):
                if mark.group() == "}":
                    types and types.pop()
                    open_repeaters = [depth for depth in open_repeaters if depth <= len(types)]
                    continue
                item = QML_ITEM.search(code[:mark.end()])
                if item and item.group(1) == "Repeater" and types and types[-1] in QML_LAYOUTS:
                    open_repeaters.append(len(types) + 1)
                types.append(item.group(1) if item else "")
            if open_repeaters and open_repeaters[-1] == len(types) and re.match(r"\s*model:", code) and not QML_FIXED_MODEL.search(line):
                self.report(name, number, "rows that may go stand in a Column or Row, not in a layout")

    def check_test_file(self, name, lines):
        if name.startswith(REAL_WORLD_TESTS):
            return
        for number, line in enumerate(lines, 1):
            if TEST_SLEEP.search(line):
                self.report(name, number, "a test that sleeps: use virtual time, or wait for the thing itself")
            if TEST_SKIP.search(line):
                self.report(name, number, "a skipped test")


def without_comments(lines):
    """The lines with // and /* */ comments blanked; numbering kept. Good enough for our style: no comment marks inside strings that matter."""
    inside = False
    for line in lines:
        out, at = "", 0
        while at < len(line):
            if inside:
                end = line.find("*/", at)
                inside, at = (end < 0), (len(line) if end < 0 else end + 2)
            elif line.startswith("//", at) and not in_string(line, at):
                break
            elif line.startswith("/*", at) and not in_string(line, at):
                inside, at = True, at + 2
            else:
                out, at = out + line[at], at + 1
        yield out


def in_string(line, at):
    return line.count('"', 0, at) % 2 == 1


def without_strings(line):
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', line)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: check_architecture.py ROOT")
    breaches = Tree(sys.argv[1]).run()
    for breach in breaches:
        print(breach)
    print(f"{len(breaches)} breaches of the architecture" if breaches else "the floors hold")
    sys.exit(1 if breaches else 0)


if __name__ == "__main__":
    main()
