import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { randomOf } from '../daemon/support/people.ts';
import { isUp, type Program, startProgram } from '../daemon/support/process.ts';
import { freePort } from '../daemon/support/site.ts';

/** How often the demo is killed, and the seed of the moments. */
const KILLS = Number(process.env['KILLS'] ?? 20);
const SEED = Number(process.env['KILL_SEED'] ?? 1);

interface Workspace {
  readonly endpoints: { readonly [name: string]: { readonly puts: { readonly effective: number } } };
  readonly models: {
    readonly [name: string]: {
      readonly aliasPuts: number;
      readonly aliases: { readonly [alias: string]: number };
    };
  };
  readonly tickets: readonly {
    readonly state: string;
    readonly deliveries: readonly { readonly key: string }[];
  }[];
}

function workspaceIn(folder: string): Workspace {
  return JSON.parse(readFileSync(join(folder, 'workspace.json'), 'utf8')) as Workspace;
}

/** The days, states and numbers of the story, without names and moments that differ from run to run. */
function storyOf(output: string): string[] {
  return output.split('\n').filter((line) => /^(yes|NO ) /.test(line));
}

test(`the demo killed with -9 at ${KILLS} random moments ends as one that was left alone`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'driftwarden-kills-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const random = randomOf(SEED);
  const start = (state: string): Program =>
    startProgram([
      'demo',
      '--speed',
      'max',
      '--exit-when-done',
      '--state',
      join(folder, state),
      '--listen',
      `127.0.0.1:${port}`,
    ]);

  const alone = start('alone');
  expect([await alone.ended, alone.stdout().includes('The story holds.')]).toEqual([0, true]);

  for (let killed = 0; killed < KILLS; ) {
    const program = start('killed');
    // Every fourth dies while it starts, the others in the middle of their work; short enough for all of them to hit one story.
    if (killed % 4 !== 3) await program.logged(isUp);
    const moment = pause(random() * (killed % 4 === 3 ? 1200 : 500)).then(() => 'now' as const);
    expect(await Promise.race([moment, program.ended])).toBe('now');
    program.kill('SIGKILL');
    expect(await program.ended).toBe('SIGKILL');
    killed += 1;
  }
  const last = start('killed');
  expect([await last.ended, last.stderr().includes('This is a bug')]).toEqual([0, false]);
  const output = last.stdout();
  expect(output).toContain('Resumed: ');
  expect(output).toContain('The story holds.');
  expect(storyOf(output)).toEqual(storyOf(alone.stdout()));
  const [one, other] = [workspaceIn(join(folder, 'alone')), workspaceIn(join(folder, 'killed'))];
  for (const { endpoints, models, tickets } of [one, other]) {
    expect(endpoints['credit-pd']?.puts.effective).toBe(1);
    expect(endpoints['mortgage-pd']?.puts.effective).toBe(0);
    expect(models['main.risk.credit_pd']).toMatchObject({ aliasPuts: 1, aliases: { champion: 6 } });
    expect(tickets).toHaveLength(1);
    expect(tickets[0]?.state).toBe('resolved');
  }
  expect(other.tickets[0]?.deliveries.map(({ key }) => key.split(':')[1])).toEqual(
    one.tickets[0]?.deliveries.map(({ key }) => key.split(':')[1]),
  );
});
