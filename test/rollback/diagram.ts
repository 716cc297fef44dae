import { FINAL_STATES } from '../../src/rollback/rollback.ts';
import type { Transition } from '../../src/rollback/transitions.ts';

/** The transition table as a Mermaid state diagram, in the order of the table. */
export function mermaid(transitions: readonly Transition[]): string {
  const lines = [
    'stateDiagram-v2',
    '    [*] --> planned',
    ...transitions.map(({ from, to, when }) => `    ${from} --> ${to}: ${when}`),
    ...FINAL_STATES.map((state) => `    ${state} --> [*]`),
  ];
  return ['```mermaid', ...lines, '```'].join('\n');
}
