"""NannyML: UnivariateDriftCalculator as it comes, one chunk per window; a column has drifted when the result says alert."""

import nannyml as nml
from common import main


def flags_of(data, days, notes):
    names = [column["name"] for column in data.columns]
    position = {name: index for index, name in enumerate(names)}
    calculator = nml.UnivariateDriftCalculator(column_names=names, chunk_size=data.rows)
    calculator.fit(data.reference())
    batch = 60 if data.meta["kind"] == "quiet" else 5
    for start in range(0, days, batch):
        part = range(start, min(days, start + batch))
        result = calculator.calculate(data.frame_of(part)).filter(period="analysis").to_df()
        if len(result) != len(part):
            raise AssertionError(f"{len(result)} chunks for {len(part)} windows")
        alerts = [column for column in result.columns if column[-1] == "alert"]
        notes["methods"] = sorted({column[1] for column in alerts})
        for chunk in range(len(part)):
            yield sorted({position[column[0]] for column in alerts if bool(result[column].iloc[chunk])})


main("nannyml", flags_of)
