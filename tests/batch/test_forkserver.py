"""The fork server: every child a kernel of its own, nothing inherited that shows, nobody left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from forked import is_alive, run_cells, said, soon, threads_of, told
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from mchepi.batch.forkserver import preload, unsupported, wire
from mchepi.batch.forkserver.client import (
    Address,
    Forked,
    ServerGone,
    ServerLost,
    Servers,
    Unavailable,
    fork,
    kind_of,
    standard_files,
)
from mchepi.batch.forkserver.provisioner import ForkProvisioner

pytestmark = pytest.mark.skipif(unsupported() is not None, reason=str(unsupported()))

WARM = ["numpy", "numpy.random", "pandas", "matplotlib.pyplot", "matplotlib_inline.backend_inline"]


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with Servers(most=4) as started:
        yield started


@pytest.fixture
def warm(servers: Servers) -> Address:
    """A server that has imported pandas and matplotlib."""
    return servers.address("warm", modules=WARM)


@pytest.fixture
def bare(servers: Servers) -> Address:
    """A server that has imported nothing but the kernel."""
    return servers.address("bare", modules=["IPython"])


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """A folder of modules that the server imports, outside the environment's own."""
    folder = tmp_path / "modules"
    folder.mkdir()
    return folder


def server_with(servers: Servers, folder: Path, *names: str) -> Address:
    return servers.address("own", modules=names, env={**os.environ, "PYTHONPATH": str(folder)})


def test_cells_are_run_one_after_the_other_in_one_kernel(bare: Address):
    first, second = run_cells(bare, "x = 1\nx", "print(x + 1)")
    assert (told(first), told(second)) == ("1", "2")
    assert (first.execution_count, second.execution_count) == (1, 2)


def test_pandas_knows_that_it_is_in_a_notebook(warm: Address):
    asked = "import sys; warm = 'pandas' in sys.modules\nimport pandas as pd\nwarm, pd.get_option('{}')"
    assert said(warm, asked.format("display.max_columns")) == "(True, 20)"


def test_a_figure_is_shown_without_being_asked_for(warm: Address):
    first, second = run_cells(
        warm,
        "import sys; sys.modules.get('matplotlib_inline.backend_inline')",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    )
    assert told(first) == ""
    assert [output.output_type for output in second.outputs] == ["display_data"]
    assert "image/png" in second.outputs[0].data


def test_children_draw_different_numbers_unless_they_are_seeded(warm: Address):
    by_chance = (
        "import random, numpy\n(random.random(), numpy.random.random(), numpy.random.default_rng().random())"
    )
    assert said(warm, by_chance) != said(warm, by_chance)
    seeded = "import numpy\nnumpy.random.seed(1)\nround(float(numpy.random.random()), 6)"
    assert said(warm, seeded) == "0.417022"


def test_the_server_has_one_thread_and_its_children_count_their_own(warm: Address):
    server = int(said(warm, "import os; os.getppid()"))
    assert threads_of(server) == 1
    assert said(warm, "import threading; threading.main_thread().is_alive()") == "True"


def test_environment_folder_arguments_and_signals_are_those_of_the_caller(
    warm: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PASSED_ON", "yes")
    monkeypatch.delenv("HOME", raising=False)
    told_all = said(
        warm,
        "import os, signal, sys\n"
        "print(os.getcwd(), os.environ.get('PASSED_ON'), os.environ.get('HOME'))\n"
        "print([argument for argument in sys.argv[1:]], '' in sys.path, 'MCHEPI_FORK_SERVER' in os.environ)\n"
        "print(*(signal.getsignal(one) is signal.SIG_DFL for one in (signal.SIGTERM, signal.SIGCHLD)))\n"
        "print(os.getsid(0) == os.getpid(), os.read(0, 1))",
    )
    assert told_all.splitlines() == [
        f"{tmp_path} yes None",
        "['--HistoryManager.hist_file=:memory:'] True False",
        "True True",
        "True b''",
    ]


def test_the_hash_seed_is_that_of_the_environment(servers: Servers):
    env = {**os.environ, "PYTHONHASHSEED": "0"}
    expected = subprocess.check_output([sys.executable, "-c", "print(hash('x'))"], env=env, text=True).strip()
    assert said(servers.address("seeded", modules=["IPython"], env=env), "hash('x')") == expected


def test_another_environment_has_another_server_and_a_passing_setting_has_not(servers: Servers):
    env = dict(os.environ)
    one = servers.address("bare", modules=["IPython"], env=env)
    assert servers.address("bare", modules=["IPython"], env={**env, "JPY_SESSION_NAME": "x"}) == one
    assert servers.address("bare", modules=["IPython"], env={**env, "LC_ALL": "C"}) != one


def test_a_module_that_was_edited_is_imported_anew(servers: Servers, modules: Path):
    helper = modules / "edited_helper.py"
    helper.write_text("VERSION = 1\n")
    address = server_with(servers, modules, "edited_helper")
    asked = (
        "import sys; warm = 'edited_helper' in sys.modules\nimport edited_helper\nwarm, edited_helper.VERSION"
    )
    assert said(address, asked) == "(True, 1)"
    server = said(address, "import os; os.getppid()")
    helper.write_text("VERSION = 22\n")
    assert said(address, asked) == "(True, 22)"
    assert said(address, "import os; os.getppid()") == server  # the same process, started anew


def test_the_users_own_modules_are_never_preloaded(
    servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_helper.py").write_text("VALUE = 1\n")
    address = servers.address("learns")
    run_cells(address, "import my_helper, attr")
    asked = "import sys\n'attr' in sys.modules, 'my_helper' in sys.modules"
    assert soon(lambda: said(address, asked) == "(True, False)")


def test_what_a_run_brought_in_is_learned_once_and_in_its_order(servers: Servers):
    address = servers.address("learns in order")
    asked = "import sys\n[name for name in sys.modules if name in ('bs4', 'bs4.element', 'soupsieve')]"
    cold = said(address, f"import bs4\n{asked}")
    assert cold.count(",") == 2
    assert soon(lambda: said(address, asked) == cold)
    run_cells(address, "import lark")
    time.sleep(0.2)
    assert said(address, "import sys\n'lark' in sys.modules") == "False"


def test_what_does_not_survive_a_fork_or_is_tied_to_a_kernel_is_not_learned(monkeypatch: pytest.MonkeyPatch):
    import attr

    monkeypatch.setitem(sys.modules, "torch", attr)
    monkeypatch.setitem(sys.modules, "matplotlib_inline.backend_inline", attr)
    monkeypatch.setitem(sys.modules, "an_alias", attr)
    names = preload.learned(set())
    assert "attr" in names
    assert not {"torch", "matplotlib_inline.backend_inline", "an_alias", "os", "__main__"} & set(names)


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("print('imported')", "imported"),
        ("import warnings; warnings.warn('careful')", "UserWarning: careful"),
        ("import threading, time; threading.Thread(target=time.sleep, args=(9,), daemon=True).start()", "1"),
    ],
)
def test_a_module_that_speaks_or_starts_a_thread_is_left_to_the_child(
    servers: Servers, modules: Path, source: str, seen: str
):
    (modules / "loud_module.py").write_text(source)
    (modules / "quiet_module.py").write_text("")
    address = server_with(servers, modules, "loud_module", "quiet_module")
    asked = "import sys; print(*(name in sys.modules for name in ('quiet_module', 'loud_module')))"
    answer = said(address, f"{asked}\nimport loud_module\n1")
    assert answer.startswith("True False")
    assert seen in answer


def test_a_file_in_the_working_folder_that_hides_a_package_is_not_passed_over(
    warm: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pandas.py").write_text("")
    with pytest.raises(Unavailable, match="'pandas' in the working folder hides"):
        run_cells(warm, "1")


@pytest.mark.parametrize(
    "source",
    [
        "import os; os._exit(3)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    ],
)
def test_a_dead_child_is_seen_at_once(bare: Address, source: str):
    start = time.monotonic()
    with pytest.raises(DeadKernelError):
        run_cells(bare, source)
    assert time.monotonic() - start < 5


def test_a_cell_that_takes_too_long_ends_with_all_that_it_started(bare: Address, tmp_path: Path):
    source = (
        "import os, subprocess, time\n"
        "other = subprocess.Popen(['sleep', '99'])\n"
        f"open({str(tmp_path / 'pids')!r}, 'w').write(f'{{os.getpid()}} {{other.pid}}')\n"
        "time.sleep(99)"
    )
    with pytest.raises(CellTimeoutError):
        run_cells(bare, source, timeout=1)
    for pid in map(int, (tmp_path / "pids").read_text().split()):
        assert soon(lambda: not is_alive(pid))  # noqa: B023


def test_what_a_notebook_left_running_ends_with_it(bare: Address):
    pid = int(said(bare, "import subprocess; subprocess.Popen(['sleep', '99']).pid"))
    assert soon(lambda: not is_alive(pid))


def test_handlers_at_exit_and_threads_are_waited_for(
    bare: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    run_cells(
        bare,
        "import atexit, pathlib, threading, time\n"
        "atexit.register(lambda: pathlib.Path('handler').touch())\n"
        "threading.Thread(target=lambda: (time.sleep(0.2), pathlib.Path('thread').touch())).start()\n"
        "still_open = open('written', 'w'); still_open.write('all');",
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["handler", "thread", "written"]


def test_memory_is_limited(bare: Address):
    taken = "try:\n    x = bytearray(900_000_000)\nexcept MemoryError:\n    print('refused')"
    assert said(bare, taken, memory_limit=800_000_000) == "refused"
    assert said(bare, "import resource; resource.getrlimit(resource.RLIMIT_DATA) == (-1, -1)") == "True"


def test_prints_of_forked_processes_and_threads_arrive_whole(bare: Address):
    answer = said(
        bare,
        "import os, sys, threading\n"
        "def many(letter):\n"
        "    for _ in range(50):\n"
        "        sys.stdout.write(letter * 200 + '\\n')\n"
        "        sys.stdout.flush()\n"
        "pids = []\n"
        "for letter in 'ab':\n"
        "    pid = os.fork()\n"
        "    if not pid:\n"
        "        many(letter)\n"
        "        os._exit(0)\n"
        "    pids.append(pid)\n"
        "thread = threading.Thread(target=many, args='c')\n"
        "thread.start()\n"
        "many('d')\n"
        "thread.join()\n"
        "for pid in pids:\n"
        "    os.waitpid(pid, 0)",
    )
    assert sorted(answer.splitlines()) == sorted(letter * 200 for letter in "abcd" for _ in range(50))


def forked(address: Address, tmp_path: Path):
    """A child that is an ordinary kernel and waits to be spoken to, as a provisioner would have it."""
    with standard_files() as standard:
        argv = ["ipykernel_launcher.py", "-f", str(tmp_path / "connection.json")]
        return fork(address, argv=argv, env=os.environ, cwd=str(tmp_path), standard=standard)


def test_a_child_answers_signals_and_tells_how_it_ended(bare: Address, tmp_path: Path):
    child = forked(bare, tmp_path)
    assert child.poll() is None
    assert is_alive(child.pid)
    child.send_signal(signal.SIGTERM)
    assert child.wait(10) == -signal.SIGTERM
    assert child.poll() == -signal.SIGTERM


def test_the_end_of_a_kernel_that_was_asked_to_end_is_seen_at_once():
    async def ended(ask: bool) -> list[int | None]:
        ours, theirs = socket.socketpair()
        with theirs:
            provisioner = ForkProvisioner()
            provisioner.process = Forked(os.getpid(), ours)
            if ask:
                await provisioner.shutdown_requested()
            codes = [await provisioner.poll()]
            asyncio.get_running_loop().call_later(0.02, wire.send, theirs, {"exit": 3})
            codes.append(await provisioner.poll())
            await asyncio.sleep(0.05)
            return [*codes, await provisioner.poll()]

    assert asyncio.run(ended(ask=True)) == [None, 3, 3]
    assert asyncio.run(ended(ask=False)) == [None, None, 3]


def test_a_child_whose_owner_vanished_is_killed(bare: Address, tmp_path: Path):
    child = forked(bare, tmp_path)
    child.connection.close()
    assert soon(lambda: not is_alive(child.pid))


def test_children_do_not_outlive_a_killed_server(servers: Servers, tmp_path: Path):
    address = servers.address("killed", modules=["IPython"])
    child = forked(address, tmp_path)
    server = int(Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(server, signal.SIGKILL)
    assert child.wait(10) == -signal.SIGKILL
    assert child.lost
    assert soon(lambda: not is_alive(child.pid))
    with pytest.raises(ServerGone):
        run_cells(address, "1")
    assert said(servers.address("killed", modules=["IPython"]), "1 + 1") == "2"


def test_a_server_that_is_lost_is_no_fault_of_the_notebook(servers: Servers):
    address = servers.address("lost", modules=["IPython"])
    with pytest.raises(ServerLost):
        run_cells(address, "import os, signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(9)")


def test_server_and_children_do_not_outlive_whoever_started_them(tmp_path: Path):
    program = textwrap.dedent(
        """
        import os, sys, time
        from forked import run_cells
        from mchepi.batch.forkserver.client import Servers
        address = Servers().address("x", modules=["IPython"])
        run_cells(
            address,
            "import os, time, pathlib\\n"
            "pathlib.Path('pids').write_text(f'{os.getpid()} {os.getppid()}')\\n"
            "time.sleep(99)"
        )
        """
    )
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    owner = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}
    )
    try:
        pids = tmp_path / "pids"
        assert soon(lambda: pids.exists() and len(pids.read_text().split()) == 2, 60)
    finally:
        owner.kill()
        owner.wait()
    for pid in map(int, pids.read_text().split()):
        assert soon(lambda: not is_alive(pid))  # noqa: B023


def test_where_no_server_comes_up_its_last_words_are_told(servers: Servers, modules: Path):
    (modules / "sitecustomize.py").write_text(
        "import os, sys\nprint('out of order', file=sys.stderr)\nos._exit(1)\n"
    )
    with pytest.raises(ServerGone, match="the fork server ended: out of order"):
        run_cells(server_with(servers, modules, "IPython"), "1")


def test_no_more_servers_are_kept_than_asked_for():
    with Servers(most=1) as few:
        first = few.address("a", modules=["IPython"])
        server = int(said(first, "import os; os.getppid()"))
        few.address("b", modules=["IPython"])
        assert not is_alive(server)
        with pytest.raises(ServerGone):
            run_cells(first, "1")


def test_notebooks_with_the_same_code_are_of_one_kind():
    def cells(*more: dict[str, object]) -> list[dict[str, object]]:
        return [
            {"cell_type": "markdown", "source": "prose", "metadata": {}},
            *more,
            {"cell_type": "code", "source": ["a\n", "b"], "metadata": {"tags": []}},
        ]

    injected = {"cell_type": "code", "source": "x = 1", "metadata": {"tags": ["injected-parameters"]}}
    other = {"cell_type": "code", "source": "x = 1", "metadata": {}}
    assert kind_of(cells()) == kind_of(cells(injected))
    assert kind_of(cells()) != kind_of(cells(other))
