# SPDX-License-Identifier: GPL-2.0
"""The checksum of iSCSI's digests (RFC 7143 section 13.1)."""
from __future__ import annotations

# Castagnoli's polynomial, its bits reflected.
POLYNOMIAL = 0x82f63b78


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (POLYNOMIAL if byte & 1 else 0)
    return byte


TABLE = [_entry(byte) for byte in range(256)]


def crc32c(data: bytes) -> int:
    """Slow, so not for much."""
    crc = 0xffffffff
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xff] ^ crc >> 8
    return crc ^ 0xffffffff


assert crc32c(b"123456789") == 0xe3069283
