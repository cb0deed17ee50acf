/** Values as text, for a way that carries no lists of numbers: each list travels as base64 and comes back bit for bit. */
const LISTS = { Int32Array, Uint8Array, Float32Array, Float64Array } as const;
type List = InstanceType<(typeof LISTS)[keyof typeof LISTS]>;

const isList = (value: unknown): value is List => Object.values(LISTS).some((list) => value instanceof list);

/** Each side has base64 of its own, which is many times faster than one for both. */
export interface Base64 {
  encode(bytes: Uint8Array): string;
  decode(text: string): Uint8Array<ArrayBuffer>;
}

export function pack(value: unknown, { encode }: Base64): string {
  return JSON.stringify(value, (_, v) => {
    if (isList(v)) return { list: v.constructor.name, of: encode(new Uint8Array(v.buffer, v.byteOffset, v.byteLength)) };
    // JSON has no word for these.
    return typeof v === 'number' && !Number.isFinite(v) ? { number: String(v) } : v;
  });
}

export function unpack<T>(text: string, { decode }: Base64): T {
  return JSON.parse(text, (_, v) => {
    if (!v || typeof v !== 'object') return v;
    if (typeof v.number === 'string') return Number(v.number);
    const list = typeof v.list === 'string' ? LISTS[v.list as keyof typeof LISTS] : undefined;
    return list ? new list(decode(v.of).buffer) : v;
  });
}
