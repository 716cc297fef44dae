import { describeChanges, EVENTS } from '../contracts/changes.ts';
import { fakeChanges } from '../support/fake-changes.ts';

// The fake that other tests stand on does what the real one does.
describeChanges('the fake in memory', async () => fakeChanges(EVENTS));
