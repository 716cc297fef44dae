import { describe, expect, test } from 'vitest';
import { type Exchange, isOfForm, recording, shapeOf } from '../../src/claims/exchange.ts';

describe('the shape of an answer', () => {
  test('names fields and types, and nothing that stands in them', () => {
    const answer = {
      name: 'credit-pd',
      config: { config_version: 3, served_entities: [{ name: 'secret-1' }, { name: 'b', id: null }] },
      Resources: [{ userName: 'ann@bank.example', active: true }],
    };
    const shape = shapeOf(answer);
    expect(shape).toEqual([
      '$.Resources: list',
      '$.Resources[].active: boolean',
      '$.Resources[].userName: string',
      '$.config.config_version: number',
      '$.config.served_entities: list',
      '$.config.served_entities[].id: null',
      '$.config.served_entities[].name: string',
      '$.name: string',
    ]);
  });

  test.each([
    [{ environment_vars: { my_key: 'v' } }, ['$.environment_vars.*: string']],
    [{ tags: { owner_of: 'v' } }, ['$.tags.*: string']],
    [{ DB_PASSWORD: 'v' }, ['$.*: string']],
    [{ 'ann@bank.example': 1 }, ['$.*: number']],
    [{ 'main.risk': 1 }, ['$.*: number']],
    [
      [1, 'a', null],
      ['$: list', '$[]: null', '$[]: number', '$[]: string'],
    ],
    ['text', ['$: string']],
  ])('does not tell names that are somebody’s own: %j', (answer, shape) => {
    expect(shapeOf(answer)).toEqual(shape);
  });

  test('ends, however deep and wide an answer is', () => {
    let deep: unknown = 'end';
    for (let level = 0; level < 10_000; level += 1) deep = { inner: deep };
    expect(shapeOf(deep).length).toBeLessThan(20);
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, place) => [`field${place}`, 1]));
    expect(shapeOf(wide)).toHaveLength(400);
  });
});

describe('an exchange', () => {
  const exchange = (method: string, path: string): Exchange => ({ method, path, status: 200, shape: [] });

  test.each([
    ['GET', '/api/2.0/serving-endpoints/credit', true],
    ['PUT', '/api/2.0/serving-endpoints/credit', false],
    ['GET', '/api/2.0/serving-endpoints/credit/config', false],
    ['GET', '/api/2.0/serving-endpoints', false],
    ['GET', '/api/2.1/serving-endpoints/credit', false],
  ])('%s %s is of the form of an endpoint: %s', (method, path, same) => {
    expect(isOfForm(exchange(method, path), 'GET /api/2.0/serving-endpoints/{name}')).toBe(same);
  });

  test('is told, and the answer read all the same; one that is no JSON has no shape', async () => {
    const told: Exchange[] = [];
    const answers = ['{"a":1}', '<html>'];
    const fetch = recording(
      async () => new Response(answers.shift() ?? '', { status: 203 }),
      (each) => told.push(each),
    );
    const url = 'https://dbc-1.cloud.databricks.com/api/x?name=secret';
    expect(await (await fetch(url, { method: 'POST', body: 'b' })).text()).toBe('{"a":1}');
    expect(await (await fetch(new URL(url))).text()).toBe('<html>');
    expect(told).toEqual([
      { method: 'POST', path: '/api/x', status: 203, shape: ['$.a: number'] },
      { method: 'GET', path: '/api/x', status: 203, shape: [] },
    ]);
  });
});
