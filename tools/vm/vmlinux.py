#!/usr/bin/env python3
"""Unpacks the kernel in a bzImage, so that no emulated processor has to do it.

Usage: vmlinux.py BZIMAGE VMLINUX

Where the compressed part is stands in the header of the boot protocol
(Documentation/arch/x86/boot.rst). Exits with 1 if it is compressed in a way that Python
knows nothing of; the bzImage starts as well, only later.
"""
import lzma
import struct
import sys
import zlib

DECODERS = {b"\xfd7zXZ\0": lambda data: lzma.LZMADecompressor().decompress(data),
            b"\x1f\x8b\x08": lambda data: zlib.decompressobj(wbits=31).decompress(data)}


def payload(image):
    """What is between the real-mode code and the end of the compressed kernel."""
    if image[0x202:0x206] != b"HdrS":
        sys.exit("this is no bzImage")
    start = (image[0x1f1] + 1) * 512
    offset, length = struct.unpack_from("<II", image, 0x248)
    return image[start + offset:start + offset + length]


def main(source, target):
    with open(source, "rb") as file:
        data = payload(file.read())
    for magic, decode in DECODERS.items():
        if data.startswith(magic):
            kernel = decode(data)
            break
    else:
        sys.exit(f"unknown compression: {data[:6].hex()}")
    if not kernel.startswith(b"\x7fELF"):
        sys.exit("what was unpacked is no kernel")
    with open(target, "wb") as file:
        file.write(kernel)


if __name__ == "__main__":
    main(*sys.argv[1:])
