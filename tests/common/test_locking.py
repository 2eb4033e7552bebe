"""One process at a time, and no process that waits for itself."""

import subprocess
import sys
import textwrap
import threading

from common.locking import take_lock

SCRIPT = """
    from common.locking import take_lock
    from common.processes import ordered_map

    def answer():
        with take_lock({path!r}, "counting"):
            print(list(ordered_map(abs, [-1, -2], 1, crashed=None)))
"""


def run(folder, call):
    script = folder / "script.py"
    script.write_text(textwrap.dedent(SCRIPT).format(path=str(folder / "lock")) + call)
    return subprocess.run(
        [sys.executable, str(script)],
        env={"PYTHONPATH": ".", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_script_that_workers_import_again_is_told_so_in_place_of_waiting_for_itself(tmp_path):
    unguarded = run(tmp_path, "answer()\n")
    assert unguarded.returncode == 1
    assert 'under if __name__ == "__main__"' in unguarded.stderr
    assert "waiting for it" not in unguarded.stderr
    guarded = run(tmp_path, 'if __name__ == "__main__":\n    answer()\n')
    assert (guarded.returncode, guarded.stdout) == (0, "[1, 2]\n")


def test_the_second_waits_until_the_first_has_ended(tmp_path, capfd):
    first = take_lock(tmp_path / "deeper" / "lock", "counting")
    taken = threading.Event()

    def second():
        take_lock(tmp_path / "deeper" / "lock", "counting").close()
        taken.set()

    waiting = threading.Thread(target=second)
    waiting.start()
    assert not taken.wait(0.3)
    first.close()
    assert taken.wait(30)
    waiting.join()
    assert capfd.readouterr().err == "another process is counting: waiting for it\n"
