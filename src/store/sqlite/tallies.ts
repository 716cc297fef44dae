import { z } from 'zod';
import type { Counter } from '../store.ts';
import type { Connection } from './connection.ts';
import { parseRow } from './rows.ts';

/** Adds to the totals. Increments are finite and not negative: a counter that falls reads as a restart. */
export function addCounters(connection: Connection, increments: readonly Counter[]): void {
  for (const { name, labels, value } of increments) {
    if (!Number.isFinite(value) || value < 0) throw new Error(`counter ${name}${labels}: increment ${value}`);
    connection.run(
      `INSERT INTO counters VALUES (:name, :labels, :value)
       ON CONFLICT DO UPDATE SET value = value + excluded.value`,
      { name, labels, value },
    );
  }
}

const counterRow = z.object({ name: z.string(), labels: z.string(), value: z.number() });

export function counters(connection: Connection): readonly Counter[] {
  const rows = connection.all('SELECT name, labels, value FROM counters ORDER BY name, labels');
  return rows.map((row) => parseRow(counterRow, row, 'counters'));
}

export function writeFacts(connection: Connection, facts: { readonly [name: string]: string }): void {
  for (const [name, value] of Object.entries(facts)) {
    connection.run('INSERT OR REPLACE INTO facts VALUES (:name, :value)', { name, value });
  }
}

export function fact(connection: Connection, name: string): string | null {
  const row = connection.get('SELECT value FROM facts WHERE name = :name', { name });
  return row === null ? null : String(row['value']);
}
