#!/usr/bin/env python3
"""commands_test [--binary PATH] [WORD …]: the commands and the daemon from outside, on real files, with real signals.

Each test is a sentence; words choose those that contain one of them. Standard library only."""
import argparse
import inspect
import os
import sys
import time
import traceback

import explaining
import members
import one_pass
import place
import running
import servers
import waking


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--binary", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".build", "debug", "remitd"))
    p.add_argument("words", nargs="*")
    a = p.parse_args()
    place.BINARY = os.path.abspath(a.binary)
    held, failed, start = 0, [], time.monotonic()
    tests = [f for module in (one_pass, members, explaining, running, servers, waking) for f in module.TESTS]
    for function in tests:
        sentence = inspect.getdoc(function).split("\n")[0]
        if a.words and not any(w in sentence for w in a.words):
            continue
        begun = time.monotonic()
        try:
            function()
            held += 1
            print(f"ok   {sentence} ({time.monotonic() - begun:.1f} s)", flush=True)
        except Exception:
            failed.append(sentence)
            print(f"FAIL {sentence}", flush=True)
            traceback.print_exc()
    print(f"{held} sentences hold, {len(failed)} do not, {time.monotonic() - start:.0f} s")
    for sentence in failed:
        print(f"FAIL {sentence}")
    return 1 if failed or not held else 0


if __name__ == "__main__":
    sys.exit(main())
