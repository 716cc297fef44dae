import { SQL_CLAIMS } from '../warehouse/sql-claims.ts';
import type { Claim, StepName, Tested } from './claim.ts';

const SPARK = 'Spark 4.2.0';
const MLFLOW = 'MLflow 3.17.2';

const FAKES: Tested = { fakes: true, openSource: null, live: null };
const onOpenSource = (openSource: string): Tested => ({ ...FAKES, openSource });

const UNITY = 'registry/unity-catalog/registry.ts';
const SERVING = 'serving/databricks/serving.ts';
const SCIM = 'identity/databricks/directory.ts';
const MLFLOW_FILE = 'registry/mlflow/registry.ts';

const REST: readonly Claim[] = [
  rest('rest.token', 'POST /oidc/v1/token', {
    says: 'Client credentials give a bearer token with its lifetime in seconds.',
    file: 'remote/oauth.ts',
    step: 'token',
  }),
  rest('rest.model', 'GET /api/2.1/unity-catalog/models/{model}', {
    says: 'A registered model is told with its owner and, with include_aliases=true, its aliases and their versions.',
    file: UNITY,
    step: 'model',
  }),
  rest('rest.alias', 'GET /api/2.1/unity-catalog/models/{model}/aliases/{alias}', {
    says: 'One alias is told as the version behind it; asked only where the model came without a list.',
    file: UNITY,
    step: 'model',
  }),
  rest('rest.model-tags', 'GET /api/2.0/mlflow/unity-catalog/registered-models/get', {
    says: 'The face for MLflow clients tells the tags of a model. It is not documented by the vendor.',
    file: UNITY,
    step: 'model',
  }),
  rest('rest.version', 'GET /api/2.1/unity-catalog/models/{model}/versions/{version}', {
    says: 'A version is told with its status, READY when it can be served.',
    file: UNITY,
    step: 'version',
  }),
  rest('rest.version-tags', 'GET /api/2.0/mlflow/unity-catalog/model-versions/get', {
    says: 'The face for MLflow clients tells the tags of a version. It is not documented by the vendor.',
    file: UNITY,
    step: 'version',
  }),
  rest('rest.set-alias', 'PUT /api/2.1/unity-catalog/models/{model}/aliases/{alias}', {
    says: 'An alias is set by the number of a version; the last writer wins.',
    file: UNITY,
    step: null,
  }),
  rest('rest.endpoint', 'GET /api/2.0/serving-endpoints/{name}', {
    says: 'An endpoint is told with both of its states, its served entities, its routes in percent and the version of its configuration.',
    file: SERVING,
    step: 'endpoint',
  }),
  rest('rest.shift', 'PUT /api/2.0/serving-endpoints/{name}/config', {
    says: 'An update replaces the whole configuration, and is refused while another one runs.',
    file: SERVING,
    step: null,
  }),
  rest('rest.smoke', 'POST /serving-endpoints/{name}/served-models/{entity}/invocations', {
    says: 'A served entity answers on a path of its own, also without traffic.',
    file: SERVING,
    step: null,
  }),
  rest('rest.users', 'GET /api/2.0/preview/scim/v2/Users', {
    says: 'A user is found by name and told to be active or not.',
    file: SCIM,
    step: 'user',
  }),
  rest('rest.principals', 'GET /api/2.0/preview/scim/v2/ServicePrincipals', {
    says: 'A service principal is found by application id and told to be active or not.',
    file: SCIM,
    step: 'principal',
  }),
  rest('rest.groups', 'GET /api/2.0/preview/scim/v2/Groups', {
    says: 'A group is found by name.',
    file: SCIM,
    step: 'group',
  }),
  rest('rest.warehouse', 'GET /api/2.0/sql/warehouses/{id}', {
    says: 'A SQL warehouse tells its state and is not woken by the question.',
    file: 'warehouse/databricks/sleep.ts',
    step: 'describe',
  }),
  rest('rest.mlflow-model', 'GET /api/2.0/mlflow/registered-models/get', {
    says: 'An MLflow server tells a model with tags and aliases.',
    ...{ file: MLFLOW_FILE, step: 'model', tested: onOpenSource(MLFLOW) },
  }),
  rest('rest.mlflow-version', 'GET /api/2.0/mlflow/model-versions/get', {
    says: 'An MLflow server tells a version with its status and tags.',
    ...{ file: MLFLOW_FILE, step: 'version', tested: onOpenSource(MLFLOW) },
  }),
  rest('rest.mlflow-set-alias', 'POST /api/2.0/mlflow/registered-models/alias', {
    says: 'An MLflow server moves an alias that exists.',
    ...{ file: MLFLOW_FILE, step: null, tested: onOpenSource(MLFLOW) },
  }),
];

const TABLES: readonly Claim[] = [
  table('sql.describe', 'describe', {
    says: 'Columns of a source are told with types that can be counted or are named as such.',
    form: 'DESCRIBE QUERY SELECT * FROM source',
    file: 'warehouse/databricks/relations.ts',
  }),
  table('sql.newest', 'newest', {
    says: 'The newest event is an instant in milliseconds.',
    form: 'SELECT max(event time) FROM source',
    file: 'warehouse/databricks/newest.ts',
  }),
  table('sql.bins', 'bins', {
    says: 'Exact quantiles and level counts give the cells of a column.',
    form: 'quantiles and levels of one column of source',
    file: 'warehouse/databricks/bins.ts',
  }),
  table('sql.count', 'count', {
    says: 'Counts per version and cell come in one statement, and add up to the rows.',
    form: 'counts per version and cell of source',
    file: 'warehouse/databricks/count.ts',
  }),
  table('sql.audit', 'audit', {
    says: 'The audit log has the columns that are read of it.',
    form: 'changes of endpoint and alias in system.access.audit',
    file: 'warehouse/databricks/audit-log.ts',
  }),
];

/** Everything that the program relies on of systems it does not own. */
export const CLAIMS: readonly Claim[] = [
  ...REST,
  ...TABLES,
  ...SQL_CLAIMS.map(
    ({ id, says, sql }): Claim => ({
      ...{ id, kind: 'sql', says, form: sql, file: 'warehouse/sql-claims.ts' },
      ...{ tested: onOpenSource(SPARK), step: 'statements' },
    }),
  ),
];

function rest(
  id: string,
  form: string,
  what: {
    readonly says: string;
    readonly file: string;
    readonly step: StepName | null;
    readonly tested?: Tested;
  },
): Claim {
  return { id, kind: 'rest', form, tested: FAKES, ...what };
}

function table(
  id: string,
  step: StepName,
  what: { readonly says: string; readonly form: string; readonly file: string },
): Claim {
  return { id, kind: 'sql', step, tested: onOpenSource(SPARK), ...what };
}
