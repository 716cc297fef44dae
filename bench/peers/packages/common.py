"""Reads a simulated data set and runs one package over it. One JSON line per data set on standard output."""

import json
import os
import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")


class Data:
    """A data set as bench/peers/data.mjs writes it; day 0 is the first after the past."""

    def __init__(self, path):
        with open(os.path.join(path, "meta.json"), encoding="utf-8") as file:
            self.meta = json.load(file)
        self.columns = self.meta["columns"]
        self.rows = self.meta["rows"]
        count = len(self.columns)
        self.reference_block = np.fromfile(os.path.join(path, "reference.f32"), dtype="<f4").reshape(count, -1)
        blocks = np.memmap(os.path.join(path, "windows.f32"), dtype="<f4", mode="r")
        self.blocks = blocks.reshape(-1, count, self.rows)[self.meta["past"] :]

    @property
    def categorical(self):
        return [index for index, column in enumerate(self.columns) if column["kind"] == "categorical"]

    def frame(self, block):
        """A table as a user would have it: numbers as floats, levels as text."""
        series = {}
        for column, values in zip(self.columns, block):
            if column["kind"] == "categorical":
                names = np.array([f"level {level}" for level in range(10)], dtype=object)
                series[column["name"]] = names[values.astype(int)]
            else:
                series[column["name"]] = values.astype(float)
        return pd.DataFrame(series)

    def reference(self):
        return self.frame(self.reference_block)

    def window(self, day):
        return self.frame(self.blocks[day])

    def frame_of(self, days):
        """The rows of several days in one table, day after day."""
        return self.frame(np.concatenate([self.blocks[day] for day in days], axis=1))


def main(tool, flags_of):
    """`flags_of(data, days, notes)` yields, day after day, the positions of the columns that the package says have drifted."""
    for argument in sys.argv[1:]:
        path, days = argument.rsplit("=", 1)
        data = Data(path)
        wall, cpu = time.perf_counter(), time.process_time()
        notes = {}
        answer = {"tool": tool, "name": data.meta["name"], "days": int(days), "notes": notes}
        try:
            if data.meta["kind"] == "quiet":
                answer["flags"] = list(flags_of(data, int(days), notes))
            else:
                answer["first"] = first_flags(flags_of(data, int(days), notes), len(data.columns))
        except Exception as error:  # what a package refuses is a result
            answer["error"] = f"{type(error).__name__}: {error}"[:300]
        answer["cpu"] = time.process_time() - cpu
        answer["wall"] = time.perf_counter() - wall
        print(json.dumps(answer), flush=True)


def first_flags(flags, columns):
    """First day of each column, None if there is none. Asks for no further day once every column has one."""
    first = [None] * columns
    for day, flagged in enumerate(flags):
        for column in flagged:
            if first[column] is None:
                first[column] = day
        if None not in first:
            break
    return first
