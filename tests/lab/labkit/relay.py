"""A relay in front of a libvirtd that understands libvirt's frames.

It stands between a client and one host: hand out `relay.uri` instead of the host's. Rules
name a procedure and a direction and say what happens to the frame:

    with Relay(lab, target) as relay:
        rule = relay.rule("finish3", "reply", "hold")
        ...; rule.wait(); ...; rule.release()

A frame is: length (4 bytes, counts itself), program, version, procedure, type, serial,
status. Replies carry their call's procedure number, so both directions need only the head.
"""

import socket
import struct
import threading
import time

from .shell import LabError

REMOTE_PROGRAM = 0x20008086
PROCEDURES = {"begin3": 302, "prepare3": 303, "prepare_tunnel3": 304, "perform3": 305,
              "finish3": 306, "confirm3": 307}
_HEAD = struct.Struct(">IIIIIII")
_CALL, _REPLY = 0, 1
_ACTIONS = ("pass", "drop", "hold", "delay", "reset")


class Rule:
    """What happens to matching frames; counts them and lets a test wait for one."""

    def __init__(self, procedure, direction, action, seconds=0.0, times=None):
        if action not in _ACTIONS or direction not in ("call", "reply"):
            raise ValueError(f"{direction} {action}")
        self.procedure = PROCEDURES.get(procedure, procedure)
        self.type = _CALL if direction == "call" else _REPLY
        self.action = action
        self.seconds = seconds
        self.times = times
        self.seen = 0
        self._held = []
        self._released = False
        self._changed = threading.Condition()

    def matches(self, head):
        _, program, _, procedure, kind, _, _ = head
        return (program == REMOTE_PROGRAM and procedure == self.procedure and kind == self.type
                and (self.times is None or self.seen < self.times))

    def note(self):
        with self._changed:
            self.seen += 1
            self._changed.notify_all()

    def hold(self, send):
        with self._changed:
            if not self._released:
                self._held.append(send)
                return
        send()

    def wait(self, timeout=30.0):
        """Until the first matching frame has come."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.seen > 0, timeout):
                raise LabError(f"procedure {self.procedure} was not seen within {timeout} s")

    def release(self):
        """Send what is held, in order, and hold nothing more."""
        with self._changed:
            held, self._held, self._released = self._held, [], True
        for send in held:
            send()


class Relay:
    """Listens at the controller's address; forwards every connection to the host's libvirtd."""

    def __init__(self, lab, host, port=16509):
        self._target = (host.address, port)
        self._rules = []
        self._sockets = []
        self._listener = socket.create_server((lab.names.controller_address, 0))
        self.address, self.port = self._listener.getsockname()
        self.uri = f"qemu+tcp://{self.address}:{self.port}/system"
        threading.Thread(target=self._accept, name="relay", daemon=True).start()

    def rule(self, procedure, direction, action, seconds=0.0, times=None):
        """`procedure` is a name of PROCEDURES or a number; the newest matching rule wins."""
        rule = Rule(procedure, direction, action, seconds, times)
        self._rules.insert(0, rule)
        return rule

    def cut(self):
        """Reset every connection that goes through."""
        sockets, self._sockets = self._sockets, []
        for sock in sockets:
            _reset(sock)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)  # close() alone would not wake accept()
        self._listener.close()
        self.cut()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._target, timeout=5)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            self._sockets += [client, server]
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source, target):
        lock = threading.Lock()

        def send(frame):
            with lock:
                try:
                    target.sendall(frame)
                except OSError:
                    pass

        while True:
            frame = _read_frame(source)
            if frame is None:
                _shut(target)
                return
            self._forward(frame, send, (source, target))

    def _forward(self, frame, send, pair):
        rule = None
        if len(frame) >= _HEAD.size:
            head = _HEAD.unpack_from(frame)
            rule = next((rule for rule in self._rules if rule.matches(head)), None)
        action = rule.action if rule else "pass"
        if action == "hold":
            rule.hold(lambda: send(frame))
        if rule:
            rule.note()
        if action == "reset":
            for sock in pair:
                _reset(sock)
        elif action == "delay":
            time.sleep(rule.seconds)
        if action in ("pass", "delay"):
            send(frame)


def _read_frame(sock):
    size = _read(sock, 4)
    if size is None:
        return None
    rest = _read(sock, struct.unpack(">I", size)[0] - 4)
    return None if rest is None else size + rest


def _read(sock, count):
    data = b""
    while len(data) < count:
        try:
            piece = sock.recv(count - len(data))
        except OSError:
            return None
        if not piece:
            return None
        data += piece
    return data


def _shut(sock):
    try:
        sock.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def _reset(sock):
    """RST instead of FIN: the peer sees a broken connection, not a polite end."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.shutdown(socket.SHUT_RD)
    except OSError:
        pass
    sock.close()
