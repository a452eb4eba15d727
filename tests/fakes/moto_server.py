"""Moto over HTTP on loopback, for programs that the test starts: they find it by `AWS_ENDPOINT_URL`."""

import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer

from botocore.awsrequest import AWSPreparedRequest, HTTPHeaders
from moto.core.botocore_stubber import BotocoreStubber

_SERVICE = re.compile(r"Credential=[^/]+/[0-9]+/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")


@contextmanager
def serve_moto():
    """Yields the base URL and the (service, operation) of every call; moto must be mocking already."""
    calls = []
    server = ThreadingTCPServer(("127.0.0.1", 0), _handler(calls))
    server.daemon_threads, server.block_on_close = True, False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", calls
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(calls):
    stubber = BotocoreStubber()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            region, service = _SERVICE.search(self.headers["Authorization"]).groups()
            host = f"{service}.amazonaws.com" if service == "iam" else f"{service}.{region}.amazonaws.com"
            headers = HTTPHeaders()
            for name, value in self.headers.items():
                headers[name] = host if name == "Host" else value
            calls.append((service, re.search(rb"Action=(\w+)", body)[1].decode()))
            request = AWSPreparedRequest("POST", f"https://{host}{self.path}", headers, body, False)
            status, told, answer = stubber.process_request(request)
            content = answer if isinstance(answer, bytes) else answer.encode()
            self.send_response(status)
            for name, value in told.items():
                if name.lower() not in ("content-length", "server", "date"):
                    self.send_header(name, str(value))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args):
            pass

    return Handler
