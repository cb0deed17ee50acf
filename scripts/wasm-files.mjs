/** Puts tfjs' wasm files where the site serves them: public/wasm. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export function copyWasmFiles(root = path.resolve(import.meta.dirname, '..')) {
  const from = path.join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist');
  const to = path.join(root, 'public/wasm');
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter((f) => f.endsWith('.wasm'))) {
    const [source, target] = [path.join(from, name), path.join(to, name)];
    if (existsSync(target) && readFileSync(source).equals(readFileSync(target))) continue;
    const temporary = `${target}.${process.pid}.tmp`;
    copyFileSync(source, temporary);
    renameSync(temporary, target);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) copyWasmFiles();
