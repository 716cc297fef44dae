import * as fc from 'fast-check';

/** A mutant is dead at the first counterexample; making it a small one costs minutes. */
fc.configureGlobal({ endOnFailure: true });
