#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a program as a C array ct__NAME_image: embed.py NAME PROGRAM FILE.c"""
import sys

name = f"ct__{sys.argv[1]}_image"
with open(sys.argv[2], "rb") as program:
    data = program.read()
with open(sys.argv[3], "w", encoding="ascii") as out:
    out.write('#include "stage/image.h"\n\n')
    out.write(f"const unsigned char {name}[] __attribute__((aligned(16))) = {{\n")
    for at in range(0, len(data), 16):
        out.write("\t" + ", ".join(str(byte) for byte in data[at:at + 16]) + ",\n")
    out.write(f"}};\nconst size_t {name}_size = sizeof({name});\n")
