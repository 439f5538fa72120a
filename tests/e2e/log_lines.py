"""The lines that a server has written to its log."""

import json

from harness import wait_until


def lines(server, event=None):
    """The lines of the log, each parsed; of one event."""
    whole = server.log.read_text().rpartition("\n")[0]  # what is behind is being written
    found = [json.loads(line) for line in whole.splitlines()]
    return [one for one in found if event is None or one["event"] == event]


def line(server, event, **fields):
    """The one line of that event with these fields, once it is there."""
    def matching():
        return [one for one in lines(server, event) if all(one.get(name) == value for name, value in fields.items())]

    wait_until(matching, 10, lambda: f"{event} {fields}\n{server.log_tail(60)}")
    assert len(matching()) == 1, matching()
    return matching()[0]
