/** First import of every entry point, in plain syntax, so that an old Node reaches the sentence before anything it cannot parse. */

/** What is wrong with a Node version such as "18.20.1"; null if nothing is. */
export function nodeComplaint(version) {
  const [major, minor] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return null;
  return `Simplexity needs Node 20.19 or newer; this is Node ${version}.`;
}

const complaint = nodeComplaint(process.versions.node);
if (complaint) {
  process.stderr.write(`${complaint}\n`);
  process.exit(1);
}
