import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPILE = "from benchmarks.loads import generator; print(generator())"


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("content-length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def do_POST(self) -> None:
        """Send the body back in chunks of uneven sizes, and a trailer."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        while body:
            chunk, body = body[:70001], body[70001:]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\nx-trailer: yes\r\n\r\n")

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 64  # all connections are opened at once


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with Server(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(scope="module")
def program() -> str:
    done = subprocess.run([sys.executable, "-c", COMPILE], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def load(program: str, port: int, connections: int, path: str, body: int) -> dict[str, float]:
    command = [program, str(port), str(connections), "0.2", path, str(body)]
    figures: dict[str, float] = json.loads(subprocess.check_output(command))
    return figures


@pytest.mark.parametrize("connections", [1, 16])
def test_counts_answers_by_content_length(program: str, port: int, connections: int) -> None:
    figures = load(program, port, connections, "/", 0)
    assert figures["answered"] > 0
    assert figures["failed"] == 0
    assert figures["received_bytes"] >= 5 * figures["answered"]
    assert 0 < figures["min_us"] <= figures["p50_us"] <= figures["p99_us"]


@pytest.mark.parametrize("size", [1, 70001, 1_000_000])
def test_reads_chunks_while_it_sends(program: str, port: int, size: int) -> None:
    figures = load(program, port, 2, "/", size)
    assert figures["answered"] > 0
    assert figures["failed"] == 0
    assert figures["received_bytes"] >= size * figures["answered"]


def test_counts_failures(program: str, port: int) -> None:
    assert load(program, port, 1, "/missing", 0)["failed"] > 0


def test_what_recording_costs_can_be_measured() -> None:
    measured = "from benchmarks.capture import capture_us; print(capture_us())"
    done = subprocess.run(
        [sys.executable, "-c", measured], cwd=ROOT, capture_output=True, text=True, check=True
    )
    float(done.stdout)
