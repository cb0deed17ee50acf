/** A unit as bytes: JSON in which every list of numbers is a place in what follows, then those lists. */
import { type StoredUnit, storedUnitSchema } from '../../lib/protocol/stored-unit';

const LISTS = { Int32Array, Uint8Array, Float32Array, Float64Array } as const;
type ListName = keyof typeof LISTS;
type List = InstanceType<(typeof LISTS)[ListName]>;

const isList = (value: unknown): value is List => Object.values(LISTS).some((list) => value instanceof list);

export function encodeUnit(key: string, unit: StoredUnit): Uint8Array {
  const lists: List[] = [];
  const text = JSON.stringify([key, unit], (_, value) => {
    if (isList(value)) {
      lists.push(value);
      return { list: value.constructor.name, length: value.length };
    }
    // A layer may overflow; JSON has no word for it.
    return typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value;
  });
  const head = Buffer.from(text);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(head.length);
  return Buffer.concat([size, head, ...lists.map((l) => Buffer.from(l.buffer, l.byteOffset, l.byteLength))]);
}

/** Throws where the bytes are not those of a unit. */
export function decodeUnit(bytes: Uint8Array): { key: string; unit: StoredUnit } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 4 + buffer.readUInt32LE(0);
  let at = start;
  const [key, unit] = JSON.parse(buffer.toString('utf8', 4, start), (_, value) => {
    if (value && typeof value === 'object' && 'number' in value) return Number(value.number);
    if (!value || typeof value !== 'object' || !('list' in value)) return value;
    const list = LISTS[value.list as ListName];
    const size = value.length * list.BYTES_PER_ELEMENT;
    if (!(at + size <= buffer.length)) throw new Error(`expected ${at + size} bytes, found ${buffer.length}`);
    const content = buffer.subarray(at, at + size);
    at += size;
    // A copy of its own: lists need not begin at a multiple of their element's size here.
    return new list(new Uint8Array(content).buffer);
  });
  return { key: String(key), unit: storedUnitSchema.parse(unit) };
}
