"""Run on a small file system of its own: fills it, and goes on once there is room. Prints JSON.

`python -m tests.store.full FOLDER`; FOLDER holds a file `filler`, which is deleted in the middle.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from residency.errors import UnavailableError
from store import Store
from tests.store.batches import batch, open_cohort, opened, started

PROGRAM = "huggingface-ai-research-residency-2022"


def main(folder):
    os.environ["RESIDENCY_DATA"] = str(folder)
    store = Store(f"sqlite:///{folder}/residency.db")
    store.migrate()
    open_cohort(store)
    kept, refused, said = fill(store)
    looked = residency("cohort", "show", "2026")
    wrote = residency("cohort", "open", PROGRAM, "2022")
    read = [one for one in kept if len(store.record.events(one)) == 2]
    (folder / "filler").unlink()
    store.record.append(big(refused))
    with store.database.reading() as connection:
        sound = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
    print(  # noqa: T201  # What the test reads.
        json.dumps(
            {
                "said": said,
                "looked": looked,
                "wrote": wrote,
                "kept": len(kept),
                "read_while_full": len(read),
                "kept_after": sum(len(store.record.events(one)) == 2 for one in kept),
                "refused_after": len(store.record.events(refused)),
                "sound": sound,
            }
        )
    )


def fill(store):
    """Appends until the disk is full: what is kept, what was refused, and what was said."""
    kept = []
    while True:
        one = f"r-{len(kept)}"
        try:
            store.record.append(big(one))
        except UnavailableError as error:
            assert store.record.events(one) == []
            return kept, one, str(error)
        kept.append(one)


def big(one):
    second = opened(2)
    second.data["note"] = "x" * 20_000
    return batch(started(), second, residency=one)


def residency(*words):
    """What the command does in this folder: its exit code and what it says."""
    ended = subprocess.run(
        [sys.executable, "-c", "from cli import main; main()", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    return [ended.returncode, ended.stderr]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
