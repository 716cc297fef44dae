#!/usr/bin/env python3
"""Verifies an exported audit chain, independently of driftwarden's own code.

    verify_audit.py FILE [--public-key PEM_FILE]

Needs Python 3.8 or newer and nothing else; with the package `cryptography` the signatures of the checkpoints are checked too.
Exit code 0: intact. 2: broken, the first bad record is named. 4: the file or key cannot be read.
"""
import argparse
import base64
import hashlib
import json
import sys

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
except ImportError:
    load_pem_public_key = None

FIELDS = ["body", "hash", "kind", "prev", "seq", "time"]
ESCAPES = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


class Broken(Exception):
    pass


def write_string(text):
    parts = []
    for character in text:
        code = ord(character)
        if 0xD800 <= code <= 0xDFFF:
            raise Broken("lone surrogate")
        parts.append(ESCAPES.get(code) or (f"\\u{code:04x}" if code < 32 else character))
    return '"' + "".join(parts) + '"'


def write_number(value):
    """The shortest digits that read back as the same double, placed as ECMAScript places them."""
    if value != value or value in (float("inf"), float("-inf")):
        raise Broken("a number that is not finite")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len((whole + fraction).lstrip("0")))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    shown = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{shown}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def canonical(value):
    """RFC 8785. Keys are ordered by UTF-16 code units, which is the order of their big-endian bytes."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, float):
        return write_number(value)
    if isinstance(value, str):
        return write_string(value)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(f"{write_string(key)}:{canonical(value[key])}" for key in keys) + "}"


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def read_record(line):
    try:
        text = line.decode("utf-8")
        # Every number as a double: that is what the canonical form is defined on.
        record = json.loads(text, parse_int=float, parse_float=float, parse_constant=refuse_constant)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Broken(f"the line is not JSON: {error}") from None
    if not isinstance(record, dict) or sorted(record) != FIELDS:
        raise Broken(f"the line does not have exactly the fields {', '.join(FIELDS)}")
    if not isinstance(record["body"], dict) or not isinstance(record["seq"], float):
        raise Broken("body is no object or seq no number")
    if canonical(record) != text:
        raise Broken("the line is not in canonical form")
    rest = {name: value for name, value in record.items() if name != "hash"}
    if hashlib.sha256(canonical(rest).encode()).hexdigest() != record["hash"]:
        raise Broken("its hash does not match its content")
    return record


def check_signature(key, body):
    text = f"driftwarden-checkpoint\n{int(body['size'])}\n{body['head']}\n"
    try:
        key.verify(base64.b64decode(body["signature"], validate=True), text.encode())
    except (InvalidSignature, ValueError):
        raise Broken("its signature is not of this key") from None


class Walk:
    def __init__(self, key):
        self.given = self.key = key
        self.first = self.last = None
        self.records = self.checkpoints = self.signatures = 0

    def step(self, record):
        if self.last is None:
            self.first = int(record["seq"])
            if (record["seq"] == 1) != (record["kind"] == "genesis"):
                raise Broken("a chain begins with its genesis record and has no other")
            if record["seq"] == 1 and record["prev"] != "0" * 64:
                raise Broken("record 1 does not begin a chain")
        else:
            if record["seq"] != self.last["seq"] + 1:
                raise Broken(f"record {int(record['seq'])} stands after record {int(self.last['seq'])}")
            if record["prev"] != self.last["hash"]:
                raise Broken("it does not point to the record before it")
            if record["kind"] == "genesis":
                raise Broken("a second genesis record")
        if record["kind"] == "genesis" and load_pem_public_key is not None:
            self.take_key(record["body"].get("publicKey"))
        if record["kind"] == "checkpoint":
            self.checkpoint(record)
        self.last = record
        self.records += 1

    def take_key(self, pem):
        try:
            key = load_pem_public_key(pem.encode())
        except (ValueError, AttributeError):
            raise Broken("the genesis record holds no public key") from None
        if not isinstance(key, Ed25519PublicKey):
            raise Broken("the key of the genesis record is not Ed25519")
        if self.given is not None and self.given.public_bytes_raw() != key.public_bytes_raw():
            raise Broken("the chain was begun with another key than the given one")
        self.key = key

    def checkpoint(self, record):
        body = record["body"]
        if body.get("size") != record["seq"] - 1 or body.get("head") != record["prev"]:
            raise Broken("the checkpoint does not sign the record before it")
        if not isinstance(body.get("signature"), str):
            raise Broken("the checkpoint holds no signature")
        if self.key is not None:
            check_signature(self.key, body)
            self.signatures += 1
        self.checkpoints += 1


def verify(lines, key):
    walk = Walk(key)
    number = 0
    for number, line in enumerate(lines, 1):
        try:
            walk.step(read_record(line[:-1] if line.endswith(b"\n") else line))
        except Broken as why:
            expected = "" if walk.last is None else f", where record {int(walk.last['seq']) + 1} should be"
            print(f"broken at line {number}{expected}: {why}")
            return 2
    if walk.last is None:
        print("broken: there is no record")
        return 2
    print(f"intact: {walk.records} records from {walk.first} on, head {walk.last['hash']}")
    if walk.first > 1:
        print(f"a slice: what record {walk.first} points to was taken as given")
    if load_pem_public_key is None:
        print(f"{walk.checkpoints} checkpoints, signatures not checked: the package `cryptography` is not installed")
    elif walk.signatures < walk.checkpoints:
        print(f"{walk.checkpoints} checkpoints, signatures not checked: give --public-key for a slice")
    else:
        print(f"{walk.checkpoints} checkpoints, all signatures good")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--public-key", metavar="PEM_FILE")
    arguments = parser.parse_args()
    try:
        key = None
        if arguments.public_key:
            if load_pem_public_key is None:
                parser.exit(4, "--public-key needs the package `cryptography`\n")
            with open(arguments.public_key, "rb") as file:
                key = load_pem_public_key(file.read())
        with open(arguments.file, "rb") as file:
            return verify(file, key)
    except (OSError, ValueError) as error:
        parser.exit(4, f"{error}\n")


if __name__ == "__main__":
    sys.exit(main())
