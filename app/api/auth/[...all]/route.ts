import { auth } from '@/app/_server/auth';

/** Far above any form of ours. */
const MAX_BODY = 16_384;

const handler = async (request: Request) => {
  if (request.method !== 'GET') {
    const length = request.headers.get('content-length');
    // Without a length the body would have to be read to know it.
    if (length === null || Number(length) > MAX_BODY)
      return Response.json({ code: 'TOO_LARGE', message: `A request may hold ${MAX_BODY} bytes at most.` }, { status: 413 });
  }
  return (await auth()).handler(request);
};

export { handler as GET, handler as POST };
