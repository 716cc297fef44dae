import { thrift as service } from '@databricks/sql';
import { driverRequire } from './driver-parts.ts';

/** Messages of the warehouse's protocol, read and written with the vendor's own generated types. */

interface Protocol {
  readMessageBegin(): { fname: string; mtype: number; rseqid: number };
  readStructBegin(): void;
  readFieldBegin(): { ftype: number; fid: number };
  writeMessageBegin(name: string, type: number, seqid: number): void;
  writeStructBegin(name: string): void;
  writeFieldBegin(name: string, type: number, id: number): void;
  writeFieldEnd(): void;
  writeFieldStop(): void;
  writeStructEnd(): void;
  writeMessageEnd(): void;
  flush(): void;
}

interface Package {
  readonly TBufferedTransport: {
    new (buffer: undefined, flushed: (data: Buffer) => void): unknown;
    receiver(callback: (transport: unknown, seqid: number) => void, seqid: number): (data: Buffer) => void;
  };
  readonly TBinaryProtocol: new (transport: unknown) => Protocol;
}

const { TBufferedTransport, TBinaryProtocol } = driverRequire('thrift') as Package;

/** What every generated type can do. Its fields are read and set by name. */
export interface Struct {
  [field: string]: unknown;
  read(input: Protocol): void;
  write(output: Protocol): void;
}

const types = service.TCLIService_types as unknown as {
  readonly [name: string]: new (fields?: object) => Struct;
};

export interface Message {
  readonly name: string;
  readonly seqid: number;
  readonly struct: Struct;
}

const CALL = 1;
const REPLY = 2;
const STRUCT = 12;

/** The name of the call in a message, without reading further. */
export function callOf(data: Buffer): string {
  return opened(data).head.fname;
}

/** The request of a call, or with `answer` the answer to it. */
export function decode(data: Buffer, type: string): Message {
  const { head, protocol } = opened(data);
  protocol.readStructBegin();
  protocol.readFieldBegin();
  const struct = make(type);
  struct.read(protocol);
  return { name: head.fname, seqid: head.rseqid, struct };
}

export function encode(message: Message, kind: 'call' | 'answer'): Buffer {
  const parts: Buffer[] = [];
  const protocol = new TBinaryProtocol(new TBufferedTransport(undefined, (data) => parts.push(data)));
  protocol.writeMessageBegin(message.name, kind === 'call' ? CALL : REPLY, message.seqid);
  protocol.writeStructBegin('');
  protocol.writeFieldBegin('', STRUCT, kind === 'call' ? 1 : 0);
  message.struct.write(protocol);
  protocol.writeFieldEnd();
  protocol.writeFieldStop();
  protocol.writeStructEnd();
  protocol.writeMessageEnd();
  protocol.flush();
  return Buffer.concat(parts);
}

export function make(type: string, fields?: object): Struct {
  const Type = types[type];
  if (Type === undefined) throw new Error(`there is no type ${type}`);
  return new Type(fields);
}

function opened(data: Buffer): { head: ReturnType<Protocol['readMessageBegin']>; protocol: Protocol } {
  let found: { head: ReturnType<Protocol['readMessageBegin']>; protocol: Protocol } | null = null;
  TBufferedTransport.receiver((transport) => {
    const protocol = new TBinaryProtocol(transport);
    found = { head: protocol.readMessageBegin(), protocol };
  }, 0)(data);
  if (found === null) throw new Error('no message');
  return found;
}
