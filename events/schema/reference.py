#!/usr/bin/env python3
"""Writes docs/events-reference.md from the .proto files and their comments: `python3 events/schema/reference.py`; with
--check only compares.

Needs protoc and python3-protobuf. The samples are tests/fixtures/samples, which the codec's test writes and holds.
"""

import difflib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorSet

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/events-reference.md"
SAMPLES = ROOT / "tests/fixtures/samples"
ENVELOPE = "events/schema/envelope.proto"
# Path numbers of descriptor.proto in source locations.
FILE_MESSAGE, FILE_ENUM, MESSAGE_FIELD, ENUM_VALUE = 4, 5, 2, 2

HEAD = """# Events: the reference

Every event that is published, field by field. `events/schema/reference.py` makes this page of `events/schema/*.proto`;
change it there. [events.md](events.md) says how to read them.

In the tables, *n* is the field's number. A field marked `optional` may be absent and tells it from its default; any other
one that is absent has its default: 0, false, empty. Units:

{units}
Samples are the JSON of `/v1/events` and `billing export events`; each shows every field that the event can have, so it is
no story: sums do not add up. The whole of one is shown once, of the others `data` and, where there are any, `postings`.
"""


def descriptors():
    """The files in order, with their comments."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "set")
        subprocess.run(["protoc", "-I", ".", "--include_source_info", "--include_imports", f"--descriptor_set_out={out}",
                        ENVELOPE], cwd=ROOT, check=True)
        return FileDescriptorSet.FromString(out.read_bytes()).file


def comments(file):
    """Path -> what is said before or behind it, as one text."""
    found = {}
    for location in file.source_code_info.location:
        words = " ".join(f"{location.leading_comments} {location.trailing_comments}".split())
        if words:
            found[tuple(location.path)] = words
    return found


def cell(text):
    return text.replace("|", "\\|")


def type_name(field):
    kind = field.type_name.rpartition(".")[2]
    link = f"[`{kind}`](#{kind.lower()})" if kind else f"`{FieldDescriptorProto.Type.Name(field.type)[5:].lower()}`"
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return f"repeated {link}"
    return f"optional {link}" if field.proto3_optional else link


def message_table(message, path, said, fields):
    rows = ["| n | field | type | |", "|---|---|---|---|"]
    for index in fields:
        field = message.field[index]
        rows.append(f"| {field.number} | `{field.name}` | {type_name(field)} "
                    f"| {cell(said.get((*path, MESSAGE_FIELD, index), ''))} |")
    return "\n".join(rows)


def enum_table(enum, path, said):
    rows = ["| n | value | |", "|---|---|---|"]
    for index, value in enumerate(enum.value):
        rows.append(f"| {value.number} | `{value.name}` | {cell(said.get((*path, ENUM_VALUE, index), ''))} |")
    return "\n".join(rows)


def payloads(message):
    """Indexes of the fields of the payload, and of the others."""
    inside = [index for index, field in enumerate(message.field) if field.HasField("oneof_index") and not field.proto3_optional]
    return inside, [index for index in range(len(message.field)) if index not in inside]


def event_type(payload, kinds):
    """"payment.Recorded" of the payload payment_recorded."""
    kind = max((kind for kind in kinds if payload.startswith(f"{kind}_")), key=len)
    return f"{kind}." + "".join(word.capitalize() for word in payload[len(kind) + 1:].split("_"))


def sample(kind, whole):
    path = SAMPLES / f"{kind}.json"
    if not path.exists():
        sys.exit(f"no sample {path.relative_to(ROOT)}; the test of ledger/codec writes it with BILLING_WRITE_FIXTURES=1")
    event = json.loads(path.read_text(encoding="utf-8"))
    shown = event if whole else {"data": event["data"], **({"postings": event["postings"]} if event["postings"] else {})}
    text = json.dumps(shown, indent=2, ensure_ascii=False)
    # Small objects and lists stand on one line.
    text = re.sub(r"[\[{]\s[^\[\]{}]*[\]}]", lambda found: one_line(found.group()), text)
    return f"```json\n{text}\n```"


def one_line(text):
    joined = re.sub(r"\s*\n\s*", " ", text)
    return joined if len(joined) < 110 else text


def page():
    files = descriptors()
    messages, enums, order = {}, {}, []
    for file in files:
        said = comments(file)
        for index, message in enumerate(file.message_type):
            messages[message.name] = (message, (FILE_MESSAGE, index), said)
            order.append(message.name)
        for index, enum in enumerate(file.enum_type):
            enums[enum.name] = (enum, (FILE_ENUM, index), said)
    envelope, path, said = messages["Envelope"]
    inside, outside = payloads(envelope)
    kinds = [value.name.removeprefix("STREAM_KIND_").lower() for value in enums["StreamKind"][0].value[1:]]
    events = [(envelope.field[index], event_type(envelope.field[index].name, kinds)) for index in inside]

    units = re.search(r"^// What several events share\. .*?\n(.*?)^syntax", (ROOT / "events/schema/common.proto").read_text(), re.S | re.M)
    parts = [HEAD.format(units=re.sub(r"^//  ?", "    ", units.group(1), flags=re.M).split("\n    Field numbers")[0] + "\n")]
    parts.append("## All events\n\n" + "\n".join(
        f"- {kind}: " + ", ".join(f"[{name.partition('.')[2]}](#{name.replace('.', '').lower()})"
                                  for _, name in events if name.startswith(f"{kind}.")) for kind in kinds
        if any(name.startswith(f"{kind}.") for _, name in events)))
    parts.append("## Envelope\n\nOne for each record of the topic. Exactly one payload follows, whose number and name stand at "
                 "each event.\n\n" + message_table(envelope, path, said, outside))
    parts.append(sample(events[0][1], True))
    parts.append("## Events")
    for field, name in events:
        message, path, said = messages[field.type_name.rpartition(".")[2]]
        about = said.get(path, "")
        table = message_table(message, path, said, range(len(message.field)))
        parts.append(f"### {name}\n\nPayload {field.number}, `{field.name}`. {about}".rstrip() + f"\n\n{table}\n\n{sample(name, False)}")
    shown = {"Envelope", *(field.type_name.rpartition(".")[2] for field, _ in events)}
    parts.append("## Parts of events")
    for name in order:
        if name not in shown:
            message, path, said = messages[name]
            parts.append(f"### {name}\n\n{said.get(path, '')}\n\n".replace("\n\n\n\n", "\n\n")
                         + message_table(message, path, said, range(len(message.field))))
    parts.append("## Values")
    for name, (enum, path, said) in sorted(enums.items()):
        parts.append(f"### {name}\n\n{said.get(path, '')}\n\n".replace("\n\n\n\n", "\n\n") + enum_table(enum, path, said))
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def main():
    made = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(made, encoding="utf-8")
        return
    there = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if made != there:
        sys.stderr.writelines(difflib.unified_diff(there.splitlines(True), made.splitlines(True), "there", "made", n=1))
        sys.exit("docs/events-reference.md is not what the .proto files say; run: python3 events/schema/reference.py")


if __name__ == "__main__":
    main()
