"""One SMB connection and what a guest does in it: log in, ask for the list of shares, ask what each would grant.

Knows no site and no policy. No file is opened, read or written: a tree connection tells the rights by itself.
"""

from scanner.wire import ntlm, smb_message, srvsvc
from scanner.wire.smb_message import Reply
from scanner.wire.stream import Cut, Stream

MAX_MESSAGE = 256 * 1024  # bytes of one message, our largest answer has 64 KiB; stops a length of 16 MiB
MAX_PENDING = 20  # interim answers to one question (MS-SMB2 §3.3.4.2); stops a server that is always about to answer
NETBIOS_PORT = 139
_SESSION_MESSAGE, _SESSION_REQUEST, _SESSION_ACCEPTED = 0x00, 0x81, 0x82  # RFC 1002 §4.3.1
# "*SMBSERVER" and a name of nobody, first-level encoded (RFC 1001 §14.1).
_CALLED, _CALLING = b"*SMBSERVER".ljust(16), b"VIGIE".ljust(16)


class Refused(Exception):
    """A status other than success; `status` is the server's (MS-ERREF §2.3)."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:#010x}")
        self.status = status


class Wire:
    """Whole messages over a stream, as port 445 frames them; on port 139 after a session request."""

    def __init__(self, stream: Stream, port: int) -> None:
        self._stream = stream
        if port == NETBIOS_PORT:
            names = b"".join(b"\x20" + _encoded(name) + b"\0" for name in (_CALLED, _CALLING))
            stream.send(bytes([_SESSION_REQUEST, 0, 0, len(names)]) + names)
            if self._frame()[0] != _SESSION_ACCEPTED:
                raise Cut("refused", "no NetBIOS session")

    def ask(self, message: bytes) -> bytes:
        """What answers a message."""
        self._stream.send(len(message).to_bytes(4, "big") + message)
        return self.next()

    def next(self) -> bytes:
        """The next message."""
        for _ in range(MAX_PENDING):
            kind, data = self._frame()
            if kind == _SESSION_MESSAGE:
                return data
        raise Cut("unreadable", "no message among the frames")

    def _frame(self) -> tuple[int, bytes]:
        head = self._stream.exactly(4)
        size = int.from_bytes(head[1:], "big")
        if size > MAX_MESSAGE:
            raise Cut("unreadable", f"a message of {size} bytes")
        return head[0], self._stream.exactly(size)


def _encoded(name: bytes) -> bytes:
    return b"".join(bytes([65 + (byte >> 4), 65 + (byte & 15)]) for byte in name)


class Session:
    """A guest's session; Refused or Cut where the server does not go on."""

    def __init__(self, wire: Wire, dialect: int, who: str) -> None:
        self._wire = wire
        self._message, self._session, self._tree = 0, 0, 0
        self._expect(wire.ask(smb_message.negotiate(dialect)), smb_message.NEGOTIATE, smb_message.SUCCESS)
        first = self._send(
            smb_message.SESSION_SETUP, smb_message.session_setup(ntlm.negotiate()), smb_message.MORE_PROCESSING
        )
        self._session = first.session
        offset, size = first.numbers("HH", 4)
        proof = ntlm.authenticate(first.part(offset, size), who)
        self._send(smb_message.SESSION_SETUP, smb_message.session_setup(proof))

    def shares(self, address: str) -> tuple[srvsvc.Share, ...]:
        """The shares that the server names; Refused when it names none to a guest."""
        self.connect(address, "IPC$")
        opened = self._send(smb_message.CREATE, smb_message.open_pipe("srvsvc"))
        file = opened.part(64 + 64, 16)
        srvsvc.check_bound(self._through(file, srvsvc.bind()))
        answer = self._through(file, srvsvc.share_enum())
        error, found = srvsvc.shares(srvsvc.stub(answer, lambda: self._more(file)))
        if error == srvsvc.ACCESS_DENIED:
            raise Refused(smb_message.ACCESS_DENIED)
        if error:
            raise srvsvc.RpcError(f"the share service answers error {error}")
        return found

    def connect(self, address: str, share: str) -> int:
        """The rights that the server grants in a share (MaximalAccess, MS-SMB2 §2.2.10)."""
        self._tree = 0
        reply = self._send(smb_message.TREE_CONNECT, smb_message.tree_connect(rf"\\{address}\{share}"))
        self._tree = reply.tree
        (granted,) = reply.numbers("I", 12)
        return granted

    def _through(self, file: bytes, data: bytes) -> bytes:
        reply = self._send(
            smb_message.IOCTL, smb_message.transceive(file, data), smb_message.SUCCESS, smb_message.BUFFER_OVERFLOW
        )
        return reply.part(*reply.numbers("II", 32))

    def _more(self, file: bytes) -> bytes:
        reply = self._send(
            smb_message.READ, smb_message.read_pipe(file), smb_message.SUCCESS, smb_message.BUFFER_OVERFLOW
        )
        (offset, size) = (reply.numbers("B", 2)[0], reply.numbers("I", 4)[0])
        return reply.part(offset, size)

    def _send(self, command: int, body: bytes, *wanted: int) -> Reply:
        self._message += 1
        message = smb_message.header(command, self._message, self._session, self._tree) + body
        return self._expect(self._wire.ask(message), command, *(wanted or (smb_message.SUCCESS,)))

    def _expect(self, data: bytes, command: int, *wanted: int) -> Reply:
        """The reply to the question of this moment, once the server no longer says that it is working on it."""
        reply = smb_message.reply(data)
        for _ in range(MAX_PENDING):
            if reply.status != smb_message.PENDING:
                break
            reply = smb_message.reply(self._wire.next())
        if (reply.command, reply.message) != (command, self._message):
            raise smb_message.Malformed("an answer to another question")
        if reply.status not in wanted:
            raise Refused(reply.status)
        return reply


def dialect_accepted(wire: Wire, dialect: int) -> bool:
    """Whether the server agrees to speak this SMB2 dialect."""
    reply = smb_message.reply(wire.ask(smb_message.negotiate(dialect)))
    return reply.status == smb_message.SUCCESS and reply.numbers("H", 4)[0] == dialect
