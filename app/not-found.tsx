import Link from 'next/link';

export const metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <div className="max-w-xl">
      <h1 className="text-2xl font-semibold tracking-tight">There is nothing here</h1>
      <p className="mt-2">
        The address may be mistyped, or what stood here was a draft that you can’t see: drafts are for their owners, signed in.
      </p>
      <p className="mt-4">
        <Link href="/" className="underline underline-offset-2">
          To the board
        </Link>
      </p>
    </div>
  );
}
