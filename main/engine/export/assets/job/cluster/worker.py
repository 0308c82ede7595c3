"""One of the workers: it trains the towers on its users' examples, beside the others, and the first of them writes what comes of it."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file
from torch import Tensor

from two_tower.candidates import Candidates
from two_tower.data import Array, Data, Json
from two_tower.losses import batch_loss
from two_tower.optimizers import dense_optimizer

from . import group
from .batches import Recorded, Shuffled, Step, Steps, candidates_of_all, rows_of
from .checkpoint import Checkpoints, Standing
from .data import read_pass
from .described import CHOOSE, FINAL, described, tables_of
from .errors import JobError
from .evaluation import validated
from .links import Link
from .log import Log
from .lookup import RemoteTwoTower
from .names import dense_places, load_dense
from .result import measured_on_test, write_result, write_weights
from .storage import Storage
from .tables import Tables


@dataclass
class Options:
    """What a worker is asked for."""

    job: str
    engine: str
    checkpoint_steps: int = 1000
    validation_users: int = 10_000  # of all workers
    test_users: int = 10_000  # as many
    index: str | None = None  # of the items, as Faiss writes it
    nprobe: int = 16
    storage: str | None = None  # where the files of `job` lie, if elsewhere
    run: str = ""  # the same in all its processes and attempts
    record: str | None = None  # a file of steps that Pylon wrote down, which are trained on and nothing else


class Worker:
    """`links`: to every shard, in their order."""

    def __init__(self, options: Options, links: list[Link]) -> None:
        self.options, self.links, self.job = options, links, Path(options.job)
        self.storage = Storage(self.job, options.storage)
        self.storage.get(self.job / "job.json")
        self.log = Log(self.storage, group.rank() == 0 and options.record is None, options.run)
        self.checkpoints = Checkpoints(self.storage)

    def run(self) -> None:
        """From the last checkpoint to the result; or the recorded steps. Whoever follows the job is told what stops it."""
        try:
            if self.options.record is not None:
                return self.replay(self.storage.get(Path(self.options.record)))
            self.to_result()
        except ConnectionError:
            raise
        except (JobError, OSError, SafetensorError) as error:
            what = error if isinstance(error, JobError) else JobError(f"{self.job} cannot be written ({error}): is there room for it?")
            with suppress(OSError):
                self.log.tell("message", level="warn", text=f"The job stopped: {what}")
            raise what from None
        finally:
            self.log.close()

    def to_result(self) -> None:
        found = self.checkpoints.standing()
        standing, folder = (Standing(), None) if found is None else found
        passes = described(self.job)["passes"]
        if found is None:
            self.log.tell("begin", engine=self.options.engine, workers=group.size(), shards=len(self.links))
        if standing.name == CHOOSE:
            training = Pass(self, standing, folder)
            training.train(training.data.spec["training"]["epochs"])
            training.keep_best()
            write_weights(training, "weights" if FINAL not in passes else CHOOSE)
            folder = None
            if FINAL not in passes:
                return self.finish(training)
            spent = {"epochs": standing.epoch, "steps": standing.epoch * training.steps.per_epoch}
            curve = [training.data.spec["training"]["epochs"], training.steps.per_epoch]
            standing = Standing(FINAL, seconds=standing.seconds, before=spent, curve=curve, chosen=standing.best_epoch)
        training = Pass(self, standing, folder)
        assert standing.chosen is not None
        training.train(standing.chosen)
        write_weights(training, "weights")
        self.finish(training)

    def finish(self, training: Pass) -> None:
        standing = training.standing
        write_result(training, standing.chosen or standing.best_epoch, measured_on_test(training))
        self.log.tell("done")

    def replay(self, record: Path) -> None:
        """replay.json: the losses of the recorded steps, and how far they are from Pylon's."""
        training = Pass(self, Standing(), None)
        losses = [training.step(training.steps.at(0, step), step) for step in range(training.steps.per_epoch)]
        if group.rank() == 0:
            worst = float(np.abs(np.array(losses) - load_file(record)["loss"]).max())
            path = self.job / "replay.json"
            path.write_text(json.dumps({"losses": losses, "worst": worst}), encoding="utf-8")
            self.storage.put(path)


class Pass:
    """Training on some parts of the data."""

    def __init__(self, worker: Worker, standing: Standing, folder: Path | None) -> None:
        self.worker, self.standing, self.log = worker, standing, worker.log
        job, options, name = worker.job, worker.options, standing.name
        recorded = None if options.record is None else Path(options.record)
        self.data: Data = read_pass(worker.storage, name, *((0, 1) if recorded is not None else (group.rank(), group.size())))
        self.spec: Json = self.data.spec
        check_alone(self.spec)
        self.seed: int = self.spec["training"]["seed"]
        self.candidates = Candidates(self.data, group.total)
        self.tables = Tables(worker.links, tables_of(job, name), group.rank())
        self.remote = RemoteTwoTower(self.spec, self.data.encoders)
        self.places = dense_places(self.remote.model)
        load_dense(self.places, self.data.folder / "initial.safetensors")
        self.weights: dict[str, Tensor] = {
            name: weight for name, weight in self.remote.model.named_parameters() if not name.endswith(".table.weight")
        }
        self.trained = self.remote.model.weights()
        self.optimizer = dense_optimizer(self.trained, self.spec["training"]["dense"])
        self.rows = max(1, self.spec["training"]["batchSize"] // group.size())
        if recorded is None:
            tell_of_batch(self.log, self.spec["training"]["batchSize"], self.rows)
        if group.rank() == 0:
            self.tables.all("begin", [(name,)] * len(worker.links))
        group.barrier()
        self.steps: Steps = Recorded(recorded) if recorded is not None else self.shuffled()
        if folder is not None:
            worker.checkpoints.load(folder, self.weights, self.optimizer, self.tables)
            before, at = standing.before, standing.epoch * self.steps.per_epoch + standing.step
            self.log.tell("resumed", step=before["steps"] + at, epoch=before["epochs"] + standing.epoch)

    def shuffled(self) -> Shuffled:
        training, curve = self.spec["training"], self.standing.curve
        training["batchSize"] = self.rows
        return Shuffled(self.data, self.candidates, self.rows, training["epochs"], None if curve is None else (curve[0], curve[1]))

    def train(self, epochs: int) -> None:
        """Until so many epochs are done, or patience is over."""
        standing, options = self.standing, self.worker.options
        stopping: Json | None = self.spec["training"]["earlyStopping"] if standing.name == CHOOSE else None
        every = max(1, self.steps.per_epoch // 50)
        while standing.epoch < epochs and (stopping is None or standing.waited < stopping["patience"]):
            begun, done, told, self.tables.bytes = time.monotonic(), 0, 0.0, 0
            rate = 1.0
            while standing.step < self.steps.per_epoch:
                step = self.steps.at(standing.epoch, standing.step)
                loss, rate = self.step(step, standing.epoch * self.steps.per_epoch + standing.step), step.factor
                standing.step, standing.loss, done, told = standing.step + 1, standing.loss + loss, done + 1, told + loss
                if standing.step % every == 0:
                    self.tell_steps(told / every, rate, done, time.monotonic() - begun)
                    told = 0.0
                if standing.step % options.checkpoint_steps == 0 and standing.step < self.steps.per_epoch:
                    self.save()
            standing.seconds += time.monotonic() - begun
            self.end_epoch(rate, done, time.monotonic() - begun, stopping, epochs)
            self.save()

    def step(self, step: Step, number: int) -> float:
        """Trains on a batch; its loss before, over all workers."""
        torch.manual_seed(int(np.random.SeedSequence([self.seed, number, group.rank()]).generate_state(1)[0]))
        rows = rows_of(self.data, self.candidates, step, np.random.default_rng([self.seed, number, group.rank(), 1]))
        self.remote.look_up(self.tables, {"user": rows.users, "item": rows.items})
        for weight in self.trained:
            weight.grad = None
        users, items, temperature = self.remote.model(rows.users, rows.items)
        loss = batch_loss(self.spec, users, candidates_of_all(rows, items, self.candidates.in_batch), temperature, rows.batch)
        torch.autograd.backward(loss)
        self.tables.push(self.remote.gradients())
        group.average_gradients(self.trained)  # after it all workers have pushed
        self.descend(step.factor)
        found = float(group.summed(loss.detach().reshape(1))) / group.size()  # after it the first one has applied
        if not np.isfinite(found):
            raise JobError(f"The loss became {found} at step {number + 1}: lower the learning rates, or raise the temperature.")
        return found

    def descend(self, rate: float) -> None:
        """By the gradients of all workers: dense weights everywhere alike, tables by the first one."""
        shrink, most = 1.0, self.spec["training"]["clipNorm"]
        if most is not None:
            dense = sum(float(weight.grad.square().sum()) for weight in self.trained if weight.grad is not None)
            length = group.summed(torch.tensor([self.tables.length() if group.rank() == 0 else 0.0], dtype=torch.float64))
            shrink = min(1.0, most / max(1e-30, (dense + float(length)) ** 0.5))
        if self.optimizer is not None:
            for weight in self.trained:
                if weight.grad is not None:
                    weight.grad *= shrink
            for each in self.optimizer.param_groups:
                each["lr"] = self.spec["training"]["dense"]["learningRate"] * rate
            self.optimizer.step()
        if group.rank() == 0:
            self.tables.apply(shrink, rate)

    def tell_steps(self, loss: float, rate: float, done: int, seconds: float) -> None:
        standing, before = self.standing, self.standing.before
        self.log.tell(
            "steps",
            step=before["steps"] + standing.epoch * self.steps.per_epoch + standing.step,
            epoch=before["epochs"] + standing.epoch + 1,
            loss=loss,
            learningRate=self.spec["training"]["tables"]["learningRate"] * rate,
            examplesPerSecond=done * self.rows * group.size() / max(1e-9, seconds),
        )

    def end_epoch(self, rate: float, done: int, seconds: float, stopping: Json | None, epochs: int) -> None:
        """Measures the validation part, and keeps what is best there."""
        standing = self.standing
        loss, standing.loss, standing.step = standing.loss / self.steps.per_epoch, 0.0, 0
        standing.epoch += 1
        due = standing.name == CHOOSE and (stopping is None or standing.epoch % stopping["everyEpochs"] == 0 or standing.epoch == epochs)
        table_bytes = float(group.total(np.array([self.tables.bytes]))[0])
        found = validated(self, self.worker.options.validation_users) if due else {}
        self.log.tell(
            "epoch",
            epoch=standing.before["epochs"] + standing.epoch,
            loss=loss,
            learningRate=self.spec["training"]["tables"]["learningRate"] * rate,
            examplesPerSecond=done * self.rows * group.size() / max(1e-9, seconds),
            validation=found,
            tableBytesPerStep=table_bytes / max(1, done),
        )
        if stopping is None or not found:
            standing.best_epoch = standing.epoch
        elif standing.best_value is None or found[stopping["metric"]] > standing.best_value:
            standing.best_epoch, standing.best_value, standing.waited = standing.epoch, found[stopping["metric"]], 0
            self.worker.checkpoints.save_best(standing, self.weights, self.tables)
        elif due:
            standing.waited += 1

    def save(self) -> None:
        self.log.check()
        self.worker.checkpoints.save(self.standing, self.weights, self.optimizer, self.tables)

    def keep_best(self) -> None:
        """The weights of the best epoch, where it is not the last."""
        if self.standing.best_epoch < self.standing.epoch:
            checkpoints, standing = self.worker.checkpoints, self.standing
            checkpoints.load(checkpoints.best(standing.name, standing.best_epoch), self.weights, None, self.tables)

    def embed(self, side: str, features: dict[str, Tensor]) -> Array:
        vectors: Array = self.remote.embed(self.tables, side, features).numpy()
        return vectors


def tell_of_batch(log: Log, asked: int, rows: int) -> None:
    """Says so where the workers cannot share a batch evenly."""
    taken = rows * group.size()
    if taken != asked:
        log.tell("message", level="warn", text=f"Batches of {taken:,} examples, not {asked:,}: {group.size()} workers share them evenly.")


def check_alone(spec: Json) -> None:
    """@raises JobError for a loss that reads vectors or scores of other rows than a worker's own"""
    loss = spec["loss"]
    if group.size() > 1 and (loss["kind"] == "directau" or (loss["kind"] == "bsl" and loss["pooled"])):
        raise JobError(f"The loss {loss['kind']} of this job compares a batch's users with each other: train it with --workers 1.")
