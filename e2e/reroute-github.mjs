/** Preloaded into the site's processes (NODE_OPTIONS): what they ask of GitHub, the played one answers. */
import { reroute } from '../db/testing/reroute.mjs';
import { HOSTS } from './played-github.mjs';

reroute((host) => (HOSTS.includes(host) ? process.env.PLAYED_GITHUB : undefined));
