import { z } from 'zod';
import type { RemoteCall, RemoteClient } from '../../remote/call.ts';
import { RemoteError } from '../../remote/error.ts';
import { ask } from '../../remote/parse.ts';
import type { Directory, OwnerStanding } from '../directory.ts';

const SCIM = '/api/2.0/preview/scim/v2';

interface Kind {
  readonly resource: 'Users' | 'ServicePrincipals' | 'Groups';
  /** The attribute that holds the name. */
  readonly attribute: 'userName' | 'applicationId' | 'displayName';
  /** Groups cannot be switched off: one that exists is active. */
  readonly canBeInactive: boolean;
}

const USER: Kind = { resource: 'Users', attribute: 'userName', canBeInactive: true };
const PRINCIPAL: Kind = { resource: 'ServicePrincipals', attribute: 'applicationId', canBeInactive: true };
const GROUP: Kind = { resource: 'Groups', attribute: 'displayName', canBeInactive: false };

/** What an owner's name says about its kind: an address is a user, a UUID a service principal, anything else a group. */
function kindOf(owner: string): Kind {
  if (owner.includes('@')) return USER;
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(owner) ? PRINCIPAL : GROUP;
}

const ListAnswer = z.object({
  totalResults: z.number().int().nonnegative().nullish(),
  // Left out when nothing was found.
  Resources: z
    .array(
      z.object({
        userName: z.string().nullish(),
        applicationId: z.string().nullish(),
        displayName: z.string().nullish(),
        active: z.boolean().nullish(),
      }),
    )
    .nullish(),
});
type ListAnswer = z.infer<typeof ListAnswer>;

/** The users, service principals and groups of a Databricks workspace by SCIM. Read with the reader. */
export function createScimDirectory(reader: RemoteClient): Directory {
  return {
    async lookup(owner) {
      const kind = kindOf(owner);
      try {
        return standing(await ask(reader, listCall(kind, owner), ListAnswer), kind, owner);
      } catch (error) {
        // A directory that is closed to this principal tells nothing, and that is not the owner's fault.
        const closed: readonly string[] = ['forbidden', 'not_found', 'rejected'];
        if (error instanceof RemoteError && closed.includes(error.reason)) return 'unknown';
        throw error;
      }
    },
  };
}

function listCall(kind: Kind, owner: string): RemoteCall {
  const quoted = owner.replace(/[\\"]/g, (letter) => `\\${letter}`);
  return {
    method: 'GET',
    path: `${SCIM}/${kind.resource}`,
    query: {
      filter: `${kind.attribute} eq "${quoted}"`,
      attributes: kind.canBeInactive ? `${kind.attribute},active` : kind.attribute,
    },
    place: `looking up ${owner} among ${kind.resource}`,
  };
}

function standing(answer: ListAnswer, kind: Kind, owner: string): OwnerStanding {
  const listed = answer.Resources ?? [];
  // A server that does not understand the filter lists everybody; only the name itself counts.
  const found = listed.find((entry) => entry[kind.attribute]?.toLowerCase() === owner.toLowerCase());
  if (found === undefined) return (answer.totalResults ?? 0) > listed.length ? 'unknown' : 'inactive';
  if (!kind.canBeInactive) return 'active';
  if (found.active === false) return 'inactive';
  return found.active === true ? 'active' : 'unknown';
}
