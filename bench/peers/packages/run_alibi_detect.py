"""alibi-detect: TabularDrift as it comes (KS, chi-square for categories, p .05, Bonferroni over the columns)."""

import numpy as np
from alibi_detect.cd import TabularDrift
from common import main


def flags_of(data, days, notes):
    reference = data.reference_block.T.astype(np.float64)
    categories = {index: None for index in data.categorical}
    detector = TabularDrift(reference, categories_per_feature=categories or None)
    notes["methods"] = ["KS", "chi-square"] if categories else ["KS"]
    for day in range(days):
        answer = detector.predict(data.blocks[day].T.astype(np.float64))["data"]
        flagged = np.flatnonzero(answer["p_val"] < answer["threshold"]).tolist()
        if bool(answer["is_drift"]) != bool(flagged):
            raise AssertionError("the detector's verdict is not that of its p-values")
        yield flagged


main("alibi-detect", flags_of)
