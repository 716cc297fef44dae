import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AuditError } from './error.ts';
import { openDraft } from './whole-file.ts';

/** Signs checkpoints with Ed25519. */
export interface Signer {
  /** PEM, SubjectPublicKeyInfo. */
  readonly publicKey: string;
  /** Base64 signature over the UTF-8 bytes of the text. */
  sign(text: string): string;
}

/**
 * Gives the signer of a store whose genesis record names this public key (PEM), or of a new store (null). Throws AuditError
 * when it has another key: a chain continued under a different key could no longer be told from a forged one.
 */
export type SignerSource = (genesisKey: string | null) => Signer;

/** The key in a PEM file (PKCS #8). Made, mode 0600, only for a store that has no genesis record yet. */
export function signingKeyFile(path: string): SignerSource {
  return (genesisKey) => {
    const pem = readKeyFile(path);
    if (pem !== null) return matching(signerOf(parsePrivateKey(pem, path)), genesisKey, path);
    if (genesisKey !== null) {
      throw new AuditError(
        'key_missing',
        `audit.signingKey: ${path} does not exist, but the audit chain of this store was begun with a key`,
        'Put the original key file back from its backup. No new key is made for an existing chain, because its past could then no longer be proven.',
      );
    }
    const { privateKey } = generateKeyPairSync('ed25519');
    writeKeyFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    return signerOf(privateKey);
  };
}

/** A key that lives as long as the process: for stores in memory. */
export function ephemeralSigner(): Signer {
  return signerOf(generateKeyPairSync('ed25519').privateKey);
}

/** The signer of a private key given as PEM; `place` says in errors where it came from. */
export function signerFromPem(pem: string, place: string): Signer {
  return signerOf(parsePrivateKey(pem, place));
}

/** An Ed25519 public key from PEM. Throws AuditError `key_invalid`. */
export function parsePublicKey(pem: string, place: string): KeyObject {
  return ed25519(() => createPublicKey(pem), place, 'public key (PEM)');
}

function parsePrivateKey(pem: string, place: string): KeyObject {
  return ed25519(() => createPrivateKey(pem), place, 'private key (PEM, PKCS #8, without a passphrase)');
}

function ed25519(parse: () => KeyObject, place: string, what: string): KeyObject {
  let key: KeyObject | null = null;
  try {
    key = parse();
  } catch {
    // Told below; what OpenSSL says about a broken key helps nobody and may quote it.
  }
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new AuditError(
    'key_invalid',
    `${place} holds no Ed25519 ${what}`,
    'Put the right key file there. For a store that does not exist yet, remove the file: a key is made at the first start.',
  );
}

function signerOf(privateKey: KeyObject): Signer {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  return { publicKey, sign: (text) => sign(null, Buffer.from(text, 'utf8'), privateKey).toString('base64') };
}

function matching(signer: Signer, genesisKey: string | null, path: string): Signer {
  if (genesisKey === null) return signer;
  const expected = parsePublicKey(genesisKey, 'the genesis record of the audit chain');
  if (expected.equals(createPublicKey(signer.publicKey))) return signer;
  throw new AuditError(
    'key_changed',
    `audit.signingKey: ${path} holds another key than the one the audit chain of this store was begun with`,
    'Put the original key file back, or check that store.path and audit.signingKey belong together.',
  );
}

function readKeyFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return null;
    throw new AuditError(
      'unreadable',
      `audit.signingKey: ${path} cannot be read (${code ?? String(error)})`,
      'Let the user that runs driftwarden read the file.',
    );
  }
}

function writeKeyFile(path: string, pem: string | Buffer): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const draft = openDraft(path);
    draft.write(pem.toString());
    draft.place();
  } catch (error) {
    throw new AuditError(
      'unwritable',
      `audit.signingKey: ${path} cannot be created (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
      'Let the user that runs driftwarden write to that directory, or put an Ed25519 key there (PEM, PKCS #8).',
    );
  }
}
