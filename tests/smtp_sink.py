"""A mail server on this machine that keeps what it is given, and fails as it is told."""

import socketserver
import threading
import time
from email import message_from_bytes, policy
from email.message import EmailMessage


class SmtpSink:
    """`mails`: what was accepted, oldest first. `answers`: what the next commands are answered
    instead of "250 ok", by their first word, such as {"RCPT": ["550 no such user"]}. `slowly`:
    seconds that it takes to answer after a mail was handed over."""

    def __init__(self):
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answers: dict[str, list[str]] = {}
        self.logins: list[str] = []
        self.features: tuple[str, ...] = ("SMTPUTF8", "AUTH PLAIN")
        self.slowly = 0.0
        self.handed_over = threading.Event()
        sink = self

        class Talk(socketserver.StreamRequestHandler):
            def handle(self):
                sink._talk(self.rfile, self.wfile)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"smtp://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def _talk(self, lines, out):
        def say(text: str):
            out.write(text.encode() + b"\r\n")
            out.flush()

        to: list[str] = []
        try:
            say("220 sink")
            while line := lines.readline():
                word, _, rest = line.decode().strip().partition(" ")
                word = word.upper()
                if told := self.answers.get(word):
                    say(told.pop(0))
                elif word == "EHLO":
                    for feature in self.features:
                        say(f"250-{feature}")
                    say("250 sink")
                elif word == "AUTH":
                    self.logins.append(rest)
                    say("235 welcome")
                elif word == "MAIL":
                    to = []
                    say("250 ok")
                elif word == "RCPT":
                    to.append(rest)
                    say("250 ok")
                elif word == "DATA":
                    say("354 go on")
                    self._take(lines, to)
                    say("250 taken")
                else:
                    say("221 bye" if word == "QUIT" else "250 ok")
        except (ConnectionError, ValueError):
            return  # who talked to us is gone

    def _take(self, lines, to):
        body = b""
        while (line := lines.readline()) not in (b".\r\n", b""):
            body += line[1:] if line.startswith(b"..") else line
        self.mails.append(message_from_bytes(body, policy=policy.default))
        self.recipients.append(to)
        self.handed_over.set()
        time.sleep(self.slowly)
