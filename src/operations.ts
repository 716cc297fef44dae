import type { Baseline } from './baseline/bins.ts';
import type { ExceptionCase } from './exceptions/exception.ts';
import type { Evaluation } from './judge/verdict.ts';
import type { Gate, GateResult, Rollback, RollbackPlan } from './rollback/rollback.ts';
import type { Silence } from './rollback/silence.ts';
import type { Hold } from './store/store.ts';

/** Whether the kill switch is on, and the file that says so. */
export interface KillSwitchState {
  readonly on: boolean;
  readonly file: string;
}

/** Who asks for something. `claimed`: a name somebody typed; `verified`: an authenticated identity. */
export interface Claim {
  readonly by: string;
  readonly identity: 'claimed' | 'verified';
  readonly reason: string | null;
}

/**
 * What a person can ask the program to do. The command line and the HTTP API both call these: the code behind is the same,
 * whether a daemon runs or not. Each throws Refused when a rule says no, NotFound when the subject does not exist.
 */
export interface Operations {
  /** The daemon's cycle for the newest closed window (or the one that ends at `windowEnd`, milliseconds). */
  evaluate(model: string, windowEnd: number | null): Promise<Evaluation>;
  freezeBaseline(model: string, claim: Claim): Promise<Baseline>;
  approveBaseline(id: string, claim: Claim): Promise<Baseline>;
  /** A dry run: nothing is written. */
  planRollback(
    model: string,
  ): Promise<{ readonly plan: RollbackPlan | null; readonly gates: readonly GateResult[] }>;
  applyRollback(model: string, claim: Claim): Promise<Rollback>;
  approveRollback(id: string, claim: Claim): Promise<Rollback>;
  release(request: {
    readonly model: string;
    readonly version: string;
    readonly claim: Claim;
  }): Promise<Hold>;
  /** Nothing of the model is rolled back until then, milliseconds; null lifts it. */
  silence(request: {
    readonly model: string;
    readonly until: number | null;
    readonly claim: Claim;
  }): Promise<Silence>;
  setKillSwitch(on: boolean, claim: Claim): Promise<KillSwitchState>;
  acknowledge(exception: string, claim: Claim): Promise<ExceptionCase>;
  acceptRisk(request: {
    readonly exception: string;
    readonly until: number;
    readonly claim: Claim;
  }): Promise<ExceptionCase>;
  resolve(exception: string, claim: Claim): Promise<ExceptionCase>;
}

export class NotFound extends Error {
  override readonly name = 'NotFound';
}

/** A rule said no. `gate` names it when it is one of the gates before a rollback. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly gate: Gate | null;

  constructor(message: string, gate: Gate | null = null) {
    super(message);
    this.gate = gate;
  }
}
