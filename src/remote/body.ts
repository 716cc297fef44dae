/** What an answer's body turned out to be. `broken`: it ended before it was whole, or is not UTF-8. */
export type Body =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'broken' };

/**
 * Reads at most `maxBytes` (after decompression) and gives up at the first byte more, so that neither an endless
 * answer nor a compressed bomb fills the memory. An abort of the request surfaces as `broken`; the caller knows why.
 */
export async function readBody(response: Response, maxBytes: number): Promise<Body> {
  if (response.body === null) return { kind: 'text', text: '' };
  const reader = response.body.getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { kind: 'text', text: text + decoder.decode() };
      bytes += value.byteLength;
      if (bytes > maxBytes) return { kind: 'too_large' };
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    return { kind: 'broken' };
  } finally {
    // Also frees the socket of an answer that is not read to its end; a failure here changes nothing for the caller.
    reader.cancel().catch(() => undefined);
  }
}

/** Parsed JSON, or undefined when the text is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
