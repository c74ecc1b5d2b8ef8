# SPDX-License-Identifier: GPL-2.0
"""A small iSCSI initiator on a socket (RFC 7143).

It costs nothing, does just what a test tells it, and does not come back by
itself when its session is ended: what open-iscsi is too good for.
"""
from __future__ import annotations

import hashlib
import re
import socket
import struct
from dataclasses import dataclass
from itertools import count

from crc32c import crc32c
from lio import Tpg
from tools import patience

NOP_OUT, SCSI_COMMAND, LOGIN, TEXT = 0x00, 0x01, 0x03, 0x04
DATA_OUT, LOGOUT, NO_OPCODE = 0x05, 0x06, 0x1f
NOP_IN, SCSI_RESPONSE, LOGIN_RESPONSE, TEXT_RESPONSE = 0x20, 0x21, 0x23, 0x24
DATA_IN, LOGOUT_RESPONSE, R2T, ASYNC = 0x25, 0x26, 0x31, 0x32
IMMEDIATE, FINAL = 0x40, 0x80
READ, WRITE, STATUS = 0x40, 0x20, 0x01
NO_TAG = 0xffffffff
BLOCK = 512

CLOSE_SESSION, CLOSE_CONNECTION, FOR_RECOVERY = 0, 1, 2
CSG_OPERATIONAL, NSG_OPERATIONAL, NSG_FULL_FEATURE = 1 << 2, 1, 3

KEYS = {
    "HeaderDigest": "None", "DataDigest": "None", "MaxConnections": "1",
    "InitialR2T": "Yes", "ImmediateData": "Yes",
    "MaxRecvDataSegmentLength": "65536", "MaxBurstLength": "262144",
    "FirstBurstLength": "65536", "DefaultTime2Wait": "2",
    "DefaultTime2Retain": "20", "MaxOutstandingR2T": "1",
    "DataPDUInOrder": "Yes", "DataSequenceInOrder": "Yes",
    "ErrorRecoveryLevel": "0", "IFMarker": "No", "OFMarker": "No",
}

OF_CONNECTION = ("HeaderDigest", "DataDigest", "MaxRecvDataSegmentLength")


class Closed(Exception):
    """The target closed the connection."""


class Refused(Exception):
    """The target refused the login."""

    FORBIDDEN = 0x0202

    def __init__(self, status: int) -> None:
        super().__init__(f"login refused: status {status:04x}")
        self.status = status


@dataclass(frozen=True)
class Pdu:
    """What came in: the 48 bytes of its header, and its data."""

    header: bytes
    data: bytes

    @property
    def opcode(self) -> int:
        return self.header[0] & 0x3f

    @property
    def tag(self) -> int:
        return self.word(16)

    @property
    def stat_sn(self) -> int:
        return self.word(24)

    @property
    def has_status(self) -> bool:
        """Whether its StatSN is one that is to be acknowledged."""
        if self.opcode == DATA_IN:
            return bool(self.header[1] & STATUS)
        # What the target asks has none, but for a message that it acknowledges.
        return self.opcode == ASYNC or self.opcode != R2T and self.tag != NO_TAG

    def word(self, at: int) -> int:
        """Four bytes of the header."""
        return struct.unpack_from(">I", self.header, at)[0]


class Numbers:
    """What all connections of a session count together."""

    def __init__(self) -> None:
        self.tags = count(1)
        self.cmd_sn = 1


class WireInitiator:
    """One initiator with one session of one connection; mcs.py has more of them."""

    numbers = count(1)

    def __init__(self, tpg: Tpg, name: str = "", isid: bytes = b"",
                 **keys: object) -> None:
        number = next(self.numbers)
        self.tpg = tpg
        self.name = name or f"iqn.2024-01.com.example:wire{number}"
        # Type "random", so it is ours to choose: RFC 7143 section 11.12.5.
        self.isid = isid or bytes([0x80]) + number.to_bytes(3, "big") + b"\0\1"
        self.keys = KEYS | {key: str(value) for key, value in keys.items()}
        self.tsih = 0
        self.cid = 0
        # The longest that the socket keeps unread, for one that does not read.
        self.unread = 0
        self._numbers = Numbers()
        self._login_tag = 0
        self._stat_sn = 0
        self._digests: tuple[bool, bool] = (False, False)
        self._socket: socket.socket | None = None

    def login(self, tsih: int = 0, ping: bool = True) -> WireInitiator:
        """A new session, or with a TSIH a new connection of that session."""
        self._connect()
        return self._login_operational(tsih, self._names(), ping)

    def begin_any_login(self, tsih: int = 0) -> WireInitiator:
        """Of a login only the first request, which leaves the rest open."""
        self._connect()
        self._login_step(tsih, self._names(), CSG_OPERATIONAL)
        return self

    def begin_login(self, user: str, secret: str) -> WireInitiator:
        """The first half of a login: CHAP, which the target is content with."""
        self._connect()
        self._login_step(0, self._names() | {"AuthMethod": "CHAP"}, 0)
        answer = self._login_step(0, {"CHAP_A": "5"}, 0)
        found = re.search(rb"CHAP_I=(\d+)\0CHAP_C=0x([0-9A-Fa-f]+)\0", answer.data)
        assert found, answer
        response = hashlib.md5(bytes([int(found[1])]) + secret.encode() +
                               bytes.fromhex(found[2].decode()))
        answer = self._login_step(
            0, {"CHAP_N": user, "CHAP_R": "0x" + response.hexdigest()},
            FINAL | NSG_OPERATIONAL)
        assert answer.header[1] & FINAL, answer
        return self

    def finish_login(self, tsih: int = 0, ping: bool = True) -> WireInitiator:
        """The other half."""
        return self._login_operational(tsih, {}, ping)

    def discover(self) -> str:
        """What a discovery session is told of all targets."""
        self._connect()
        self._login_operational(
            0, {"InitiatorName": self.name, "SessionType": "Discovery"}, ping=False)
        self._send(TEXT | IMMEDIATE, FINAL, bytes(8), NO_TAG,
                   data=b"SendTargets=All\0")
        found = self._receive(TEXT_RESPONSE).data.decode()
        self.logout()
        return found

    def _connect(self) -> None:
        self.close()
        portal = self.tpg.portal
        self._socket = socket.create_connection((portal.host, portal.port),
                                                patience(10))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.unread:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.unread)
        self._stat_sn = 0
        self._digests = (False, False)
        self._login_tag = next(self._numbers.tags)

    def _names(self) -> dict[str, str]:
        return {"InitiatorName": self.name, "TargetName": self.tpg.iqn,
                "SessionType": "Normal"}

    def _login_operational(self, tsih: int, keys: dict[str, str],
                           ping: bool = True) -> WireInitiator:
        keys = keys | {key: value for key, value in self.keys.items()
                       if not tsih or key in OF_CONNECTION}
        last = FINAL | CSG_OPERATIONAL | NSG_FULL_FEATURE
        answer = self._login_step(tsih, keys, last)
        while not answer.header[1] & FINAL:
            answer = self._login_step(tsih, {}, last)
        self.tsih = struct.unpack_from(">H", answer.header, 14)[0]
        self._digests = (self.keys["HeaderDigest"] == "CRC32C",
                         self.keys["DataDigest"] == "CRC32C")
        # LIO answers before it registers the session, and reads after that.
        # A session that is continued is there, and may be about to be ended.
        if ping and not tsih:
            self.ping()
        return self

    def _login_step(self, tsih: int, keys: dict[str, str], flags: int) -> Pdu:
        text = b"".join(f"{key}={value}\0".encode(errors="surrogateescape")
                        for key, value in keys.items())
        self._send(LOGIN | IMMEDIATE, flags,
                   self.isid + struct.pack(">H", tsih), self.cid << 16,
                   data=text, tag=self._login_tag)
        answer = self._receive(LOGIN_RESPONSE)
        status = struct.unpack_from(">H", answer.header, 36)[0]
        if status:
            raise Refused(status)
        return answer

    @property
    def address(self) -> str:
        """As the target sees this initiator: address and port."""
        assert self._socket
        host, port = self._socket.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def ping(self) -> None:
        """Ask for an answer, which comes after those to all before it."""
        self._send(NOP_OUT | IMMEDIATE, FINAL, bytes(8), NO_TAG)
        # LIO asks by itself as well, where nothing has come for long.
        while self._receive(NOP_IN).tag == NO_TAG:
            pass

    def read(self, block: int, blocks: int = 1) -> None:
        """Begin to read blocks of LUN 0, and do not wait for them."""
        self._command(READ, 0x28, block, blocks)

    def read_data(self, block: int) -> bytes:
        """Read a block, with its status in the same PDU."""
        self.read(block)
        return self._receive(DATA_IN).data

    def begin_write(self, block: int, blocks: int) -> Pdu:
        """Begin to write; the R2T that asks for what is written."""
        self._command(WRITE, 0x2a, block, blocks)
        return self._receive(R2T)

    def data_out(self, r2t: Pdu, data: bytes, number: int = 0, offset: int = 0,
                 sent: int | None = None) -> None:
        """A part of what an R2T asks for; of its bytes only so many are @sent."""
        last = offset + len(data) == r2t.word(44)
        self._send(DATA_OUT, FINAL if last else 0, bytes(8), r2t.word(20),
                   struct.pack(">4xII4x", number, r2t.word(40) + offset), data,
                   r2t.tag, sent)

    def write(self, block: int, data: bytes) -> None:
        """Write blocks and see that it is done."""
        r2t = self.begin_write(block, len(data) // BLOCK)
        self.data_out(r2t, data)
        assert self._receive(SCSI_RESPONSE).header[2:4] == b"\0\0"

    def _command(self, way: int, code: int, block: int, blocks: int) -> None:
        cdb = struct.pack(">BBIBHB6x", code, 0, block, 0, blocks, 0)
        self._send(SCSI_COMMAND, FINAL | way, bytes(8), blocks * BLOCK, tail=cdb)
        self._numbers.cmd_sn += 1

    def logout(self, reason: int = CLOSE_SESSION) -> None:
        """Log out and see the answer."""
        self.begin_logout(reason)
        self._receive(LOGOUT_RESPONSE)
        self.close()

    def begin_logout(self, reason: int = CLOSE_SESSION,
                     cid: int | None = None) -> None:
        """Log out, maybe another connection, and do not wait for the answer."""
        cid = self.cid if cid is None else cid
        self._send(LOGOUT | IMMEDIATE, FINAL | reason, bytes(8), cid << 16)

    def await_async(self) -> tuple[int, int, int]:
        """An Async Message: its event, and the first two of its parameters."""
        pdu = self._receive(ASYNC)
        return struct.unpack_from(">B", pdu.header, 36)[0], \
            *struct.unpack_from(">HH", pdu.header, 38)

    def see_the_end(self) -> None:
        """The target has closed the connection; what it sent before is eaten.

        It waits, as the news crosses the network by softirqs of two processors.
        """
        assert self._socket
        try:
            while self._socket.recv(4096):
                pass
        except ConnectionError:
            pass

    def leave(self) -> None:
        """Be gone soon: LIO waits 2 s when a connection is closed without this."""
        try:
            if self._socket:
                self.begin_logout()
        except Closed:
            pass
        self.close()

    def close(self) -> None:
        """Break the connection, if there is one."""
        if self._socket:
            self._socket.close()
            self._socket = None

    def abort(self) -> None:
        """Break it by a reset, which is sent once, if it can be."""
        assert self._socket
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack("ii", 1, 0))
        self.close()

    def break_off(self) -> None:
        """Have the target lose the connection at once, for what it cannot read.

        LIO looks for 2 s whether one that is closed is really closed.
        """
        try:
            self._send(NO_OPCODE, FINAL, bytes(8), 0)
        except Closed:
            pass
        self.close()

    def _send(self, opcode: int, flags: int, middle: bytes, word: int,
              tail: bytes = b"", data: bytes = b"", tag: int = 0,
              sent: int | None = None) -> None:
        """The fields that all requests share; @middle and @word differ.

        All requests of a login have the same @tag, all others their own.
        """
        assert self._socket
        header = struct.pack(
            ">BBHI8sIIII16s", opcode, flags, 0, len(data), middle,
            tag or next(self._numbers.tags), word, self._numbers.cmd_sn,
            self._stat_sn, tail)
        pdu = header + self._digest(0, header) + self._segment(data)
        try:
            self._socket.sendall(pdu[:sent])
        except ConnectionError as error:
            raise Closed from error

    def _receive(self, opcode: int) -> Pdu:
        """The next PDU of that kind; others are not for us."""
        while True:
            header = self._take(48)
            assert self._take(len(self._digest(0, header))) == self._digest(0, header)
            length = struct.unpack_from(">I", header, 4)[0] & 0xffffff
            pdu = Pdu(header, self._take_segment(length))
            if pdu.has_status:
                self._stat_sn = pdu.stat_sn + 1
            self._answer_ping(pdu)
            if pdu.opcode == opcode:
                return pdu

    def _answer_ping(self, pdu: Pdu) -> None:
        """LIO ends who does not answer within 30 s."""
        if pdu.opcode == NOP_IN and pdu.word(20) != NO_TAG:
            self._send(NOP_OUT | IMMEDIATE, FINAL, pdu.header[8:16], pdu.word(20),
                       tag=NO_TAG)

    def _digest(self, kind: int, data: bytes) -> bytes:
        """Of a header (0) or of data (1), if that is wanted."""
        return crc32c(data).to_bytes(4, "little") if self._digests[kind] else b""

    def _segment(self, data: bytes) -> bytes:
        """With what fills the last word, and its digest."""
        padded = data + bytes(-len(data) % 4)
        return padded + self._digest(1, padded) if data else b""

    def _take_segment(self, length: int) -> bytes:
        padded = self._take(length + -length % 4)
        if length:
            assert self._take(len(self._digest(1, padded))) == \
                self._digest(1, padded)
        return padded[:length]

    def _take(self, size: int) -> bytes:
        assert self._socket
        taken = b""
        while len(taken) < size:
            try:
                more = self._socket.recv(size - len(taken))
            except ConnectionError as error:
                raise Closed from error
            if not more:
                raise Closed
            taken += more
        return taken
