"""deepchecks: FeatureDrift with its own condition as it comes; a column has drifted when its score is not below the condition's limit."""

from common import main
from deepchecks.tabular import Dataset
from deepchecks.tabular.checks import FeatureDrift

LIMIT = 0.2  # the default of add_condition_drift_score_less_than, for both kinds of columns


def flags_of(data, days, notes):
    names = [column["name"] for column in data.columns]
    categorical = [names[index] for index in data.categorical]
    reference = Dataset(data.reference(), cat_features=categorical)
    for day in range(days):
        check = FeatureDrift().add_condition_drift_score_less_than()
        result = check.run(reference, Dataset(data.window(day), cat_features=categorical), with_display=False)
        flagged = [index for index, name in enumerate(names) if not result.value[name]["Drift score"] < LIMIT]
        passed = all(condition.is_pass() for condition in result.conditions_results)
        if passed == bool(flagged):
            raise AssertionError("the check's condition says otherwise than its scores")
        notes["methods"] = sorted({result.value[name]["Method"] for name in names})
        yield flagged


main("deepchecks", flags_of)
