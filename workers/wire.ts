/** Values as text, for a way that carries no lists of numbers and no maps: each list travels as base64 and comes back bit for bit. */
const LISTS = { Int32Array, Uint8Array, Float32Array, Float64Array } as const;
type Name = keyof typeof LISTS;

/** A Buffer is a Uint8Array here. */
const nameOf = (value: unknown) => (Object.keys(LISTS) as Name[]).find((name) => value instanceof LISTS[name]);

/** Each side has base64 of its own, which is many times faster than one for both. */
export interface Base64 {
  encode(bytes: Uint8Array): string;
  decode(text: string): Uint8Array<ArrayBuffer>;
}

export function pack(value: unknown, { encode }: Base64): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, v) {
    // As it was before any toJSON of its own.
    const own = this[key];
    const name = nameOf(own);
    if (name) {
      const { buffer, byteOffset, byteLength } = own as InstanceType<(typeof LISTS)[Name]>;
      return { list: name, of: encode(new Uint8Array(buffer, byteOffset, byteLength)) };
    }
    if (own instanceof Map) return { map: [...own] };
    // JSON has no word for these.
    return typeof v === 'number' && !Number.isFinite(v) ? { number: String(v) } : v;
  });
}

export function unpack<T>(text: string, { decode }: Base64): T {
  return JSON.parse(text, (_, v) => {
    if (!v || typeof v !== 'object') return v;
    if (typeof v.number === 'string') return Number(v.number);
    if (Array.isArray(v.map)) return new Map(v.map);
    const list = typeof v.list === 'string' ? LISTS[v.list as Name] : undefined;
    return list ? new list(decode(v.of).buffer) : v;
  });
}
