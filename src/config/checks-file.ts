import { isDeepStrictEqual } from 'node:util';
import { isLoopback, splitListen } from './addresses.ts';
import { type Draft, isDamaged } from './draft.ts';
import type { FileInput } from './schema.ts';
import type { Complaint } from './source-file.ts';

/** What the main file's keys ask of each other. A check sees well-formed values only, and says nothing about damaged ones. */
type FileCheck = (input: FileInput, draft: Draft) => readonly Complaint[];

type Workspace = NonNullable<FileInput['workspace']>;
type Credentials = Workspace['reader'];

const workspaceNeeded: FileCheck = (input, draft) => {
  if (input.workspace !== undefined) return [];
  const needs = workspaceUses(draft);
  if (needs.length === 0) return [];
  return [
    {
      path: ['workspace'],
      message: `is missing: ${needs.join(' and ')} ${needs.length === 1 ? 'needs' : 'need'} it`,
      remedy: `add workspace with url and reader, or choose registry.kind mlflow or none, and serving.kind none${needs.some((need) => need.startsWith('warehouse')) ? ', and warehouse.kind duckdb' : ''}`,
    },
  ];
};

function workspaceUses(draft: Draft): readonly string[] {
  const kindOf = (key: 'registry' | 'serving' | 'warehouse') =>
    isDamaged(draft, [key]) ? null : draft.input[key]?.kind;
  return [
    ...(kindOf('registry') === 'unity-catalog' ? ['registry.kind unity-catalog'] : []),
    ...(kindOf('serving') === 'databricks' ? ['serving.kind databricks'] : []),
    ...(kindOf('warehouse') === 'databricks' ? ['warehouse.kind databricks'] : []),
  ];
}

const workspaceUrl: FileCheck = ({ workspace }) => {
  if (workspace === undefined) return [];
  const url = new URL(workspace.url);
  const path = ['workspace', 'url'];
  const complaints: Complaint[] = [];
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    complaints.push({
      path,
      message: 'is http:// to another machine: tokens would travel in clear',
      remedy: 'use https://',
    });
  }
  if (url.pathname !== '/' || url.search !== '') {
    complaints.push({ path, message: 'goes on after the host', remedy: `write ${url.origin}` });
  }
  return complaints;
};

const credentials: FileCheck = ({ workspace }) =>
  (['reader', 'actor'] as const).flatMap((who) => {
    const given = workspace?.[who];
    if (given === undefined) return [];
    const complaint = credentialsComplaint(given);
    return complaint === null ? [] : [{ path: ['workspace', who], ...complaint }];
  });

function credentialsComplaint(given: Credentials): { message: string; remedy: string } | null {
  const remedy = 'give clientId and clientSecret, or token';
  const oauth = given.clientId !== undefined || given.clientSecret !== undefined;
  const ways = [
    oauth && given.federation === undefined,
    given.token !== undefined,
    given.federation !== undefined,
  ];
  const count = ways.filter(Boolean).length;
  if (count === 0) return { message: 'has no credentials', remedy };
  if (count > 1) return { message: 'has credentials of two kinds', remedy: 'keep one kind' };
  if (given.federation !== undefined || given.token !== undefined) return null;
  if (given.clientId === undefined) return { message: 'has a clientSecret without a clientId', remedy };
  if (given.clientSecret === undefined) return { message: 'has a clientId without a clientSecret', remedy };
  return null;
}

const actorDiffers: FileCheck = ({ workspace }) => {
  if (workspace?.actor === undefined) return [];
  const { reader, actor } = workspace;
  const same =
    (reader.clientId !== undefined && reader.clientId === actor.clientId) ||
    (reader.token !== undefined && isDeepStrictEqual(reader.token, actor.token));
  if (!same) return [];
  return [
    {
      path: ['workspace', 'actor'],
      message: 'has the credentials of the reader',
      remedy: 'make a service principal of its own for acting: the reader must not be able to act',
    },
  ];
};

const actorNeeded: FileCheck = (input, draft) => {
  const uses = workspaceUses(draft);
  if (input.workspace === undefined || input.workspace.actor !== undefined || uses.length === 0) return [];
  const acting = draft.models.filter((model) => (model.input.rollback?.mode ?? 'observe') !== 'observe');
  if (acting.length === 0) return [];
  return [
    {
      path: ['workspace', 'actor'],
      message: `is missing: rollback.mode of ${acting.map((model) => model.name).join(', ')} is approve or auto`,
      remedy: 'add credentials that may act, or set rollback.mode: observe',
    },
  ];
};

const lakeNeeded: FileCheck = ({ warehouse }) => {
  if (warehouse?.kind !== 'duckdb' || warehouse.database !== undefined) return [];
  if (Object.keys(warehouse.tables ?? {}).length > 0) return [];
  return [
    {
      path: ['warehouse'],
      message: 'has no data',
      remedy: 'add warehouse.tables (name to Parquet files) or warehouse.database',
    },
  ];
};

const warehouseReachable: FileCheck = ({ warehouse, workspace }, draft) => {
  if (warehouse?.kind === 'duckdb' || isDamaged(draft, ['warehouse'])) return [];
  const complaints: Complaint[] = [];
  if (warehouse?.httpPath === undefined) {
    complaints.push({
      path: ['warehouse', 'httpPath'],
      message: 'is missing: the SQL warehouse is found by it',
      remedy: 'copy it from the connection details of the SQL warehouse: /sql/1.0/warehouses/…',
    });
  }
  if (workspace !== undefined && !isDamaged(draft, ['workspace']) && !workspace.url.startsWith('https:')) {
    complaints.push({
      path: ['workspace', 'url'],
      message: 'is http://, and a SQL warehouse is only reached by https://',
      remedy: 'use https://, or set warehouse.kind: duckdb',
    });
  }
  return complaints;
};

const listen: FileCheck = ({ http }, draft) => {
  const address = http?.listen;
  if (address === undefined || http?.auth !== undefined || isDamaged(draft, ['http', 'auth'])) return [];
  if (isLoopback(splitListen(address).host)) return [];
  return [
    {
      path: ['http', 'listen'],
      message: 'is reachable from other machines, and http.auth is missing',
      remedy: 'listen on 127.0.0.1:9469, or add http.auth with tokens',
    },
  ];
};

const tokenNames: FileCheck = ({ http }) => {
  const users = http?.auth?.kind === 'bearer' ? http.auth.tokens : [];
  return users.flatMap(({ name }, index) =>
    users.findIndex((other) => other.name === name) === index
      ? []
      : [
          {
            path: ['http', 'auth', 'tokens', index, 'name'],
            message: 'is the name of another token',
            remedy: 'give each its own name',
          },
        ],
  );
};

const modelsNeeded: FileCheck = (_input, draft) => {
  const broken = isDamaged(draft, ['models']) || isDamaged(draft, ['include']);
  if (draft.models.length > 0 || broken) return [];
  return [
    { path: ['models'], message: 'names no model', remedy: 'add one below models, or in an included file' },
  ];
};

const CHECKS: readonly FileCheck[] = [
  workspaceNeeded,
  workspaceUrl,
  credentials,
  actorDiffers,
  actorNeeded,
  lakeNeeded,
  warehouseReachable,
  listen,
  tokenNames,
  modelsNeeded,
];

export function checkFile(draft: Draft): readonly Complaint[] {
  return CHECKS.flatMap((check) => check(draft.input, draft)).filter(
    (complaint) => !isDamaged(draft, complaint.path),
  );
}
