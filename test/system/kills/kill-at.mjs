/**
 * Loaded before the built program (`node --import`), which is unchanged: makes its time run fast, and kills it with SIGKILL
 * at one of the points where a rollback touches the outside: before and after each COMMIT, before and after each request,
 * and while one is under way that changes something. Points are counted from the COMMIT that plans the rollback on, this one included. What is
 * asked again and again between two commits, as long as nothing has moved, is one point.
 *
 * Environment: KILLS_CLOCK is JSON { real, start, speed }; KILLS_POINTS a file that gets a line per point;
 * KILLS_AT the fatal point, as its line says it: "2 before commit" is the second of this name (absent: none).
 */
import { appendFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';

const clock = JSON.parse(process.env.KILLS_CLOCK ?? '{}');
const fatal = process.env.KILLS_AT;
const realSetTimeout = globalThis.setTimeout;

makeTimeFast(clock);
const counted = { armed: false, touched: false, commits: 0, passed: new Set(), times: new Map() };
watchCommits();
watchRequests();

function die() {
  process.kill(process.pid, 'SIGKILL');
}

/** Whether this is the point. Nothing is a point before a rollback is planned. */
function isFatal(name) {
  const key = `${counted.commits} ${name}`;
  if (!counted.armed || counted.passed.has(key)) return false;
  counted.passed.add(key);
  const times = (counted.times.get(name) ?? 0) + 1;
  counted.times.set(name, times);
  const point = `${times} ${name}`;
  appendFileSync(process.env.KILLS_POINTS ?? '/dev/null', `${point}\n`);
  return point === fatal;
}

function point(name) {
  if (isFatal(name)) die();
}

function watchCommits() {
  const require = createRequire(import.meta.url);
  const name = '@photostructure/sqlite';
  const bundled = require(name);
  require.cache[require.resolve(name)].exports = { ...bundled, DatabaseSync: watched(bundled.DatabaseSync) };
  const builtIn = process.getBuiltinModule('node:sqlite');
  if (builtIn !== undefined) builtIn.DatabaseSync = watched(builtIn.DatabaseSync);
}

/** A connection that notices what it commits. Its own class cannot be changed, only what the program finds in its place. */
function watched(DatabaseSync) {
  return class extends DatabaseSync {
    prepare(sql, ...rest) {
      const statement = super.prepare(sql, ...rest);
      if (!/^(INSERT INTO|UPDATE) rollbacks\b/i.test(sql)) return statement;
      const run = (...values) => {
        counted.touched = true;
        return statement.run(...values);
      };
      return { run };
    }

    exec(sql) {
      if (sql !== 'COMMIT') return super.exec(sql);
      counted.armed ||= counted.touched;
      const name = counted.touched ? 'commit of the rollback' : 'commit';
      counted.touched = false;
      point(`before ${name}`);
      const answer = super.exec(sql);
      counted.commits += 1;
      point(`after ${name}`);
      return answer;
    }
  };
}

function watchRequests() {
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const method = init?.method ?? 'GET';
    const name = `${method} ${new URL(input).pathname}`;
    point(`before ${name}`);
    const underWay = method !== 'GET' && isFatal(`during ${name}`);
    // As long as a loopback request takes about: the other side has it, or just not.
    if (underWay) realSetTimeout(die, 1);
    const answer = await fetch(input, init);
    if (underWay) die();
    point(`after ${name}`);
    return answer;
  };
}

function makeTimeFast({ real, start, speed }) {
  const RealDate = Date;
  const now = () => Math.round(start + (RealDate.now() - real) * speed);
  globalThis.Date = class extends RealDate {
    constructor(...values) {
      super(...(values.length === 0 ? [now()] : values));
    }

    static now() {
      return now();
    }
  };
  const faster =
    (original) =>
    (callback, milliseconds = 0, ...values) =>
      original(callback, milliseconds / speed, ...values);
  const pause = timersPromises.setTimeout;
  timersPromises.setTimeout = (milliseconds = 0, ...values) => pause(milliseconds / speed, ...values);
  for (const name of ['setTimeout', 'setInterval']) {
    const wrapped = faster(timers[name]);
    wrapped[promisify.custom] = timersPromises[name];
    timers[name] = wrapped;
    globalThis[name] = wrapped;
  }
  syncBuiltinESMExports();
}
