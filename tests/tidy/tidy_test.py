"""tidy finds each fault in a small tree that has just that one, and nothing in the tree without it."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import tidy

CLEAN = {
    "CMakeLists.txt": "add_subdirectory(ledger/base)\n",
    "ledger/base/CMakeLists.txt": "billing_module(billing_base SOURCES money.cc)\n",
    "ledger/base/README.md": "base\n",
    "ledger/base/money.h": "#pragma once\n#include <cstdint>\n",
    "ledger/base/money.cc": '#include "ledger/base/money.h"\n#include <vector>\n#include <unistd.h>\n',
    "ledger/store/CMakeLists.txt": "billing_module(billing_store\n  SOURCES log.cc  # one\n  USES billing_base PRIVATE RocksDB::rocksdb)\n"
                                   "billing_test(store_test SOURCES log_test.cc USES billing_store)\n",
    "ledger/store/README.md": "store\n",
    "ledger/store/log.h": '#pragma once\n#include "ledger/base/money.h"\n',
    "ledger/store/log.cc": '#include "ledger/store/log.h"\n#include <rocksdb/db.h>\n#include <fmt/format.h>\n',
    "ledger/store/log_test.cc": '#include <gtest/gtest.h>\n#include "ledger/base/money.h"\n#include "ledger/store/log.h"\n',
    "ledger/service/CMakeLists.txt": "billing_module(billing_service SOURCES ledger.cc USES billing_store)\n",
    "ledger/service/README.md": "service\n",
    # Reaches base through the USES of store, which is public.
    "ledger/service/ledger.cc": '#include "ledger/base/money.h"\n#include "ledger/store/log.h"\n',
    "events/schema/CMakeLists.txt": "add_library(billing_schema STATIC ${GENERATED})\n",
    "events/schema/README.md": "schema\n",
    "ledger/codec/CMakeLists.txt": "billing_module(billing_codec SOURCES codec.cc USES billing_base PRIVATE billing_schema)\n",
    "ledger/codec/README.md": "codec\n",
    "ledger/codec/codec.cc": '#include "events/schema/invoice.pb.h"\n#include <google/protobuf/message.h>\n',
}


def findings(changes):
    """Findings in the clean tree with `changes` laid over it; None takes a file away."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**CLEAN, **changes}.items():
            if text is not None:
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        return tidy.check(folder)


class TidyTest(unittest.TestCase):
    def expect(self, changes, path, line, words):
        found = findings(changes)
        hits = [finding for finding in found if finding[:2] == (path, line) and words in finding[2]]
        self.assertEqual(len(hits), 1, f"expected {path}:{line}: …{words}…, found {found}")
        self.assertIn("; ", hits[0][2], "every finding says how to mend it")

    def only(self, changes, path, line, words):
        self.expect(changes, path, line, words)
        self.assertEqual(len(findings(changes)), 1, findings(changes))

    def test_the_clean_tree_has_no_findings(self):
        self.assertEqual(findings({}), [])

    def test_a_rule_that_names_a_test_that_is_not_there_is_found(self):
        rules = "| rule | test |\n| sums hold | `SumsHold`, `test_sums_hold` |\n| a `ChangeRole` |\n"
        tests = {"ledger/base/money_test.cc": "#include <gtest/gtest.h>\nTEST(Money, SumsHold) {}\n",
                 "tests/e2e/test_sums.py": "def test_sums_hold():\n    pass\n",
                 "ledger/domain/account.h": "#pragma once\nstruct ChangeRole {};\n"}
        self.assertEqual(findings({"docs/domain.md": rules, **tests}), [])
        self.only({"docs/domain.md": rules.replace("SumsHold", "SumsFloat"), **tests}, "docs/domain.md", 2, "no test SumsFloat")
        self.only({"docs/domain.md": rules.replace("test_sums", "test_some"), **tests}, "docs/domain.md", 2, "no test test_some")

    def test_an_edge_that_uses_does_not_name_is_found(self):
        self.only({"ledger/codec/codec.cc": '#include "ledger/store/log.h"\n'}, "ledger/codec/codec.cc", 1,
                  "billing_store, which the USES of billing_codec does not name")

    def test_the_uses_of_a_test_do_not_count_for_the_module(self):
        tests = "billing_test(codec_test SOURCES codec_test.cc USES billing_codec billing_store)\n"
        changes = {"ledger/codec/CMakeLists.txt": CLEAN["ledger/codec/CMakeLists.txt"] + tests,
                   "ledger/codec/codec_test.cc": '#include "ledger/store/log.h"\n'}
        self.assertEqual(findings(changes), [])
        self.only({**changes, "ledger/codec/codec.h": '#pragma once\n#include "ledger/store/log.h"\n'},
                  "ledger/codec/codec.h", 2, "which the USES of billing_codec does not name")

    def test_private_modules_are_not_passed_on(self):
        self.expect({"ledger/service/CMakeLists.txt": "billing_module(billing_service SOURCES ledger.cc USES billing_codec billing_store)\n",
                     "ledger/service/ledger.cc": '#include "events/schema/invoice.pb.h"\n'},
                    "ledger/service/ledger.cc", 1, "billing_schema, which the USES")

    def test_a_commented_include_is_no_edge(self):
        self.assertEqual(findings({"ledger/base/money.cc": '// #include "ledger/store/log.h"\n'}), [])

    def test_a_cycle_of_folders_and_of_uses_is_found(self):
        changes = {"ledger/base/CMakeLists.txt": "billing_module(billing_base SOURCES money.cc USES billing_store)\n",
                   "ledger/base/money.cc": '#include "ledger/store/log.h"\n'}
        self.expect(changes, "ledger/base/money.cc", 1, "cycle of folders ledger/base -> ledger/store -> ledger/base")
        self.expect(changes, "ledger/base/CMakeLists.txt", 1, "cycle of USES billing_base -> billing_store -> billing_base")

    def test_a_cycle_of_files_in_one_folder_is_found(self):
        self.only({"ledger/base/a.h": '#pragma once\n#include "ledger/base/b.h"\n',
                   "ledger/base/b.h": '#pragma once\n#include "ledger/base/a.h"\n'},
                  "ledger/base/a.h", 2, "cycle of includes ledger/base/a.h -> ledger/base/b.h -> ledger/base/a.h")

    def test_each_library_outside_its_folder_is_found(self):
        for header in ("openssl/evp.h", "rocksdb/db.h", "google/protobuf/message.h", "librdkafka/rdkafka.h",
                       "boost/asio.hpp", "boost/beast/http.hpp", "simdjson.h", "boost/json.hpp", "prometheus/counter.h",
                       "CLI/CLI.hpp", "toml++/toml.h", "spdlog/spdlog.h", "sodium.h", "gtest/gtest.h", "benchmark/benchmark.h"):
            for written in (f"<{header}>", f'"{header}"'):
                with self.subTest(written=written):
                    self.only({"ledger/service/ledger.cc": f"\n#include {written}\n"}, "ledger/service/ledger.cc", 2, f"<{header}> outside")

    def test_fmt_is_refused_in_base_only(self):
        self.only({"ledger/base/money.cc": "#include <fmt/core.h>\n"}, "ledger/base/money.cc", 1, "<fmt/core.h> in ledger/base/")

    def test_an_unknown_library_is_found(self):
        self.only({"ledger/base/money.cc": "#include <folly/String.h>\n"}, "ledger/base/money.cc", 1, "no known library")

    def test_generated_protobuf_outside_the_codec_is_found(self):
        self.expect({"ledger/service/ledger.cc": '#include "events/schema/invoice.pb.h"\n'}, "ledger/service/ledger.cc", 1, "generated Protobuf")

    def test_a_library_in_a_header_that_others_include_is_found(self):
        hidden = {"ledger/store/rocks.h": "#pragma once\n#include <rocksdb/db.h>\n"}
        self.assertEqual(findings(hidden), [])
        self.only({**hidden, "ledger/store/log.h": '#pragma once\n#include "ledger/store/rocks.h"\n'},
                  "ledger/store/rocks.h", 2, "shows in a header that other folders include")

    def test_a_relative_include_is_found(self):
        self.only({"ledger/base/money.cc": '#include "money.h"\n'}, "ledger/base/money.cc", 1, 'write "ledger/base/money.h"')

    def test_an_include_of_nothing_is_found(self):
        self.only({"ledger/base/money.cc": '#include "ledger/base/gone.h"\n'}, "ledger/base/money.cc", 1, "does not exist")

    def test_floating_point_in_money_code_is_found(self):
        for word in ("double", "float"):
            for path in ("ledger/base/money.cc", "ledger/codec/codec.cc", "ledger/service/ledger.cc"):
                with self.subTest(word=word, path=path):
                    self.only({path: f"// a {word} here\n/* {word}\n */ char c = '\"'; // \"\nauto t = \"{word}\";\n{word} rate;\n"},
                              path, 5, f"floating point in money code '{word}'")

    def test_floating_point_elsewhere_is_allowed(self):
        self.assertEqual(findings({"ledger/store/log.cc": "double seconds;\n"}), [])
        self.assertEqual(findings({"ledger/base/money.cc": "int double_entry = 1'000'000; // '\n"}), [])

    def test_a_missing_readme_is_found(self):
        self.only({"ledger/store/README.md": None}, "ledger/store/CMakeLists.txt", 1, "no ledger/store/README.md")

    def test_a_file_of_more_than_500_lines_is_found(self):
        self.assertEqual(findings({"ledger/base/money.cc": "int x;\n" * 500}), [])
        self.only({"ledger/base/money.cc": "int x;\n" * 501}, "ledger/base/money.cc", 501, "501 lines")

    def test_unfinished_marks_are_found(self):
        for mark in ("// TO" "DO: later", "// FIX" "ME", "// XX" "X wrong", "int x;  // see XX" "X: no"):
            with self.subTest(mark=mark):
                self.only({"ledger/base/money.cc": f"\n{mark}\n"}, "ledger/base/money.cc", 2, "unfinished mark")
        self.assertEqual(findings({"ledger/base/money.cc": 'auto none = "XX" "X";  // the code XX' 'X of no currency\n'}), [])

    def test_a_header_without_pragma_once_is_found(self):
        self.only({"ledger/base/money.h": "// #pragma once\n#include <cstdint>\n"}, "ledger/base/money.h", 1, "no #pragma once")

    def test_private_paths_are_found(self):
        for path in ("/wor" "k/main", "/tm" "p/bash_jobs.0/x", "shar" "ed/design.md"):
            with self.subTest(path=path):
                self.only({"docs/hacking.md": f"a\nsee {path}\n"}, "docs/hacking.md", 2, "path of a private machine")
        self.assertEqual(findings({"docs/hacking.md": "../shar" "ed/data, framework/x, a/wor" "k/b\n"}), [])

    def test_the_program_prints_findings_and_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "a.h").write_text("int x;\n", encoding="utf-8")
            command = [sys.executable, str(pathlib.Path(tidy.__file__)), "--root", folder]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stdout, "a.h:1: no #pragma once; add it before the first include\ntidy: 1 finding\n")
            pathlib.Path(folder, "a.h").write_text("#pragma once\n", encoding="utf-8")
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (0, "tidy: 0 findings\n"))


if __name__ == "__main__":
    unittest.main()
