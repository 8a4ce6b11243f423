"""Workers by cores and memory: the machine's, or what a container's control groups leave of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mchepi.batch.resources import Workers, available_memory, choose_workers, usable_cores

GB = 10**9
MEMINFO = "MemTotal: 32000000 kB\nMemFree: 1 kB\nMemAvailable: 16000000 kB\n"


def machine(root: Path, files: dict[str, str]) -> Path:
    for name, text in {"proc/meminfo": MEMINFO, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


@pytest.fixture(autouse=True)
def _eight_cores(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)


def test_a_machine_without_control_groups(tmp_path: Path):
    root = machine(tmp_path, {})
    assert usable_cores(root) == 8
    assert available_memory(root) == 16_000_000 * 1024


def test_nothing_known_of_the_memory(tmp_path: Path):
    assert available_memory(tmp_path) is None
    assert choose_workers(100, root=tmp_path) == Workers(8, "8 cores")


def test_version_2_counts_every_group_above_and_gives_caches_back(tmp_path: Path):
    group = "sys/fs/cgroup/user.slice"
    root = machine(
        tmp_path,
        {
            "proc/self/cgroup": "0::/user.slice/job.scope\n",
            f"{group}/memory.max": "4000000000\n",
            f"{group}/memory.current": "3000000000\n",
            f"{group}/memory.stat": "anon 1\ninactive_file 500000000\n",
            f"{group}/cpu.max": "250000 100000\n",
            f"{group}/job.scope/memory.max": "max\n",
            f"{group}/job.scope/memory.current": "5\n",
            f"{group}/job.scope/cpu.max": "max 100000\n",
        },
    )
    assert available_memory(root) == 1_500_000_000
    assert usable_cores(root) == 3
    assert choose_workers(100, root=root) == Workers(3, "3 cores, and 1.5 GB of free memory at 500 MB each")


def test_version_1_and_the_number_that_means_no_limit(tmp_path: Path):
    memory, cpu = "sys/fs/cgroup/memory/job", "sys/fs/cgroup/cpu,cpuacct/job"
    root = machine(
        tmp_path,
        {
            "proc/self/cgroup": "5:memory:/job\n4:cpu,cpuacct:/job\n1:name=systemd:/job\n",
            f"{memory}/memory.limit_in_bytes": "2000000000\n",
            f"{memory}/memory.usage_in_bytes": "900000000\n",
            f"{memory}/memory.stat": "cache 1\ntotal_inactive_file 100000000\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "900000000\n",
            f"{cpu}/cpu.cfs_quota_us": "150000\n",
            f"{cpu}/cpu.cfs_period_us": "100000\n",
        },
    )
    (tmp_path / "sys/fs/cgroup/cpu").symlink_to("cpu,cpuacct")
    assert available_memory(root) == 1_200_000_000
    assert usable_cores(root) == 2


def test_a_group_whose_folder_is_not_visible_counts_by_the_top_one(tmp_path: Path):
    root = machine(
        tmp_path,
        {
            "proc/self/cgroup": "5:memory:/docker/0123\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "1000000000\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "400000000\n",
        },
    )
    assert available_memory(root) == 600_000_000


@pytest.mark.parametrize(
    ("pages", "asked", "memory_limit", "expected"),
    [
        (100, None, None, Workers(8, "8 cores, and 16.4 GB of free memory at 500 MB each")),
        (100, None, 4 * GB, Workers(4, "8 cores, and 16.4 GB of free memory at 4 GB each")),
        (100, None, 40 * GB, Workers(1, "8 cores, and 16.4 GB of free memory at 40 GB each")),
        (100, 40, None, Workers(40, "as asked for")),
        (3, 40, None, Workers(3, "3 pages")),
        (1, None, None, Workers(1, "1 page")),
    ],
)
def test_the_fewer_of_what_cores_and_memory_allow(
    tmp_path: Path, pages: int, asked: int | None, memory_limit: int | None, expected: Workers
):
    root = machine(tmp_path, {})
    assert choose_workers(pages, asked=asked, memory_limit=memory_limit, root=root) == expected


def test_this_machine_tells():
    assert usable_cores() >= 1
    chosen = choose_workers(1000)
    assert chosen.count >= 1
    assert "core" in chosen.why
