#!/usr/bin/env python3
"""The checker finds what it is there to find: each test plants one breach in a small tree that is otherwise clean."""
import tempfile
import unittest
from pathlib import Path

from check_architecture import Tree

CMAKE = """
# floor 0
wherry_folder(base)
# floor 1
wherry_folder(codec ALLOWS base LINKS PkgConfig::Lz4)
add_subdirectory(wire)
wherry_folder(crypto ALLOWS base codec wire LINKS PkgConfig::GnuTLS $<TARGET_NAME_IF_EXISTS:wherry_ipsec_mb>)
# floor 4
wherry_folder(protocols/ping ALLOWS base)
# floor 6
wherry_folder(runtime ALLOWS base codec
  LINKS Qt6::Core)
# floor 7
wherry_folder(api ALLOWS base runtime LINKS Qt6::Core)
"""
WIRE = "target_link_libraries(wherry_wire PUBLIC wherry_base wherry_codec protobuf::libprotobuf-lite)\n"
H = "#pragma once\n"


class Checker(unittest.TestCase):
    def check(self, files, cmake=CMAKE):
        with tempfile.TemporaryDirectory() as root:
            for name, text in {"engine/CMakeLists.txt": cmake, "engine/wire/CMakeLists.txt": WIRE, **files}.items():
                path = Path(root) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return Tree(root).run()

    def assertClean(self, files, cmake=CMAKE):
        self.assertEqual(self.check(files, cmake), [])

    def assertBreach(self, files, where, what, cmake=CMAKE):
        found = self.check(files, cmake)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(where + ":"), found[0])
        self.assertIn(what, found[0])

    def test_a_clean_tree_passes(self):
        self.assertClean({
            "engine/base/a.h": H + "#include <vector>\n",
            "engine/crypto/b.cpp": '#include "base/a.h"\n#include "wire/keys.pb.h"\n#include <gnutls/gnutls.h>\n',
            "engine/protocols/ping/c.cpp": '#include "protocols/ping/c.h"\n#include "base/a.h"\n',
            "engine/runtime/d.cpp": '#include <QObject>\n#include <thread>\n#include "platform/x.h"\nstd::mutex m;\n#include "d.moc"\n',
            "app/cli/main.cpp": '#include "api/engine.h"\n#include "cli/x.h"\n#include "gateway/g.h"\n#include <QObject>\n',
            "tests/unit/base/a_test.cpp": '#include "runtime/anything.h"\n',
        })

    def test_an_include_that_the_list_does_not_allow(self):
        self.assertBreach({"engine/codec/a.cpp": '#include "crypto/x.h"\n'}, "engine/codec/a.cpp:1", "codec may not include crypto")

    def test_an_include_with_spaces_or_after_a_comment(self):
        self.assertBreach({"engine/codec/a.cpp": '/* x */ # include "crypto/x.h"\n'}, "engine/codec/a.cpp:1", "codec may not include crypto")

    def test_an_include_in_a_comment_does_not_count(self):
        self.assertClean({"engine/codec/a.cpp": '// #include "crypto/x.h"\n/*\n#include "crypto/x.h"\n*/\n'})

    def test_an_include_without_its_folder(self):
        self.assertBreach({"engine/codec/a.cpp": '#include "x.h"\n'}, "engine/codec/a.cpp:1", "names no engine folder")

    def test_a_folder_that_nobody_declared(self):
        self.assertBreach({"engine/extra/a.cpp": "int x;\n"}, "engine/extra/a.cpp:1", "not in engine/CMakeLists.txt")

    def test_the_wire_folder_is_held_to_what_it_links(self):
        self.assertBreach({"engine/wire/a.cpp": '#include "crypto/x.h"\n'}, "engine/wire/a.cpp:1", "wire may not include crypto")

    def test_looking_up_a_floor(self):
        self.assertBreach({}, "engine/CMakeLists.txt:1", "looks up to", CMAKE.replace("wherry_folder(protocols/ping ALLOWS base)",
                                                                                      "wherry_folder(protocols/ping ALLOWS base runtime)"))

    def test_neighbours_on_a_floor_that_are_no_pair(self):
        self.assertBreach({}, "engine/CMakeLists.txt:1", "same floor", CMAKE + "wherry_folder(other ALLOWS api)\n")

    def test_a_cycle(self):
        found = self.check({}, "# floor 1\nwherry_folder(codec ALLOWS crypto)\nwherry_folder(crypto ALLOWS codec)\n")
        self.assertTrue(any("cycle: codec -> crypto -> codec" in line for line in found), found)

    def test_a_list_that_was_not_understood_is_an_error(self):
        self.assertBreach({}, "engine/CMakeLists.txt:1", "no wherry_folder", "# nothing\n")

    def test_each_banned_word_below_runtime(self):
        for word in ("std::chrono::steady_clock::now()", "std::mutex m", "std::thread t", "std::random_device d", "QObject* o", "QString s",
                     "shared_from_this()", "std::ifstream f"):
            self.assertBreach({"engine/codec/a.cpp": f"auto x = {word};\n"}, "engine/codec/a.cpp:1", "below runtime")

    def test_a_banned_word_in_a_comment_or_a_text_does_not_count(self):
        self.assertClean({"engine/codec/a.cpp": 'const char* x = "QString"; // no std::mutex here\n'})

    def test_system_headers_below_runtime(self):
        for header in ("thread", "sys/socket.h", "QObject", "QtCore/QObject", "fstream"):
            self.assertBreach({"engine/codec/a.cpp": f"#include <{header}>\n"}, "engine/codec/a.cpp:1", "below runtime")

    def test_a_library_of_another_folder(self):
        self.assertBreach({"engine/codec/a.cpp": "#include <ngtcp2/ngtcp2.h>\n"}, "engine/codec/a.cpp:1", "may not include <ngtcp2")

    def test_an_app_that_looks_below_the_api(self):
        self.assertBreach({"app/cli/a.cpp": '#include "node/command.h"\n'}, "app/cli/a.cpp:1", "only engine/api")

    def test_only_main_sees_the_gateway(self):
        self.assertBreach({"app/cli/a.cpp": '#include "gateway/g.h"\n'}, "app/cli/a.cpp:1", "only engine/api")

    def test_the_api_may_not_see_the_platform(self):
        self.assertBreach({"engine/api/a.cpp": '#include "platform/g.h"\n'}, "engine/api/a.cpp:1", "may not include platform")

    def test_eight_hundred_lines_pass_and_one_more_does_not(self):
        self.assertClean({"engine/base/a.cpp": "\n" * 800})
        self.assertBreach({"engine/base/a.cpp": "\n" * 801}, "engine/base/a.cpp:801", "longer than 800")

    def test_rows_that_may_go_in_a_layout(self):
        def page(parent, model):
            return {"qml/Wherry/Peers/A.qml": f"{parent} {{\n  Repeater {{\n    model: {model}\n    Label {{}}\n  }}\n}}\n"}
        self.assertBreach(page("ColumnLayout", "peers"), "qml/Wherry/Peers/A.qml:3", "in a Column or Row")
        self.assertBreach(page("Item {} ScrollColumn", "peers"), "qml/Wherry/Peers/A.qml:3", "in a Column or Row")
        self.assertClean(page("Column", "peers"))
        self.assertClean(page("RowLayout", "peers.length"))
        self.assertClean(page("RowLayout", "peers // never shrinks"))

    def test_names_that_say_nothing(self):
        for name in ("util", "string_util", "helpers", "common", "peer_manager"):
            self.assertBreach({f"engine/base/{name}.cpp": ""}, f"engine/base/{name}.cpp:1", "named for what it is")
        self.assertClean({"engine/base/utility_meter.cpp": "", "engine/base/uncommon.cpp": ""})

    def test_a_header_without_its_guard(self):
        self.assertBreach({"engine/base/a.h": "int x;\n"}, "engine/base/a.h:1", "#pragma once")

    def test_sleeps_and_skips_in_tests(self):
        for word in ("QTest::qSleep(5);", "std::this_thread::sleep_for(1s);", 'QSKIP("later");', "QEXPECT_FAIL();", "time.sleep(1)"):
            self.assertBreach({"tests/unit/base/a_test.cpp": word + "\n"}, "tests/unit/base/a_test.cpp:1", "test")
        self.assertClean({"tests/netns/a_test.py": "time.sleep(1)\n", "tests/unit/runtime/a_test.cpp": 'QSKIP("no root");\n'})


if __name__ == "__main__":
    unittest.main()
