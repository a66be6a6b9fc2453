"""Runs on a cluster: what tasks send is written down here, in whatever order they end; Ray's own part is played."""

import os
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from benches import GAMES, bench, plan, timeless

from routegame.envs.checks import ParameterError
from routegame.envs.scenarios import scenario
from routegame.eval.bench import ray_engine
from routegame.eval.bench.bench import Bench
from routegame.eval.bench.job import Job
from routegame.eval.bench.ray_engine import RETRIES, RayEngine
from routegame.train.learner import learner
from routegame.train.runs.run_directory import RunConfig
from routegame.whole_file import whole_file

CONFIG = RunConfig("evolution", None, scenario("nano-gpt5").game, False, 0, learner("evolution").OPTIONS())


class RayError(Exception):
    """Ray's error about a task whose worker is lost."""


class Cluster:
    """Stands in for the module `ray`: results by run, the last task first."""

    exceptions = SimpleNamespace(RayError=RayError)

    def __init__(self, results=None, refuses=False):
        self.results, self.refuses, self.started, self.shut_down = results or {}, refuses, [], False

    def init(self, address, **options):
        self.started.append((address, options.get("num_cpus")))
        if self.refuses:
            raise ConnectionError("no answer\nat all")

    def cluster_resources(self):
        return {"CPU": 6.0}

    def remote(self, **options):
        self.options = options
        return lambda function: SimpleNamespace(remote=lambda job, timeout: (job.directory.name, timeout))

    def wait(self, tasks):
        return tasks[-1:], tasks[:-1]

    def get(self, task):
        result = self.results[task[0]]
        if isinstance(result, Exception):
            raise result
        return result

    def shutdown(self):
        self.shut_down = True


@pytest.fixture
def cluster(monkeypatch):
    """Let a cluster take the place of Ray; return how to get an engine on it."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)

    def engine(ray, workers=None):
        monkeypatch.setattr(ray_engine, "import_module", lambda name: ray)
        return RayEngine(workers, 60.0)

    return engine


def test_what_tasks_send_is_written_down(cluster, tmp_path):
    sent = {"config.json": b"{}", "result.json": b'{"a": 1}', "checkpoints/leader.npz": b"\x00"}
    ray = Cluster({"one": sent, "two": {"failure.json": b"{}"}, "three": RayError("a trace\nof why it died")})
    jobs = [Job(tmp_path / name, CONFIG) for name in ("one", "two", "three")]
    done = list(cluster(ray).run(jobs))
    assert done == jobs[::-1], "as they end"
    place = jobs[0].directory
    found = {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    assert found == sent
    assert jobs[1].failure_path.read_bytes() == b"{}" and not jobs[1].result_path.exists()
    assert "of why it died" in jobs[2].failure_path.read_text() and '"died"' in jobs[2].failure_path.read_text()
    assert ray.shut_down and ray.options == {"max_retries": RETRIES}


def test_a_result_is_there_only_when_all_else_is(cluster, tmp_path, monkeypatch):
    """So that a driver that dies on the way does not leave a run that looks finished."""
    written = []

    def recorded(path):
        written.append(path.name)
        return whole_file(path)

    monkeypatch.setattr(ray_engine, "whole_file", recorded)
    names = ("result.json", "a.json", "z.json")
    list(cluster(Cluster({"one": dict.fromkeys(names, b"{}")})).run([Job(tmp_path / "one", CONFIG)]))
    assert written[-1] == "result.json" and set(written) == set(names)


def test_no_more_runs_are_sent_than_workers_make_at_once(cluster, tmp_path):
    there = Cluster({str(k): {"failure.json": b"{}"} for k in range(5)})
    waited = []
    there.wait = lambda tasks: (waited.append(len(tasks)), (tasks[:1], tasks[1:]))[1]
    jobs = [Job(tmp_path / str(k), CONFIG) for k in range(5)]
    assert len(list(cluster(there, workers=2).run(jobs))) == 5
    assert waited == [2, 2, 2, 2, 1]


def test_ray_is_shut_down_however_it_ends(cluster, tmp_path):
    ray = Cluster({"one": {"result.json": b"{}"}, "two": {"result.json": b"{}"}})
    runs = cluster(ray).run([Job(tmp_path / "one", CONFIG), Job(tmp_path / "two", CONFIG)])
    next(runs)
    assert not ray.shut_down
    runs.close()
    assert ray.shut_down


def test_a_cluster_is_found_by_its_address(cluster, monkeypatch):
    own = Cluster()
    assert (cluster(own, workers=3).workers, own.started) == (3, [("local", 3)])
    monkeypatch.setenv("RAY_ADDRESS", "far:1")
    far = Cluster()
    assert (cluster(far).workers, far.started) == (6, [("far:1", None)]), "as many as it has cores"
    with pytest.raises(ParameterError, match=r"engine must be local, .* got 'far:1: no answer'$"):
        cluster(Cluster(refuses=True))


def test_without_ray_it_says_how_to_get_it(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(ray_engine, "import_module", missing)
    with pytest.raises(ParameterError, match="engine must be local, or else Ray installed"):
        RayEngine(1, 60.0)


def test_a_task_makes_its_run_elsewhere_and_returns_its_files(monkeypatch, tmp_path):
    def run(engine, jobs):
        assert (engine.workers, engine.timeout) == (1, 60.0)
        for job in jobs:
            (job.directory / "checkpoints").mkdir(parents=True)
            (job.directory / "checkpoints" / "a.npz").write_bytes(b"a")
            job.result_path.write_bytes(b"{}")
            yield job

    monkeypatch.setattr(ray_engine.LocalEngine, "run", run)
    files = ray_engine.make(Job(tmp_path / "run", CONFIG), 60.0)
    assert files == {"checkpoints/a.npz": b"a", "result.json": b"{}"} and list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_ray_makes_the_same_table(tmp_path, monkeypatch):
    """Even if one of its workers dies. They are started with what they can import; this directory is not installed."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'routegame[ray]'")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[2]), *sys.path]))
    monkeypatch.setenv("MARK", str(tmp_path / "mark"))
    planned = replace(plan("Disaster", "Dies", seeds=1), instances=GAMES[:1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Ray's own
        made = Bench(tmp_path / "ray", planned)
        list(made.run(RayEngine(1, timeout=60.0)))
    assert (tmp_path / "mark").exists()
    local, _ = bench(tmp_path / "local", planned)
    assert timeless(made.rows()) == timeless(local.rows())
