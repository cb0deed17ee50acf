/** The public API, version 1. The OpenAPI file at /api/v1/openapi.json is made of the same schemas that check requests. */
import { addAccount } from './account';
import { addAdmin } from './admin';
import { addBadges } from './badges';
import { addComparing } from './comparing';
import { addCurves } from './curves';
import { addDumps } from './dumps';
import { newApi } from './frame';
import { addModeration } from './moderation';
import { addQueue } from './queue';
import { addReading } from './reading';
import { addRegistering } from './registering';
import { addResults } from './results';
import { addRunning } from './running';
import { addSpotReading } from './spot-reading';
import { addWitnessing } from './witnesses';
import { addWriting } from './writing';

export function publicApi() {
  const api = newApi();
  addReading(api);
  addWriting(api);
  addRegistering(api);
  addRunning(api);
  addResults(api);
  addQueue(api);
  addAccount(api);
  addAdmin(api);
  addModeration(api);
  addWitnessing(api);
  addSpotReading(api);
  addComparing(api);
  addCurves(api);
  addBadges(api);
  addDumps(api);
  api.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'an API token (sx_…) from your account page',
  });
  api.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Simplexity',
      version: '1',
      description:
        'Boards, models, runs. Reading is open to everybody and every origin; writing needs an API token. Times are UTC. Refusals are {error: {code, message}} with stable codes.',
      license: { name: 'data: CC BY 4.0', url: 'https://creativecommons.org/licenses/by/4.0/' },
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }, {}],
  });
  return api;
}
