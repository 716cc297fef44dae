/** Why the simulator cannot go on; the message says where and what to do. */
export type SimulatorReason = 'bad_option' | 'state_unreadable' | 'port_taken' | 'no_such_object' | 'busy';

export class SimulatorError extends Error {
  override readonly name = 'SimulatorError';
  readonly reason: SimulatorReason;

  constructor(reason: SimulatorReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
