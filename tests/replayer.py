"""Replays to be killed: a process that has everything loaded and forks one for each line of JSON it is given.

It says the process id at once and the exit status when there is one. Not multiprocessing's fork server: that one loads
what whoever starts it first asks for.
"""

import os
import sys

import orjson

from pipeline import engines
from pipeline.main import main
from transforms.extraction.languages import detect_language
from transforms.tagging.tagger import Tagger


def serve(errors):
    """Lines of arguments on standard input; what the children say on standard error goes to a file."""
    engines.import_beam()
    Tagger.load()
    detect_language("Une phrase de plusieurs mots.")
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    for line in sys.stdin.buffer:
        child = os.fork()
        if child == 0:
            os.dup2(2, 1)
            os._exit(main(orjson.loads(line)))
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
