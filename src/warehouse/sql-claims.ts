/** A statement of no table, and what the program relies on that it answers. Every column is text: types differ on the way here. */
export interface SqlClaim {
  readonly id: string;
  /** What is claimed, as a sentence. */
  readonly says: string;
  readonly sql: string;
  readonly values: { readonly [name: string]: string };
  readonly columns: readonly string[];
  readonly expected: readonly (readonly (string | null)[])[];
}

/** What the counts rest on, where engines differ. Asked as it stands of real Spark by the tests, and of a live warehouse by `verify-live`. */
export const SQL_CLAIMS: readonly SqlClaim[] = [
  claim('sql.parameters', 'Named parameters are bound as text, quotes and all.', {
    sql: 'SELECT CAST(:p1 AS STRING) AS a',
    values: { p1: "it's `x`; --" },
    expected: ["it's `x`; --"],
  }),
  claim('sql.utc', 'The session is in UTC, and instants have milliseconds.', {
    sql: "SELECT CAST(unix_millis(CAST('2026-03-29 02:30:00.250' AS TIMESTAMP)) AS STRING) AS a, CAST(unix_millis(CAST(:p1 AS TIMESTAMP)) AS STRING) AS b",
    values: { p1: '2026-03-29T02:30:00.250Z' },
    expected: ['1774751400250', '1774751400250'],
  }),
  claim('sql.date', 'A day is its midnight in UTC.', {
    sql: "SELECT CAST(unix_millis(CAST(CAST('2026-11-24' AS DATE) AS TIMESTAMP)) AS STRING) AS a",
    expected: ['1795478400000'],
  }),
  claim('sql.double', 'A number with an exponent is the double that was written, to the last digit.', {
    sql: "SELECT typeof(1.5e+0) AS a, CAST(1.0000000000000002e+0 = CAST('1.0000000000000002' AS DOUBLE) AS STRING) AS b, CAST(1.0000000000000002e+0 > 1e+0 AS STRING) AS c",
    expected: ['double', 'true', 'true'],
  }),
  claim(
    'sql.not-finite',
    'NaN is told by isnan, is greater than infinity, and infinity is what abs says it is.',
    {
      sql: "SELECT CAST(isnan(CAST('NaN' AS DOUBLE)) AS STRING) AS a, CAST(CAST('NaN' AS DOUBLE) > CAST('Infinity' AS DOUBLE) AS STRING) AS b, CAST(abs(CAST('-Infinity' AS DOUBLE)) = CAST('Infinity' AS DOUBLE) AS STRING) AS c",
      expected: ['true', 'true', 'true'],
    },
  ),
  claim('sql.null', 'A comparison with NULL is neither true nor false, and CASE takes the next branch.', {
    sql: "SELECT CAST(CAST(NULL AS DOUBLE) <= 1e+0 AS STRING) AS a, CASE WHEN CAST(NULL AS DOUBLE) <= 1e+0 THEN 'first' ELSE 'next' END AS b",
    expected: [null, 'next'],
  }),
  claim('sql.whole', 'A whole double has the text of a whole number once it is one.', {
    sql: 'SELECT CAST(CAST(7e+0 AS BIGINT) AS STRING) AS a, CAST(rint(7.25e+0) = 7e+0 AS STRING) AS b',
    expected: ['7', 'true'],
  }),
  claim('sql.text', 'Texts are compared by their code points, case and trailing blanks included.', {
    sql: "SELECT CAST('a' = 'A' AS STRING) AS a, CAST('a' = 'a ' AS STRING) AS b, CAST('Z' < 'a' AS STRING) AS c",
    expected: ['false', 'false', 'true'],
  }),
  claim('sql.map', 'A name is found among the values of a map, whatever its key.', {
    sql: "SELECT CAST(array_contains(map_values(map('k', 'v')), :p1) AS STRING) AS a, CAST(array_contains(map_values(map('k', 'v')), 'k') AS STRING) AS b",
    values: { p1: 'v' },
    expected: ['true', 'false'],
  }),
  {
    id: 'sql.describe-query',
    says: 'DESCRIBE QUERY names columns and types, and reads no row.',
    sql: 'DESCRIBE QUERY SELECT 1 AS one, CAST(NULL AS TIMESTAMP) AS at',
    values: {},
    columns: ['col_name', 'data_type'],
    expected: [
      ['one', 'int'],
      ['at', 'timestamp'],
    ],
  },
];

/** One row, whose columns are called a, b, c. */
function claim(
  id: string,
  says: string,
  what: {
    readonly sql: string;
    readonly values?: SqlClaim['values'];
    readonly expected: readonly (string | null)[];
  },
): SqlClaim {
  const { sql, values = {}, expected } = what;
  return { id, says, sql, values, columns: ['a', 'b', 'c'].slice(0, expected.length), expected: [expected] };
}
