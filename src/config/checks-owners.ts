import { type Draft, isDamaged } from './draft.ts';
import { nearest } from './known-keys.ts';
import type { Path } from './problems.ts';
import type { Complaint } from './source-file.ts';

type Owner = NonNullable<Draft['input']['owners']>[string];

/** What owners ask: somebody to tell, a desk that exists, an owner for every model. */
export function checkOwners(draft: Draft): readonly Complaint[] {
  const owners = draft.input.owners ?? {};
  const complaints = Object.entries(owners).flatMap(([name, owner]) => checkOwner(draft, name, owner));
  const unowned = draft.models.filter(
    (model) => model.input.owner === undefined && !isDamaged(model, ['owner']),
  );
  if (unowned.length > 0 && !Object.hasOwn(owners, 'default')) {
    complaints.push({
      path: ['owners', 'default'],
      message: `is missing: ${unowned.map((model) => model.name).join(', ')} may turn out to have no owner`,
      remedy: 'add owners.default, or name an owner in each model',
    });
  }
  return complaints.filter((complaint) => !isDamaged(draft, complaint.path));
}

function checkOwner(draft: Draft, name: string, owner: Owner): Complaint[] {
  const path = ['owners', name];
  const complaints: Complaint[] = [];
  const written = (draft.main.data['owners'] as { readonly [name: string]: Owner } | undefined)?.[name];
  if (owner.email === undefined && owner.ticketDesk === undefined && !isDamaged(draft, path)) {
    complaints.push({ path, message: 'cannot be told anything', remedy: 'add email, ticketDesk or both' });
  }
  if (written?.escalateAfter !== undefined && owner.escalateTo === undefined) {
    complaints.push({
      path: [...path, 'escalateAfter'],
      message: 'has nobody to escalate to',
      remedy: 'add escalateTo',
    });
  }
  return [
    ...complaints,
    ...unknownName(draft, { path: [...path, 'ticketDesk'], name: owner.ticketDesk, among: 'ticketDesks' }),
    ...unknownName(draft, { path: [...path, 'escalateTo'], name: owner.escalateTo, among: 'owners' }),
    ...checkEscalation(draft, name, owner),
  ];
}

/** An escalation leads to somebody else, whom a desk reaches. */
function checkEscalation(draft: Draft, name: string, { escalateTo }: Owner): readonly Complaint[] {
  if (escalateTo === undefined) return [];
  const path = ['owners', name, 'escalateTo'];
  if (escalateTo === name) return [{ path, message: 'is the owner itself', remedy: 'name another owner' }];
  const owners = draft.input.owners ?? {};
  const next = owners[escalateTo];
  if (next === undefined || isDamaged(draft, ['owners'])) return [];
  if (next.ticketDesk !== undefined || owners['default']?.ticketDesk !== undefined) return [];
  const message = 'has no ticketDesk, and owners.default has none: nobody would be told';
  return [{ path, message, remedy: `add owners.${escalateTo}.ticketDesk` }];
}

/** A complaint when a name is not a key of `owners` or `ticketDesks`; none when that key exists and is malformed. */
export function unknownName(
  draft: Draft,
  reference: {
    readonly path: Path;
    readonly name: string | undefined;
    readonly among: 'owners' | 'ticketDesks';
  },
): readonly Complaint[] {
  const { path, name, among } = reference;
  const names = Object.keys(draft.input[among] ?? {});
  if (name === undefined || names.includes(name) || isDamaged(draft, [among, name])) return [];
  const near = nearest(name, names);
  const known =
    names.length === 0 ? `add it under ${among}` : `add it under ${among}, which has ${names.join(', ')}`;
  return [
    { path, message: `is not a key of ${among}`, remedy: near === null ? known : `did you mean ${near}?` },
  ];
}
