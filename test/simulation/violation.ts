/** What must hold in every run, and the word under which a run that breaks it is reported. */
export const INVARIANTS = {
  'against a human': 'nothing is written after a change by somebody else that the reads before it have shown',
  'change forgotten':
    'a change by somebody else that an answer has shown ends the rollback as superseded, or with a person',
  'override not found': 'a write that landed on a change by somebody else ends as superseded or needs_human',
  'second effect': 'the endpoint accepts one write per version that was left',
  'unfit target':
    'traffic goes to one ready entity of a version that the registry names and calls ready and approved',
  'not approved': 'where a person must approve, nothing is written before another person has',
  'no intent': 'every write follows a committed state and audit record that announce it',
  'final state left': 'what has ended stays as it ended',
  'never ends': 'every rollback ends, and what waits does so until a deadline',
  'lost ticket':
    'every message reaches its desk in the order of its case, and a repeated one has the key of the first',
  audit: 'every state has its record, in order, in a chain that verifies',
  'kill switch': 'nothing leaves while the kill switch is on',
  'too late': 'nothing leaves after the deadline',
  'rate limit': 'no more rollbacks begin to write in an hour than the configuration allows',
  'done without proof': 'done is said of what the last reads have shown',
  'nobody accused': 'superseded is said only where somebody changed something',
  'unexpected error': 'nothing throws but what the interfaces name',
} as const;
export type Invariant = keyof typeof INVARIANTS;

export interface Violation {
  readonly invariant: Invariant;
  readonly why: string;
}
