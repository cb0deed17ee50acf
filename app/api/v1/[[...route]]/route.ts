import { Hono } from 'hono';
import { handle } from 'hono/vercel';
import { publicApi } from '@/app/_server/api/api';

const app = new Hono().route('/api/v1', publicApi());
const handler = handle(app);

export { handler as DELETE, handler as GET, handler as HEAD, handler as OPTIONS, handler as POST, handler as PUT };
