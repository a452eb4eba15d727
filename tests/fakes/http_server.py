"""The fake GitHub over HTTP on loopback."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer


@contextmanager
def serve(fake):
    """Yields the base URL."""
    server = _Server(("127.0.0.1", 0), _handler(fake))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingTCPServer):
    """Without http.server's look-up of the host's name, which may wait for the network."""

    daemon_threads = True
    block_on_close = False


def _handler(fake):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, answer = fake.answer(self.command, self.path, self.headers, body)
            if status == 0:
                self.close_connection = True
                return
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _serve  # noqa: N815  # http.server's names

        def log_message(self, *args):
            pass

    return Handler
