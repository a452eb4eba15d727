"""Git over smart HTTP on loopback: ``git http-backend`` behind Basic authentication, as GitHub has it.

Protocol and variables: ``git help http-backend`` and RFC 3875 (CGI).
"""

import base64
import os
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from urllib.parse import urlsplit

USER = "x-access-token"


@dataclass
class Hosted:
    """What is served: ``asked`` holds (method, path, status) of every request."""

    url: str = ""
    asked: list = field(default_factory=list)

    def pushes(self):
        """How many pushes were let in."""
        return [
            path for method, path, code in self.asked if path.endswith("git-receive-pack") and code == 200
        ]


@contextmanager
def serve_git(folder, token):
    """The bare repositories in ``folder``; whoever pushes or reads must show ``token``."""
    hosted = Hosted()
    server = _Server(("127.0.0.1", 0), _handler(folder, token, hosted))
    hosted.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hosted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


def _handler(folder, token, hosted):
    expected = "Basic " + base64.b64encode(f"{USER}:{token}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self):
            address = urlsplit(self.path)
            body = _body(self)
            if self.headers.get("Authorization") == expected:
                code, headers, content = _cgi(folder, self, address, body)
            else:
                code, headers, content = 401, {"WWW-Authenticate": 'Basic realm="GitHub"'}, b"denied"
            hosted.asked.append((self.command, address.path, code))
            self.send_response(code)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _serve  # noqa: N815  http.server's names

        def log_message(self, *args):
            pass

    return Handler


def _body(request):
    """The body, which git sends in chunks where it is long."""
    if request.headers.get("Transfer-Encoding") != "chunked":
        return request.rfile.read(int(request.headers.get("Content-Length") or 0))
    whole = b""
    while size := int(request.rfile.readline(), 16):
        whole += request.rfile.read(size)
        request.rfile.readline()
    request.rfile.readline()
    return whole


def _cgi(folder, request, address, body):
    variables = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(folder),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.receivepack",
        "GIT_CONFIG_VALUE_0": "true",
        "REQUEST_METHOD": request.command,
        "PATH_INFO": address.path,
        "QUERY_STRING": address.query,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "REMOTE_USER": USER,
        "REMOTE_ADDR": "127.0.0.1",
    }
    done = subprocess.run(["git", "http-backend"], input=body, env=variables, capture_output=True, check=True)
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
    code = int(headers.pop("Status", "200").split()[0])
    return code, headers, content
