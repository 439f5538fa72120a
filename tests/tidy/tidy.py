"""Style and structure as a test: prints each finding as `file:line: what; how to mend` and ends with status 1.

Runs on the text of the tree alone (no compiler): modules and their USES are read from the billing_module and
billing_test calls, edges from the #include lines.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

LINES_MAX = 500
SKIPPED_FOLDERS = {"build", ".cache", ".git", "__pycache__", "node_modules", "dist", ".venv"}
CODE = {".h", ".cc", ".py", ".proto", ".cmake", ".ts", ".tsx", ".css", ".sh", ""}
MONEY_CODE = ("ledger/base/", "ledger/domain/", "ledger/codec/", "ledger/service/", "projections/")

# One library, one folder: (prefixes of its headers, folders that may include it, may it show in a public header).
# The first row that matches counts. A header that no row names and that is not the standard library's is refused.
ANYWHERE = ("",)
TESTS = ("tests/", "*_test.cc")
THIRD_PARTY = [
    (("openssl/",), ("ledger/crypto/",), False),
    (("rocksdb/",), ("ledger/store/", "tests/bench/"), False),
    (("google/protobuf/",), ("ledger/codec/", "events/"), True),
    (("librdkafka/",), ("events/publisher/", "events/subscriber/"), False),
    (("boost/asio", "boost/beast", "boost/system", "boost/url"), ("gateway/http/", "tests/bench/"), False),
    (("simdjson.h", "boost/json", "boost/pfr"), ("gateway/api/", *TESTS), False),
    (("prometheus/",), ("gateway/metrics/",), False),
    (("CLI/", "toml++/", "toml.hpp"), ("ops/",), False),
    (("spdlog/",), ("ops/log/",), False),
    (("sodium", "argon2.h"), ("gateway/identity/",), False),
    (("curl/",), ("gateway/providers/", "gateway/mail/"), False),
    (("xlsxwriter", "cairo", "pango/", "qpdf/", "libxml/", "hpdf.h"), ("gateway/documents/",), False),
    (("date/",), ("gateway/", "ledger/service/", "ops/", "tests/"), False),
    (("zlib.h", "lz4", "zstd"), ("ledger/store/", "gateway/documents/", "gateway/http/", "ops/"), False),
    (("gtest/", "gmock/", "rapidcheck"), (*TESTS, "*/generators.h", "*_testing.h", "*_testing.cc"), True),
    (("benchmark/",), ("tests/bench/", "*_bench.cc"), True),
    (("fuzzer/",), ("tests/fuzz/",), True),
]
FMT_REFUSED_IN = ("ledger/base/",)
GENERATED_PROTOBUF = ("ledger/codec/", "events/")  # who may include events/schema/*.pb.h

SYSTEM_PREFIXES = ("sys/", "arpa/", "netinet/", "net/", "linux/", "bits/", "sanitizer/")
# POSIX and C headers; the C++ ones have neither a dot nor a slash.
SYSTEM_HEADERS = {f"{name}.h" for name in (
    "assert cpuid ctype dirent dlfcn errno execinfo fcntl fenv float fnmatch ftw getopt grp ifaddrs immintrin inttypes "
    "libgen limits locale malloc math mntent netdb poll pthread pwd sched semaphore setjmp signal spawn stdarg stdbool "
    "stddef stdint stdio stdlib string strings syslog termios time unistd utime wchar").split()}

# docs/domain.md names the test that holds each rule: a GoogleTest name, or a function of the black-box tests.
RULES = "docs/domain.md"
NAMED_TEST = re.compile(r"`([A-Z][A-Za-z0-9]*[a-z][A-Z][A-Za-z0-9]*|test_[a-z0-9_]+)`")
DEFINED_TEST = re.compile(r"^(?:TEST|TEST_F|TEST_P|RC_GTEST_PROP|RC_GTEST_FIXTURE_PROP)\(\s*\w+,\s*(\w+)|^def (test_\w+)", re.M)

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.M)
# Joined here, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME)\b|(?://|#|/\*|\*)[ \t]*XX" r"X\b|\bXX" r"X:")
PRIVATE_PATHS = re.compile(r"(?<![\w.-])/wor" r"k/|/tm" r"p/|(?<![\w./-])(?<!\.\./)shar" r"ed/(?:design|domain|relia|examples|kafka-local)")
PRIVATE_PATHS_QUICK = ("/wor" "k/", "/tm" "p/", "shar" "ed/")
FLOATING = re.compile(r"\b(?:float|double)\b")
TOKENS = re.compile(r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<raw>R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)")
  | (?P<text>"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+')
""", re.S | re.X)


def without_comments(text):
    """C++ text with comments and literals blanked, line numbers kept."""
    return TOKENS.sub(lambda found: '""' + "\n" * found.group().count("\n"), text)


def matches(path, folders):
    """Is `path` in one of `folders` ("a/b/") or does it fit a "*suffix"?"""
    return any(path.endswith(folder[1:]) if folder.startswith("*") else path.startswith(folder) for folder in folders)


class Target:
    """A CMake target of ours and what it names."""

    def __init__(self, name, room, line, is_test):
        self.name, self.room, self.line, self.is_test = name, room, line, is_test
        self.sources, self.uses, self.private = set(), [], []


class Tree:
    """The files of the project and the targets that its CMakeLists.txt files declare."""

    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        self.findings = []
        self.texts = {}
        for name in self.list_files():
            try:
                self.texts[name] = (self.root / name).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue  # deleted, or not text
        self.cpp = {name for name in self.texts if name.endswith((".h", ".cc"))}
        self.tops = {name.partition("/")[0] for name in self.cpp if "/" in name}
        self.targets, self.rooms = {}, {}
        for name in sorted(self.texts):
            if pathlib.PurePosixPath(name).name == "CMakeLists.txt" and "/" in name:
                self.tops.add(name.partition("/")[0])
                self.read_cmake(name)

    def list_files(self):
        """What git tracks or would track; without git, all files outside the folders of builds."""
        if (self.root / ".git").exists():
            done = subprocess.run(["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                  capture_output=True, check=False)
            if done.returncode == 0:
                return [name for name in done.stdout.decode().split("\0") if name]
        names = []
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
            names += [str(pathlib.Path(folder, name).relative_to(self.root)) for name in files]
        return names

    def declares(self, name):
        """Whether a struct or an enum of the domain has this name."""
        return any(f"struct {name} " in text for path, text in self.texts.items() if path.startswith("ledger/domain/"))

    def add(self, path, line, what, mend):
        self.findings.append((path, line, f"{what}; {mend}"))

    def read_cmake(self, path):
        room = path.rpartition("/")[0]
        text = re.sub(r"#[^\n]*", "", self.texts[path])
        self.rooms[room] = []
        calls = re.finditer(r"\b(billing_module|billing_test|add_library|add_executable|target_link_libraries)\s*\(([^()]*)\)", text)
        for call in calls:
            words = call.group(2).split()
            if not words:
                continue
            line = text.count("\n", 0, call.start()) + 1
            target = self.targets.get(words[0])
            if target is None:
                is_test = call.group(1) == "billing_test" or words[0].endswith("_test")
                target = self.targets[words[0]] = Target(words[0], room, line, is_test)
                self.rooms[room].append(target)
            # A target that is not declared by billing_*: all its words are sources, all it links may be included.
            section = {"target_link_libraries": "PRIVATE"}.get(call.group(1), "SOURCES")
            for word in words[1:]:
                if word in ("SOURCES", "USES", "PRIVATE", "PUBLIC", "INTERFACE"):
                    section = "USES" if word in ("PUBLIC", "INTERFACE") else word
                elif section == "SOURCES":
                    target.sources.add(f"{room}/{word}")
                else:
                    (target.uses if section == "USES" else target.private).append(word)

    def room_of(self, path):
        """The nearest folder above `path` that declares targets."""
        folder = path.rpartition("/")[0]
        while folder:
            if self.rooms.get(folder):
                return folder
            folder = folder.rpartition("/")[0]
        return None

    def owners(self, path):
        """The targets that compile `path`; a header belongs to all modules of its room."""
        room = self.room_of(path)
        if room is None:
            return []
        listed = [target for target in self.rooms[room] if path in target.sources]
        if listed:
            return listed
        only_tests = path.endswith("_test.h") or all(target.is_test for target in self.rooms[room])
        return [target for target in self.rooms[room] if only_tests or not target.is_test]

    def visible(self, target):
        """Names of our targets that `target` may include: its USES and PRIVATE, and what those pass on by USES."""
        seen, waiting = set(), [*target.uses, *target.private]
        while waiting:
            name = waiting.pop()
            if name in self.targets and name not in seen:
                seen.add(name)
                waiting += self.targets[name].uses
        return seen

    def includes(self, path):
        """(line, included name, quoted?) of a C++ file, comments left out."""
        text = self.texts[path]
        if "include" not in text:
            return
        for found in INCLUDE.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield line, found.group(1) or found.group(2), found.group(1) is not None

    def resolve(self, name):
        """The path in this tree that an include means, if it is one of ours; generated headers count."""
        if name in self.cpp:
            return name
        return name if "/" in name and name.partition("/")[0] in self.tops else None


def check_includes(tree):
    """Edges that no USES names, third-party headers outside their folder, relative and unknown includes."""
    files, rooms = {}, {}
    for path in sorted(tree.cpp):
        for line, name, quoted in tree.includes(path):
            ours = tree.resolve(name)
            if ours is None:
                check_foreign(tree, path, line, name, quoted)
                continue
            if name not in tree.cpp and not name.endswith((".pb.h", ".inc")):
                tree.add(path, line, f'"{name}" does not exist', "name a header of the tree by its path from the root")
                continue
            if name.startswith("events/schema/") and name.endswith(".pb.h") and not matches(path, GENERATED_PROTOBUF):
                tree.add(path, line, f'generated Protobuf "{name}" outside ledger/codec and events', "use ledger/codec's plain types")
            files.setdefault(path, {})[ours] = line
            check_edge(tree, path, line, ours, rooms)
    return files, rooms


def check_edge(tree, path, line, ours, rooms):
    room, other = tree.room_of(path), tree.room_of(ours)
    if room is None or other is None or room == other:
        return
    owners = tree.owners(path)
    if not any(owner.is_test for owner in owners):
        rooms.setdefault(room, {}).setdefault(other, (path, line))
    wanted = {target.name for target in tree.rooms[other] if not target.is_test}
    for owner in owners:
        if not wanted & tree.visible(owner):
            tree.add(path, line, f'"{ours}" is of {" or ".join(sorted(wanted)) or other}, which the USES of {owner.name} does not name',
                     f"add it to USES in {room}/CMakeLists.txt if the arrow points down, else take the include out")


def check_foreign(tree, path, line, name, quoted):
    if not quoted and ("/" not in name and "." not in name or name in SYSTEM_HEADERS or name.startswith(SYSTEM_PREFIXES)):
        return
    if quoted and str(pathlib.PurePosixPath(path).parent / name) in tree.cpp:
        tree.add(path, line, f'"{name}" is relative', f'write "{pathlib.PurePosixPath(path).parent / name}"')
        return
    if name.startswith("fmt/"):
        if matches(path, FMT_REFUSED_IN):
            tree.add(path, line, f"<{name}> in {FMT_REFUSED_IN[0]}", "this folder uses the standard library only")
        return
    for prefixes, folders, _ in THIRD_PARTY:
        if name.startswith(prefixes):
            if not matches(path, folders):
                tree.add(path, line, f"<{name}> outside {', '.join(folders)}", "one library, one folder: use that folder's own types")
            return
    tree.add(path, line, f"<{name}> is of no known library", "give it its one folder in THIRD_PARTY of tests/tidy/tidy.py")


def check_public_headers(tree, files):
    """A library's header must not reach another folder through one of ours."""
    public = {target for path, edges in files.items() for target in edges
              if target.endswith(".h") and tree.room_of(path) != tree.room_of(target)}
    waiting = list(public)
    while waiting:
        for target in files.get(waiting.pop(), {}):
            if target not in public:
                public.add(target)
                waiting.append(target)
    for path in sorted(public & tree.cpp):
        for line, name, _ in tree.includes(path):
            if any(name.startswith(prefixes) and not shown for prefixes, _, shown in THIRD_PARTY):
                tree.add(path, line, f"<{name}> shows in a header that other folders include", "hide it behind a pimpl in the .cc file")


def find_cycles(graph):
    """One cycle per strongly tangled spot of a graph {node: successors}, each as a list of nodes."""
    cycles, state = [], {}
    for start in sorted(graph):
        if start in state:
            continue
        trail, stack = [start], [iter(sorted(graph[start]))]
        state[start] = "open"
        while stack:
            following = next(stack[-1], None)
            if following is None:
                stack.pop()
                state[trail.pop()] = "done"
            elif state.get(following) == "open":
                cycles.append([*trail[trail.index(following):], following])
            elif following not in state:
                state[following] = "open"
                trail.append(following)
                stack.append(iter(sorted(graph.get(following, ()))))
    return cycles


def check_cycles(tree, files, rooms):
    for cycle in find_cycles(files):
        tree.add(cycle[0], files[cycle[0]][cycle[1]], "cycle of includes " + " -> ".join(cycle), "move what both need into a third header")
    for cycle in find_cycles(rooms):
        path, line = rooms[cycle[0]][cycle[1]]
        tree.add(path, line, "cycle of folders " + " -> ".join(cycle), "arrows point down only: move the shared part down")
    uses = {target.name: [name for name in target.uses + target.private if name in tree.targets] for target in tree.targets.values()}
    for cycle in find_cycles(uses):
        target = tree.targets[cycle[0]]
        tree.add(f"{target.room}/CMakeLists.txt", target.line, "cycle of USES " + " -> ".join(cycle), "take out the arrow that points up")


def check_readmes(tree):
    for room, targets in sorted(tree.rooms.items()):
        if any(not target.is_test for target in targets) and f"{room}/README.md" not in tree.texts:
            tree.add(f"{room}/CMakeLists.txt", 1, f"no {room}/README.md", "write its purpose, surface and place in 10 to 25 lines")


def check_text(tree):
    """What a single file shows: length, unfinished marks, private paths, #pragma once, floating point in money code."""
    for path, text in sorted(tree.texts.items()):
        suffix = pathlib.PurePosixPath(path).suffix
        is_code = suffix in CODE and not path.endswith((".txt", ".gitignore"))
        if is_code and text.count("\n") > LINES_MAX:
            tree.add(path, LINES_MAX + 1, f"{text.count(chr(10))} lines, over {LINES_MAX}", "split it by what it is about")
        if suffix == ".h" and not re.search(r"^#pragma once$", text, re.M):
            tree.add(path, 1, "no #pragma once", "add it before the first include")
        quick = "DO" in text or "ME" in text or "XX" in text
        if quick and (is_code or suffix in (".md", ".txt")):
            report_each(tree, path, text, UNFINISHED, "unfinished mark", "do it, or leave it out and open an issue")
        if any(word in text for word in PRIVATE_PATHS_QUICK):
            report_each(tree, path, text, PRIVATE_PATHS, "path of a private machine", "make it relative to the root, or a temporary directory that the run makes")
        if path in tree.cpp and path.startswith(MONEY_CODE) and ("double" in text or "float" in text):
            report_each(tree, path, without_comments(text), FLOATING, "floating point in money code", "use Money, Rate or integers of a named unit")


def check_rules(tree):
    """Every test that the rules name is there. Names of types in backquotes have a dot, a colon or no second capital."""
    text = tree.texts.get(RULES, "")
    defined = {name for path, code in tree.texts.items() if path.endswith(("_test.cc", ".py"))
               for pair in DEFINED_TEST.findall(code) for name in pair if name}
    for found in NAMED_TEST.finditer(text):
        if found.group(1) not in defined and not tree.declares(found.group(1)):
            tree.add(RULES, text.count("\n", 0, found.start()) + 1, f"no test {found.group(1)}", "name the test that holds the rule, or write it")


def report_each(tree, path, text, pattern, what, mend):
    for found in pattern.finditer(text):
        tree.add(path, text.count("\n", 0, found.start()) + 1, f"{what} '{found.group().strip()}'", mend)


def check(root):
    """All findings of a tree as sorted (path, line, message)."""
    tree = Tree(root)
    files, rooms = check_includes(tree)
    check_public_headers(tree, files)
    check_cycles(tree, files, rooms)
    check_readmes(tree)
    check_text(tree)
    check_rules(tree)
    return sorted(set(tree.findings))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parents[2], help="the tree (default: this one)")
    findings = check(parser.parse_args().root)
    for path, line, message in findings:
        print(f"{path}:{line}: {message}")
    print(f"tidy: {len(findings)} finding{'' if len(findings) == 1 else 's'}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
