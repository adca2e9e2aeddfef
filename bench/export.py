"""The whole of the suppressions through one export."""

import http.client
import time

from bench.client import HOST
from bench.figures import BenchError
from bench.memory import forget_most, most_megabytes
from bench.stack import Stack


def export(stack: Stack, rows: int) -> tuple[float, float]:
    """Rows a second, and how many MB the web's largest process grew by at its most. There must be `rows` or more."""
    forget_most()
    before = most_megabytes()
    began = time.perf_counter()
    connection = http.client.HTTPConnection(HOST, stack.port, timeout=120)
    headers = {"Authorization": f"Bearer {stack.values['SAYSO_API_KEY']}"}
    connection.request("GET", "/v1/suppressions/export?format=ndjson", headers=headers)
    answer, count, last = connection.getresponse(), 0, b""
    while part := answer.read1(1 << 20):
        count += part.count(b"\n")
        last = (last + part)[-200:]
    seconds = time.perf_counter() - began
    connection.close()
    if answer.status != 200 or b'{"end":true' not in last or count < rows:
        raise BenchError(f"answered {answer.status}: {count} lines, the last of them {last!r}")
    return count / seconds, most_megabytes() - before
