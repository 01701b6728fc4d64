#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a program as a C array: embed.py PROGRAM FILE.c"""
import sys

with open(sys.argv[1], "rb") as program:
    data = program.read()
with open(sys.argv[2], "w", encoding="ascii") as out:
    out.write('#include "stage/image.h"\n\n')
    out.write("const unsigned char ct__stage_image[] __attribute__((aligned(16))) = {\n")
    for at in range(0, len(data), 16):
        out.write("\t" + ", ".join(str(byte) for byte in data[at:at + 16]) + ",\n")
    out.write("};\nconst size_t ct__stage_image_size = sizeof(ct__stage_image);\n")
