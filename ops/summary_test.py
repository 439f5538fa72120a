"""The summary never calls a run green that was not."""

import contextlib
import io
import pathlib
import tempfile
import unittest

import summary

CTEST = """<testsuite name="x" tests="5">
<testcase name="A.Passes" classname="A.Passes" status="run"><system-out>ok</system-out></testcase>
<testcase name="A.SkipsItself" classname="A.SkipsItself" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/></testcase>
<testcase name="A.Fails" classname="A.Fails" status="fail"><failure message=""/><system-out>start\na.cc:3: Failure\nwant 1</system-out></testcase>
<testcase name="b_NOT_BUILT" classname="b_NOT_BUILT" status="notrun"><skipped message="Unable to find executable"/></testcase>
<testcase name="A.Off" classname="A.Off" status="disabled"/>
</testsuite>"""
PYTEST = """<testsuites><testsuite name="pytest">
<testcase classname="e2e.test_x" name="test_a"/><testcase classname="e2e.test_x" name="test_b"><error message="m">E boom</error></testcase>
<testcase classname="e2e.test_x" name="test_c"><skipped message="no java"/></testcase>
</testsuite></testsuites>"""
GREEN = '<testsuite><testcase name="A" classname="A" status="run"/></testsuite>'


class SummaryTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def runner(self, name, text, status):
        path = self.folder / f"{name}.xml"
        if text is not None:
            path.write_text(text, encoding="utf-8")
        return f"junit\t{name}\t{path}\t{name}.log\t{status}\n"

    def run_on(self, *lines):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            status = summary.main(list(lines))
        return status, printed.getvalue().splitlines()

    def test_runners_are_added_up_and_failures_named(self):
        status, lines = self.run_on(self.runner("ctest", CTEST, 8), self.runner("pytest", PYTEST, 1))
        self.assertEqual((status, lines[-1]), (1, "2 passed, 3 failed, 3 skipped"))
        text = "\n".join(lines)
        for words in ("ctest: A.Fails (log: ctest.log)\n      a.cc:3: Failure\n      want 1", "ctest: b_NOT_BUILT",
                      "Unable to find executable", "pytest: e2e.test_x::test_b", "E boom"):
            self.assertIn(words, text)

    def test_all_green_is_status_0(self):
        self.assertEqual(self.run_on(self.runner("ctest", GREEN, 0)), (0, ["ctest: 1 passed, 0 failed, 0 skipped", "1 passed, 0 failed, 0 skipped"]))

    def test_a_bad_end_without_a_failed_test_is_a_failure(self):
        status, lines = self.run_on(self.runner("ctest", GREEN, 124))
        self.assertEqual((status, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))

    def test_a_missing_or_torn_file_is_a_failure(self):
        for text in (None, GREEN[:20]):
            status, lines = self.run_on(self.runner("ctest", text, 0))
            self.assertEqual((status, lines[-1]), (1, "0 passed, 1 failed, 0 skipped"))

    def test_a_failed_step_counts_and_shows_its_errors(self):
        log = self.folder / "build.log"
        log.write_text("[1/2] x\na.cc:1:2: error: no\n", encoding="utf-8")
        status, lines = self.run_on(f"step\tbuild\t{log}\n", self.runner("ctest", GREEN, 0))
        self.assertEqual((status, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))
        self.assertIn("      a.cc:1:2: error: no", lines)

    def test_nothing_run_is_not_green(self):
        status, lines = self.run_on()
        self.assertEqual((status, lines[-1]), (1, "0 passed, 0 failed, 0 skipped"))


if __name__ == "__main__":
    unittest.main()
